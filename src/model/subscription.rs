//! Subscriptions: who is told what, and where.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::{
    Chat, Mailbox, Manner, NotificationType, OldSecret, Origin, Secret, Service, SubscriptionId, TopicKey, WebUrl,
};

/// Where notifications go. A closed set: each kind is a pure `prepare` in deliver/.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A webhook by the Standard Webhooks specification.
    Webhook {
        /// Where to post.
        url: WebUrl,
        /// The signing secret, `whsec_` and base64 of 24 to 64 bytes.
        secret: Secret,
        /// How the notification stands in it.
        form: WebhookForm,
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
    /// A chat or push service, in a form that people read there.
    Chat(Chat),
    /// A person's mailbox, by SMTP.
    Email(Mailbox),
}

/// How a notification stands in a signed webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookForm {
    /// As docs/push.md and docs/api.md have it.
    Standard,
    /// As a `CloudEvent` in binary mode: its attributes are header fields.
    CloudEvents,
    /// As a `CloudEvent` in structured mode: one JSON object.
    CloudEventsStructured,
}

impl WebhookForm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Standard, Self::CloudEvents, Self::CloudEventsStructured];

    /// The fixed word for an endpoint of this form.
    pub fn label(self) -> &'static str {
        match self {
            Self::Standard => "webhook",
            Self::CloudEvents => "cloudevents",
            Self::CloudEventsStructured => "cloudevents-structured",
        }
    }
}

/// What a person chooses for an endpoint that is posted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A signed webhook.
    Webhook(WebhookForm),
    /// A service's own.
    Chat(Service),
}

impl Format {
    /// All of them, in the order that documents list them.
    pub fn all() -> impl Iterator<Item = Self> {
        let chats = Service::ALL.into_iter().map(Self::Chat);
        WebhookForm::ALL.into_iter().map(Self::Webhook).chain(chats)
    }

    /// The word that is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Webhook(WebhookForm::Standard) => "standard",
            Self::Webhook(form) => form.label(),
            Self::Chat(service) => service.label(),
        }
    }

    /// The one with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::all().find(|format| format.word() == word)
    }

    /// What may be written, for messages.
    pub fn words() -> String {
        Self::all().map(Self::word).collect::<Vec<_>>().join(", ")
    }
}

/// What is shorter is a word that may stand anywhere.
const UNTOLD_CHARS_MIN: usize = 6;

impl Endpoint {
    /// A webhook that is signed with one secret.
    pub fn webhook(url: WebUrl, secret: Secret) -> Self {
        Self::Webhook { url, secret, form: WebhookForm::Standard }
    }

    /// The same in another form, if it is a webhook.
    #[must_use]
    pub fn formed(mut self, wanted: WebhookForm) -> Self {
        if let Self::Webhook { form, .. } = &mut self {
            *form = wanted;
        }
        self
    }

    /// The fixed word of its kind.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Webhook { form, .. } => form.label(),
            Self::WebPush { .. } => "web-push",
            Self::Chat(chat) => chat.service().label(),
            Self::Email(_) => "email",
        }
    }

    /// Where notifications are posted; `None` where they are mailed.
    pub fn url(&self) -> Option<&WebUrl> {
        match self {
            Self::Webhook { url, .. } | Self::WebPush { url, .. } => Some(url),
            Self::Chat(chat) => Some(chat.url()),
            Self::Email(_) => None,
        }
    }

    /// Texts that are told nobody, wherever they come from: its secret, and what of its address may be one.
    pub fn untold(&self) -> Vec<String> {
        let (url, secret) = match self {
            Self::Webhook { url, secret, .. } | Self::WebPush { url, auth: secret, .. } => (Some(url), Some(secret)),
            Self::Chat(chat) => (Some(chat.url()), Some(chat.token())),
            Self::Email(_) => (None, None),
        };
        let mut texts: Vec<String> = secret.into_iter().map(|secret| secret.reveal().to_owned()).collect();
        texts.extend(url.into_iter().flat_map(WebUrl::untold));
        texts.retain(|text| text.len() >= UNTOLD_CHARS_MIN);
        // The longest first, so that none is left in part.
        texts.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
        texts
    }

    /// What people see of it: no secret, no query; of a browser's the push service alone.
    pub fn shown(&self) -> String {
        match self {
            Self::Webhook { url, .. } => url.masked(),
            Self::WebPush { url, .. } => format!("{}/...", url.as_url().origin().ascii_serialization()),
            Self::Chat(chat) => chat.shown(),
            Self::Email(to) => to.to_string(),
        }
    }
}

