//! What became of something: adopted, rejected, vetoed, postponed, withdrawn, cancelled.

use crate::model::{Change, ChangeKind};
use crate::text::is_apostrophe;

use super::matter::{Matter, makes_another};
use super::part::{BY_ITSELF, CONJUNCTIONS, IS, PREPOSITIONS, is_parted, may_be_done_to};
use super::scan::Sentence;
use super::verb::{Outcome, has_failed, has_voted, said};
use super::{Arrival, FACTS_MAX, Facts};

/// Words before and behind a verb among which stands what was decided.
const BEFORE_REACH: usize = 7;
const BEHIND_REACH: usize = 7;
/// Words before what was decided that may be its article and adjectives, with a preposition before them.
const ADJECTIVES_REACH: usize = 3;
/// Words that stand about two outcomes of the same thing, at least; one where there are hardly more.
const SHARED_MIN: usize = 2;
const FEW_WORDS: usize = 3;

/// An outcome with the words about it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decided {
    outcome: Outcome,
    /// Whether the title or the first sentence tells of it.
    is_lead: bool,
    /// Whether it is what was denied: not adopted.
    is_denied: bool,
    /// Whether a word for what is decided about stands there, or votes.
    is_named: bool,
    /// Stem of what was decided; none where votes alone tell that something was.
    matter: Option<u64>,
    /// Stems of the words about it, ascending.
    near: Vec<u64>,
}

impl Decided {
    pub(super) fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether it is what was denied: not adopted.
    pub(super) fn is_denied(&self) -> bool {
        self.is_denied
    }

    /// Whether a word for what is decided about stands there, or votes.
    pub(super) fn is_named(&self) -> bool {
        self.is_named
    }

    /// Stems of the words about it, ascending.
    pub(super) fn near(&self) -> &[u64] {
        &self.near
    }

    fn is_of_same(&self, other: &Self) -> bool {
        let shared = other.near.iter().filter(|stem| self.near.binary_search(stem).is_ok()).count();
        let least = shared_min(self.near.len().min(other.near.len()));
        shared >= least || self.matter.is_none() || other.matter.is_none()
    }
}

/// How many words must stand about both of two things for them to be of one, where about the less told of them stand so many.
pub(super) fn shared_min(words: usize) -> usize {
    if words <= FEW_WORDS { 1 } else { SHARED_MIN }
}

/// What stands before something that is not done, or not yet.
const PLANNED: &[&str] = &[
    "to",
    "will",
    "would",
    "could",
    "may",
    "might",
    "should",
    "must",
    "can",
    "if",
    "unless",
    "until",
    "whether",
    "once",
    "nearly",
    "almost",
    "может",
    "будет",
    "если",
    "чтобы",
    "бы",
    "почти",
    "щоб",
    "би",
    "должен",
    "должна",
    "должно",
    "должны",
    "могут",
    "будут",
    "планирует",
    "планируют",
    "може",
    "буде",
    "якщо",
    "повинен",
    "повинна",
    "повинні",
    "можуть",
    "будуть",
    "планує",
    "планують",
    "soll",
    "sollen",
    "wird",
    "werden",
    "konnte",
    "muss",
    "wollen",
    "va",
    "doit",
    "devrait",
    "pourrait",
    "sera",
    "debe",
    "podria",
];
const DENIED: &[&str] = &["not", "never", "t", "не", "nicht", "pas"];
/// What may stand between an English no and what was not decided, and words before the verb among which it does.
const OF_NONE: &[&str] =
    &["new", "such", "single", "further", "other", "major", "more", "final", "formal", "joint", "binding", "draft"];
