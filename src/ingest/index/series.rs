//! Stories by the series that their titles are of.

use std::collections::{BTreeMap, BTreeSet};

use crate::dedup::Heading;
use crate::model::{EventId, StoryId};

use super::{Account, Index, Member};

/// Titles of one series that are held against a story's, the latest first.
const COMPARED: usize = 64;

/// Stories by what their titles, and the beginnings of these, have in common with others.
#[derive(Debug, Clone, Default)]
pub(super) struct Series(BTreeMap<u64, BTreeSet<StoryId>>);

impl Series {
    pub(super) fn put(&mut self, story: StoryId, heading: Option<&Heading>) {
        for key in keys(heading) {
            self.0.entry(key).or_default().insert(story);
        }
    }

    pub(super) fn take(&mut self, story: StoryId, heading: Option<&Heading>) {
        for key in keys(heading) {
            if let Some(stories) = self.0.get_mut(&key) {
                stories.remove(&story);
                if stories.is_empty() {
                    self.0.remove(&key);
                }
            }
        }
    }
}

fn keys(heading: Option<&Heading>) -> impl Iterator<Item = u64> {
    heading.into_iter().flat_map(|heading| [Some(heading.pattern()), heading.opening(), heading.place()]).flatten()
}

impl Index {
    /// Events told of under titles of the same series as this story's, for another day or with other names: it tells of none of
    /// them, unless one of their titles is for its own.
    pub(in crate::ingest) fn others_of_series(&self, account: &Account) -> BTreeSet<EventId> {
        let Some(heading) = &account.heading else { return BTreeSet::new() };
        let stories = keys(Some(heading)).filter_map(|key| self.series.0.get(&key));
        let members = |stories: &BTreeSet<StoryId>| -> Vec<&Member> {
            let others = stories.iter().rev().filter(|id| **id != account.story);
            others.filter_map(|id| self.member(*id)).take(COMPARED).collect()
        };
        let (mut others, mut own) = (BTreeSet::new(), BTreeSet::new());
        for member in stories.flat_map(members) {
            let Some(theirs) = member.account.heading.as_deref() else { continue };
            let is_publishers = member.account.kept.publisher() == account.kept.publisher();
            let is_another = heading.tells_another(theirs, is_publishers);
            let is_series = heading.pattern() == theirs.pattern() || is_publishers;
            if is_another {
                others.insert(member.event);
            } else if is_series {
                own.insert(member.event);
            }
        }
        &others - &own
    }
}
