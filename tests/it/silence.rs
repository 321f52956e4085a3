//! A feed that goes on answering and brings nothing more: told once, and told to be well when it brings something.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{
    Endpoint, Exchange, Filter, Headers, Request, Response, Secret, SourceHealth, SourceSpec, SubscriptionSpec, WebUrl,
};
use tidings::port::{Clock, Declared, ExchangeFuture, Http, Listed, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use crate::life::{Life, live};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Stories every four hours until it begins, then none until it is back.
const BACK: i64 = 8 * DAY;

/// The publisher, and what it was posted: seconds since the start, and the body.
struct Web {
    start: Timestamp,
    clock: Arc<dyn Clock>,
    told: Arc<Mutex<Vec<(i64, String)>>>,
}

impl Web {
    #[expect(clippy::unnecessary_wraps, reason = "an exchange is a result")]
    fn answer(&self, request: &Request) -> Exchange {
        let now = self.clock.now().duration_since(self.start).as_secs();
        let body = if request.url.host_text() == "hook.example" {
            self.told.lock().unwrap().push((now, String::from_utf8_lossy(&request.body).into_owned()));
            Vec::new()
        } else {
            feed(self.start, now).into_bytes()
        };
        Ok(Response { status: 200, headers: Headers::default(), body, url: request.url.clone(), redirects: Vec::new() })
    }
}

fn feed(start: Timestamp, now: i64) -> String {
    let item = |at: i64| {
        let date = (start + SignedDuration::from_secs(at)).strftime("%a, %d %b %Y %H:%M:%S GMT");
        format!("<item><title>Nr {at}</title><link>https://press.example/{at}</link><pubDate>{date}</pubDate></item>")
    };
    let posted = (-20..=0).map(|n| n * 4 * HOUR);
    let items: String = posted.chain((now >= BACK).then_some(BACK)).map(item).collect();
    format!("<rss version=\"2.0\"><channel><title>Press</title>{items}</channel></rss>")
}

impl Http for Web {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.answer(&request)
        })
    }
}

#[test]
fn a_feed_that_answers_and_brings_nothing_against_its_habit_is_told_once_and_so_is_its_return() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("silence.db");
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let bounds = (Duration::from_hours(1), Duration::from_hours(6));
    let press = SourceSpec::feed(WebUrl::parse("https://press.example/feed").unwrap(), bounds);
    let endpoint = Endpoint::webhook(
        WebUrl::parse("https://hook.example/in").unwrap(),
        Secret::new("whsec_PLANTEDSECRETPLANTEDSECRETPLANTE"),
    );
    let types =
        ["source.failing", "source.recovered"].map(|word| tidings::model::NotificationType::parse(word).unwrap());
    let filter = Filter { types: types.to_vec(), ..Filter::default() };
    let subscription = SubscriptionSpec::new("desk", endpoint, filter);
    let declared = Declared { sources: vec![press], subscriptions: vec![subscription], ..Declared::default() };
    // An hour of the daemon's life at a time, the source being due in each.
    let health = |from: i64| {
        let life = Life {
            file: &file,
            declared: &declared,
            seed: 3,
            start: start + SignedDuration::from_secs(from),
            span: Duration::from_hours(1),
            loops: LoopPolicy::default(),
            poll: PollPolicy::default(),
            retry: RetryPolicy::default(),
            websub: None,
        };
        live(life, |clock| Arc::new(Web { start, clock, told: Arc::clone(&told) }));
        SqliteStore::open(&file).unwrap().sources(Listed::Current).unwrap().remove(0).state.health
    };
    assert_eq!(health(0), SourceHealth::Well);
    assert_eq!(health(3 * DAY), SourceHealth::Well, "a long weekend");
    assert_eq!(health(4 * DAY + HOUR), SourceHealth::Silent);
    assert_eq!(health(6 * DAY), SourceHealth::Silent);
    assert_eq!(health(BACK), SourceHealth::Well);

    let told = told.lock().unwrap();
    let kinds: Vec<_> = told.iter().map(|(at, body)| (at / DAY, body.split('"').nth(3).unwrap().to_owned())).collect();
    let expected = [(4, "source.failing"), (8, "source.recovered")];
    assert_eq!(kinds, expected.map(|(day, kind)| (day, kind.to_owned())), "{told:#?}");
    assert!(
        told[0].1.contains("\"health\":\"silent\"") && told[0].1.contains("no new story for 4 days"),
        "{}",
        told[0].1
    );
}
