//! Second links of a list's rows: a file to download, another language, what an article is filed under. They are no articles, though
//! they stand as the headlines do.

use std::collections::{BTreeMap, BTreeSet};

use crate::page::markup::Tree;

use super::group::{Anchor, STEPS, least_weight};
use super::item::Item;

/// Rows of a list at least, and links to different pages in one at most: more are a section's.
const ROWS_MIN: usize = 3;
const LINKS_MAX: usize = 4;
/// A link that says the same in so many percent of the rows that have several is no headline.
const SAME_PERCENT: usize = 50;
/// Items of a group that stand within those of another, in percent, where it is of their rows.
const SHARED_PERCENT: usize = 80;

/// Leaves out of links that stand alike those that stand beside a headline in the same row.
pub(super) fn headlines(tree: &Tree<'_>, anchors: Vec<Anchor>) -> Vec<Anchor> {
    let seconds = seconds(tree, &anchors);
    if seconds.is_empty() {
        return anchors;
    }
    anchors.into_iter().filter(|anchor| !seconds.contains(&anchor.at)).collect()
}

/// The places of such links: none unless most rows have one.
fn seconds(tree: &Tree<'_>, anchors: &[Anchor]) -> BTreeSet<usize> {
    let Some(rows) = rows(tree, anchors) else { return BTreeSet::new() };
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.iter().filter(has_several) {
        let labels: BTreeSet<String> = row.iter().map(|anchor| label(&tree.words(anchor.at))).collect();
        for label in labels {
            *said.entry(label).or_default() += 1;
        }
    }
    let several = rows.iter().filter(has_several).count();
    let recurs = |anchor: &Anchor| {
        let count = said.get(&label(&tree.words(anchor.at))).copied().unwrap_or(0);
        count >= ROWS_MIN && count * 100 >= several * SAME_PERCENT
    };
    let is_second = |anchor: &Anchor, row: &[&Anchor]| {
        let is_short = anchor.weight < least_weight(0);
        row.iter()
            .filter(|beside| beside.key != anchor.key && !recurs(beside))
            .any(|beside| recurs(anchor) || is_short && anchor.weight * 2 <= beside.weight)
    };
    let of_row = |row: &&[&Anchor]| -> Vec<usize> {
        row.iter().filter(|anchor| is_second(anchor, row)).map(|anchor| anchor.at).collect()
    };
    let found: Vec<Vec<usize>> = rows.iter().map(Vec::as_slice).filter(has_several).map(|row| of_row(&row)).collect();
    let with_one = found.iter().filter(|row| !row.is_empty()).count();
    if with_one < ROWS_MIN || with_one * 2 < rows.len() {
        return BTreeSet::new();
    }
    found.into_iter().flatten().collect()
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

/// Whether a list's items stand in the `rows` of others.
pub(super) fn are_of(rows: &BTreeSet<usize>, items: &[Item]) -> bool {
    items.iter().filter(|item| rows.contains(&item.at)).count() * 100 >= items.len() * SHARED_PERCENT
}
