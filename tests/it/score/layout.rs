//! A page whose list of articles gives way to a menu, and comes back in new clothes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{SourceHealth, SourceKind, SourceSpec, TopicKey, TopicSpan, TopicSpec, WebUrl};
use tidings::port::{Declared, EventFilter, Listed, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use super::server::{Asked, Said, View, Web};
use super::{HOUR, moment, start};
use crate::life::{Life, live};

/// The articles are gone from the first moment to the second, a new one is there at the second.
const GONE: i64 = 3 * HOUR;
const BACK: i64 = 12 * HOUR;

const ARTICLES: [&str; 6] = [
    "Wheat harvest in Avalon begins late after the drought",
    "Borduria doubles its harvest of apples with new orchards",
    "Cascadia loses a harvest of cherries to hail overnight",
    "Dorvanian grape harvest halted by a strike of pickers",
    "Elbonia ships its rice harvest by rail for the first time",
    "Florin opens a museum of harvest machines and tractors",
];
const OFFERS: [&str; 5] = [
    "Harvest tours to the vineyards of the south",
    "All our harvest recipes in one large book",
    "Tickets for the harvest festival of the valley",
    "Harvest boxes delivered to your own door",
    "Subscribe to the harvest letter of the week",
];

fn list(class: &str, folder: &str, titles: &[&str]) -> String {
    let path = |title: &str| title.to_lowercase().replace(' ', "-");
    let item = |title: &&str| format!("<li class={class}><a href='/{folder}/{}'>{title}</a></li>", path(title));
    format!("<main><ul>{}</ul></main>", titles.iter().map(item).collect::<String>())
}

fn script(url: &WebUrl, secs: i64, _asked: &Asked<'_>) -> Said {
    let body = match (url.as_url().path(), secs) {
        ("/robots.txt", _) => return Said { status: 404, fields: vec![], body: String::new() },
        ("/news", ..GONE) => list("news", "n", &ARTICLES[..5]),
        ("/news", GONE..BACK) => list("offer", "offers", &OFFERS),
        ("/news", _) => list("card", "n", &ARTICLES),
        (path, _) => {
            let title = path.trim_start_matches("/n/").replace('-', " ");
            format!("<article><h1>{title}</h1><p>{}</p></article>", format!("It is told that {title}. ").repeat(12))
        }
    };
    Said { status: 200, fields: vec![("content-type", "text/html".to_owned())], body: format!("<html>{body}</html>") }
}

#[test]
fn where_a_menu_stands_in_a_lists_place_its_source_fails_and_nothing_of_the_menu_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("layout.db");
    let web = Arc::new(Web { start: start(), log: Mutex::default(), script });
    let bounds = (Duration::from_mins(5), Duration::from_mins(30));
    let page = SourceSpec::feed(WebUrl::parse("https://farms.example/news").unwrap(), bounds);
    let topic = TopicSpec {
        key: TopicKey::parse("harvest").unwrap(),
        name: "Harvest".to_owned(),
        query: "harvest".to_owned(),
        fresh: Duration::ZERO,
        stale: Duration::from_hours(168),
        span: TopicSpan::default(),
    };
    let sources = vec![SourceSpec { kind: SourceKind::List, ..page }];
    let declared = Declared { topics: vec![topic], sources, ..Declared::default() };
    let go = |from: i64, until: i64| {
        let life = Life {
            file: &file,
            declared: &declared,
            seed: 5,
            start: moment(from),
            span: Duration::from_secs(u64::try_from(until - from).unwrap()),
            loops: LoopPolicy::default(),
            poll: PollPolicy::default(),
            retry: RetryPolicy::default(),
            websub: None,
        };
        live(life, |clock| Arc::new(View { web: Arc::clone(&web), clock }));
        let mut store = SqliteStore::open(&file).unwrap();
        let events = store.events(&EventFilter { limit: 100, ..EventFilter::default() }).unwrap();
        (store.sources(Listed::Current).unwrap().remove(0), events)
    };

    let (before, events) = go(0, GONE);
    assert_eq!((before.stories, before.state.last_outcome.as_str()), (5, "ok"));
    assert!(events.iter().all(|event| event.told_at.is_none()), "they were there when it was added");

    let (lost, events) = go(GONE, BACK);
    assert_eq!((lost.stories, lost.state.health), (5, SourceHealth::Failing), "{}", lost.state.last_outcome);
    assert!(lost.state.last_outcome.starts_with("layout: nothing stands any more"), "{}", lost.state.last_outcome);
    assert!(events.iter().all(|event| event.told_at.is_none()), "{events:?}");

    let (back, events) = go(BACK, BACK + 4 * HOUR);
    assert_eq!((back.stories, back.state.health), (6, SourceHealth::Well), "{}", back.state.last_outcome);
    let told: Vec<_> = events.iter().filter(|event| event.told_at.is_some()).collect();
    assert_eq!(told.len(), 1, "what came meanwhile is news: {events:?}");
    assert_eq!(told[0].title, ARTICLES[5]);
}
