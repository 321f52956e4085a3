//! What came of what an event is about, as a title tells it: the first outcome or vote, which whoever heard of the event wants to hear.
//!
//! A title alone is read, or the first sentence where it is hardly one: what the text says besides may be of something else, or long
//! known. A question, a quotation, and what is said to be of an earlier time tell nothing.

use std::collections::BTreeSet;

use crate::model::{Change, ChangeKind};

use super::aim::{self, Aim, Waited};
use super::headline;
use super::matter::Matter;
use super::outcome::{self, shared_min};
use super::part;
use super::pending::{AHEAD, is_ahead, waits};
use super::scan::{Sentence, Sentences, Word};
use super::stage::{Stage, has_decider};
use super::turn::{self, Turn};
use super::verb::{Outcome, STRIKES};
use super::vote::Votes;

/// A title of fewer words is hardly a sentence.
const TITLE_WORDS: usize = 4;

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
/// The same of a part of a sentence, until a comma ends it: what happens after it is adopted, demands that it be.
const OF_PART: &[&str] =
    &["after", "before", "чтобы", "щоб", "que", "qu", "bevor", "sobald", "nachdem", "avant", "apres", "antes", "после"];
/// Who asks for something, in the same part of a sentence: wants the bill withdrawn.
const WISHES: &[&str] = &[
    "wants",
    "want",
    "demands",
    "demand",
    "urges",
    "urge",
    "seeks",
    "seek",
    "asks",
    "ask",
    "hopes",
    "hope",
    "fordert",
    "fordern",
    "demande",
    "demandent",
    "exige",
    "exigent",
    "pide",
    "piden",
    "exigen",
    "требует",
    "требуют",
    "просит",
    "просят",
    "вимагає",
    "вимагають",
];
/// What stands shortly before something that is not done: far from being adopted, qu'elle soit adoptée.
const UNDONE: &[&str] = &["be", "being", "soit", "soient", "etre", "sea", "sean", "ser"];
const UNDONE_REACH: usize = 3;
/// What stands before a German word of something that is to be done, without [`DONE`]: heute wird das Gesetz verabschiedet.
const GERMAN_PLANS: &[&str] = &["wird", "werden", "soll", "sollen"];
const DONE: &[&str] = &["worden", "wurde", "wurden"];
/// What is still to be done where it stands behind `to`: to vote on what a committee adopted.
const TO_DECIDE: &[&str] =
    &["vote", "decide", "consider", "debate", "take", "weigh", "discuss", "hear", "examine", "review"];
/// Who says that it is not so: denies that a deal was signed.
const DENIES: &[&str] = &[
    "denies",
    "deny",
    "denied",
    "denying",
    "doubts",
    "отрицает",
    "отрицают",
    "опроверг",
    "опровергла",
    "опровергли",
    "опровергает",
    "niega",
    "niegan",
    "desmiente",
    "desmienten",
    "dement",
    "dementent",
    "dementiert",
    "dementieren",
    "bestreitet",
    "спростував",
    "спростувала",
    "заперечує",
];
/// Who says what it thinks: Iran says it rejects the vote.
const PARTIES: &[&str] = &["it", "he", "she", "they", "we", "i"];
/// What says that the end is near, and no more.
const LOOMS: &[&str] = &["nears", "looms", "looming", "nearing"];
/// Words that must be those of what was awaited, where no word for what is decided about stands there.
const OBJECT_MIN: usize = 2;
/// Words before a colon that say who speaks, or of what.
const LABEL_WORDS: usize = 4;
/// Of the words about a result so many in a hundred must be those of what was heard.
const ABOUT_PART: usize = 40;
/// What makes a participle a verb: has passed, was delayed.
const HELPING: &[&str] = &["has", "have", "was", "were", "is", "are", "been", "had"];
const ARTICLES: &[&str] = &["le", "la", "les", "l", "el", "los", "las"];
/// What a bill passes on its way.
const STEPS: &[&str] = &["hurdle", "hurdles", "committee", "committees", "panel", "stage", "test", "procedural"];
const STEPS_REACH: usize = 3;
/// What is about another text: rejects a motion to delay the debate.
const MOTIONS: &[&str] = &["motion", "bid", "request", "call", "move", "attempt"];
const TO_WAIT: &[&str] = &["delay", "postpone", "adjourn", "table", "end", "defer", "suspend", "recommit"];
/// What begins the words of a time before the decision, and what that is then: rejects the draft ahead of a vote.
const BEFORE_VOTE: &[&str] = &["ahead", "before", "перед", "avant", "antes", "vor"];
const VOTING: &[&str] = &[
    "vote",
    "voting",
    "votes",
    "ballot",
    "голосован",
    "votacion",
    "abstimmung",
    "talks",
    "ruling",
    "strike",
    "session",
    "meeting",
    "summit",
    "treffen",
    "gipfel",
    "sommet",
    "cumbre",
    "саммит",
    "встреч",
    "переговор",
];
const VOTING_REACH: usize = 4;
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

