//! Push channels: what is subscribed to at a `WebSub` hub, one a source.

use jiff::Timestamp;

use super::{ChannelId, PushId, Secret, Source, SourceId, StoryChange, WebUrl};

/// What a channel was begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSpec {
    /// The feed's own address (`rel=self`), as the publisher writes it: what the hub knows it by.
    pub topic: String,
    /// The hubs that the publisher names, the one in use first; never empty.
    pub hubs: Vec<WebUrl>,
    /// The public address of this daemon that the hub was given.
    pub base: WebUrl,
    /// The last part of the callback's path: whoever knows it can reach the channel.
    pub token: Secret,
    /// What the hub signs pushes with.
    pub secret: Secret,
}

/// How far a channel has come. Words are fixed: they stand in the store and on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChannelPhase {
    /// It is to be asked for, or was and is not verified.
    #[default]
    Asking,
    /// The hub has verified it; it lasts until the lease ends.
    Open,
    /// The hub refused; it is asked again in a day.
    Refused,
    /// No longer wanted: the hub is told so, then it is forgotten.
    Ending,
}

impl ChannelPhase {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Asking, Self::Open, Self::Refused, Self::Ending];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Asking => "asking",
            Self::Open => "open",
            Self::Refused => "refused",
            Self::Ending => "ending",
        }
    }
}

/// How a channel fares. The default is one that is to be asked for since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelState {
    /// How far it has come.
    pub phase: ChannelPhase,
    /// When the hub is to be asked next (again, or for a renewal).
    pub due_at: Timestamp,
    /// When the hub was last asked, while it has not verified.
    pub asked_at: Option<Timestamp>,
    /// Requests in a row that were not followed by a verification.
    pub failures: u32,
    /// Since when it is open without a break.
    pub open_since: Option<Timestamp>,
    /// When the hub's lease ends.
    pub lease_until: Option<Timestamp>,
    /// The last push with a good signature.
    pub last_push_at: Option<Timestamp>,
    /// The last push that only said that there is something new, or that did not fit into the queue.
    pub last_thin_at: Option<Timestamp>,
    /// Pushes with a good signature.
    pub pushes: u64,
    /// Pushes without one.
    pub refused: u64,
    /// Until when it is not relied upon: a poll found what it had not told.
    pub distrusted_until: Option<Timestamp>,
    /// What came of the last request, in words.
    pub note: String,
}

/// A subscription at a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its number.
    pub id: ChannelId,
    /// The source that it brings stories of.
    pub source: SourceId,
    /// What it was begun with.
    pub spec: ChannelSpec,
    /// How it fares.
    pub state: ChannelState,
}

impl Channel {
    /// Whether the hub has verified it and its lease lasts.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state.phase == ChannelPhase::Open && self.state.lease_until.is_some_and(|until| until > now)
    }

    /// How it stands, in a fixed word: that of its phase, or `lapsed` once its lease has run out.
    pub fn word(&self, now: Timestamp) -> &'static str {
        match self.state.phase {
            ChannelPhase::Open if !self.is_open(now) => "lapsed",
            phase @ (ChannelPhase::Open | ChannelPhase::Asking | ChannelPhase::Refused | ChannelPhase::Ending) => {
                phase.label()
            }
        }
    }

    /// Whether a poll once in a while is enough: it is open, has pushed, and has not been caught failing to.
    pub fn is_relied_upon(&self, now: Timestamp) -> bool {
        self.is_open(now)
            && self.state.last_push_at.is_some()
            && self.state.distrusted_until.is_none_or(|until| until <= now)
    }
}

/// A push with a good signature, to be kept until it is examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Through which channel it came.
    pub channel: ChannelId,
    /// When.
    pub at: Timestamp,
    /// Its media type.
    pub content_type: Option<String>,
    /// The document, as it came.
    pub body: Vec<u8>,
}

/// A push that waits to be examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedPush {
    /// Its number.
    pub id: PushId,
    /// What came.
    pub push: Push,
    /// The source that it is of, as it stands.
    pub source: Source,
}

/// Everything that one push changes, written in one transaction; the push is forgotten with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushRecord {
    /// The push.
    pub push: PushId,
    /// When it was examined.
    pub at: Timestamp,
    /// New and changed stories, oldest first.
    pub stories: Vec<StoryChange>,
    /// What the schedule has learnt of the source, in its own bytes; `None` keeps what is stored.
    pub pace: Option<Vec<u8>>,
    /// Of a push that holds no entries: when the source is polled for them, unless it is sooner anyway.
    pub poll_at: Option<Timestamp>,
}
