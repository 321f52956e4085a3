//! The store's verbs of the readers' pages: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::{EventFilter, StoreError};
use crate::model::{Delivery, Event, EventCard, EventId, EventVersion, Story, StoryId, TopicKey};
use crate::topic::Needed;

/// What stands around a page of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// Sources in force.
    pub sources: u64,
    /// Of those, failing or gone.
    pub sources_failing: u64,
    /// Stories.
    pub stories: u64,
    /// When the last story was first seen.
    pub last_story_at: Option<Timestamp>,
    /// The languages of the stories in events.
    pub languages: Vec<String>,
    /// The latest change of an event: what is read after this is at least as new.
    pub version: EventVersion,
}

/// A page of the changes of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangedEvents {
    /// Events in the order of their latest changes; without a card where they don't fit what was asked for.
    pub events: Vec<(EventId, Option<EventCard>)>,
    /// Up to here all was looked at.
    pub through: EventVersion,
    /// The latest change of all.
    pub last: EventVersion,
}

/// Which stories to look at, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoryFilter {
    /// Words that they have, as far as the index of words can tell.
    pub needed: Needed,
    /// First seen at or after this.
    pub since: Option<Timestamp>,
    /// First seen before this.
    pub until: Option<Timestamp>,
    /// Numbered below this (paging).
    pub before: Option<StoryId>,
    /// At most so many.
    pub limit: usize,
}

/// Who was told of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TellingsOfEvent {
    /// How many subscriptions took something.
    pub subscriptions: u64,
    /// When the first of them took it.
    pub first_at: Option<Timestamp>,
    /// Deliveries, oldest first; of very many the first.
    pub deliveries: Vec<Delivery>,
}

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Pages {
    /// What stands around a page of events.
    fn overview(&mut self) -> Result<Overview, StoreError>;
    /// Events with what a card shows of their stories, newest first.
    fn cards(&mut self, filter: &EventFilter) -> Result<Vec<EventCard>, StoreError>;
    /// The events that changed after `after`, each once and as it is now: at most `limit` of them, with a card where they
    /// fit `filter`.
    fn changed_events(
        &mut self,
        after: EventVersion,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<ChangedEvents, StoreError>;
    /// Stories that have the words needed, newest first.
    fn stories_with(&mut self, filter: &StoryFilter) -> Result<Vec<Story>, StoreError>;
    /// Whether there is such a topic, or was: one that was removed has its history.
    fn knows_topic(&mut self, key: &TopicKey) -> Result<bool, StoreError>;
    /// The events that each of `stories` is in, in their order.
    fn events_of(&mut self, stories: &[StoryId]) -> Result<Vec<Vec<Event>>, StoreError>;
    /// Who was told of an event, with at most `limit` deliveries.
    fn tellings(&mut self, event: EventId, limit: usize) -> Result<TellingsOfEvent, StoreError>;
}