/// What it is of.
#[derive(Debug, Clone, PartialEq)]
enum Of {
    /// What a word known for it says.
    Aim(Aim),
    /// Anything else: stems of what it was done to, and those of them that it is called.
    Object { words: Vec<u64>, heads: Vec<u64> },
    /// Votes that were counted.
    Votes,
}

/// A result that a title tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    what: What,
    stage: Stage,
    shown: String,
    /// Stems of the words about it.
    about: Vec<u64>,
    of: Of,
    turn: Option<Turn>,
    /// Whether a strike is spoken of.
    ends_strike: bool,
    /// Stems of who rejected it, where that is nobody who is known to decide.
    by: Option<Vec<u64>>,
    /// Stems of what stands before a colon: who says it, or what it is of.
    label: Vec<u64>,
    lang: Option<String>,
}

/// Results that were said, each with how it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said(BTreeSet<Heard>);

/// A result that was said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Heard {
    what: What,
    stage: Stage,
    /// Whether it is of an amendment and the like.
    is_part: bool,
    shown: String,
}

/// What was heard of an event by one story.
#[derive(Debug, Clone, Default)]
pub struct Known {
    said: Said,
    words: BTreeSet<u64>,
    /// What its title says, if that waits for something or tells what came of it.
    waited: Option<Waited>,
    /// Stems of words of its title that turn something about.
    turns: BTreeSet<u64>,
    stage: Stage,
    /// Stems of its title, if that tells of something of which the end is to come.
    awaited: Option<BTreeSet<u64>>,
    /// Whether its title tells what came of something that is known to be decided about.
    has_come: bool,
    /// Stems before the first word by which its title waits: who is to act.
    actors: BTreeSet<u64>,
    lang: Option<String>,
}

/// The results that a story's title tells, each once; `lang` is a BCP 47 primary subtag. Most tell none.
pub fn results(title: &str, text: &str, lang: Option<&str>) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    in_lead(title, text, lang, |sentence| {
        found.extend(of_title(sentence).into_iter().map(|found| found.told(sentence, lang)));
    });
    found.sort_by_key(|told| (told.what, matches!(told.of, Of::Object { .. })));
    found.dedup_by_key(|told| told.what);
    found
}

impl Told {
    /// Whether it was said before, of the same step: by the same body, in the same reading, where both are named. Who heard how the votes
    /// stood knows whether it was adopted, and who knows that it was needs no count; another count is another vote.
    pub fn is_in(&self, said: &Said) -> bool {
        const ADOPTED: What = What::Outcome(Outcome::Adopted);
        const REJECTED: What = What::Outcome(Outcome::Rejected);
        let has = |what: What| said.0.iter().any(|one| one.what == what && self.is_step_of(one));
        match self.what {
            What::Vote if has(What::Vote) => {
                said.0.iter().any(|one| (one.what, &one.shown) == (What::Vote, &self.shown))
            }
            What::Vote => has(ADOPTED),
            // Of what was adopted, a rejection is one party's word, but by another body.
            what @ What::Outcome(outcome) => {
                let tells = |heard: Outcome| heard.tells(outcome, self.ends_strike);
                let is_kin = |one: &Heard| matches!(one.what, What::Outcome(heard) if tells(heard));
                said.0.iter().any(|one| is_kin(one) && self.is_step_of(one))
                    || (what == REJECTED && has(ADOPTED))
                    || has(what)
                    || ([ADOPTED, REJECTED].contains(&what) && has(What::Vote))
            }
        }
    }

