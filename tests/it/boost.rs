//! The boost: once two sources tell of an event, one that usually does too is asked sooner, one that never does is not.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{Exchange, Headers, Request, Response, SourceSpec, TopicKey, TopicSpan, TopicSpec, WebUrl};
use tidings::port::{Clock, Declared, ExchangeFuture, Http};
use tidings::schedule::PollPolicy;

use crate::life::{Life, live};

const HOUR: i64 = 3_600;
/// When two publishers bring out the new event.
const BREAKS: i64 = 6 * HOUR;

const MATTERS: [&str; 5] = [
    "Fisheries quota for herring trawlers disputed in the northern harbour",
    "Railway tunnel flooded, locomotives wait for the gauge repair",
    "Measles vaccine reaches clinics after nurses strike in the valley",
    "Rocket with weather satellite misses its orbit after launch",
    "Museum returns bronze sculpture to the curators of Florin",
];
const NEWS: &str = "Pipeline valves explode, welders rescued from compressor station";

/// Publishers a, b and c tell of the same matters; d of others.
struct Web {
    start: Timestamp,
    clock: Arc<dyn Clock>,
    asked: Arc<Mutex<Vec<(i64, String)>>>,
}

impl Web {
    fn feed(&self, host: &str, now: i64) -> String {
        let mut entries: Vec<(i64, String)> = (1..).zip(MATTERS).map(|(n, m)| (-7 * HOUR * n, m.to_owned())).collect();
        if now >= BREAKS {
            entries.push((BREAKS, NEWS.to_owned()));
        }
        let says = |text: &str| match host {
            "d.example" => format!("Recipe {} of the day: soup", text.len()),
            _ => format!("{text}, envoys at {host} say"),
        };
        let item = |(at, text): &(i64, String)| {
            let date = (self.start + SignedDuration::from_secs(*at)).strftime("%a, %d %b %Y %H:%M:%S GMT");
            format!(
                "<item><title>{}</title><link>https://{host}/{at}</link><pubDate>{date}</pubDate></item>",
                says(text)
            )
        };
        let items: String = entries.iter().map(item).collect();
        format!("<rss version=\"2.0\"><channel><title>{host}</title>{items}</channel></rss>")
    }

    #[expect(clippy::unnecessary_wraps, reason = "an exchange is a result")]
    fn answer(&self, request: &Request) -> Exchange {
        let now = self.clock.now().duration_since(self.start).as_secs();
        let host = request.url.host_text().to_owned();
        self.asked.lock().unwrap().push((now, host.clone()));
        let body = self.feed(&host, now).into_bytes();
        Ok(Response { status: 200, headers: Headers::default(), body, url: request.url.clone(), redirects: Vec::new() })
    }
}

impl Http for Web {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.answer(&request)
        })
    }
}

/// How long after the event broke each of c and d was asked, with a and b asked every three quarters of an hour.
fn waits(seed: u64, boost: bool) -> (i64, i64) {
    let folder = tempfile::tempdir().unwrap();
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let feed = |host: &str, max| {
        let url = WebUrl::parse(&format!("https://{host}/feed")).unwrap();
        SourceSpec::feed(url, (Duration::from_mins(5), Duration::from_mins(max)))
    };
    let topic = TopicSpec {
        key: TopicKey::parse("envoys").unwrap(),
        name: "Envoys".to_owned(),
        query: "envoys".to_owned(),
        fresh: Duration::ZERO,
        stale: Duration::from_hours(168),
        span: TopicSpan::default(),
    };
    let sources = vec![feed("a.example", 45), feed("b.example", 45), feed("c.example", 240), feed("d.example", 240)];
    let declared = Declared { topics: vec![topic], sources, ..Declared::default() };
    let asked = Arc::new(Mutex::new(Vec::new()));
    let life = Life {
        file: &folder.path().join("boost.db"),
        declared: &declared,
        seed,
        start,
        span: Duration::from_hours(10),
        loops: LoopPolicy { boost, ..LoopPolicy::default() },
        poll: PollPolicy { requests_per_day: Some(110), ..PollPolicy::default() },
        retry: RetryPolicy::default(),
        websub: None,
    };
    live(life, |clock| Arc::new(Web { start, clock, asked: Arc::clone(&asked) }));
    let asked = asked.lock().unwrap();
    let wait =
        |host: &str| asked.iter().find(|(at, h)| h == host && *at > BREAKS).map_or(i64::MAX, |(at, _)| at - BREAKS);
    (wait("c.example"), wait("d.example"))
}

#[test]
fn once_two_sources_tell_of_an_event_one_that_usually_does_is_asked_sooner() {
    let mut sums = [0; 4];
    for seed in 0..2 {
        let ((c_before, d_before), (c_after, d_after)) = (waits(seed, false), waits(seed, true));
        eprintln!(
            "seed {seed}: without and with a boost c waits {c_before} s, {c_after} s; d {d_before} s, {d_after} s"
        );
        sums.iter_mut().zip([c_before, c_after, d_before, d_after]).for_each(|(sum, wait)| *sum += wait);
    }
    let [c_before, c_after, d_before, d_after] = sums;
    assert!(c_after * 4 < c_before * 3, "c: {c_before} s, then {c_after} s");
    assert_eq!(d_after, d_before, "what never tells of the topic's events waits as before");
}
