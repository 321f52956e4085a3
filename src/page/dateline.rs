//! The date that stands under an article's heading.

use jiff::Timestamp;

use crate::date::{Manner, may_name_year};

use super::body::{has_word, is_prose, weigh};
use super::markup::{Node, Tag, Tree};

/// Elements and texts after the heading among which it is sought: further down stand the dates of other articles.
const REACH: usize = 100;
/// Letters of a text that may be a date and nothing more.
const DATE_WEIGHT: u32 = 45;

/// Finds the first date behind a heading: of a `time`, else a short text that is one; none that stands in or behind the
/// first paragraph, or with what is related.
pub(super) fn dateline(tree: &Tree<'_>, heading: usize, dates: Manner) -> Option<Timestamp> {
    let mut others_end = 0;
    let mut told = None;
    for (at, node) in tree.nodes().skip(tree.node(heading).end).take(REACH) {
        if is_other(node) {
            others_end = others_end.max(node.end);
        }
        if at < others_end {
            continue;
        }
        if node.tag == Tag::Time {
            let given = node.attributes.get("datetime").and_then(|given| dates.read(&given));
            if let Some(moment) = given.or_else(|| dates.read(&tree.words(at))) {
                return Some(moment);
            }
        }
        if node.tag == Tag::Text && is_prose(node.text) {
            break;
        }
        told = told.or_else(|| said(tree, at, dates).filter(|_| !goes_on(tree, at)));
    }
    told
}

/// The date that a text is, if it is one: with a year in it, and hardly more than a date has.
pub(super) fn said(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Timestamp> {
    let node = tree.node(at);
    let weight = if node.tag == Tag::Text { weigh(node.text) } else { 0 };
    if !(6..=DATE_WEIGHT).contains(&weight) {
        return None;
    }
    let has_year = may_name_year(node.text);
    let is_short = node.text.bytes().filter(u8::is_ascii_whitespace).count() <= 8;
    // In a headline a year is no date. A link around a whole card has lines of its own for each, the heading for the headline.
    let around = tree.ancestors(at).take(3).map(|around| tree.node(around).tag);
    let mut around = around.take_while(|tag| !tag.is_block() || tag.is_heading());
    let is_linked = around.any(|tag| tag == Tag::A);
    (has_year && is_short && !is_linked).then(|| dates.read(html_escape::decode_html_entities(node.text).trim()))?
}

/// Whether a sentence follows a text that stands in formatting of its own: then it is that sentence's beginning.
fn goes_on(tree: &Tree<'_>, at: usize) -> bool {
    let inline = tree.ancestors(at).take_while(|&around| tree.node(around).tag.is_inline());
    inline.last().is_some_and(|outermost| {
        let next = tree.node(tree.node(outermost).end);
        next.tag == Tag::Text && next.parent == tree.node(outermost).parent && weigh(next.text) > DATE_WEIGHT
    })
}

/// Whether an element holds what is not of this article.
fn is_other(node: &Node<'_>) -> bool {
    let names = || ["class", "id"].iter().filter_map(|name| node.attributes.raw(name));
    matches!(node.tag, Tag::Aside | Tag::Nav | Tag::Footer | Tag::Script | Tag::Style | Tag::Ul | Tag::H2 | Tag::H3)
        || names().any(|names| has_word(names, &["comment", "comments", "related", "card", "teaser", "sidebar"]))
}
