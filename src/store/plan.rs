//! What is planned, by a clock that may be put back: then it would wait for as long besides.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::column::Moment;
use super::fault::Fault;

/// A clock that is put back by less does no harm: each plan waits so much longer.
const HARMLESS: Duration = Duration::from_mins(1);

const DAY_MS: i64 = 86_400_000;

/// Every moment from which something is done, or until which something is left alone; and, of an endpoint in trouble, since when:
/// an attempt that began before that proves nothing.
const PLANS: [(&str, &str); 19] = [
    ("source", "next_poll_at_ms"),
    ("source", "lease_until_ms"),
    ("article", "at_ms"),
    ("article", "lease_until_ms"),
    ("delivery", "next_attempt_at_ms"),
    ("delivery", "held_ms"),
    ("delivery", "lease_until_ms"),
    ("channel", "due_at_ms"),
    ("channel", "lease_until_ms"),
    ("pause", "until_ms"),
    ("robots", "until_ms"),
    ("verification", "next_at_ms"),
    ("trouble", "rest_until_ms"),
    ("trouble", "rest_since_ms"),
    ("trouble", "failing_since_ms"),
    ("trouble", "last_failure_at_ms"),
    ("pace", "next_at_ms"),
    ("follower", "next_at_ms"),
    ("follower", "wish_due_at_ms"),
];

/// Brings plans forward; gives by how much.
pub(super) fn turn_back(db: &Connection, by: Option<Duration>, now: Timestamp) -> Result<Duration, Fault> {
    // Digests are planned by the day's hours: when the next is due is found out anew.
    const HELD: &str = "UPDATE delivery SET next_attempt_at_ms = max(?1, next_attempt_at_ms - ?2)
        WHERE state = 'held' AND next_attempt_at_ms > ?1 + ?3";
    // Nor has a hub pushed what is to come.
    const LAST_PUSHES: &str = "UPDATE channel
        SET last_push_at_ms = min(last_push_at_ms, ?1), last_thin_at_ms = min(last_thin_at_ms, ?1)
        WHERE last_push_at_ms > ?1 OR last_thin_at_ms > ?1";
    const LAST_POLLS: &str = "UPDATE source SET last_poll_at_ms = ?1 WHERE last_poll_at_ms > ?1";
    const DIGESTS: &str = "UPDATE digest_clock SET at_ms = 0 WHERE at_ms > ?1";
    let by = match by {
        Some(by) => by,
        None => ahead(db, now)?,
    };
    if by < HARMLESS {
        return Ok(Duration::ZERO);
    }
    let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    for (table, column) in PLANS {
        let held = if (table, column) == ("delivery", "next_attempt_at_ms") { " AND state <> 'held'" } else { "" };
        let sql = format!("UPDATE {table} SET {column} = max(?1, {column} - ?2) WHERE {column} > ?1{held}");
        db.execute(&sql, params![Moment(now), by_ms])?;
    }
    // What is held until an hour of the day is held right whatever the clock said, unless that was another day's.
    let apart_ms = by_ms.max(DAY_MS);
    db.execute(HELD, params![Moment(now), by_ms, apart_ms])?;
    db.execute(DIGESTS, [Moment(now)])?;
    db.execute(LAST_PUSHES, [Moment(now)])?;
    // Else each start after this would find the clock put back again.
    db.execute(LAST_POLLS, [Moment(now)])?;
    Ok(by)
}

/// When the last poll was made; the last notification where nothing was polled yet. (A poll that a clock of the future dated is dated
/// anew when that is put back, a notification is not.)
pub(super) fn last_moment(db: &Connection) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT coalesce((SELECT max(last_poll_at_ms) FROM source),
        (SELECT created_at_ms FROM notification WHERE num = (SELECT max(num) FROM notification)))";
    let last: Option<Moment> = db.query_row(SQL, [], |row| row.get(0))?;
    Ok(last.map(|Moment(at)| at))
}

/// How far the last poll lies in the future.
fn ahead(db: &Connection, now: Timestamp) -> Result<Duration, Fault> {
    const LAST: &str = "SELECT max(last_poll_at_ms) FROM source";
    let last: Option<Moment> = db.query_row(LAST, [], |row| row.get(0))?;
    let ahead = last.map_or(SignedDuration::ZERO, |last| last.0.duration_since(now));
    Ok(ahead.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open::MIGRATIONS;

    #[test]
    fn the_last_moment_is_that_of_the_last_poll_and_of_a_notification_where_there_was_none() {
        let db = Connection::open_in_memory().unwrap();
        for sql in MIGRATIONS {
            db.execute_batch(sql).unwrap();
        }
        assert_eq!(last_moment(&db).unwrap(), None);
        db.execute_batch(
            "INSERT INTO notification (id, kind, created_at_ms, body) VALUES ('a', 'digest', 9000, ''), ('b', 'digest', 7000, '')",
        )
        .unwrap();
        assert_eq!(
            last_moment(&db).unwrap(),
            Some(Timestamp::from_millisecond(7_000).unwrap()),
            "the last that was made"
        );
    }
}
