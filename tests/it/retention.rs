//! Retention by the daemon's own loops: what goes, what stays, and that nothing is told again because of it. And how much room a
//! story takes: the figures of docs/operating.md.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::ingest::story_keys_of_url;
use tidings::model::{
    Commit, Decision, DeliveryState, Endpoint, EntryKey, Exchange, Filter, Headers, PollOutcome, PollRecord, Reason,
    Request, Response, Ruling, Secret, SourceHealth, SourceSpec, Stage, StoryChange, StoryDraft, StoryId,
    SubscriptionSpec, Telling, TopicKey, TopicSpan, TopicSpec, WebUrl,
};
use tidings::port::{
    ClaimSources, Clock, Declared, DeliveryFilter, ExchangeFuture, Http, Listed, Merging, Store as _, Upkeep as _,
};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use crate::life::{Life, live_with_jumps};

fn start() -> Timestamp {
    "2021-12-06T00:00:00Z".parse().unwrap()
}

/// A publisher who goes on listing all that it ever brought, and a subscriber.
struct Web {
    clock: Arc<dyn Clock>,
    told: Arc<Mutex<Vec<String>>>,
    /// Until when the subscriber takes nothing.
    closed_until: Timestamp,
}

/// Entries of the feed; every tenth is on the topic.
const ENTRIES: i64 = 60;

impl Web {
    #[expect(clippy::unnecessary_wraps, reason = "an exchange is a result")]
    fn answer(&self, request: &Request) -> Exchange {
        let is_closed = request.url.host_text() == "hook.example" && self.clock.now() < self.closed_until;
        let status = if is_closed { 503 } else { 200 };
        let body = if is_closed {
            Vec::new()
        } else if request.url.host_text() == "hook.example" {
            let id = request.headers.iter().find(|(name, _)| name == "webhook-id").map(|(_, id)| id.clone());
            self.told.lock().unwrap().push(id.unwrap());
            Vec::new()
        } else {
            self.feed().into_bytes()
        };
        Ok(Response { status, headers: Headers::default(), body, url: request.url.clone(), redirects: Vec::new() })
    }

    /// One entry a minute, in the first hour.
    fn feed(&self) -> String {
        let minutes = self.clock.now().duration_since(start()).as_mins();
        let item = |number: i64| {
            let date = (start() + SignedDuration::from_mins(number)).strftime("%a, %d %b %Y %H:%M:%S GMT");
            let about = if number % 10 == 0 { "council" } else { "cricket" };
            // The count of comments changes at each poll: what is listed is never quite the same.
            format!(
                "<item><title>The {about} meets for the {number}th time</title><guid>{number}</guid>\
                 <link>https://press.example/{about}/{number}</link><pubDate>{date}</pubDate>\
                 <description>Word of {number} {about} {}</description></item>",
                "and more ".repeat(20)
            )
        };
        let items: String = (1..=minutes.min(ENTRIES)).rev().map(item).collect();
        format!("<rss version=\"2.0\"><channel><title>Press</title>{items}</channel></rss>")
    }
}

impl Http for Web {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(async move { self.answer(&request) })
    }
}

fn declared() -> Declared {
    let bounds = (Duration::from_mins(5), Duration::from_mins(10));
    let topic = TopicSpec {
        key: TopicKey::parse("council").unwrap(),
        name: "Council".to_owned(),
        query: "council".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(168),
        span: TopicSpan::default(),
    };
    let hook = WebUrl::parse("https://hook.example/").unwrap();
    let endpoint = Endpoint::webhook(hook, Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
    Declared {
        topics: vec![topic],
        sources: vec![SourceSpec::feed(WebUrl::parse("https://press.example/feed.xml").unwrap(), bounds)],
        subscriptions: vec![SubscriptionSpec::new("desk", endpoint, Filter::default())],
        expire: None,
    }
}

fn live_with(file: &Path, loops: LoopPolicy, span: Duration) -> Vec<String> {
    live_amid(file, loops, span, (&[], start()))
}

fn live_amid(
    file: &Path,
    loops: LoopPolicy,
    span: Duration,
    (jumps, closed_until): (&[(Duration, SignedDuration)], Timestamp),
) -> Vec<String> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let life = Life {
        file,
        declared: &declared(),
        seed: 1,
        start: start(),
        span,
        loops,
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        websub: None,
    };
    live_with_jumps(life, jumps, |clock| Arc::new(Web { clock, told: Arc::clone(&told), closed_until }));
    told.lock().unwrap().clone()
}

