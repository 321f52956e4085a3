//! Rung 2: the numbers, dates, votes and outcomes that a story states, and which of them are told otherwise than before.
//!
//! Two statements are of the same thing when words stand about them in both: `killed 12 people in the blast` and `the
//! blast killed 15 people`. So numbers and dates are compared within one language; votes and outcomes across all. A
//! number or date that nothing was said of before is no change; a first vote or outcome is, and the first count of people who were hurt.
//!
//! Architecture invariant: never fails, linear in the text, at most [`FACTS_MAX`] facts of a kind.

mod outcome;
mod scan;
mod vote;

use std::collections::BTreeSet;

use crate::model::{Change, ChangeKind};

use outcome::Outcome;
use scan::Sentences;
use vote::Votes;

/// Numbers, and dates, that are kept of one text.
const FACTS_MAX: usize = 64;
/// Changes that are told of one story.
const CHANGES_MAX: usize = 8;
/// Words that must stand about two statements of the same thing.
const SHARED_MIN: usize = 2;

/// What a story states.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    votes: Votes,
    outcomes: BTreeSet<Outcome>,
    dates: Vec<Stated<Day>>,
    numbers: Vec<Stated<f64>>,
}

/// A value with the words about it.
#[derive(Debug, Clone, PartialEq)]
struct Stated<T> {
    value: T,
    /// As written.
    text: String,
    /// As written, with the word that says what it counts.
    shown: String,
    /// Stem of the word that says what is counted.
    counted: Option<u64>,
    /// Stems of the words about it, ascending.
    near: Vec<u64>,
    /// Whether it counts people who were hurt.
    is_toll: bool,
}

/// A day as written; the year where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    month: u8,
    of_month: u8,
    year: Option<u16>,
}

impl Day {
    fn agrees(self, other: Self) -> bool {
        let same_year = self.year.is_none() || other.year.is_none() || self.year == other.year;
        (self.month, self.of_month) == (other.month, other.of_month) && same_year
    }
}

/// Reads what a story states; `lang` is a BCP 47 primary subtag.
pub fn of(title: &str, text: &str, lang: Option<&str>) -> Facts {
    let mut facts = Facts::default();
    for part in [title, text] {
        for sentence in &Sentences::of(part, lang) {
            let mut taken = vec![false; sentence.words.len()];
            sentence.take_dates(&mut taken, &mut facts.dates);
            facts.votes.take(sentence, &mut taken);
            outcome::take(sentence, &mut facts.outcomes);
            sentence.take_numbers(&taken, &mut facts.numbers);
        }
    }
    facts.dates.truncate(FACTS_MAX);
    facts.numbers.truncate(FACTS_MAX);
    facts
}

/// What is told otherwise than in any of the stories before: votes first, then outcomes, dates, numbers.
pub fn changes(before: &[Facts], now: &Facts) -> Vec<Change> {
    let mut found = vote::changes(before.iter().map(|facts| &facts.votes), &now.votes);
    found.extend(outcome::changes(before.iter().flat_map(|facts| &facts.outcomes), &now.outcomes));
    let dates: Vec<&Stated<Day>> = before.iter().flat_map(|facts| &facts.dates).collect();
    found.extend(otherwise(ChangeKind::Date, &dates, &now.dates, |a, b| a.agrees(*b)));
    let numbers: Vec<&Stated<f64>> = before.iter().flat_map(|facts| &facts.numbers).collect();
    found.extend(otherwise(ChangeKind::Number, &numbers, &now.numbers, |a, b| (a - b).abs() <= a.abs() * 1e-9));
    found.extend(first_toll(&numbers, &now.numbers));
    let mut seen = BTreeSet::new();
    found.retain(|change| seen.insert(change.clone()));
    found.truncate(CHANGES_MAX);
    found
}

/// The first count of people who were hurt, as a flash doesn't know it.
fn first_toll(before: &[&Stated<f64>], now: &[Stated<f64>]) -> Option<Change> {
    let toll = now.iter().find(|stated| stated.is_toll)?;
    let is_first = !before.iter().any(|stated| stated.is_toll);
    is_first.then(|| Change { kind: ChangeKind::Number, now: toll.shown.clone(), before: None })
}

/// Statements of something that was told of before, though never with this value.
fn otherwise<T>(
    kind: ChangeKind,
    before: &[&Stated<T>],
    now: &[Stated<T>],
    agree: impl Fn(&T, &T) -> bool,
) -> Vec<Change> {
    let change = |stated: &Stated<T>| {
        let shared = |old: &Stated<T>| old.near.iter().filter(|stem| stated.near.binary_search(stem).is_ok()).count();
        let about: Vec<(usize, &&Stated<T>)> =
            before.iter().map(|old| (shared(old), old)).filter(|(shared, _)| *shared >= SHARED_MIN).collect();
        if about.iter().any(|(_, old)| agree(&old.value, &stated.value)) {
            return None;
        }
        // Where what was counted is counted again, and something else here, both hold: 9 dead and 30 injured, 24 injured before.
        let holds_too = |old: &Stated<T>| {
            old.counted.zip(stated.counted).is_some_and(|(old, now)| old != now)
                && now.iter().any(|again| again.counted == old.counted)
        };
        // The newest of those that count the same, and of them of those that most words stand about in both.
        let others = about.into_iter().filter(|(_, old)| !holds_too(old));
        let is_alike = |old: &Stated<T>| old.counted.is_some() && old.counted == stated.counted;
        let (shared, old) = others.max_by_key(|(shared, old)| (is_alike(old), *shared))?;
        let change = Change { kind, now: stated.shown.clone(), before: Some(old.text.clone()) };
        Some(((stated.counted.is_some(), shared), change))
    };
    // What title and text both say is one change: the one that says what is counted.
    let mut found: Vec<((bool, usize), &Stated<T>, Change)> = Vec::new();
    for (stated, (weight, change)) in now.iter().filter_map(|stated| Some((stated, change(stated)?))) {
        let is_same = |other: &Stated<T>| {
            let are_told_apart = other.counted.zip(stated.counted).is_some_and(|(one, two)| one != two);
            agree(&other.value, &stated.value) && !are_told_apart
        };
        match found.iter_mut().find(|(_, other, _)| is_same(other)) {
            Some((held, _, _)) if *held >= weight => {}
            Some(held) => *held = (weight, stated, change),
            None => found.push((weight, stated, change)),
        }
    }
    found.into_iter().map(|(_, _, change)| change).collect()
}

#[cfg(test)]
mod evaluation;
#[cfg(test)]
mod tests;
