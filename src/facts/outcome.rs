//! What became of something: adopted, rejected, vetoed, postponed, withdrawn, cancelled.

use std::collections::BTreeSet;

use crate::model::{Change, ChangeKind};

use super::scan::Sentence;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Adopted,
    Rejected,
    Vetoed,
    Postponed,
    Withdrawn,
    Cancelled,
}

impl Outcome {
    fn label(self) -> &'static str {
        match self {
            Self::Adopted => "adopted",
            Self::Rejected => "rejected",
            Self::Vetoed => "vetoed",
            Self::Postponed => "postponed",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Whole words, folded, of something done (English, French, Spanish, German): a plan to adopt is no outcome.
const WORDS: [(Outcome, &[&str]); 6] = [
    (
        Outcome::Adopted,
        &[
            "adopted",
            "adopts",
            "approved",
            "approves",
            "passed",
            "passes",
            "endorsed",
            "ratified",
            "adopte",
            "adoptee",
            "approuve",
            "approuvee",
            "aprobo",
            "aprobada",
            "aprobado",
            "adoptada",
            "angenommen",
            "verabschiedet",
            "gebilligt",
        ],
    ),
    (
        Outcome::Rejected,
        &[
            "rejected",
            "rejects",
            "dismissed",
            "dismisses",
            "defeated",
            "blocked",
            "blocks",
            "rejete",
            "rejetee",
            "rechazo",
            "rechazada",
            "rechazado",
            "abgelehnt",
        ],
    ),
    (Outcome::Vetoed, &["vetoed", "vetoes", "ветировал", "ветировала"]),
    (
        Outcome::Postponed,
        &[
            "postponed",
            "postpones",
            "delayed",
            "delays",
            "deferred",
            "adjourned",
            "reporte",
            "reportee",
            "aplazo",
            "aplazada",
            "verschoben",
            "vertagt",
        ],
    ),
    (Outcome::Withdrawn, &["withdrawn", "withdrew", "withdraws", "retiree", "retirada", "zuruckgezogen"]),
    (Outcome::Cancelled, &["cancelled", "canceled", "cancels", "annulee", "cancelada", "abgesagt"]),
];

/// Beginnings of Russian and Ukrainian words of something done.
const BEGINNINGS: [(Outcome, &[&str]); 10] = [
    (Outcome::Adopted, &["принял", "принят", "одобрил", "одобрен", "утвердил", "утвержден", "ратифицировал"]),
    (Outcome::Rejected, &["отклонил", "отклонен", "отверг", "заблокировал", "провалил"]),
    (Outcome::Postponed, &["отложил", "отложен", "перенесл", "перенесен"]),
    (Outcome::Withdrawn, &["отозвал", "отозван"]),
    (Outcome::Cancelled, &["отменил", "отменен"]),
    (
        Outcome::Adopted,
        &[
            "ухвалив",
            "ухвалил",
            "ухвалено",
            "ухвалена",
            "схвалив",
            "схвалил",
            "схвалено",
            "схвалена",
            "прийняв",
            "прийняла",
            "прийняли",
            "прийнято",
            "прийнята",
            "затвердив",
            "затвердил",
            "затверджено",
            "ратифікува",
        ],
    ),
    (
        Outcome::Rejected,
        &["відхилив", "відхилил", "відхилено", "відхилена", "заблокував", "заблокувал", "заблоковано", "провалив"],
    ),
    (Outcome::Postponed, &["відклав", "відклал", "відкладено", "відкладена"]),
    (Outcome::Withdrawn, &["відкликав", "відкликал", "відкликано", "відкликана"]),
    (Outcome::Cancelled, &["скасував", "скасувал", "скасовано", "скасована"]),
];

/// What stands before something that is not done, or not yet.
const PLANNED: [&str; 33] = [
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
    "может",
    "будет",
    "если",
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
];
const DENIED: [&str; 6] = ["not", "never", "t", "не", "nicht", "pas"];
/// What stands behind words that mean something else then: passed away, took part.
const OTHERWISE: [&str; 6] = ["away", "through", "участие", "участь", "меры", "присягу"];
/// Words that mean something else before `by`: the car that passed by. A text is adopted by votes.
const NOT_BY: [&str; 2] = ["passed", "passes"];
const VOTED: [&str; 6] = ["vote", "votes", "majority", "consensus", "acclamation", "lawmakers"];

/// Takes the outcomes of a sentence.
pub(super) fn take(sentence: &Sentence<'_>, into: &mut BTreeSet<Outcome>) {
    let says = |at: usize, words: &[&str]| sentence.words.get(at).is_some_and(|w| words.contains(&w.folded.as_str()));
    for (at, word) in sentence.words.iter().enumerate() {
        let folded = word.folded.as_str();
        let whole = WORDS.iter().find(|(_, words)| words.contains(&folded)).map(|(outcome, _)| *outcome);
        let begun = || {
            let begins = |(_, words): &&(Outcome, &[&str])| words.iter().any(|beginning| folded.starts_with(beginning));
            // To adopt (принять, ратифікувати) begins like adopted (принят), and is not done.
            if folded.ends_with("ть") || folded.ends_with("ти") {
                return None;
            }
            BEGINNINGS.iter().find(begins).map(|(outcome, _)| *outcome)
        };
        let before = at.saturating_sub(3)..at;
        let veto = || {
            let imposed = |at: usize| {
                sentence.words.get(at).is_some_and(|w| w.folded.starts_with("налож") || w.folded.starts_with("накла"))
            };
            (folded == "вето" && before.clone().any(imposed)).then_some(Outcome::Vetoed)
        };
        let Some(outcome) = whole.or_else(begun).or_else(veto) else { continue };
        let by_votes = || {
            let mut behind = sentence.words.iter().skip(at + 2).take(4);
            behind.any(|word| word.is_number || VOTED.contains(&word.folded.as_str()))
        };
        let goes_by = NOT_BY.contains(&folded) && says(at + 1, &["by"]) && !by_votes();
        if says(at + 1, &OTHERWISE) || goes_by || before.clone().any(|at| says(at, &PLANNED)) {
            continue;
        }
        let is_denied = before.clone().rev().take(2).any(|at| says(at, &DENIED));
        match (outcome, is_denied) {
            (outcome, false) => into.insert(outcome),
            (Outcome::Adopted, true) => into.insert(Outcome::Rejected),
            (_, true) => false,
        };
    }
}

/// Outcomes that no story before told.
pub(super) fn changes<'a>(before: impl Iterator<Item = &'a Outcome>, now: &BTreeSet<Outcome>) -> Vec<Change> {
    let before: BTreeSet<Outcome> = before.copied().collect();
    let was: Vec<&str> = before.iter().map(|outcome| outcome.label()).collect();
    let was = (!was.is_empty()).then(|| was.join(", "));
    let change =
        |outcome: &Outcome| Change { kind: ChangeKind::Outcome, now: outcome.label().to_owned(), before: was.clone() };
    now.difference(&before).map(change).collect()
}