#[test]
fn what_retention_took_and_a_feed_still_lists_is_neither_new_nor_told_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let minutes = Duration::from_mins;
    let loops = LoopPolicy {
        off_topic_keep: minutes(10),
        stories_keep: minutes(20),
        deliveries_keep: minutes(30),
        ..LoopPolicy::default()
    };
    let told = live_with(&file, loops, Duration::from_hours(4));
    let mut store = SqliteStore::open(&file).unwrap();
    let source = store.sources(Listed::Current).unwrap().remove(0);
    assert_eq!(source.stories, u64::try_from(ENTRIES).unwrap(), "each entry was new once");
    assert!(source.state.polls > 20, "it was polled for hours after");
    let left: Vec<_> = (1..=ENTRIES).filter(|story| store.explain(StoryId(*story)).unwrap().is_some()).collect();
    assert_eq!(left, [10, 20, 30, 40, 50, 60], "what is on the topic stays");
    assert_eq!(told.len(), 1, "one event: {told:?}");
    assert_eq!(store.deliveries(&DeliveryFilter { limit: 9, ..DeliveryFilter::default() }).unwrap(), []);
    assert!(store.check(Duration::from_mins(1)).unwrap().is_empty());
}

#[test]
fn a_clock_that_stands_in_the_future_for_a_while_gives_up_nothing_and_deletes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let year = SignedDuration::from_hours(24 * 400);
    let jumps = [(Duration::from_hours(2), year), (Duration::from_secs(120 * 60 + 45), -year)];
    let opens = start() + SignedDuration::from_hours(3);
    let told = live_amid(&file, LoopPolicy::default(), Duration::from_hours(14), (&jumps, opens));
    assert_eq!(told.len(), 1, "what was owed all the while is told: {told:?}");
    let mut store = SqliteStore::open(&file).unwrap();
    let text = |store: &mut SqliteStore, story| store.explain(StoryId(story)).unwrap().unwrap().story.draft.text;
    assert!(text(&mut store, 1).contains("cricket"), "the text of what is on no topic is kept for a month");
    let deliveries = store.deliveries(&DeliveryFilter { limit: 9, ..DeliveryFilter::default() }).unwrap();
    assert_eq!(deliveries.iter().map(|told| told.state).collect::<Vec<_>>(), [DeliveryState::Delivered]);
}

#[test]
fn a_database_that_is_too_large_is_made_to_fit_by_what_is_oldest() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.db");
    let mut store = SqliteStore::open(&file).unwrap();
    let days = |days: usize| start() - SignedDuration::from_hours(24 * i64::try_from(days).unwrap());
    let long = |number: usize| Article {
        url: format!("https://archive.example/{number}"),
        title: format!("Bulletin {number}"),
        text: "word after word ".repeat(2_000),
    };
    // One a day, of 32 kB, none on the topic: the last of them today.
    let bulletins: Vec<Article> = (0..200).map(long).collect();
    for (number, bulletin) in bulletins.iter().enumerate() {
        read(&mut store, std::slice::from_ref(bulletin), number, days(199 - number));
    }
    let before = store.room().unwrap().used_bytes;
    drop(store);

    let most = 2 * 1024 * 1024;
    assert!(before > 2 * most, "{before} bytes");
    let loops = LoopPolicy { size_bytes_max: Some(most), off_topic_keep: Duration::MAX, ..LoopPolicy::default() };
    live_with(&file, loops, Duration::from_mins(2));
    let mut store = SqliteStore::open(&file).unwrap();
    let after = store.room().unwrap().used_bytes;
    assert!(after <= most, "{after} bytes");
    let is_there = |store: &mut SqliteStore, story| store.explain(StoryId(story)).unwrap().is_some();
    assert!(!is_there(&mut store, 1) && is_there(&mut store, 198), "the oldest went, the newest stayed");
    let keys = keys(&bulletins[0], 0);
    assert_eq!(store.known(&keys).unwrap().len(), keys.len(), "all are known still");
    assert!(store.check(Duration::from_mins(1)).unwrap().is_empty());
}

/// What is read of an article.
struct Article {
    url: String,
    title: String,
    text: String,
}

fn keys(article: &Article, number: usize) -> Vec<EntryKey> {
    let mut keys = story_keys_of_url(&WebUrl::parse(&article.url).unwrap());
    // An id and the title's, as a feed's entries have them.
    let own = u128::try_from(number).unwrap();
    keys.extend([EntryKey(own.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)), EntryKey(!own)]);
    keys
}

