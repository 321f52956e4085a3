//! Whether one text was copied from another: how much they share, where it stands, and whether the facts are the same.

use super::cohesion::Cohesion;
use super::policy::CopyPolicy;
use super::shingle::{Came, Overlap, Shingles, Sorted};
use super::slot::{Filled, Slots};
use crate::text::{Token, Tokens};

/// The words of a text that copies are known by, furniture left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wording {
    /// Its three-word shingles, in order.
    pub shingles: Shingles,
    /// Its numbers in their places.
    pub slots: Slots,
    /// How many words it has, those that are not compared counted in.
    words: usize,
    /// A round-up's parts have little to do with each other.
    cohesion: Cohesion,
}

/// What a comparison came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// One was copied from the other.
    Copy,
    /// The words are the same but the facts are others: two reports by one template.
    Template,
    /// Most of the shorter stands in the longer, but that is mostly something else: a round-up, an account that quotes.
    Within,
    /// They share too little.
    Little,
}

/// Two texts, compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// What it came to.
    pub likeness: Likeness,
    /// What they share.
    pub overlap: Overlap,
    /// Their numbers.
    pub filled: Filled,
}

impl Wording {
    /// Takes the story's own words of a text under a title, and gives its shingles as they are looked for; `times` says how many times as long the
    /// whole text is.
    pub fn of((text, all): (&str, &Tokens), tokens: &[&Token], times: usize, title: &Tokens) -> (Self, Sorted) {
        let words: Vec<u64> = tokens.iter().map(|token| token.word).collect();
        let (shingles, sorted) = Shingles::of(&words);
        let wording = Self {
            shingles,
            slots: Slots::of((text, all), tokens, title),
            words: tokens.len().saturating_mul(times),
            cohesion: Cohesion::of(tokens),
        };
        (wording, sorted)
    }

    /// Whether it is long enough to be called a copy or an original.
    pub fn is_enough(&self, policy: &CopyPolicy) -> bool {
        self.shingles.len() >= policy.shingles_min
    }

    /// Compares a text, given with its shingles as they are looked for, with one that came before or after it.
    pub fn compare(&self, sorted: &Sorted, came: Came, other: &Self, policy: &CopyPolicy) -> Comparison {
        let mut overlap = sorted.overlap(came, &other.shingles);
        let (earlier, later) = if came == Came::Before { (self, other) } else { (other, self) };
        let is_cut = earlier.shingles.len() > later.shingles.len();
        let (short, long) = if is_cut { (later, earlier) } else { (earlier, later) };
        if !short.shingles.is_full() {
            // All of the shorter one was compared, so what it shares is measured against all of the longer one.
            overlap.long = overlap.long.max(long.words);
        }
        let filled = earlier.slots.filled(&later.slots);
        let is_enough = earlier.is_enough(policy) && later.is_enough(policy);
        let likeness = if !is_enough || overlap.of_short() < policy.contained {
            Likeness::Little
        } else if filled.is_otherwise() {
            Likeness::Template
        } else if overlap.of_long() >= policy.of_long {
            Likeness::Copy
        } else {
            // Clients cut texts to their first paragraphs. What stands elsewhere in a longer text was put there with
            // others, and so was a small first part that the rest has nothing to do with.
            let is_cut = is_cut && overlap.of_opening() >= policy.opening;
            let is_whole = || long.cohesion.at(overlap.of_long()) >= policy.cohesion;
            if is_cut && (overlap.of_long() >= policy.of_cut || is_whole()) { Likeness::Copy } else { Likeness::Within }
        };
        Comparison { likeness, overlap, filled }
    }
}
