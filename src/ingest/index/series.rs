//! Stories by the series that their titles are of.

use std::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::xxh3_64;

use crate::model::{EventId, StoryId};

use super::{Account, FIRST_COMPARED, Index, Member};

/// Titles of one series that are held against a story's, the latest first.
const COMPARED: usize = 64;

/// Stories by what their titles, and the beginnings of these, have in common with others.
#[derive(Debug, Clone, Default)]
pub(super) struct Series(BTreeMap<u64, BTreeSet<StoryId>>);

impl Series {
    pub(super) fn put(&mut self, account: &Account) {
        for key in keys(account) {
            self.0.entry(key).or_default().insert(account.story);
        }
    }

    pub(super) fn take(&mut self, account: &Account) {
        for key in keys(account) {
            if let Some(stories) = self.0.get_mut(&key) {
                stories.remove(&account.story);
                if stories.is_empty() {
                    self.0.remove(&key);
                }
            }
        }
    }
}

/// What its title has in common with others of its series. How it begins says something of one publisher's alone.
fn keys(account: &Account) -> impl Iterator<Item = u64> {
    let heading = account.heading.as_deref();
    let publishers = move |key: u64| key ^ xxh3_64(account.kept.publisher().as_bytes());
    heading.into_iter().flat_map(move |heading| {
        [Some(heading.pattern()), heading.opening().map(publishers), heading.place().map(publishers)]
            .into_iter()
            .flatten()
    })
}

/// What the title of another story says of whether both are of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Another,
    Same,
    Nothing,
}

fn says(account: &Account, other: &Account) -> Says {
    let Some((own, theirs)) = account.heading.as_deref().zip(other.heading.as_deref()) else { return Says::Nothing };
    let is_publishers = account.kept.publisher() == other.kept.publisher();
    if own.tells_another(theirs, is_publishers) {
        Says::Another
    } else if own.tells_same(theirs, is_publishers) {
        Says::Same
    } else {
        Says::Nothing
    }
}

impl Index {
    /// Events told of under titles of the same series as this story's, for another day or with other names: it tells of none of
    /// them, unless one of their titles is for its own.
    pub(in crate::ingest) fn others_of_series(&self, account: &Account) -> BTreeSet<EventId> {
        let stories = keys(account).filter_map(|key| self.series.0.get(&key));
        let members = |stories: &BTreeSet<StoryId>| -> Vec<&Member> {
            let others = stories.iter().rev().filter(|id| **id != account.story);
            others.filter_map(|id| self.member(*id)).take(COMPARED).collect()
        };
        let (mut others, mut own) = (BTreeSet::new(), BTreeSet::new());
        for member in stories.flat_map(members) {
            match says(account, &member.account) {
                Says::Another => others.insert(member.event),
                Says::Same => own.insert(member.event),
                Says::Nothing => false,
            };
        }
        &others - &own
    }

    /// Whether the titles of an event's first stories are of the same series as this story's, for another day or with other names: of a
    /// long series only the latest are held against it as a whole.
    pub(super) fn is_of_other_titles(&self, account: &Account, id: EventId) -> bool {
        if account.heading.is_none() {
            return false;
        }
        let Some(event) = self.events.get(&id) else { return false };
        let first = || event.members.iter().take(FIRST_COMPARED);
        let latest = || event.members.iter().skip(FIRST_COMPARED).rev().take(COMPARED);
        let says = |story: &StoryId| {
            let member = self.member(*story).filter(|_| *story != account.story)?;
            Some(says(account, &member.account))
        };
        // One of the same thing among the first or the latest speaks against it; mostly it isn't asked.
        first().any(|story| says(story) == Some(Says::Another))
            && !first().chain(latest()).any(|story| says(story) == Some(Says::Same))
    }
}
