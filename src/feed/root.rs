//! Where in a document the feed begins, and what it is.

use super::tag::Tag;
use crate::model::DocumentKind;
use crate::text;

/// The feed's root, or what stands in its place.
#[derive(Debug)]
pub(super) enum Root<'a> {
    /// A feed: its kind, and the document from the root's `<` on.
    Feed(DocumentKind, &'a str),
    /// An HTML page, with its title.
    Html(String),
    /// Neither.
    Nothing,
}

/// Finds the first root of a feed that is not empty; what stands before it (warnings, blank lines, comments) is junk.
pub(super) fn find(document: &str) -> Root<'_> {
    let mut rest = document;
    while let Some((_, from)) = rest.find('<').and_then(|at| rest.split_at_checked(at)) {
        let skipped = from.strip_prefix('<').unwrap_or_default();
        rest = skipped;
        if let Some(comment) = skipped.strip_prefix("!--") {
            // An unclosed comment hides nothing: what follows it is looked at.
            rest = comment.split_once("-->").map_or(skipped, |(_, after)| after);
            if rest.len() == skipped.len() {
                return without_comments(skipped);
            }
            continue;
        }
        let head: String = skipped.chars().take(16).collect::<String>().to_ascii_lowercase();
        if head.starts_with("!doctype html") {
            return Root::Html(title(document));
        }
        let Some(tag) = Tag::read(from).filter(|tag| !tag.is_end) else { continue };
        let kind = match tag.local().to_ascii_lowercase().as_str() {
            "rss" | "rdf" => DocumentKind::Rss,
            "feed" => DocumentKind::Atom,
            "html" | "head" | "body" => return Root::Html(title(document)),
            _ => continue,
        };
        if !tag.is_empty {
            return Root::Feed(kind, from);
        }
    }
    Root::Nothing
}

/// As [`find`], where no comment is ever closed: the markers are passed over.
fn without_comments(document: &str) -> Root<'_> {
    for (at, _) in document.match_indices('<') {
        let Some(from) = document.get(at..) else { continue };
        let Some(tag) = Tag::read(from).filter(|tag| !tag.is_end && !tag.is_empty) else { continue };
        match tag.local().to_ascii_lowercase().as_str() {
            "rss" | "rdf" => return Root::Feed(DocumentKind::Rss, from),
            "feed" => return Root::Feed(DocumentKind::Atom, from),
            "html" | "head" | "body" => return Root::Html(title(document)),
            _ => {}
        }
    }
    Root::Nothing
}

fn title(document: &str) -> String {
    let at = ["<title", "<TITLE", "<Title"].iter().find_map(|open| document.find(open));
    let inner = at.and_then(|at| document.get(at..)).and_then(|from| from.split_once('>')).map(|(_, inner)| inner);
    inner.and_then(|inner| inner.split_once("</")).map(|(title, _)| text::title(title)).unwrap_or_default()
}
