//! JSON Feed 1.0 and 1.1, leniently: ids may be numbers, items may be null, anything may be missing.

use serde_json::Value;

use crate::date;
use crate::model::{DocumentKind, Enclosure, Entry, Parsed};

use super::parse::failed;

/// Reads a JSON document.
pub(super) fn parse(text: &str) -> Parsed {
    let root: Value = match serde_json::from_str(text) {
        Ok(root) => root,
        Err(error) => return failed("malformed", format!("the JSON can't be read: {error}")),
    };
    let Some(items) = root.get("items").and_then(Value::as_array) else {
        return failed("not-a-feed", "a JSON document without \"items\" stands in the feed's place".to_owned());
    };
    Parsed {
        kind: DocumentKind::JsonFeed,
        title: text_of(&root, "title"),
        lang: text_of(&root, "language"),
        home: text_of(&root, "home_page_url"),
        ttl_minutes: None,
        entries: items.iter().filter(|item| item.is_object()).map(entry).collect(),
        problems: Vec::new(),
    }
}

fn entry(item: &Value) -> Entry {
    let moment = |key| text_of(item, key).as_deref().and_then(date::parse);
    let author = item
        .get("authors")
        .and_then(|authors| authors.get(0))
        .or_else(|| item.get("author"))
        .and_then(|author| text_of(author, "name"));
    let enclosures = item.get("attachments").and_then(Value::as_array).into_iter().flatten().filter_map(|file| {
        Some(Enclosure {
            url: text_of(file, "url")?,
            media_type: text_of(file, "mime_type"),
            length: file.get("size_in_bytes").and_then(Value::as_u64),
        })
    });
    Entry {
        id: text_of(item, "id"),
        link: text_of(item, "url").or_else(|| text_of(item, "external_url")),
        title: text_of(item, "title").map(|t| escaped(&t)),
        published: moment("date_published"),
        updated: moment("date_modified"),
        summary: text_of(item, "summary").map(|t| escaped(&t)),
        content: text_of(item, "content_html").or_else(|| text_of(item, "content_text").map(|t| escaped(&t))),
        author,
        lang: text_of(item, "language"),
        enclosures: enclosures.collect(),
    }
}

/// A member as text: a string, or a number or boolean written out.
fn text_of(object: &Value, key: &str) -> Option<String> {
    match object.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Plain text in a field that may hold HTML elsewhere: what looks like markup is meant literally.
fn escaped(text: &str) -> String {
    html_escape::encode_text(text).into_owned()
}
