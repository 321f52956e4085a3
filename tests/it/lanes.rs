//! Lanes: sources and endpoints that never answer don't keep others from being asked when they are due.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tidings::daemon::{LoopPolicy, Parts};
use tidings::deliver::RetryPolicy;
use tidings::model::{
    Endpoint, EventId, Exchange, Failure, FailureKind, Filter, Headers, Notification, NotificationId, NotificationType,
    Request, Response, Secret, SourceSpec, SubscriptionId, SubscriptionSpec, WebUrl,
};
use tidings::port::{Clock, Declared, ExchangeFuture, Http, Listed, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use crate::life::{Amid, Ending, Life, live, live_amid, live_beside, round_once};

const TARPITS: usize = 200;
const HEALTHY: usize = 10;
/// Every source is polled each five minutes; a tarpit backs off from there.
const INTERVAL: Duration = Duration::from_mins(5);
const MINUTE: i64 = 60;

/// Hosts called `tar...` take a request and never answer, others answer at once.
struct Web {
    start: Timestamp,
    clock: Arc<dyn Clock>,
    asked: Arc<Mutex<BTreeMap<String, Vec<i64>>>>,
}

impl Web {
    async fn answer(&self, request: Request) -> Exchange {
        let now = self.clock.now().duration_since(self.start).as_secs();
        let host = request.url.host_text().to_owned();
        let is_tarpit = host.starts_with("tar");
        self.asked.lock().unwrap().entry(host).or_default().push(now);
        if is_tarpit {
            tokio::time::sleep(request.limits.total).await;
            return Err(Failure { kind: FailureKind::Timeout, detail: "no answer".to_owned() });
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let body = b"<rss version=\"2.0\"><channel><title>Well</title><item><title>One</title><guid>1</guid></item></channel></rss>";
        Ok(Response {
            status: 200,
            headers: Headers::default(),
            body: body.to_vec(),
            url: request.url,
            redirects: Vec::new(),
        })
    }
}

impl Http for Web {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(self.answer(request))
    }
}

#[test]
fn two_hundred_sources_that_never_answer_leave_ten_that_do_on_time() {
    let folder = tempfile::tempdir().unwrap();
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let hosts = (0..TARPITS).map(|n| format!("tar{n}.example")).chain((0..HEALTHY).map(|n| format!("well{n}.example")));
    let feed =
        |host: String| SourceSpec::feed(WebUrl::parse(&format!("https://{host}/feed")).unwrap(), (INTERVAL, INTERVAL));
    let declared = Declared { sources: hosts.map(feed).collect(), ..Declared::default() };
    let asked = Arc::new(Mutex::new(BTreeMap::new()));
    let life = Life {
        file: &folder.path().join("lanes.db"),
        declared: &declared,
        seed: 11,
        start,
        span: Duration::from_hours(4),
        loops: LoopPolicy::default(),
        poll: PollPolicy { requests_per_day: Some(60_000), ..PollPolicy::default() },
        retry: RetryPolicy::default(),
        websub: None,
    };
    live(life, |clock| Arc::new(Web { start, clock, asked: Arc::clone(&asked) }));
    let asked = asked.lock().unwrap();
    let gaps = |moments: &[i64]| moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    let (tarpits, healthy): (Vec<_>, Vec<_>) = asked.iter().partition(|(host, _)| host.starts_with("tar"));
    assert_eq!((tarpits.len(), healthy.len()), (TARPITS, HEALTHY));
    let longest = healthy.iter().map(|(_, moments)| gaps(moments)).max().unwrap();
    let polls: usize = tarpits.iter().map(|(_, moments)| moments.len()).sum();
    eprintln!("healthy sources were asked at most {longest} s apart, tarpits {polls} times in four hours");
    // Five minutes, 3 % of chance, and a moment.
    assert!(longest <= 5 * MINUTE + 15, "{longest} s between two polls of a healthy source");
    assert!(tarpits.iter().all(|(_, moments)| moments.len() >= 4), "tarpits are tried again, each");
}

/// Answers a conditional request with 304, any other with a feed.
struct Unchanging;

impl Http for Unchanging {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        let is_conditional = request.headers.iter().any(|(name, _)| name == "if-none-match");
        let body = b"<rss version=\"2.0\"><channel><title>Still</title></channel></rss>";
        Box::pin(async move {
            Ok(Response {
                status: if is_conditional { 304 } else { 200 },
                headers: Headers(vec![("etag".to_owned(), "\"1\"".to_owned())]),
                body: if is_conditional { Vec::new() } else { body.to_vec() },
                url: request.url,
                redirects: Vec::new(),
            })
        })
    }
}

