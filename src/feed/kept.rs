//! The entries that are kept of a document: all of most, the newest of archives.

use std::collections::VecDeque;

use super::mended::{Damage, Mended};
use crate::model::Entry;

/// Entries of one document; feeds with more publish an archive.
pub(super) const ENTRIES_MAX: usize = 2_000;

/// The first and the last entries: which of them are the newest is known at the end.
#[derive(Debug, Default)]
pub(super) struct Kept {
    first: Vec<Entry>,
    last: VecDeque<Entry>,
    seen: usize,
}

impl Kept {
    pub(super) fn push(&mut self, entry: Entry) {
        self.seen += 1;
        if self.first.len() < ENTRIES_MAX {
            self.first.push(entry);
            return;
        }
        if self.last.len() == ENTRIES_MAX {
            self.last.pop_front();
        }
        self.last.push_back(entry);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// The newest: those at the head, unless the dates say that the document runs the other way.
    pub(super) fn into_entries(self, mended: &mut Mended) -> Vec<Entry> {
        if self.seen > ENTRIES_MAX {
            mended.note(Damage::TooManyEntries, 0);
        }
        let date = |entry: Option<&Entry>| entry.and_then(|entry| entry.published.or(entry.updated));
        let runs_upward =
            date(self.first.first()).is_some_and(|first| date(self.last.back()).is_some_and(|last| first < last));
        if !runs_upward {
            return self.first;
        }
        let room = ENTRIES_MAX.saturating_sub(self.last.len());
        let skipped = self.first.len().saturating_sub(room);
        self.first.into_iter().skip(skipped).chain(self.last).collect()
    }
}
