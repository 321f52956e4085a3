//! The items of a group: what stands around each of its links.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::Timestamp;

use crate::date::{Manner, may_name_year};
use crate::model::Entry;
use crate::page::body::weigh;
use crate::page::markup::{Tag, Tree};
use crate::text;

use super::group::{Anchor, Group};

/// Elements within one item that are looked at.
const NODES_MAX: usize = 400;
/// Letters of a summary at least, and characters at most.
const SUMMARY_WEIGHT: u32 = 40;
const SUMMARY_CHARS: usize = 2_000;
/// Letters of a text that may be a date and nothing more.
const DATE_WEIGHT: u32 = 45;

/// An item of a list.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// Where it begins.
    pub(super) at: usize,
    /// The one form of its address.
    pub(super) key: String,
    /// What it says.
    pub(super) entry: Entry,
}

/// Reads a group's items, one a page; `dates` is how the page writes them.
pub(super) fn items(tree: &Tree<'_>, group: &Group, dates: Manner) -> Vec<Item> {
    let mut by_key: BTreeMap<&str, Vec<&Anchor>> = BTreeMap::new();
    for anchor in &group.anchors {
        by_key.entry(&anchor.key).or_default().push(anchor);
    }
    let mut homes: Vec<(usize, Vec<&Anchor>)> = by_key
        .into_values()
        .filter_map(|anchors| Some((home(tree, anchors.first()?, &group.anchors), anchors)))
        .collect();
    homes.sort_by_key(|(at, _)| *at);
    let places: Vec<usize> = homes.iter().map(|(at, _)| *at).collect();
    let gaps = Gaps::of(tree, &places, dates);
    homes
        .into_iter()
        .enumerate()
        .filter_map(|(turn, (at, anchors))| {
            let around = gaps.around(tree, &places, turn)?;
            Some(Item { at, key: anchors.first()?.key.clone(), entry: entry(tree, &anchors, around, dates)? })
        })
        .collect()
}

/// The largest element around a link that holds no link of the group to another page.
fn home(tree: &Tree<'_>, anchor: &Anchor, all: &[Anchor]) -> usize {
    let is_alone = |&at: &usize| {
        let start = all.partition_point(|other| other.at < at);
        let within = all.iter().skip(start).take_while(|other| other.at < tree.node(at).end);
        at > 0 && within.take(8).all(|other| other.key == anchor.key)
    };
    std::iter::once(anchor.at).chain(tree.ancestors(anchor.at)).take_while(is_alone).last().unwrap_or(anchor.at)
}

/// Where the rest of an item stands that is not within one element: in a definition list, in flat markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gaps {
    /// Each item is one element.
    None,
    /// The rest follows its link, up to the next item.
    After,
    /// The rest stands before its link, from the last item on.
    Before,
}

impl Gaps {
    fn of(tree: &Tree<'_>, places: &[usize], dates: Manner) -> Self {
        let [first, second, ..] = places else { return Self::None };
        let parent = tree.node(*first).parent;
        let is_flat = tree.node(*second).parent == parent && tree.node(*first).end < *second;
        let has_own = |at: usize| moment(tree, at..tree.node(at).end, dates).is_some();
        if !is_flat || has_own(*first) || has_own(*second) {
            return Self::None;
        }
        let before = parent + 1..*first;
        if moment(tree, before, dates).is_some() && tree.node(*first).tag != Tag::Dt {
            Self::Before
        } else {
            Self::After
        }
    }

    /// The nodes of an item.
    fn around(self, tree: &Tree<'_>, places: &[usize], turn: usize) -> Option<Range<usize>> {
        let at = *places.get(turn)?;
        let own = at..tree.node(at).end;
        let parent = tree.node(tree.node(at).parent);
        let range = match self {
            Self::None => own,
            Self::After => {
                let next = places.get(turn + 1).copied().filter(|&next| next < parent.end);
                at..next.unwrap_or(parent.end)
            }
            Self::Before => {
                let last = turn.checked_sub(1).and_then(|turn| places.get(turn)).map(|&last| tree.node(last).end);
                last.unwrap_or(0).max(tree.node(at).parent + 1)..own.end
            }
        };
        Some(range.start..range.end.min(range.start + NODES_MAX))
    }
}

