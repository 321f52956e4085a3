//! The linked data that a page carries in its scripts (JSON-LD), as publishers write it.

use serde_json::{Map, Value};

/// How deep articles, and what has an id, are sought within other things.
const DEPTH_MAX: u8 = 6;

/// Whether a script's type says that it holds linked data.
pub(super) fn is_type(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"))
}

/// Reads one script; `None` where it can't be read even when mended.
pub(super) fn read(source: &str) -> Option<Value> {
    serde_json::from_str(source.trim()).ok().or_else(|| serde_json::from_str(&mended(source)).ok())
}

/// An article in linked data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'v> {
    /// What is said of it.
    pub(super) article: &'v Map<String, Value>,
    /// Whether it stands in a list, as what is most read does, or the parts of a blog.
    pub(super) is_listed: bool,
}

/// All articles in a value, in its order: of a list, of a graph, or a thing's main one.
pub(super) fn articles<'v>(value: &'v Value, found: &mut Vec<Found<'v>>) {
    articles_in(value, 0, false, found);
}

fn articles_in<'v>(value: &'v Value, depth: u8, is_listed: bool, found: &mut Vec<Found<'v>>) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|one| articles_in(one, depth + 1, is_listed, found)),
        Value::Object(article) if is_article(article) => found.push(Found { article, is_listed }),
        Value::Object(object) => {
            for key in ["@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item", "blogPost", "hasPart"] {
                if let Some(inner) = object.get(key) {
                    let is_list = matches!(key, "itemListElement" | "blogPost" | "hasPart");
                    articles_in(inner, depth + 1, is_listed || is_list, found);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What things are called that have one of these ids, wherever they stand.
pub(super) fn named<'i>(values: &[Value], ids: &[&'i str]) -> Vec<(&'i str, String)> {
    let mut found = Vec::new();
    for value in values {
        named_in(value, ids, 0, &mut found);
    }
    found
}

fn named_in<'i>(value: &Value, ids: &[&'i str], depth: u8, found: &mut Vec<(&'i str, String)>) {
    if depth > DEPTH_MAX || found.len() >= ids.len() {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|one| named_in(one, ids, depth + 1, found)),
        Value::Object(object) => {
            let id = object.get("@id").and_then(Value::as_str);
            let id = ids.iter().find(|wanted| id == Some(wanted));
            let is_new = |id: &&&str| found.iter().all(|(known, _)| known != *id);
            if let Some(id) = id.filter(is_new)
                && let Some(name) = object.get("name").and_then(text)
            {
                found.push((*id, name));
            }
            object.values().for_each(|inner| named_in(inner, ids, depth + 1, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// All things that a value lists: its articles, and the items of its lists, which may say no more than address and name.
pub(super) fn listed<'v>(value: &'v Value, depth: u8, found: &mut Vec<&'v Map<String, Value>>) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|one| listed(one, depth + 1, found)),
        Value::Object(object) if is_article(object) => found.push(object),
        Value::Object(object) => {
            // A breadcrumb is a list of what stands above the page.
            let is_trail = has_type(object, |name| name == "BreadcrumbList");
            let is_item = has_type(object, |name| name == "ListItem") && !object.contains_key("item");
            if is_item {
                found.push(object);
            }
            for key in ["@graph", "mainEntity", "itemListElement", "item", "blogPost", "hasPart"] {
                if let Some(inner) = object.get(key).filter(|_| !is_trail) {
                    listed(inner, depth + 1, found);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a thing's type is one of the articles of schema.org.
pub(super) fn is_article(object: &Map<String, Value>) -> bool {
    has_type(object, |name| {
        name.ends_with("Article")
            || matches!(
                name,
                "BlogPosting" | "LiveBlogPosting" | "Report" | "SocialMediaPosting" | "DiscussionForumPosting"
            )
    })
}

/// Whether one of a thing's types, its vocabulary's address dropped, `is_it`.
pub(super) fn has_type(object: &Map<String, Value>, is_it: impl Fn(&str) -> bool) -> bool {
    let named = |value: &Value| {
        let name = value.as_str().unwrap_or_default();
        is_it(name.rsplit(['/', '#', ':']).next().unwrap_or_default())
    };
    match object.get("@type") {
        Some(Value::Array(types)) => types.iter().any(named),
        Some(one) => named(one),
        None => false,
    }
}

/// A member as text: a string, the first of a list, or what an object calls itself.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Array(list) => list.iter().find_map(text),
        Value::Object(object) => {
            ["name", "@value", "url", "@id"].iter().find_map(|key| object.get(*key).and_then(text))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// The names in a member: its own, or those of a list.
pub(super) fn names(value: &Value) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::Object(object) => object.get("name").and_then(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => text(value),
    };
    match value {
        Value::Array(list) => list.iter().filter_map(one).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            one(value).into_iter().collect()
        }
    }
}

/// The same without comments, trailing commas and what wraps a script, its strings mended: raw line ends, unknown
/// escapes and bare quotes in them are the commonest faults.
fn mended(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 16);
    let mut rest = source;
    let mut in_string = false;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if in_string {
            (in_string, rest) = string_char(c, after, &mut out);
            continue;
        }
        let skipped = ["<!--", "-->", "<![CDATA[", "]]>", ";"].iter().find_map(|mark| rest.strip_prefix(mark));
        if let Some(skipped) = skipped {
            rest = skipped;
        } else if let Some(comment) = rest.strip_prefix("//") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else {
            if matches!(c, '}' | ']') {
                let kept = out.trim_end_matches(|c: char| c.is_whitespace() || c == ',').len();
                out.truncate(kept);
            }
            in_string = c == '"';
            out.push(c);
            rest = after;
        }
    }
    out
}

/// Takes a character of a string; says whether the string goes on, and what is left.
fn string_char<'a>(c: char, after: &'a str, out: &mut String) -> (bool, &'a str) {
    match c {
        '"' => {
            let next = after.trim_start().chars().next();
            let ends = next.is_none_or(|next| matches!(next, ',' | ':' | '}' | ']' | '/'));
            out.push_str(if ends { "\"" } else { "\\\"" });
            (!ends, after)
        }
        '\\' => {
            let next = after.chars().next();
            if next.is_some_and(|next| matches!(next, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u')) {
                out.push('\\');
                out.extend(next);
                return (true, after.get(1..).unwrap_or_default());
            }
            (true, after)
        }
        c if c.is_control() => {
            out.push(' ');
            (true, after)
        }
        c => {
            out.push(c);
            (true, after)
        }
    }
}
