//! Deliveries: a notification for one subscription, and the attempts at it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{DeliveryId, DisabledReason, Notification, Subscription, SubscriptionId, Trouble};

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// To be sent, now or at its next attempt.
    Pending,
    /// The endpoint took it (2xx).
    Delivered,
    /// Given up: its attempts or its time ran out. Kept, and can be replayed.
    Expired,
    /// The device is gone or the subscription was removed. Kept, and can be replayed.
    Gone,
    /// Held back for a digest.
    Held,
    /// Told within a digest, which has a delivery of its own.
    Digested,
    /// The subscription is disabled. Sent when it is enabled again.
    Kept,
    /// Not sent: the subscription hears of the same story by another topic. Can be replayed.
    Repeat,
    /// Taken back before it was sent: what it tells holds no longer. Can be replayed.
    Withdrawn,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::Delivered,
        Self::Expired,
        Self::Gone,
        Self::Held,
        Self::Digested,
        Self::Kept,
        Self::Repeat,
        Self::Withdrawn,
    ];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Expired => "expired",
            Self::Gone => "gone",
            Self::Held => "held",
            Self::Digested => "digested",
            Self::Kept => "kept",
            Self::Repeat => "repeat",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A delivery that this worker may attempt until the lease runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryClaim {
    /// Its number.
    pub id: DeliveryId,
    /// What is told.
    pub notification: Notification,
    /// Whom. Shared with the other claims of the same batch.
    pub subscription: Arc<Subscription>,
    /// Attempts before this one.
    pub attempts: u32,
    /// When the delivery was made.
    pub created_at: Timestamp,
    /// Proof of the claim.
    pub fence: i64,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The answer's status, if there was one.
    pub status: Option<u16>,
    /// The failure in words, or the first bytes of the answer's body.
    pub detail: String,
    /// How many it stands for: of many in a row that an endpoint put off the last stands for all but the first.
    pub times: u32,
}

/// What follows from an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Taken.
    Delivered,
    /// To be tried again.
    Retry {
        /// When.
        at: Timestamp,
    },
    /// The endpoint asks for patience (429): tried again, and its schedule stays where it is.
    PutOff {
        /// When.
        at: Timestamp,
    },
    /// Given up.
    Expired,
    /// The endpoint is gone: its subscription is disabled.
    Gone,
}

/// A finished attempt, to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Its subscription.
    pub subscription: SubscriptionId,
    /// From the claim.
    pub fence: i64,
    /// The try.
    pub attempt: Attempt,
    /// What follows.
    pub verdict: Verdict,
    /// What follows for all else that its endpoint is sent.
    pub after: After,
}

/// What follows from an attempt for its endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct After {
    /// The trouble that the endpoint is in now; `None`: it is well.
    pub trouble: Option<Trouble>,
    /// While the endpoint rests: what waits for it and was made before this is given up.
    pub expired_before: Option<Timestamp>,
    /// Whether the subscription is disabled now, and why.
    pub disabled: Option<DisabledReason>,
    /// What others are told of that.
    pub told: Vec<(Notification, Vec<SubscriptionId>)>,
}

/// A delivery as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// What is told.
    pub notification: Notification,
    /// Whom: number and name.
    pub subscription: (SubscriptionId, String),
    /// How it stands.
    pub state: DeliveryState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last made pending again, or hastened, because a person asked.
    pub replayed_at: Option<Timestamp>,
    /// When it is tried next, while pending.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was taken.
    pub delivered_at: Option<Timestamp>,
    /// Its tries, oldest first.
    pub attempts: Vec<Attempt>,
}

impl Delivery {
    /// How often it was tried.
    pub fn tries(&self) -> u32 {
        self.attempts.iter().fold(0, |all, attempt| all.saturating_add(attempt.times))
    }
}
