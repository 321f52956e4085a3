//! Whether a story is on a topic, beside what operators said: its query, the topic's days, and the score that was learnt.

use std::collections::BTreeMap;

use crate::encode::{Compact, WIDTH};
use crate::learn::Logistic;
use crate::model::{Reason, Relevance, Stage, Story, Topic, TopicKey};
use crate::topic::{Match, Matcher, Nearness, StoryTokens};

use super::decide::reason;

/// A story's numbers by its query, before those of its meaning: whether it holds, and how much of it does.
const QUERY_NUMBERS: usize = 2;
/// What the query counts: twice the length of a meaning, so that it takes many answers to outweigh it.
const QUERY_WEIGHT: f64 = 2.0;

/// How a story stands with a topic.
pub(super) enum Standing {
    /// It is on it, for these reasons.
    On(Vec<Reason>),
    /// Its query holds, by these reasons, of which the last says why it is off the topic all the same.
    Off(Vec<Reason>),
}

impl Standing {
    /// What was found, whichever way it went.
    pub(super) fn reasons(&self) -> &[Reason] {
        match self {
            Self::On(reasons) | Self::Off(reasons) => reasons,
        }
    }
}

/// What was learnt of topics, ready for stories.
#[derive(Debug, Default)]
pub(super) struct Scores(BTreeMap<TopicKey, Score>);

/// What was learnt of one.
#[derive(Debug)]
pub(super) struct Score {
    logistic: Logistic,
    threshold: f64,
    answers: u64,
}

impl Scores {
    /// Takes up what has a weight for each number of a story; other rows stand for nothing.
    pub(super) fn of(learned: &[Relevance]) -> Self {
        let fitting = learned.iter().filter(|relevance| relevance.weights.len() == QUERY_NUMBERS + WIDTH);
        Self(fitting.map(|relevance| (relevance.topic.clone(), Score::of(relevance))).collect())
    }

    /// The topics of which something was learnt.
    pub(super) fn topics(&self) -> impl Iterator<Item = &TopicKey> {
        self.0.keys()
    }
}

impl Score {
    pub(super) fn of(relevance: &Relevance) -> Self {
        let weights = relevance.weights.iter().map(|weight| f64::from(*weight)).collect();
        Self {
            logistic: Logistic { weights, bias: f64::from(relevance.bias) },
            threshold: relevance.threshold,
            answers: u64::from(relevance.answers.0) + u64::from(relevance.answers.1),
        }
    }

    /// Whether a story that holds or nearly does is on the topic, and why.
    pub(super) fn judge(&self, nearness: &Nearness, meaning: &Compact) -> (bool, Reason) {
        let score = self.logistic.probability(&numbers(nearness, meaning));
        let is_on = score >= self.threshold;
        let side = if is_on { "reaches" } else { "under" };
        let text = format!("relevance {score:.2} {side} {:.2}: learned from {} answers", self.threshold, self.answers);
        (is_on, reason(Stage::Topic, text, &[("relevance", score), ("threshold", self.threshold)], None))
    }
}

/// A story's numbers, of which its score is made.
pub(super) fn numbers(nearness: &Nearness, meaning: &Compact) -> Vec<f64> {
    let holds = if nearness.missed == 0 { QUERY_WEIGHT } else { 0.0 };
    let of_meaning = meaning.vector().map_or_else(|| vec![0.0; WIDTH], |v| v.values().map(f64::from).to_vec());
    [holds, nearness.share()].into_iter().chain(of_meaning).collect()
}

/// A story that is held against topics.
pub(super) struct Candidate<'a> {
    pub(super) story: &'a Story,
    pub(super) tokens: &'a StoryTokens<'a>,
    /// What it means, found out when it is asked for.
    pub(super) meaning: &'a dyn Fn() -> Option<Compact>,
}

impl Candidate<'_> {
    /// How the story stands with a topic; nothing where its query doesn't hold and no score lifts it. Without a meaning the
    /// query alone says.
    pub(super) fn standing(
        &self,
        topic: &Topic,
        found: Option<&Match>,
        (scores, matcher): (&Scores, &Matcher),
    ) -> Option<Standing> {
        let key = &topic.spec.key;
        let reasons = found.map_or_else(Vec::new, |found| query_reasons(&found.reasons));
        if let Some(why) = outside(topic, self.story) {
            return found.map(|_| Standing::Off([reasons, vec![why]].concat()));
        }
        let Some(score) = scores.0.get(key) else { return found.map(|_| Standing::On(reasons)) };
        let nearness = matcher.nearness(key, self.tokens).filter(|near| found.is_some() || near.is_near_miss());
        let meaning = nearness.as_ref().and_then(|_| (self.meaning)());
        let Some((nearness, meaning)) = nearness.zip(meaning) else {
            return found.map(|_| Standing::On(reasons));
        };
        let (is_on, why) = score.judge(&nearness, &meaning);
        match (found, is_on) {
            (Some(_), true) => Some(Standing::On([reasons, vec![why]].concat())),
            (Some(_), false) => Some(Standing::Off([reasons, vec![why]].concat())),
            (None, true) => Some(Standing::On(vec![missing(&nearness), why])),
            (None, false) => None,
        }
    }
}

/// That all of a query but one clause holds.
fn missing(nearness: &Nearness) -> Reason {
    let clause = nearness.missing.as_deref().unwrap_or_default();
    let text = format!("all of its query holds but {clause}");
    reason(Stage::Topic, text, &[("share", nearness.share())], None)
}

/// The words by which a query holds, as reasons.
fn query_reasons(texts: &[String]) -> Vec<Reason> {
    texts.iter().map(|text| reason(Stage::Topic, text.clone(), &[], None)).collect()
}

/// Why a story's day keeps it off the topic, if it does. Without a date of its own it goes by when it was seen.
fn outside(topic: &Topic, story: &Story) -> Option<Reason> {
    let span = topic.spec.span;
    let at = story.draft.published.unwrap_or(story.seen_at);
    let how = if story.draft.published.is_some() { "published" } else { "without a date, and seen" };
    let text = || format!("{how} on {}, outside the topic's days ({span})", at.strftime("%Y-%m-%d"));
    (!span.contains(at)).then(|| reason(Stage::Topic, text(), &[], None))
}
