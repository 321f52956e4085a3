//! Votes: `163-0`, `163 in favour, 8 against and 12 abstentions`, `за 163, против 8, воздержались 12`.

use crate::model::{Change, ChangeKind};

use super::scan::{Sentence, Word};

/// More voters than any assembly has: above it stand years, prices and distances.
const VOTERS_MAX: u32 = 999;
/// Words between a count and what it counts.
const REACH: usize = 3;
/// Words about a bare result (`163-0`) within which a word on voting must stand.
const CONTEXT_WORDS: usize = 8;

/// Beginnings of words on voting, folded.
const VOTING: [&str; 16] = [
    "vote",
    "voti",
    "ballot",
    "adopt",
    "approv",
    "reject",
    "abst",
    "голос",
    "проголос",
    "принят",
    "принял",
    "отклон",
    "воздерж",
    "утрималис",
    "stimm",
    "abgestimmt",
];

/// The sides of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Favour,
    Against,
    Abstained,
}

impl Side {
    const ALL: [Self; 3] = [Self::Favour, Self::Against, Self::Abstained];

    fn shown(self, count: u32) -> String {
        match self {
            Self::Favour => format!("{count} in favour"),
            Self::Against => format!("{count} against"),
            Self::Abstained if count == 1 => "1 abstention".to_owned(),
            Self::Abstained => format!("{count} abstentions"),
        }
    }

    /// The side that a word names.
    fn of(word: &str) -> Option<Self> {
        match word {
            "favour" | "favor" | "за" | "dafur" | "jastimmen" => Some(Self::Favour),
            "against" | "против" | "проти" | "contre" | "contra" | "opposed" | "dagegen" | "neinstimmen"
            | "gegenstimmen" | "gegenstimme" => Some(Self::Against),
            // `Утримують` holds somebody, `enthält` something.
            word if ["abstain", "abstent", "воздерж", "abstenc", "enthaltung"].iter().any(|b| word.starts_with(b))
                || (word.starts_with("утрима") && word.ends_with("ся")) =>
            {
                Some(Self::Abstained)
            }
            _ => None,
        }
    }
}

/// The votes that a story tells; of several counts of one side the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Votes {
    favour: Option<u32>,
    against: Option<u32>,
    abstained: Option<u32>,
}

impl Votes {
    fn get(&self, side: Side) -> Option<u32> {
        match side {
            Side::Favour => self.favour,
            Side::Against => self.against,
            Side::Abstained => self.abstained,
        }
    }

    fn put(&mut self, side: Side, count: u32) {
        let place = match side {
            Side::Favour => &mut self.favour,
            Side::Against => &mut self.against,
            Side::Abstained => &mut self.abstained,
        };
        place.get_or_insert(count);
    }

    /// Takes the votes of a sentence.
    pub(super) fn take(&mut self, sentence: &Sentence<'_>, taken: &mut [bool]) {
        self.take_result(sentence, taken);
        self.take_sides(sentence, taken);
    }

    /// `163-0`, `163-8-12`, `163 to 8`, where the sentence speaks of voting.
    fn take_result(&mut self, sentence: &Sentence<'_>, taken: &mut [bool]) {
        let count = |at: usize, taken: &[bool]| {
            sentence.whole(at).filter(|count| *count <= VOTERS_MAX && taken.get(at) == Some(&false))
        };
        let is_joined =
            |at: usize| sentence.words.get(at).is_some_and(|w| matches!(w.gap, "-" | "–" | "—" | "−" | " – " | ":"));
        for at in 0..sentence.words.len() {
            let is_to = sentence.words.get(at + 1).is_some_and(|word| word.folded == "to");
            let second = if is_to { at + 2 } else { at + 1 };
            let (Some(favour), Some(against)) = (count(at, taken), count(second, taken)) else { continue };
            if !(is_to || is_joined(second)) || !speaks_of_voting(about(sentence, at)) {
                continue;
            }
            let third = count(second + 1, taken).filter(|_| is_joined(second + 1));
            self.put(Side::Favour, favour);
            self.put(Side::Against, against);
            if let Some(abstained) = third {
                self.put(Side::Abstained, abstained);
            }
            let after = second + 1 + usize::from(third.is_some());
            taken.iter_mut().take(after).skip(at).for_each(|taken| *taken = true);
        }
    }

    /// Counts that stand beside the word for their side, in the order that the sentence begins with: `163 in favour, 8
    /// against` or `за 163, против 8`.
    fn take_sides(&mut self, sentence: &Sentence<'_>, taken: &mut [bool]) {
        let side_at = |at: usize| sentence.words.get(at).and_then(|word| Side::of(&word.folded));
        let is_count = |at: usize, taken: &[bool]| {
            sentence.whole(at).is_some_and(|count| count <= VOTERS_MAX) && taken.get(at) == Some(&false)
        };
        let mut places = 0..sentence.words.len();
        let first = places.find(|at| side_at(*at).is_some() || is_count(*at, taken));
        let side_first = first.is_some_and(|at| side_at(at).is_some());
        for at in 0..sentence.words.len() {
            let Some(side) = side_at(at) else { continue };
            // Against whom, in favour of what: both are said of much else.
            if !speaks_of_voting(&sentence.words) {
                continue;
            }
            // Another side between the two has the count for itself.
            let nearest = |places: &mut dyn Iterator<Item = usize>| {
                places.take_while(|at| side_at(*at).is_none()).find(|at| is_count(*at, taken))
            };
            let before = nearest(&mut (at.saturating_sub(REACH)..at).rev());
            let behind = nearest(&mut (at + 1..=at + REACH));
            let found = if side_first { behind.or(before) } else { before };
            if let Some((place, count)) = found.and_then(|place| Some((place, sentence.whole(place)?))) {
                self.put(side, count);
                if let Some(taken) = taken.get_mut(place) {
                    *taken = true;
                }
            }
        }
    }
}

/// The words about a place.
fn about<'s, 'a>(sentence: &'s Sentence<'a>, at: usize) -> &'s [Word<'a>] {
    let after = sentence.words.len().min(at + CONTEXT_WORDS);
    sentence.words.get(at.saturating_sub(CONTEXT_WORDS)..after).unwrap_or_default()
}

fn speaks_of_voting(words: &[Word<'_>]) -> bool {
    words.iter().any(|word| VOTING.iter().any(|beginning| word.folded.starts_with(beginning)))
}

/// Counts that no story before told, of a vote that was told of or not.
pub(super) fn changes<'a>(before: impl Iterator<Item = &'a Votes>, now: &Votes) -> Vec<Change> {
    let before: Vec<&Votes> = before.collect();
    let change = |side: Side| {
        let count = now.get(side)?;
        let told: Vec<u32> = before.iter().filter_map(|votes| votes.get(side)).collect();
        if told.contains(&count) {
            return None;
        }
        let before = told.last().map(ToString::to_string);
        Some(Change { kind: ChangeKind::Vote, now: side.shown(count), before })
    };
    Side::ALL.into_iter().filter_map(change).collect()
}
