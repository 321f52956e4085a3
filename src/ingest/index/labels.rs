//! Labels: what a publisher puts before or behind the titles of many stories, its own name among them (`Live updates: `,
//! ` | World News`). They say nothing of what is told, and where titles are short they are most of its words.
//!
//! Known is what stood in the titles of other stories that are remembered, so the first story under a label still has its words.

use std::collections::BTreeMap;
use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::text::fold;

use super::Kept;

/// What may stand between a label and the title behind it.
const AFTER_LABEL: [&str; 7] = [": ", " | ", " - ", " – ", " — ", "：", "｜"];
/// What may stand between a title and the label behind it.
const BEFORE_LABEL: [&str; 5] = [" - ", " – ", " — ", " | ", "｜"];
/// Places at which a title is parted, from either end.
const PLACES: usize = 3;
/// A label before a title has so many words at most: `Fed cuts rates by half a point: ` is the story.
const WORDS_MAX: usize = 4;

/// How many stories have which label.
#[derive(Debug, Clone, Default)]
pub(super) struct Labels(BTreeMap<u64, u32>);

/// At which end of a title a label stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Before,
    Behind,
}

/// What may be a label of a title, and what is left without it.
struct Part {
    end: End,
    label: Range<usize>,
    own: Range<usize>,
}

impl Labels {
    pub(super) fn put(&mut self, kept: &Kept) {
        for part in parts(kept.title()) {
            *self.0.entry(part.key(kept)).or_default() += 1;
        }
    }

    pub(super) fn take(&mut self, kept: &Kept) {
        for key in parts(kept.title()).map(|part| part.key(kept)) {
            if let Some(stories) = self.0.get_mut(&key) {
                *stories = stories.saturating_sub(1);
                if *stories == 0 {
                    self.0.remove(&key);
                }
            }
        }
    }

    /// What a title says itself, without the longest labels that other stories of its publisher have; of a title without such,
    /// all.
    pub(super) fn own_part(&self, kept: &Kept) -> Range<usize> {
        let title = kept.title();
        let mut own = 0..title.len();
        for part in parts(title).filter(|part| self.0.get(&part.key(kept)).is_some_and(|n| *n >= part.end.known_of())) {
            let shorter = own.start.max(part.own.start)..own.end.min(part.own.end);
            let says_something = title.get(shorter.clone()).is_some_and(|rest| rest.contains(char::is_alphanumeric));
            if says_something {
                own = shorter;
            }
        }
        own
    }
}

impl End {
    /// Of how many other stories a label is known: what stands before a title may be what two stories of one event have in
    /// common (`Arvik floods: `).
    fn known_of(self) -> u32 {
        match self {
            Self::Before => 2,
            Self::Behind => 1,
        }
    }
}

impl Part {
    fn key(&self, kept: &Kept) -> u64 {
        let end = if self.end == End::Before { "b" } else { "e" };
        let label = fold(kept.title().get(self.label.clone()).unwrap_or_default());
        xxh3_64([end, kept.publisher(), &label].join("\u{1f}").as_bytes())
    }
}

/// What may be labels of a title, behind it first.
fn parts(title: &str) -> impl Iterator<Item = Part> + '_ {
    let behind = places(title, &BEFORE_LABEL).into_iter().rev().take(PLACES).map(|at| Part {
        end: End::Behind,
        label: at.end..title.len(),
        own: 0..at.start,
    });
    let before = places(title, &AFTER_LABEL).into_iter().take(PLACES).map(|at| Part {
        end: End::Before,
        label: 0..at.start,
        own: at.end..title.len(),
    });
    behind.chain(before.filter(|part| is_short(title, part)))
}

/// Whether a label before a title has few words, as one has.
fn is_short(title: &str, part: &Part) -> bool {
    title.get(part.label.clone()).is_some_and(|label| label.split_whitespace().nth(WORDS_MAX).is_none())
}

/// Where signs stand in a title. No two of them have a mark in common, so the title is gone through once, for the marks.
fn places(title: &str, signs: &[&str]) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    for (at, mark) in title.match_indices(is_mark) {
        let Some(sign) = signs.iter().find(|sign| sign.trim() == mark) else { continue };
        let start = at.saturating_sub(sign.len() - sign.trim_start().len());
        if !title.get(start..).is_some_and(|rest| rest.starts_with(sign)) {
            continue;
        }
        // The space between two dashes is of the first.
        let is_taken = places.last().is_some_and(|last| last.end > start && title.get(last.clone()) == Some(*sign));
        if !is_taken {
            places.push(start..start + sign.len());
        }
    }
    places
}

/// What stands in a sign, spaces aside.
fn is_mark(letter: char) -> bool {
    matches!(letter, ':' | '|' | '-' | '–' | '—' | '：' | '｜')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_found_once_each_in_their_order() {
        let check =
            |title: &str, expected: &[Range<usize>]| assert_eq!(places(title, &BEFORE_LABEL), expected, "{title}");
        check("Well-known: nothing -here", &[]);
        check("One - two | three – four", &[3..6, 9..12, 17..22]);
        check("One - - two - - - three", &[3..6, 11..14, 15..18]);
        check("One - | two", &[3..6, 5..8]);
        check("- One -", &[]);
        check("東京｜天気 - ", &[6..9, 15..18]);
        assert_eq!(places("Live: one：two : three", &AFTER_LABEL), [4..6, 9..12, 16..18]);
    }
}
