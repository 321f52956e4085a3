//! Rung 2: the numbers, dates, votes and outcomes that a story states, and which of them are told otherwise than before.
//!
//! Two statements are of the same thing when words stand about them in both: `killed 12 people in the blast` and `the
//! blast killed 15 people`. So numbers and dates are compared within one language; votes and outcomes across all. A
//! number or date that nothing was said of before is no change; a first vote or outcome is, and the first count of people who were hurt.
//! What is stated still was not replaced, and where two values may have been, none is told.
//!
//! Architecture invariant: never fails, linear in the text, at most [`FACTS_MAX`] facts of a kind.

mod aim;
mod headline;
mod matter;
mod outcome;
mod part;
mod pending;
mod result;
mod scan;
mod stage;
mod toll;
mod turn;
mod unit;
mod verb;
mod vote;

use std::collections::BTreeSet;

use crate::model::{Change, ChangeKind};

pub use result::{Known, Said, Told, results, said};

use outcome::Decided;
use scan::Sentences;
use toll::Toll;
use unit::Unit;
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
    outcomes: Vec<Decided>,
    dates: Vec<Stated<Day>>,
    numbers: Vec<Stated<f64>>,
    lang: Option<String>,
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
    /// What it is a number of, where a sign or a word says so.
    unit: Option<Unit>,
    /// Whether what is counted stands behind it in a script without spaces.
    is_unspaced: bool,
    /// Stems of the words about it, ascending.
    near: Vec<u64>,
    /// What those came to who are counted, if people were killed or hurt.
    toll: Option<Toll>,
    /// Whether it is said to be what was counted before: rises from 12 to 15.
    is_former: bool,
    /// Whether it may be: earlier reports put it at 12.
    may_be_former: bool,
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

/// What a story is that is compared with what was told before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrival {
    /// Another account of the same event.
    Another,
    /// A later version of one account.
    Again,
}

/// Reads what a story states; `lang` is a BCP 47 primary subtag.
pub fn of(title: &str, text: &str, lang: Option<&str>) -> Facts {
    let mut facts = Facts { lang: lang.map(ToOwned::to_owned), ..Facts::default() };
    for part in [title, text] {
        let sentences = Sentences::of(part, lang);
        for (nth, sentence) in sentences.into_iter().enumerate() {
            let mut taken = vec![false; sentence.words.len()];
            sentence.take_dates(&mut taken, &mut facts.dates);
            let is_of_vote = facts.votes.take(sentence, &mut taken);
            outcome::take(sentence, (nth == 0, is_of_vote), &mut facts.outcomes);
            sentence.take_numbers(&taken, &mut facts.numbers);
        }
    }
    facts.dates.truncate(FACTS_MAX);
    facts.numbers.truncate(FACTS_MAX);
    facts.outcomes.truncate(FACTS_MAX);
    facts
}

/// What another account tells otherwise than any of the stories before: votes first, then outcomes, dates, numbers.
pub fn changes(before: &[Facts], now: &Facts) -> Vec<Change> {
    told_otherwise(before, now, Arrival::Another)
}

/// What a later version of a story tells otherwise than it did: as [`changes`], though a first outcome counts where its title or first
/// sentence tells it alone, and numbers where the same stands about them, whatever they count.
pub fn corrected(before: &Facts, now: &Facts) -> Vec<Change> {
    told_otherwise(std::slice::from_ref(before), now, Arrival::Again)
}

fn told_otherwise(before: &[Facts], now: &Facts, arrival: Arrival) -> Vec<Change> {
    let mut found = vote::changes(before.iter().map(|facts| &facts.votes), &now.votes);
    found.extend(outcome::changes(before, now, arrival));
    let dates: Vec<OfStory<'_, Day>> = of_each(before, |facts| &facts.dates);
    let of_dates = Kind { of: ChangeKind::Date, must_count: false, agree: &|a: &Day, b: &Day| a.agrees(*b) };
    found.extend(otherwise(&of_dates, &dates, &now.dates));
    let numbers: Vec<OfStory<'_, f64>> = of_each(before, |facts| &facts.numbers);
    let of_numbers = Kind {
        of: ChangeKind::Number,
        must_count: arrival == Arrival::Another,
        agree: &|a: &f64, b: &f64| (a - b).abs() <= a.abs() * 1e-9,
    };
    found.extend(otherwise(&of_numbers, &numbers, &now.numbers));
    found.extend(first_toll(&numbers, &now.numbers));
    let mut seen = BTreeSet::new();
    found.retain(|change| seen.insert(change.clone()));
    found.truncate(CHANGES_MAX);
    found
}

/// Statements of all stories, each with the number of its story.
fn of_each<T>(stories: &[Facts], stated: impl Fn(&Facts) -> &Vec<Stated<T>>) -> Vec<OfStory<'_, T>> {
    stories.iter().enumerate().flat_map(|(nth, facts)| stated(facts).iter().map(move |stated| (nth, stated))).collect()
}

/// The first count of people who were killed, or else hurt, as a flash doesn't know it.
fn first_toll(before: &[OfStory<'_, f64>], now: &[Stated<f64>]) -> Option<Change> {
    let counts = |stated: &Stated<f64>| stated.toll.is_some() && stated.value > 0.0 && !stated.is_former;
    let known = |toll: Toll| before.iter().any(|(_, stated)| stated.toll == Some(toll));
    let is_first = |stated: &&Stated<f64>| match stated.toll {
        Some(Toll::Dead) => !known(Toll::Dead),
        Some(Toll::Hurt) => !known(Toll::Dead) && !known(Toll::Hurt),
        None => false,
    };
    let mut tolls: Vec<&Stated<f64>> = now.iter().filter(|stated| counts(stated)).collect();
    tolls.sort_by_key(|stated| stated.toll != Some(Toll::Dead));
    let toll = tolls.into_iter().find(is_first)?;
    Some(Change { kind: ChangeKind::Number, now: toll.shown.clone(), before: None })
}

/// A statement with the number of its story.
type OfStory<'a, T> = (usize, &'a Stated<T>);

