//! Verbs of headlines: what titles tell as news of what was awaited, in more words than texts are read for.

use super::scan::Sentence;
use super::stage::has_decider;
use super::verb::{Outcome, has_voted, said};

/// Words of titles that tell news of what was awaited: what stands in the present in papers, in fiction and forecasts elsewhere.
const OF_TITLES: [(Outcome, &[&str]); 9] = [
    (
        Outcome::Adopted,
        &[
            "clears",
            "cleared",
            "ratifies",
            "endorses",
            "adoptent",
            "approuvent",
            "ratifie",
            "votee",
            "aprueba",
            "aprueban",
            "aprobaron",
            "adopto",
            "ratifica",
            "beschliesst",
            "beschlossen",
            "billigt",
            "genehmigt",
            "ratifiziert",
        ],
    ),
    (
        Outcome::Rejected,
        &[
            "sinks",
            "sank",
            "rejette",
            "rejettent",
            "rechaza",
            "rechazan",
            "rechazaron",
            "hunde",
            "tumba",
            "verwirft",
            "verworfen",
        ],
    ),
    (
        Outcome::Postponed,
        &["scrubs", "scrubbed", "reportent", "aplaza", "aplazan", "pospone", "pospuesta", "aplazado", "verschiebt"],
    ),
    (Outcome::Withdrawn, &["retire", "retira"]),
    (
        Outcome::Cancelled,
        &[
            "repeals",
            "repealed",
            "averted",
            "annule",
            "annulent",
            "suspendue",
            "cancela",
            "cancelan",
            "cancelado",
            "desconvocada",
            "desconvocan",
            "suspendida",
            "deroga",
            "derogada",
            "abgewendet",
        ],
    ),
    (Outcome::Signed, &["signent", "firman", "firmaron", "unterzeichnen"]),
    (Outcome::Agreed, &["acuerdan", "vereinbart", "vereinbaren"]),
    (Outcome::Overturned, &["overrides", "overrode", "kippt", "kippen", "anula", "anulan"]),
    (Outcome::Extended, &["prolongent", "prorroga", "prorrogan"]),
];
/// English verbs as several do it: lawmakers approve.
const OF_SEVERAL: [(Outcome, &[&str]); 10] = [
    (Outcome::Adopted, &["adopt", "approve", "pass", "endorse", "ratify"]),
    (Outcome::Rejected, &["reject", "dismiss", "defeat"]),
    (Outcome::Vetoed, &["veto"]),
    (Outcome::Postponed, &["postpone", "delay", "defer", "shelve"]),
    (Outcome::Withdrawn, &["withdraw"]),
    (Outcome::Cancelled, &["cancel", "scrap", "repeal"]),
    (Outcome::Signed, &["sign"]),
    (Outcome::Agreed, &["agree"]),
    (Outcome::Extended, &["extend"]),
    (Outcome::Collapsed, &["collapse"]),
];
/// Those of two words.
const OF_TWO: [(Outcome, &str, &str); 3] =
    [(Outcome::Rejected, "vote", "down"), (Outcome::Overturned, "strike", "down"), (Outcome::Cancelled, "call", "off")];
/// Words that end like a plural and are none.
const NO_PLURAL: &[&str] =
    &["s", "is", "was", "has", "as", "us", "its", "his", "this", "does", "always", "perhaps", "lets", "helps", "makes"];
/// Those of them that are nouns, too: proposes delay. They are done by those who decide.
const NOUNS: &[&str] = &["delay", "veto", "repeal", "pass", "defeat", "sign", "collapse"];
const DECIDERS: &[&str] = &[
    "lawmakers",
    "mps",
    "meps",
    "msps",
    "senators",
    "voters",
    "leaders",
    "ministers",
    "members",
    "judges",
    "countries",
    "nations",
    "states",
    "deputies",
    "councillors",
    "shareholders",
    "workers",
    "lords",
    "republicans",
    "democrats",
    "governments",
    "talks",
    "negotiations",
    "negotiators",
    "parties",
    "sides",
    "legislators",
    "justices",
    "regulators",
    "allies",
    "powers",
    "rivals",
];
/// Verbs of languages that part them, with what stands at the end: lehnt das Gesetz ab.
const PARTED: [(Outcome, &[&str], &[&str]); 6] = [
    (Outcome::Rejected, &["lehnt", "lehnen", "lehnte", "lehnten"], &["ab"]),
    (Outcome::Rejected, &["weist", "weisen", "wies", "wiesen"], &["ab", "zuruck"]),
    (Outcome::Adopted, &["nimmt", "nehmen", "nahm", "nahmen"], &["an"]),
    (Outcome::Adopted, &["stimmt", "stimmen", "stimmte", "stimmten"], &["zu"]),
    (Outcome::Cancelled, &["sagt", "sagen", "sagte", "hebt", "heben", "hob"], &["ab", "auf"]),
    (Outcome::Withdrawn, &["zieht", "ziehen", "zog"], &["zuruck"]),
];
/// What is in force: takes effect, вступил в силу.
const IN_FORCE: [(&[&str], &[&str]); 6] = [
    (&["takes", "took", "take"], &["effect"]),
    (&["comes", "enters", "came", "entered", "goes", "went"], &["into", "force"]),
    (&["вступил", "вступила", "вступило", "вступили", "вступает"], &["в", "силу"]),
    (&["entre", "entra", "entrent", "entran", "entro"], &["en", "vigueur"]),
    (&["entra", "entran", "entro", "entraron"], &["en", "vigor"]),
    (&["tritt", "treten"], &["in", "kraft"]),
];
/// Words of an outcome that are said of so much else that what was decided must stand beside them by a word known for it.
const OF_MUCH: &[&str] = &[
    "passed",
    "passes",
    "pass",
    "fails",
    "failed",
    "lifts",
    "lifted",
    "reached",
    "blocked",
    "collapsed",
    "collapses",
    "collapse",
    "sinks",
    "sank",
    "delays",
    "hunde",
    "tumba",
    "retire",
    "retira",
    "kippt",
    "stimmt",
    "stimmen",
];
const OF_MUCH_BEGINNINGS: &[&str] =
    &["принял", "принят", "снял", "снят", "сорвал", "сорван", "провал", "отозва", "заключ"];

