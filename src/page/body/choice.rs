//! Which element of a page holds its article.

use std::ops::Range;

use crate::page::markup::{Node, Tag, Tree};

use super::blocks::{Block, Sums, within};
use super::teasers::{is_of_teasers, lists};

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
        Some(_) | None => {
            let best = (best.0, outstanding(tree, &sums, best.1).unwrap_or(best.1));
            brief(tree, blocks, best).unwrap_or_else(|| container(tree, blocks, is_body, best.1))
        }
    }
}

/// The element around one that holds a single paragraph: paragraphs, items and rows hold no article, however long one is.
fn container(tree: &Tree<'_>, blocks: &[Block], is_body: &[bool], chosen: usize) -> usize {
    let is_part = |at: usize| {
        let node = tree.node(at);
        let is_paragraph = matches!(node.tag, Tag::P | Tag::Li | Tag::Blockquote | Tag::Tr | Tag::Dt | Tag::Dd);
        let is_whole = matches!(node.tag, Tag::Article | Tag::Main) || is_body.get(at).copied().unwrap_or(false);
        let of_it = blocks.get(within(blocks, at..node.end)).unwrap_or_default();
        let is_one_of_several =
            || of_it.iter().filter(|block| block.is_prose()).count() < 2 && has_kin(tree, blocks, at);
        !is_whole && (is_paragraph || node.tag.is_heading() || of_it.len() < 2 || is_one_of_several())
    };
    std::iter::once(chosen).chain(tree.ancestors(chosen)).find(|&at| !is_part(at)).unwrap_or(chosen)
}

/// Whether beside an element there stands another of the same tag and class that has text and leads nowhere.
fn has_kin(tree: &Tree<'_>, blocks: &[Block], at: usize) -> bool {
    let node = tree.node(at);
    let Some(class) = node.attributes.raw("class").filter(|class| !class.trim().is_empty()) else { return false };
    let mut others = tree.subtree(node.parent).filter(|&(other, beside)| {
        other != at
            && beside.parent == node.parent
            && beside.tag == node.tag
            && beside.attributes.raw("class") == Some(class)
    });
    others.any(|(other, beside)| {
        let of_it = blocks.get(within(blocks, other..beside.end)).unwrap_or_default();
        !of_it.is_empty() && of_it.iter().all(|block| block.linked * 2 <= block.weight)
    })
}

/// The element of an article without a paragraph that reads like prose: what stands behind the only heading of the first
/// rank, where nothing on the page is prose or what is stands beneath the headlines of others.
fn brief(tree: &Tree<'_>, blocks: &[Block], (worth, best): (i64, usize)) -> Option<usize> {
    let mut headings = blocks.iter().filter(|block| block.tag == Tag::H1);
    let heading = headings.next().filter(|_| headings.next().is_none())?;
    let beside = best..tree.node(best).end;
    if worth > 0 && (beside.start <= heading.holder || !is_of_teasers(blocks, beside.clone())) {
        return None;
    }
    let holds_much = |nodes: Range<usize>| {
        let unlinked = blocks.get(within(blocks, nodes)).unwrap_or_default().iter();
        unlinked.map(|block| block.weight - block.linked).sum::<u32>() >= BRIEF_MIN
    };
    let found = tree.ancestors(heading.holder).find(|&around| holds_much(heading.end..tree.node(around).end))?;
    let is_around = |around: usize| (around..tree.node(around).end).contains(&beside.start);
    let is_own =
        || tree.ancestors(heading.holder).any(|around| tree.node(around).tag == Tag::Article && is_around(around));
    if worth <= 0 || !is_around(found) || is_own() || holds_much(heading.end..beside.start) {
        return Some(found);
    }
    // There is none, or hardly any: what the page shows are the others.
    let apart = std::iter::once(heading.holder).chain(tree.ancestors(heading.holder));
    apart.take_while(|&around| !is_around(around)).last()
}

/// Letters of an article's shortest text.
const BRIEF_MIN: u32 = 40;

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
    let range = start..end.unwrap_or(whole.end);
    let end = others(tree, blocks, range.clone()).unwrap_or(range.end);
    range.start..end
}

/// Where behind an article's prose a list of others begins.
fn others(tree: &Tree<'_>, blocks: &[Block], nodes: Range<usize>) -> Option<usize> {
    let is_prose_in =
        |range: Range<usize>| blocks.get(within(blocks, range)).unwrap_or_default().iter().any(Block::is_prose);
    let lists = lists(tree, blocks, nodes.clone()).into_iter();
    let behind = lists.filter(|list| is_prose_in(nodes.start..list.start) && !is_prose_in(list.end..nodes.end));
    behind.map(|list| list.start).min()
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
    } else if matches!(block.tag, Tag::P | Tag::Li | Tag::Blockquote) {
        // A short paragraph is no label.
        0
    } else {
        -3
    }
}
