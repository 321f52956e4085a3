//! Subscriptions: who is told what, and where.

use jiff::Timestamp;

use super::{NotificationType, Origin, Secret, SubscriptionId, TopicKey, WebUrl};

/// Where notifications go. A closed set: each kind is a pure `prepare` in deliver/.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A webhook by the Standard Webhooks specification.
    Webhook {
        /// Where to post.
        url: WebUrl,
        /// The signing secret, `whsec_` and base64 of 24 to 64 bytes.
        secret: Secret,
    },
}

impl Endpoint {
    /// What people see of it: no secret, no query.
    pub fn shown(&self) -> String {
        match self {
            Self::Webhook { url, .. } => url.redacted(),
        }
    }
}

/// What a subscription wants. An empty list wants everything, except `types` (default: event.opened).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Topics.
    pub topics: Vec<TopicKey>,
    /// Types of notification.
    pub types: Vec<NotificationType>,
    /// Languages of the story that causes it.
    pub languages: Vec<String>,
    /// Publishers of the story that causes it.
    pub publishers: Vec<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            types: vec![NotificationType::EventOpened],
            languages: Vec::new(),
            publishers: Vec::new(),
        }
    }
}

/// A subscription as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionSpec {
    /// Its name: unique among subscriptions.
    pub name: String,
    /// Where to.
    pub endpoint: Endpoint,
    /// What.
    pub filter: Filter,
}

/// Whether a subscription is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Served.
    Active,
    /// Its endpoint answered 410 Gone: kept, no longer served.
    Disabled,
}

impl SubscriptionState {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// A subscription in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its number.
    pub id: SubscriptionId,
    /// As declared.
    pub spec: SubscriptionSpec,
    /// Where it was declared.
    pub origin: Origin,
    /// Whether it is served.
    pub state: SubscriptionState,
    /// When it was made.
    pub created_at: Timestamp,
}