fn entry(tree: &Tree<'_>, anchors: &[&Anchor], around: Range<usize>, dates: Manner) -> Option<Entry> {
    let link = &anchors.first()?.link;
    Some(Entry {
        link: Some(link.as_str().to_owned()),
        title: Some(title(tree, anchors)?),
        published: moment(tree, around.clone(), dates),
        summary: summary(tree, around),
        ..Entry::default()
    })
}

/// The headline: a heading within the links, or else the longest of their words.
fn title(tree: &Tree<'_>, anchors: &[&Anchor]) -> Option<String> {
    let heading = |anchor: &&Anchor| {
        let found = tree.subtree(anchor.at).find(|(_, node)| node.tag.is_heading());
        found.map(|(at, _)| tree.words(at)).filter(|words| !words.is_empty())
    };
    let longest = || anchors.iter().map(|anchor| tree.words(anchor.at)).max_by_key(String::len);
    let words = anchors.iter().find_map(heading).or_else(longest).filter(|words| !words.is_empty())?;
    Some(html_escape::encode_text(text::lead(&words, SUMMARY_CHARS)).into_owned())
}

/// The date within some nodes: of an element that gives one, or a short text that is one.
fn moment(tree: &Tree<'_>, nodes: Range<usize>, dates: Manner) -> Option<Timestamp> {
    let given = nodes.clone().find_map(|at| {
        let attributes = tree.node(at).attributes;
        let is_date = attributes.raw("itemprop").is_some_and(|property| property.starts_with("date"));
        let content = attributes.raw("content").filter(|_| is_date);
        attributes.raw("datetime").or(content).and_then(|given| dates.read(given))
    });
    given.or_else(|| nodes.clone().find_map(|at| said(tree, at, dates)))
}

/// The date that a text is, if it is one: with a year in it, and hardly more than a date has.
fn said(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Timestamp> {
    let node = tree.node(at);
    let weight = if node.tag == Tag::Text { weigh(node.text) } else { 0 };
    if !(6..=DATE_WEIGHT).contains(&weight) {
        return None;
    }
    let has_year = may_name_year(node.text);
    let is_short = node.text.bytes().filter(u8::is_ascii_whitespace).count() <= 8;
    // In a headline a year is no date.
    let is_linked = tree.ancestors(at).take(3).any(|around| tree.node(around).tag == Tag::A);
    (has_year && is_short && !is_linked).then(|| dates.read(html_escape::decode_html_entities(node.text).trim()))?
}

/// The first paragraph within some nodes that is long enough for one.
fn summary(tree: &Tree<'_>, nodes: Range<usize>) -> Option<String> {
    let is_long = |&at: &usize| {
        let node = tree.node(at);
        let is_text = matches!(node.tag, Tag::P | Tag::Dd | Tag::Div | Tag::Span | Tag::Td);
        is_text && !has_inner(tree, at) && weight(tree, at) >= SUMMARY_WEIGHT
    };
    let in_anchor_or_heading = |at: usize| {
        let holds = tree.subtree(at).any(|(_, node)| node.tag == Tag::A && node.end - at > 1);
        holds || tree.ancestors(at).take(4).any(|around| tree.node(around).tag.is_heading())
    };
    let at = nodes.filter(is_long).find(|&at| !in_anchor_or_heading(at))?;
    let words = tree.words(at);
    Some(html_escape::encode_text(text::lead(&words, SUMMARY_CHARS)).into_owned())
}

fn weight(tree: &Tree<'_>, at: usize) -> u32 {
    tree.subtree(at).map(|(_, node)| if node.tag == Tag::Text { weigh(node.text) } else { 0 }).sum()
}

/// Whether an element holds others that stand on lines of their own.
fn has_inner(tree: &Tree<'_>, at: usize) -> bool {
    tree.subtree(at).skip(1).any(|(_, node)| node.tag.is_block() || node.tag.is_cell())
}
