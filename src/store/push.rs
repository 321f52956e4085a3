//! The port's verbs of push channels, as transactions or savepoints.

use jiff::Timestamp;

use super::{SqliteStore, channel};
use crate::model::{Channel, ChannelId, ChannelSpec, Push, PushRecord, QueuedPush, Recorded, SourceId};
use crate::port::{PushBounds, PushDue, Pushes, Queued, StoreError};

impl Pushes for SqliteStore {
    fn channels(&mut self) -> Result<Vec<Channel>, StoreError> {
        self.read("channels", channel::all)
    }

    fn channel(&mut self, id: ChannelId) -> Result<Option<Channel>, StoreError> {
        self.read("channel", |db| channel::one(db, id))
    }

    fn channel_of(&mut self, source: SourceId) -> Result<Option<Channel>, StoreError> {
        self.read("channel_of", |db| channel::of_source(db, source))
    }

    fn channel_at(&mut self, token: &str) -> Result<Option<Channel>, StoreError> {
        self.read("channel_at", |db| channel::by_token(db, token))
    }

    fn begin_channel(
        &mut self,
        source: SourceId,
        spec: &ChannelSpec,
        now: Timestamp,
    ) -> Result<Option<ChannelId>, StoreError> {
        self.write("begin_channel", |db| channel::begin(db, source, spec, now))
    }

    fn keep_channel(&mut self, kept: &Channel) -> Result<bool, StoreError> {
        self.write("keep_channel", |db| channel::keep(db, kept))
    }

    fn drop_channel(&mut self, id: ChannelId) -> Result<(), StoreError> {
        self.write("drop_channel", |db| channel::forget(db, id))
    }

    fn due_channels(&mut self, now: Timestamp, limit: usize) -> Result<Vec<Channel>, StoreError> {
        self.read("due_channels", |db| channel::due(db, now, limit))
    }

    fn push_due(&mut self) -> Result<PushDue, StoreError> {
        self.read("push_due", |db| channel::next(db))
    }

    fn queue_push(&mut self, push: &Push, bounds: PushBounds, poll_at: Timestamp) -> Result<Queued, StoreError> {
        self.write("queue_push", |db| channel::queue(db, push, bounds, poll_at))
    }

    fn count_refused(&mut self, id: ChannelId) -> Result<(), StoreError> {
        self.write("count_refused", |db| channel::count_refused(db, id))
    }

    fn oldest_push(&mut self) -> Result<Option<QueuedPush>, StoreError> {
        self.read("oldest_push", |db| channel::oldest(db))
    }

    fn record_push(&mut self, record: &PushRecord) -> Result<Recorded, StoreError> {
        self.write("record_push", |db| channel::record(db, record))
    }
}