const NONE_REACH: usize = 4;
/// What stands behind a word of what may be done: angenommen werden, приняли бы.
const IF_BEHIND: &[&str] = &["werden", "бы", "б", "би"];
/// What may stand between a Spanish or Portuguese no and its verb: no ha aprobado.
const BEHIND_NO: &[&str] = &["ha", "han", "se", "lo", "la", "los", "las", "fue", "foi", "es"];
/// With a denial: it may still be done.
const YET: &[&str] = &["yet", "noch", "encore", "еще", "пока", "ще", "поки", "todavia", "aun"];
/// With a denial in English: it was not done so far.
const NOT_SO_FAR: &[&str] = &["never", "has", "have", "hasn", "haven"];
/// Of what was done long before: the House had rejected another version.
const LONG_AGO: &[&str] = &["had", "hatte", "hatten", "avait", "avaient", "habia", "habian"];
/// What stands before `had` where it tells of what is new: the government said it had approved the plan.
const REPORTED: &[&str] = &["said", "says", "announced", "confirmed", "reported"];
/// What stands behind words that mean something else then: passed away, signs off, took part.
const OTHERWISE: &[&str] = &["away", "through", "off", "участие", "участь", "меры", "присягу"];
/// What may stand between such a word and the text: the bill has then passed the Senate.
const HELPING: &[&str] = &["has", "have", "then", "also"];
/// English words behind what is decided that are of it: the sanctions package, budget cuts.
const OF_MATTER: &[&str] =
    &["package", "extension", "cuts", "changes", "increase", "text", "resolution", "law", "bill"];

/// What somebody said, whatever of: it was a claim that was rejected.
const SAYINGS: &[&str] =
    &["claim", "claims", "allegation", "allegations", "accusation", "accusations", "report", "reports", "suggestion"];

/// What stands behind what is decided and says when it was to be.
const BEHIND_OCCASION: &[&str] = &["today", "tonight", "tomorrow", "yesterday", "set", "due"];
/// What stands behind `passed` where it tells which law is meant: a law passed last year.
const PASSED_BEFORE: &[&str] = &["last", "earlier", "years", "decades"];
/// What a phrase that tells how or when something was decided ends with: by consensus, в третьем чтении, en première lecture.
const MANNER: &[&str] = &[
    "reading",
    "consensus",
    "majority",
    "vote",
    "unanimity",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "lecture",
    "majorite",
    "unanimite",
    "lesung",
    "mehrheit",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "lectura",
    "consenso",
    "mayoria",
    "unanimidad",
    "чтении",
    "чтениях",
    "консенсусом",
    "большинством",
    "понедельник",
    "вторник",
    "среду",
    "четверг",
    "пятницу",
    "читанні",
    "цілому",
    "целом",
    "вівторок",
    "середу",
    "четвер",
    "пятницю",
];
/// Words of such a phrase behind its preposition, at most.
const MANNER_REACH: usize = 3;
const ARTICLES: &[&str] = &[
    "the", "a", "an", "its", "der", "die", "das", "dem", "den", "ein", "eine", "le", "la", "les", "un", "une", "el",
    "los", "las", "una",
];

/// Takes the outcomes of a sentence: the first of a text or not, and of a vote that was counted or not.
pub(super) fn take(sentence: &Sentence<'_>, is: (bool, bool), into: &mut Vec<Decided>) {
    let room = FACTS_MAX.saturating_sub(into.len());
    into.extend((0..sentence.words.len()).filter_map(|at| decided(sentence, at, is)).take(room));
}

/// The outcome that a word of a sentence tells.
pub(super) fn decided(sentence: &Sentence<'_>, at: usize, is: (bool, bool)) -> Option<Decided> {
    told(sentence, at, said(sentence, at)?, is).filter(|decided| decided.is_named)
}