/// How statements of a kind are compared.
struct Kind<'a, T> {
    of: ChangeKind,
    /// Whether the same must be counted.
    must_count: bool,
    agree: &'a dyn Fn(&T, &T) -> bool,
}

impl<T> Stated<T> {
    /// How many words stand about both.
    fn shared(&self, other: &Self) -> usize {
        other.near.iter().filter(|stem| self.near.binary_search(stem).is_ok()).count()
    }

    fn counts_as(&self, other: &Self) -> bool {
        self.counted.is_some() && self.counted == other.counted
    }
}

/// A statement that takes the place of an earlier one.
struct Replaced<'a, T> {
    now: &'a Stated<T>,
    old: &'a Stated<T>,
    /// Whether it says what is counted, and how many words stand about both.
    weight: (bool, usize),
}

/// Statements of something that was told of before, though never with this value.
fn otherwise<T>(kind: &Kind<'_, T>, before: &[OfStory<'_, T>], now: &[Stated<T>]) -> Vec<Change> {
    // A value that is stated still was not replaced, unless as the former one.
    let is_still_stated = |old: &Stated<T>| {
        let has_toll = |other: &Stated<T>| {
            old.toll.is_some() && other.toll == old.toll && !other.is_former && !(kind.agree)(&other.value, &old.value)
        };
        let is_told_anew = now.iter().any(has_toll);
        now.iter().any(|again| {
            let is_same_thing = again.counted.is_none() || old.counted.is_none() || again.counts_as(old);
            !(again.is_former || (again.may_be_former && is_told_anew))
                && (kind.agree)(&again.value, &old.value)
                && again.unit == old.unit
                && (is_same_thing || again.shared(old) >= SHARED_MIN)
        })
    };
    let gone: Vec<OfStory<'_, T>> =
        before.iter().copied().filter(|(_, old)| !old.is_former && !is_still_stated(old)).collect();
    // What title and text both say is one change: the one that says what is counted.
    let mut found: Vec<Replaced<'_, T>> = Vec::new();
    for replaced in
        now.iter().filter(|stated| !stated.is_former).filter_map(|stated| replaced(kind, (before, &gone), now, stated))
    {
        let is_same = |other: &Replaced<'_, T>| {
            let are_told_apart = other.now.counted.zip(replaced.now.counted).is_some_and(|(one, two)| one != two);
            (kind.agree)(&other.now.value, &replaced.now.value) && !are_told_apart
        };
        match found.iter_mut().find(|other| is_same(other)) {
            Some(held) if held.weight >= replaced.weight => {}
            Some(held) => *held = replaced,
            None => found.push(replaced),
        }
    }
    // One value takes the place of one: of several, that about which more words are the same, or else none.
    let is_alone = |one: &&Replaced<'_, T>| {
        let is_rival = |other: &&Replaced<'_, T>| {
            let is_of_one = (kind.agree)(&one.old.value, &other.old.value) && one.old.counted == other.old.counted;
            is_of_one && !(kind.agree)(&one.now.value, &other.now.value)
        };
        found.iter().filter(is_rival).all(|rival| rival.weight < one.weight)
    };
    let change = |one: &Replaced<'_, T>| Change {
        kind: kind.of,
        now: one.now.shown.clone(),
        before: Some(one.old.text.clone()),
    };
    found.iter().filter(is_alone).map(change).collect()
}

/// What a statement takes the place of, if one thing alone.
fn replaced<'a, T>(
    kind: &Kind<'_, T>,
    (before, gone): (&[OfStory<'a, T>], &[OfStory<'a, T>]),
    now: &'a [Stated<T>],
    stated: &'a Stated<T>,
) -> Option<Replaced<'a, T>> {
    let is_about = |old: &Stated<T>| old.unit == stated.unit && old.shared(stated) >= SHARED_MIN;
    if before.iter().any(|(_, old)| (kind.agree)(&old.value, &stated.value) && is_about(old)) {
        return None;
    }
    // Where what was counted is counted again, and something else here, both hold: 9 dead and 30 injured, 24 injured before.
    let holds_too = |old: &Stated<T>| {
        old.counted.zip(stated.counted).is_some_and(|(old, now)| old != now)
            && now.iter().any(|again| again.counted == old.counted)
    };
    let may_be = |old: &Stated<T>| {
        let counts = stated.counts_as(old) || (stated.toll.is_some() && stated.toll == old.toll && !stated.is_unspaced);
        is_about(old) && !holds_too(old) && (counts || !(kind.must_count || stated.is_unspaced))
    };
    // The newest of those that count the same, and of them of those that most words stand about in both.
    let weight = |old: &Stated<T>| (stated.counts_as(old), old.shared(stated));
    let others: Vec<((bool, usize), usize, &'a Stated<T>)> =
        gone.iter().filter(|(_, old)| may_be(old)).map(|(nth, old)| (weight(old), *nth, *old)).collect();
    let (best, nth, old) = others.iter().max_by_key(|(weight, nth, _)| (*weight, *nth)).copied()?;
    let is_rival = |(weight, at, other): &(_, usize, &Stated<T>)| {
        *weight == best && *at == nth && !(kind.agree)(&other.value, &old.value)
    };
    let has_rival = others.iter().any(is_rival);
    (!has_rival).then_some(Replaced { now: stated, old, weight: (stated.counted.is_some(), best.1) })
}

#[cfg(test)]
mod evaluation;
#[cfg(test)]
mod tests;
