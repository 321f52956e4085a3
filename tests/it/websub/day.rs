//! Twenty hours with a hub, simulated: it is down for an hour, loses pushes for another, and the daemon is killed at random.
//! The loops, the store's file and the callback are the real ones; time and the network are not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use jiff::{SignedDuration, Timestamp};
use tidings::daemon::{Callback, Incoming, LoopPolicy, Parts, Taken, WebSub};
use tidings::deliver::RetryPolicy;
use tidings::ingest::story_keys_of_url;
use tidings::model::{Channel, Exchange, Failure, FailureKind, Headers, Method, Request, Response, SourceSpec, WebUrl};
use tidings::port::{Clock, Declared, ExchangeFuture, Http, Pushes as _, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;
use tidings::websub::{Policy, Reply};
use url::form_urlencoded;

use crate::life::{Life, live_beside};

const FEED: &str = "https://press.example/feed";
const LENGTH: Duration = Duration::from_hours(20);
const LEASE_SECS: u64 = 2 * 3_600;
/// The hub answers nobody, hours into the world.
const DOWN: std::ops::Range<u64> = 3..4;
/// It says that all is well, and pushes nothing.
const SILENT: std::ops::Range<u64> = 9..10;

/// A subscription, as the hub sees it.
#[derive(Debug, Clone, Default)]
struct Held {
    secret: String,
    /// Whether it is to be verified.
    asked: bool,
    lease_until: Timestamp,
    /// Articles pushed and acknowledged.
    heard: BTreeSet<usize>,
}

/// The publisher and its hub. An article comes out every 23 minutes.
#[derive(Debug)]
struct Press {
    start: Timestamp,
    polls: Mutex<Vec<Timestamp>>,
    asked: Mutex<usize>,
    held: Mutex<BTreeMap<String, Held>>,
}

/// A life's view of it.
struct View(Arc<Press>, Arc<dyn Clock>);

impl Press {
    fn published(&self, article: usize) -> Timestamp {
        self.start + SignedDuration::from_mins(23 * i64::try_from(article).unwrap())
    }

    fn hour(&self, now: Timestamp) -> u64 {
        u64::try_from(now.duration_since(self.start).as_hours()).unwrap()
    }

    /// The articles that are out, newest last.
    fn out(&self, now: Timestamp) -> impl DoubleEndedIterator<Item = usize> {
        0..usize::try_from(now.duration_since(self.start).as_mins() / 23 + 1).unwrap()
    }

    fn document(&self, articles: impl Iterator<Item = usize>) -> String {
        let mut items = String::new();
        for article in articles {
            let date = self.published(article).strftime("%a, %d %b %Y %H:%M:%S GMT");
            let address = address(article);
            write!(
                items,
                "<item><title>Report {article}</title><link>{address}</link><pubDate>{date}</pubDate></item>"
            )
            .unwrap();
        }
        format!(
            "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>Press</title>\
             <a:link rel='hub' href='https://hub.example/'/><a:link rel='self' href='{FEED}'/>{items}</channel></rss>"
        )
    }

    fn answer(&self, request: &Request, now: Timestamp) -> Exchange {
        let answer = |status, body: String| {
            let (headers, url) = (Headers::default(), request.url.clone());
            Ok(Response { status, headers, body: body.into_bytes(), url, redirects: Vec::new() })
        };
        if request.method == Method::Get {
            self.polls.lock().unwrap().push(now);
            let newest: Vec<usize> = self.out(now).rev().take(40).collect();
            return answer(200, self.document(newest.into_iter()));
        }
        if DOWN.contains(&self.hour(now)) {
            return Err(Failure { kind: FailureKind::Connect, detail: "refused".to_owned() });
        }
        let form: BTreeMap<String, String> = form_urlencoded::parse(&request.body).into_owned().collect();
        *self.asked.lock().unwrap() += 1;
        let mut held = self.held.lock().unwrap();
        let entry = held.entry(form["hub.callback"].clone()).or_default();
        entry.secret.clone_from(&form["hub.secret"]);
        entry.asked = true;
        answer(202, String::new())
    }

    /// The hub's own work: it verifies what was asked, and pushes what is new.
    async fn work(&self, callback: &Callback, clock: &Arc<dyn Clock>) {
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let now = clock.now();
            if DOWN.contains(&self.hour(now)) {
                continue;
            }
            let held = self.held.lock().unwrap().clone();
            for (address, entry) in held {
                let token = address.rsplit('/').next().unwrap().to_owned();
                if entry.asked {
                    let lease_until = self.verify(callback, token.clone(), now).await;
                    let mut held = self.held.lock().unwrap();
                    let entry = held.get_mut(&address).unwrap();
                    (entry.asked, entry.lease_until) = (false, lease_until.unwrap_or(entry.lease_until));
                } else if entry.lease_until > now {
                    self.push(callback, (&address, token), &entry, now).await;
                }
            }
        }
    }

    async fn verify(&self, callback: &Callback, token: String, now: Timestamp) -> Option<Timestamp> {
        let query = format!("hub.mode=subscribe&hub.topic={FEED}&hub.challenge=c&hub.lease_seconds={LEASE_SECS}");
        let said = callback.answer(token, &query).await.unwrap();
        (said == Reply::Echo("c".to_owned())).then(|| now + SignedDuration::from_secs(LEASE_SECS.cast_signed()))
    }

    /// Pushes the oldest article that was not acknowledged: those of the silent hours never.
    async fn push(&self, callback: &Callback, (address, token): (&str, String), entry: &Held, now: Timestamp) {
        let since = entry.heard.first().copied().unwrap_or_else(|| self.out(now).next_back().unwrap());
        let told = |article: &usize| {
            *article >= since
                && !entry.heard.contains(article)
                && !SILENT.contains(&self.hour(self.published(*article)))
        };
        let Some(article) = self.out(now).find(told) else { return };
        let body = self.document(std::iter::once(article)).into_bytes();
        let mut signature = "sha512=".to_owned();
        for byte in hmac::sign(&hmac::Key::new(hmac::HMAC_SHA512, entry.secret.as_bytes()), &body).as_ref() {
            write!(signature, "{byte:02x}").unwrap();
        }
        let channel = callback.channel(token).await.unwrap().unwrap();
        let incoming = Incoming { signature: Some(signature), content_type: None, body };
        if callback.take(channel, incoming).await.unwrap() == Taken::Heard {
            self.held.lock().unwrap().get_mut(address).unwrap().heard.insert(article);
        }
    }
}

