//! What is told of a subscription that is no longer served.

use jiff::Timestamp;
use serde::Serialize;

use super::{NAME_CHARS_MAX, TITLE_CHARS_MAX, URL_BYTES_MAX, cut, render, time};
use crate::model::{DisabledReason, NotificationType, Subscription};

/// What a disabled subscription's notification tells.
#[derive(Debug, Clone)]
pub struct DisabledPayload<'a> {
    /// The subscription; its address is told without user, query and fragment, which may hold keys.
    pub subscription: &'a Subscription,
    /// Why.
    pub reason: DisabledReason,
    /// Since when its endpoint failed.
    pub failing_since: Option<Timestamp>,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// What the last one met, in words.
    pub last_outcome: &'a str,
}

#[derive(Serialize)]
struct DisabledData {
    version: u32,
    subscription: SubscriptionWire,
    reason: &'static str,
    failing_since: Option<String>,
    failures: u32,
    last_outcome: String,
    help: String,
}

#[derive(Serialize)]
struct SubscriptionWire {
    id: i64,
    name: String,
    kind: &'static str,
    endpoint: String,
}

/// Renders `subscription.disabled`.
pub fn disabled(at: Timestamp, view: &DisabledPayload<'_>) -> String {
    let spec = &view.subscription.spec;
    let data = DisabledData {
        version: 1,
        subscription: SubscriptionWire {
            id: view.subscription.id.0,
            name: cut(&spec.name, NAME_CHARS_MAX),
            kind: spec.endpoint.label(),
            endpoint: cut(&spec.endpoint.shown(), URL_BYTES_MAX),
        },
        reason: view.reason.label(),
        failing_since: view.failing_since.map(time),
        failures: view.failures,
        last_outcome: cut(view.last_outcome, TITLE_CHARS_MAX),
        help: format!(
            "what it misses is kept; when the endpoint is well again: tidings subscription enable {}",
            view.subscription.id
        ),
    };
    render(NotificationType::SubscriptionDisabled, at, &data)
}
