//! The items of a group: what stands around each of its links.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Timestamp;

use crate::date::{Manner, Moment};
use crate::model::{Entry, WebUrl};
use crate::page::body::{is_named, weigh};
use crate::page::dateline::{Of, is_publication, of, read, said};
use crate::page::markup::{Node, Tag, Tree};
use crate::text;

use super::day::{Days, day_in, folder_day};
use super::group::{Anchor, Group, whole};

/// Elements within one item that are looked at.
const NODES_MAX: usize = 400;
/// Letters of a summary at least, and characters at most.
const SUMMARY_WEIGHT: u32 = 40;
const SUMMARY_CHARS: usize = 2_000;

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

/// Reads a group's items and those set `apart` from it, one a page; `dates` is how the page writes them, `days` what its
/// headings name.
pub(super) fn items(tree: &Tree<'_>, group: &Group, apart: &[&Anchor], dates: Manner, days: &Days) -> Vec<Item> {
    let mut all: Vec<&Anchor> = group.anchors.iter().chain(apart.iter().copied()).collect();
    all.sort_by_key(|anchor| anchor.at);
    let mut by_key: BTreeMap<&str, Vec<&Anchor>> = BTreeMap::new();
    for anchor in &all {
        by_key.entry(&anchor.key).or_default().push(anchor);
    }
    let mut homes: Vec<(usize, Vec<&Anchor>)> =
        by_key.into_values().filter_map(|anchors| Some((home(tree, anchors.first()?, &all), anchors))).collect();
    homes.sort_by_key(|(at, _)| *at);
    let is_apart = |anchors: &[&Anchor]| anchors.iter().any(|anchor| apart.iter().any(|apart| apart.key == anchor.key));
    let listed: Vec<usize> = homes.iter().filter(|(_, anchors)| !is_apart(anchors)).map(|(at, _)| *at).collect();
    let places: Vec<usize> = homes.iter().map(|(at, _)| *at).collect();
    let days = days.of_list(tree, &listed);
    // A line that is the day of several items is no item's own.
    let gaps = Gaps::of(tree, &listed, dates);
    let gaps = if gaps == Gaps::Before && !days.is_empty() { Gaps::None } else { gaps };
    // Where all addresses share one folder it is a topic's.
    let folders: BTreeSet<Timestamp> = all.iter().filter_map(|anchor| folder_day(&anchor.link)).collect();
    let folder_day = |link: &WebUrl| folder_day(link).filter(|_| folders.len() > 1);
    // What stands apart is within one element, unless it is in a row with others.
    let parent = |at: usize| tree.node(at).parent;
    let has_kin = |at: usize| listed.iter().any(|&listed| parent(listed) == parent(at));
    // What is the same on several items is no headline, whatever it is named.
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for title in homes.iter().filter_map(|(_, anchors)| self::named(tree, anchors, dates)) {
        *named.entry(title).or_default() += 1;
    }
    let named = |anchors: &[&Anchor]| {
        self::named(tree, anchors, dates).filter(|title| named.get(title).is_none_or(|count| *count < 2))
    };
    let read = |(turn, (at, anchors)): (usize, (usize, Vec<&Anchor>))| {
        let gaps = if is_apart(&anchors) && !has_kin(at) { Gaps::None } else { gaps };
        let first = anchors.first()?;
        let mut entry = entry(tree, &anchors, named(&anchors), gaps.around(tree, &places, turn)?, dates)?;
        let day = days.partition_point(|day| day.at < at).checked_sub(1).and_then(|last| days.get(last));
        let day = day.filter(|day| at < day.end).map(|day| day.moment);
        entry.published = entry.published.or_else(|| day_in(&first.link)).or(day).or_else(|| folder_day(&first.link));
        Some(Item { at, key: first.key.clone(), entry })
    };
    homes.into_iter().enumerate().filter_map(read).collect()
}

