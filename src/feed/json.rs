//! JSON Feed (jsonfeed.org, 1.0 and 1.1), read leniently: ids may be numbers, items may be null, dates may be anything,
//! and of a document that is cut off or broken each item that is whole is read.

use serde_json::Value;

use super::address;
use super::kept::Kept;
use super::mended::{Damage, Mended};
use super::prose::FIELD_BYTES_MAX;
use crate::date::Manner;
use crate::model::{Announced, DocumentKind, Enclosure, Entry, Parsed, Problem, WebUrl};

/// Files of one entry.
const FILES_MAX: usize = 100;
/// Members that hold dates: of the publication, of the last change.
const DATES: [&str; 2] = ["date_published", "date_modified"];
/// Hubs that are kept.
const HUBS_MAX: usize = 24;

/// Reads a JSON Feed. The fatal problem is given where the text is no JSON or no feed.
pub(super) fn read(document: &str, base: Option<&WebUrl>, mended: &mut Mended) -> Result<Parsed, Problem> {
    let first = match value(document) {
        // Raw line breaks within strings are a common fault; outside of strings a space does as well.
        Err(_) if document.contains(|c: char| c < ' ') => {
            let clean: String = document.chars().map(|c| if c < ' ' { ' ' } else { c }).collect();
            value(&clean).map_err(|why| (why, clean))
        }
        other => other.map_err(|why| (why, document.to_owned())),
    };
    let (feed, items) = match first {
        Ok(mut feed) => {
            let items = feed.get_mut("items").map(Value::take);
            (feed, items)
        }
        Err((why, text)) => {
            let Some((feed, items)) = salvaged(&text, mended) else {
                let detail = format!("the JSON can't be read: {why}");
                return Err(Problem { kind: "malformed", detail, offset: Some(offset_of(&text, &why)), fatal: true });
            };
            (feed, Some(items))
        }
    };
    let items = match items {
        Some(Value::Array(items)) => items,
        // PHP writes a list with gaps as an object with numbers for names.
        Some(Value::Object(items)) => items.into_iter().map(|(_, item)| item).collect(),
        _ => {
            let detail = "the JSON has no list of items".to_owned();
            return Err(Problem { kind: "not-a-feed", detail, offset: None, fatal: true });
        }
    };
    let mut kept = Kept::default();
    let lang = string(&feed, "language");
    let mut dates = Manner::of(lang.as_deref());
    for text in items.iter().flat_map(|item| DATES.iter().filter_map(|name| string(item, name))) {
        dates.see(&text);
    }
    for item in items.iter().filter(|item| item.is_object()) {
        kept.push(entry(item, base, dates, mended));
    }
    Ok(Parsed {
        kind: DocumentKind::JsonFeed,
        title: string(&feed, "title").map(|text| plain(&text)),
        lang,
        home: string(&feed, "home_page_url").and_then(|home| address::absolute(&home, base)),
        announced: announced(&feed, base),
        entries: kept.into_entries(mended),
        ..Parsed::default()
    })
}

/// The first value of the text; what follows it is nobody's.
fn value(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::Deserializer::from_str(text).into_iter::<Value>().next().unwrap_or(Ok(Value::Null))
}

fn offset_of(text: &str, why: &serde_json::Error) -> usize {
    let lines: usize = text.split_inclusive('\n').take(why.line().saturating_sub(1)).map(str::len).sum();
    lines + why.column().saturating_sub(1)
}

/// Reads a document that is no JSON as a whole: what stands before its items, and each item that is JSON by itself.
fn salvaged(text: &str, mended: &mut Mended) -> Option<(Value, Value)> {
    let (head, rest) = text.split_once("\"items\"")?;
    let (_, mut rest) = rest.trim_start().strip_prefix(':')?.split_once('[')?;
    let head = format!("{}}}", head.trim_end().trim_end_matches(','));
    let feed = value(&head).unwrap_or(Value::Null);
    let mut items = Vec::new();
    let at = |rest: &str| text.len() - rest.len();
    while let Some(start) = rest.find(['{', ']']) {
        let Some(from) = rest.get(start..).filter(|from| from.starts_with('{')) else { break };
        let Some(end) = object_end(from) else {
            mended.note(Damage::CutEntry, at(from));
            mended.note(Damage::Truncated, text.len());
            rest = "";
            break;
        };
        let (object, after) = from.split_at_checked(end)?;
        match value(object) {
            Ok(item) => items.push(item),
            Err(_) => mended.note(Damage::UnreadableItem, at(from)),
        }
        rest = after;
    }
    if !rest.contains(']') {
        mended.note(Damage::Truncated, text.len());
    }
    (!items.is_empty()).then_some((feed, Value::Array(items)))
}

/// Where the object at the start of `text` ends.
fn object_end(text: &str) -> Option<usize> {
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            _ if is_string => {}
            b'{' => depth += 1,
            b'}' if depth <= 1 => return Some(at + 1),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn announced(feed: &Value, base: Option<&WebUrl>) -> Announced {
    let link = |name| string(feed, name).and_then(|link| address::absolute(&link, base));
    let hubs = feed.get("hubs").and_then(Value::as_array);
    let hub = |hub: &Value| string(hub, "url").and_then(|link| address::absolute(&link, base));
    Announced {
        hubs: hubs.into_iter().flatten().filter_map(hub).take(HUBS_MAX).collect(),
        self_link: link("feed_url"),
        next_page: link("next_url"),
        ..Announced::default()
    }
}

fn entry(item: &Value, base: Option<&WebUrl>, dates: Manner, mended: &mut Mended) -> Entry {
    let id = string(item, "id");
    let link = ["url", "external_url"].iter().find_map(|name| address::absolute(&string(item, name)?, base));
    let person = |value: &Value| string(value, "name");
    let authors = item.get("authors").and_then(Value::as_array);
    let mut instant = |name| {
        let text = string(item, name)?;
        let at = dates.read(&text);
        if at.is_none() {
            mended.note_words(Damage::UnreadableDate, 0, &text);
        }
        at
    };
    let [published, updated] = DATES.map(&mut instant);
    let content = string(item, "content_html").or_else(|| string(item, "content_text").map(|text| plain(&text)));
    Entry {
        link: link.or_else(|| id.as_deref().and_then(|id| address::absolute(id, None))),
        title: string(item, "title").map(|text| plain(&text)),
        published,
        updated,
        summary: string(item, "summary").map(|text| plain(&text)),
        content: content.map(bounded),
        author: authors.into_iter().flatten().find_map(person).or_else(|| item.get("author").and_then(person)),
        lang: string(item, "language"),
        enclosures: enclosures(item, base),
        origin: None,
        id,
    }
}

fn enclosures(item: &Value, base: Option<&WebUrl>) -> Vec<Enclosure> {
    let attachments = item.get("attachments").and_then(Value::as_array);
    let enclosure = |attachment: &Value| {
        Some(Enclosure {
            url: address::absolute(&string(attachment, "url")?, base)?,
            media_type: string(attachment, "mime_type"),
            length: attachment.get("size_in_bytes").and_then(Value::as_u64),
        })
    };
    attachments.into_iter().flatten().take(FILES_MAX).filter_map(enclosure).collect()
}

/// Plain text as HTML: what looks like markup is meant literally.
fn plain(text: &str) -> String {
    bounded(html_escape::encode_text(text).into_owned())
}

fn bounded(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(FIELD_BYTES_MAX));
    text
}

/// A member as text, trimmed: a string, or a number where a string was meant.
fn string(object: &Value, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}
