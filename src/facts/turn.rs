//! Words that turn about what an outcome means: who rejects an attempt to block a bill is for it.

use std::collections::BTreeSet;

use super::matter::Matter;
use super::part::{self, BEHIND_OBJECT, is_parted};
use super::scan::{Sentence, Word};

/// Whole words, folded, of doing away with something.
const TURNS: &[&str] = &[
    "block",
    "blocking",
    "kill",
    "killing",
    "stop",
    "stopping",
    "halt",
    "halting",
    "lift",
    "lifting",
    "end",
    "ending",
    "repeal",
    "repealing",
    "challenge",
    "challenges",
    "wrecking",
    "veto",
    "rejet",
];
const TURNS_BEGINNINGS: &[&str] = &["отмен", "смягч"];
/// What stands before that of which something is the contrary.
const AGAINST: &[&str] = &["against", "gegen", "contre", "contra", "против", "проти"];

/// A word that turns about what an outcome means of what stands behind it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Turn {
    /// The word.
    word: u64,
    /// Stems of what is decided itself: the words between the verb and this word.
    decided: Vec<u64>,
    /// Stems of what it is about.
    about: Vec<u64>,
}

impl Turn {
    /// The first such word in the part of the sentence in which a verb tells what was done, to what stands behind it or before.
    pub(super) fn of(sentence: &Sentence<'_>, verb: usize) -> Option<Self> {
        let ends = |at: usize| is_parted(sentence, at) || sentence.says(at, BEHIND_OBJECT);
        let behind: Vec<usize> = (verb + 1..sentence.words.len()).take_while(|at| !ends(*at)).collect();
        let before = || (0..verb).rev().take_while(|at| !is_parted(sentence, at + 1));
        let is_done_to = !part::is_active(sentence, verb);
        let before: Vec<usize> = if is_done_to { before().collect() } else { Vec::new() };
        let find = |words: &[usize]| {
            let at = words.iter().position(|at| turns(sentence, *at))?;
            Some((at, words.to_vec()))
        };
        let (at, words) = find(&behind).or_else(|| find(&before.into_iter().rev().collect::<Vec<_>>()))?;
        let (decided, about) = words.split_at(at);
        let (word, about) = about.split_first()?;
        let stems = |words: &[usize]| -> Vec<u64> {
            words.iter().filter_map(|at| sentence.word(*at)).filter_map(Word::says).collect()
        };
        let mut about = stems(about);
        if sentence.says(*word, AGAINST) {
            about.truncate(1);
        }
        let is_own = |at: &&usize| Matter::of(sentence.folded(**at)).is_none();
        let decided: Vec<usize> = decided.iter().filter(is_own).copied().collect();
        Some(Self { word: sentence.word(*word)?.stem, decided: stems(&decided), about })
    }

    /// Whether what was waited for is what it is about, and not what was decided itself.
    pub(super) fn is_about(&self, words: &BTreeSet<u64>, turns: &BTreeSet<u64>) -> bool {
        let is_what_waited = self.about.is_empty() || self.about.iter().any(|stem| words.contains(stem));
        is_what_waited && !turns.contains(&self.word) && !self.decided.iter().any(|stem| words.contains(stem))
    }
}

/// Stems of the words of a sentence that turn something about.
pub(super) fn words<'s>(sentence: &'s Sentence<'_>) -> impl Iterator<Item = u64> + 's {
    sentence.words.iter().enumerate().filter(|(at, _)| turns(sentence, *at)).map(|(_, word)| word.stem)
}

fn turns(sentence: &Sentence<'_>, at: usize) -> bool {
    let begins = || TURNS_BEGINNINGS.iter().any(|begins| sentence.folded(at).starts_with(begins));
    sentence.says(at, AGAINST) || sentence.says(at, TURNS) || begins()
}
