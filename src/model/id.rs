//! Names of things: row ids of the store, and the two that are words.

use std::fmt;

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id!(
    /// A source's number in the store.
    SourceId
);
row_id!(
    /// A story's number in the store; stories are a log, so a larger number was recorded later.
    StoryId
);
row_id!(
    /// An event's number in the store.
    EventId
);
row_id!(
    /// A subscription's number in the store.
    SubscriptionId
);
row_id!(
    /// A delivery's number in the store.
    DeliveryId
);
row_id!(
    /// A notification's number in the log of all notifications: it grows in the order of commits, and is never given twice.
    #[derive(Default)]
    Sequence
);
row_id!(
    /// The number of an event's latest change: it grows with each change of any event, and is never given twice.
    #[derive(Default)]
    EventVersion
);
row_id!(
    /// A push channel's number in the store.
    ChannelId
);
row_id!(
    /// A follower's number in the store.
    FollowerId
);
row_id!(
    /// A token's number in the store.
    TokenId
);
row_id!(
    /// A waiting push's number in the store.
    PushId
);

/// A topic's short name, as configured: `resolution`. One to 64 of `a-z`, `0-9`, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicKey(String);

impl TopicKey {
    /// Takes `text` as a topic's name; `None` where a character or the length is not allowed.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        fits.then(|| Self(text.to_owned()))
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TopicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A notification's identity, the same on every attempt, replay and transport: `msg_` and 32 hexadecimal digits.
///
/// It is made from what is told (topic, address of the story that caused it, type), never from row numbers, so that
/// a subscriber's own memory of ids outlives a rebuilt database. It holds no dot, as Standard Webhooks asks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotificationId(pub String);

impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
