//! What operators said of a story, as the decider goes by it: it comes before every query and every likeness.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::dedup::EventPolicy;
use crate::model::{Decision, EventId, Hush, Label, Mark, Reason, Ruling, Said, Stage, StoryId, Telling, TopicKey};

use super::decide::{Found, reason, rule};
use super::index::{Account, Index};

/// What was said of one story, in the order it was said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sayings<'a>(pub(super) &'a [Label]);

impl<'a> Sayings<'a> {
    /// Topics that the story is on because an operator said so.
    pub(super) fn on_topics(self) -> impl Iterator<Item = &'a TopicKey> {
        let marked = move |label: &&Label| self.mark(&label.topic).is_some_and(|(mark, _)| mark == Mark::OnTopic);
        self.0.iter().filter(marked).map(|label| &label.topic)
    }

    /// How the story is marked on a topic: what was said last holds.
    pub(super) fn mark(self, topic: &TopicKey) -> Option<(Mark, Hush)> {
        self.0.iter().rev().filter(|label| label.topic == *topic).find_map(|label| {
            let hush = if label.tell { Hush::Tell } else { Hush::Quiet };
            match label.said {
                Said::OnTopic => Some((Mark::OnTopic, hush)),
                Said::OffTopic => Some((Mark::OffTopic, hush)),
                Said::Same | Said::Apart => None,
            }
        })
    }

    /// The event in which a story is that this one is the same event as; the one said last.
    pub(super) fn same(self, topic: &TopicKey, index: &Index) -> Option<&'a Label> {
        self.of(topic, Said::Same).rev().find(|label| event_of(label, index).is_some())
    }

    /// The events in which stories are that this one tells of another event than.
    pub(super) fn apart(self, topic: &TopicKey, index: &Index) -> BTreeSet<EventId> {
        self.of(topic, Said::Apart).filter_map(|label| event_of(label, index)).collect()
    }

    fn of(self, topic: &TopicKey, said: Said) -> impl DoubleEndedIterator<Item = &'a Label> {
        self.0.iter().filter(move |label| label.said == said && label.topic == *topic)
    }
}

/// Where a label's other story is now.
fn event_of(label: &Label, index: &Index) -> Option<EventId> {
    Some(index.member(label.other?)?.event)
}

/// What operators said of the story, else what the stages say, as far as nothing else was said.
pub(super) fn rule_as_said(
    index: &mut Index,
    account: &Account,
    policy: &EventPolicy,
    topic: &TopicKey,
    said: Sayings<'_>,
) -> Found {
    if let Some(same) = said.same(topic, index) {
        let event = event_of(same, index);
        let reasons = vec![reason(Stage::Operator, "the same event as that story".to_owned(), &[], same.other)];
        return Found { ruling: Ruling::Joined, event, score: 1.0, reasons };
    }
    let apart = said.apart(topic, index);
    let mut found = rule(index, account, policy);
    if let Some(event) = found.event.filter(|event| apart.contains(event)) {
        found.reasons.push(reason(Stage::Operator, format!("another event than {event}"), &[], None));
        return Found { ruling: Ruling::Opened, event: None, score: 1.0, ..found };
    }
    found
}

/// Keeps a story as off the topic.
pub(super) fn reject(index: &mut Index, account: Account, at: Timestamp) {
    let own = EventId(account.story.0);
    if index.event(own).is_some() {
        index.join(own, account, Ruling::Opened, at);
    } else {
        index.open(own, account, at);
    }
}

/// Why a story is off the topic: it repeats one that an operator marked so.
pub(super) fn copy_of_rejected(index: &Index, account: &Account, policy: &EventPolicy) -> Option<Reason> {
    let text = "off the topic: the text of a story that was marked so".to_owned();
    if let Some(same) = index.same_words(account, policy) {
        return Some(reason(Stage::Operator, text, &[("containment", 1.0)], Some(same.account.story)));
    }
    let repeats = index.repeats(account, policy);
    let repeat = repeats.copy()?;
    Some(reason(Stage::Operator, text, &repeat.numbers(policy), Some(repeat.member.account.story)))
}

/// The decision that a story is not on a topic though its query may match.
pub(super) fn off(
    (story, revision): (StoryId, u32),
    topic: &TopicKey,
    reasons: Vec<Reason>,
    now: Timestamp,
) -> Decision {
    Decision {
        story,
        revision,
        topic: Some(topic.clone()),
        ruling: Ruling::OffTopic,
        event: None,
        score: 0.0,
        telling: Telling::Silent,
        reasons,
        decided_at: now,
    }
}
