//! What came of what an event is about, as a title tells it: the first outcome or vote, which whoever heard of the event wants to hear.
//!
//! A title alone is read, or the first sentence where it is hardly one: what the text says besides may be of something else, or long
//! known. A question, a quotation, and what is said to be of an earlier time tell nothing.

use std::collections::BTreeSet;

use crate::model::{Change, ChangeKind};

use super::matter::Matter;
use super::outcome;
use super::scan::{Sentence, Sentences, Word};
use super::verb::Outcome;
use super::vote::Votes;

/// A title of fewer words is hardly a sentence.
const TITLE_WORDS: usize = 4;
/// Words about a result that stand in what was told of the event, at least; one where there are hardly more.
const SHARED_MIN: usize = 2;
const FEW_WORDS: usize = 3;

/// What tells that something was before: years ago, last month, anniversary of. Folded.
const BEFORE: &[&str] = &[
    "ago",
    "anniversary",
    "earlier",
    "previously",
    "formerly",
    "спустя",
    "назад",
    "ранее",
    "раніше",
    "годовщина",
    "годовщину",
    "jahrestag",
    "anniversaire",
    "aniversario",
];
/// What stands before a time that is over: last year, в прошлом году.
const LAST: &[&str] = &[
    "last",
    "previous",
    "прошлом",
    "прошлой",
    "прошлый",
    "минулого",
    "letzten",
    "letztes",
    "letzte",
    "vergangenen",
    "pasado",
    "pasada",
    "dernier",
    "derniere",
];
const TIMES: &[&str] = &[
    "year",
    "month",
    "week",
    "decade",
    "century",
    "session",
    "году",
    "месяце",
    "неделе",
    "года",
    "року",
    "місяця",
    "тижня",
    "jahr",
    "monat",
    "woche",
    "ano",
    "mes",
    "semana",
    "an",
    "mois",
    "semaine",
];
/// What stands before a year: adopted in 2023.
const IN: &[&str] = &["in", "since", "from", "of", "в", "с", "у", "en", "im", "seit", "depuis", "desde"];
/// Words of titles of what is to come.
const AHEAD: &[&str] = &[
    "to",
    "will",
    "may",
    "might",
    "could",
    "should",
    "would",
    "set",
    "due",
    "ahead",
    "expected",
    "plans",
    "votes",
    "voting",
    "weighs",
    "considers",
    "debates",
    "faces",
    "рассмотрит",
    "рассматривает",
    "рассмотрят",
    "проголосует",
    "проголосуют",
    "голосует",
    "голосуют",
    "голосование",
    "примет",
    "примут",
    "обсудит",
    "обсудят",
    "обсуждает",
    "планирует",
    "может",
    "могут",
    "будет",
    "будут",
    "готовится",
    "ожидается",
    "намерен",
    "намерена",
    "внесен",
    "внесли",
    "розгляне",
    "проголосуе",
    "може",
    "буде",
    "soll",
    "sollen",
    "wird",
    "stimmt",
    "entscheidet",
    "vote",
    "votera",
    "doit",
    "votara",
    "debate",
];
/// What begins a part of a sentence that tells what was before its first part: to vote on this after that was rejected.
const BEHIND: &[&str] = &[
    "after",
    "following",
    "despite",
    "since",
    "though",
    "although",
    "as",
    "после",
    "хотя",
    "nachdem",
    "apres",
    "tras",
];
/// What begins a sentence of what may come.
const CONDITION: &[&str] = &["if", "once", "when", "unless", "whether", "until", "если", "якщо", "wenn", "si"];
/// What stands before a participle that says which text is meant: the newly adopted law.
const WHICH: &[&str] = &["the", "a", "an", "its", "newly", "recently", "s"];
const WHICH_REACH: usize = 3;
/// Ends of Russian and Ukrainian participles that say so: принятый закон.
const WHICH_ENDS: &[&str] = &[
    "ый", "ий", "ого", "его", "ому", "ему", "ым", "им", "ом", "ая", "ой", "ую", "ые", "ие", "ых", "их", "ыми", "ими",
    "ое", "ее", "ії", "ою",
];

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Outcome(Outcome),
    Vote,
}

/// A result that a title tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    what: What,
    shown: String,
    /// Stems of the words about it.
    about: Vec<u64>,
    lang: Option<String>,
}

/// How much of a story is held to have been heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// All that is shown of it, as of the story that told the event.
    Whole,
    /// The results that its title tells.
    Title,
}

