//! The callback, as the server calls it: hubs' questions answered, pushes taken.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::model::{Channel, ChannelId, Push, Recorded};
use crate::port::{PushBounds, Queued, Store, StoreError};
use crate::websub::{Question, Reply, check, reply};

use super::super::Parts;
use super::push::thin_wait;
use super::{keep, later};

/// Pushes of one channel that wait to be examined; they are examined faster than any publisher writes.
const QUEUE_MAX: usize = 16;
/// Bodies under way at once, so that hubs can't fill the memory.
const SEATS: usize = 8;
/// Of these, so many of one channel, those that wait for a seat included: a hub that sends slowly holds up few others.
const SEATS_OF_CHANNEL: usize = 2;

/// Answers hubs. Cheap to clone: everything is shared.
#[derive(Debug, Clone)]
pub struct Callback {
    parts: Parts,
    seats: Arc<Semaphore>,
    /// Bodies of each channel that has any.
    bodies: Arc<Mutex<BTreeMap<ChannelId, usize>>>,
}

/// A place to read a body in, until it is dropped.
#[derive(Debug)]
pub struct Seat {
    _own: OwnSeat,
    _one_of_all: OwnedSemaphorePermit,
}

/// One of a channel's own.
#[derive(Debug)]
struct OwnSeat {
    channel: ChannelId,
    bodies: Arc<Mutex<BTreeMap<ChannelId, usize>>>,
}

impl OwnSeat {
    fn take(channel: ChannelId, bodies: &Arc<Mutex<BTreeMap<ChannelId, usize>>>) -> Option<Self> {
        let mut counts = bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(channel).or_default();
        if *count >= SEATS_OF_CHANNEL {
            return None;
        }
        *count += 1;
        Some(Self { channel, bodies: Arc::clone(bodies) })
    }
}

impl Drop for OwnSeat {
    fn drop(&mut self) {
        let mut counts = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        let left = counts.get(&self.channel).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            counts.remove(&self.channel);
        } else {
            counts.insert(self.channel, left);
        }
    }
}

/// What becomes of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It was heard: kept, or made a poll of, or ignored for its signature (which the hub isn't told: recommendation
    /// section 8).
    Heard,
    /// There is no such channel.
    Unknown,
}

/// A push as it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// `X-Hub-Signature`.
    pub signature: Option<String>,
    /// Content-Type.
    pub content_type: Option<String>,
    /// The bytes, as they came.
    pub body: Vec<u8>,
}

impl Callback {
    /// For the loops of `parts`.
    pub fn new(parts: &Parts) -> Self {
        let parts = Parts { keeper: parts.keeper.for_guests(), ..parts.clone() };
        Self { parts, seats: Arc::new(Semaphore::new(SEATS)), bodies: Arc::default() }
    }

    /// Bytes of a push at most: as many as of a feed that is fetched.
    pub fn body_bytes_max(&self) -> usize {
        self.parts.terms().loops.feed_limits.body_bytes
    }

    /// Waits for a place to read a body of a channel in. `None`, at once: the channel has as many bodies under way as it may.
    pub async fn seat(&self, channel: ChannelId) -> Option<Seat> {
        let own = OwnSeat::take(channel, &self.bodies)?;
        let one_of_all = Arc::clone(&self.seats).acquire_owned().await.ok()?;
        Some(Seat { _own: own, _one_of_all: one_of_all })
    }

