//! Which step on its way a text has taken: who decided, in which reading. What a committee did is not what the assembly did.

use std::ops::Range;

use super::matter::Matter;
use super::part::{self, is_parted};
use super::scan::Sentence;

/// Who decides. One that may be either of two is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Body {
    Committee,
    Cabinet,
    /// Of which house is not said.
    Parliament,
    Lower,
    Upper,
    Assembly,
    Council,
}

/// Their names' beginnings, folded.
const BODIES: [(Body, &[&str]); 7] = [
    (Body::Committee, &["committee", "panel", "comision", "комитет", "комітет", "комисси", "ausschuss"]),
    (Body::Cabinet, &["cabinet", "еврокомисси", "кабмин", "kabinett", "bundeskabinett", "кабмін"]),
    (Body::Parliament, &["parliament", "parlement", "parlament", "парламент", "knesset", "кнессет", "congres"]),
    (Body::Lower, &["commons", "representatives", "госдум", "bundestag", "deputes", "diputad"]),
    (Body::Upper, &["senat", "senad", "lords", "сенат", "совфед", "bundesrat"]),
    (Body::Assembly, &["ассамбле", "асамбле", "генассамбле", "генасамбле", "vollversammlung", "generalversammlung"]),
    (Body::Council, &["council", "совбез", "sicherheitsrat", "conseil", "consejo", "радбез"]),
];
/// Names that are the beginning of other words: house, рада.
const WHOLE: [(Body, &[&str]); 3] = [
    (Body::Committee, &["commission", "commissions"]),
    (Body::Lower, &["house", "duma", "дума", "думе", "думы", "mps", "рада", "рады", "раді"]),
    (Body::Council, &["совет", "совета", "совете", "советом"]),
];
/// Assemblies: a nation's own, or of all.
const ASSEMBLY: &[&str] = &["assembly", "assemblee", "asamblea"];

const READING: &[&str] = &["reading", "чтении", "чтениях", "читанні", "lecture", "lesung", "lectura"];
/// Ordinals of readings, folded.
const READINGS: [(u8, &[&str]); 3] = [
    (1, &["first", "1st", "i", "1", "первом", "першому", "premiere", "erster", "primera"]),
    (2, &["second", "2nd", "ii", "2", "втором", "другому", "deuxieme", "seconde", "zweiter", "segunda"]),
    (3, &["third", "3rd", "final", "iii", "3", "третьем", "третьому", "troisieme", "dritter", "tercera"]),
];

/// Others whose rejection is no mere opinion, by the beginnings of their names.
const DECIDERS: &[&str] = &[
    "court",
    "judge",
    "justice",
    "jury",
    "tribunal",
    "parliament",
    "parlement",
    "parlament",
    "lawmaker",
    "legislator",
    "voter",
    "member",
    "shareholder",
    "union",
    "worker",
    "board",
    "regulator",
    "congress",
    "knesset",
    "sejm",
    "referendum",
    "nurses",
    "doctors",
    "teachers",
    "депутат",
    "парламент",
    "конгресс",
    "рейхст",
    "gericht",
    "karlsruhe",
    "tribunaux",
    "electeur",
    "supremo",
    "constitucional",
    "votantes",
    "parlamento",
    "juez",
    "kammer",
    "wahler",
    "abgeordnet",
    "fda",
    "fcc",
    "ftc",
    "icc",
    "icj",
];

const DECIDERS_WHOLE: &[&str] =
    &["sec", "суд", "суда", "суде", "судья", "судьи", "cour", "corte", "meps", "msps", "courts"];

/// Whether a sentence names somebody who decides.
pub(super) fn has_decider(sentence: &Sentence<'_>, before: usize) -> bool {
    let begins = |at: usize| {
        sentence.says(at, DECIDERS_WHOLE) || DECIDERS.iter().any(|begin| sentence.folded(at).starts_with(begin))
    };
    (0..before).any(begins) || (0..before).any(|at| named(sentence, at).is_some())
}

