//! The log: notifications in the order they were committed, and how long their bodies are kept.
//!
//! A notification's `num` is its sequence number. It grows in the order of commits: there is one writer at a time, and
//! it takes the largest number plus one. It is never given twice: rows stay for good, only bodies are taken, and a restore
//! leaves out the numbers that were given since its copy was made, as if their bodies had been taken.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::claim::limit;
use super::column::{Moment, Word};
use super::fault::Fault;
use super::outbox::{NOTIFICATION_COLUMNS, notification_columns, read_notification};
use super::walk::{Onward, Walk};
use crate::model::{NotificationType, Sequence, TopicKey};
use crate::port::{LogFilter, LogPage};

/// Notifications looked at for one page: a filter that fits few is given short pages, not a long wait.
const LOOK_MAX: usize = 2_000;

/// The numbers up to this one are given or left out.
macro_rules! floor {
    () => {
        "coalesce((SELECT value FROM counter WHERE name = 'notification_floor'), 0)"
    };
}
pub(super) use floor;

/// A page of the log.
pub(super) fn page(db: &Connection, filter: &LogFilter) -> Result<LogPage, Fault> {
    const LAST: &str = concat!("SELECT max(coalesce((SELECT max(num) FROM notification), 0), ", floor!(), ")");
    const TAKEN: &str =
        "SELECT coalesce(max(num), 0) FROM notification INDEXED BY notification_body WHERE (body = '') = 1";
    const KEPT: &str = concat!(
        "SELECT ",
        notification_columns!(),
        ", n.num, n.aside FROM notification n INDEXED BY notification_body
        WHERE (n.body = '') = 0 AND n.num > ?1 ORDER BY n.num LIMIT ?2"
    );
    let number = |sql| db.prepare_cached(sql)?.query_row([], |row| row.get(0).map(Sequence));
    let (last, taken) = (number(LAST)?, number(TAKEN)?);
    let onward = onward(db, filter.after)?;
    let mut page = LogPage { entries: Vec::new(), through: filter.after, last, taken, onward };
    let mut statement = db.prepare_cached(KEPT)?;
    let mut rows = statement.query(params![filter.after.0, limit(LOOK_MAX)])?;
    let mut looked = 0;
    while page.entries.len() < filter.limit {
        let Some(row) = rows.next()? else {
            // Behind the last that has a body nothing is left to look at, unless the look was cut short.
            if looked < LOOK_MAX {
                page.through = last.max(filter.after);
            }
            break;
        };
        looked += 1;
        page.through = Sequence(row.get(NOTIFICATION_COLUMNS)?);
        let kind = row.get::<_, Word<NotificationType>>(1)?.0;
        let topic: Option<String> = row.get(2)?;
        let is_aside: bool = row.get(NOTIFICATION_COLUMNS + 1)?;
        if !is_aside && fits(filter, kind, topic.as_deref()) {
            page.entries.push((page.through, read_notification(row)?));
        }
    }
    Ok(page)
}

/// Where the log goes on behind a place. Numbers follow one another but where a restore left some out: who stands among those, or at one
/// that is given no longer, was in a life of the database that is lost. Who stands at the last before them, or at none, has missed
/// nothing of this one.
fn onward(db: &Connection, after: Sequence) -> Result<Sequence, Fault> {
    const SQL: &str = concat!(
        "SELECT iif(?1 = 0 OR EXISTS (SELECT 1 FROM notification WHERE num = ?1), ?1,
            max(?1, coalesce((SELECT min(num) FROM notification WHERE num > ?1) - 1, ",
        floor!(),
        ")))"
    );
    Ok(Sequence(db.prepare_cached(SQL)?.query_row([after.0], |row| row.get(0))?))
}

fn fits(filter: &LogFilter, kind: NotificationType, topic: Option<&str>) -> bool {
    (filter.types.is_empty() || filter.types.contains(&kind))
        && (filter.topic.is_none() || filter.topic.as_ref().map(TopicKey::as_str) == topic)
}

/// Takes the bodies of notifications made before `before` that no delivery needs, oldest first; gives how many.
///
/// The walk ends at the first that is younger, unless a clock that was put back since dated it ([`Walk`]). Those with deliveries lose
/// theirs with the last of them.
pub(super) fn take_bodies(db: &Connection, before: Timestamp, most: usize) -> Result<usize, Fault> {
    const KEPT: &str = "SELECT num, created_at_ms, EXISTS (SELECT 1 FROM delivery WHERE notification = num)
        FROM notification INDEXED BY notification_body WHERE (body = '') = 0 ORDER BY num";
    const NEWEST: &str = "SELECT created_at_ms FROM notification ORDER BY num DESC LIMIT 1";
    const TAKE: &str = "UPDATE notification SET body = '' WHERE num = ?1";
    let mut walk = Walk::new(before, most, db.prepare_cached(NEWEST)?.query_row([], |row| row.get(0)).optional()?);
    {
        let mut statement = db.prepare_cached(KEPT)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let found = if row.get::<_, bool>(2)? { None } else { Some(row.get(0)?) };
            if walk.passes(row.get::<_, Moment>(1)?.0, found) == Onward::Ends {
                break;
            }
        }
    }
    let old: Vec<i64> = walk.into_old();
    for num in &old {
        db.prepare_cached(TAKE)?.execute([num])?;
    }
    Ok(old.len())
}
