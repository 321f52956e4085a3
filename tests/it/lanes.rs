//! Lanes: sources that never answer don't keep others from being asked when they are due.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{Exchange, Failure, FailureKind, Headers, Request, Response, SourceSpec, WebUrl};
use tidings::port::{Clock, Declared, ExchangeFuture, Http, Listed, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use crate::life::{Life, live, round_once};

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
