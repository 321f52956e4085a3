//! Parts of a sentence: where one ends, who does what a verb says, and to what.

use super::scan::{Sentence, Word};
use super::verb::Outcome;

/// Words of what a verb was done to that are looked at.
const OBJECT_WORDS: usize = 6;
/// What stands behind that.
pub(super) const BEHIND_OBJECT: &[&str] = &[
    "as",
    "after",
    "before",
    "despite",
    "amid",
    "because",
    "due",
    "when",
    "while",
    "until",
    "apres",
    "malgre",
    "tras",
    "pese",
    "nach",
    "trotz",
    "wegen",
    "после",
    "несмотря",
    "из-за",
    "після",
];
/// Of what is passive in English.
pub(super) const IS: &[&str] = &["was", "were", "is", "are", "been", "be", "being", "gets", "got"];
/// English words of something that somebody does: in no other way is it done to something.
const ACTIVE: &[&str] = &[
    "adopts",
    "approves",
    "rejects",
    "dismisses",
    "blocks",
    "vetoes",
    "postpones",
    "delays",
    "withdrew",
    "withdraws",
    "cancels",
    "scraps",
    "shelves",
    "lifts",
    "signs",
    "agrees",
    "extends",
    "upholds",
    "overturns",
    "annuls",
    "quashes",
    "clears",
    "ratifies",
    "endorses",
    "sinks",
    "sank",
    "scrubs",
    "repeals",
    "overrides",
    "overrode",
    "adopt",
    "approve",
    "endorse",
    "ratify",
    "reject",
    "dismiss",
    "defeat",
    "veto",
    "postpone",
    "delay",
    "defer",
    "shelve",
    "withdraw",
    "cancel",
    "scrap",
    "repeal",
    "sign",
    "agree",
    "extend",
];
/// English words of something that a text does by itself, too.
pub(super) const BY_ITSELF: &[&str] = &[
    "passed",
    "passes",
    "pass",
    "fails",
    "failed",
    "collapsed",
    "collapses",
    "collapse",
    "clears",
    "cleared",
    "takes",
    "took",
    "take",
    "comes",
    "came",
    "enters",
    "entered",
    "goes",
    "went",
];
/// What is in no way what was decided: on the law, after the vote.
pub(super) const PREPOSITIONS: &[&str] = &[
    "of",
    "on",
    "in",
    "at",
    "by",
    "for",
    "with",
    "from",
    "over",
    "to",
    "under",
    "after",
    "before",
    "against",
    "about",
    "amid",
    "despite",
    "during",
    "into",
    "through",
    "than",
    "as",
    "since",
    "without",
    "de",
    "du",
    "des",
    "d",
    "sur",
    "contre",
    "pour",
    "dans",
    "en",
    "par",
    "au",
    "aux",
    "avec",
    "sans",
    "sous",
    "apres",
    "avant",
    "del",
    "sobre",
    "contra",
    "por",
    "para",
    "con",
    "al",
    "tras",
    "segun",
    "von",
    "vom",
    "zu",
    "zum",
    "zur",
    "mit",
    "nach",
    "bei",
    "beim",
    "im",
    "am",
    "an",
    "auf",
    "aus",
    "uber",
    "fur",
    "gegen",
    "durch",
    "um",
    "vor",
    "wegen",
    "unter",
    "в",
    "во",
    "на",
    "по",
    "о",
    "об",
    "от",
    "из",
    "за",
    "к",
    "с",
    "для",
    "до",
    "при",
    "после",
    "перед",
    "против",
    "без",
    "через",
    "у",
    "з",
    "із",
    "про",
    "від",
    "під",
    "після",
    "проти",
    "щодо",
    "над",
    "под",
];
/// What begins another part of the sentence.
pub(super) const CONJUNCTIONS: &[&str] = &[
    "and",
    "but",
    "that",
    "who",
    "which",
    "when",
    "while",
    "because",
    "if",
    "und",
    "aber",
    "dass",
    "weil",
    "que",
    "qui",
    "et",
    "mais",
    "y",
    "pero",
    "и",
    "но",
    "а",
    "что",
    "когда",
    "потому",
    "і",
    "та",
    "але",
    "що",
    "коли",
];

/// Whether a verb may tell what was done to something before it.
pub(super) fn may_be_done_to(sentence: &Sentence<'_>, at: usize) -> bool {
    let folded = sentence.folded(at);
    if ACTIVE.contains(&folded) {
        return false;
    }
    let is_english = BY_ITSELF.contains(&folded) || folded.ends_with("ed") || ["withdrawn", "upheld"].contains(&folded);
    let is_passive = (at.saturating_sub(3)..at).any(|at| sentence.says(at, IS));
    let next = sentence.folded(at + 1);
    let stands_alone = next.is_empty()
        || is_parted(sentence, at + 1)
        || PREPOSITIONS.contains(&next)
        || CONJUNCTIONS.contains(&next)
        || next.ends_with("ly")
        || sentence.word(at + 1).is_some_and(|word| word.is_number);
    !is_english || is_passive || stands_alone
}

/// Stems of what a verb was done to, whatever that is: what stands behind it, or before it in the passive.
pub(super) fn object(sentence: &Sentence<'_>, at: usize, outcome: Outcome) -> Vec<u64> {
    let ends = |at: usize| is_parted(sentence, at) || sentence.says(at, BEHIND_OBJECT);
    let words = |range: Vec<usize>| -> Vec<u64> {
        let words = range.into_iter().filter_map(|at| sentence.word(at));
        // A letter says nothing: hepatitis B.
        let words = words.filter(|word| word.folded.chars().nth(1).is_some());
        words.filter_map(Word::says).take(OBJECT_WORDS).collect()
    };
    let behind = words((at + 1..sentence.words.len()).take_while(|at| !ends(*at)).collect());
    let is_active = sentence.says(at, ACTIVE);
    let stands_alone = behind.is_empty() || sentence.says(at + 1, PREPOSITIONS);
    if outcome == Outcome::InForce || (stands_alone && !is_active) {
        words((0..at).rev().take_while(|at| !is_parted(sentence, at + 1)).collect())
    } else {
        behind
    }
}

/// Stems of who does what a verb says: the words before it in its part of the sentence.
pub(super) fn subject(sentence: &Sentence<'_>, at: usize) -> Vec<u64> {
    let before = (0..at).rev().take_while(|at| !is_parted(sentence, at + 1));
    before.filter_map(|at| sentence.word(at)).filter_map(Word::says).take(OBJECT_WORDS).collect()
}

/// Whether it is said that somebody does it, and not that it is done to something.
pub(super) fn is_active(sentence: &Sentence<'_>, at: usize) -> bool {
    let next = at + 1;
    let ends = next >= sentence.words.len() || is_parted(sentence, next) || sentence.says(next, PREPOSITIONS);
    !(ends || (at.saturating_sub(3)..at).any(|at| sentence.says(at, IS)))
}

/// Whether what stands before a word parts what it and the word before belong to; within a number (1.2 trillion) nothing does.
pub(super) fn is_parted(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_number = |at: usize| sentence.word(at).is_some_and(|word| word.is_number);
    let gap = sentence.gap(at);
    let is_within = matches!(gap, "." | ",") && is_number(at) && at.checked_sub(1).is_some_and(is_number);
    !is_within && gap.contains([',', ':', '(', ')', '.', '!', '?', ';', '—'])
}
