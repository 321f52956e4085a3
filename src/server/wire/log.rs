//! The log of notifications as JSON.

use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::time;
use crate::model::{Notification, Sequence};
use crate::port::LogPage;

/// A page of the log, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Log {
    notifications: Vec<Logged>,
    /// Up to here the log was looked at.
    through: i64,
    /// Where the next page is; `null` at the end.
    next: Option<String>,
}

/// A notification and its place in the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Logged {
    seq: i64,
    /// The `webhook-id`.
    id: String,
    r#type: &'static str,
    topic: Option<String>,
    event: Option<i64>,
    story: Option<i64>,
    source: Option<i64>,
    created_at: String,
    /// What webhooks are sent, byte for byte.
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
}

impl Log {
    /// The page, and where the next one is.
    pub(crate) fn of(page: &LogPage, next: Option<String>) -> Self {
        let notifications = page.entries.iter().map(|(seq, told)| Logged::of(*seq, told)).collect();
        Self { notifications, through: page.through.0, next }
    }
}

impl Logged {
    /// The notification with this number.
    pub(crate) fn of(seq: Sequence, told: &Notification) -> Self {
        Self {
            seq: seq.0,
            id: told.id.to_string(),
            r#type: told.kind.label(),
            topic: told.topic.as_ref().map(ToString::to_string),
            event: told.event.map(|event| event.0),
            story: told.story.map(|story| story.0),
            source: told.source.map(|source| source.0),
            created_at: time(told.created_at),
            payload: raw(&told.body),
        }
    }
}

/// The body as it is. Text of our own making, so JSON; were it not, it is still worth seeing.
fn raw(body: &str) -> Box<RawValue> {
    RawValue::from_string(body.to_owned())
        .unwrap_or_else(|_not_json| serde_json::value::to_raw_value(body).expect("a text can be written as JSON"))
}
