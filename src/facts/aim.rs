//! What a result is of, as a title tells it, and whether that is what was waited for: a vote on an amendment is none on the bill, and an
//! advertising bill is no budget.

use std::collections::BTreeSet;

use super::matter::Matter;
use super::outcome;
use super::part::{self, BEHIND_OBJECT, CONJUNCTIONS, PREPOSITIONS, is_parted};
use super::scan::{Sentence, Word};
use super::verb::Outcome;

/// Kinds of what is decided that go by several names: who waits for a bill hears of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Law,
    Deal,
    /// Of a law, a resolution or a deal.
    Draft,
    Resolution,
    Plan,
    /// Of another text: an amendment, the rule by which it is debated.
    Part,
    Petition,
    Ruling,
    Meeting,
}

/// Their names, folded: whole words, then beginnings.
const KINDS: [(Kind, &[&str], &[&str]); 9] = [
    (
        Kind::Law,
        &[
            "bill", "bills", "law", "laws", "act", "measure", "measures", "loi", "lois", "projet", "ley", "leyes",
            "proyecto",
        ],
        &["legislati", "gesetz", "закон"],
    ),
    (
        Kind::Deal,
        &["deal", "deals", "pact", "pacts", "truce", "traite", "угода", "угоду"],
        &[
            "accord",
            "agreement",
            "treat",
            "ceasefire",
            "acuerdo",
            "convenio",
            "abkommen",
            "vertrag",
            "соглашени",
            "договор",
            "перемири",
        ],
    ),
    (Kind::Draft, &["text", "текст", "entwurf"], &["draft", "проект", "проєкт", "документ"]),
    (Kind::Resolution, &[], &["resolu", "declarat", "резолюц", "декларац"]),
    (Kind::Plan, &["plan", "plans"], &["proposal", "vorschlag", "propuesta", "план", "предложени", "пропозиц"]),
    (Kind::Part, &["rule", "rules", "antrag"], &["amendment", "amendement", "enmienda", "поправк"]),
    (Kind::Petition, &[], &["жалоб", "апелляц", "скарг"]),
    (Kind::Ruling, &[], &["приговор"]),
    (
        Kind::Meeting,
        &["talks", "meet", "meets", "meeting", "summit", "session", "treffen", "gipfel", "sommet", "cumbre", "reunion"],
        &["negoti", "negoci", "verhand", "саммит", "встреч", "переговор", "заседани", "саміт", "зустріч"],
    ),
];
/// Ends of German words that are put together.
const ENDS: [(Kind, &str); 5] = [
    (Kind::Law, "gesetz"),
    (Kind::Deal, "vertrag"),
    (Kind::Deal, "abkommen"),
    (Kind::Part, "antrag"),
    (Kind::Draft, "entwurf"),
];

impl Kind {
    /// The kind that a word names.
    pub(super) fn of(word: &str) -> Option<Self> {
        let is_named = |(_, whole, begins): &&(Self, &[&str], &[&str])| {
            whole.contains(&word) || begins.iter().any(|begins| word.starts_with(begins))
        };
        let ends = || ENDS.iter().find(|(_, end)| word.ends_with(end)).map(|(kind, _)| *kind);
        let by_matter = || match Matter::of(word)? {
            Matter::Petition => Some(Self::Petition),
            Matter::Ruling => Some(Self::Ruling),
            Matter::Text | Matter::Occasion => None,
        };
        KINDS.iter().find(is_named).map(|(kind, ..)| *kind).or_else(ends).or_else(by_matter)
    }
}

impl Kind {
    /// Whether a title that names this kind may mean the other: a draft is one of a law, a resolution or a deal.
    fn may_be(self, other: Self) -> bool {
        let is_drafted = |kind: Self| matches!(kind, Self::Law | Self::Resolution | Self::Deal);
        self == other || (self == Self::Draft && is_drafted(other)) || (other == Self::Draft && is_drafted(self))
    }
}

/// What was decided, by a word known for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Aim {
    kind: Option<Kind>,
    stem: u64,
    is_occasion: bool,
    /// Stems of the words beside it that say which one, and of those behind it.
    own: Vec<u64>,
    more: Vec<u64>,
}

/// What a title waits for, or tells the end of.
#[derive(Debug, Clone, Default)]
pub(super) struct Waited {
    pub(super) words: BTreeSet<u64>,
    kinds: BTreeSet<Kind>,
    /// Whether a word for a text that is decided about stands there.
    has_text: bool,
}

impl Waited {
    /// Takes in a sentence of the title.
    pub(super) fn take(&mut self, sentence: &Sentence<'_>) {
        self.words.extend(sentence.words.iter().filter_map(Word::says));
        for word in &sentence.words {
            let kind = Kind::of(&word.folded);
            self.kinds.extend(kind);
            self.has_text |= kind.is_some_and(|kind| kind != Kind::Meeting)
                || Matter::of(&word.folded).is_some_and(|matter| matter == Matter::Text);
        }
    }
}

