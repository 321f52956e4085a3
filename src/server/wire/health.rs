//! How endpoints fare, as JSON.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::model::{self, EndpointHealth};

/// How a subscription's endpoint fares.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    breaker: &'static str,
    failures: u32,
    failing_since: Option<String>,
    last_failure_at: Option<String>,
    last_success_at: Option<String>,
    paused_until: Option<String>,
    paused_why: Option<&'static str>,
    disabled_at: Option<String>,
    disabled_why: Option<&'static str>,
    pending: u64,
    oldest_pending_at: Option<String>,
    kept: u64,
    expired: u64,
    help: Option<String>,
}

impl Health {
    pub(super) fn of(subscription: &model::Subscription, health: &EndpointHealth, now: Timestamp) -> Self {
        let trouble = health.trouble.as_ref();
        let rest = trouble.and_then(|trouble| trouble.rest);
        Self {
            breaker: health.breaker(now).label(),
            failures: trouble.map_or(0, |trouble| trouble.failures),
            failing_since: trouble.and_then(|trouble| trouble.failing_since).map(time),
            last_failure_at: trouble.and_then(|trouble| trouble.last_failure_at).map(time),
            last_success_at: health.last_success_at.map(time),
            paused_until: rest.map(|rest| time(rest.until)),
            paused_why: rest.map(|rest| rest.reason.label()),
            disabled_at: health.disabled.and_then(|(at, _)| at).map(time),
            disabled_why: health.disabled.map(|(_, reason)| reason.label()),
            pending: health.pending,
            oldest_pending_at: health.oldest_pending_at.map(time),
            kept: health.kept,
            expired: health.expired,
            help: help(subscription, health),
        }
    }
}

/// What an operator can do about an endpoint; nothing where nothing need be done.
pub(crate) fn help(subscription: &model::Subscription, health: &EndpointHealth) -> Option<String> {
    let id = subscription.id;
    if let Some((_, reason)) = health.disabled {
        let why = reason.words();
        return Some(format!("{why}; to send it what it missed: tidings subscription enable {id}"));
    }
    let failures = health.trouble.as_ref().map_or(0, |trouble| trouble.failures);
    if failures > 0 {
        return Some(format!("see what it answers: tidings delivery list --subscription {id} --state pending"));
    }
    (health.expired > 0).then(|| {
        format!("to send what was given up after all: tidings delivery recover --since TIME --subscription {id}")
    })
}

/// A subscription that is served again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Enabled {
    /// The subscription.
    pub(crate) subscription: super::Subscription,
    /// How many deliveries that it missed are sent.
    pub(crate) replayed: usize,
}

/// What was made pending again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Recovered {
    /// The subscription.
    pub(crate) subscription: i64,
    /// How many deliveries.
    pub(crate) recovered: usize,
}
