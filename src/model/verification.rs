//! Whether an endpoint wants what a subscription sends it.

use jiff::Timestamp;

use super::{Subscription, SubscriptionId, WebUrl};

/// How it stands with a subscription whose endpoint has proved nothing yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The subscription.
    pub subscription: Subscription,
    /// How often the endpoint was asked.
    pub tries: u32,
    /// When it is asked next; `None`: when somebody wants it.
    pub next_at: Option<Timestamp>,
    /// What came of it last.
    pub failure: Option<String>,
}

/// What came of asking an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Of which subscription.
    pub subscription: SubscriptionId,
    /// The address that was asked; what is no webhook's has none.
    pub url: Option<WebUrl>,
    /// When the answer was there.
    pub at: Timestamp,
    /// Whether it proved that it wants this; else why not, and when it is asked again.
    pub outcome: Result<(), (String, Option<Timestamp>)>,
}