    /// The channel whose callback has this token.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn channel(&self, token: String) -> Result<Option<Channel>, StoreError> {
        if self.parts.terms().websub.is_none() {
            return Ok(None);
        }
        self.parts.keeper.read(move |store| store.channel_at(&token)).await
    }

    /// Answers a hub's question about a channel.
    ///
    /// # Errors
    /// When the store refuses: then the hub must be told to come again.
    pub async fn answer(&self, token: String, query: &str) -> Result<Reply, StoreError> {
        let terms = self.parts.terms();
        let (Some(websub), Some(known)) = (&terms.websub, self.channel(token).await?) else { return Ok(Reply::No) };
        let (question, policy) = (Question::parse(query), websub.policy.clone());
        let now = self.parts.clock.now();
        let dice = self.parts.dice.unit("lease", known.id.0, now.as_millisecond().cast_unsigned());
        let mode = question.mode.clone();
        let (said, note) = self
            .parts
            .keeper
            .write(move |store: &mut dyn Store| {
                let Some(channel) = store.channel(known.id)? else { return Ok((Reply::No, String::new())) };
                let (said, after) = reply(&channel, &question, &policy, now, dice);
                keep(store, channel.id, after)?;
                Ok((said, store.channel(known.id)?.map(|channel| channel.state.note).unwrap_or_default()))
            })
            .await?;
        let id = known.source.0;
        match said {
            Reply::Echo(_) => tracing::info!(source.id = id, "the hub of source {id} verified: {mode}"),
            Reply::Heard => tracing::warn!(source.id = id, "the hub of source {id} will not push: {note}"),
            Reply::No => {
                tracing::warn!(source.id = id, "the hub of source {id} asked for what is not wanted, and was refused");
            }
        }
        // A renewal may be due sooner than the loop foresaw.
        self.parts.bells.push.ring();
        Ok(said)
    }

    /// Takes a push. When this returns [`Taken::Heard`], what it tells will be read, whatever happens to the process.
    ///
    /// # Errors
    /// When the store refuses both to keep it and to poll its source instead: then the hub must be told to come again.
    pub async fn take(&self, channel: Channel, incoming: Incoming) -> Result<Taken, StoreError> {
        let Incoming { signature, content_type, body } = incoming;
        let (id, source) = (channel.id, channel.source);
        if let Err(fault) = check(&channel.spec.secret, signature.as_deref(), &body) {
            tracing::warn!(source.id = source.0, "a push for source {source} was ignored: {fault}");
            self.parts.status.pushed("refused", Recorded::default());
            return self.parts.keeper.note(move |store| store.count_refused(id)).await.map(|()| Taken::Heard);
        }
        let now = self.parts.clock.now();
        let bounds = PushBounds { count: QUEUE_MAX, bytes: self.body_bytes_max().saturating_mul(2) };
        let push = Push { channel: id, at: now, content_type, body };
        let token = channel.spec.token;
        let queued = self
            .parts
            .keeper
            .write(move |store: &mut dyn Store| {
                // While its body came another channel may have taken the number of one that was forgotten.
                let is_same = store.channel(id)?.is_some_and(|now| now.spec.token == token);
                let Some(source) = store.source(source)?.filter(|_| is_same) else { return Ok(Queued::Unknown) };
                let soonest = source.state.last_poll_at.map_or(now, |last| later(last, thin_wait(&source.spec)));
                store.queue_push(&push, bounds, soonest.max(now))
            })
            .await;
        match queued {
            Ok(Queued::Kept) => {
                self.parts.status.pushed("accepted", Recorded::default());
                self.parts.bells.push.ring();
                Ok(Taken::Heard)
            }
            Ok(Queued::Full) => {
                tracing::warn!(source.id = source.0, "source {source} is polled, as too many pushes wait");
                self.parts.status.pushed("overflow", Recorded::default());
                self.parts.bells.poll.ring();
                Ok(Taken::Heard)
            }
            Ok(Queued::Unknown) => Ok(Taken::Unknown),
            Err(error) => {
                tracing::warn!(source.id = source.0, "source {source} is polled, as a push could not be kept: {error}");
                self.parts.keeper.write(move |store| store.poll_now(Some(&[source]), now)).await?;
                self.parts.bells.poll.ring();
                Ok(Taken::Heard)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_has_two_seats_which_are_free_again_when_they_are_left() {
        let bodies = Arc::default();
        let take = |channel| OwnSeat::take(ChannelId(channel), &bodies);
        let (first, second) = (take(1).unwrap(), take(1).unwrap());
        assert!(take(1).is_none() && take(2).is_some());
        drop(first);
        assert!(take(1).is_some());
        drop(second);
        assert!(bodies.lock().unwrap().is_empty());
    }
}
