//! The second stage of a topic, learnt from answers; and how far to trust it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::dedup::EventPolicy;
use crate::encode::Compact;
use crate::learn::{Example, Interval, Logistic, Outcome, Tally, folds, interval};
use crate::model::{EventId, Reason, Relevance, StoryDraft, Topic, TopicSpan};
use crate::topic::{Matcher, Nearness, Query, StoryText, StoryTokens};

use super::relevance::{Score, numbers};
use super::{Reader, backtest};

/// Answers of either kind without which nothing is learnt. With fewer, leaving an event out in turn leaves next to nothing to learn from.
pub const ANSWERS_MIN: usize = 10;
/// The latest answers that are learnt from: each costs a thousand products a step.
const ANSWERS_MAX: usize = 5_000;
/// How much large weights cost: chosen on the first topic's judged articles (docs/topics.md).
const PENALTY: f64 = 0.33;
/// The score from which a story is on the topic. Yes and no weigh the same in training, so this is even odds.
const THRESHOLD: f64 = 0.5;
/// Parts of the answers that are left out in turn.
const PARTS: usize = 20;
/// Draws for the bounds.
const DRAWS: usize = 2_000;
/// Chance is the same for the same answers.
const SEED: u64 = 85;

/// A story with what the operator said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The story.
    pub draft: StoryDraft,
    /// What it means; where that isn't known, the score can't be asked, and nothing is learnt from it.
    pub meaning: Option<Compact>,
    /// Whether it is on the topic.
    pub is_on: bool,
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// To be kept, or not.
    pub relevance: Relevance,
    /// How it did on answers that it hadn't seen.
    pub trial: Trial,
}

/// The query alone and with the score, over the same answers, each judged by what was learnt from answers on other events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// The query alone.
    pub query: Tally,
    /// With the score.
    pub scored: Tally,
    /// Bounds of F1, precision and recall with the score.
    pub f1: Interval,
    /// Bounds of precision.
    pub precision: Interval,
    /// Bounds of recall.
    pub recall: Interval,
    /// Bounds of what the score adds to F1.
    pub gain: Interval,
    /// Events that the answers are about.
    pub events: usize,
}

/// Why nothing can be learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{yes} answers yes and {no} no that can be learnt from: at least {ANSWERS_MIN} of each are needed (in the topic's days, and in a language that the sentence model knows)"
)]
pub struct TooFew {
    /// Answers yes that could be used.
    pub yes: usize,
    /// Answers no that could be used.
    pub no: usize,
}

/// An answer, made ready.
struct Ready<'a> {
    nearness: Nearness,
    meaning: &'a Compact,
    is_on: bool,
    group: usize,
}

impl Ready<'_> {
    fn example(&self) -> Example {
        Example { numbers: numbers(&self.nearness, self.meaning), is_yes: self.is_on }
    }

    fn outcome(&self, said: bool) -> Outcome {
        Outcome { said, is_so: self.is_on, group: self.group }
    }
}

/// Learns from answers, the latest first, and tries what was learnt by leaving answers out in turn, whole events at a time: two
/// accounts of one event in both halves would flatter it.
///
/// # Errors
/// When there are too few answers.
pub fn train(topic: &Topic, query: &Query, answers: &[Answer], now: Timestamp) -> Result<Lesson, TooFew> {
    let in_days = |a: &&Answer| a.draft.published.is_none_or(|at| topic.spec.span.contains(at));
    let mut usable: Vec<&Answer> =
        answers.iter().filter(in_days).filter(|a| a.meaning.is_some()).take(ANSWERS_MAX).collect();
    let yes = usable.iter().filter(|a| a.is_on).count();
    let no = usable.len() - yes;
    if yes < ANSWERS_MIN || no < ANSWERS_MIN {
        return Err(TooFew { yes, no });
    }
    usable.sort_by_key(|a| a.draft.published);
    let groups = events(&usable, topic, now);
    let ready: Vec<Ready<'_>> = usable
        .iter()
        .zip(groups)
        .filter_map(|(answer, group)| {
            let tokens = StoryTokens::of(StoryText::from(&answer.draft));
            let (nearness, meaning) = (query.nearness(&tokens), answer.meaning.as_ref()?);
            Some(Ready { nearness, meaning, is_on: answer.is_on, group })
        })
        .collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let relevance = learn(topic, &ready.iter().collect::<Vec<_>>(), (count(yes), count(no)), now);
    Ok(Lesson { relevance, trial: trial(topic, &ready, now) })
}