#[test]
fn a_poll_that_finds_nothing_new_is_written_while_its_lane_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("unchanging.db");
    let feed =
        |n| SourceSpec::feed(WebUrl::parse(&format!("https://still.example/{n}")).unwrap(), (INTERVAL, INTERVAL));
    let declared = Declared { sources: (0..3).map(feed).collect(), ..Declared::default() };
    let life = |start: &str| {
        let start = start.parse().unwrap();
        let mut store = SqliteStore::open(&file).unwrap();
        store.sync(&declared, start).unwrap();
        store.poll_now(None, start).unwrap();
        Life {
            file: &file,
            declared: &declared,
            seed: 11,
            start,
            span: Duration::from_secs(15),
            loops: LoopPolicy::default(),
            poll: PollPolicy::default(),
            retry: RetryPolicy::default(),
            websub: None,
        }
    };
    round_once(life("2021-12-06T00:00:00Z"), |_clock| Arc::new(Unchanging));
    // Ten seconds between two requests to one domain: the third is still to come when the daemon is killed.
    live(life("2021-12-06T01:00:00Z"), |_clock| Arc::new(Unchanging));
    let sources = SqliteStore::open(&file).unwrap().sources(Listed::Current).unwrap();
    let polls: Vec<_> = sources.iter().map(|source| (source.state.polls, source.state.not_modified)).collect();
    assert_eq!(polls, [(2, 1), (2, 1), (1, 0)]);
}

#[test]
fn a_stop_ends_a_lane_whose_sources_wait_for_their_turn() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stopped.db");
    let feed =
        |n| SourceSpec::feed(WebUrl::parse(&format!("https://still.example/{n}")).unwrap(), (INTERVAL, INTERVAL));
    let declared = Declared { sources: (0..9).map(feed).collect(), ..Declared::default() };
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let mut store = SqliteStore::open(&file).unwrap();
    store.sync(&declared, start).unwrap();
    store.poll_now(None, start).unwrap();
    drop(store);
    let life = Life {
        file: &file,
        declared: &declared,
        seed: 11,
        start,
        span: Duration::from_secs(1),
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        websub: None,
    };
    // The whole lane takes a minute and a half, longer than a stop may: it would be cut.
    let amid = Amid { ending: Ending::Stopped, ..Amid::default() };
    live_amid(
        life,
        amid,
        |_clock| Arc::new(Unchanging),
        |hands| async move {
            let _held = hands;
            std::future::pending::<()>().await;
        },
    );
    let sources = SqliteStore::open(&file).unwrap().sources(Listed::Current).unwrap();
    assert_eq!(sources.iter().map(|source| source.state.polls).sum::<u64>(), 1);
}

/// Endpoints called `hang...` take a notification and never answer, others answer at once.
struct Hooks {
    start: Timestamp,
    clock: Arc<dyn Clock>,
    /// When each was first asked, in milliseconds.
    asked: Arc<Mutex<BTreeMap<String, i128>>>,
}

impl Http for Hooks {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(async move {
            let after = self.clock.now().duration_since(self.start).as_millis();
            let host = request.url.host_text().to_owned();
            let hangs = host.starts_with("hang");
            self.asked.lock().unwrap().entry(host).or_insert(after);
            if hangs {
                tokio::time::sleep(request.limits.total).await;
                return Err(Failure { kind: FailureKind::Timeout, detail: "no answer".to_owned() });
            }
            Ok(Response {
                status: 204,
                headers: Headers::default(),
                body: Vec::new(),
                url: request.url,
                redirects: Vec::new(),
            })
        })
    }
}

