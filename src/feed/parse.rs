//! From bytes to entries: decode, find the root, mend, read, and hold to limits.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::mend::{self, Mended};
use super::root::{self, Root};
use super::{json, map};
use crate::charset;
use crate::date;
use crate::model::{DocumentKind, Parsed, Problem, WebUrl};

/// Entries that can't be read are named one by one up to this number.
const PROBLEMS_MAX: usize = 20;

/// What is known of a document besides its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The `Content-Type` field that came with it.
    pub content_type: Option<&'a str>,
    /// Where it was fetched: relative links are resolved against it.
    pub url: Option<&'a WebUrl>,
}

/// Reads a feed. It never fails: what was mended, left out or not understood is in the problems, and where nothing
/// could be read one of them is fatal.
///
/// At most 2,000 entries are kept (the newest) and 200 kB of each field. Time is linear in the document.
pub fn parse(bytes: &[u8], hints: &Hints<'_>) -> Parsed {
    let (text, bad_encoding) = charset::decode(bytes, hints.content_type, charset::Kind::Xml);
    let mut parsed = read(&text, hints.url);
    let encoding = bad_encoding.map(|detail| problem("bad-encoding", detail));
    parsed.problems.extend(encoding);
    map::settle(&mut parsed);
    parsed
}

fn problem(kind: &'static str, detail: String) -> Problem {
    Problem { kind, detail, offset: None, fatal: false }
}

fn failed(kind: &'static str, detail: String) -> Parsed {
    unread(Problem { kind, detail, offset: None, fatal: true })
}

fn unread(why: Problem) -> Parsed {
    Parsed {
        kind: DocumentKind::Unknown,
        title: None,
        lang: None,
        home: None,
        ttl_minutes: None,
        entries: Vec::new(),
        problems: vec![why],
    }
}

fn read(text: &str, base: Option<&WebUrl>) -> Parsed {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if text.is_empty() {
        return failed("empty", "the document is empty".to_owned());
    }
    if text.starts_with('{') {
        return json::read(text, base).unwrap_or_else(unread);
    }
    match root::find(text) {
        Root::Feed(kind, document) => read_xml(document, kind, base),
        Root::Html(title) if title.is_empty() => failed("not-a-feed", "an HTML page in the feed's place".to_owned()),
        Root::Html(title) => failed("not-a-feed", format!("an HTML page in the feed's place, titled {title:?}")),
        Root::Nothing => failed("not-a-feed", "neither RSS, Atom nor JSON Feed (no root of any)".to_owned()),
    }
}

fn read_xml(document: &str, kind: DocumentKind, base: Option<&WebUrl>) -> Parsed {
    let mended = mend::mend(document, kind);
    if mended.is_too_deep {
        return failed("too-deep", "more than 200 elements are open at once".to_owned());
    }
    let mut parsed = match read_whole(&mended.xml, base) {
        Ok(feed) => map::document(feed, kind, base),
        Err(why) => piece_by_piece(&mended, kind, base, why),
    };
    if mended.is_truncated {
        parsed.problems.push(problem("truncated", "the document ends before its root element does".to_owned()));
    }
    parsed
}

/// Shows a document to feed-rs, and makes its error or panic a problem.
fn read_whole(xml: &str, base: Option<&WebUrl>) -> Result<feed_rs::model::Feed, Problem> {
    let run = || {
        feed_rs::parser::Builder::new()
            .base_uri(base.map(WebUrl::as_str))
            // An id that feed-rs makes up would change with the title: none is better.
            .id_generator(|_, _, _| String::new())
            .timestamp_parser(|text| date::parse(text)?.to_string().parse().ok())
            .build()
            .parse(xml.as_bytes())
    };
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(feed)) => Ok(feed),
        Ok(Err(why)) => Err(problem("malformed", why.to_string())),
        Err(_) => {
            Err(problem("panic", "the reader of feeds panicked (a fault of tidings, please report it)".to_owned()))
        }
    }
}

/// Reads what can be read where the whole can't: the head, then each item in a document of its own.
fn piece_by_piece(mended: &Mended, kind: DocumentKind, base: Option<&WebUrl>, why: Problem) -> Parsed {
    let mut head = String::with_capacity(mended.xml.len());
    let mut from = 0;
    for item in &mended.items {
        head.push_str(mended.xml.get(from..item.start).unwrap_or_default());
        from = item.end;
    }
    head.push_str(mended.xml.get(from..).unwrap_or_default());
    let root = mended.xml.get(mended.root.clone()).unwrap_or_default();
    let (open, close) =
        if mended.root_name.eq_ignore_ascii_case("rss") { ("<channel>", "</channel>") } else { ("", "") };
    let mut parsed = match read_whole(&head, base) {
        Ok(feed) => map::document(feed, kind, base),
        Err(_) => Parsed { kind, problems: Vec::new(), ..unread(why.clone()) },
    };
    for item in mended.items.iter().take(map::ENTRIES_MAX) {
        let element = mended.xml.get(item.clone()).unwrap_or_default();
        let alone = format!("{root}{open}{element}{close}</{}>", mended.root_name);
        match read_whole(&alone, base) {
            Ok(feed) => parsed.entries.extend(map::document(feed, kind, base).entries),
            Err(why) if parsed.problems.len() < PROBLEMS_MAX => {
                parsed.problems.push(Problem { offset: Some(item.start), ..why });
            }
            Err(_) => {}
        }
    }
    if parsed.entries.is_empty() {
        parsed.problems.push(Problem { fatal: true, ..why });
    }
    parsed
}
