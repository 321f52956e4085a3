//! Topics as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::{hours, time};
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

/// The versions of a topic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopicVersions {
    /// The newest first.
    pub(crate) versions: Vec<TopicVersion>,
    /// The address of the next page, if there is one.
    pub(crate) next: Option<String>,
}

/// A topic as it was saved once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TopicVersion {
    version: u32,
    saved_at: String,
    saved_by: Option<String>,
    restores: Option<u32>,
    topic: Topic,
}

impl From<&model::TopicVersion> for TopicVersion {
    fn from(version: &model::TopicVersion) -> Self {
        Self {
            version: version.number,
            saved_at: time(version.saved_at),
            saved_by: Some(version.saved_by.clone()).filter(|by| !by.is_empty()),
            restores: version.restores,
            topic: (&model::Topic { spec: version.spec.clone(), origin: version.origin }).into(),
        }
    }
}
