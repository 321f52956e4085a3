//! Second links of a list's rows: a file to download, another language, what an article is filed under. They are no articles, though
//! they stand as the headlines do.

use std::collections::{BTreeMap, BTreeSet};

use crate::page::markup::Tree;
use crate::text;

use super::address::Shape;
use super::group::{Anchor, HEADLINE_WEIGHT, STEPS, least_weight};
use super::item::Item;

/// Rows of a list at least, and links to different pages in one at most: more are a section's.
const ROWS_MIN: usize = 3;
const LINKS_MAX: usize = 4;
/// A link that says the same in so many percent of the rows that have several is no headline.
const SAME_PERCENT: usize = 50;
/// Items of a group that stand within those of another, in percent, where it is of their rows.
const SHARED_PERCENT: usize = 80;
/// Characters of a link that are compared with others.
const LABEL_CHARS: usize = 200;

/// Leaves out of links that stand alike those that stand beside a headline in the same row.
pub(super) fn headlines(tree: &Tree<'_>, anchors: Vec<Anchor>) -> Vec<Anchor> {
    let seconds = seconds(tree, &anchors);
    if seconds.is_empty() {
        return anchors;
    }
    anchors.into_iter().filter(|anchor| !seconds.contains(&anchor.at)).collect()
}

/// The places of such links: none unless most rows have one.
fn seconds<'a>(tree: &Tree<'_>, anchors: &'a [Anchor]) -> BTreeSet<usize> {
    let Some(rows) = rows(tree, anchors) else { return BTreeSet::new() };
    let several: Vec<Vec<Link<'a>>> = rows.iter().filter(has_several).map(|row| links(tree, row)).collect();
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &several {
        for label in row.iter().map(|link| link.label.as_str()).collect::<BTreeSet<&str>>() {
            *said.entry(label).or_default() += 1;
        }
    }
    let recurs = |link: &Link<'_>| {
        let count = said.get(link.label.as_str()).copied().unwrap_or(0);
        count >= ROWS_MIN && count * 100 >= several.len() * SAME_PERCENT
    };
    let of_row = |row: &Vec<Link<'a>>| -> BTreeSet<&'a str> {
        let heads: Vec<&Link<'_>> = row.iter().filter(|link| !recurs(link)).collect();
        let is_second = |link: &&Link<'_>| {
            // What is told after a headline is told of it; what recurs before another is the name of a series.
            let is_behind = |head: &Link<'_>| link.anchor.at > head.anchor.at;
            heads
                .iter()
                .any(|head| link.is_beside(head) && (recurs(link) && is_behind(head) || link.is_short_beside(head)))
        };
        row.iter().filter(is_second).map(|link| link.anchor.key.as_str()).collect()
    };
    let found: Vec<BTreeSet<&'a str>> = several.iter().map(of_row).collect();
    let with_one = found.iter().filter(|row| !row.is_empty()).count();
    if with_one < ROWS_MIN || with_one * 2 < rows.len() {
        return BTreeSet::new();
    }
    let of_seconds = |(row, seconds): (&Vec<&Anchor>, BTreeSet<&str>)| {
        let own = row.iter().filter(|anchor| seconds.contains(anchor.key.as_str())).map(|anchor| anchor.at);
        own.collect::<Vec<usize>>()
    };
    rows.iter().filter(has_several).zip(found).flat_map(of_seconds).collect()
}

/// A page that a row leads to, by the wordiest of its links there.
struct Link<'a> {
    anchor: &'a Anchor,
    shape: Shape,
    /// What it says without its numbers.
    label: String,
}

impl Link<'_> {
    /// Whether it leads elsewhere than `head` does, which looks no less like an article's link.
    fn is_beside(&self, head: &Self) -> bool {
        let (own, other) = (self.anchor, head.anchor);
        let is_headline = own.weight >= HEADLINE_WEIGHT && own.is_article_like;
        // A file of a few letters has a number in its name, too.
        let is_like = own.is_article_like && own.weight >= least_weight(100);
        self.shape != head.shape
            && (other.is_article_like || !is_like)
            && !own.is_heading
            && other.weight >= least_weight(100)
            && !is_headline
    }

    fn is_short_beside(&self, head: &Self) -> bool {
        let is_headline = self.anchor.is_article_like && self.anchor.weight >= least_weight(100);
        !is_headline && self.anchor.weight < least_weight(0) && self.anchor.weight * 2 <= head.anchor.weight
    }
}

fn links<'a>(tree: &Tree<'_>, row: &[&'a Anchor]) -> Vec<Link<'a>> {
    let mut best: BTreeMap<&str, &Anchor> = BTreeMap::new();
    for anchor in row {
        let known = best.entry(&anchor.key).or_insert(anchor);
        if anchor.weight > known.weight {
            *known = anchor;
        }
    }
    let link = |anchor: &'a Anchor| {
        let label = label(text::lead(&tree.words(anchor.at), LABEL_CHARS));
        Link { anchor, shape: Shape::of(&anchor.key), label }
    };
    best.into_values().map(link).collect()
}

/// The links by the nearest elements around them of which half hold several.
fn rows<'a>(tree: &Tree<'_>, anchors: &'a [Anchor]) -> Option<Vec<Vec<&'a Anchor>>> {
    (0..STEPS - 1).find_map(|step| {
        let mut rows: Vec<(usize, Vec<&Anchor>)> = Vec::new();
        for anchor in anchors {
            let around = tree.ancestors(anchor.at).nth(step)?;
            match rows.last_mut() {
                Some((row, links)) if *row == around => links.push(anchor),
                _ => rows.push((around, vec![anchor])),
            }
        }
        let rows: Vec<Vec<&Anchor>> = rows.into_iter().map(|(_, links)| links).collect();
        let several = rows.iter().filter(has_several).count();
        let are_rows = rows.len() >= ROWS_MIN && several * 2 >= rows.len();
        (are_rows && rows.iter().all(|row| pages(row) <= LINKS_MAX)).then_some(rows)
    })
}

fn pages(row: &[&Anchor]) -> usize {
    row.iter().map(|anchor| anchor.key.as_str()).collect::<BTreeSet<_>>().len()
}

fn has_several<'a>(row: &impl AsRef<[&'a Anchor]>) -> bool {
    pages(row.as_ref()) > 1
}

/// What a link says without its numbers: `PDF (120 KB)` is `PDF (98 KB)`.
fn label(words: &str) -> String {
    words.chars().filter(|c| !c.is_numeric() && !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Whether most of a list's items say the same: no headlines do.
pub(super) fn say_the_same(items: &[Item]) -> bool {
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for title in items.iter().filter_map(|item| item.entry.title.as_deref()) {
        *said.entry(label(title)).or_default() += 1;
    }
    said.values().any(|count| *count >= ROWS_MIN && count * 100 >= items.len() * SAME_PERCENT)
}

/// Whether a list's items stand in the rows of others, given whether one does.
pub(super) fn are_seconds(items: &[Item], is_of: impl Fn(&Item) -> bool) -> bool {
    items.iter().filter(|item| is_of(item)).count() * 100 >= items.len() * SHARED_PERCENT
}
