//! Notifications: what a subscriber is told.

use jiff::Timestamp;

use super::{EventId, NotificationId, SourceId, StoryId, TopicKey};

/// The types that a subscriber chooses from; the words are fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotificationType {
    /// The first story of an event on a topic.
    EventOpened,
    /// More publishers, or a correction.
    EventUpdated,
    /// Two events, each told, were found to be one.
    EventMerged,
    /// A source in trouble.
    SourceFailing,
    /// A source well again.
    SourceRecovered,
    /// A subscription that is no longer served, because of its endpoint.
    SubscriptionDisabled,
    /// A test, asked for by a person.
    SubscriptionTest,
    /// What was held back for a subscription, in one.
    Digest,
}

impl NotificationType {
    /// All of them, in the order that documents list them.
    pub const ALL: [Self; 8] = [
        Self::EventOpened,
        Self::EventUpdated,
        Self::EventMerged,
        Self::SourceFailing,
        Self::SourceRecovered,
        Self::SubscriptionDisabled,
        Self::SubscriptionTest,
        Self::Digest,
    ];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::EventOpened => "event.opened",
            Self::EventUpdated => "event.updated",
            Self::EventMerged => "event.merged",
            Self::SourceFailing => "source.failing",
            Self::SourceRecovered => "source.recovered",
            Self::SubscriptionDisabled => "subscription.disabled",
            Self::SubscriptionTest => "subscription.test",
            Self::Digest => "digest",
        }
    }

    /// The type with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.label() == word)
    }
}

/// A notification, made once; its body is what every attempt sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its identity (`webhook-id`).
    pub id: NotificationId,
    /// Its type.
    pub kind: NotificationType,
    /// The topic, for events.
    pub topic: Option<TopicKey>,
    /// The event, for events: deliveries of one event keep their order.
    pub event: Option<EventId>,
    /// The story that caused it.
    pub story: Option<StoryId>,
    /// The source, for sources.
    pub source: Option<SourceId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The payload (deliver/payload renders it), JSON text.
    pub body: String,
}