/// What was heard of an event by one story.
#[derive(Debug, Clone, Default)]
pub struct Known {
    stated: BTreeSet<What>,
    words: BTreeSet<u64>,
    lang: Option<String>,
}

/// The results that a story's title tells, each once; `lang` is a BCP 47 primary subtag. Most tell none.
pub fn results(title: &str, text: &str, lang: Option<&str>) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    in_lead(title, text, lang, |sentence| {
        let told = |(what, shown, about)| Told { what, shown, about, lang: lang.map(ToOwned::to_owned) };
        found.extend(of_title(sentence).into_iter().map(told));
    });
    found.sort_by_key(|told| told.what);
    found.dedup_by_key(|told| told.what);
    found
}

impl Told {
    /// Whether it was heard before. Who heard how the votes stood knows whether it was adopted, and who knows that needs no count.
    pub fn is_in(&self, known: &Known) -> bool {
        const DECIDED: [What; 2] = [What::Outcome(Outcome::Adopted), What::Outcome(Outcome::Rejected)];
        let has = |what: &What| known.stated.contains(what);
        match self.what {
            What::Vote => has(&What::Vote) || DECIDED.iter().any(has) || has(&What::Outcome(Outcome::Vetoed)),
            what @ What::Outcome(_) => has(&what) || (DECIDED.contains(&what) && has(&What::Vote)),
        }
    }

    /// Whether it is of what an event is about: where something was heard of that in its language, words of it stand about it.
    pub fn is_of(&self, known: &[&Known]) -> bool {
        let mut told = known.iter().filter(|known| known.lang == self.lang).peekable();
        let least = if self.about.len() <= FEW_WORDS { 1 } else { SHARED_MIN };
        let shares = |known: &&Known| self.about.iter().filter(|stem| known.words.contains(stem)).count() >= least;
        told.peek().is_none() || told.any(shares)
    }

    /// As a change of what was told.
    pub fn change(&self) -> Change {
        let kind = match self.what {
            What::Outcome(_) => ChangeKind::Outcome,
            What::Vote => ChangeKind::Vote,
        };
        Change { kind, now: self.shown.clone(), before: None }
    }
}

impl Known {
    /// Reads what was heard by a story.
    pub fn of(title: &str, text: &str, lang: Option<&str>, heard: Heard) -> Self {
        let mut known = Self { lang: lang.map(ToOwned::to_owned), ..Self::default() };
        let mut looks_ahead = false;
        in_lead(title, text, lang, |sentence| {
            looks_ahead = looks_ahead || (0..sentence.words.len()).any(|at| sentence.says(at, AHEAD));
            known.stated.extend(of_title(sentence).into_iter().map(|(what, ..)| what));
            known.words.extend(stems(sentence));
        });
        if heard == Heard::Title {
            return known;
        }
        for sentence in &Sentences::of(text, lang) {
            known.words.extend(stems(sentence));
            // Where a decision is still to come, what was decided is what came before.
            let is_of_a_year = || (0..sentence.words.len()).any(|at| is_in_a_year(sentence, at));
            if !looks_ahead && !is_of_before(sentence) && !is_of_a_year() {
                known.stated.extend(stated(sentence, |_| true).into_iter().map(|(what, ..)| what));
            }
        }
        known
    }
}

