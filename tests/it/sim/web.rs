//! The simulated web: publishers with feeds that grow, a subscriber that keeps what it gets, a push service, and their faults.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tidings::model::{Exchange, Failure, FailureKind, Headers, Method, Request, Response};
use tidings::port::{Clock, ExchangeFuture, Http};

use super::chance::Chance;

/// An article that a publisher brings out.
#[derive(Debug, Clone)]
pub(crate) struct Article {
    pub(crate) publisher: usize,
    pub(crate) at: Timestamp,
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// What a webhook endpoint got: when (virtual milliseconds), id, body.
pub(crate) type Received = Vec<(i64, String, String)>;

/// The web, shared between the daemon's lives.
#[derive(Debug)]
pub(crate) struct Web {
    pub(crate) articles: Vec<Article>,
    pub(crate) received: Mutex<Received>,
    pub(crate) polls: Mutex<u64>,
    chance: Mutex<Chance>,
    /// The push service's own, so that what happens to others is the same without it.
    device_chance: Mutex<Chance>,
    faults_until: Timestamp,
}

/// A life's view of the web: the same web, that life's clock.
pub(crate) struct View {
    pub(crate) web: Arc<Web>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Web {
    pub(crate) fn new(articles: Vec<Article>, chance: Chance, faults_until: Timestamp) -> Self {
        Self {
            articles,
            received: Mutex::default(),
            polls: Mutex::default(),
            chance: Mutex::new(chance),
            device_chance: Mutex::new(Chance::new(8291)),
            faults_until,
        }
    }

    /// The feed of a publisher as it stands: its twenty newest articles.
    fn feed(&self, publisher: usize, now: Timestamp) -> String {
        let mut out: Vec<&Article> = self.articles.iter().filter(|a| a.publisher == publisher && a.at <= now).collect();
        out.sort_by_key(|a| std::cmp::Reverse(a.at));
        let mut items = String::new();
        for a in out.iter().take(20) {
            let (title, path, text) = (&a.title, &a.path, &a.text);
            let date = a.at.strftime("%a, %d %b %Y %H:%M:%S GMT");
            write!(
                items,
                "<item><title>{title}</title><link>https://p{publisher}.example{path}</link><guid>{path}</guid>\
                 <pubDate>{date}</pubDate><description>{text}</description></item>"
            )
            .unwrap();
        }
        format!(
            "<rss version=\"2.0\"><channel><title>p{publisher}</title><link>https://p{publisher}.example/</link>{items}</channel></rss>"
        )
    }

    fn chance<T>(&self, request: &Request, draw: impl FnOnce(&mut Chance) -> T) -> T {
        let chance = if is_device(request) { &self.device_chance } else { &self.chance };
        draw(&mut chance.lock().unwrap())
    }
}

fn is_device(request: &Request) -> bool {
    request.url.host_text() == "push.example"
}

impl View {
    async fn answer(&self, request: Request) -> Exchange {
        let faulty = self.clock.now() < self.web.faults_until;
        let (wait_ms, fault) =
            self.web.chance(&request, |c| (5 + c.below(800), if faulty { c.below(100) } else { 99 }));
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        match request.method {
            Method::Get => self.publish(&request, fault),
            Method::Post | Method::Put => self.take(&request, fault).await,
        }
    }

    fn publish(&self, request: &Request, fault: u64) -> Exchange {
        *self.web.polls.lock().unwrap() += 1;
        let failure = |kind, detail: &str| Err(Failure { kind, detail: detail.to_owned() });
        let answer = |status, headers: &[(&str, &str)], body: String| {
            let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let url = request.url.clone();
            Ok(Response { status, headers: Headers(headers), body: body.into_bytes(), url, redirects: Vec::new() })
        };
        match fault {
            0..4 => return answer(500, &[], "oops".to_owned()),
            4..7 => return answer(429, &[("retry-after", "600")], String::new()),
            7..11 => return failure(FailureKind::Timeout, "nothing came within 60 s"),
            11..13 => return failure(FailureKind::Dns, "no such host"),
            13..15 => return failure(FailureKind::Decode, "gzip cut short"),
            15..18 => {
                return answer(
                    200,
                    &[("content-type", "text/html")],
                    "<html><title>Back soon</title></html>".to_owned(),
                );
            }
            _ => {}
        }
        let host = request.url.host_text().trim_start_matches('p').trim_end_matches(".example").to_owned();
        let body = self.web.feed(host.parse().unwrap(), self.clock.now());
        let etag = format!("\"{}\"", body.len());
        if request.headers.iter().any(|(n, v)| n == "if-none-match" && *v == etag) {
            return answer(304, &[("etag", &etag)], String::new());
        }
        answer(200, &[("content-type", "application/rss+xml"), ("etag", &etag)], body)
    }

    async fn take(&self, request: &Request, fault: u64) -> Exchange {
        let answer = |status| {
            let url = request.url.clone();
            Ok(Response { status, headers: Headers::default(), body: Vec::new(), url, redirects: Vec::new() })
        };
        let field = |name: &str| request.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap();
        match fault {
            0..10 => return answer(503),
            10..15 => return Err(Failure { kind: FailureKind::Connect, detail: "refused".to_owned() }),
            _ => {}
        }
        if !is_device(request) {
            let at = self.clock.now().as_millisecond();
            let body = String::from_utf8(request.body.clone()).unwrap();
            self.web.received.lock().unwrap().push((at, field("webhook-id"), body));
        }
        match fault {
            // Taken, but the answer is lost: it must come again under the same id.
            15..22 => {
                tokio::time::sleep(request.limits.total).await;
                Err(Failure { kind: FailureKind::Timeout, detail: "no answer".to_owned() })
            }
            _ => answer(if is_device(request) { 201 } else { 204 }),
        }
    }
}

impl Http for View {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(self.answer(request))
    }
}
