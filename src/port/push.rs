//! The store's verbs of push channels: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::StoreError;
use crate::model::{Channel, ChannelId, ChannelSpec, Push, PushRecord, QueuedPush, Recorded, SourceId};

/// What the push loop has to do next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushDue {
    /// When a hub is to be asked. `None`: there is no channel.
    pub channel_at: Option<Timestamp>,
    /// Whether a push waits to be examined.
    pub queued: bool,
}

/// Bounds on the pushes of one channel that wait to be examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushBounds {
    /// How many.
    pub count: usize,
    /// Their bytes in all.
    pub bytes: usize,
}

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// It waits to be examined.
    Kept,
    /// Too many wait: its source is polled instead, at the given moment or sooner.
    Full,
    /// There is no such channel.
    Unknown,
}

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Pushes {
    /// All channels, by number.
    fn channels(&mut self) -> Result<Vec<Channel>, StoreError>;
    /// One channel.
    fn channel(&mut self, channel: ChannelId) -> Result<Option<Channel>, StoreError>;
    /// The channel of a source, one that is ending aside.
    fn channel_of(&mut self, source: SourceId) -> Result<Option<Channel>, StoreError>;
    /// The channel whose callback has this token.
    fn channel_at(&mut self, token: &str) -> Result<Option<Channel>, StoreError>;
    /// Begins a channel, due at once; `None` where the source has left. A source has one at most, those that are ending
    /// aside.
    fn begin_channel(
        &mut self,
        source: SourceId,
        spec: &ChannelSpec,
        now: Timestamp,
    ) -> Result<Option<ChannelId>, StoreError>;
    /// Writes a channel as it stands. `false` where there is none such any more.
    fn keep_channel(&mut self, channel: &Channel) -> Result<bool, StoreError>;
    /// Forgets a channel.
    fn drop_channel(&mut self, channel: ChannelId) -> Result<(), StoreError>;
    /// Channels whose hub is to be asked by `now`, longest due first.
    fn due_channels(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Channel>, StoreError>;
    /// What the push loop has to do next.
    fn push_due(&mut self) -> Result<PushDue, StoreError>;
    /// Keeps a push until it is examined, and counts it; where too many wait, makes the source due by `poll_at`.
    fn queue_push(&mut self, push: &Push, bounds: PushBounds, poll_at: Timestamp) -> Result<Queued, StoreError>;
    /// Counts a push without a good signature.
    fn count_refused(&mut self, channel: ChannelId) -> Result<(), StoreError>;
    /// The push that waits longest, with its source as it stands.
    fn oldest_push(&mut self) -> Result<Option<QueuedPush>, StoreError>;
    /// Writes what a push brought, and forgets it. Nothing is written of one that is forgotten already, and no story of
    /// a source that has left; validators, failures and health are left alone.
    fn record_push(&mut self, record: &PushRecord) -> Result<Recorded, StoreError>;
}
