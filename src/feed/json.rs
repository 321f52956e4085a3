//! JSON Feed (jsonfeed.org, version 1.1), read leniently: ids may be numbers, items may be null, dates may be anything.

use serde_json::Value;

use super::map::address;
use crate::date;
use crate::model::{DocumentKind, Enclosure, Entry, Parsed, Problem, WebUrl};

/// Reads a JSON Feed.
///
/// # Errors
/// The fatal problem, where the text is no JSON or no feed.
pub(super) fn read(document: &str, base: Option<&WebUrl>) -> Result<Parsed, Problem> {
    // Raw line breaks within strings are a common fault; outside of strings a space does as well.
    let clean: String = document.chars().map(|c| if c < ' ' { ' ' } else { c }).collect();
    let fatal = |kind, detail| Problem { kind, detail, offset: None, fatal: true };
    let first = serde_json::Deserializer::from_str(&clean).into_iter::<Value>().next();
    let feed = match first {
        Some(Ok(feed)) => feed,
        Some(Err(why)) => return Err(fatal("malformed", format!("the JSON can't be read: {why}"))),
        None => return Err(fatal("empty", "the document is empty".to_owned())),
    };
    let Some(items) = feed.get("items").and_then(Value::as_array) else {
        return Err(fatal("not-a-feed", "the JSON has no list of items".to_owned()));
    };
    Ok(Parsed {
        kind: DocumentKind::JsonFeed,
        title: string(&feed, "title").map(|text| plain(&text)),
        lang: string(&feed, "language"),
        home: string(&feed, "home_page_url").and_then(|home| address(&home, base)),
        ttl_minutes: None,
        entries: items.iter().filter(|item| item.is_object()).map(|item| entry(item, base)).collect(),
        problems: Vec::new(),
    })
}

fn entry(item: &Value, base: Option<&WebUrl>) -> Entry {
    let id = string(item, "id");
    let link = string(item, "url").or_else(|| string(item, "external_url")).and_then(|link| address(&link, base));
    let person = |value: &Value| string(value, "name");
    let authors = item.get("authors").and_then(Value::as_array);
    let instant = |name| string(item, name).and_then(|text| date::parse(&text));
    Entry {
        link: link.or_else(|| id.as_deref().and_then(|id| address(id, None))),
        title: string(item, "title").map(|text| plain(&text)),
        published: instant("date_published"),
        updated: instant("date_modified"),
        summary: string(item, "summary").map(|text| plain(&text)),
        content: string(item, "content_html").or_else(|| string(item, "content_text").map(|text| plain(&text))),
        author: authors.into_iter().flatten().find_map(person).or_else(|| item.get("author").and_then(person)),
        lang: string(item, "language"),
        enclosures: enclosures(item, base),
        id,
    }
}

fn enclosures(item: &Value, base: Option<&WebUrl>) -> Vec<Enclosure> {
    let attachments = item.get("attachments").and_then(Value::as_array);
    let enclosure = |attachment: &Value| {
        Some(Enclosure {
            url: address(&string(attachment, "url")?, base)?,
            media_type: string(attachment, "mime_type"),
            length: attachment.get("size_in_bytes").and_then(Value::as_u64),
        })
    };
    attachments.into_iter().flatten().take(100).filter_map(enclosure).collect()
}

/// Plain text as HTML: what looks like markup is meant literally.
fn plain(text: &str) -> String {
    html_escape::encode_text(text).into_owned()
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