/// A poll at a moment that brings these, and their decision: on no topic.
fn read(store: &mut SqliteStore, articles: &[Article], first: usize, at: Timestamp) {
    let declared = declared();
    store.sync(&declared, at).unwrap();
    store.poll_now(None, at).unwrap();
    let claim = ClaimSources {
        now: at,
        lease_until: at,
        limit: 1,
        per_domain: 1,
        slow_domains: 1,
        except_domains: Vec::new(),
        only: None,
    };
    let claim = store.claim_sources(&claim).unwrap().remove(0);
    let draft = |(number, article): (usize, &Article)| StoryDraft {
        keys: keys(article, first + number),
        url: article.url.clone(),
        link: article.url.clone(),
        publisher: "press.example".to_owned(),
        title: article.title.clone(),
        text: article.text.clone(),
        author: None,
        lang: Some("en".to_owned()),
        published: Some(at),
        fingerprint: 0x5ced_c835_9e37_79b9,
    };
    let stories: Vec<StoryChange> =
        articles.iter().enumerate().map(draft).map(|draft| StoryChange::New { draft, fetch_article: false }).collect();
    let record = PollRecord {
        source: claim.source.id,
        fence: claim.fence,
        at,
        outcome: PollOutcome::Read { entries: articles.len() },
        took: Duration::ZERO,
        validators: None,
        moved_to: None,
        moving: None,
        layout: None,
        stories: stories.into(),
        first_poll: false,
        next_poll_at: at,
        pace: None,
        interval: Duration::from_mins(30),
        failures: 0,
        health: SourceHealth::Well,
        domain_pause: None,
        notices: Vec::new(),
    };
    assert_eq!(store.record_poll(&record).unwrap().new, articles.len());
    let reason = Reason {
        stage: Stage::Topic,
        text: "no topic's query is fulfilled".to_owned(),
        numbers: Vec::new(),
        story: None,
    };
    let decisions = store.claim_undecided(1_000).unwrap().into_iter().map(|story| Decision {
        story: story.id,
        revision: 1,
        topic: None,
        ruling: Ruling::OffTopic,
        event: None,
        score: 0.0,
        telling: Telling::Silent,
        reasons: vec![reason.clone()],
        decided_at: at,
    });
    let commit = Commit { decisions: decisions.collect(), ..Commit::default() };
    store.commit_decisions(&commit).unwrap();
}

/// News and posts of others, of ../shared.
fn texts(name: &str) -> Option<Vec<Article>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/dedup/dev").join(name);
    let Ok(lines) = std::fs::read_to_string(file) else {
        eprintln!("!!! SKIPPED: the news of ../shared is absent");
        return None;
    };
    let article = |(number, line): (usize, &str)| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = line["text"].as_str().unwrap().to_owned();
        let title = line["title"].as_str().map_or_else(|| text.chars().take(70).collect(), str::to_owned);
        let url =
            line["url"].as_str().map_or_else(|| format!("https://press.example/2021/12/06/{number}"), str::to_owned);
        Article { url, title, text }
    };
    Some(lines.lines().enumerate().map(article).collect())
}

/// Bytes a story: whole, without its text, deleted.
fn room_of(articles: &[Article]) -> [u64; 3] {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("tidings.db")).unwrap();
    let empty = store.room().unwrap().used_bytes;
    for (number, some) in articles.chunks(50).enumerate() {
        read(&mut store, some, number * 50, start() + SignedDuration::from_mins(i64::try_from(number).unwrap()));
    }
    let each =
        |store: &mut SqliteStore| (store.room().unwrap().used_bytes - empty) / u64::try_from(articles.len()).unwrap();
    store.retain(Timestamp::MIN, Timestamp::MIN, 1).unwrap();
    let whole = each(&mut store);
    while store.retain(Timestamp::MAX, Timestamp::MIN, 100).unwrap() > 0 {}
    merge(&mut store);
    let bare = each(&mut store);
    while store.bury(Timestamp::MAX, 100).unwrap() > 0 {}
    merge(&mut store);
    [whole, bare, each(&mut store)]
}

/// As the daemon does it from time to time.
fn merge(store: &mut SqliteStore) {
    let mut goes_on = store.merge_words(Merging::Begins).unwrap();
    while goes_on {
        goes_on = store.merge_words(Merging::GoesOn).unwrap();
    }
}

/// The row of docs/operating.md that begins so.
fn written(row: &str) -> Vec<u64> {
    let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md")).unwrap();
    let line = docs.lines().find(|line| line.starts_with(&format!("| {row} "))).expect("there is such a row");
    line.split('|').filter_map(|cell| cell.trim().replace(',', "").parse().ok()).collect()
}

#[test]
fn a_story_takes_the_room_that_is_written_down() {
    let mut wrong = Vec::new();
    for (row, name) in [("a post", "ru_background.jsonl"), ("an article", "tgcontest_articles.jsonl")] {
        let Some(articles) = texts(name) else { return };
        let measured = room_of(&articles);
        let characters: usize = articles.iter().map(|a| a.text.chars().count()).sum();
        // The first figure is how many characters the texts have.
        let written: Vec<u64> = written(row).into_iter().skip(1).collect();
        let is_near = |(measured, written): (&u64, &u64)| measured.abs_diff(*written) * 10 <= *written;
        if !measured.iter().zip(&written).all(is_near) || written.len() != measured.len() {
            let count = articles.len();
            wrong.push(format!("{row}: {count} of {} characters, {measured:?}, not {written:?}", characters / count));
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "bytes measured, and written down");
}