fn address(article: usize) -> String {
    format!("https://press.example/reports/{article}")
}

impl Http for View {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            self.0.answer(&request, self.1.now())
        })
    }
}

fn one_life(press: &Arc<Press>, file: &Path, (from, span): (Duration, Duration), seed: u64) {
    let feed = SourceSpec::feed(WebUrl::parse(FEED).unwrap(), (Duration::from_mins(5), Duration::from_hours(4)));
    let policy =
        Policy { callback: WebUrl::parse("https://news.example/").unwrap(), lease: Duration::from_secs(LEASE_SECS) };
    let life = Life {
        file,
        declared: &Declared { sources: vec![feed], ..Declared::default() },
        seed,
        start: press.start + SignedDuration::try_from(from).unwrap(),
        span,
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        websub: Some(WebSub { policy, entropy: || Some([7; 32]) }),
    };
    let hub = Arc::clone(press);
    let work = async move |parts: Parts| hub.work(&Callback::new(&parts), &parts.clock).await;
    live_beside(life, |clock| Arc::new(View(Arc::clone(press), clock)), work);
}

/// What a world came to.
struct Ledger {
    press: Arc<Press>,
    /// When each article was read; `None`: never.
    seen: Vec<Option<Timestamp>>,
    channel: Channel,
    end: Timestamp,
}

fn live(seed: u64) -> Ledger {
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let press = Press { start, polls: Mutex::default(), asked: Mutex::default(), held: Mutex::default() };
    let press = Arc::new(press);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.db");
    let mut chance = crate::sim::Chance::new(seed);
    let mut ends: Vec<Duration> =
        (0..8).map(|_| Duration::from_millis(chance.below(LENGTH.as_millis().try_into().unwrap()))).collect();
    ends.push(LENGTH);
    ends.sort();
    let mut from = Duration::ZERO;
    for end in ends {
        one_life(&press, &file, (from, end.saturating_sub(from)), seed);
        from = end;
    }
    let end = start + SignedDuration::try_from(LENGTH).unwrap();
    let mut store = SqliteStore::open(&file).unwrap();
    let seen = press.out(end).map(|article| {
        let keys = story_keys_of_url(&WebUrl::parse(&address(article)).unwrap());
        let story = store.find_story(&keys, None).unwrap()?;
        Some(store.explain(story).unwrap().unwrap().story.seen_at)
    });
    let seen = seen.collect();
    let channel = store.channels().unwrap().remove(0);
    Ledger { press, seen, channel, end }
}

#[test]
fn through_outages_and_kills_a_pushed_source_is_heard_at_once_and_polled_rarely() {
    for seed in crate::sim::seeds(1) {
        let ledger = live(seed);
        let press = &ledger.press;
        let late = |article: usize| {
            let seen = ledger.seen[article].unwrap_or(Timestamp::MAX);
            seen.duration_since(press.published(article)).as_secs()
        };
        let of_hours = |hours: std::ops::Range<u64>| {
            let out =
                press.out(ledger.end).filter(move |article| hours.contains(&press.hour(press.published(*article))));
            out.map(late).collect::<Vec<i64>>()
        };
        let heard: BTreeSet<usize> =
            press.held.lock().unwrap().values().flat_map(|held| held.heard.iter().copied()).collect();
        let lost: Vec<&usize> = heard.iter().filter(|article| ledger.seen[**article].is_none()).collect();
        assert_eq!(lost, Vec::<&usize>::new(), "seed {seed}: what was acknowledged is read");

        // Within seconds while the hub works and an hour after it was down for one; at the next poll while it is silent.
        let quick = [1..DOWN.start, DOWN.end + 1..SILENT.start, SILENT.end..20].map(of_hours);
        let slowest = quick.iter().flatten().copied().max().unwrap();
        assert!(slowest <= 10, "seed {seed}: {quick:?}");
        assert!(of_hours(SILENT).into_iter().all(|late| late <= 5 * 3_600), "seed {seed}: {:?}", of_hours(SILENT));

        let polls = press.polls.lock().unwrap();
        let in_hours =
            |hours: std::ops::Range<u64>| polls.iter().filter(|at| hours.contains(&press.hour(**at))).count();
        let (backing_up, distrusting) = (in_hours(5..9), in_hours(15..20));
        assert!(backing_up <= 2, "seed {seed}: {backing_up} polls as a back-up");
        assert!(distrusting > 5, "seed {seed}: {distrusting} polls of one that is distrusted");
        let state = &ledger.channel.state;
        assert!(ledger.channel.is_open(ledger.end) && state.distrusted_until.is_some(), "seed {seed}: {state:?}");
        let renewals = *press.asked.lock().unwrap();
        assert!((11..=28).contains(&renewals), "seed {seed}: asked {renewals} times for leases of two hours");
        eprintln!(
            "seed {seed}: {} articles, {} pushed, slowest {slowest} s, {} polls, asked {renewals} times",
            ledger.seen.len(),
            heard.len(),
            polls.len()
        );
    }
}
