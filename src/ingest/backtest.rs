//! The decide stage over recorded articles, as if each had come at the moment of its publication.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::dedup::EventPolicy;
use crate::model::{
    Arrival, Decision, Endpoint, EventId, Filter, NotificationType, Origin, ReadFor, Secret, SourceId, Story,
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
    let mut decider = Decider::new(topics, matcher, policy, &Remembered::NOTHING);
    let subscriptions: Vec<Subscription> = everybody().into_iter().collect();
    let source_topics = BTreeMap::new();
    let mut by_url: BTreeMap<&str, usize> = BTreeMap::new();
    let mut replayed: Vec<Replayed> = Vec::with_capacity(articles.len());
    let mut merged: BTreeMap<EventId, EventId> = BTreeMap::new();
    for (place, draft) in articles.iter().enumerate() {
        if !draft.url.is_empty() {
            if let Some(&first) = by_url.get(draft.url.as_str()) {
                replayed.push(Replayed { place, decisions: Vec::new(), repeats: Some(first) });
                each(place + 1);
                continue;
            }
            by_url.insert(&draft.url, place);
        }
        let at = draft.published.unwrap_or(now);
        let story = Story {
            id: StoryId(i64::try_from(place).unwrap_or(i64::MAX).saturating_add(1)),
            source: SourceId(0),
            draft: draft.clone(),
            seen_at: at,
            arrival: Arrival::Later,
            revision: 1,
            state: StoryState::Undecided,
        };
        let context = Context {
            source_topics: &source_topics,
            subscriptions: &subscriptions,
            reader,
            reading: Reading::NONE,
            now: at,
        };
        let commit = decider.decide(
            &[Undecided { story, previous: Vec::new(), labels: Vec::new(), read_for: Some(ReadFor::Source) }],
            &context,
        );
        for (gone, into) in commit.merged {
            merged.values_mut().filter(|to| **to == gone).for_each(|to| *to = into);
            merged.insert(gone, into);
        }
        replayed.push(Replayed { place, decisions: commit.decisions, repeats: None });
        each(place + 1);
    }
    // Where stories are in the end.
    for decision in replayed.iter_mut().flat_map(|one| &mut one.decisions) {
        decision.event = decision.event.map(|event| merged.get(&event).copied().unwrap_or(event));
    }
    replayed
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
