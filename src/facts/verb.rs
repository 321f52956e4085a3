//! What verbs say became of something: adopted, rejected, signed, called off.

use super::matter::Matter;
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
    Signed,
    Agreed,
    Extended,
    Upheld,
    Overturned,
    Collapsed,
    InForce,
}

impl Outcome {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Adopted => "adopted",
            Self::Rejected => "rejected",
            Self::Vetoed => "vetoed",
            Self::Postponed => "postponed",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Signed => "signed",
            Self::Agreed => "agreed",
            Self::Extended => "extended",
            Self::Upheld => "upheld",
            Self::Overturned => "overturned",
            Self::Collapsed => "collapsed",
            Self::InForce => "in force",
        }
    }

    /// Whether who heard this knows what another outcome says of the same step: what is struck down isn't upheld, what is signed was agreed.
    /// A step that comes later is news: postponed, then cancelled; agreed, then signed.
    pub(super) fn tells(self, other: Self, is_of_strike: bool) -> bool {
        let known: &[Self] = match self {
            Self::Overturned => &[Self::Rejected, Self::Cancelled],
            Self::Vetoed => &[Self::Rejected],
            Self::Cancelled if is_of_strike => &[Self::Rejected, Self::Postponed, Self::Agreed],
            Self::Cancelled => &[Self::Rejected, Self::Postponed],
            Self::Signed | Self::Adopted => &[Self::Agreed],
            Self::Extended => &[Self::Agreed, Self::Adopted],
            Self::Rejected
            | Self::Postponed
            | Self::Withdrawn
            | Self::Agreed
            | Self::Upheld
            | Self::Collapsed
            | Self::InForce => &[],
        };
        known.contains(&other)
    }

    /// Whether it can become of this.
    pub(super) fn fits(self, matter: Matter) -> bool {
        match self {
            Self::Adopted | Self::Vetoed | Self::Signed | Self::Agreed | Self::Extended | Self::InForce => {
                matter == Matter::Text
            }
            Self::Rejected | Self::Withdrawn => matches!(matter, Matter::Text | Matter::Petition),
            Self::Postponed => matches!(matter, Matter::Text | Matter::Occasion),
            Self::Cancelled => matter != Matter::Petition,
            Self::Upheld | Self::Overturned => matches!(matter, Matter::Text | Matter::Ruling),
            Self::Collapsed => matches!(matter, Matter::Text | Matter::Occasion),
        }
    }
}

/// Whole words, folded, of something done (English, French, Spanish, German): a plan to adopt is no outcome.
const WORDS: [(Outcome, &[&str]); 12] = [
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
            "blocked",
            "blocks",
            "fails",
            "failed",
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
            "shelved",
            "shelves",
            "reporte",
            "reportee",
            "aplazo",
            "aplazada",
            "verschoben",
            "vertagt",
        ],
    ),
    (Outcome::Withdrawn, &["withdrawn", "withdrew", "withdraws", "retiree", "retirada", "zuruckgezogen"]),
    (
        Outcome::Cancelled,
        &[
            "cancelled",
            "canceled",
            "cancels",
            "scrapped",
            "scraps",
            "lifted",
            "lifts",
            "annulee",
            "cancelada",
            "abgesagt",
            "aufgehoben",
        ],
    ),
    (Outcome::Signed, &["signed", "signs", "signe", "signee", "firmado", "firmada", "firmo", "unterzeichnet"]),
    (Outcome::Agreed, &["agreed", "agrees", "reached"]),
    (Outcome::Extended, &["extended", "extends", "prolonge", "prolongee", "verlangert"]),
    (Outcome::Upheld, &["upheld", "upholds"]),
    (
        Outcome::Overturned,
        &["overturned", "overturns", "annulled", "annuls", "quashed", "quashes", "invalidated", "gekippt"],
    ),
    (Outcome::Collapsed, &["collapsed", "collapses", "gescheitert"]),
];

/// What is called off when a deal is agreed.
pub(super) const STRIKES: &[&str] =
    &["strike", "strikes", "walkout", "streik", "greve", "huelga", "забастовка", "забастовку", "забастовки", "страйк"];

/// English verbs of two words, by both.
const PHRASES: [(Outcome, &[&str], &str); 3] = [
    (Outcome::Cancelled, &["called", "calls"], "off"),
    (Outcome::Overturned, &["struck", "strikes"], "down"),
    (Outcome::Rejected, &["voted", "votes", "turned", "turns"], "down"),
];
/// What is not done by those who fail to: failed to adopt the resolution.
const FAILING: &[&str] = &["fails", "failed", "refuses", "refused", "declines", "declined"];
const TO_DO: &[&str] = &["adopt", "pass", "approve", "endorse", "ratify"];

