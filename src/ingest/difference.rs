//! What one of two replays over the same articles tells and the other doesn't.

use std::collections::BTreeMap;

use crate::model::{Decision, EventId, Telling, TopicKey};

use super::Replayed;

/// Which of the two replays tells a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The new one.
    Gained,
    /// The old one.
    Lost,
}

impl Side {
    /// The word for it in tables, in JSON and on pages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Gained => "gained",
            Self::Lost => "lost",
        }
    }
}

/// A story that one of two replays tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub side: Side,
    /// The article's place.
    pub place: usize,
    /// On which topic.
    pub topic: TopicKey,
    /// Why the other replay doesn't tell it.
    pub why: String,
    /// The place of the article by which the other replay tells of the event that holds this one there.
    pub instead: Option<usize>,
}

/// What only one of the two replays tells, in the order of the articles; and how much both tell.
pub fn differences(old: &[Replayed], new: &[Replayed]) -> (Vec<Difference>, usize) {
    let mut found = Vec::new();
    let mut both = 0;
    let (openers_before, openers_after) = (openers(old), openers(new));
    for (before, after) in old.iter().zip(new) {
        let (told_before, told_after) = (told(before), told(after));
        both += told_before.keys().filter(|topic| told_after.contains_key(*topic)).count();
        let lost = told_before.keys().filter(|topic| !told_after.contains_key(*topic));
        let lost = lost.map(|topic| (Side::Lost, topic, after, &openers_after));
        let gained = told_after.keys().filter(|topic| !told_before.contains_key(*topic));
        let gained = gained.map(|topic| (Side::Gained, topic, before, &openers_before));
        found.extend(lost.chain(gained).map(|(side, topic, silent, openers)| Difference {
            side,
            place: before.place,
            topic: (*topic).clone(),
            why: why_silent(silent, topic),
            instead: on(silent, topic).and_then(|d| openers.get(&d.event?).copied()),
        }));
    }
    (found, both)
}

/// By which article each event is told first.
fn openers(replayed: &[Replayed]) -> BTreeMap<EventId, usize> {
    let mut openers = BTreeMap::new();
    for one in replayed {
        for event in told(one).values().filter_map(|decision| decision.event) {
            openers.entry(event).or_insert(one.place);
        }
    }
    openers
}

/// What is told of an article, by topic.
pub(super) fn told(one: &Replayed) -> BTreeMap<&TopicKey, &Decision> {
    let told = one.decisions.iter().filter(|d| matches!(d.telling, Telling::Told(_)));
    told.filter_map(|d| Some((d.topic.as_ref()?, d))).collect()
}

/// The decision on a topic.
fn on<'a>(one: &'a Replayed, topic: &TopicKey) -> Option<&'a Decision> {
    one.decisions.iter().find(|d| d.topic.as_ref() == Some(topic))
}

/// Why nothing is told on the topic: the reason of the stage that settled it.
fn why_silent(one: &Replayed, topic: &TopicKey) -> String {
    if one.repeats.is_some() {
        return "the same address as an earlier article".to_owned();
    }
    let Some(decision) = on(one, topic) else { return "it doesn't match the topic's query".to_owned() };
    // That it joined an event says more than that this was told already.
    let settling = decision.reasons.iter().rev().nth(1).or(decision.reasons.last());
    settling.map_or_else(String::new, |reason| reason.text.clone())
}
