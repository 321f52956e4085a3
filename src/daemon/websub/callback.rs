//! The callback, as the server calls it: hubs' questions answered, pushes taken.

use std::sync::Arc;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::model::{Channel, Push, Recorded};
use crate::port::{PushBounds, Queued, Store, StoreError};
use crate::websub::{Question, Reply, check, reply};

use super::super::Parts;
use super::push::thin_wait;
use super::{keep, later};

/// Pushes of one channel that wait to be examined; they are examined faster than any publisher writes.
const QUEUE_MAX: usize = 16;
/// Bodies under way at once, so that hubs can't fill the memory.
const SEATS: usize = 8;

/// Answers hubs. Cheap to clone: everything is shared.
#[derive(Debug, Clone)]
pub struct Callback {
    parts: Parts,
    seats: Arc<Semaphore>,
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
        Self { parts: parts.clone(), seats: Arc::new(Semaphore::new(SEATS)) }
    }

    /// Bytes of a push at most: as many as of a feed that is fetched.
    pub fn body_bytes_max(&self) -> usize {
        self.parts.terms().loops.feed_limits.body_bytes
    }

    /// Waits for a place to read a body in.
    pub async fn seat(&self) -> Option<SemaphorePermit<'_>> {
        self.seats.acquire().await.ok()
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
        let queued = self
            .parts
            .keeper
            .write(move |store: &mut dyn Store| {
                let Some(source) = store.source(source)? else { return Ok(Queued::Unknown) };
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
