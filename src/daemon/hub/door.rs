//! The hub's door, as the server calls it: what subscribers ask is kept until their callbacks confirm it.

use crate::model::{FollowerSpec, FollowerState, Wish};
use crate::port::{Store, StoreError};
use crate::url::registrable;
use crate::websub::hub::petitioned;

use super::super::Parts;

/// Followers whose callbacks are at one registered domain are one of so many parts of all at most, but so many in any case: who
/// has one domain can't take the places of all others.
const OF_DOMAIN_PART: usize = 10;
const OF_DOMAIN_MIN: usize = 20;

/// Takes what subscribers ask. Cheap to clone: everything is shared.
#[derive(Debug, Clone)]
pub struct Hub {
    parts: Parts,
}

/// What became of what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is kept: the callback is asked next.
    Taken,
    /// There is no such feed.
    NoFeed,
    /// The callback doesn't follow that feed.
    NoFollower,
    /// There are as many followers as may be.
    Full,
    /// There are as many at this callback's domain as may be.
    Crowded,
}

impl Hub {
    /// For the loops of `parts`.
    pub fn new(parts: &Parts) -> Self {
        Self { parts: parts.clone() }
    }

    /// Whether feeds are pushed.
    pub fn is_open(&self) -> bool {
        self.parts.terms().hub.is_some()
    }

    /// Keeps what was asked in the name of a callback. Nothing of it holds before the callback confirms it.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn hear(&self, spec: FollowerSpec, wish: Wish) -> Result<Heard, StoreError> {
        let most = self.parts.terms().hub.as_ref().map_or(0, |hub| hub.followers_max);
        let now = self.parts.clock.now();
        let job = move |store: &mut dyn Store| {
            if let Some(mut known) = store.follower_at(&spec.address, &spec.callback)? {
                known.state = petitioned(&known.state, wish, now);
                return store.keep_follower(&known).map(|_stands| Heard::Taken);
            }
            if wish == Wish::Leave {
                return Ok(Heard::NoFollower);
            }
            if !store.topics()?.iter().any(|topic| topic.spec.key == spec.feed.topic) {
                return Ok(Heard::NoFeed);
            }
            let domain = registrable(spec.callback.host_text());
            let beside = store.followers()?;
            let beside = beside.iter().filter(|other| registrable(other.spec.callback.host_text()) == domain);
            if beside.count() >= OF_DOMAIN_MIN.max(most / OF_DOMAIN_PART) {
                return Ok(Heard::Crowded);
            }
            let begun = store.begin_follower(&spec, &petitioned(&FollowerState::default(), wish, now), most)?;
            Ok(begun.map_or(Heard::Full, |_id| Heard::Taken))
        };
        let heard = self.parts.keeper.write(job).await?;
        self.parts.bells.hub.ring();
        Ok(heard)
    }
}
