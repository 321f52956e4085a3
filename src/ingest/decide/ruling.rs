//! The stages identity, copy and event: what a story is among those that a topic remembers.

use std::collections::BTreeSet;

use crate::dedup::EventPolicy;
use crate::model::{Reason, Ruling, Stage};

use super::super::index::{Account, Index, Likeness, Sides};
use super::{Found, reason};

/// Runs the stages identity, copy and event over a topic's index.
pub(in super::super) fn rule(index: &mut Index, account: &Account, policy: &EventPolicy) -> Found {
    if let Some(same) = index.same_words(account, policy) {
        let of = same.account.story;
        let (ruling, stage, text) = if same.account.kept.publisher() == account.kept.publisher() {
            (Ruling::Again { of }, Stage::Identity, "the same publisher's story with the same words")
        } else {
            (Ruling::Copy { of }, Stage::Copy, "the same words as another publisher's story")
        };
        let reasons = vec![reason(stage, text.to_owned(), &[("containment", 1.0)], Some(of))];
        return Found { ruling, event: Some(same.event), score: 1.0, reasons };
    }
    let mut reasons = Vec::new();
    let repeats = index.repeats(account, policy);
    if let Some(repeat) = repeats.copy() {
        let original = repeat.original;
        let of = original.account.story;
        let again = original.account.kept.publisher() == account.kept.publisher();
        let (ruling, stage) =
            if again { (Ruling::Again { of }, Stage::Identity) } else { (Ruling::Copy { of }, Stage::Copy) };
        let compared = repeat.member.account.story;
        let reasons = vec![reason(stage, repeat.text(), &repeat.numbers(policy), Some(compared))];
        return Found { ruling, event: Some(original.event), score: repeat.share(), reasons };
    }
    if let Some(repeat) = repeats.nearest() {
        let compared = repeat.member.account.story;
        reasons.push(reason(Stage::Copy, repeat.text(), &repeat.numbers(policy), Some(compared)));
    }
    let kinds = [
        (index.recurring(account), "the same title as event", ", on another day"),
        (repeats.of_others(), "words of event", ", but about another thing"),
        (
            index.others_of_series(account),
            "its title is one of a series, for another day or name than that of event",
            "",
        ),
    ];
    let mut others = BTreeSet::new();
    for (events, before, after) in kinds {
        if let Some(last) = events.last() {
            reasons.push(reason(Stage::Event, format!("{before} {last}{after}: not that event"), &[], None));
        }
        others.extend(events);
    }
    let Some(like) = index.most_alike(account, &others, policy) else {
        reasons.push(reason(Stage::Event, "no event near it in time has words or names of it".to_owned(), &[], None));
        return Found { ruling: Ruling::Opened, event: None, score: 1.0, reasons };
    };
    let joins = like.score >= like.threshold;
    reasons.push(likeness_reason(index, &like, joins));
    if joins {
        Found { ruling: Ruling::Joined, event: Some(like.event), score: like.score, reasons }
    } else {
        Found { ruling: Ruling::Opened, event: None, score: 1.0, reasons }
    }
}

fn likeness_reason(index: &Index, like: &Likeness, joins: bool) -> Reason {
    let Sides { words, names, meaning } = like.sides;
    let by = match (words, meaning) {
        (Some(_), Some(_)) => "by its words and what it means",
        (Some(_), None) => "by its words",
        (None, Some(_)) => "by what it means, and names and numbers, across languages",
        (None, None) => "by names and numbers, across languages",
    };
    let title = index.event(like.event).map_or("", |e| e.title.as_str());
    let others = if like.is_of_others { ", though neither names what the other's title does" } else { "" };
    let text = if joins {
        format!("tells of event {} ({title}), {by}{others}", like.event)
    } else {
        format!("most alike to event {} ({title}), {by}{others}, but not enough", like.event)
    };
    let hours = like.apart.as_secs_f64() / 3600.0;
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    let mut numbers = vec![("score", like.score), ("threshold", like.threshold), ("apart_hours", hours)];
    let sides = [("words", words), ("names", names), ("meaning", meaning)];
    numbers.extend(sides.into_iter().filter_map(|(name, cosine)| Some((name, cosine?))));
    numbers.extend([("events", count(like.odds.crowd.events)), ("novelty", like.odds.novelty)]);
    numbers.push(("stories", count(like.odds.stories)));
    let first = index.event(like.event).and_then(|e| e.members.first().copied());
    reason(Stage::Event, text, &numbers, first)
}
