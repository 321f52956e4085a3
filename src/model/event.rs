//! Events: what happened, told by one or more stories.

use jiff::Timestamp;

use super::{Decision, EventId, Ruling, Story, StoryId, TopicKey};

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

/// An event as a page of events shows it: without its stories' texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCard {
    /// The event.
    pub event: Event,
    /// The start of its first story's text.
    pub lead: String,
    /// Its stories, oldest first; of a very large event the first some hundred.
    pub stories: Vec<CardStory>,
}

/// A story on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardStory {
    /// Its number.
    pub id: StoryId,
    /// Who publishes it.
    pub publisher: String,
    /// Its title.
    pub title: String,
    /// The address as published, for the click.
    pub link: String,
    /// Its language.
    pub lang: Option<String>,
    /// When it was published, as the publisher says.
    pub published: Option<Timestamp>,
    /// When it was first seen.
    pub seen_at: Timestamp,
    /// What it is in the event.
    pub ruling: Ruling,
}
