//! A feed that gives headlines alone: the page is read where they leave open whether a story is on the topic, and only there.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{SourceSpec, TopicKey, TopicSpan, TopicSpec, WebUrl};
use tidings::port::{Declared, EventFilter, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use crate::life::{Life, live, round_once};
use crate::score::server::{Asked, Said, View, Web};

const FEED: &str = "<rss version=\"2.0\"><channel><title>Headlines</title>
    <item><title>Assembly adopts resolution</title><link>https://news.example/on</link></item>
    <item><title>Assembly of a wardrobe, a resolution for the new year</title><link>https://news.example/off</link></item>
    <item><title>Assembly debates resolution</title><link>https://news.example/gone</link></item>
    <item><title>Rain in Oslo</title><link>https://news.example/rain</link></item></channel></rss>";

fn page(title: &str, text: &str) -> String {
    format!(
        "<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p><p>{}</p></article></body></html>",
        "The meeting went on until late, and those who were there spoke of little else for the rest of the week. "
            .repeat(4)
    )
}

fn script(url: &WebUrl, secs: i64, asked: &Asked<'_>) -> Said {
    // The first poll of a source brings its past: what is told comes later.
    if secs < 600 && url.as_str().ends_with("/feed") {
        let empty = "<rss version=\"2.0\"><channel><title>Headlines</title></channel></rss>";
        return Said { status: 200, fields: vec![], body: empty.to_owned() };
    }
    at_once(url, secs, asked)
}

fn at_once(url: &WebUrl, _secs: i64, _asked: &Asked<'_>) -> Said {
    let said = |status, body: String| Said { status, fields: vec![], body };
    match url.as_str().rsplit_once('/').map(|(_, name)| name) {
        Some("feed") => said(200, FEED.replace("</link>", "</link><pubDate>Sun, 05 Dec 2021 23:30:00 GMT</pubDate>")),
        Some("on") => said(
            200,
            page(
                "Assembly adopts resolution",
                "After two weeks of talks the states agreed on cyber security at last, with nobody voting against the text.",
            ),
        ),
        Some("off") => said(
            200,
            page(
                "Assembly of a wardrobe",
                "Two screws were missing, as ever, and the manual showed another door than the one that lay on the floor.",
            ),
        ),
        _ => said(404, String::new()),
    }
}

/// What is done with the feed.
#[derive(Clone, Copy)]
enum How {
    /// The daemon polls it for an hour.
    Hour,
    /// It is polled once, as by `tidings poll`.
    Round,
}

/// The paths that were asked for, and the titles of what was told.
fn outcome(file: &Path, pages_a_day: usize, how: How) -> (Vec<String>, Vec<String>) {
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let interval = Duration::from_mins(5);
    let topic = TopicSpec {
        key: TopicKey::parse("cyber").unwrap(),
        name: "Cyber".to_owned(),
        query: "assembly resolution cyber states".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(7 * 24),
        span: TopicSpan::default(),
    };
    let feed = SourceSpec::feed(WebUrl::parse("https://news.example/feed").unwrap(), (interval, interval));
    let declared = Declared { sources: vec![feed], topics: vec![topic], ..Declared::default() };
    let script = match how {
        How::Hour => script,
        How::Round => at_once,
    };
    let web = Arc::new(Web { start, log: Mutex::default(), script });
    let life = Life {
        file,
        declared: &declared,
        seed: 5,
        start,
        span: Duration::from_hours(1),
        loops: LoopPolicy { pages_a_day, ..LoopPolicy::default() },
        poll: PollPolicy { requests_per_day: Some(400), ..PollPolicy::default() },
        retry: RetryPolicy::default(),
        websub: None,
    };
    let view = Arc::clone(&web);
    match how {
        How::Hour => live(life, |clock| Arc::new(View { web: view, clock })),
        How::Round => round_once(life, |clock| Arc::new(View { web: view, clock })),
    }
    let log = web.log.lock().unwrap();
    let pages = log.iter().filter(|hit| !hit.url.ends_with("/feed") && !hit.url.ends_with("/robots.txt"));
    let mut asked: Vec<String> = pages.map(|hit| hit.url.replace("https://news.example/", "")).collect();
    asked.sort();
    let mut store = SqliteStore::open(file).unwrap();
    let events = store.events(&EventFilter { limit: 9, told_only: true, ..EventFilter::default() }).unwrap();
    assert!(store.claim_undecided(9).unwrap().is_empty());
    (asked, events.into_iter().map(|event| event.title).collect())
}

#[test]
fn headlines_that_leave_it_open_have_their_pages_read_once_and_the_right_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (asked, told) = outcome(&folder.path().join("reading.db"), 50, How::Hour);
    assert_eq!(asked, ["gone", "off", "on"]);
    assert_eq!(told, ["Assembly adopts resolution"]);
}

#[test]
fn without_a_budget_no_page_is_asked_for_and_headlines_are_all_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let (asked, told) = outcome(&folder.path().join("reading.db"), 0, How::Hour);
    assert_eq!((asked, told), (Vec::<String>::new(), Vec::<String>::new()));
}

#[test]
fn a_single_round_reads_the_pages_that_its_own_headlines_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let (asked, told) = outcome(&folder.path().join("reading.db"), 50, How::Round);
    assert_eq!(
        (asked, told),
        (["gone", "off", "on"].map(str::to_owned).to_vec(), vec!["Assembly adopts resolution".to_owned()])
    );
}
