//! A tree to blocks: runs of text that stand on lines of their own.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use std::ops::Range;

use crate::page::markup::{Tag, Tree};

/// A run of text that no block element or double line break parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    /// The block element around it.
    pub(super) holder: usize,
    /// That element's kind.
    pub(super) tag: Tag,
    /// Its first node that has text.
    pub(super) first: usize,
    /// Just after its last.
    pub(super) end: usize,
    /// Letters, digits and marks in it, spaces aside; a character that writes a syllable or a word counts twice.
    pub(super) weight: u32,
    /// How many of them stand in links.
    pub(super) linked: u32,
    /// Commas and ends of sentences.
    pub(super) stops: u32,
}

impl Block {
    /// Whether it reads like written text: long enough, and not made of links.
    pub(super) fn is_prose(&self) -> bool {
        self.weight >= PROSE_MIN && self.linked * 2 < self.weight && self.stops > 0
    }
}

/// Letters that a sentence has: below stand labels, names and dates.
const PROSE_MIN: u32 = 60;

/// Cuts a page into blocks, leaving out the subtrees that start at the places where `is_dropped`.
pub(super) fn blocks(tree: &Tree<'_>, is_dropped: &[bool]) -> Vec<Block> {
    let mut walk = Walk::default();
    let mut skip_to = 0;
    for (at, node) in tree.nodes() {
        if at < skip_to {
            continue;
        }
        walk.leave(at);
        if is_dropped.get(at).copied().unwrap_or(false) {
            skip_to = node.end;
            walk.is_cut |= node.tag.is_block();
            continue;
        }
        match node.tag {
            Tag::Text => walk.text(at, node.text),
            Tag::Br => walk.breaks += 1,
            Tag::Hr => walk.is_cut = true,
            Tag::A => walk.link_end = walk.link_end.max(node.end),
            tag if tag.is_block() || tag.is_cell() || tag == Tag::Root => {
                walk.is_cut = true;
                walk.holders.push((node.end, at, tag));
            }
            _ => {}
        }
    }
    walk.blocks
}

#[derive(Default)]
struct Walk {
    blocks: Vec<Block>,
    /// The open block elements: where each ends, its place, its kind.
    holders: Vec<(usize, usize, Tag)>,
    link_end: usize,
    /// Line breaks since the last text.
    breaks: usize,
    /// Whether what comes next is a new block.
    is_cut: bool,
}

impl Walk {
    fn leave(&mut self, at: usize) {
        while self.holders.last().is_some_and(|(end, _, _)| *end <= at) {
            self.holders.pop();
            self.is_cut = true;
        }
    }

    fn text(&mut self, at: usize, text: &str) {
        let (weight, stops) = measure(text);
        if weight == 0 {
            return;
        }
        let linked = if at < self.link_end { weight } else { 0 };
        let is_new = self.is_cut || self.breaks > 1;
        (self.is_cut, self.breaks) = (false, 0);
        if let Some(block) = self.blocks.last_mut().filter(|_| !is_new) {
            block.end = at + 1;
            block.weight += weight;
            block.linked += linked;
            block.stops += stops;
        } else {
            let (holder, tag) = self.holders.last().map_or((0, Tag::Root), |(_, at, tag)| (*at, *tag));
            self.blocks.push(Block { holder, tag, first: at, end: at + 1, weight, linked, stops });
        }
    }
}

/// The weight of a text as written.
pub(in crate::page) fn weigh(text: &str) -> u32 {
    measure(text).0
}

/// Whether a line without links reads like written text.
pub(in crate::page) fn is_prose(line: &str) -> bool {
    let (weight, stops) = measure(line);
    weight >= PROSE_MIN && stops > 0
}

/// Weight and stops of a text as written.
fn measure(text: &str) -> (u32, u32) {
    let mut weight = 0;
    let mut stops = 0;
    let mut before = ' ';
    for letter in text.chars() {
        match letter {
            ..=' ' => stops += u32::from(parts_by_spaces(before)),
            ',' | '.' | '!' | '?' | ';' => {
                weight += 1;
                stops += 1;
            }
            '!'..='~' => weight += 1,
            // Kana, Chinese characters, Hangul; their commas and full stops are among the first.
            '\u{3000}'..='\u{D7FF}' => {
                weight += 2;
                stops += u32::from(letter < '\u{4000}');
            }
            _ => {
                weight += 1;
                stops += u32::from(is_stop(letter));
            }
        }
        before = letter;
    }
    (weight, stops)
}

/// Commas and ends of sentences of other scripts: Armenian, Arabic, Devanagari, Tibetan, Burmese, Ethiopic, Khmer; and the
/// full-width ones that Chinese is written with.
fn is_stop(letter: char) -> bool {
    matches!(
        letter,
        '\u{55D}'
            | '\u{589}'
            | '\u{60C}'
            | '\u{61B}'
            | '\u{61F}'
            | '\u{6D4}'
            | '\u{964}'
            | '\u{965}'
            | '\u{F0D}'
            | '\u{104A}'
            | '\u{104B}'
            | '\u{1362}'..='\u{1368}' | '\u{17D4}' | '\u{FF01}' | '\u{FF0C}' | '\u{FF1B}' | '\u{FF1F}'
    )
}

/// Whether a letter is Thai, Lao or Khmer: spaces part sentences there, not words.
fn parts_by_spaces(letter: char) -> bool {
    matches!(letter, '\u{E00}'..='\u{EFF}' | '\u{1780}'..='\u{17FF}')
}

/// Blocks with a number each, summed so that any element's share is two look-ups.
pub(super) struct Sums<'b> {
    blocks: &'b [Block],
    /// The sum of all before each block, and of all.
    before: Vec<i64>,
}

impl<'b> Sums<'b> {
    /// Sums what `each` gives for the blocks.
    pub(super) fn of(blocks: &'b [Block], mut each: impl FnMut(&Block) -> i64) -> Self {
        let running = blocks.iter().scan(0_i64, |sum, block| {
            *sum = sum.saturating_add(each(block));
            Some(*sum)
        });
        Self { blocks, before: std::iter::once(0).chain(running).collect() }
    }

    /// The sum over the blocks that begin within a range of nodes.
    pub(super) fn within(&self, nodes: Range<usize>) -> i64 {
        let range = within(self.blocks, nodes);
        let at = |place: usize| self.before.get(place).copied().unwrap_or(0);
        at(range.end) - at(range.start)
    }

    /// The sum over all.
    pub(super) fn total(&self) -> i64 {
        self.before.last().copied().unwrap_or(0)
    }
}

/// The blocks that begin within a range of nodes.
pub(super) fn within(blocks: &[Block], nodes: Range<usize>) -> Range<usize> {
    let start = blocks.partition_point(|block| block.first < nodes.start);
    let end = blocks.partition_point(|block| block.first < nodes.end);
    start..end.max(start)
}
