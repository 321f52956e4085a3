//! The decide stage over recorded articles, as if each had come at the moment of its publication.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::dedup::EventPolicy;
use crate::model::{
    Arrival, Commit, Decision, Endpoint, EventId, Filter, NotificationType, Origin, ReadFor, Secret, SourceId, Story,
    StoryDraft, StoryId, StoryState, Subscription, SubscriptionId, SubscriptionSpec, SubscriptionState, Topic, WebUrl,
};
use crate::topic::Matcher;

use super::{Context, Decider, Reader, Reading, Remembered, Undecided};

/// What would have been decided of a recorded article.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// Its place in the given order.
    pub place: usize,
    /// The decision on each topic that it is on, or the one that says it is on none.
    pub decisions: Vec<Decision>,
    /// The place of the article that it repeats by address, if it does; then nothing was decided anew.
    pub repeats: Option<usize>,
}

/// Replays articles given in the order of their time. A story's number is its place in that order, counted from 1.
///
/// Nothing is stale or silent here: each article is decided at the moment of its publication (or `now` where it has
/// none), as if its source had just brought it. `each` is called after each article with the number done.
pub fn backtest(
    articles: &[StoryDraft],
    topics: Vec<Topic>,
    matcher: Matcher,
    (policy, reader): (EventPolicy, Reader<'_>),
    now: Timestamp,
    mut each: impl FnMut(usize),
) -> Vec<Replayed> {
    let mut replay = Replay::new(topics, matcher, policy);
    for (place, draft) in articles.iter().enumerate() {
        replay.take(place, draft, reader, draft.published.unwrap_or(now));
        each(place + 1);
    }
    replay.end()
}

/// A replay under way: articles come in one by one.
#[derive(Debug)]
pub(super) struct Replay {
    decider: Decider,
    subscriptions: Vec<Subscription>,
    by_url: BTreeMap<String, usize>,
    merged: BTreeMap<EventId, EventId>,
    replayed: Vec<Replayed>,
}

impl Replay {
    pub(super) fn new(topics: Vec<Topic>, matcher: Matcher, policy: EventPolicy) -> Self {
        Self {
            decider: Decider::new(topics, matcher, policy, &Remembered::NOTHING),
            subscriptions: everybody().into_iter().collect(),
            by_url: BTreeMap::new(),
            merged: BTreeMap::new(),
            replayed: Vec::new(),
        }
    }

    /// Decides the article at `place`, unless it repeats an earlier one.
    pub(super) fn take(&mut self, place: usize, draft: &StoryDraft, reader: Reader<'_>, at: Timestamp) {
        if !draft.url.is_empty() {
            if let Some(&first) = self.by_url.get(&draft.url) {
                self.replayed.push(Replayed { place, decisions: Vec::new(), repeats: Some(first) });
                return;
            }
            self.by_url.insert(draft.url.clone(), place);
        }
        let story = Story {
            id: StoryId(i64::try_from(place).unwrap_or(i64::MAX).saturating_add(1)),
            source: SourceId(0),
            draft: draft.clone(),
            seen_at: at,
            arrival: Arrival::Later,
            revision: 1,
            state: StoryState::Undecided,
        };
        let commit = self.decide(
            &[Undecided { story, previous: Vec::new(), labels: Vec::new(), read_for: Some(ReadFor::Source) }],
            reader,
            at,
        );
        for (gone, into) in commit.merged {
            self.merged.values_mut().filter(|to| **to == gone).for_each(|to| *to = into);
            self.merged.insert(gone, into);
        }
        self.replayed.push(Replayed { place, decisions: commit.decisions, repeats: None });
    }

    /// Lets an article go by that is on no topic: all that it does is to let time pass.
    pub(super) fn pass(&mut self, at: Timestamp) {
        self.decide(&[], Reader::default(), at);
    }

    fn decide(&mut self, batch: &[Undecided], reader: Reader<'_>, now: Timestamp) -> Commit {
        let context = Context {
            source_topics: &BTreeMap::new(),
            subscriptions: &self.subscriptions,
            reader,
            reading: Reading::NONE,
            now,
            believed: now,
        };
        self.decider.decide(batch, &context)
    }

    /// What was decided of those taken, with the events where stories are in the end.
    pub(super) fn end(mut self) -> Vec<Replayed> {
        for decision in self.replayed.iter_mut().flat_map(|one| &mut one.decisions) {
            decision.event = decision.event.map(|event| self.merged.get(&event).copied().unwrap_or(event));
        }
        self.replayed
    }
}

/// A subscription that wants every opening, so that tellings are decided as in service.
fn everybody() -> Option<Subscription> {
    Some(Subscription {
        id: SubscriptionId(1),
        spec: SubscriptionSpec::new(
            "backtest",
            Endpoint::webhook(WebUrl::parse("https://backtest.invalid/").ok()?, Secret::new("")),
            Filter { types: vec![NotificationType::EventOpened], ..Filter::default() },
        ),
        origin: Origin::Api,
        state: SubscriptionState::Active,
        created_at: Timestamp::UNIX_EPOCH,
    })
}
