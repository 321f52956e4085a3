//! Events: what happened, told by one or more stories.

use jiff::Timestamp;

use super::{Decision, EventId, Story, StoryId, TopicKey};

/// An event on a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its number.
    pub id: EventId,
    /// The topic.
    pub topic: TopicKey,
    /// The first story's title.
    pub title: String,
    /// The story that opened it.
    pub first_story: StoryId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When a story last joined it.
    pub changed_at: Timestamp,
    /// When subscribers were told of it (`event.opened`); `None` when it was stored silently.
    pub told_at: Option<Timestamp>,
    /// Its stories, copies included.
    pub stories: u32,
    /// Its publishers.
    pub publishers: u32,
    /// Its languages.
    pub languages: u32,
    /// The event that it went into, when an operator found the two to be one; it has no stories then.
    pub merged_into: Option<EventId>,
}

/// An event with its stories and why each belongs to it, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventView {
    /// The event.
    pub event: Event,
    /// Its stories and the decisions that put them there.
    pub stories: Vec<(Story, Decision)>,
}
