//! Subscriptions as JSON.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::health::Health;
use super::time;
use crate::deliver::SigningSecret;
use crate::model::{self, EndpointHealth};

/// All subscriptions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Subscriptions {
    /// By number.
    pub(crate) subscriptions: Vec<Subscription>,
    /// Where the next page is; `null` at the end.
    pub(crate) next: Option<String>,
}

/// A subscription; its address without query, as that may hold a token.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Subscription {
    id: i64,
    name: String,
    kind: &'static str,
    endpoint: String,
    topics: Vec<String>,
    types: Vec<&'static str>,
    updates: String,
    corrections: &'static str,
    languages: Vec<String>,
    publishers: Vec<String>,
    origin: &'static str,
    state: &'static str,
    created_at: String,
    signing: Option<&'static str>,
    public_key: Option<String>,
    old_secrets: Vec<OldSecret>,
    query: Option<String>,
    min_publishers: u32,
    digest: Option<String>,
    digest_empty: bool,
    quiet: Option<String>,
    at_once: Vec<&'static str>,
    expire_after: Option<String>,
    payload: &'static str,
    payload_version: u32,
    max_in_flight: Option<u32>,
    rate_per_minute: Option<u32>,
    order: &'static str,
    health: Option<Health>,
    verify: bool,
}

/// A secret that signs on after another took its place.
#[derive(Debug, Serialize, ToSchema)]
struct OldSecret {
    signing: Option<&'static str>,
    public_key: Option<String>,
    until: String,
}

/// A webhook's secret just replaced: the one answer that holds the new one.
#[derive(Serialize, ToSchema)]
pub(crate) struct Rotated {
    /// The subscription.
    pub(crate) subscription: Subscription,
    /// What its webhooks are signed with; it can't be read again. `null`: the public key is all that receivers need.
    pub(crate) secret: Option<String>,
    /// Old secrets that went before their time, as there were too many.
    pub(crate) old_secrets_dropped: usize,
}

/// A subscription just made: the one answer that holds its secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewSubscription {
    /// The subscription.
    pub(crate) subscription: Subscription,
    /// What its webhooks are signed with; it can't be read again. `null`: the public key is all that receivers need, or
    /// nothing is signed.
    pub(crate) secret: Option<String>,
}

impl Subscription {
    /// Fields that change without anybody's changing the subscription.
    pub(crate) const LIVE: [&str; 2] = ["state", "health"];

    /// With how its endpoint fares.
    pub(crate) fn faring(subscription: &model::Subscription, health: Option<&EndpointHealth>, now: Timestamp) -> Self {
        let health = health.map(|health| Health::of(subscription, health, now));
        Self { health, ..subscription.into() }
    }
}

/// A subscription as whoever made it without the API's token sees it: by its token, so it needs no number.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Own {
    name: String,
    state: &'static str,
    endpoint: String,
    topics: Vec<String>,
    types: Vec<&'static str>,
    updates: String,
    corrections: &'static str,
    languages: Vec<String>,
    publishers: Vec<String>,
    created_at: String,
    signing: Option<&'static str>,
    public_key: Option<String>,
    old_secrets: Vec<OldSecret>,
}

/// Such a subscription just made: the one answer that holds its token and secret.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewOwn {
    /// The subscription.
    pub(crate) subscription: Own,
    /// What shows, changes and ends it.
    pub(crate) token: String,
    /// As [`NewSubscription::secret`].
    pub(crate) secret: Option<String>,
}

/// Its secret just replaced.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnRotated {
    /// The subscription.
    pub(crate) subscription: Own,
    /// As [`Rotated::secret`].
    pub(crate) secret: Option<String>,
    /// As [`Rotated::old_secrets_dropped`].
    pub(crate) old_secrets_dropped: usize,
}

impl From<&model::Subscription> for Own {
    fn from(subscription: &model::Subscription) -> Self {
        let all = Subscription::from(subscription);
        Self {
            name: all.name,
            state: all.state,
            endpoint: all.endpoint,
            topics: all.topics,
            types: all.types,
            updates: all.updates,
            corrections: all.corrections,
            languages: all.languages,
            publishers: all.publishers,
            created_at: all.created_at,
            signing: all.signing,
            public_key: all.public_key,
            old_secrets: all.old_secrets,
        }
    }
}

impl From<&model::Subscription> for Subscription {
    fn from(subscription: &model::Subscription) -> Self {
        let spec = &subscription.spec;
        let filter = &spec.filter;
        let (signing, public_key) = match &spec.endpoint {
            model::Endpoint::Webhook { secret, .. } => signing(secret),
            model::Endpoint::WebPush { .. } | model::Endpoint::Chat(_) | model::Endpoint::Email(_) => (None, None),
        };
        Self {
            id: subscription.id.0,
            name: spec.name.clone(),
            kind: spec.endpoint.label(),
            endpoint: spec.endpoint.shown(),
            topics: filter.topics.iter().map(ToString::to_string).collect(),
            types: filter.types.iter().map(|kind| kind.label()).collect(),
            updates: filter.updates.to_string(),
            corrections: filter.corrections.label(),
            languages: filter.languages.clone(),
            publishers: filter.publishers.clone(),
            origin: subscription.origin.label(),
            state: subscription.state.label(),
            created_at: time(subscription.created_at),
            signing,
            public_key,
            old_secrets: spec.old_secrets.iter().map(OldSecret::from).collect(),
            query: filter.query.clone(),
            min_publishers: filter.min_publishers,
            digest: spec.manner.digest.as_ref().map(ToString::to_string),
            digest_empty: spec.manner.digest_empty,
            quiet: spec.manner.quiet.as_ref().map(ToString::to_string),
            at_once: spec.manner.at_once.iter().map(|kind| kind.label()).collect(),
            expire_after: spec.manner.expire_after.map(model::span_text),
            payload: spec.manner.payload.label(),
            payload_version: spec.manner.payload_version,
            max_in_flight: spec.pacing.max_in_flight,
            rate_per_minute: spec.pacing.rate_per_minute,
            order: spec.pacing.order.label(),
            health: None,
            verify: spec.verify,
        }
    }
}

impl From<&model::OldSecret> for OldSecret {
    fn from(old: &model::OldSecret) -> Self {
        let (signing, public_key) = signing(&old.secret);
        Self { signing, public_key, until: time(old.until) }
    }
}

/// How a secret signs, and what receivers verify with where that is no secret.
fn signing(secret: &model::Secret) -> (Option<&'static str>, Option<String>) {
    let secret = SigningSecret::parse(secret.reveal()).ok();
    secret.map_or((None, None), |secret| (Some(secret.scheme().label()), secret.public_key()))
}
