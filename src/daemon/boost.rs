//! An event that others tell of: the polls of sources that are likely to tell of it too are brought forward.

use std::collections::BTreeSet;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use super::Parts;
use crate::model::{Commit, EventId, Ruling};
use crate::port::{Store, StoreError};
use crate::schedule::{Quote, boost, boost_of};

/// So many sources tell of an event before it counts: one alone is no evidence.
const TELLERS: usize = 2;
/// A source's share of the topic's events is taken over this time.
const PAST: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Events kept in mind as boosted; older ones are joined no more.
const EVENTS_MAX: usize = 1_000;

/// Which events have boosted others already.
#[derive(Debug, Default)]
pub(super) struct Booster(BTreeSet<EventId>);

/// The events that a commit adds another telling to.
pub(super) fn joined(commit: &Commit) -> BTreeSet<EventId> {
    commit.decisions.iter().filter(|decision| decision.ruling == Ruling::Joined).filter_map(|d| d.event).collect()
}

impl Booster {
    /// Brings polls forward for those of `joined` that two sources tell of now and that have not done so before.
    pub(super) async fn events(&mut self, parts: &Parts, joined: BTreeSet<EventId>) -> anyhow::Result<()> {
        for event in joined {
            if self.0.contains(&event) {
                continue;
            }
            let (quote, now) = (parts.market.quote(), parts.clock.now());
            let boosted = parts.keeper.note(move |store| others(store, event, &quote, now)).await;
            if let Some(count) = boosted.context("bring polls forward")? {
                tracing::debug!(event.id = event.0, sources = count, "brought polls forward");
                self.0.insert(event);
                parts.bells.poll.ring();
            }
        }
        while self.0.len() > EVENTS_MAX {
            self.0.pop_first();
        }
        Ok(())
    }
}

/// Boosts the other sources that tell of the topic's events; `None` where too few tell of this one yet.
fn others(store: &mut dyn Store, event: EventId, quote: &Quote, now: Timestamp) -> Result<Option<usize>, StoreError> {
    let since = now.checked_sub(PAST).unwrap_or(Timestamp::MIN);
    let Some(crowd) = store.crowd(event, since)?.filter(|crowd| crowd.tellers.len() >= TELLERS) else {
        return Ok(None);
    };
    let mut count = 0;
    for (id, told) in crowd.others {
        let Some(source) = store.source(id)? else { continue };
        let stories = boost_of(told, crowd.events);
        let Some(boosted) = boost(&source.spec, &source.state, quote, stories, now) else { continue };
        count += usize::from(store.bring_forward(id, boosted.at, &boosted.pace.to_bytes(), now)?);
    }
    Ok(Some(count))
}
