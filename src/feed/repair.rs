//! Repairs before the reader: what damaged feeds have most, mended without changing what sound ones say.

use std::borrow::Cow;

/// Names that every XML reader knows.
const XML_NAMES: [&str; 5] = ["amp", "lt", "gt", "quot", "apos"];
/// A character reference or entity name is at most this long (the longest of HTML has 31 letters).
const NAME_BYTES_MAX: usize = 32;

/// Drops characters that XML forbids (C0 controls but tab and line ends, U+FFFE, U+FFFF) and byte order marks.
pub(super) fn without_controls(text: &str) -> Cow<'_, str> {
    let bad =
        |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(bad) { Cow::Owned(text.replace(bad, "")) } else { Cow::Borrowed(text) }
}

/// The document from its root element on, past declarations, comments and whatever stands before; `None` where no
/// feed's root is found.
pub(super) fn from_root(text: &str) -> Option<&str> {
    const ROOTS: [&str; 5] = ["<rss", "<feed", "<rdf:RDF", "<RDF", "<entry"];
    let starts = |root: &&str| {
        text.match_indices(*root)
            .find(|(at, name)| {
                let next = text.get(at + name.len()..).and_then(|rest| rest.chars().next());
                next.is_some_and(|c| c.is_whitespace() || c == '>')
            })
            .map(|(at, _)| at)
    };
    let at = ROOTS.iter().filter_map(starts).min()?;
    // An HTML page may speak of <rss> in its text: what comes first decides.
    let before = text.get(..at)?;
    let lower = before.to_ascii_lowercase();
    if lower.contains("<html") || lower.contains("<body") { None } else { text.get(at..) }
}

/// How deep elements nest, counted leniently: an upper bound for any reader.
pub(super) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let Some(tag) = rest.get(at + 1..) else { break };
        if let Some(inner) = tag.strip_prefix("![CDATA[") {
            rest = inner.find("]]>").and_then(|end| inner.get(end..)).unwrap_or("");
            continue;
        }
        if let Some(inner) = tag.strip_prefix("!--") {
            rest = inner.find("-->").and_then(|end| inner.get(end..)).unwrap_or("");
            continue;
        }
        let end = memchr::memchr(b'>', tag.as_bytes()).unwrap_or(tag.len());
        let body = tag.get(..end).unwrap_or(tag);
        if body.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if body.starts_with(|c: char| c.is_alphabetic() || c == '_') && !body.ends_with('/') {
            depth += 1;
            deepest = deepest.max(depth);
        }
        rest = tag.get(end..).unwrap_or("");
    }
    deepest
}

/// Mends a document that starts at its root: a version for `<rss>`, HTML's names for characters, bare ampersands.
pub(super) fn mend(root: &str) -> String {
    let mut out = String::with_capacity(root.len() + 64);
    let head_end = root.find('>').unwrap_or(root.len());
    let (head, body) = root.split_at_checked(head_end).unwrap_or((root, ""));
    if let Some(attributes) = head.strip_prefix("<rss") {
        // feed-rs knows 0.91, 0.92 and 2.0 alone; the others are read well as 2.0.
        let known = ["\"2.0\"", "'2.0'", "\"0.91\"", "'0.91'", "\"0.92\"", "'0.92'"];
        let versioned = attributes.contains("version") && known.iter().any(|v| attributes.contains(v));
        if versioned {
            out.push_str(head);
        } else {
            out.push_str("<rss version=\"2.0\"");
            out.push_str(&without_version(attributes));
        }
    } else {
        out.push_str(head);
    }
    mend_references(body, &mut out);
    out
}

fn without_version(attributes: &str) -> String {
    let Some(at) = attributes.find("version") else { return attributes.to_owned() };
    let (before, rest) = attributes.split_at_checked(at).unwrap_or((attributes, ""));
    let mut parts = rest.splitn(3, ['"', '\'']);
    let after = parts.nth(2).unwrap_or("");
    format!("{before}{after}")
}

/// Outside CDATA: names that only HTML knows become characters, an ampersand that begins no reference is escaped.
fn mend_references(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        if let Some(inner) = from.strip_prefix("<![CDATA[") {
            let end = inner.find("]]>").map_or(inner.len(), |end| end + 3);
            let (data, after) = inner.split_at_checked(end).unwrap_or((inner, ""));
            out.push_str("<![CDATA[");
            out.push_str(data);
            rest = after;
        } else if let Some(after) = from.strip_prefix('<') {
            out.push('<');
            rest = after;
        } else {
            let after = from.strip_prefix('&').unwrap_or("");
            rest = reference(after, out);
        }
    }
    out.push_str(rest);
}

/// Writes what an ampersand begins; gives what follows it.
fn reference<'a>(after: &'a str, out: &mut String) -> &'a str {
    let name_end = after.bytes().take(NAME_BYTES_MAX).position(|b| b == b';');
    if let Some(end) = name_end
        && let (Some(name), Some(rest)) = (after.get(..end), after.get(end + 1..))
    {
        if XML_NAMES.contains(&name) || is_good_number(name) {
            out.push('&');
            out.push_str(name);
            out.push(';');
            return rest;
        }
        if name.starts_with('#') {
            // A character that doesn't exist, or that XML forbids.
            return rest;
        }
        let whole = format!("&{name};");
        let decoded = html_escape::decode_html_entities(&whole);
        if decoded != whole {
            out.push_str(&decoded.replace('&', "&amp;").replace('<', "&lt;"));
            return rest;
        }
    }
    out.push_str("&amp;");
    after
}

fn is_good_number(name: &str) -> bool {
    let code = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        },
        None => None,
    };
    code.and_then(char::from_u32).is_some_and(|c| c >= ' ' || matches!(c, '\t' | '\n' | '\r'))
}
