//! The simulated web: publishers with feeds that grow, a subscriber that keeps what it gets, a push service, and their faults.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
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
    /// What the subscriber got that is told everything.
    pub(crate) received_all: Mutex<Received>,
    /// Messages that the push service took.
    pub(crate) shown: Mutex<usize>,
    manners: Mutex<BTreeMap<String, Manners>>,
    /// Requests that came while another was under way on their host, or too soon after one.
    pub(crate) rude: Mutex<Vec<String>>,
    pub(crate) polls: Mutex<u64>,
    chance: Mutex<Chance>,
    /// The push service's own, so that what happens to others is the same without it.
    device_chance: Mutex<Chance>,
    faults_until: Timestamp,
}

/// How a host was last asked.
#[derive(Debug, Clone, Copy)]
struct Manners {
    /// In which life: a kill forgets what was under way.
    life: usize,
    under_way: bool,
    ended_at: Timestamp,
    /// How wrong the daemon's clock was then: by it the spacing is kept.
    skew_ms: i64,
}

/// From the end of a request to a host to the next, at least.
pub(crate) const SPACING: Duration = Duration::from_secs(1);

/// A life's view of the web: the same web, the true time.
pub(crate) struct View {
    pub(crate) web: Arc<Web>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) life: usize,
    pub(crate) skew_ms: Arc<AtomicI64>,
}

impl Web {
    pub(crate) fn new(articles: Vec<Article>, chance: Chance, faults_until: Timestamp) -> Self {
        Self {
            articles,
            received: Mutex::default(),
            received_all: Mutex::default(),
            shown: Mutex::default(),
            manners: Mutex::default(),
            rude: Mutex::default(),
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

fn is_robots(request: &Request) -> bool {
    request.url.as_str().ends_with("/robots.txt")
}

fn is_device(request: &Request) -> bool {
    request.url.host_text() == "push.example"
}

impl View {
    async fn answer(&self, request: Request) -> Exchange {
        match request.method {
            // Asked once a day, right before the page that it is about.
            Method::Get if is_robots(&request) => self.answer_it(&request).await,
            Method::Get => {
                self.begin(&request);
                let answer = self.answer_it(&request).await;
                self.end(&request);
                answer
            }
            Method::Post | Method::Put => self.answer_it(&request).await,
        }
    }

    fn begin(&self, request: &Request) {
        let (host, now) = (request.url.host_text(), self.clock.now());
        let skew_ms = self.skew_ms.load(Ordering::Relaxed);
        let mut manners = self.web.manners.lock().unwrap();
        if let Some(last) = manners.get(host).filter(|last| last.life == self.life && last.skew_ms == skew_ms) {
            let gap = now.duration_since(last.ended_at);
            if last.under_way || gap < SignedDuration::try_from(SPACING).unwrap() {
                let how = if last.under_way { "beside another".to_owned() } else { format!("{gap:#} after another") };
                self.web.rude.lock().unwrap().push(format!("{} at {now}: {how}", request.url));
            }
        }
        manners.insert(host.to_owned(), Manners { life: self.life, under_way: true, ended_at: now, skew_ms });
    }

    fn end(&self, request: &Request) {
        if let Some(manners) = self.web.manners.lock().unwrap().get_mut(request.url.host_text()) {
            (manners.under_way, manners.ended_at) = (false, self.clock.now());
        }
    }

    async fn answer_it(&self, request: &Request) -> Exchange {
        let faulty = self.clock.now() < self.web.faults_until;
        let (wait_ms, fault) = self.web.chance(request, |c| (5 + c.below(800), if faulty { c.below(100) } else { 99 }));
        tokio::time::sleep(Duration::from_millis(wait_ms)).await;
        match request.method {
            Method::Get => self.publish(request, fault),
            Method::Post | Method::Put => self.take(request, fault).await,
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
            4..7 => return answer(429, &[("retry-after", "120")], String::new()),
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
        let publisher = host.parse().unwrap();
        if is_robots(request) {
            return answer(404, &[], String::new());
        }
        let mut articles = self.web.articles.iter().filter(|article| article.publisher == publisher);
        if let Some(article) = articles.find(|article| request.url.as_str().ends_with(&article.path)) {
            let Article { title, text, .. } = article;
            let page = format!(
                "<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
            );
            return answer(200, &[("content-type", "text/html")], page);
        }
        let body = self.web.feed(publisher, self.clock.now());
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
        if is_device(request) {
            *self.web.shown.lock().unwrap() += 1;
        } else {
            let at = self.clock.now().as_millisecond();
            let body = String::from_utf8(request.body.clone()).unwrap();
            let got = match (request.url.host_text(), request.url.as_str()) {
                ("hook.example", "https://hook.example/all") => Some(&self.web.received_all),
                ("hook.example", _) => Some(&self.web.received),
                _ => None,
            };
            if let Some(got) = got {
                got.lock().unwrap().push((at, field("webhook-id"), body));
            }
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