    /// Whether it is of what an event is about, and was awaited: something heard of it was still to come, or had come to something else.
    /// Where something was heard of it in its language, words of that stand about it; what is decided about by no word known for that
    /// must be what was awaited.
    pub fn is_of(&self, known: &[&Known]) -> bool {
        if !known.iter().any(|known| known.awaited.is_some() || known.has_come) {
            return false;
        }
        let in_its = || known.iter().filter(|known| known.lang == self.lang);
        let is_actors = |by: &Vec<u64>| in_its().any(|known| by.iter().any(|stem| known.actors.contains(stem)));
        let is_labelled =
            self.label.is_empty() || in_its().any(|known| self.label.iter().any(|stem| known.words.contains(stem)));
        if !(self.by.as_ref().is_none_or(is_actors) && is_labelled) {
            return false;
        }
        if self.turn.as_ref().is_some_and(|turn| !in_its().any(|k| !turn.is_about(&k.words, &k.turns))) {
            return false;
        }
        match &self.of {
            Of::Object { words, heads } => {
                let is_awaited = |awaited: &BTreeSet<u64>| {
                    words.iter().filter(|stem| awaited.contains(stem)).count() >= OBJECT_MIN
                        && (heads.is_empty() || heads.iter().any(|stem| awaited.contains(stem)))
                };
                return in_its().filter_map(|known| known.awaited.as_ref()).any(is_awaited);
            }
            Of::Aim(aim) => {
                let waited = |known: &&Known| known.waited.as_ref().is_some_and(|waited| aim.is_of(waited));
                let is_kind = |known: &Known| {
                    let is_kind = known.waited.as_ref().is_some_and(|waited| aim.is_kind_of(waited));
                    is_kind && self.stage.is_by_same(known.stage)
                };
                if in_its().next().is_none() {
                    return known.iter().any(|known| is_kind(known));
                }
                if !in_its().any(waited) {
                    return false;
                }
            }
            Of::Votes if in_its().next().is_none() => {
                return known.iter().any(|known| self.stage.is_by_same(known.stage));
            }
            Of::Votes => {}
        }
        let least = (self.about.len() * ABOUT_PART).div_ceil(100);
        let shares = |known: &&Known| self.about.iter().filter(|stem| known.words.contains(stem)).count() >= least;
        in_its().any(shares)
    }

