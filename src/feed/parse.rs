//! The way in: bytes to entries, whatever they are.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::charset::{self, Kind};
use crate::model::{DocumentKind, Entry, Parsed, Problem, WebUrl};

use super::{json, repair, xml};

/// Elements within one another at most. Real feeds nest some ten deep; feed-rs recurses and overflows a 2 MB stack at
/// about 1,000.
pub const DEPTH_MAX: usize = 200;
/// Entries of one document at most: the newest stand first in all but damaged feeds.
const ENTRIES_MAX: usize = 2_000;
/// Bytes of one text field at most.
const FIELD_BYTES_MAX: usize = 200_000;

/// What is known of a document beside its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The Content-Type field, as received.
    pub content_type: Option<&'a str>,
    /// The address that it came from, for relative links.
    pub url: Option<&'a WebUrl>,
}

/// Reads a document. What could not be read is in `problems`, one of them fatal when nothing could.
pub fn parse(bytes: &[u8], hints: &Hints<'_>) -> Parsed {
    let (text, damage) = charset::decode(bytes, hints.content_type, Kind::Xml);
    let mut problems: Vec<Problem> = damage.map(|detail| note("bad-encoding", detail)).into_iter().collect();
    let text = repair::without_controls(&text);
    let start = text.trim_start();
    let mut parsed = if start.is_empty() {
        failed("empty", "the document is empty".to_owned())
    } else if start.starts_with(['{', '[']) {
        json::parse(start)
    } else {
        read_xml(start, hints, &mut problems)
    };
    parsed.problems.splice(0..0, problems);
    parsed.entries.truncate(ENTRIES_MAX);
    for entry in &mut parsed.entries {
        settle(entry, hints.url);
    }
    drop_shared_ids(&mut parsed);
    parsed
}

fn read_xml(text: &str, hints: &Hints<'_>, problems: &mut Vec<Problem>) -> Parsed {
    let Some(root) = repair::from_root(text) else { return not_a_feed(text) };
    let depth = repair::depth(root);
    if depth > DEPTH_MAX {
        return failed("too-deep", format!("elements are nested {depth} deep (at most {DEPTH_MAX} are read)"));
    }
    let mended = repair::mend(root);
    let base = hints.url.map(WebUrl::as_str);
    // feed-rs slices beside characters in some fields: a panic there is a problem of that document, not ours.
    match catch_unwind(AssertUnwindSafe(|| xml::parse(&mended, base))) {
        Ok(Ok(parsed)) => parsed,
        Ok(Err(why)) => match cut_short(&mended)
            .and_then(|whole| catch_unwind(AssertUnwindSafe(|| xml::parse(&whole, base))).ok().and_then(Result::ok))
        {
            Some(parsed) => {
                problems.push(note(
                    "truncated",
                    format!("the document is damaged or cut short ({why}); its whole entries are kept"),
                ));
                parsed
            }
            None => failed("malformed", format!("the feed can't be read: {why}")),
        },
        Err(_panic) => failed("panic", "the feed's reader gave up on it; please report the address".to_owned()),
    }
}

/// The document up to its last whole entry, closed; `None` where it has none.
fn cut_short(text: &str) -> Option<String> {
    let (end, closing) = [("</item>", "</channel></rss>"), ("</entry>", "</feed>")]
        .into_iter()
        .find_map(|(tag, closing)| Some((text.rfind(tag)? + tag.len(), closing)))?;
    Some(format!("{}{closing}", text.get(..end)?))
}

fn not_a_feed(text: &str) -> Parsed {
    let lower = text.get(..text.len().min(4_096)).unwrap_or(text).to_lowercase();
    let title = lower
        .find("<title")
        .and_then(|at| text.get(at..))
        .and_then(|rest| rest.split_once('>'))
        .and_then(|(_, rest)| rest.split_once('<'))
        .map(|(title, _)| crate::text::title(title));
    let what = if lower.contains("<html") || lower.contains("<!doctype html") || lower.contains("<body") {
        "an HTML page"
    } else {
        "no feed"
    };
    let named = title.filter(|t| !t.is_empty()).map(|t| format!(" ({t:?})")).unwrap_or_default();
    failed("not-a-feed", format!("{what}{named} stands in the feed's place"))
}

pub(super) fn failed(kind: &'static str, detail: String) -> Parsed {
    Parsed {
        kind: DocumentKind::Unknown,
        title: None,
        lang: None,
        home: None,
        ttl_minutes: None,
        entries: Vec::new(),
        problems: vec![Problem { kind, detail, offset: None, fatal: true }],
    }
}

fn note(kind: &'static str, detail: String) -> Problem {
    Problem { kind, detail, offset: None, fatal: false }
}

/// Makes links absolute and drops those that are none, trims and bounds texts.
fn settle(entry: &mut Entry, base: Option<&WebUrl>) {
    let absolute = |link: &str| match base {
        Some(base) => base.join(link).ok(),
        None => WebUrl::parse(link).ok(),
    };
    entry.link = entry.link.take().and_then(|link| absolute(&link)).map(|url| url.as_str().to_owned());
    entry.id = entry.id.take().map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
    if entry.link.is_none() {
        // An id that is an address is where the story is.
        entry.link = entry.id.as_deref().and_then(|id| WebUrl::parse(id).ok()).map(|url| url.as_str().to_owned());
    }
    for field in [&mut entry.title, &mut entry.summary, &mut entry.content, &mut entry.author] {
        if let Some(text) = field
            && text.len() > FIELD_BYTES_MAX
        {
            let end = (0..=FIELD_BYTES_MAX).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            text.truncate(end);
        }
        if field.as_deref().is_some_and(|text| text.trim().is_empty()) {
            *field = None;
        }
    }
}

/// An id that several entries of one document carry names none of them.
fn drop_shared_ids(parsed: &mut Parsed) {
    let mut ids: Vec<String> = parsed.entries.iter().filter_map(|e| e.id.clone()).collect();
    ids.sort_unstable();
    let shared: Vec<String> = ids
        .windows(2)
        .filter_map(|w| {
            if let [a, b] = w
                && a == b
            {
                Some(a.clone())
            } else {
                None
            }
        })
        .collect();
    if shared.is_empty() {
        return;
    }
    for entry in &mut parsed.entries {
        if entry.id.as_ref().is_some_and(|id| shared.binary_search(id).is_ok()) {
            entry.id = None;
        }
    }
    parsed.problems.push(note("shared-ids", "several entries carry one id; their links are taken instead".to_owned()));
}
