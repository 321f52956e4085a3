//! What is fuzzed: each parser with any bytes. The ordinary tests replay the seeds through the same functions.

use std::time::Duration;

use jiff::Timestamp;
use tidings::config::{self, Checks, Environment, Secrets};
use tidings::feed::{self, Hints, opml};
use tidings::model::{Announced, Headers, PageSelectors, Response, Secret, SourceSpec, WebUrl};
use tidings::page::{self, Selectors};
use tidings::topic::Query;
use tidings::websub::{self, Question};
use tidings::{date, url};

/// Reads a feed, twice: as it comes, and as the text of an item.
pub(crate) fn feed(bytes: &[u8]) {
    let address = WebUrl::parse("https://example.org/feed").expect("it is an address");
    let hints = Hints { content_type: None, url: Some(&address) };
    let parsed = feed::parse(bytes, &hints);
    assert!(parsed.entries.len() <= 2_000 && parsed.problems.len() <= 24);
    for link in parsed.entries.iter().filter_map(|entry| entry.link.as_deref()) {
        assert!(WebUrl::parse(link).is_ok(), "{link:?} is no web address");
    }
    let inside = [b"<rss><channel><item><title>".as_slice(), bytes].concat();
    drop(feed::parse(&inside, &hints));
}

/// Reads a page as a list and as an article.
pub(crate) fn page(bytes: &[u8]) {
    let address = WebUrl::parse("https://example.org/page").expect("it is an address");
    let selectors = PageSelectors {
        item: "li, p".to_owned(),
        link: None,
        title: None,
        date: Some("time".to_owned()),
        summary: None,
    };
    if let Ok(selectors) = Selectors::compile(&selectors) {
        drop(page::list(bytes, None, &address, &selectors));
    }
    drop(page::article(bytes, None, &address));
}

/// Reads what hubs send: the query of a question, a signature, and a Link field.
pub(crate) fn websub(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let question = Question::parse(&text);
    assert!(question.challenge.is_none_or(|challenge| (1..=4_096).contains(&challenge.len())));
    assert!(websub::check(&Secret::new("hush"), Some(&text), bytes).is_err());
    drop(websub::hub::petition(bytes, "https://example.org"));
    let response = Response {
        status: 200,
        headers: Headers(vec![("link".to_owned(), text.into_owned())]),
        body: Vec::new(),
        url: WebUrl::parse("https://example.org/feed").expect("it is an address"),
        redirects: Vec::new(),
    };
    let found = websub::announced(&response, &Announced::default());
    assert!(found.is_none_or(|found| (1..=4).contains(&found.hubs.len()) && WebUrl::parse(&found.topic).is_ok()));
}

/// Reads a list of sources; what was read of it is written and read back as it was.
pub(crate) fn opml(bytes: &[u8]) {
    let bounds = (Duration::from_mins(5), Duration::from_hours(4));
    let specs = |bytes: &[u8]| -> Vec<SourceSpec> {
        opml::read(bytes, bounds).sources.into_iter().map(|source| source.spec).collect()
    };
    let once = specs(bytes);
    let written = opml::write(&once, "Fuzz", Timestamp::UNIX_EPOCH);
    assert_eq!(specs(written.as_bytes()), once);
}

/// Reads a date.
pub(crate) fn date(bytes: &[u8]) {
    let _instant = date::parse(&String::from_utf8_lossy(bytes));
}

/// Brings an address to its canonical form, which is its own.
pub(crate) fn url(bytes: &[u8]) {
    if let Ok(address) = WebUrl::parse(&String::from_utf8_lossy(bytes)) {
        let once = url::canonical(&address);
        if let Ok(again) = WebUrl::parse(&once) {
            assert_eq!(url::canonical(&again), once);
        }
    }
}

/// Reads a topic's query.
pub(crate) fn query(bytes: &[u8]) {
    drop(Query::parse(&String::from_utf8_lossy(bytes)));
}

/// Reads a configuration.
pub(crate) fn config(bytes: &[u8]) {
    let checks = Checks {
        query: &|_| Vec::new(),
        selector: &|_| None,
        allow: &|_| None,
        signing_secret: &|_| None,
        storage_key: &|_| None,
    };
    let text = String::from_utf8_lossy(bytes);
    drop(config::parse(&text, std::path::Path::new("fuzz.toml"), &Environment::default(), &checks, Secrets::Skipped));
}