/// The outcome that a word of a title tells; titles tell news in more words than texts do.
pub(super) fn told(sentence: &Sentence<'_>, at: usize) -> Option<Outcome> {
    let folded = sentence.folded(at);
    let find = |all: &[(Outcome, &[&str])]| all.iter().find(|(_, words)| words.contains(&folded)).map(|(of, _)| *of);
    let of_several = || find(&OF_SEVERAL).filter(|_| is_of_several(sentence, at) || has_voted(sentence, at));
    let over_veto = || {
        let is_veto = (at + 1..=at + 2).any(|at| sentence.says(at, &["вето"]));
        (folded.starts_with("преодолел") && is_veto).then_some(Outcome::Overturned)
    };
    // Lawmakers vote it down, unions call it off.
    let of_two = || {
        let verb = at.checked_sub(1)?;
        let is_said = |(_, first, last): &&(Outcome, &str, &str)| folded == *last && sentence.says(verb, &[first]);
        let (outcome, ..) = OF_TWO.iter().find(is_said)?;
        is_of_several(sentence, verb).then_some(*outcome)
    };
    said(sentence, at)
        .or_else(|| find(&OF_TITLES))
        .or_else(of_two)
        .or_else(of_several)
        .or_else(|| parted(sentence, at))
        .or_else(|| in_force(sentence, at))
        .or_else(over_veto)
}

/// Whether what was decided must be named by a word known for it. What a body passes is decided about, whatever it is.
pub(super) fn is_of_much(sentence: &Sentence<'_>, at: usize) -> bool {
    let folded = sentence.folded(at);
    let is_passed = sentence.says(at, &["pass", "passes", "passed"]) && has_decider(sentence, at);
    !is_passed && (OF_MUCH.contains(&folded) || OF_MUCH_BEGINNINGS.iter().any(|begins| folded.starts_with(begins)))
}

/// Whether several stand before a verb: MPs reject, Israel and Hamas agree.
fn is_of_several(sentence: &Sentence<'_>, at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    let word = sentence.folded(before);
    let is_noun = sentence.says(at, NOUNS);
    let is_plural = if is_noun { DECIDERS.contains(&word) } else { word.ends_with('s') && !NO_PLURAL.contains(&word) };
    let are_two = !is_noun && before.checked_sub(1).is_some_and(|and| sentence.says(and, &["and"]));
    sentence.is_english && (is_plural || are_two) && sentence.gap(at).chars().all(char::is_whitespace)
}

/// `Lehnt das Gesetz ab`: the end of the part of the sentence says what the verb is.
fn parted(sentence: &Sentence<'_>, at: usize) -> Option<Outcome> {
    let (outcome, _, ends) = PARTED.iter().find(|(_, words, _)| sentence.says(at, words))?;
    let parts = |at: usize| at >= sentence.words.len() || sentence.gap(at).contains([',', ':', ';', '.', '–', '—']);
    let end = (at + 1..=sentence.words.len()).find(|at| parts(*at))?;
    sentence.says(end - 1, ends).then_some(*outcome)
}

fn in_force(sentence: &Sentence<'_>, at: usize) -> Option<Outcome> {
    let is_said = |(first, rest): &&(&[&str], &[&str])| {
        sentence.says(at, first) && rest.iter().zip(at + 1..).all(|(word, at)| sentence.folded(at) == *word)
    };
    IN_FORCE.iter().any(|one| is_said(&one)).then_some(Outcome::InForce)
}