/// The outcome that a verb tells, of something that is known to be decided about or of anything else.
pub(super) fn told(
    sentence: &Sentence<'_>,
    at: usize,
    said: Outcome,
    (is_lead, is_of_vote): (bool, bool),
) -> Option<Decided> {
    let before = at.saturating_sub(3)..at;
    let is_reported = |had: usize| (had.saturating_sub(3)..had).any(|at| sentence.says(at, REPORTED));
    let is_long_ago =
        before.clone().any(|at| sentence.says(at, LONG_AGO) && !is_reported(at)) || is_pluperfect(sentence, at);
    let is_planned = before.clone().any(|at| sentence.says(at, PLANNED)) || sentence.says(at + 1, IF_BEHIND);
    let is_done = has_failed(sentence, at) || has_voted(sentence, at);
    let is_of_claim = |at: usize| said == Outcome::Rejected && sentence.says(at, SAYINGS);
    let is_otherwise = sentence.says(at + 1, OTHERWISE)
        || (at + 1..=at + 2).any(is_of_claim)
        || is_counted(sentence, at)
        || is_promise(sentence, at);
    if is_otherwise || (is_planned && !is_done) || is_long_ago {
        return None;
    }
    let is_denied = before.clone().rev().take(2).any(|no| sentence.says(no, DENIED) || is_no(sentence, no, at))
        || (at.saturating_sub(NONE_REACH)..at).any(|no| is_none_of(sentence, no));
    let outcome = match (said, is_denied) {
        (said, false) => said,
        // What was never done, or hasn't been, may still be.
        (Outcome::Adopted, true) if (at.saturating_sub(3)..at).any(|at| sentence.says(at, NOT_SO_FAR)) => return None,
        (Outcome::Adopted, true) if !(at.saturating_sub(4)..=at + 4).any(|at| sentence.says(at, YET)) => {
            Outcome::Rejected
        }
        (_, true) => return None,
    };
    let matter = matter(sentence, at, said);
    let is_voted = is_of_vote && matches!(said, Outcome::Adopted | Outcome::Rejected);
    let is_named = matter.is_some() || (is_voted && sentence.folded(at) != "dismissed");
    let matter = matter.and_then(|at| sentence.word(at)).map(|word| word.stem);
    Some(Decided { outcome, is_lead, is_denied, is_named, matter, near: sentence.near(at, at + 1) })
}

/// Whether something passes a number that is no count of votes: a plan passes two million signatures.
fn is_counted(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_number = |at: usize| sentence.folded(at).starts_with(|c: char| c.is_ascii_digit());
    let is_of_votes = || is_number(at + 2) || sentence.says(at + 2, &["to", "in", "votes", "with", "for"]);
    let is_matter = |at: usize| is_matter(sentence, at, Outcome::Adopted);
    let is_of_text = || (at + 2..=at + BEHIND_REACH).take_while(|at| !is_parted(sentence, *at)).any(is_matter);
    sentence.says(at, &["pass", "passes", "passed"]) && is_number(at + 1) && !is_of_votes() && !is_of_text()
}

/// Whether somebody agrees to do something, which isn't done by that: agrees to pass, to hand over. A deal may be agreed to.
fn is_promise(sentence: &Sentence<'_>, at: usize) -> bool {
    let may_be_agreed = |at: usize| {
        let is_number = sentence.word(at).is_some_and(|word| word.is_number);
        is_number || sentence.says(at, ARTICLES) || is_matter(sentence, at, Outcome::Agreed)
    };
    sentence.says(at, &["agree", "agrees", "agreed"]) && sentence.says(at + 1, &["to"]) && !may_be_agreed(at + 2)
}

/// Whether `no` denies what the verb says: before a number it is the word for one (resolution no 12), in Portuguese *in the*.
fn is_no(sentence: &Sentence<'_>, no: usize, verb: usize) -> bool {
    let is_before_number =
        sentence.word(no + 1).is_some_and(|word| word.is_number) || sentence.in_words(no + 1).is_some();
    sentence.says(no, &["no"]) && !is_before_number && (no + 1 == verb || sentence.says(no + 1, BEHIND_NO))
}

