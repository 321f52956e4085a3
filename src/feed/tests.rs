//! The room's tests: a document a fault, the formats, and the second reader's answers beside ours.

mod differential;
mod faults;
mod formats;

use super::{Hints, parse};
use crate::model::{Entry, Parsed, WebUrl};

fn read(document: &str) -> Parsed {
    let url = WebUrl::parse("https://example.org/news/feed.xml").unwrap();
    parse(document.as_bytes(), &Hints { content_type: None, url: Some(&url) })
}

fn item(inside: &str) -> Entry {
    let parsed = read(&format!("<rss version='2.0'><channel><title>T</title><item>{inside}</item></channel></rss>"));
    assert_eq!(parsed.entries.len(), 1, "{:?}", parsed.problems);
    parsed.entries.into_iter().next().unwrap()
}

/// The kinds of problems, in order.
fn kinds(parsed: &Parsed) -> Vec<&'static str> {
    parsed.problems.iter().map(|problem| problem.kind).collect()
}