/// The largest element around a link that holds no link of the group to another page.
fn home(tree: &Tree<'_>, anchor: &Anchor, all: &[&Anchor]) -> usize {
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

fn entry(
    tree: &Tree<'_>,
    anchors: &[&Anchor],
    named: Option<String>,
    around: Range<usize>,
    dates: Manner,
) -> Option<Entry> {
    let link = &anchors.first()?.link;
    let title = title(tree, anchors, named, dates)?;
    // Within a link around a card the headline is a paragraph, too.
    let summary = summary(tree, around.clone()).filter(|summary| *summary != title);
    Some(Entry {
        link: Some(link.as_str().to_owned()),
        title: Some(title),
        published: moment(tree, around, dates).map(|moment| moment.at),
        summary,
        ..Entry::default()
    })
}

/// The headline: a heading within the links, or what is named as one there, or else the longest of their words.
fn title(tree: &Tree<'_>, anchors: &[&Anchor], named: Option<String>, dates: Manner) -> Option<String> {
    let heading = |anchor: &&Anchor| {
        let found = tree.subtree(anchor.at).find(|(_, node)| node.tag.is_heading());
        found.map(|(at, _)| tree.words(at)).filter(|words| !words.is_empty())
    };
    let longest = || anchors.iter().map(|anchor| headline(tree, anchor.at, dates)).max_by_key(String::len);
    let found = anchors.iter().find_map(heading).or(named);
    let words = found.or_else(longest).filter(|words| !words.is_empty())?;
    let words = anchors.iter().find_map(|anchor| whole(tree, anchor.at, &words)).unwrap_or(words);
    Some(html_escape::encode_text(text::lead(&words, SUMMARY_CHARS)).into_owned())
}

/// The wordiest of what is named a headline within the first of the links that has it; what is named of something else, too, as a
/// section's title, is none, and no date.
fn named(tree: &Tree<'_>, anchors: &[&Anchor], dates: Manner) -> Option<String> {
    const OTHERS: [&str; 8] = ["category", "date", "label", "meta", "pre", "section", "sub", "time"];
    anchors.iter().find_map(|anchor| {
        let within = tree.subtree(anchor.at).skip(1).filter(|(_, node)| node.tag != Tag::Text);
        let titles = within.filter(|(_, node)| is_named(node, &["title", "headline"]) && !is_named(node, &OTHERS));
        let is_date = |at: usize| tree.subtree(at).any(|(text, _)| said(tree, text, dates).is_some());
        let titles = titles.filter(|(at, _)| !is_date(*at)).map(|(at, _)| (weight(tree, at), at));
        let best =
            titles.filter(|(weight, _)| *weight >= TITLE_WEIGHT).min_by_key(|(weight, at)| (Reverse(*weight), *at));
        best.map(|(_, at)| tree.words(at))
    })
}

/// Letters of what is named a title at least: fewer are a label's.
const TITLE_WEIGHT: u32 = 12;

/// The words of a link; of one around a card without the lines that are a date.
fn headline(tree: &Tree<'_>, at: usize, dates: Manner) -> String {
    let is_line = |node: &Node<'_>| node.tag.is_block() || node.tag.is_inline() && node.attributes.has("class");
    let is_leaf = |line: usize| !tree.subtree(line).skip(1).any(|(_, node)| is_line(node) || node.tag.is_cell());
    let lines = tree.subtree(at).skip(1).filter(|(line, node)| is_line(node) && is_leaf(*line));
    let lines: Vec<(usize, String)> = lines.map(|(line, _)| (line, tree.words(line))).collect();
    let is_date = |line: usize| tree.subtree(line).any(|(text, _)| said(tree, text, dates).is_some());
    let rest: Vec<&str> = lines.iter().filter(|(line, _)| !is_date(*line)).map(|(_, words)| words.as_str()).collect();
    let all = tree.words(at);
    let is_of_lines = || {
        let lines = lines.iter().map(|(_, words)| words.as_str()).filter(|words| !words.is_empty());
        lines.collect::<Vec<_>>().join(" ") == all
    };
    if rest.len() < lines.len() && is_of_lines() { rest.join(" ").trim().to_owned() } else { all }
}

/// The date within some nodes: of an element that gives one, or a short text that is one; what tells of a change where nothing
/// else tells.
fn moment(tree: &Tree<'_>, nodes: Range<usize>, dates: Manner) -> Option<Moment> {
    let given = |at: usize| {
        let attributes = tree.node(at).attributes;
        let is_date = attributes.raw("itemprop").is_some_and(|property| property.starts_with("date"));
        let content = attributes.raw("content").filter(|_| is_date);
        attributes.raw("datetime").or(content).and_then(|given| read(dates, given))
    };
    let first = |found: &mut dyn Iterator<Item = (usize, Moment)>| {
        let mut changed = None;
        for (at, moment) in found {
            let of = of(tree, at);
            if is_publication(of, moment, changed) {
                return Some(moment);
            }
            if of == Of::Change {
                changed = changed.or(Some(moment));
            }
        }
        changed
    };
    let shown = || first(&mut nodes.clone().filter_map(|at| Some((at, said(tree, at, dates)?))));
    first(&mut nodes.clone().filter_map(|at| Some((at, given(at)?)))).or_else(shown)
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
pub(super) fn has_inner(tree: &Tree<'_>, at: usize) -> bool {
    tree.subtree(at).skip(1).any(|(_, node)| node.tag.is_block() || node.tag.is_cell())
}
