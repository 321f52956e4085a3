//! Which element of a page holds its article.

use std::ops::Range;

use crate::page::markup::{Node, Tag, Tree};

use super::blocks::{Block, Sums};

/// What an element that is named an article's body must hold of what the best one holds, in percent.
const NAMED_PERCENT: i64 = 70;
/// Worth of a page that has hardly any prose (a table, a list): there names know better.
const WORTH_MIN: i64 = 300;
/// How many times an article is worth what a teaser beside it is.
const DWARFED: i64 = 4;
/// What may stand on one side of an article, of all that there is to read, in percent, to be none of it.
const AROUND_PERCENT: i64 = 25;
/// Letters of a full paragraph: shorter ones count by the square, as teasers have one or two short ones each.
const FULL_PARAGRAPH: i64 = 120;

/// Gives the place of the element that holds the article: the one whose blocks are worth most, unless one that
/// `is_body` by its name holds enough of it.
pub(super) fn choose(tree: &Tree<'_>, blocks: &[Block], is_body: &[bool]) -> usize {
    let sums = Sums::of(blocks, worth);
    let mut best = (0, 0);
    let mut named = None;
    for ((at, node), is_body) in tree.nodes().zip(is_body) {
        if node.end - at < 2 {
            continue;
        }
        let worth = sums.within(at..node.end);
        // Of equals the innermost.
        if worth >= best.0 {
            best = (worth, at);
        }
        if *is_body && named.is_none_or(|(known, _)| worth >= known) {
            named = Some((worth, at));
        }
    }
    match named {
        Some((worth, at)) if best.0 < WORTH_MIN || worth * 100 >= best.0 * NAMED_PERCENT => at,
        Some(_) | None => outstanding(tree, &sums, best.1).unwrap_or(best.1),
    }
}

/// Where in an element its article stands: from the only heading of the first rank, or the `article` that has most of the
/// prose, to the end of the only `article`. What stands around them is the site's word to its readers, unless it is much.
pub(super) fn bounds(tree: &Tree<'_>, blocks: &[Block], chosen: usize) -> Range<usize> {
    let whole = chosen..tree.node(chosen).end;
    let prose = Sums::of(blocks, |block| if block.is_prose() { i64::from(block.weight - block.linked) } else { 0 });
    let total = prose.within(whole.clone());
    let is_little = |nodes: Range<usize>| prose.within(nodes) * 100 <= total * AROUND_PERCENT;
    let each = |tag: Tag| tree.subtree(chosen).filter(move |(_, node)| node.tag == tag).map(|(at, node)| at..node.end);
    let mut articles = each(Tag::Article);
    let only = articles.next().filter(|only| is_little(only.end..whole.end) && articles.next().is_none());
    let mut headings = each(Tag::H1);
    let start = if let (Some(heading), None) = (headings.next(), headings.next()) {
        Some(heading.start)
    } else {
        let most = each(Tag::Article).map(|place| (prose.within(place.clone()), place.start));
        let most = most.max_by_key(|(within, start)| (*within, std::cmp::Reverse(*start)));
        most.filter(|(within, _)| within * 2 > total).map(|(_, start)| start)
    };
    let start = start.filter(|start| is_little(whole.start..*start)).unwrap_or(whole.start);
    let end = only.filter(|only| only.start >= start && prose.within(only.clone()) * 2 > total).map(|only| only.end);
    start..end.unwrap_or(whole.end)
}

/// Of several articles within an element the one that dwarfs each other: those are teasers, however many.
fn outstanding(tree: &Tree<'_>, sums: &Sums<'_>, at: usize) -> Option<usize> {
    let is_article = |&(_, node): &(usize, &Node<'_>)| node.tag == Tag::Article;
    let articles: Vec<(i64, Range<usize>)> =
        tree.subtree(at).filter(is_article).map(|(at, node)| (sums.within(at..node.end), at..node.end)).collect();
    let (worth, place) = articles.iter().max_by_key(|(worth, place)| (*worth, std::cmp::Reverse(place.start)))?;
    let is_beside = |other: &Range<usize>| other.end <= place.start || other.start >= place.end;
    let mut others = articles.iter().filter(|(_, other)| is_beside(other)).map(|(worth, _)| *worth).peekable();
    others.peek()?;
    others.all(|other| other * DWARFED <= *worth).then_some(place.start)
}

/// What a block adds to the element around it: prose for it, links and labels against it.
fn worth(block: &Block) -> i64 {
    let (weight, linked) = (i64::from(block.weight), i64::from(block.linked));
    if block.is_prose() {
        (2 * weight - 3 * linked) * weight.min(FULL_PARAGRAPH) / (2 * FULL_PARAGRAPH)
    } else if linked * 2 > weight {
        -10
    } else {
        -3
    }
}
