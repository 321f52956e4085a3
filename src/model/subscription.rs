//! Subscriptions: who is told what, and where.

use std::fmt;

use jiff::Timestamp;

use super::{NotificationType, OldSecret, Origin, Secret, SubscriptionId, TopicKey, WebUrl};

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
    /// A browser, by way of its push service (RFC 8030).
    WebPush {
        /// Where to post. Whoever knows it may: never shown.
        url: WebUrl,
        /// The browser's public key, as it gives it (`keys.p256dh`).
        p256dh: String,
        /// The secret that it shares with us (`keys.auth`).
        auth: Secret,
    },
}

impl Endpoint {
    /// A webhook that is signed with one secret.
    pub fn webhook(url: WebUrl, secret: Secret) -> Self {
        Self::Webhook { url, secret }
    }

    /// The fixed word of its kind.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::WebPush { .. } => "web-push",
        }
    }

    /// Where notifications are posted.
    pub fn url(&self) -> &WebUrl {
        match self {
            Self::Webhook { url, .. } | Self::WebPush { url, .. } => url,
        }
    }

    /// What people see of it: no secret, no query; of a browser's the push service alone.
    pub fn shown(&self) -> String {
        match self {
            Self::Webhook { url, .. } => url.redacted(),
            Self::WebPush { url, .. } => format!("{}/...", url.as_url().origin().ascii_serialization()),
        }
    }
}

/// Which updates of an event that was told are told: what arrives inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updates {
    /// None: one notification an event.
    Never,
    /// When so many publishers carry it, copies included; once.
    Publishers(u32),
    /// Stories that tell a number, date, vote or outcome otherwise than before.
    Changed,
    /// Every story that is no copy.
    Each,
}

impl Updates {
    /// What may be written.
    pub const FORMS: &'static str = "\"never\", \"publishers = N\" (2 to 1000), \"changed\" or \"each\"";

    /// Reads it as it is written; `None` where it is none of [`Self::FORMS`].
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "never" => Some(Self::Never),
            "changed" => Some(Self::Changed),
            "each" => Some(Self::Each),
            text => {
                let count = text.strip_prefix("publishers")?.trim_start().strip_prefix('=')?.trim();
                count.parse().ok().filter(|count| (2..=1000).contains(count)).map(Self::Publishers)
            }
        }
    }
}

impl fmt::Display for Updates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::Publishers(count) => write!(f, "publishers = {count}"),
            Self::Changed => f.write_str("changed"),
            Self::Each => f.write_str("each"),
        }
    }
}

/// Which corrections are told: later versions of a story by its own publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corrections {
    /// None.
    Never,
    /// Those of a story that was told, where a number, date, vote or outcome is another now.
    Changed,
    /// Those that change a title or such a fact, of any story of the event that is no copy.
    Each,
}

impl Corrections {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Never, Self::Changed, Self::Each];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Changed => "changed",
            Self::Each => "each",
        }
    }

    /// The one with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|corrections| corrections.label() == word)
    }
}

/// What a subscription wants. An empty list wants everything, except `types` (default: event.opened, and corrections).
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
    /// Which updates, where `types` hold event.updated.
    pub updates: Updates,
    /// Which corrections, where `types` hold event.updated.
    pub corrections: Corrections,
}

impl Filter {
    /// Takes types, updates and corrections as somebody chose them; what was not chosen follows from the rest.
    ///
    /// Nothing chosen: an event's opening, and corrections of what was told. Types alone: what they say, event.updated
    /// meaning each update and correction. Updates or corrections need event.updated, so they bring it along.
    #[must_use]
    pub fn choosing(
        self,
        types: Vec<NotificationType>,
        updates: Option<Updates>,
        corrections: Option<Corrections>,
    ) -> Self {
        let all = types.contains(&NotificationType::EventUpdated);
        let (usual_updates, usual_corrections) = match (types.is_empty(), all) {
            (true, _) => (Updates::Never, Corrections::Changed),
            (false, true) => (Updates::Each, Corrections::Each),
            (false, false) => (Updates::Never, Corrections::Never),
        };
        let updates = updates.unwrap_or(usual_updates);
        let corrections = corrections.unwrap_or(usual_corrections);
        let mut types = if types.is_empty() { vec![NotificationType::EventOpened] } else { types };
        if !all && (updates != Updates::Never || corrections != Corrections::Never) {
            types.push(NotificationType::EventUpdated);
        }
        Self { types, updates, corrections, ..self }
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            topics: Vec::new(),
            types: vec![NotificationType::EventOpened, NotificationType::EventUpdated],
            languages: Vec::new(),
            publishers: Vec::new(),
            updates: Updates::Never,
            corrections: Corrections::Changed,
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
    /// Secrets that sign beside the endpoint's own, the newest first: receivers may not know the new one yet.
    pub old_secrets: Vec<OldSecret>,
    /// Whether its endpoint must prove that it wants this before it is served.
    pub verify: bool,
}

impl SubscriptionSpec {
    /// One that leaves all else as it is usual.
    pub fn new(name: impl Into<String>, endpoint: Endpoint, filter: Filter) -> Self {
        Self { name: name.into(), endpoint, filter, old_secrets: Vec::new(), verify: false }
    }
}

/// Whether a subscription is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Served.
    Active,
    /// Its endpoint answered 410 Gone: kept, no longer served.
    Disabled,
    /// Its endpoint has not proved yet that it wants this: what it misses is kept and sent once it has.
    Unverified,
}

impl SubscriptionState {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Unverified => "unverified",
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