/// Which updates of an event that was told are told: what arrives inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updates {
    /// None: one notification an event.
    Never,
    /// Stories whose title tells first what came of it: an outcome, a vote.
    Outcome,
    /// When so many publishers carry it, copies included; once.
    Publishers(u32),
    /// Stories that tell a number, date, vote or outcome otherwise than before.
    Changed,
    /// Every story that is no copy.
    Each,
}

impl Updates {
    /// What may be written.
    pub const FORMS: &'static str = "\"never\", \"outcome\", \"publishers = N\" (2 to 1000), \"changed\" or \"each\"";

    /// Reads it as it is written; `None` where it is none of [`Self::FORMS`].
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim() {
            "never" => Some(Self::Never),
            "outcome" => Some(Self::Outcome),
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
            Self::Outcome => f.write_str("outcome"),
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
    /// What a story must match besides its topic's query, in the same language.
    pub query: Option<String>,
    /// How many publishers must carry an event before it is told; from 1.
    pub min_publishers: u32,
}

impl Filter {
    /// The most publishers that may be waited for.
    pub const PUBLISHERS_MAX: u32 = 1_000;

    /// Whether it asks more of an event than its topic, so that the event may be told later than to others.
    pub fn is_selective(&self) -> bool {
        self.query.is_some() || self.min_publishers > 1 || !self.languages.is_empty() || !self.publishers.is_empty()
    }

    /// Whether it takes this type. An empty list of types stands for `event.opened`.
    pub fn takes(&self, kind: NotificationType) -> bool {
        match self.types.as_slice() {
            [] => kind == NotificationType::EventOpened,
            types => types.contains(&kind),
        }
    }

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
            query: None,
            min_publishers: 1,
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
    /// How.
    pub manner: Manner,
    /// How fast, and in which order.
    pub pacing: Pacing,
    /// Whether its endpoint must prove that it wants this before it is served.
    pub verify: bool,
}

/// In which order a subscription is sent what it is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeliveryOrder {
    /// In order within an event; different events beside each other.
    #[default]
    Event,
    /// One after another, oldest first: each waits until the one before it was delivered or given up.
    Strict,
}

impl DeliveryOrder {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Event, Self::Strict];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Strict => "strict",
        }
    }

    /// The one with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.label() == word)
    }
}

/// How a subscription's endpoint is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pacing {
    /// Attempts under way at once; `None`: as for all.
    pub max_in_flight: Option<u32>,
    /// Attempts that begin in a minute, evenly spread; `None`: as many as there are.
    pub rate_per_minute: Option<u32>,
    /// In which order.
    pub order: DeliveryOrder,
}

impl Pacing {
    /// Attempts under way at once that may be asked for.
    pub const IN_FLIGHT: std::ops::RangeInclusive<u32> = 1..=256;
    /// Attempts in a minute that may be asked for: up to a hundred a second.
    pub const RATE: std::ops::RangeInclusive<u32> = 1..=6_000;

    /// From the start of one attempt to that of the next.
    pub fn gap(&self) -> Option<Duration> {
        self.rate_per_minute.filter(|rate| *rate > 0).map(|rate| Duration::from_mins(1) / rate)
    }
}

impl SubscriptionSpec {
    /// One that leaves all else as it is usual.
    pub fn new(name: impl Into<String>, endpoint: Endpoint, filter: Filter) -> Self {
        Self {
            name: name.into(),
            endpoint,
            filter,
            old_secrets: Vec::new(),
            manner: Manner::default(),
            pacing: Pacing::default(),
            verify: false,
        }
    }
}

/// Whether a subscription is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// Served.
    Active,
    /// Kept, no longer served: see [`super::DisabledReason`].
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