impl Aim {
    /// What a verb decided, where a word known for that stands there.
    pub(super) fn of(sentence: &Sentence<'_>, verb: usize, outcome: Outcome) -> Option<Self> {
        let at = outcome::matter(sentence, verb, outcome)?;
        let word = sentence.word(at)?;
        let is_put_together = ENDS.iter().any(|(_, end)| word.folded.len() > end.len() && word.folded.ends_with(end));
        let stems = |words: &[usize]| -> Vec<u64> {
            let own = words.iter().filter(|one| **one != at || is_put_together);
            own.filter_map(|one| sentence.word(*one)).filter_map(Word::says).collect()
        };
        let kind = Kind::of(&word.folded);
        let (own, more) = if at < verb {
            let before = (0..verb).rev().take_while(|at| !is_parted(sentence, at + 1));
            (stems(&before.collect::<Vec<_>>()), Vec::new())
        } else {
            let (head, rest) = head(sentence, verb);
            (if head.contains(&at) { stems(&head) } else { Vec::new() }, stems(&rest))
        };
        let is_occasion = Matter::of(&word.folded) == Some(Matter::Occasion);
        Some(Self { kind, stem: word.stem, is_occasion, own, more })
    }

    /// Whether it is of a part of another text.
    pub(super) fn is_part(&self) -> bool {
        self.kind == Some(Kind::Part)
    }

    /// Whether it is what a title in its language waits for. Where the title names none of its kind, most words that say which one it is
    /// must stand there; where it names another text, it isn't.
    pub(super) fn is_of(&self, waited: &Waited) -> bool {
        let is_named = waited.words.contains(&self.stem) || self.is_kind_of(waited);
        let is_of_talks = self.kind == Some(Kind::Deal) && waited.kinds.contains(&Kind::Meeting);
        // A budget is that whatever stands behind it; what a law is of stands there.
        let is_enough = !self.own.is_empty() || (is_named && self.kind.is_none());
        let which = if is_enough { &self.own } else { &self.more };
        let shared = which.iter().filter(|stem| waited.words.contains(stem)).count();
        if is_named || is_of_talks {
            return which.is_empty() || shared > 0;
        }
        let is_another = waited.has_text && !self.is_occasion;
        !is_another && !self.is_part() && shared * 2 > which.len()
    }

    /// Whether a title waits for one of its kind.
    pub(super) fn is_kind_of(&self, waited: &Waited) -> bool {
        self.kind.is_some_and(|kind| waited.kinds.iter().any(|waited| waited.may_be(kind)))
    }
}

/// Of what stands behind a verb and is what it was done to, the words before the first preposition, and those behind it.
fn head(sentence: &Sentence<'_>, verb: usize) -> (Vec<usize>, Vec<usize>) {
    let ends = |at: usize| is_parted(sentence, at) || sentence.says(at, BEHIND_OBJECT);
    let object: Vec<usize> = (verb + 1..sentence.words.len()).take_while(|at| !ends(*at)).collect();
    let is_link = |at: usize| sentence.says(at, PREPOSITIONS) || sentence.says(at, CONJUNCTIONS);
    let first = object.iter().position(|at| is_link(*at)).unwrap_or(object.len());
    let (head, rest) = object.split_at(first);
    let is_manner = |at: usize| ["ly", "ment", "mente"].iter().any(|end| sentence.folded(at).ends_with(end));
    let is_adverb = |at: usize| is_manner(at) && Kind::of(sentence.folded(at)).is_none() && at + 1 < verb + head.len();
    let head: Vec<usize> = head.iter().copied().filter(|at| !is_adverb(*at)).collect();
    let mut own = Vec::new();
    let mut next = rest.first().copied().unwrap_or(usize::MAX);
    while rest.contains(&next) {
        // How and when it was done says nothing of what.
        let manner = is_link(next).then(|| outcome::last_of_manner(sentence, next)).flatten();
        own.extend(manner.is_none().then_some(next));
        next = manner.unwrap_or(next) + 1;
    }
    (head, own)
}

/// Stems of what it is called that a verb was done to, where no word known for that stands there: of a rule for the debate on a bill the
/// rule. None of what is signed, as that is a paper about something.
pub(super) fn heads(sentence: &Sentence<'_>, verb: usize, outcome: Outcome) -> Vec<u64> {
    if matches!(outcome, Outcome::Signed | Outcome::InForce) {
        return Vec::new();
    }
    let stem = |at: &usize| sentence.word(*at).filter(|word| word.folded.chars().nth(1).is_some()).and_then(Word::says);
    let (behind, _) = head(sentence, verb);
    let behind: Vec<u64> = behind.iter().filter_map(stem).collect();
    if !behind.is_empty() && part::is_active(sentence, verb) {
        return behind;
    }
    let before = (0..verb)
        .rev()
        .take_while(|at| !is_parted(sentence, at + 1))
        .filter(|at| !sentence.folded(*at).ends_with("ly"));
    before.collect::<Vec<_>>().iter().find_map(stem).into_iter().collect()
}
