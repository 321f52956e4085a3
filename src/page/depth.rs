//! A cheap bound on how deep a page nests, before a tree is built of it.

/// Elements within one another at most; real pages nest some forty deep.
pub const DEPTH_MAX: usize = 256;

/// Elements that never hold others, so need no end tag.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements whose end tag is commonly left out or that never hold their like; the next one of them ends them.
const LAX: [&str; 12] = ["a", "button", "p", "li", "dt", "dd", "tr", "td", "th", "option", "tbody", "thead"];
/// Elements that are often left open; of those alike the tree builder keeps three at most (its "Noah's Ark clause").
const FORMATTING: [&str; 12] = ["b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"];
/// Elements through which an end tag doesn't reach (HTML, "has an element in scope").
const WALLS: [&str; 7] = ["table", "template", "object", "marquee", "applet", "caption", "svg"];

/// Whether more than [`DEPTH_MAX`] elements are open at once.
///
/// An end tag closes what it names and all within, as the tree builder has it: one that names nothing open, or that
/// stands behind a wall, closes nothing. Counting end tags alone would let `<div></x>` pass for flat.
pub(super) fn is_too_deep(html: &str) -> bool {
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = memchr::memchr(b'<', rest.as_bytes()) {
        let Some(tag) = rest.get(at + 1..) else { break };
        if let Some(comment) = tag.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (is_end, tag_text) = tag.strip_prefix('/').map_or((false, tag), |text| (true, text));
        let name_end = tag_text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(tag_text.len());
        let (name, after_name) = tag_text.split_at_checked(name_end).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        rest = tag_text;
        if name.is_empty() || VOID.contains(&name.as_str()) || LAX.contains(&name.as_str()) {
            continue;
        }
        // With attributes they differ, and pile up without a bound.
        let is_alike = FORMATTING.contains(&name.as_str()) && after_name.starts_with('>');
        if is_end {
            close(&mut open, &name);
        } else if matches!(name.as_str(), "script" | "style") {
            // What stands in a script is no markup.
            rest = after_raw(tag_text, &name);
        } else if !is_alike {
            open.push(name);
            if open.len() > DEPTH_MAX {
                return true;
            }
        }
    }
    false
}

fn close(open: &mut Vec<String>, name: &str) {
    for (depth, known) in open.iter().enumerate().rev() {
        if known == name {
            open.truncate(depth);
            return;
        }
        if WALLS.contains(&known.as_str()) {
            return;
        }
    }
}

/// What follows the end tag of a script or style, whatever its case.
fn after_raw<'a>(text: &'a str, name: &str) -> &'a str {
    let is_end = |at: usize| {
        let tag = text.get(at..).and_then(|from| from.strip_prefix("</"));
        tag.and_then(|tag| tag.get(..name.len())).is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    let end = memchr::memchr_iter(b'<', text.as_bytes()).find(|&at| is_end(at));
    end.and_then(|at| text.get(at + 2..)).unwrap_or("")
}