    /// Whether it is of the same step as what was heard, as far as both say, and of a part of the text as that is.
    fn is_step_of(&self, heard: &Heard) -> bool {
        !self.stage.is_another(heard.stage) && self.of.is_part() == heard.is_part
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

impl Said {
    /// Whether nothing was said of a result.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The results that a story's title says.
pub fn said(title: &str, text: &str, lang: Option<&str>) -> Said {
    let mut said = BTreeSet::new();
    in_lead(title, text, lang, |sentence| said.extend(heard_of(sentence).into_iter().map(Found::heard)));
    Said(said)
}

impl Known {
    /// Reads what was heard by a story's title.
    pub fn of_title(title: &str, text: &str, lang: Option<&str>) -> Self {
        let mut known = Self { lang: lang.map(ToOwned::to_owned), ..Self::default() };
        in_lead(title, text, lang, |sentence| {
            known.words.extend(stems(sentence));
            let has_come = heard_of(sentence).iter().any(|found| !matches!(found.of, Of::Object { .. }));
            known.has_come |= has_come;
            known.turns.extend(turn::words(sentence));
            if has_come || waits(sentence).is_some() {
                known.waited.get_or_insert_default().take(sentence);
                known.stage = Stage::of(sentence);
            }
            if let Some(at) = waits(sentence) {
                known.awaited.get_or_insert_default().extend(stems(sentence));
                known.actors.extend(sentence.words.iter().take(at).filter_map(Word::says));
            }
        });
        known.said = said(title, text, lang);
        known
    }

    /// Reads what was heard by all that is shown of a story. What its text says counts where it is of what the title is about.
    pub fn of(title: &str, text: &str, lang: Option<&str>) -> Self {
        let mut known = Self::of_title(title, text, lang);
        let mut looks_ahead = false;
        in_lead(title, "", lang, |sentence| {
            looks_ahead = looks_ahead || (0..sentence.words.len()).any(|at| is_ahead(sentence, at));
        });
        // Where a decision is still to come, what was decided is what came before.
        let counts = !looks_ahead || !known.said.is_empty();
        let of_title = known.words.clone();
        for sentence in &Sentences::of(text, lang) {
            known.words.extend(stems(sentence));
            let is_of_a_year = || (0..sentence.words.len()).any(|at| is_in_a_year(sentence, at));
            if counts && !is_of_before(sentence) && !is_of_a_year() {
                let of_it = stated(sentence, |_| true)
                    .into_iter()
                    .filter(|found| shares(&found.about, &of_title, of_title.len()));
                known.said.0.extend(of_it.map(Found::heard));
            }
        }
        known
    }

    /// The results that it told.
    pub fn said(&self) -> &Said {
        &self.said
    }
}

/// Whether stems of words about a result stand among others, as many as are needed of so many.
fn shares(about: &[u64], words: &BTreeSet<u64>, of: usize) -> bool {
    about.iter().filter(|stem| words.contains(stem)).count() >= shared_min(of)
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

/// A result with how it is shown, as [`Told`] has it.
struct Found {
    what: What,
    stage: Stage,
    shown: String,
    about: Vec<u64>,
    of: Of,
    turn: Option<Turn>,
    by: Option<Vec<u64>>,
}

impl Of {
    fn is_part(&self) -> bool {
        matches!(self, Self::Aim(aim) if aim.is_part())
    }
}

impl Found {
    fn heard(self) -> Heard {
        Heard { what: self.what, stage: self.stage, is_part: self.of.is_part(), shown: self.shown }
    }

    fn told(self, sentence: &Sentence<'_>, lang: Option<&str>) -> Told {
        let ends_strike = (0..sentence.words.len()).any(|at| sentence.says(at, STRIKES));
        let label = label(sentence);
        let Self { what, stage, shown, about, of, turn, by } = self;
        Told { what, stage, shown, about, of, turn, ends_strike, by, label, lang: lang.map(ToOwned::to_owned) }
    }
}

/// The results that a sentence of a title tells as news.
fn of_title(sentence: &Sentence<'_>) -> Vec<Found> {
    if asks(sentence) || is_of_before(sentence) || looms(sentence) {
        return Vec::new();
    }
    let is_news = |at: usize| {
        !is_quoted(sentence, at)
            && !says_which(sentence, at)
            && !is_behind_what_comes(sentence, at)
            && !is_another_step(sentence, at)
            && !was_said_before_a_vote(sentence, at)
            && is_done(sentence, at)
    };
    stated(sentence, is_news)
}

/// The results that whoever read a sentence of a title knows, news or not: a law that is named as adopted was.
fn heard_of(sentence: &Sentence<'_>) -> Vec<Found> {
    if asks(sentence) || is_of_before(sentence) {
        return Vec::new();
    }
    stated(sentence, |at| {
        is_done(sentence, at) && !is_behind_what_comes(sentence, at) && !is_another_step(sentence, at)
    })
}

/// Whether a verb tells what is done: no condition, wish or denial.
fn is_done(sentence: &Sentence<'_>, at: usize) -> bool {
    !was_in_a_year(sentence, at)
        && !(0..at).any(|at| sentence.says(at, CONDITION) || sentence.says(at, DENIES))
        && !sentence.says(at + 1, &["only"])
        && !is_wished(sentence, at)
}

/// Whether it tells what happens while the end is awaited: rejects rival bills as deadline nears.
fn looms(sentence: &Sentence<'_>) -> bool {
    (0..sentence.words.len()).any(|at| sentence.says(at, LOOMS))
}

/// The results that a sentence states, those outcomes alone whose verb is news.
fn stated(sentence: &Sentence<'_>, is_news: impl Fn(usize) -> bool) -> Vec<Found> {
    let mut taken = vec![false; sentence.words.len()];
    sentence.take_dates(&mut taken, &mut Vec::new());
    let mut votes = Votes::default();
    let is_of_vote = votes.take(sentence, &mut taken);
    let stage = Stage::of(sentence);
    let outcomes = (0..sentence.words.len()).filter(|at| is_news(*at)).filter_map(|at| {
        let said = headline::told(sentence, at)?;
        let decided = outcome::told(sentence, at, said, (true, is_of_vote))?;
        // Not passed by now is no rejection.
        if decided.is_denied() || (!decided.is_named() && headline::is_of_much(sentence, at)) {
            return None;
        }
        let what = decided.outcome();
        let object = || {
            let (words, heads) = (part::object(sentence, at, what), aim::heads(sentence, at, what));
            Of::Object { words, heads }
        };
        let votes = || match object() {
            Of::Object { heads, .. } if is_of_vote && decided.is_named() && heads.is_empty() => Of::Votes,
            of @ (Of::Aim(_) | Of::Object { .. } | Of::Votes) => of,
        };
        let of = Aim::of(sentence, at, what).map_or_else(votes, Of::Aim);
        let (turn, stage) = (Turn::of(sentence, at), Stage::of_verb(sentence, at));
        let is_partys = what == Outcome::Rejected && part::is_active(sentence, at) && !has_decider(sentence, at);
        let by = is_partys.then(|| part::subject(sentence, at));
        let (what, shown) = (What::Outcome(what), what.label().to_owned());
        Some(Found { what, stage, shown, about: decided.near().to_vec(), of, turn, by })
    });
    let may_come = |at: usize| is_ahead(sentence, at) && !sentence.says(at, &["to", "votes", "vote", "stimmt"]);
    let is_to_come = (0..sentence.words.len()).any(|at| may_come(at) || comes(sentence, at));
    let shown = votes.shown().filter(|_| !is_to_come);
    let mut found: Vec<Found> = outcomes.collect();
    let of = found.first().map_or((Of::Votes, None), |found| (found.of.clone(), found.turn.clone()));
    let (about, what) = (stems(sentence).collect(), What::Vote);
    found.extend(shown.map(|shown| Found { what, stage, shown, about, of: of.0, turn: of.1, by: None }));
    found
}

fn stems<'s>(sentence: &'s Sentence<'_>) -> impl Iterator<Item = u64> + 's {
    sentence.words.iter().filter_map(Word::says)
}

/// Stems of the few words before a colon at a sentence's beginning.
fn label(sentence: &Sentence<'_>) -> Vec<u64> {
    let colon = (1..=LABEL_WORDS).find(|at| sentence.gap(*at).contains(':'));
    sentence.words.iter().take(colon.unwrap_or(0)).filter_map(Word::says).collect()
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

/// Whether a participle says which text is meant: the newly adopted law, holds a delayed vote, le vote reporté, принятый закон.
fn says_which(sentence: &Sentence<'_>, at: usize) -> bool {
    let folded = sentence.folded(at);
    if WHICH_ENDS.iter().any(|end| folded.ends_with(end)) {
        return true;
    }
    let helped = |words: &[&str], reach: usize| (at.saturating_sub(reach)..at).any(|at| sentence.says(at, words));
    let is_matter = |at: usize| Matter::of(sentence.folded(at)).is_some();
    let is_blank = |at: usize| sentence.gap(at).chars().all(char::is_whitespace);
    if !sentence.is_english {
        let noun = at.checked_sub(1).filter(|noun| is_matter(*noun) && is_blank(at));
        return noun.and_then(|noun| noun.checked_sub(1)).is_some_and(|article| sentence.says(article, ARTICLES));
    }
    let is_participle = folded.ends_with("ed") || folded == "withdrawn";
    let has_votes = || Votes::default().take(sentence, &mut vec![false; sentence.words.len()]);
    if is_participle && is_matter(at + 1) && is_blank(at + 1) && !helped(HELPING, 2) && !has_votes() {
        return true;
    }
    let is_joined = |at: usize| sentence.gap(at).chars().all(|c| c.is_whitespace() || c == '-');
    let leads = at.checked_sub(1).is_none_or(|before| sentence.says(before, WHICH));
    let mut behind = (at + 1..=at + WHICH_REACH).take_while(|at| is_joined(*at));
    folded.ends_with("ed") && leads && behind.any(is_matter)
}

/// Whether the sentence tells of what is to come, and a part behind that of what was before: to vote on this after that was rejected.
fn is_behind_what_comes(sentence: &Sentence<'_>, at: usize) -> bool {
    let Some(parted) = (0..at).rev().find(|at| sentence.says(*at, BEHIND)) else { return false };
    (0..parted).any(|at| is_ahead(sentence, at))
}

/// Whether a word says that something is still to be decided.
fn comes(sentence: &Sentence<'_>, at: usize) -> bool {
    sentence.says(at, AHEAD) || (sentence.says(at, &["to"]) && sentence.says(at + 1, TO_DECIDE))
}

/// Whether it is asked for, comes after or before something, or is still to come.
fn is_wished(sentence: &Sentence<'_>, at: usize) -> bool {
    let part = (0..at).rev().take_while(|before| !sentence.gap(before + 1).contains([',', ':', ';', '—']));
    let is_called_for = |at: usize| sentence.says(at, &["calls", "call"]) && sentence.says(at + 1, &["for", "on"]);
    let asks = |at: usize| sentence.says(at, WISHES) || sentence.says(at, OF_PART) || is_called_for(at);
    let is_undone = (at.saturating_sub(UNDONE_REACH)..at).any(|at| sentence.says(at, UNDONE));
    let has = |words: &[&str]| (0..sentence.words.len()).any(|at| sentence.says(at, words));
    let is_planned = (0..at).any(|at| sentence.says(at, GERMAN_PLANS)) && !has(DONE);
    let is_that = |at: usize| sentence.says(at, &["dass", "daß"]) && (0..at).any(|at| sentence.says(at, WISHES));
    (0..at).any(is_that)
        || part.into_iter().any(asks)
        || is_undone
        || is_planned
        || (0..at).any(|at| comes(sentence, at))
}

/// Whether it is a step on the way, or of what is to be done with the text: passes a committee, rejects a motion to delay.
fn is_another_step(sentence: &Sentence<'_>, at: usize) -> bool {
    let passes = sentence.says(at, &["passes", "passed", "clears", "cleared"]);
    let waits = |at: usize| sentence.says(at, TO_WAIT) || sentence.says(at, TO_DECIDE);
    let is_motion = |at: usize| sentence.says(at, MOTIONS) && sentence.says(at + 1, &["to"]) && waits(at + 2);
    (passes && (at + 1..=at + STEPS_REACH).any(|at| sentence.says(at, STEPS))) || (at + 1..=at + 2).any(is_motion)
}

/// Whether it is what one party says of it before others vote: rejects the draft ahead of a vote, dismisses it as theatre.
fn was_said_before_a_vote(sentence: &Sentence<'_>, at: usize) -> bool {
    let end = sentence.words.len();
    let is_vote = |at: usize| VOTING.iter().any(|vote| sentence.folded(at).starts_with(vote));
    let is_before = |at: usize| sentence.says(at, BEFORE_VOTE) && (at + 1..=at + VOTING_REACH).any(is_vote);
    let says_it = at.checked_sub(1).is_some_and(|before| sentence.says(before, PARTIES));
    let is_word = says_it || (at + 1..end).any(|at| sentence.says(at, &["as"]));
    let is_rejected = || headline::told(sentence, at) == Some(Outcome::Rejected);
    (at + 1..end).any(is_before) || (is_word && is_rejected())
}

#[cfg(test)]
mod tests;
