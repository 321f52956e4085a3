//! What is asked of hosts before their pages: of those that are named, and of those that these redirect to.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{SourceKind, SourceSpec, WebUrl};
use tidings::port::{Declared, Listed, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use super::server::{Asked, Said, View, Web};
use super::{HOUR, MINUTE, moment, start};
use crate::life::{Life, live};

const RULES: &str = "User-agent: *\nDisallow: /closed\n";

fn script(url: &WebUrl, _secs: i64, _asked: &Asked<'_>) -> Said {
    let said = |status, fields: Vec<(&'static str, String)>, body: &str| Said { status, fields, body: body.to_owned() };
    let leads = |to: &str| said(302, vec![("location", to.to_owned())], "");
    match (url.host_text(), url.as_url().path()) {
        (_, "/robots.txt") => said(200, vec![], RULES),
        ("to-walled.example", _) => leads("https://walled.example/closed/news"),
        ("to-open.example", _) => leads("https://open.example/news"),
        ("within.example", "/news") => leads("/closed/news"),
        ("round.example", "/news") => leads("/again"),
        ("round.example", _) => leads("/news"),
        _ => {
            let item =
                |n: usize| format!("<li><a href='/2021/12/0{n}/story'>The harvest of region {n} was good</a></li>");
            let list: String = (1..6).map(item).collect();
            said(200, vec![("content-type", "text/html".to_owned())], &format!("<html><ul>{list}</ul></html>"))
        }
    }
}

fn go(web: &Arc<Web>, file: &Path, (from, until): (i64, i64)) {
    let hosts = ["to-walled.example", "to-open.example", "within.example", "round.example"];
    let sources = hosts.map(|host| SourceSpec {
        kind: SourceKind::List,
        ..SourceSpec::feed(
            WebUrl::parse(&format!("https://{host}/news")).unwrap(),
            (Duration::from_mins(30), Duration::from_hours(1)),
        )
    });
    let declared = Declared { sources: sources.to_vec(), ..Declared::default() };
    let life = Life {
        file,
        declared: &declared,
        seed: 3,
        start: moment(from),
        span: Duration::from_secs(u64::try_from(until - from).unwrap()),
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        websub: None,
    };
    live(life, |clock| Arc::new(View { web: Arc::clone(web), clock }));
}

#[test]
fn a_page_that_leads_to_another_host_asks_that_host_first_and_no_restart_asks_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("robots.db");
    let web = Arc::new(Web { start: start(), log: Mutex::default(), script });
    for life in [(0, HOUR), (HOUR, 2 * HOUR), (2 * HOUR, 4 * HOUR), (22 * HOUR, 23 * HOUR)] {
        go(&web, &file, life);
    }
    let asked = |url: &str| web.log.lock().unwrap().iter().filter(|hit| hit.url == url).count();
    assert_eq!(asked("https://walled.example/closed/news"), 0, "the other host forbids it");
    assert_eq!(asked("https://within.example/closed/news"), 0, "its own host forbids where it leads");
    assert!(asked("https://open.example/news") >= 4, "what is allowed is read");
    for host in ["to-walled", "walled", "to-open", "open", "within", "round"] {
        assert_eq!(asked(&format!("https://{host}.example/robots.txt")), 1, "{host} was asked once in four lives");
    }
    let outcome = |host: &str| {
        let sources = SqliteStore::open(&file).unwrap().sources(Listed::Current).unwrap();
        sources.into_iter().find(|s| s.spec.url.host_text() == host).unwrap().state.last_outcome
    };
    assert!(
        outcome("to-walled.example").starts_with("robots: line 2 of the robots.txt of walled.example forbids /closed")
    );
    assert!(
        outcome("within.example").starts_with("robots: line 2 of the robots.txt of within.example forbids /closed")
    );
    assert!(outcome("round.example").starts_with("redirect: the redirects go round in a circle"));
    assert_eq!(outcome("to-open.example"), "ok");
    let hits = web.log.lock().unwrap().clone();
    let first = |url: &str| hits.iter().position(|hit| hit.url == url).unwrap();
    assert!(first("https://open.example/robots.txt") < first("https://open.example/news"));

    go(&web, &file, (24 * HOUR + MINUTE, 26 * HOUR));
    assert_eq!(asked("https://open.example/robots.txt"), 2, "an answer holds for a day");
}