/// Whether an English `no` says that nothing was decided: no resolution was adopted, no new bill passed. A motion of no confidence, a
/// bill with no amendments and a no-deal plan were.
fn is_none_of(sentence: &Sentence<'_>, no: usize) -> bool {
    let is_governed = no.checked_sub(1).is_some_and(|before| sentence.says(before, PREPOSITIONS));
    let is_matter = |at: usize| Matter::of(sentence.folded(at)).is_some();
    let is_of_none = |at: usize| is_matter(at) || (sentence.says(at, OF_NONE) && is_matter(at + 1));
    sentence.is_english
        && sentence.says(no, &["no", "neither"])
        && !is_governed
        && sentence.gap(no + 1).chars().all(char::is_whitespace)
        && is_of_none(no + 1)
}

/// `Der Antrag war im Mai abgelehnt worden`.
fn is_pluperfect(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_was = |at: usize| sentence.says(at, &["war", "waren"]);
    sentence.says(at + 1, &["worden"]) && (at.saturating_sub(BEFORE_REACH)..at).any(is_was)
}

/// Where the word stands for what was decided: behind the verb, or before it where something is done to it.
pub(super) fn matter(sentence: &Sentence<'_>, at: usize, outcome: Outcome) -> Option<usize> {
    let is_matter = |at: usize| is_matter(sentence, at, outcome);
    // On a veto (наложили вето на проект) stands what it is on.
    let is_on = |on: usize| {
        let is_agreed = outcome == Outcome::Agreed && on == at + 1 && sentence.says(on, &["on", "to"]);
        let first = (on + 1..=on + 2).find(|at| !sentence.says(*at, ARTICLES)).unwrap_or(on);
        (outcome == Outcome::Vetoed && sentence.says(on, &["на"])) || (is_agreed && is_matter(first))
    };
    let mut next = at + 1;
    while next <= at + BEHIND_REACH && !is_parted(sentence, next) {
        if is_matter(next) {
            return Some(next);
        }
        if sentence.says(next, SAYINGS) {
            break;
        }
        if !is_on(next) && (sentence.says(next, PREPOSITIONS) || sentence.says(next, CONJUNCTIONS)) {
            // Past how and when it was done: adopted by consensus, принял в третьем чтении.
            let Some(last) = last_of_manner(sentence, next) else { break };
            next = last;
        }
        next += 1;
    }
    let is_free = |matter: usize| is_matter(matter) && !is_governed(sentence, matter);
    if !may_be_done_to(sentence, at) {
        // The bill passed the Senate; the bill has narrowly passed it.
        let helps = |at: &usize| sentence.says(*at, HELPING) || sentence.folded(*at).ends_with("ly");
        let before = (0..at).rev().find(|at| !helps(at))?;
        let is_news = !sentence.says(at + 1, PASSED_BEFORE);
        let is_close = !(before + 1..=at).any(|at| is_parted(sentence, at));
        return (sentence.says(at, BY_ITSELF) && is_news && is_close && is_free(before)).then_some(before);
    }
    let mut before = (at.saturating_sub(BEFORE_REACH)..at).rev().take_while(|at| !is_parted(sentence, at + 1));
    before.find(|matter| is_free(*matter) && !is_of_another(sentence, *matter, at))
}

fn is_matter(sentence: &Sentence<'_>, at: usize, outcome: Outcome) -> bool {
    // Folded, German plans are English planes.
    let is_plane = || {
        let written = sentence.word(at).and_then(|word| sentence.text.get(word.start..word.end));
        sentence.says(at, &["plane"]) && written.is_some_and(|written| !written.contains('ä'))
    };
    // The bill's sponsor; not resolution S/2023/970.
    let is_owner = sentence.says(at + 1, &["s"]) && sentence.gap(at + 1).chars().all(is_apostrophe);
    Matter::of(sentence.folded(at)).is_some_and(|matter| outcome.fits(matter))
        && !is_plane()
        && !is_owner
        && (is_parted(sentence, at + 1) || !makes_another(sentence.folded(at + 1)))
}

