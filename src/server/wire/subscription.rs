//! Subscriptions as JSON.

use serde::Serialize;

use super::time;
use crate::model;

/// All subscriptions.
#[derive(Debug, Serialize)]
pub(crate) struct Subscriptions {
    /// By number.
    pub(crate) subscriptions: Vec<Subscription>,
}

/// A subscription; its address without query, as that may hold a token.
#[derive(Debug, Serialize)]
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
}

/// A subscription just made: the one answer that holds its secret.
#[derive(Debug, Serialize)]
pub(crate) struct NewSubscription {
    /// The subscription.
    pub(crate) subscription: Subscription,
    /// What its webhooks are signed with; it can't be read again. Absent where nothing is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret: Option<String>,
}

impl From<&model::Subscription> for Subscription {
    fn from(subscription: &model::Subscription) -> Self {
        let spec = &subscription.spec;
        let filter = &spec.filter;
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
        }
    }
}
