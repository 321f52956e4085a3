//! Deliveries as JSON.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{millis, time};
use crate::model;

/// Deliveries, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deliveries {
    /// This page of them.
    pub(crate) deliveries: Vec<Delivery>,
    /// Where the next page is; `null` at the end.
    pub(crate) next: Option<String>,
}

/// A delivery with its attempts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Delivery {
    id: i64,
    notification: Notification,
    subscription: SubscriptionName,
    state: &'static str,
    created_at: String,
    /// When somebody last had it sent again.
    replayed_at: Option<String>,
    next_attempt_at: Option<String>,
    delivered_at: Option<String>,
    /// Oldest first.
    attempts: Vec<Attempt>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Notification {
    /// The `webhook-id`.
    id: String,
    r#type: &'static str,
    topic: Option<String>,
    event: Option<i64>,
    story: Option<i64>,
    source: Option<i64>,
    created_at: String,
    /// What is sent, only where a single delivery is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<Value>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SubscriptionName {
    id: i64,
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Attempt {
    at: String,
    took_ms: u64,
    status: Option<u16>,
    detail: String,
    /// How many in a row it stands for: an endpoint put them off (429), and this is the last of them.
    times: u32,
}

impl From<&model::Delivery> for Delivery {
    fn from(delivery: &model::Delivery) -> Self {
        let notification = &delivery.notification;
        let (id, name) = &delivery.subscription;
        Self {
            id: delivery.id.0,
            notification: Notification {
                id: notification.id.to_string(),
                r#type: notification.kind.label(),
                topic: notification.topic.as_ref().map(ToString::to_string),
                event: notification.event.map(|event| event.0),
                story: notification.story.map(|story| story.0),
                source: notification.source.map(|source| source.0),
                created_at: time(notification.created_at),
                payload: None,
            },
            subscription: SubscriptionName { id: id.0, name: name.clone() },
            state: delivery.state.label(),
            created_at: time(delivery.created_at),
            replayed_at: delivery.replayed_at.map(time),
            next_attempt_at: delivery.next_attempt_at.map(time),
            delivered_at: delivery.delivered_at.map(time),
            attempts: delivery.attempts.iter().map(Attempt::from).collect(),
        }
    }
}

impl Delivery {
    /// A delivery with what it sends.
    pub(crate) fn with_payload(delivery: &model::Delivery) -> Self {
        let mut wire = Self::from(delivery);
        // Text of our own making, so JSON; were it not, it is still worth seeing.
        let body = &delivery.notification.body;
        wire.notification.payload =
            Some(serde_json::from_str(body).unwrap_or_else(|_not_json| Value::String(body.clone())));
        wire
    }
}

impl From<&model::Attempt> for Attempt {
    fn from(attempt: &model::Attempt) -> Self {
        Self {
            at: time(attempt.at),
            took_ms: millis(attempt.took),
            status: attempt.status,
            detail: attempt.detail.clone(),
            times: attempt.times,
        }
    }
}
