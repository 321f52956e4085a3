//! Events as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::story::{Decision, Story};
use super::time;
use crate::model::{self, EventView};

/// Events, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Events {
    /// This page of them.
    pub(crate) events: Vec<Event>,
    /// Where the next page is; `null` at the end.
    pub(crate) next: Option<String>,
}

/// An event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Event {
    id: i64,
    topic: String,
    title: String,
    first_story: i64,
    opened_at: String,
    changed_at: String,
    told_at: Option<String>,
    stories: u32,
    publishers: u32,
    languages: u32,
    /// The event that it went into; then it has no stories.
    merged_into: Option<i64>,
}

/// An event with its stories.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventWithStories {
    event: Event,
    /// Oldest first.
    stories: Vec<Member>,
}

/// A story and why it belongs to the event.
#[derive(Debug, Serialize, ToSchema)]
struct Member {
    story: Story,
    decision: Decision,
}

impl From<&model::Event> for Event {
    fn from(event: &model::Event) -> Self {
        Self {
            id: event.id.0,
            topic: event.topic.to_string(),
            title: event.title.clone(),
            first_story: event.first_story.0,
            opened_at: time(event.opened_at),
            changed_at: time(event.changed_at),
            told_at: event.told_at.map(time),
            stories: event.stories,
            publishers: event.publishers,
            languages: event.languages,
            merged_into: event.merged_into.map(|into| into.0),
        }
    }
}

impl From<&EventView> for EventWithStories {
    fn from(view: &EventView) -> Self {
        let member = |(story, decision): &(model::Story, model::Decision)| Member {
            story: story.into(),
            decision: decision.into(),
        };
        Self { event: (&view.event).into(), stories: view.stories.iter().map(member).collect() }
    }
}
