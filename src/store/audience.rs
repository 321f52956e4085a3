//! Who hears of which event, of the subscriptions that ask more than a topic.
//!
//! What stands here is written in the transaction that tells, and is the last judge of it: an event is opened for a
//! subscription once.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::claim::limit;
use super::column::Moment;
use super::fault::Fault;
use super::outbox;
use crate::model::{EventId, Hearing, LateOpening, StoryId, SubscriptionId};

/// Of so many times the events that are forgotten at once the oldest are looked at.
const LOOK_FACTOR: usize = 10;

fn read(row: &Row<'_>) -> rusqlite::Result<Hearing> {
    Ok(Hearing {
        event: EventId(row.get(0)?),
        subscription: SubscriptionId(row.get(1)?),
        story: StoryId(row.get(2)?),
        told: row.get(3)?,
        counted: row.get(4)?,
    })
}

/// Of the events that a story joined since.
pub(super) fn since(db: &Connection, since: Timestamp) -> Result<Vec<Hearing>, Fault> {
    const SINCE: &str = "SELECT a.event, a.subscription, a.story, a.told, a.counted
        FROM audience a JOIN event e ON e.id = a.event
        WHERE e.changed_at_ms >= ?1 AND e.merged_into IS NULL ORDER BY a.event, a.subscription";
    Ok(db.prepare_cached(SINCE)?.query_map([Moment(since)], read)?.collect::<Result<_, _>>()?)
}

/// Of these events.
pub(super) fn of(db: &Connection, events: &BTreeSet<EventId>) -> Result<Vec<Hearing>, Fault> {
    const SQL: &str = "SELECT event, subscription, story, told, counted FROM audience
        WHERE event = ?1 ORDER BY subscription";
    let mut all = Vec::new();
    let mut statement = db.prepare_cached(SQL)?;
    for event in events {
        for hearing in statement.query_map([event.0], read)? {
            all.push(hearing?);
        }
    }
    Ok(all)
}

/// Keeps that somebody hears of an event. What was told stays told.
pub(super) fn keep(db: &Connection, hearing: &Hearing) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO audience (event, subscription, story, told, counted) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (event, subscription) DO UPDATE SET story = iif(told = 0, excluded.story, story),
            told = max(told, excluded.told), counted = max(counted, excluded.counted)";
    let Hearing { event, subscription, story, told, counted } = hearing;
    db.prepare_cached(SQL)?.execute(params![event.0, subscription.0, story.0, told, counted])?;
    Ok(())
}

/// Writes the notification of a late opening, to those of the subscriptions that were not told of the event. It is
/// aside of the log, which told of the event when it opened.
pub(super) fn open_late(db: &Connection, late: &LateOpening) -> Result<(), Fault> {
    const KNOWS: &str = "SELECT EXISTS (SELECT 1 FROM audience WHERE event = ?1 AND subscription = ?2 AND told = 1)";
    let told = &late.notification;
    let mut takers = Vec::new();
    for subscription in &late.takers {
        let key = params![told.event.map(|event| event.0), subscription.0];
        let knows: bool = db.prepare_cached(KNOWS)?.query_row(key, |row| row.get(0))?;
        if !knows {
            takers.push(*subscription);
        }
    }
    if takers.is_empty() {
        return Ok(());
    }
    match outbox::tell(db, told, &takers)? {
        Some(num) => put_aside(db, num),
        None => Ok(()),
    }
}

/// Takes a notification out of the log, which is for all.
pub(super) fn put_aside(db: &Connection, num: i64) -> Result<(), Fault> {
    const SQL: &str = "UPDATE notification SET aside = 1 WHERE num = ?1";
    db.prepare_cached(SQL)?.execute([num])?;
    Ok(())
}

/// Whoever was told of an event that went into another was told of that one.
pub(super) fn merge(db: &Connection, gone: EventId, into: EventId) -> Result<(), Fault> {
    const COUNTED: &str = "UPDATE audience SET counted = 1 WHERE event = ?2 AND counted = 0
        AND subscription IN (SELECT subscription FROM audience WHERE event = ?1 AND counted = 1)";
    inherit(db, gone, into)?;
    db.prepare_cached(COUNTED)?.execute([gone.0, into.0])?;
    db.prepare_cached("DELETE FROM audience WHERE event = ?1")?.execute([gone.0])?;
    Ok(())
}

/// Whoever hears of one event hears of another as of that; who waits already, goes on to wait by the same story. How many publishers it has
/// was told of none that is new.
pub(super) fn inherit(db: &Connection, from: EventId, to: EventId) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO audience (event, subscription, story, told, counted)
        SELECT ?2, subscription, story, told, 0 FROM audience WHERE event = ?1
        ON CONFLICT (event, subscription) DO UPDATE SET
            story = iif(told = 0 AND excluded.told = 1, excluded.story, story), told = max(told, excluded.told)";
    db.prepare_cached(SQL)?.execute([from.0, to.0])?;
    Ok(())
}

/// A subscription's filter is another: what waited by the old one is forgotten, and what it was told while it was not
/// selective is looked up.
pub(super) fn refilter(db: &Connection, subscription: SubscriptionId) -> Result<(), Fault> {
    const FORGET: &str = "DELETE FROM audience WHERE subscription = ?1 AND told = 0";
    const TOLD: &str = "INSERT INTO audience (event, subscription, story, told)
        SELECT coalesce(e.merged_into, e.id), d.subscription, min(n.story), 1
        FROM delivery d JOIN notification n ON n.num = d.notification JOIN event e ON e.id = d.event
        WHERE d.subscription = ?1 AND n.kind = 'event.opened' AND n.story IS NOT NULL
        GROUP BY 1
        ON CONFLICT (event, subscription) DO NOTHING";
    for sql in [FORGET, TOLD] {
        db.prepare_cached(sql)?.execute([subscription.0])?;
    }
    Ok(())
}

/// Forgets who hears of events that no story joined since `before`, oldest first; gives of how many events.
///
/// Events are numbered in the order they open, and few of the oldest go on for long, so the walk is short.
pub(super) fn forget(db: &Connection, before: Timestamp, most: usize) -> Result<usize, Fault> {
    const OLD: &str = "SELECT a.event FROM (SELECT DISTINCT event FROM audience ORDER BY event LIMIT ?2) a
        JOIN event e ON e.id = a.event WHERE e.changed_at_ms < ?1 ORDER BY a.event LIMIT ?3";
    const DELETE: &str = "DELETE FROM audience WHERE event = ?1";
    let look = limit(most.saturating_mul(LOOK_FACTOR));
    let old: Vec<i64> = db
        .prepare_cached(OLD)?
        .query_map(params![Moment(before), look, limit(most)], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for event in &old {
        db.prepare_cached(DELETE)?.execute([event])?;
    }
    Ok(old.len())
}
