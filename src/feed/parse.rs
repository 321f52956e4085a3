//! From bytes to entries: decode, read, ask for a second opinion, and hold to limits.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::document::{self, Document};
use super::mended::Mended;
use super::{html, json, second};
use crate::charset;
use crate::date::Manner;
use crate::model::{Parsed, Problem, WebUrl};

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
/// At most 2,000 entries are kept (the newest) and 200 kB of each field. Time is linear in the document, memory in what
/// is kept of it.
pub fn parse(bytes: &[u8], hints: &Hints<'_>) -> Parsed {
    let (text, bad_encoding) = charset::decode(bytes, hints.content_type, charset::Kind::Xml);
    // Places are counted in the bytes that came, where those are what is read.
    let mark = if let Cow::Borrowed(text) = &text { bytes.len() - text.len() } else { 0 };
    let mut mended = Mended::default();
    let (mut parsed, doubt) = read(&text, hints.url, &mut mended);
    if doubt == Doubt::Open && parsed.entries.is_empty() {
        ask_again(&mut parsed, &text, hints.url, &mut mended);
    }
    if let (Some(_), Some(coding)) = (parsed.fatal(), packing(bytes)) {
        return unread("packed", &format!("the document is packed with {coding}, though its server doesn't say so"));
    }
    parsed.problems.extend(mended.problems(mark));
    parsed.problems.extend(bad_encoding.map(|detail| problem("bad-encoding", detail)));
    drop_shared_ids(&mut parsed);
    parsed
}

/// How a document that is no text is packed, by its first bytes (RFC 1952, RFC 1950, RFC 8878).
fn packing(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x1F, 0x8B, ..] => Some("gzip"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Some("zstd"),
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => Some("zlib"),
        _ => None,
    }
}

fn problem(kind: &'static str, detail: String) -> Problem {
    Problem { kind, detail, offset: None, fatal: false }
}

fn unread(kind: &'static str, detail: &str) -> Parsed {
    let why = Problem { kind, detail: detail.to_owned(), offset: None, fatal: true };
    Parsed { problems: vec![why], ..Parsed::default() }
}

/// Whether another reader may find entries where ours finds none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    /// It is XML of some kind, or nothing that we know.
    Open,
    /// It is empty, JSON or an HTML page: feed-rs reads none of them better.
    Closed,
}

fn read(text: &str, base: Option<&WebUrl>, mended: &mut Mended) -> (Parsed, Doubt) {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if start.is_empty() {
        return (unread("empty", "the document is empty"), Doubt::Closed);
    }
    if start.starts_with(['{', '[']) {
        let read = json::read(start, base, mended);
        // Scraps of JSON before an XML feed are none; words about one in a JSON feed are no XML.
        let is_xml = (start.contains("<rss") || start.contains("<feed"))
            && read.as_ref().map_or(true, |parsed| parsed.entries.is_empty());
        if !is_xml {
            let unread = |why| Parsed { problems: vec![why], ..Parsed::default() };
            return (read.unwrap_or_else(unread), Doubt::Closed);
        }
        *mended = Mended::default();
    }
    match read_xml(text, base, mended) {
        Document::Feed(kind, head, entries) => {
            let parsed = Parsed {
                kind,
                title: head.title,
                lang: head.lang,
                home: head.home,
                announced: head.announced,
                entries,
                ..Parsed::default()
            };
            (parsed, Doubt::Open)
        }
        Document::Html => {
            *mended = Mended::default();
            let page = html::read(text, base);
            let title = if page.title.is_empty() { String::new() } else { format!(", titled {:?}", page.title) };
            let unread = unread("not-a-feed", &format!("an HTML page in the feed's place{title}"));
            (
                Parsed { alternatives: page.feeds.into_iter().map(|feed| feed.address).collect(), ..unread },
                Doubt::Closed,
            )
        }
        Document::Nothing => {
            *mended = Mended::default();
            (unread("not-a-feed", "neither RSS, Atom, CDF nor JSON Feed (no root of any)"), Doubt::Open)
        }
    }
}

/// Reads XML; a second time where its dates turn out to have the month first, which its last may be the first to show.
fn read_xml(text: &str, base: Option<&WebUrl>, mended: &mut Mended) -> Document {
    let mut dates = Manner::default();
    let document = document::read(text, base, &mut dates, mended);
    if !dates.tells() {
        return document;
    }
    *mended = Mended::default();
    document::read(text, base, &mut dates, mended)
}

/// Asks the second reader where ours found no entry; its answer is taken where it found some.
fn ask_again(parsed: &mut Parsed, text: &str, base: Option<&WebUrl>, mended: &mut Mended) {
    match second::opinion(text, base, mended) {
        Ok(Some(other)) if !other.entries.is_empty() => {
            *parsed = other;
            let detail = "read by the second reader: the first found no entry".to_owned();
            parsed.problems.push(problem("second-opinion", detail));
        }
        Ok(_) => {}
        Err(panic) => parsed.problems.push(panic),
    }
}

/// Drops ids that name more than one entry: they name none.
fn drop_shared_ids(parsed: &mut Parsed) {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for id in parsed.entries.iter().filter_map(|entry| entry.id.as_deref()) {
        *uses.entry(id).or_default() += 1;
    }
    let is_shared: Vec<bool> = parsed
        .entries
        .iter()
        .map(|entry| entry.id.as_deref().is_some_and(|id| uses.get(id).is_some_and(|&uses| uses > 1)))
        .collect();
    if !is_shared.contains(&true) {
        return;
    }
    for (entry, is_shared) in parsed.entries.iter_mut().zip(is_shared) {
        entry.id.take_if(|_| is_shared);
    }
    let detail = "several entries carry one id; their links are taken instead".to_owned();
    parsed.problems.push(problem("shared-ids", detail));
}
