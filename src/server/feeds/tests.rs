//! Feeds, read back by readers that are not the writer's.

use jiff::Timestamp;
use proptest::prelude::*;

use crate::feed::{Hints, parse};
use crate::model::{DocumentKind, FeedFormat, WebUrl};
use crate::publish::{Document, Item, write};

fn document(title: &str) -> Document {
    let at: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    Document {
        id: "urn:uuid:0".to_owned(),
        title: "Council & co".to_owned(),
        home: "http://news.example/?topic=council".to_owned(),
        own: "http://news.example/feeds/council.atom".to_owned(),
        hub: Some("http://news.example/websub/hub".to_owned()),
        older: Some("http://news.example/feeds/council.atom?before=1-2".to_owned()),
        changed_at: Some(at),
        items: vec![Item {
            id: "urn:uuid:1".to_owned(),
            title: title.to_owned(),
            link: Some("http://press.example/1?a=1&b=2".to_owned()),
            author: "Press \"&\" co".to_owned(),
            published: at,
            updated: at,
            html: "<ul><li>a &amp; b</li></ul>".to_owned(),
        }],
    }
}

/// A title as any reader shows it: what no format can carry is gone, and white space is one space.
fn shown(title: &str) -> String {
    let kept: String = title.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn check(body: &str, kind: DocumentKind, title: &str) {
    let url = WebUrl::parse("http://news.example/feeds/council.atom").unwrap();
    let parsed = parse(body.as_bytes(), &Hints { content_type: None, url: Some(&url) });
    assert_eq!((parsed.kind, parsed.problems.len()), (kind, 0), "{:?}\n{body}", parsed.problems);
    let entry = &parsed.entries[0];
    // Our reader gives titles as HTML, whatever they were published as.
    let read = html_escape::decode_html_entities(entry.title.as_deref().unwrap_or_default());
    assert_eq!(shown(&read), shown(title), "{body}");
    assert_eq!(entry.link.as_deref(), Some("http://press.example/1?a=1&b=2"));
    let other = feed_rs::parser::parse(body.as_bytes()).unwrap();
    assert_eq!((other.entries.len(), other.entries[0].id.as_str()), (1, "urn:uuid:1"));
    assert_eq!(other.entries[0].links[0].href, "http://press.example/1?a=1&b=2");
}

proptest! {
    #[test]
    fn any_title_is_read_back_as_it_was_written(title in "[^\\p{C}\\s]\\PC{0,40}") {
        let document = document(&title);
        check(&write(&document, FeedFormat::Atom), DocumentKind::Atom, &title);
        check(&write(&document, FeedFormat::Rss), DocumentKind::Rss, &title);
        check(&write(&document, FeedFormat::Json), DocumentKind::JsonFeed, &title);
    }
}

#[test]
fn what_no_format_can_carry_is_left_out_and_markup_stays_text() {
    for title in ["a\u{0}b\u{b}", "<b>x</b> & <!-- y --> ]]>", "\u{fffe}z\r\nz"] {
        let body = write(&document(title), FeedFormat::Atom);
        assert!(!body.contains(['\0', '\u{b}', '\u{fffe}', '\r']));
        assert!(!body.contains("<b>") && !body.contains("<!--"), "{body}");
    }
}

#[test]
fn of_several_proxies_the_first_says_how_the_client_came() {
    let is_https = |said: &'static str| {
        super::is_https(&[("x-forwarded-proto".parse().unwrap(), said.parse().unwrap())].into_iter().collect())
    };
    assert!(is_https("https") && is_https("HTTPS") && is_https("https, http"));
    assert!(!is_https("http") && !is_https("http, https") && !is_https(""));
}
