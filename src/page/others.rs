//! Other articles on the page of one: the next below it, which a reader comes to by scrolling, and teasers.

use std::ops::Range;

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
/// One is an `article` beside that of the heading which begins with a heading of the first rank, or with one that leads
/// elsewhere; or an element like that of the heading, beside it, with such a heading, prose, and a time or a byline.
pub(super) fn others(tree: &Tree<'_>, heading: usize) -> Vec<Range<usize>> {
    let mut others = beside(tree, heading);
    let own = tree.ancestors(heading).find(|&around| tree.node(around).tag == Tag::Article);
    if own.is_some_and(|own| has_prose(tree, own)) {
        let mut skip_to = 0;
        for (at, node) in tree.nodes().filter(|(_, node)| node.tag == Tag::Article) {
            let is_own =
                (at..node.end).contains(&heading) || own.is_some_and(|own| at > own && at < tree.node(own).end);
            if at >= skip_to && !is_own && is_headed(tree, at) {
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
    let is_signed = |at: usize| {
        tree.subtree(at)
            .any(|(_, node)| node.tag == Tag::Time || body::is_named(node, &["byline", "author", "authors", "date"]))
    };
    let pairs = pairs.filter(is_alike).filter(|&(own, other)| [own, other].iter().all(|&at| has_prose(tree, at)));
    pairs.filter(|&(_, other)| is_signed(other)).map(|(_, other)| other..tree.node(other).end).collect()
}

/// Whether the first heading in an element is of the first rank, or leads elsewhere.
fn is_headed(tree: &Tree<'_>, at: usize) -> bool {
    let Some((heading, node)) = tree.subtree(at).find(|(_, node)| node.tag.is_heading()) else { return false };
    let leads = |node: &Node<'_>| {
        let link = node.attributes.raw("href").unwrap_or_default().trim();
        // A moment of a live blog has an address on the page.
        node.tag == Tag::A && !link.is_empty() && !link.contains('#') && !link.starts_with('?')
    };
    node.tag == Tag::H1
        || tree.subtree(heading).any(|(_, node)| leads(node))
        || tree.ancestors(heading).take_while(|&around| around >= at).any(|around| leads(&tree.node(around)))
}

/// Whether a text in an element reads like prose.
fn has_prose(tree: &Tree<'_>, at: usize) -> bool {
    tree.subtree(at).any(|(_, node)| node.tag == Tag::Text && body::is_prose(node.text))
}

#[cfg(test)]
mod tests;