/// The sentences of a title; of one that is hardly a sentence, the first of the text too.
fn in_lead(title: &str, text: &str, lang: Option<&str>, mut take: impl FnMut(&Sentence<'_>)) {
    let of_title = Sentences::of(title, lang);
    let words: usize = of_title.into_iter().map(|sentence| sentence.words.len()).sum();
    of_title.into_iter().for_each(&mut take);
    if words < TITLE_WORDS {
        Sentences::of(text, lang).into_iter().take(1).for_each(take);
    }
}

/// A result, how it is shown, and the stems of the words about it.
type Found = (What, String, Vec<u64>);

/// The results that a sentence of a title tells as news.
fn of_title(sentence: &Sentence<'_>) -> Vec<Found> {
    if asks(sentence) || is_of_before(sentence) {
        return Vec::new();
    }
    let is_news = |at: usize| {
        !is_quoted(sentence, at)
            && !says_which(sentence, at)
            && !was_in_a_year(sentence, at)
            && !(0..at).any(|at| sentence.says(at, CONDITION))
            && !is_behind_what_comes(sentence, at)
    };
    stated(sentence, is_news)
}

/// The results that a sentence states, those outcomes alone whose verb is news.
fn stated(sentence: &Sentence<'_>, is_news: impl Fn(usize) -> bool) -> Vec<Found> {
    let mut taken = vec![false; sentence.words.len()];
    sentence.take_dates(&mut taken, &mut Vec::new());
    let mut votes = Votes::default();
    let is_of_vote = votes.take(sentence, &mut taken);
    let outcomes = (0..sentence.words.len()).filter(|at| is_news(*at)).filter_map(|at| {
        let decided = outcome::decided(sentence, at, (true, is_of_vote))?;
        let what = decided.outcome();
        Some((What::Outcome(what), what.label().to_owned(), decided.near().to_vec()))
    });
    let may_come = |at: &usize| sentence.says(*at, AHEAD) && !sentence.says(*at, &["to", "votes", "vote", "stimmt"]);
    let is_to_come = (0..sentence.words.len()).any(|at| may_come(&at));
    let shown = votes.shown().filter(|_| !is_to_come);
    outcomes.chain(shown.map(|shown| (What::Vote, shown, stems(sentence).collect()))).collect()
}

fn stems<'s>(sentence: &'s Sentence<'_>) -> impl Iterator<Item = u64> + 's {
    sentence.words.iter().filter_map(Word::says)
}

/// Whether a question mark ends it.
fn asks(sentence: &Sentence<'_>) -> bool {
    let behind = sentence.words.last().and_then(|last| sentence.text.get(last.end..)).unwrap_or_default();
    behind.chars().take_while(|c| !c.is_alphanumeric()).any(|c| matches!(c, '?' | '？' | '؟'))
}

/// Whether it tells of an earlier time: a year ago, last month, in 2023 at its beginning.
fn is_of_before(sentence: &Sentence<'_>) -> bool {
    let is_last = |at: usize| sentence.says(at, LAST) && sentence.says(at + 1, TIMES);
    (0..sentence.words.len()).any(|at| sentence.says(at, BEFORE) || is_last(at)) || is_in_a_year(sentence, 0)
}

/// Whether words say in which year.
fn is_in_a_year(sentence: &Sentence<'_>, at: usize) -> bool {
    sentence.says(at, IN) && sentence.whole(at + 1).is_some_and(|year| (1900..2100).contains(&year))
}

/// Adopted in 2023.
fn was_in_a_year(sentence: &Sentence<'_>, at: usize) -> bool {
    is_in_a_year(sentence, at + 1)
}

/// Whether a word stands within a quotation.
fn is_quoted(sentence: &Sentence<'_>, at: usize) -> bool {
    let start = sentence.word(at).map_or(0, |word| word.start);
    let before = sentence.text.get(..start).unwrap_or_default();
    let count = |mark: char| before.matches(mark).count();
    let is_open = |opens: char, closes: char| count(opens) > count(closes);
    let is_german = count('„') > 0;
    count('"') % 2 == 1 || is_open('«', '»') || is_open('„', '“') || (!is_german && is_open('“', '”'))
}

/// Whether a participle says which text is meant: the newly adopted law, принятый закон.
fn says_which(sentence: &Sentence<'_>, at: usize) -> bool {
    let folded = sentence.folded(at);
    if WHICH_ENDS.iter().any(|end| folded.ends_with(end)) {
        return true;
    }
    let is_joined = |at: usize| sentence.gap(at).chars().all(|c| c.is_whitespace() || c == '-');
    let leads = at.checked_sub(1).is_none_or(|before| sentence.says(before, WHICH));
    let mut behind = (at + 1..=at + WHICH_REACH).take_while(|at| is_joined(*at));
    sentence.is_english && folded.ends_with("ed") && leads && behind.any(|at| Matter::of(sentence.folded(at)).is_some())
}

/// Whether the sentence tells of what is to come, and a part behind that of what was before: to vote on this after that was rejected.
fn is_behind_what_comes(sentence: &Sentence<'_>, at: usize) -> bool {
    let Some(parted) = (0..at).rev().find(|at| sentence.says(*at, BEHIND)) else { return false };
    (0..parted).any(|at| sentence.says(at, AHEAD))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a title tells, by how it is shown.
    fn check(lang: &str, title: &str, expected: &[&str]) {
        let told: Vec<String> = results(title, "", Some(lang)).into_iter().map(|told| told.shown).collect();
        assert_eq!(told, expected, "{title:?}");
    }

    /// What a title tells to whoever heard of the event by another story.
    fn after(lang: &str, heard: (&str, &str), title: &str, expected: &[&str]) {
        let known = Known::of(heard.0, heard.1, Some("en"), Heard::Whole);
        let news = results(title, "", Some(lang)).into_iter();
        let news = news.filter(|told| !told.is_in(&known) && told.is_of(&[&known])).map(|told| told.shown);
        assert_eq!(news.collect::<Vec<_>>(), expected, "{heard:?} then {title:?}");
    }

    const TO_VOTE: (&str, &str) = (
        "Committee to vote on draft resolution on cyber security on Thursday",
        "The First Committee is due to vote on the draft. The Council adopted another text on Monday, and a first one was rejected in 2021.",
    );

    #[test]
    fn a_title_tells_what_came_of_it() {
        check("en", "Committee adopts draft resolution on cyber security, 108-0", &["adopted", "108 in favour"]);
        check("en", "UN votes 108-0 on cyber resolution", &["108 in favour"]);
        check("en", "Talks on ceasefire postponed", &["postponed"]);
        check("ru", "Комитет принял проект резолюции о кибербезопасности", &["adopted"]);
        check("ru", "Россия наложила вето на резолюцию", &["vetoed"]);
        check("uk", "Рада ухвалила закон про мобілізацію", &["adopted"]);
        check("de", "Bundestag hat das Gesetz angenommen", &["adopted"]);
    }

    #[test]
    fn a_title_tells_no_forecast_question_quotation_or_story_of_old() {
        check("en", "Assembly expected to adopt cyber resolution", &[]);
        check("en", "Cyber resolution set to be adopted by Assembly", &[]);
        check("en", "Was the cyber resolution adopted?", &[]);
        check("en", "Minister: \"The resolution was rejected by nobody\"", &[]);
        check("en", "The cyber resolution adopted in 2021: what it changed", &[]);
        check("en", "Assembly adopted a cyber resolution last year", &[]);
        check("en", "Ten years ago the Assembly adopted its first cyber resolution", &[]);
        check("en", "Newly adopted cyber law takes effect", &[]);
        check("en", "Committee to vote on cyber draft after Council rejects Syria resolution", &[]);
        check("en", "If the bill is passed, courts will fill", &[]);
        check("en", "Once the bill is passed, courts fill", &[]);
        check("ru", "Принят ли закон о кибербезопасности?", &[]);
        check("ru", "Принятый закон вступает в силу", &[]);
        check("ru", "Киев требует, чтобы отменили санкции", &[]);
        check("ru", "Ассамблея приняла бы резолюцию", &[]);
        check("ru", "В прошлом году Ассамблея приняла резолюцию", &[]);
        check("ru", "Комитет рассмотрит проект после того, как Совет отклонил резолюцию", &[]);
        check("uk", "Київ вимагає, щоб скасували санкції", &[]);
    }

    #[test]
    fn an_outcome_is_news_to_whoever_heard_that_it_was_to_come() {
        after(
            "en",
            TO_VOTE,
            "Committee adopts draft resolution on cyber security, 108-0",
            &["adopted", "108 in favour"],
        );
        after("en", TO_VOTE, "Draft resolution on cyber security is rejected", &["rejected"]);
        after("ru", TO_VOTE, "Комитет принял проект резолюции о кибербезопасности", &["adopted"]);
    }

    #[test]
    fn what_was_heard_is_no_news() {
        let adopted = ("Committee adopts cyber draft", "It did so on Thursday.");
        after("en", adopted, "Committee adopts draft resolution on cyber security, 108-0", &[]);
        let voted = ("Committee votes 108-0 on cyber draft", "");
        after("en", voted, "Committee adopts draft on cyber security", &[]);
        after("en", voted, "Russia vetoes draft on cyber security", &["vetoed"]);
        let told = ("Cyber draft: what the committee did", "The committee adopted the cyber draft on Thursday.");
        after("en", told, "Committee adopts draft on cyber security", &[]);
        let of_old = ("Cyber draft before the committee", "The committee adopted its first cyber draft in 2021.");
        after("en", of_old, "Committee adopts draft on cyber security", &["adopted"]);
    }

    #[test]
    fn what_came_of_another_matter_is_no_news() {
        after("en", TO_VOTE, "Parliament rejects farm subsidies bill in Paris", &[]);
    }
}
