//! A cheap bound on how deep a page nests, before a tree is built of it.

/// Elements within one another at most; real pages nest some forty deep.
pub const DEPTH_MAX: usize = 256;

/// Elements that never hold others, so need no end tag.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements whose end tag is commonly left out; the next one of them ends them.
const LAX: [&str; 10] = ["p", "li", "dt", "dd", "tr", "td", "th", "option", "tbody", "thead"];

/// Whether tags open more than [`DEPTH_MAX`] elements that are not closed: an estimate from below by counting.
pub(super) fn is_too_deep(html: &str) -> bool {
    let mut depth = 0usize;
    let mut rest = html;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let Some(tag) = rest.get(at + 1..) else { break };
        let (closing, tag_text) = match tag.strip_prefix('/') {
            Some(text) => (true, text),
            None => (false, tag),
        };
        let name_end = tag_text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(tag_text.len());
        let name = tag_text.get(..name_end).unwrap_or("").to_ascii_lowercase();
        let counts = !name.is_empty() && !VOID.contains(&name.as_str()) && !LAX.contains(&name.as_str());
        if counts && closing {
            depth = depth.saturating_sub(1);
        } else if counts {
            depth += 1;
            if depth > DEPTH_MAX {
                return true;
            }
            if name == "script" || name == "style" {
                // What stands in a script is no markup.
                let end = if name == "script" { "</script" } else { "</style" };
                rest = tag_text.find(end).and_then(|at| tag_text.get(at..)).unwrap_or("");
                continue;
            }
        }
        rest = tag_text;
    }
    false
}