/// Whether an English word before the verb says no more than of what kind another is: budget flights were cancelled.
fn is_of_another(sentence: &Sentence<'_>, matter: usize, verb: usize) -> bool {
    let Some(next) = sentence.word(matter + 1).filter(|_| sentence.is_english && matter + 1 < verb) else {
        return false;
    };
    let word = next.folded.as_str();
    // The bill Trump opposed; in titles with capitals throughout they say nothing.
    let is_capital = |at: usize| sentence.from(at).starts_with(char::is_uppercase);
    let is_name = is_capital(matter + 1) && !is_capital(matter);
    let says_more = next.is_stop
        || is_name
        || OF_MATTER.contains(&word)
        || next.is_number
        || word.len() <= 2
        || PREPOSITIONS.contains(&word)
        || CONJUNCTIONS.contains(&word)
        || IS.contains(&word)
        || MANNER.contains(&word)
        || BEHIND_OCCASION.contains(&word)
        || ["ed", "ing", "ly"].iter().any(|end| word.ends_with(end));
    !says_more
}

/// The last word of a phrase that begins with a preposition and tells how or when something was done.
pub(super) fn last_of_manner(sentence: &Sentence<'_>, at: usize) -> Option<usize> {
    let mut phrase = (at + 1..=at + MANNER_REACH).take_while(|at| !is_parted(sentence, *at));
    phrase.find(|at| sentence.says(*at, MANNER))
}

/// Whether a preposition stands before a word, or before its adjectives and article.
fn is_governed(sentence: &Sentence<'_>, at: usize) -> bool {
    let mut is_behind_article = false;
    for at in (at.saturating_sub(ADJECTIVES_REACH)..at).rev() {
        if is_parted(sentence, at + 1) {
            return false;
        }
        if sentence.says(at, PREPOSITIONS) {
            return true;
        }
        if is_behind_article {
            return false;
        }
        is_behind_article = sentence.says(at, ARTICLES);
    }
    false
}

/// Whether the words of two texts can't be the same.
fn are_of_other_languages(one: &Facts, other: &Facts) -> bool {
    one.lang.as_ref().zip(other.lang.as_ref()).is_some_and(|(one, other)| one != other)
}

/// Outcomes that no story before told, of what one was told of before or of nothing else.
pub(super) fn changes(before: &[Facts], now: &Facts, arrival: Arrival) -> Vec<Change> {
    let all = || before.iter().flat_map(|facts| facts.outcomes.iter().map(move |decided| (facts, decided)));
    let is_told = |outcome: Outcome| all().any(|(_, decided)| decided.outcome == outcome);
    let is_still_said = |outcome: Outcome| now.outcomes.iter().any(|decided| decided.outcome == outcome);
    let change = |decided: &Decided| {
        if is_told(decided.outcome) {
            return None;
        }
        let mut was: Vec<Outcome> = all()
            .filter(|(facts, old)| are_of_other_languages(facts, now) || old.is_of_same(decided))
            .map(|(_, old)| old.outcome)
            .filter(|outcome| !is_still_said(*outcome))
            .collect();
        was.sort_unstable();
        was.dedup();
        let is_first = all().next().is_none() && (arrival == Arrival::Another || decided.is_lead);
        let was = (!was.is_empty()).then(|| was.iter().map(|was| was.label()).collect::<Vec<_>>().join(", "));
        (was.is_some() || is_first).then_some((decided.outcome, was))
    };
    let mut found: Vec<(Outcome, Option<String>)> = now.outcomes.iter().filter_map(change).collect();
    found.sort_by_key(|(outcome, _)| *outcome);
    found.dedup_by_key(|(outcome, _)| *outcome);
    let shown = |(outcome, before): (Outcome, Option<String>)| Change {
        kind: ChangeKind::Outcome,
        now: outcome.label().to_owned(),
        before,
    };
    found.into_iter().map(shown).collect()
}
