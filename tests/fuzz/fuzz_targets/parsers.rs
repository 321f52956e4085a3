//! What is fuzzed: each parser with any bytes. The ordinary tests replay the seeds through the same functions.

use std::time::Duration;

use jiff::Timestamp;
use tidings::config::{self, Checks, Environment, Secrets};
use tidings::deliver::verification::{self, Challenge};
use tidings::deliver::web_push;
use tidings::deliver::{self, RetryPolicy, attempt, format};
use tidings::feed::{self, Hints, opml};
use tidings::model::{
    Announced, Exchange, FeedFormat, Headers, PageSelectors, Response, Secret, Service, SourceSpec, Verdict, WebUrl,
};
use tidings::page::{self, Selectors};
use tidings::publish::{self, Document, Item};
use tidings::robots::Rules;
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

/// Reads what a host allows: first line a path, the rest the file.
pub(crate) fn robots(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (path, file) = text.split_once('\n').unwrap_or(("/", &text));
    let rules = Rules::parse(file.as_bytes(), "tidings");
    let first = format!("{:?}", rules.judge(path));
    assert_eq!(format!("{:?}", rules.judge(path)), first);
    assert!(rules.sitemaps().len() <= file.len());
}

/// Reads a sitemap, as it comes and as the inside of one.
pub(crate) fn sitemap(bytes: &[u8]) {
    let address = WebUrl::parse("https://example.org/sitemap.xml").expect("it is an address");
    for document in [bytes, &[b"<urlset><url><loc>".as_slice(), bytes].concat()] {
        if let Some(sitemap) = page::sitemap(document, None, &address) {
            assert!(sitemap.parsed.entries.len() <= 50_000);
        }
    }
}

/// Reads what an endpoint answers: two bytes are its status, a line its Retry-After, the rest its body.
pub(crate) fn answers(bytes: &[u8]) {
    let Some((status, rest)) = bytes.split_first_chunk::<2>() else { return };
    let text = String::from_utf8_lossy(rest);
    let (field, body) = text.split_once('\n').unwrap_or((&text, ""));
    let exchange: Exchange = Ok(Response {
        status: u16::from_be_bytes(*status) % 600,
        headers: Headers(vec![("retry-after".to_owned(), field.to_owned())]),
        body: body.as_bytes().to_vec(),
        url: WebUrl::parse("https://example.org/hook").expect("it is an address"),
        redirects: Vec::new(),
    });
    let (policy, now) = (RetryPolicy::default(), Timestamp::UNIX_EPOCH);
    let latest = now + policy.expire;
    for attempts in [0, 3, 1_000_000] {
        let verdicts = [
            deliver::judge(&exchange, attempts, now, now, &policy, 0.5),
            web_push::judge(&exchange, attempts, now, now, &policy, 0.5),
            format::judge_mail(&exchange, attempts, now, now, &policy, 0.5),
        ];
        for verdict in verdicts {
            assert!(!matches!(verdict, Verdict::Retry { at } if at <= now || at > latest), "{verdict:?}");
        }
    }
    for service in Service::ALL {
        let meant = format::understood(service, &exchange);
        let _verdict = deliver::judge(&meant, 0, now, now, &policy, 0.5);
    }
    let _heard = deliver::heard(&exchange, now);
    assert!(attempt(&exchange, &[], now, Duration::ZERO).detail.len() <= 4_096);
    drop(verification::judge(&exchange, &Challenge::of(&[7; 32])));
}

/// Writes a feed of whatever words, and reads it back: no word breaks out of its place.
pub(crate) fn publish(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (title, html) = text.split_once('\n').unwrap_or((&text, ""));
    let item = |number: u32| Item {
        id: format!("urn:uuid:0000000{number}"),
        title: title.to_owned(),
        link: Some(format!("https://example.org/{number}")),
        author: title.to_owned(),
        published: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
        html: html.to_owned(),
    };
    let document = Document {
        id: "urn:uuid:1".to_owned(),
        title: title.to_owned(),
        home: "https://example.org/".to_owned(),
        own: "https://example.org/feeds/a.atom".to_owned(),
        hub: None,
        older: None,
        changed_at: Some(Timestamp::UNIX_EPOCH),
        items: vec![item(1), item(2)],
    };
    let address = WebUrl::parse("https://example.org/feeds/a.atom").expect("it is an address");
    for format in FeedFormat::ALL {
        let written = publish::write(&document, format);
        let read = feed::parse(written.as_bytes(), &Hints { content_type: None, url: Some(&address) });
        let links: Vec<_> = read.entries.iter().filter_map(|entry| entry.link.as_deref()).collect();
        assert_eq!(links, ["https://example.org/1", "https://example.org/2"], "{format:?}: {written}");
        assert!(!read.problems.iter().any(|problem| problem.fatal), "{format:?}: {:?}", read.problems);
    }
}
