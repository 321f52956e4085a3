//! Servers that say 304 Not Modified for ever: they are doubted once a month, by one request without conditions.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{SourceSpec, WebUrl};
use tidings::port::{Declared, Listed, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use crate::life::{Life, live};
use crate::score::server::{Asked, Hit, Said, View, Web};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// When the servers freeze.
const FREEZE: i64 = 10 * DAY;

fn start() -> Timestamp {
    "2021-12-06T00:00:00Z".parse().unwrap()
}

/// Posts each twelve hours, the last twenty kept.
fn feed(host: &str, secs: i64) -> String {
    let item = |n: i64| {
        let date = (start() + SignedDuration::from_secs(n * 12 * HOUR)).strftime("%a, %d %b %Y %H:%M:%S GMT");
        format!("<item><title>Entry {n} of ours</title><link>https://{host}/{n}</link><pubDate>{date}</pubDate></item>")
    };
    let items: String = (-20..=secs / (12 * HOUR)).rev().take(20).map(item).collect();
    format!("<rss version=\"2.0\"><channel><title>{host}</title>{items}</channel></rss>")
}

fn script(url: &WebUrl, secs: i64, asked: &Asked<'_>) -> Said {
    let host = url.host_text();
    let unchanged = Said { status: 304, fields: vec![], body: String::new() };
    let etag = match host {
        // A cache in front of it has lost its way: any validator is good.
        "cache.example" | "wall.example" => (secs / (12 * HOUR)).to_string(),
        // It has nothing more to say, and its validators are in order.
        _ => (secs.min(FREEZE) / (12 * HOUR)).to_string(),
    };
    match (host, asked.etag) {
        // The one says so to everybody, the other to whoever has been there.
        ("wall.example", _) | ("cache.example", Some(_)) if secs >= FREEZE => unchanged,
        (_, Some(known)) if known == etag => unchanged,
        (_, _) => {
            let until = if host == "retired.example" { secs.min(FREEZE) } else { secs };
            Said { status: 200, fields: vec![("etag", etag)], body: feed(host, until) }
        }
    }
}

fn hits(web: &Web, host: &str) -> Vec<Hit> {
    let log = web.log.lock().unwrap();
    log.iter().filter(|hit| WebUrl::parse(&hit.url).unwrap().host_text() == host && hit.at >= FREEZE).cloned().collect()
}

fn look(web: &Arc<Web>, file: &Path, declared: &Declared, from: i64) {
    let life = Life {
        file,
        declared,
        seed: 7,
        start: start() + SignedDuration::from_secs(from),
        span: Duration::from_mins(10),
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        websub: None,
    };
    live(life, |clock| Arc::new(View { web: Arc::clone(web), clock }));
}

#[test]
fn a_server_that_says_304_for_ever_is_asked_without_conditions_once_in_30_days() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("frozen.db");
    let web = Arc::new(Web { start: start(), log: Mutex::default(), script });
    let source = |host: &str| {
        let bounds = (Duration::from_mins(30), Duration::from_hours(4));
        SourceSpec::feed(WebUrl::parse(&format!("https://{host}/feed")).unwrap(), bounds)
    };
    let hosts = ["cache.example", "wall.example", "retired.example"];
    let declared = Declared { sources: hosts.map(source).into(), ..Declared::default() };
    // One poll in each look, as the sources are long due: what lies between is as they are.
    for day in (0..10).chain([12, 17, 22, 27, 32, 37]).chain(38..45).chain([50, 60, 65]) {
        look(&web, &file, &declared, day * DAY);
    }
    for host in hosts {
        let full: Vec<(i64, u16)> =
            hits(&web, host).iter().filter(|hit| !hit.is_conditional()).map(|hit| (hit.at / DAY, hit.status)).collect();
        let status = if host == "wall.example" { 304 } else { 200 };
        assert_eq!(full.len(), 1, "{host}: {full:?}");
        assert!((39..=43).contains(&full[0].0) && full[0].1 == status, "{host}: {full:?}");
    }
    let sources = SqliteStore::open(&file).unwrap().sources(Listed::Current).unwrap();
    let of = |host: &str| sources.iter().find(|s| s.spec.url.host_text() == host).unwrap();
    assert!(of("cache.example").stories > of("retired.example").stories + 10, "what came meanwhile is read");
    assert_eq!(of("wall.example").state.last_outcome, "not modified", "it is polled as before");
}