#[test]
fn six_hundred_new_endpoints_that_never_answer_hold_up_one_that_does_for_a_second_and_later_not_at_all() {
    const HANGING: i64 = 600;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("hooks.db");
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let names = (0..HANGING).map(|n| format!("hang{n}")).chain(["known".to_owned(), "new".to_owned()]);
    let hook = |name: String| {
        let url = WebUrl::parse(&format!("https://{name}.example/")).unwrap();
        let secret = Secret::new("whsec_PLANTEDSECRETPLANTEDSECRETPLANTE");
        SubscriptionSpec::new(name, Endpoint::webhook(url, secret), Filter::default())
    };
    let declared = Declared { subscriptions: names.map(hook).collect(), ..Declared::default() };
    let asked = Arc::new(Mutex::new(BTreeMap::new()));
    let life = Life {
        file: &file,
        declared: &declared,
        seed: 11,
        start,
        span: Duration::from_mins(2),
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        websub: None,
    };
    let tell = |parts: Parts, event: i64, to: std::ops::RangeInclusive<i64>| async move {
        let told = event_opened(event, parts.clock.now());
        for to in to {
            let told = told.clone();
            parts.keeper.write(move |store| store.notify(&told, SubscriptionId(to))).await.unwrap();
        }
        parts.bells.dispatch.ring();
    };
    let first_asked = |host: &str| asked.lock().unwrap().remove(host).expect(host);
    live_beside(
        life,
        |clock| Arc::new(Hooks { start, clock, asked: Arc::clone(&asked) }),
        |parts| async move {
            // One is known to answer when an event is told to all, the hanging ones first.
            tell(parts.clone(), 1, HANGING + 1..=HANGING + 1).await;
            tokio::time::sleep(Duration::from_secs(10)).await;
            first_asked("known.example");
            tell(parts.clone(), 2, 1..=HANGING + 2).await;
            tokio::time::sleep(Duration::from_secs(10)).await;
            let (known, new) = (first_asked("known.example"), first_asked("new.example"));
            assert!(
                known <= 11_200 && new <= 11_200,
                "the others were asked {known} and {new} ms from the start, of 10,000"
            );
            // Again, while the hanging ones hang: they are known to.
            tell(parts.clone(), 3, 1..=HANGING + 2).await;
            tokio::time::sleep(Duration::from_secs(10)).await;
            let (known, new) = (first_asked("known.example"), first_asked("new.example"));
            assert!(
                known <= 20_200 && new <= 20_200,
                "the others were asked {known} and {new} ms from the start, of 20,000"
            );
            std::future::pending::<()>().await;
        },
    );
}

fn event_opened(event: i64, created_at: Timestamp) -> Notification {
    Notification {
        id: NotificationId(format!("msg_{event:032x}")),
        kind: NotificationType::EventOpened,
        topic: None,
        event: Some(EventId(event)),
        story: None,
        source: None,
        created_at,
        body: "{\"type\":\"event.opened\",\"data\":{}}".to_owned(),
    }
}

/// `open.example/away` leads to `busy.example`, which asks to be left alone for a month.
struct Leading;

impl Http for Leading {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(async move {
            let is_away = request.url.as_str().ends_with("/away");
            let body = b"<rss version=\"2.0\"><channel><title>Well</title></channel></rss>";
            Ok(Response {
                status: if is_away { 429 } else { 200 },
                headers: Headers(vec![("retry-after".to_owned(), "2592000".to_owned())]),
                body: body.to_vec(),
                url: if is_away { WebUrl::parse("https://busy.example/").unwrap() } else { request.url },
                redirects: Vec::new(),
            })
        })
    }
}

#[test]
fn a_host_that_only_leads_to_one_that_is_busy_is_not_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leading.db");
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let feed = |url: &str| SourceSpec::feed(WebUrl::parse(url).unwrap(), (INTERVAL, INTERVAL));
    let urls = ["https://open.example/away", "https://open.example/news", "https://www.busy.example/feed"];
    let declared = Declared { sources: urls.map(feed).into(), ..Declared::default() };
    let life = Life {
        file: &file,
        declared: &declared,
        seed: 11,
        start,
        span: Duration::from_hours(1),
        loops: LoopPolicy::default(),
        poll: PollPolicy { requests_per_day: Some(60_000), ..PollPolicy::default() },
        retry: RetryPolicy::default(),
        websub: None,
    };
    live(life, |_clock| Arc::new(Leading));
    let mut store = SqliteStore::open(&file).unwrap();
    let paused: Vec<_> = store.pauses(start).unwrap().into_iter().map(|pause| pause.domain).collect();
    assert_eq!(paused, ["busy.example"]);
    let polls: Vec<_> = store.sources(Listed::Current).unwrap().iter().map(|source| source.state.polls).collect();
    assert_eq!(polls[0], 1);
    assert!(polls[1] > 9 && polls[2] < 3, "{polls:?}");
}