/// A step on the way of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stage {
    body: Option<Body>,
    reading: Option<u8>,
}

impl Body {
    fn may_be(self, other: Self) -> bool {
        self == Self::Parliament && matches!(other, Self::Lower | Self::Upper | Self::Assembly)
    }
}

impl Stage {
    pub(super) fn of(sentence: &Sentence<'_>) -> Self {
        Self { body: body(sentence, 0..sentence.words.len()), reading: reading(sentence) }
    }

    /// The step of which a verb tells: who does it stands before it, and another to whom the text goes behind.
    pub(super) fn of_verb(sentence: &Sentence<'_>, at: usize) -> Self {
        let begin = (1..=at).rev().find(|at| is_parted(sentence, *at)).unwrap_or(0);
        // The text itself does it in "House bill passes Senate".
        let is_of_text = at.checked_sub(1).is_some_and(|before| Matter::of(sentence.folded(before)).is_some());
        let before = Some(begin..at).filter(|_| part::is_active(sentence, at) && !is_of_text);
        let whole = Self::of(sentence);
        Self { body: before.and_then(|before| body(sentence, before)).or(whole.body), ..whole }
    }

    /// Whether both name the same body.
    pub(super) fn is_by_same(self, other: Self) -> bool {
        self.body.is_some_and(|body| {
            other.body.is_some_and(|other| body == other || body.may_be(other) || other.may_be(body))
        })
    }

    /// Whether both are said, and are not the same.
    pub(super) fn is_another(self, other: Self) -> bool {
        let body =
            self.body.zip(other.body).is_some_and(|(one, two)| one != two && !one.may_be(two) && !two.may_be(one));
        body || self.reading.zip(other.reading).is_some_and(|(one, two)| one != two)
    }
}

/// The body that words of a sentence name: a committee, whoever's it is, or else the one of which it tells.
fn body(sentence: &Sentence<'_>, words: Range<usize>) -> Option<Body> {
    let mut bodies: Vec<Body> = words.filter_map(|at| named(sentence, at)).collect();
    bodies.sort_unstable();
    bodies.dedup();
    match bodies.as_slice() {
        [Body::Committee, ..] => Some(Body::Committee),
        // Совет Федерации is the upper house.
        [Body::Upper, Body::Council] => Some(Body::Upper),
        // The upper house of parliament.
        [Body::Parliament, one] | [one] => Some(*one),
        _ => None,
    }
}

/// The body that a word names.
fn named(sentence: &Sentence<'_>, at: usize) -> Option<Body> {
    let word = sentence.folded(at);
    let before = at.checked_sub(1).map_or("", |before| sentence.folded(before));
    match word {
        "house" if before == "upper" => return Some(Body::Upper),
        "house" if before == "white" => return None,
        // The European Commission is no committee of a house.
        "commission" if before == "european" || sentence.folded(at + 1).starts_with("europe") => {
            return Some(Body::Cabinet);
        }
        "assembly" if before == "national" => return Some(Body::Parliament),
        "федерации" if before.starts_with("совет") => return Some(Body::Upper),
        _ if ASSEMBLY.contains(&word) => {
            let is_general = word == "assembly" || sentence.folded(at + 1).starts_with("general");
            return Some(if is_general { Body::Assembly } else { Body::Lower });
        }
        _ => {}
    }
    let whole = WHOLE.iter().find(|(_, words)| words.contains(&word));
    let begun = || BODIES.iter().find(|(_, begins)| begins.iter().any(|begin| word.starts_with(begin)));
    whole.map(|(body, _)| *body).or_else(|| begun().map(|(body, _)| *body))
}

fn reading(sentence: &Sentence<'_>) -> Option<u8> {
    let at = (1..sentence.words.len()).find(|at| sentence.says(*at, READING))?;
    READINGS.iter().find(|(_, words)| sentence.says(at - 1, words)).map(|(nth, _)| *nth)
}
