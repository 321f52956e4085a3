//! Subscriptions as JSON.

use serde::Serialize;

use super::{origin, time};
use crate::model::{self, Endpoint};

/// All subscriptions.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Subscriptions {
    /// By number.
    pub(in crate::server) subscriptions: Vec<Subscription>,
}

/// A subscription; its address without query, as that may hold a token.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Subscription {
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
}

/// A subscription just made: the one answer that holds its secret.
#[derive(Debug, Serialize)]
pub(in crate::server) struct NewSubscription {
    /// The subscription.
    pub(in crate::server) subscription: Subscription,
    /// What its webhooks are signed with; it can't be read again.
    pub(in crate::server) secret: String,
}

impl From<&model::Subscription> for Subscription {
    fn from(subscription: &model::Subscription) -> Self {
        let spec = &subscription.spec;
        let filter = &spec.filter;
        Self {
            id: subscription.id.0,
            name: spec.name.clone(),
            kind: match spec.endpoint {
                Endpoint::Webhook { .. } => "webhook",
            },
            endpoint: spec.endpoint.shown(),
            topics: filter.topics.iter().map(ToString::to_string).collect(),
            types: filter.types.iter().map(|kind| kind.label()).collect(),
            updates: filter.updates.to_string(),
            corrections: filter.corrections.label(),
            languages: filter.languages.clone(),
            publishers: filter.publishers.clone(),
            origin: origin(subscription.origin),
            state: subscription.state.label(),
            created_at: time(subscription.created_at),
        }
    }
}
