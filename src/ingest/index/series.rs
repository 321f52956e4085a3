//! Stories by the series that their titles are of.

use std::collections::{BTreeMap, BTreeSet};

use crate::dedup::Heading;
use crate::model::{EventId, StoryId};

use super::{Account, Index};

/// Titles of one series that are held against a story's, the latest first.
const COMPARED: usize = 64;

/// Stories by what their titles have in common with others.
#[derive(Debug, Clone, Default)]
pub(super) struct Series(BTreeMap<u64, BTreeSet<StoryId>>);

impl Series {
    pub(super) fn put(&mut self, story: StoryId, heading: Option<&Heading>) {
        if let Some(heading) = heading {
            self.0.entry(heading.pattern()).or_default().insert(story);
        }
    }

    pub(super) fn take(&mut self, story: StoryId, heading: Option<&Heading>) {
        let Some(pattern) = heading.map(Heading::pattern) else { return };
        if let Some(stories) = self.0.get_mut(&pattern) {
            stories.remove(&story);
            if stories.is_empty() {
                self.0.remove(&pattern);
            }
        }
    }
}

impl Index {
    /// Events told of under titles of the same series as this story's, for another day or with other names: it tells of none of
    /// them, unless one of their titles is for its own.
    pub(in crate::ingest) fn others_of_series(&self, account: &Account) -> BTreeSet<EventId> {
        let heading = account.heading.as_ref();
        let Some((heading, stories)) =
            heading.and_then(|heading| Some((heading, self.series.0.get(&heading.pattern())?)))
        else {
            return BTreeSet::new();
        };
        let members = stories.iter().rev().filter(|id| **id != account.story).filter_map(|id| self.stories.get(id));
        let (mut others, mut own) = (BTreeSet::new(), BTreeSet::new());
        for member in members.take(COMPARED) {
            let Some(theirs) = &member.account.heading else { continue };
            let side = if heading.is_of_another(theirs) { &mut others } else { &mut own };
            side.insert(member.event);
        }
        &others - &own
    }
}
