//! What operators said of a story, as the decider goes by it: it comes before every query and every likeness.

use std::collections::BTreeSet;

use crate::model::{EventId, Hush, Label, Mark, Said, TopicKey};

use super::index::Index;

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
pub(super) fn event_of(label: &Label, index: &Index) -> Option<EventId> {
    Some(index.member(label.other?)?.event)
}
