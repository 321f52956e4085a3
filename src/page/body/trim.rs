//! Blocks to lines, without what stands among an article's paragraphs and is none of them.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use std::collections::BTreeSet;

use crate::page::markup::{Tag, Tree};

use super::blocks::{Block, weigh};

/// Letters outside links that make a block text, whatever it links to.
const UNLINKED_MIN: u32 = 60;
/// How far from the element that holds an article's prose a paragraph before or behind it may stand.
const STEPS: usize = 2;

/// Gives the lines of the chosen blocks.
pub(super) fn lines(tree: &Tree<'_>, dropped: &[bool], blocks: &[Block], title: Option<&str>) -> Vec<String> {
    let ends = Ends::of(tree, blocks);
    let mut lines: Vec<String> = Vec::new();
    // Headings stand for what follows them: they go where that goes.
    let mut headings: Vec<String> = Vec::new();
    for (place, block) in blocks.iter().enumerate() {
        let is_kept = ends.keeps(tree, place, block);
        let is_time = || block.weight < UNLINKED_MIN && is_all_in(tree, block, &[Tag::Time]);
        if is_kept == Keep::Never || block.tag == Tag::H1 || is_links(tree, block) || is_time() {
            headings.clear();
            continue;
        }
        let line = text(tree, dropped, block);
        if line.is_empty() || title == Some(line.as_str()) {
            continue;
        }
        if is_kept == Keep::Sentence && !is_sentence(&line) {
            headings.clear();
            continue;
        }
        let is_bold = || block.weight < UNLINKED_MIN && is_all_in(tree, block, &[Tag::B, Tag::Strong]);
        if block.tag.is_heading() || block.tag == Tag::Summary || is_bold() {
            headings.push(line);
            continue;
        }
        lines.append(&mut headings);
        lines.push(line);
    }
    lines
}

/// Whether a block before the first or behind the last prose is the article's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Always,
    /// Where it ends as a sentence does: labels and names stand alike.
    Sentence,
    Never,
}

/// Where an article's prose begins and ends, and how it stands: what stands alike before and behind it is text, too.
struct Ends<'a> {
    first: usize,
    last: usize,
    /// The element around all of the prose, and that around the last of it.
    home: Option<usize>,
    last_home: Option<usize>,
    /// The elements that hold a paragraph of it, and those around them.
    holders: BTreeSet<usize>,
    parents: BTreeSet<usize>,
    /// The tags and classes of these and of those, where they have a class.
    holder_kinds: BTreeSet<(Tag, &'a str)>,
    parent_kinds: BTreeSet<(Tag, &'a str)>,
    /// What the headings among it are, and what holds them.
    headings: BTreeSet<(Tag, Tag, &'a str)>,
}

impl<'a> Ends<'a> {
    fn of(tree: &Tree<'a>, blocks: &[Block]) -> Self {
        let first = blocks.iter().position(Block::is_prose).unwrap_or(0);
        let last = blocks.iter().rposition(Block::is_prose).unwrap_or(blocks.len());
        let prose = || blocks.iter().filter(|block| block.is_prose());
        let begins = prose().map(|block| block.holder).min();
        let home = blocks.get(last).and_then(|block| {
            let begins = begins.unwrap_or(block.holder);
            tree.ancestors(block.holder).find(|&around| around < begins)
        });
        let last_home = blocks.get(last).map(|block| tree.node(block.holder).parent);
        let holders: BTreeSet<usize> = prose().map(|block| block.holder).collect();
        let parents: BTreeSet<usize> = holders.iter().map(|&holder| tree.node(holder).parent).collect();
        let kinds = |places: &BTreeSet<usize>| places.iter().filter_map(|&at| kind(tree, at)).collect();
        let (holder_kinds, parent_kinds) = (kinds(&holders), kinds(&parents));
        let among = blocks.get(first..last.max(first)).unwrap_or_default().iter();
        let headings = among.filter(|block| block.tag.is_heading()).map(|block| heading_kind(tree, block)).collect();
        Self { first, last, home, last_home, holders, parents, holder_kinds, parent_kinds, headings }
    }

    fn keeps(&self, tree: &Tree<'a>, place: usize, block: &Block) -> Keep {
        let Some(home) = self.home.filter(|_| !(self.first..=self.last).contains(&place)) else { return Keep::Always };
        let is_within = |wanted: usize| tree.ancestors(block.holder).any(|around| around == wanted);
        let is_near = || {
            let mut around = tree.ancestors(block.holder).take(STEPS);
            around.any(|around| Some(around) == self.last_home || around == home)
        };
        let parent = tree.node(block.holder).parent;
        let is_kin = || {
            let is_alike = |at: usize, kinds: &BTreeSet<_>| kind(tree, at).is_some_and(|kind| kinds.contains(&kind));
            is_alike(block.holder, &self.holder_kinds) || is_alike(parent, &self.parent_kinds)
        };
        match block.tag {
            tag if tag.is_heading() => {
                let is_within_home = parent > home && parent < tree.node(home).end;
                let is_first =
                    place < self.first && is_within_home && self.headings.contains(&heading_kind(tree, block));
                if is_first { Keep::Always } else { Keep::Never }
            }
            Tag::P | Tag::Li | Tag::Blockquote if place < self.first || is_near() => Keep::Always,
            Tag::P | Tag::Li | Tag::Blockquote if is_within(tree.node(home).parent) && is_kin() => Keep::Always,
            Tag::Td | Tag::Th | Tag::Dt | Tag::Dd | Tag::Summary if is_within(home) => Keep::Always,
            Tag::Div if self.holders.contains(&block.holder) || self.parents.contains(&parent) => Keep::Sentence,
            _ if is_within(tree.node(home).parent) && is_kin() => Keep::Sentence,
            _ => Keep::Never,
        }
    }
}

/// What an element is by its tag and class, where it has one and is no part of a page's plan.
fn kind<'a>(tree: &Tree<'a>, at: usize) -> Option<(Tag, &'a str)> {
    let node = tree.node(at);
    let class = node.attributes.raw("class").map(|class| cut(class).trim()).filter(|class| !class.is_empty())?;
    (!node.tag.is_heading()).then_some((node.tag, class))
}

/// What a heading is by its own tag, and by the tag and class of what holds it.
fn heading_kind<'a>(tree: &Tree<'a>, block: &Block) -> (Tag, Tag, &'a str) {
    let around = tree.node(tree.node(block.holder).parent);
    (block.tag, around.tag, cut(around.attributes.raw("class").unwrap_or_default()))
}

/// Bytes of a class that are compared.
const CLASS_BYTES_MAX: usize = 1_024;

fn cut(class: &str) -> &str {
    class.get(..class.floor_char_boundary(CLASS_BYTES_MAX)).unwrap_or_default()
}

/// Whether a line ends as a sentence does, quoted or not.
pub(in crate::page) fn is_sentence(line: &str) -> bool {
    let line = line.trim_end_matches(['"', '\'', '”', '“', '’', '»', '›', ')', '」', '』']);
    line.ends_with(['.', '!', '?', '…', '。', '！', '？', '।', '۔', '؟', '։', '።', '။'])
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