fn learn(topic: &Topic, ready: &[&Ready<'_>], answers: (u32, u32), now: Timestamp) -> Relevance {
    let examples: Vec<Example> = ready.iter().map(|one| one.example()).collect();
    let Logistic { weights, bias } = Logistic::fit(&examples, PENALTY);
    #[expect(clippy::cast_possible_truncation, reason = "seven digits of a weight are more than answers can tell")]
    let short = |value: f64| value as f32;
    Relevance {
        topic: topic.spec.key.clone(),
        learned_at: now,
        answers,
        threshold: THRESHOLD,
        bias: short(bias),
        weights: weights.into_iter().map(short).collect(),
    }
}

/// What is said of one answer with the score, and by the query alone.
type Both = (Outcome, Outcome);

/// What is measured over drawn answers.
type Measure<'a> = dyn Fn(&[&Both]) -> f64 + 'a;

fn trial(topic: &Topic, ready: &[Ready<'_>], now: Timestamp) -> Trial {
    let groups: Vec<usize> = ready.iter().map(|one| one.group).collect();
    let parts = folds(&groups, PARTS, SEED);
    let mut said: Vec<Both> = Vec::new();
    for part in 0..PARTS {
        let of = |inside: bool| {
            let chosen = ready.iter().zip(&parts).filter(move |(_, of)| (**of == part) == inside);
            chosen.map(|(one, _)| one).collect::<Vec<&Ready<'_>>>()
        };
        let left_out = of(true);
        if left_out.is_empty() {
            continue;
        }
        let score = Score::of(&learn(topic, &of(false), (0, 0), now));
        for one in left_out {
            let is_asked = one.nearness.missed == 0 || one.nearness.is_near_miss();
            let scored = one.outcome(is_asked && score.judge(&one.nearness, one.meaning).0);
            said.push((scored, one.outcome(one.nearness.missed == 0)));
        }
    }
    let scored = |said: &[&Both]| Tally::of(said.iter().map(|(scored, _)| scored));
    let alone = |said: &[&Both]| Tally::of(said.iter().map(|(_, alone)| alone));
    let bounds = |measure: &Measure<'_>| interval(&said, |(outcome, _)| outcome.group, (DRAWS, SEED), measure);
    let all: Vec<&Both> = said.iter().collect();
    Trial {
        query: alone(&all),
        scored: scored(&all),
        f1: bounds(&|drawn| scored(drawn).f1()),
        precision: bounds(&|drawn| scored(drawn).precision()),
        recall: bounds(&|drawn| scored(drawn).recall()),
        gain: bounds(&|drawn| scored(drawn).f1() - alone(drawn).f1()),
        events: groups.iter().collect::<BTreeSet<_>>().len(),
    }
}

/// Which answers are of one event: numbers from the decider's own, over the answers alone.
fn events(answers: &[&Answer], topic: &Topic, now: Timestamp) -> Vec<usize> {
    let Ok(all) = Query::parse("*") else { return (0..answers.len()).collect() };
    let meanings: BTreeMap<u64, &Compact> =
        answers.iter().filter_map(|a| Some((a.draft.fingerprint, a.meaning.as_ref()?))).collect();
    let read = |draft: &StoryDraft| meanings.get(&draft.fingerprint).map(|meaning| (*meaning).clone());
    let drafts: Vec<StoryDraft> = answers.iter().map(|a| a.draft.clone()).collect();
    let mut whole = topic.clone();
    whole.spec.span = TopicSpan::default();
    let matcher = Matcher::new(&[(whole.spec.key.clone(), all)]);
    let by = (EventPolicy::default(), Reader(Some(&read)));
    let replayed = backtest(&drafts, vec![whole], matcher, by, now, |_| {});
    let mut of: Vec<usize> = Vec::with_capacity(replayed.len());
    let mut names: BTreeMap<EventId, usize> = BTreeMap::new();
    for one in &replayed {
        let event = one.decisions.iter().find_map(|d| d.event);
        let repeated = one.repeats.and_then(|place| of.get(place).copied());
        let fresh = of.len();
        of.push(repeated.unwrap_or_else(|| event.map_or(fresh, |event| *names.entry(event).or_insert(fresh))));
    }
    of
}

/// What a lesson would change of a story.
#[derive(Debug, Clone, PartialEq)]
pub struct Shift {
    /// Whether it would be on the topic; else off it.
    pub would_be_on: bool,
    /// Its score.
    pub why: Reason,
}

/// What a lesson changes of a story that the query alone would decide; nothing where it says the same, or can't be asked.
pub fn shift(relevance: &Relevance, query: &Query, draft: &StoryDraft, read: Reader<'_>) -> Option<Shift> {
    let nearness = query.nearness(&StoryTokens::of(StoryText::from(draft)));
    let holds = nearness.missed == 0;
    if !holds && !nearness.is_near_miss() {
        return None;
    }
    let (would_be_on, why) = Score::of(relevance).judge(&nearness, &read.meaning(draft)?);
    (would_be_on != holds).then_some(Shift { would_be_on, why })
}
