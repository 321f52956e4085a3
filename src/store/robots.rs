//! What hosts' `robots.txt` said, kept for as long as it holds: a restart asks nobody again.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::Moment;
use super::fault::Fault;
use crate::model::RobotsText;

/// What a host's file said, if that still holds.
pub(super) fn known(db: &Connection, origin: &str, now: Timestamp) -> Result<Option<RobotsText>, Fault> {
    const SQL: &str = "SELECT until_ms, body FROM robots WHERE origin = ?1 AND until_ms > ?2";
    let read = |row: &Row<'_>| Ok(RobotsText { until: row.get::<_, Moment>(0)?.0, body: row.get(1)? });
    Ok(db.prepare_cached(SQL)?.query_row(params![origin, Moment(now)], read).optional()?)
}

/// Keeps what a host's file said, and forgets what holds no more.
pub(super) fn keep(db: &Connection, origin: &str, text: &RobotsText, now: Timestamp) -> Result<(), Fault> {
    const OVER: &str = "DELETE FROM robots WHERE until_ms <= ?1";
    const KEEP: &str = "INSERT INTO robots (origin, until_ms, body) VALUES (?1, ?2, ?3)
        ON CONFLICT (origin) DO UPDATE SET until_ms = excluded.until_ms, body = excluded.body";
    db.prepare_cached(OVER)?.execute([Moment(now)])?;
    db.prepare_cached(KEEP)?.execute(params![origin, Moment(text.until), text.body])?;
    Ok(())
}
