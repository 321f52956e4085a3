//! Blocks to lines, without what stands among an article's paragraphs and is none of them.

use crate::page::markup::{Tag, Tree};

use super::blocks::{Block, weigh};

/// Letters outside links that make a block text, whatever it links to.
const UNLINKED_MIN: u32 = 60;

/// Gives the lines of the chosen blocks.
pub(super) fn lines(tree: &Tree<'_>, dropped: &[bool], blocks: &[Block], title: Option<&str>) -> Vec<String> {
    let first = blocks.iter().position(Block::is_prose).unwrap_or(0);
    let last = blocks.iter().rposition(Block::is_prose).unwrap_or(blocks.len());
    let home = blocks.get(last).map(|block| tree.node(block.holder).parent);
    let mut lines: Vec<String> = Vec::new();
    // Headings stand for what follows them: they go where that goes.
    let mut headings: Vec<String> = Vec::new();
    for (place, block) in blocks.iter().enumerate() {
        let is_text = matches!(block.tag, Tag::P | Tag::Li | Tag::Blockquote);
        let is_kept = if place < first {
            is_text
        } else if place > last {
            is_text && home.is_none_or(|home| tree.ancestors(block.holder).take(2).any(|around| around == home))
        } else {
            true
        };
        let is_time = || block.weight < UNLINKED_MIN && is_all_in(tree, block, &[Tag::Time]);
        if !is_kept || block.tag == Tag::H1 || is_links(tree, block) || is_time() {
            headings.clear();
            continue;
        }
        let line = text(tree, dropped, block);
        if line.is_empty() || title == Some(line.as_str()) {
            continue;
        }
        let is_bold = || block.weight < UNLINKED_MIN && is_all_in(tree, block, &[Tag::B, Tag::Strong]);
        if block.tag.is_heading() || is_bold() {
            headings.push(line);
            continue;
        }
        lines.append(&mut headings);
        lines.push(line);
    }
    lines
}

/// Whether a block is there for its links. A quoted post is not: its signature is a link.
fn is_links(tree: &Tree<'_>, block: &Block) -> bool {
    block.linked * 2 > block.weight
        && block.weight - block.linked < UNLINKED_MIN
        && !tree.ancestors(block.first).any(|around| tree.node(around).tag == Tag::Blockquote)
}

/// Whether all text of a block stands in one of these inline elements.
fn is_all_in(tree: &Tree<'_>, block: &Block, tags: &[Tag]) -> bool {
    (block.first..block.end).all(|at| {
        let node = tree.node(at);
        let is_in = || {
            let inline = tree.ancestors(at).map(|around| tree.node(around).tag).take_while(|tag| tag.is_inline());
            inline.into_iter().any(|tag| tags.contains(&tag))
        };
        node.tag != Tag::Text || weigh(node.text) == 0 || is_in()
    })
}

/// The words of a block.
fn text(tree: &Tree<'_>, dropped: &[bool], block: &Block) -> String {
    let mut raw = String::new();
    let mut skip_to = 0;
    for at in block.first..block.end {
        let node = tree.node(at);
        if at < skip_to {
            continue;
        }
        if dropped.get(at).copied().unwrap_or(false) {
            skip_to = node.end;
        } else if node.tag == Tag::Text {
            raw.push_str(&html_escape::decode_html_entities(node.text));
        } else if matches!(node.tag, Tag::Br | Tag::Img) {
            raw.push(' ');
        }
    }
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}
