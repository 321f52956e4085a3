//! Fences: each batch of claims takes the next number, so that a worker whose lease ran out can't finish another's work.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::model::SourceId;
use crate::port::ClaimSources;

/// Takes the next fence.
pub(super) fn next_fence(db: &Connection) -> rusqlite::Result<i64> {
    const SQL: &str = "UPDATE counter SET value = value + 1 WHERE name = 'fence' RETURNING value";
    db.prepare_cached(SQL)?.query_row([], |row| row.get(0))
}

/// Keeps the bounds of a [`ClaimSources`] while candidates are walked.
pub(super) struct Bounds<'a> {
    claim: &'a ClaimSources,
    taken: usize,
    by_host: BTreeMap<String, usize>,
}

impl<'a> Bounds<'a> {
    pub(super) fn new(claim: &'a ClaimSources) -> Self {
        let by_host = claim.except_hosts.iter().map(|host| (host.clone(), usize::MAX)).collect();
        Self { claim, taken: 0, by_host }
    }

    pub(super) fn is_full(&self) -> bool {
        self.taken >= self.claim.limit
    }

    /// Whether one more of this host may be claimed, and this source at all.
    pub(super) fn has_room(&self, host: &str, source: SourceId) -> bool {
        self.claim.only.as_ref().is_none_or(|only| only.contains(&source))
            && self.by_host.get(host).copied().unwrap_or(0) < self.claim.per_host
    }

    /// Counts one of this host.
    pub(super) fn take(&mut self, host: &str) {
        self.taken += 1;
        match self.by_host.get_mut(host) {
            Some(count) => *count = count.saturating_add(1),
            None => drop(self.by_host.insert(host.to_owned(), 1)),
        }
    }
}

/// A bound as SQLite takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
