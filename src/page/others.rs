//! Other articles on the page of one: the next below it, which a reader comes to by scrolling, and teasers.

use std::ops::Range;

use crate::model::WebUrl;

use super::body;
use super::markup::{Node, Tag, Tree};

/// Other headings of the first rank that are looked at.
const HEADINGS_MAX: usize = 16;
/// Other articles.
const OTHERS_MAX: usize = 256;
/// Classes of an element that are compared.
const CLASSES_MAX: usize = 32;

/// Finds the elements that hold other articles than that of a heading, which must have prose of its own.
///
/// One is an `article` beside that of the heading which begins with a heading that leads elsewhere, further than below one of the page's
/// own addresses, or one of the first rank and a time or a byline; or an element like that of the heading, beside it, with
/// such a heading, time or byline, and prose.
pub(super) fn others(tree: &Tree<'_>, heading: usize, page: &[WebUrl]) -> Vec<Range<usize>> {
    let mut others = beside(tree, heading);
    let own = tree.ancestors(heading).find(|&around| tree.node(around).tag == Tag::Article);
    if own.is_some_and(|own| has_prose(tree, own)) {
        let mut skip_to = 0;
        for (at, node) in tree.nodes().filter(|(_, node)| node.tag == Tag::Article) {
            let is_own =
                (at..node.end).contains(&heading) || own.is_some_and(|own| at > own && at < tree.node(own).end);
            if at >= skip_to && !is_own && is_headed(tree, at, page) {
                skip_to = node.end;
                others.push(at..node.end);
            }
        }
    }
    others.truncate(OTHERS_MAX);
    others
}

/// The elements beside that of the heading which are like it.
fn beside<'a>(tree: &Tree<'a>, heading: usize) -> Vec<Range<usize>> {
    let headings = tree.nodes().filter(|&(at, node)| node.tag == Tag::H1 && at != heading).take(HEADINGS_MAX);
    let pairs = headings.filter_map(|(other, _)| {
        let around = tree.ancestors(heading).find(|&around| (around..tree.node(around).end).contains(&other))?;
        let child =
            |of: usize| std::iter::once(of).chain(tree.ancestors(of)).find(|&at| tree.node(at).parent == around);
        Some((child(heading)?, child(other)?))
    });
    let is_alike = |&(own, other): &(usize, usize)| {
        let [own, other] = [own, other].map(|at| tree.node(at));
        let classes = |node: Node<'a>| {
            node.attributes.raw("class").unwrap_or_default().split_ascii_whitespace().take(CLASSES_MAX)
        };
        let is_common = || classes(own).any(|class| classes(other).any(|other| other == class));
        own.tag == other.tag && own.tag.is_block() && !own.tag.is_heading() && is_common()
    };
    let pairs = pairs.filter(is_alike).filter(|&(own, other)| [own, other].iter().all(|&at| has_prose(tree, at)));
    pairs.filter(|&(_, other)| is_signed(tree, other)).map(|(_, other)| other..tree.node(other).end).collect()
}

/// Whether an element has a time or a byline before its prose.
fn is_signed(tree: &Tree<'_>, at: usize) -> bool {
    let before = tree.subtree(at).take_while(|(_, node)| !is_prose(node)).map(|(_, node)| node);
    before
        .into_iter()
        .any(|node| node.tag == Tag::Time || body::is_named(node, &["byline", "author", "authors", "date"]))
}

/// Whether the first heading in an element, which no prose stands before, is of the first rank in what is signed, or leads elsewhere.
fn is_headed(tree: &Tree<'_>, at: usize, page: &[WebUrl]) -> bool {
    let mut aside_end = at;
    let mut is_aside = |&(inner, node): &(usize, &Node<'_>)| {
        if matches!(node.tag, Tag::Aside | Tag::Nav) {
            aside_end = aside_end.max(node.end);
        }
        inner < aside_end
    };
    let mut own = tree.subtree(at).filter(|inner| !is_aside(inner));
    let first = own.find(|(_, node)| node.tag.is_heading() || is_prose(node));
    let Some((heading, node)) = first.filter(|(_, node)| node.tag.is_heading()) else { return false };
    let leads = |node: &Node<'_>| {
        let link = node.attributes.get("href").filter(|_| node.tag == Tag::A).unwrap_or_default();
        let link = link.trim();
        // A moment of a live blog has an address on the page, or below it.
        !link.is_empty()
            && !link.contains('#')
            && !link.starts_with('?')
            && !page.iter().any(|page| is_below(page, link))
    };
    (node.tag == Tag::H1 && is_signed(tree, at))
        || tree.subtree(heading).any(|(_, node)| leads(node))
        || tree.ancestors(heading).take_while(|&around| around >= at).any(|around| leads(&tree.node(around)))
}

/// Whether a link leads to a page, whatever of it is asked for, or below.
fn is_below(page: &WebUrl, link: &str) -> bool {
    let Ok(link) = page.join(link) else { return false };
    let path = page.as_url().path().trim_end_matches('/');
    let rest = link.as_url().path().strip_prefix(path).filter(|_| link.host_text() == page.host_text());
    !path.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_prose(node: &Node<'_>) -> bool {
    node.tag == Tag::Text && body::is_prose(node.text)
}

/// Whether a text in an element reads like prose.
fn has_prose(tree: &Tree<'_>, at: usize) -> bool {
    tree.subtree(at).any(|(_, node)| is_prose(node))
}

#[cfg(test)]
mod tests;
