//! Topics as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::hours;
use crate::model;

/// All topics.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Topics {
    /// By id.
    pub(crate) topics: Vec<Topic>,
}

/// A topic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Topic {
    id: String,
    name: String,
    query: String,
    fresh_hours: u64,
    stale_days: u64,
    from: Option<String>,
    until: Option<String>,
    origin: &'static str,
}

impl From<&model::Topic> for Topic {
    fn from(topic: &model::Topic) -> Self {
        let spec = &topic.spec;
        Self {
            id: spec.key.to_string(),
            name: spec.name.clone(),
            query: spec.query.clone(),
            fresh_hours: hours(spec.fresh),
            stale_days: hours(spec.stale) / 24,
            from: spec.span.from().map(|day| day.to_string()),
            until: spec.span.until().map(|day| day.to_string()),
            origin: topic.origin.label(),
        }
    }
}
