//! The store's verbs of topics as they were and are: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::StoreError;
use crate::model::{Saving, StoryId, TopicKey, TopicSpec, TopicVersion, Unsaved};

/// What a topic's events come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicTally {
    /// The topic.
    pub topic: TopicKey,
    /// Its events, but for those merged into others.
    pub events: u64,
    /// When one was told last.
    pub last_told_at: Option<Timestamp>,
}

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Versions {
    /// Saves a topic of [`crate::model::Origin::Api`] as a new version of it, and gives the version's number. What is saved already
    /// makes none. [`StoreError::Taken`] where a new one has the key of one in force.
    fn save_topic(
        &mut self,
        spec: &TopicSpec,
        saving: &Saving,
        now: Timestamp,
    ) -> Result<Result<u32, Unsaved>, StoreError>;
    /// The versions of a topic, in force or not, the newest first, numbered below `before`; of very many the oldest are not kept.
    fn topic_versions(
        &mut self,
        topic: &TopicKey,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<TopicVersion>, StoreError>;
    /// The version that undoing saves anew: the one numbered `wanted`, else the one before the newest.
    fn version_to_restore(
        &mut self,
        topic: &TopicKey,
        wanted: Option<u32>,
    ) -> Result<Option<TopicVersion>, StoreError> {
        Ok(match wanted {
            Some(number) => {
                let found = self.topic_versions(topic, Some(number.saturating_add(1)), 1)?.pop();
                found.filter(|version| version.number == number)
            }
            None => self.topic_versions(topic, None, 2)?.into_iter().nth(1),
        })
    }
    /// What each topic's events come to; topics without events are left out.
    fn topic_tallies(&mut self) -> Result<Vec<TopicTally>, StoreError>;
    /// Of the stories first seen at or after `since`: how many there are, and the number above which the newest `limit` of them
    /// stand.
    fn newest_stories(&mut self, since: Timestamp, limit: usize) -> Result<(usize, StoryId), StoreError>;
}
