//! Lists of other articles: what leads elsewhere, again and again.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::page::markup::{Node, Tag, Tree};

use super::blocks::{Block, within};

/// Teasers of a list at least.
const TEASERS_MIN: usize = 3;
/// Letters of what a teaser says at most.
const TEASER_MAX: u32 = 400;

/// Whether what there is to read within some nodes are teasers: for each paragraph a line that leads elsewhere.
pub(super) fn is_of_teasers(blocks: &[Block], nodes: Range<usize>) -> bool {
    let blocks = blocks.get(within(blocks, nodes)).unwrap_or_default();
    let leading = blocks.iter().filter(|block| block.linked * 2 > block.weight).count();
    leading >= TEASERS_MIN && leading >= blocks.iter().filter(|block| block.is_prose()).count()
}

/// The lists of teasers among some nodes, each from its first to the end of its last: elements of one kind side by side,
/// each with a line that leads elsewhere first and hardly more than a paragraph.
pub(super) fn lists(tree: &Tree<'_>, blocks: &[Block], nodes: Range<usize>) -> Vec<Range<usize>> {
    let is_teaser = |at: usize| {
        let of_it = blocks.get(within(blocks, at..tree.node(at).end)).unwrap_or_default();
        let says = || of_it.iter().map(|block| block.weight - block.linked).sum::<u32>();
        let leads = of_it.first().is_some_and(|block| block.linked * 2 > block.weight);
        leads && of_it.iter().any(Block::is_prose) && says() <= TEASER_MAX
    };
    let is_kind = |node: &Node<'_>| {
        matches!(node.tag, Tag::Li | Tag::Article)
            || node.attributes.raw("class").is_some_and(|class| !class.is_empty())
    };
    let mut runs: BTreeMap<(usize, Tag, &str), (usize, Range<usize>)> = BTreeMap::new();
    for (at, node) in tree.within(nodes).filter(|(_, node)| node.tag.is_block() && is_kind(node)) {
        if is_teaser(at) {
            let class = node.attributes.raw("class").unwrap_or_default();
            let (count, run) = runs.entry((node.parent, node.tag, class)).or_insert((0, at..node.end));
            (*count, run.end) = (*count + 1, node.end);
        }
    }
    runs.into_values().filter(|(count, _)| *count >= TEASERS_MIN).map(|(_, run)| run).collect()
}
