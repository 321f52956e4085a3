use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;

use super::{Found, REQUESTS_MAX, Search, Stopped, Wanted};
use crate::model::{Exchange, Failure, FailureKind, Headers, Response, WebUrl};

mod lists;
mod platforms;
mod ranking;
mod searches;

/// A day in 2026, at noon.
fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

/// Sites that answer: an address, and what stands there.
#[derive(Default)]
struct World {
    pages: BTreeMap<String, Exchange>,
}

impl World {
    fn with(mut self, url: &str, body: &str) -> Self {
        self.pages.insert(url.to_owned(), Ok(response(url, 200, body)));
        self
    }

    fn failing(mut self, url: &str, status: u16, headers: &[(&str, &str)]) -> Self {
        let headers = Headers(headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        self.pages.insert(url.to_owned(), Ok(Response { headers, ..response(url, status, "") }));
        self
    }

    fn moved(mut self, from: &str, to: &str, status: u16) -> Self {
        let there = self.pages.get(to).unwrap().clone().unwrap();
        self.pages.insert(from.to_owned(), Ok(Response { redirects: vec![status], ..there }));
        self
    }

    /// Searches from `url` and gives what was found, and the addresses asked in order.
    fn search(&self, url: &str) -> (Found, Vec<String>) {
        self.search_for(url, None)
    }

    fn search_for(&self, url: &str, lang: Option<&str>) -> (Found, Vec<String>) {
        let wanted = Wanted { lang: lang.map(str::to_owned), now: now() };
        let mut search = Search::new(WebUrl::parse(url).unwrap(), wanted);
        let mut asked = Vec::new();
        while let Some(ask) = search.ask() {
            let url = ask.url.as_str().to_owned();
            let answer = self.pages.get(&url).cloned().unwrap_or_else(|| Ok(response(&url, 404, "Not found")));
            search.take(&ask, &answer);
            asked.push(url);
        }
        assert!(asked.len() <= REQUESTS_MAX);
        (search.finish(), asked)
    }
}

fn response(url: &str, status: u16, body: &str) -> Response {
    Response {
        status,
        headers: Headers::default(),
        body: body.as_bytes().to_vec(),
        url: WebUrl::parse(url).unwrap(),
        redirects: Vec::new(),
    }
}

/// An RSS feed of `count` entries, the newest of yesterday, a day apart; `path` stands in their links.
fn rss(title: &str, path: &str, count: usize) -> String {
    rss_from(title, path, count, "2026-11-23T08:00:00Z")
}

fn rss_from(title: &str, path: &str, count: usize, newest: &str) -> String {
    let newest: Timestamp = newest.parse().unwrap();
    let mut items = String::new();
    for n in 0..count {
        let at = newest - jiff::SignedDuration::from_hours(24 * i64::try_from(n).unwrap());
        write!(
            items,
            "<item><title>{title}, part {n}</title><link>https://site.example/{path}/{n}</link><pubDate>{at}</pubDate></item>"
        )
        .unwrap();
    }
    format!("<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>")
}

/// A page with `head` in its head, and a list of `articles` articles in its body.
fn page(head: &str, articles: usize) -> String {
    let items: Vec<String> = (0..articles)
        .map(|n| {
            format!(
                "<article class='teaser'><h2><a href='/news/2026/11/{n}-the-harbour-is-open-again'>The harbour of town {n} \
                 is open again after the storm</a></h2><time datetime='2026-11-{:02}T10:00:00Z'>Nov</time></article>",
                23 - n
            )
        })
        .collect();
    format!(
        "<!DOCTYPE html><html lang='en'><head><title>Site of the harbour</title>{head}</head><body><main>{}</main></body></html>",
        items.concat()
    )
}

fn named(href: &str) -> String {
    format!("<link rel='alternate' type='application/rss+xml' href='{href}'>")
}

/// Each finding in a line: address, how it was found, what it is, entries; a star before what is to be taken.
fn said(found: &Found) -> Vec<String> {
    let best = found.best().map(|best| best.url.clone());
    let line = |finding: &super::Finding| {
        let star = if best.as_ref() == Some(&finding.url) { "* " } else { "" };
        let (how, nature) = (finding.how.label(), finding.nature.label());
        let twins: Vec<String> = finding.twins.iter().map(|twin| format!(" = {twin}")).collect();
        format!("{star}{} {how} {nature} {}{}", finding.url, finding.parsed.entries.len(), twins.concat())
    };
    found.findings.iter().map(line).collect()
}

fn unreachable(kind: FailureKind) -> Exchange {
    Err(Failure { kind, detail: "no address of that name".to_owned() })
}

fn is_left_alone(found: &Found) -> Option<(&str, u16, Option<Timestamp>)> {
    match found.stopped.as_ref()? {
        Stopped::LeaveAlone { host, status, until } => Some((host, *status, *until)),
        Stopped::Unreachable(_) | Stopped::TimeUp => None,
    }
}
