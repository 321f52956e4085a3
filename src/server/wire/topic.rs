//! Topics as JSON.

use serde::Serialize;

use super::hours;
use crate::model;

/// All topics.
#[derive(Debug, Serialize)]
pub(crate) struct Topics {
    /// By id.
    pub(crate) topics: Vec<Topic>,
}

/// A topic.
#[derive(Debug, Serialize)]
pub(crate) struct Topic {
    id: String,
    name: String,
    query: String,
    fresh_hours: u64,
    stale_days: u64,
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
            origin: topic.origin.label(),
        }
    }
}