/// What is lifted when it ends.
const LIFTED: &[&str] = &["ban", "bans", "sanctions", "embargo", "restrictions", "moratorium", "curbs", "blockade"];
const LIFTED_REACH: usize = 5;
/// Ends of Russian nouns that begin like words of something done: принятия, подписание.
const NOUN_ENDS: &[&str] = &["ие", "ия", "ию", "ием", "ии", "ий", "иям", "иями", "иях"];

/// Beginnings of Russian and Ukrainian words of something done.
const BEGINNINGS: [(Outcome, &[&str]); 16] = [
    (Outcome::Adopted, &["принял", "принят", "одобрил", "одобрен", "утвердил", "утвержден", "ратифицировал"]),
    (Outcome::Rejected, &["отклонил", "отклонен", "отверг", "заблокировал", "провалил"]),
    (Outcome::Postponed, &["отложил", "отложен", "перенесл", "перенесен"]),
    (Outcome::Withdrawn, &["отозвал", "отозван"]),
    (Outcome::Cancelled, &["отменил", "отменен", "снял", "снят"]),
    (Outcome::Signed, &["подписал", "подписан"]),
    (Outcome::Agreed, &["согласовал", "согласован", "заключил", "заключен"]),
    (Outcome::Extended, &["продлил", "продлен"]),
    (Outcome::Collapsed, &["сорвал", "сорван"]),
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
    (Outcome::Signed, &["підписав", "підписал", "підписано", "підписана"]),
    (Outcome::Extended, &["продовжив", "продовжил", "продовжено"]),
];

/// Who votes, where what stands behind `to` is what the vote decided.
const VOTED: &[&str] = &["votes", "voted", "vote", "decides", "decided"];

/// The outcome that a word says, of something.
pub(super) fn said(sentence: &Sentence<'_>, at: usize) -> Option<Outcome> {
    let folded = sentence.folded(at);
    // Signs of a deal; a firm lifts its forecast.
    let is_otherwise = (folded == "signs" && at == 0)
        || (folded == "lifts" && !(at + 1..=at + LIFTED_REACH).any(|at| sentence.says(at, LIFTED)));
    if is_otherwise {
        return None;
    }
    let whole = WORDS.iter().find(|(_, words)| words.contains(&folded)).map(|(outcome, _)| *outcome);
    let begun = || {
        let begins = |(_, words): &&(Outcome, &[&str])| words.iter().any(|beginning| folded.starts_with(beginning));
        // To adopt (принять, ратифікувати) begins like adopted (принят), and is not done.
        if NOUN_ENDS.iter().chain(&["ть", "ти"]).any(|end| folded.ends_with(end)) {
            return None;
        }
        BEGINNINGS.iter().find(begins).map(|(outcome, _)| *outcome)
    };
    let veto = || {
        let imposed = |at: usize| sentence.folded(at).starts_with("налож") || sentence.folded(at).starts_with("накла");
        (folded == "вето" && (at.saturating_sub(3)..at).any(imposed)).then_some(Outcome::Vetoed)
    };
    let in_force = || {
        let left = at.checked_sub(2).is_some_and(|left| sentence.folded(left).starts_with("остав"));
        (folded == "силе" && left && sentence.says(at - 1, &["в"])).then_some(Outcome::Upheld)
    };
    let phrase = || {
        let before = at.checked_sub(1)?;
        let is_said = |(_, first, last): &&(Outcome, &[&str], &str)| folded == *last && sentence.says(before, first);
        PHRASES.iter().find(is_said).map(|(outcome, ..)| *outcome)
    };
    let failed = || has_failed(sentence, at).then_some(Outcome::Rejected);
    // A plan fails to please.
    let is_to = sentence.says(at, FAILING) && sentence.says(at + 1, &["to"]);
    if is_to { None } else { whole.or_else(begun).or_else(veto).or_else(in_force).or_else(phrase).or_else(failed) }
}

/// Whether somebody fails to do what a verb says: failed to adopt.
pub(super) fn has_failed(sentence: &Sentence<'_>, at: usize) -> bool {
    let fails = at.checked_sub(2).is_some_and(|fails| sentence.says(fails, FAILING));
    fails && sentence.says(at - 1, &["to"]) && sentence.says(at, TO_DO)
}

/// Whether a verb is what somebody voted for: votes to delay.
pub(super) fn has_voted(sentence: &Sentence<'_>, at: usize) -> bool {
    let voted = at.checked_sub(2).filter(|_| sentence.says(at - 1, &["to"]) && sentence.is_english);
    voted.is_some_and(|voted| {
        let is_plan =
            voted.checked_sub(1).is_some_and(|to| sentence.says(to, &["to", "will", "may", "could", "a", "the"]));
        sentence.says(voted, VOTED) && !is_plan
    })
}
