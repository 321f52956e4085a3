//! Whether one text was copied from another: how much they share, where it stands, and whether the facts are the same.

use super::cohesion::Cohesion;
use super::policy::CopyPolicy;
use super::shingle::{Overlap, Shingles};
use super::slot::{Filled, Slots};
use crate::text::Token;

/// The words of a text that copies are known by, furniture left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wording {
    /// Its three-word shingles.
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
    /// Takes the story's own words of a text; `times` says how many times as long the whole text is.
    pub fn of(text: &str, tokens: &[&Token], times: usize) -> Self {
        let words: Vec<u64> = tokens.iter().map(|token| token.word).collect();
        Self {
            shingles: Shingles::of(&words),
            slots: Slots::of(text, tokens),
            words: tokens.len().saturating_mul(times),
            cohesion: Cohesion::of(tokens),
        }
    }

    /// Whether it is long enough to be called a copy or an original.
    pub fn is_enough(&self, policy: &CopyPolicy) -> bool {
        self.shingles.len() >= policy.shingles_min
    }

    /// Compares an earlier text with a later one.
    pub fn compare(&self, later: &Self, policy: &CopyPolicy) -> Comparison {
        let mut overlap = self.shingles.overlap(&later.shingles);
        let (short, long) = if self.shingles.len() <= later.shingles.len() { (self, later) } else { (later, self) };
        if !short.shingles.is_full() {
            // All of the shorter one was compared, so what it shares is measured against all of the longer one.
            overlap.long = overlap.long.max(long.words);
        }
        let filled = self.slots.filled(&later.slots);
        let is_enough = self.is_enough(policy) && later.is_enough(policy);
        let likeness = if !is_enough || overlap.of_short() < policy.contained {
            Likeness::Little
        } else if filled.is_otherwise() {
            Likeness::Template
        } else if overlap.of_long() >= policy.of_long {
            Likeness::Copy
        } else {
            // Clients cut texts to their first paragraphs. What stands elsewhere in a longer text was put there with
            // others, and so was a small first part that the rest has nothing to do with.
            let is_cut = self.shingles.len() > later.shingles.len() && overlap.of_opening() >= policy.opening;
            let is_whole = || long.cohesion.at(overlap.of_long()) >= policy.cohesion;
            if is_cut && (overlap.of_long() >= policy.of_cut || is_whole()) { Likeness::Copy } else { Likeness::Within }
        };
        Comparison { likeness, overlap, filled }
    }
}
