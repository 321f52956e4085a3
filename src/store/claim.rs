//! Fences: each batch of claims takes the next number, so that a worker whose lease ran out can't finish another's work.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::article;
use super::column::Moment;
use super::fault::Fault;
use crate::model::{DomainPause, SourceId};
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
    by_domain: BTreeMap<String, usize>,
    slow: BTreeSet<String>,
}

impl<'a> Bounds<'a> {
    pub(super) fn new(db: &Connection, claim: &'a ClaimSources) -> rusqlite::Result<Self> {
        const PAUSED: &str = "SELECT domain FROM pause WHERE until_ms > ?1";
        let mut by_domain: BTreeMap<String, usize> =
            claim.except_domains.iter().map(|domain| (domain.clone(), usize::MAX)).collect();
        let mut paused = db.prepare_cached(PAUSED)?;
        let mut rows = paused.query([Moment(claim.now)])?;
        while let Some(row) = rows.next()? {
            by_domain.insert(row.get(0)?, usize::MAX);
        }
        Ok(Self { claim, taken: 0, by_domain, slow: BTreeSet::new() })
    }

    pub(super) fn is_full(&self) -> bool {
        self.taken >= self.claim.limit
    }

    /// Whether one more of this domain may be claimed, and this source at all.
    pub(super) fn has_room(&self, domain: &str, source: SourceId, is_slow: bool) -> bool {
        let is_one_more = is_slow && !self.slow.contains(domain);
        (!is_one_more || self.slow.len() < self.claim.slow_domains)
            && self.claim.only.as_ref().is_none_or(|only| only.contains(&source))
            && self.by_domain.get(domain).copied().unwrap_or(0) < self.claim.per_domain
    }

    /// Counts one of this domain.
    pub(super) fn take(&mut self, domain: &str, is_slow: bool) {
        self.taken += 1;
        if is_slow && !self.slow.contains(domain) {
            self.slow.insert(domain.to_owned());
        }
        match self.by_domain.get_mut(domain) {
            Some(count) => *count = count.saturating_add(1),
            None => drop(self.by_domain.insert(domain.to_owned(), 1)),
        }
    }
}

/// A bound as SQLite takes it.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Has a domain left alone: its sources and pages wait, and so do those that are declared or found meanwhile.
pub(super) fn pause(db: &Connection, pause: &DomainPause, now: Timestamp) -> Result<(), Fault> {
    const OVER: &str = "DELETE FROM pause WHERE until_ms <= ?1";
    const KEEP: &str = "INSERT INTO pause (domain, until_ms, why) VALUES (?1, ?2, ?3)
        ON CONFLICT (domain) DO UPDATE SET until_ms = excluded.until_ms, why = excluded.why
        WHERE excluded.until_ms >= until_ms";
    const SOURCES: &str =
        "UPDATE source SET next_poll_at_ms = ?2 WHERE domain = ?1 AND next_poll_at_ms < ?2 AND retired = 0";
    db.prepare_cached(OVER)?.execute([Moment(now)])?;
    let DomainPause { domain, until, why } = pause;
    db.prepare_cached(KEEP)?.execute(params![domain, Moment(*until), why])?;
    db.prepare_cached(SOURCES)?.execute(params![domain, Moment(*until)])?;
    article::put_off(db, pause)
}

/// Has a domain left alone no longer: what waits for that is due now, and so is the source that was refused, which is put off by a
/// little more. `false` where it is not left alone.
pub(super) fn resume(db: &Connection, domain: &str, now: Timestamp) -> Result<bool, Fault> {
    const OVER: &str = "DELETE FROM pause WHERE domain = ?1 AND until_ms > ?2 RETURNING until_ms";
    const SOURCES: &str = "UPDATE source SET next_poll_at_ms = ?2
        WHERE domain = ?1 AND next_poll_at_ms > ?2 AND retired = 0 AND health <> 'gone'
            AND (next_poll_at_ms <= ?3 OR last_outcome LIKE 'status: 429%' OR last_outcome LIKE 'status: 503%')";
    let until = db.prepare_cached(OVER)?.query_row(params![domain, Moment(now)], |row| row.get::<_, Moment>(0));
    let Some(until) = until.optional()? else { return Ok(false) };
    db.prepare_cached(SOURCES)?.execute(params![domain, Moment(now), until])?;
    article::bring_forward(db, domain, until.0, now)?;
    Ok(true)
}

/// The domains that are left alone.
pub(super) fn pauses(db: &Connection, now: Timestamp) -> Result<Vec<DomainPause>, Fault> {
    const SQL: &str = "SELECT domain, until_ms, why FROM pause WHERE until_ms > ?1 ORDER BY domain";
    let read =
        |row: &Row<'_>| Ok(DomainPause { domain: row.get(0)?, until: row.get::<_, Moment>(1)?.0, why: row.get(2)? });
    Ok(db.prepare_cached(SQL)?.query_map([Moment(now)], read)?.collect::<Result<_, _>>()?)
}
