//! Which element of a page holds its article.

use crate::page::markup::Tree;

use super::blocks::{Block, Sums};

/// What an element that is named an article's body must hold of what the best one holds, in percent.
const NAMED_PERCENT: i64 = 70;
/// Worth of a page that has hardly any prose (a table, a list): there names know better.
const WORTH_MIN: i64 = 300;
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
        Some(_) | None => best.1,
    }
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
