//! Searches that somebody waits for: bounded in time, one at a time, and none of who asked to be left alone.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tidings::daemon::{LoopPolicy, NotSought, Seeker, Sought};
use tidings::deliver::RetryPolicy;
use tidings::discover::Stopped;
use tidings::model::{Headers, Request, Response, SourceSpec, WebUrl};
use tidings::port::{Declared, ExchangeFuture, Http};
use tidings::schedule::PollPolicy;

use crate::life::{Life, live_beside};

/// A site whose page names four feeds, each six seconds away; one that is quick; one that asks to be left alone.
struct Web;

impl Http for Web {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(async move {
            let url = request.url.as_url().clone();
            let (status, body, secs) = match (url.host_str().unwrap(), url.path()) {
                ("slow.example", "/") => {
                    let named =
                        (0..4).map(|n| format!("<link rel=alternate type='application/rss+xml' href='/{n}.xml'>"));
                    (200, format!("<html><head>{}</head></html>", named.collect::<String>()), 1)
                }
                ("busy.example" | "blog.crowded.example", _) => (429, String::new(), 0),
                (host, path) => {
                    let item =
                        format!("<item><title>{path} of {host}</title><link>https://{host}/a{path}</link></item>");
                    let feed = format!("<rss version='2.0'><channel><title>{path}</title>{item}</channel></rss>");
                    (200, feed, if host == "slow.example" { 6 } else { 0 })
                }
            };
            tokio::time::sleep(Duration::from_secs(secs)).await;
            let headers = Headers(vec![("retry-after".to_owned(), "3600".to_owned())]);
            Ok(Response { status, headers, body: body.into_bytes(), url: request.url, redirects: Vec::new() })
        })
    }
}

fn sought(url: &str) -> Sought {
    Sought { url: WebUrl::parse(url).unwrap(), lang: None }
}

#[test]
fn a_search_is_given_up_in_time_and_nobody_has_two_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let busy = WebUrl::parse("https://busy.example/feed").unwrap();
    let bounds = (Duration::from_mins(30), Duration::from_hours(4));
    let declared = Declared { sources: vec![SourceSpec::feed(busy, bounds)], ..Declared::default() };
    let life = Life {
        file: &folder.path().join("seek.db"),
        declared: &declared,
        seed: 1,
        start,
        span: Duration::from_mins(10),
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry: RetryPolicy::default(),
        websub: None,
    };
    let done = Arc::new(Mutex::new(false));
    let over = Arc::clone(&done);
    live_beside(
        life,
        |_clock| Arc::new(Web),
        |parts| async move {
            let (seeker, clock) = (Seeker::new(&parts), Arc::clone(&parts.clock));
            let [one, other] = [1, 2].map(|last| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)));
            tokio::time::sleep(Duration::from_mins(2)).await;
            let begun = clock.now();
            let meanwhile = async {
                tokio::time::sleep(Duration::from_secs(2)).await;
                assert!(matches!(seeker.seek(one, sought("https://quick.example/")).await, Err(NotSought::Busy)));
                seeker.seek(other, sought("https://quick.example/")).await.unwrap()
            };
            let (slow, quick) = tokio::join!(seeker.seek(one, sought("https://slow.example/")), meanwhile);
            let slow = slow.unwrap();
            assert_eq!(clock.now().duration_since(begun).as_secs(), 16);
            // The page, a second, a feed of six seconds, a second, another; what was found stands.
            assert_eq!((slow.found.stopped.as_ref(), slow.found.findings.len()), (Some(&Stopped::TimeUp), 2));
            assert_eq!((quick.found.stopped.as_ref(), quick.found.findings.len()), (None, 1));
            assert_eq!(seeker.searched(slow.id).map(|kept| kept.id), Some(slow.id));

            assert!(seeker.seek(one, sought("https://quick.example/")).await.is_ok(), "its turn is over");
            let paused = seeker.seek(one, sought("https://www.busy.example/")).await;
            assert!(matches!(paused, Err(NotSought::Paused(pause)) if pause.domain == "busy.example"));
            // What a search meets holds for the next one, and for polls.
            let met = seeker.seek(one, sought("https://blog.crowded.example/")).await.unwrap();
            assert!(met.found.findings.is_empty());
            let paused = seeker.seek(one, sought("https://crowded.example/")).await;
            assert!(matches!(paused, Err(NotSought::Paused(pause)) if pause.domain == "crowded.example"));
            *over.lock().unwrap() = true;
            std::future::pending::<()>().await;
        },
    );
    assert!(*done.lock().unwrap(), "the caller did not come to its end");
}
