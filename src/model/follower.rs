//! Followers: who subscribed to a feed of ours at our own `WebSub` hub.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::{EventId, FollowerId, Secret, TopicKey, WebUrl};

/// The formats that a topic's feed is written in. Words are fixed: they stand in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FeedFormat {
    /// Atom 1.0.
    Atom,
    /// RSS 2.0.
    Rss,
    /// JSON Feed 1.1.
    Json,
}

impl FeedFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Atom, Self::Rss, Self::Json];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "json",
        }
    }
}

/// A feed of ours: `council.atom`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FeedName {
    /// The topic whose events it tells.
    pub topic: TopicKey,
    /// How it is written.
    pub format: FeedFormat,
}

impl FeedName {
    /// Takes the last part of a feed's address; `None` where it is no topic's name with a format behind it.
    pub fn parse(text: &str) -> Option<Self> {
        let (topic, word) = text.rsplit_once('.')?;
        let format = FeedFormat::ALL.into_iter().find(|format| format.label() == word)?;
        Some(Self { topic: TopicKey::parse(topic)?, format })
    }
}

impl fmt::Display for FeedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.topic, self.format.label())
    }
}

/// A place in a feed: an event's, behind which those stand that were told before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedPlace {
    /// When the event was told.
    pub told_at: Timestamp,
    /// Which it is.
    pub event: EventId,
}

impl FeedPlace {
    /// Reads what [`Self`] is written as.
    pub fn parse(text: &str) -> Option<Self> {
        let (told_at, event) = text.split_once('-')?;
        let told_at = Timestamp::from_millisecond(told_at.parse().ok()?).ok()?;
        Some(Self { told_at, event: EventId(event.parse().ok()?) })
    }
}

impl fmt::Display for FeedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.told_at.as_millisecond(), self.event.0)
    }
}

/// How often a topic's feed has changed since somebody began to follow it; one that nobody ever followed is at zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FeedVersion(pub u64);

/// Who follows what; both together are one follower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowerSpec {
    /// The feed's own address, as the follower writes it.
    pub address: String,
    /// Which feed that is.
    pub feed: FeedName,
    /// Where it is posted to. It gives the right to be believed, so it is told to nobody.
    pub callback: WebUrl,
}

/// What a follower asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// To be posted the feed, or to go on.
    Follow {
        /// For how long.
        lease: Duration,
        /// What is signed with.
        secret: Option<Secret>,
    },
    /// To be left alone.
    Leave,
}

impl Wish {
    /// The fixed word, that of `hub.mode`.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Follow { .. } => "subscribe",
            Self::Leave => "unsubscribe",
        }
    }
}

/// A wish that the callback has not confirmed yet: nothing of it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Petition {
    /// What was asked for.
    pub wish: Wish,
    /// When.
    pub asked_at: Timestamp,
    /// When the callback is to be asked whether it meant it.
    pub due_at: Timestamp,
    /// How often it could not be asked.
    pub failures: u32,
}

/// How a follower fares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FollowerState {
    /// Until when it is posted to; `None`: it was never confirmed.
    pub lease_until: Option<Timestamp>,
    /// What is signed with.
    pub secret: Option<Secret>,
    /// What is to be confirmed.
    pub petition: Option<Petition>,
    /// The version of the feed that it has.
    pub has: FeedVersion,
    /// A hash of what was posted last; empty before the first.
    pub posted_hash: String,
    /// No sooner is it posted to.
    pub next_at: Timestamp,
    /// Failed posts in a row.
    pub failures: u32,
    /// Posts that were taken.
    pub posts: u64,
    /// When the last of them was.
    pub last_post_at: Option<Timestamp>,
    /// What the callback answered last, for people.
    pub note: String,
}

/// A follower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    /// Its number.
    pub id: FollowerId,
    /// Who follows what.
    pub spec: FollowerSpec,
    /// How it fares.
    pub state: FollowerState,
}

impl Follower {
    /// Whether it is posted to.
    pub fn is_confirmed(&self, now: Timestamp) -> bool {
        self.state.lease_until.is_some_and(|until| until > now)
    }
}
