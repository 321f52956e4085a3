//! `tidings backtest --compare`: what another configuration would tell, and what it would no longer.

use std::collections::BTreeMap;

use serde_json::json;

use crate::ingest::Replayed;
use crate::model::{Decision, StoryDraft, Telling, TopicKey};

use super::super::screen::{Screen, Table};

/// A story that one of two configurations tells.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Difference {
    change: &'static str,
    place: usize,
    topic: TopicKey,
    /// Why the other configuration doesn't tell it.
    why: String,
}

/// What only one of the two replays tells, in the order of the articles; and how much both tell.
fn differences(old: &[Replayed], new: &[Replayed]) -> (Vec<Difference>, usize) {
    let mut found = Vec::new();
    let mut both = 0;
    for (before, after) in old.iter().zip(new) {
        let (told_before, told_after) = (told(before), told(after));
        both += told_before.keys().filter(|topic| told_after.contains_key(*topic)).count();
        let lost =
            told_before.keys().filter(|topic| !told_after.contains_key(*topic)).map(|topic| ("lost", topic, after));
        let gained =
            told_after.keys().filter(|topic| !told_before.contains_key(*topic)).map(|topic| ("gained", topic, before));
        found.extend(lost.chain(gained).map(|(change, topic, silent)| Difference {
            change,
            place: before.place,
            topic: (*topic).clone(),
            why: why_silent(silent, topic),
        }));
    }
    (found, both)
}

fn told(one: &Replayed) -> BTreeMap<&TopicKey, &Decision> {
    let told = one.decisions.iter().filter(|d| matches!(d.telling, Telling::Told(_)));
    told.filter_map(|d| Some((d.topic.as_ref()?, d))).collect()
}

/// Why nothing is told on the topic: the reason of the stage that settled it.
fn why_silent(one: &Replayed, topic: &TopicKey) -> String {
    if one.repeats.is_some() {
        return "the same address as an earlier article".to_owned();
    }
    let Some(decision) = one.decisions.iter().find(|d| d.topic.as_ref() == Some(topic)) else {
        return "it doesn't match the topic's query".to_owned();
    };
    // That it joined an event says more than that this was told already.
    let settling = decision.reasons.iter().rev().nth(1).or(decision.reasons.last());
    settling.map_or_else(String::new, |reason| reason.text.clone())
}

/// Prints what is gained and lost from the old configuration to the new.
pub(super) fn print(
    (ids, drafts): (&[String], &[StoryDraft]),
    (old, new): (&[Replayed], &[Replayed]),
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let (found, both) = differences(old, new);
    let count = |change: &str| found.iter().filter(|d| d.change == change).count();
    let (gained, lost) = (count("gained"), count("lost"));
    let mut table = Table::new(["change", "id", "topic", "title", "why not by the other"]);
    for one in &found {
        let id = ids.get(one.place).cloned().unwrap_or_default();
        let title = drafts.get(one.place).map(|d| d.title.clone()).unwrap_or_default();
        if screen.is_json() {
            let topic = one.topic.as_str();
            screen.record(&json!({"change": one.change, "id": id, "topic": topic, "title": title, "why": one.why}))?;
        } else {
            table.row([one.change.to_owned(), id, one.topic.to_string(), title, one.why.clone()]);
        }
    }
    let total = format!("{} articles: {gained} gained, {lost} lost, {both} told by both", ids.len());
    if screen.is_json() {
        screen.note(&total);
        return Ok(());
    }
    if !found.is_empty() {
        screen.table(&table)?;
    }
    Ok(screen.line(&total)?)
}
