//! Retention: what is dropped when it is old, or when there is too much, in steps that leave the writer free.
//!
//! Nothing here drops what is undecided or undelivered, nor the keys of a story: `story_key` stays when the story's row goes.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::claim::limit;
use super::column::Moment;
use super::fault::Fault;
use super::sqlite::SqliteStore;
use super::{article, audience, log, outbox, search};
use crate::model::StoryId;
use crate::port::{Merging, Room, Shed, StoreError, Upkeep};

impl Upkeep for SqliteStore {
    fn bury(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.write("bury", |db| bury(db, before, limit))
    }

    fn drop_told_texts(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.write("drop_told_texts", |db| drop_told_texts(db, before, limit))
    }

    fn shed(&mut self, shed: Shed, limit: usize) -> Result<usize, StoreError> {
        self.write("shed", |db| {
            let stories = drop_texts(db, shed.before, limit)? + bury(db, shed.before, limit)?;
            let told = drop_told_texts(db, shed.told_before, limit)?;
            let deliveries = outbox::forget(db, shed.before, limit, outbox::Finished::ButForKept)?;
            search::add_all(db)?;
            Ok(stories + told + deliveries + log::take_bodies(db, shed.before, limit)?)
        })
    }

    fn merge_words(&mut self, step: Merging) -> Result<bool, StoreError> {
        self.write("merge_words", |db| search::merge(db, step))
    }

    fn room(&mut self) -> Result<Room, StoreError> {
        self.read("room", room)
    }

    fn give_back(&mut self, bytes: u64) -> Result<u64, StoreError> {
        self.write("give_back", |db| {
            give_back(db, bytes)?;
            let is_incremental: i64 = db.pragma_query_value(None, "auto_vacuum", |row| row.get(0))?;
            Ok(if is_incremental == INCREMENTAL { room(db)?.free_bytes } else { 0 })
        })
    }
}

/// What `PRAGMA auto_vacuum` calls it.
const INCREMENTAL: i64 = 2;

/// Drops texts of off-topic stories, deletes finished deliveries, takes bodies from the log, and forgets who hears of events that are as
/// old as those deliveries; gives how many of all. Brings the full-text index up to date, as this is when there is time.
pub(super) fn retain(
    db: &Connection,
    off_topic_before: Timestamp,
    deliveries_before: Timestamp,
    most: usize,
) -> Result<usize, Fault> {
    let dropped = drop_texts(db, off_topic_before, most)?;
    article::forget_readings(db, off_topic_before)?;
    search::add_all(db)?;
    let forgotten = outbox::forget(db, deliveries_before, most, outbox::Finished::All)?;
    let taken = log::take_bodies(db, deliveries_before, most)?;
    Ok(dropped + forgotten + taken + audience::forget(db, deliveries_before, most)?)
}

fn old(db: &Connection, sql: &str, before: Timestamp, most: usize) -> Result<Vec<i64>, Fault> {
    let mut statement = db.prepare_cached(sql)?;
    let old = statement.query_map(params![Moment(before), limit(most)], |row| row.get(0))?;
    Ok(old.collect::<Result<_, _>>()?)
}

/// Drops texts; titles stay, and can still be found.
fn drop_texts(db: &Connection, before: Timestamp, most: usize) -> Result<usize, Fault> {
    const OLD: &str = "SELECT id FROM story INDEXED BY story_off_topic
        WHERE state = 'decided' AND on_topic = 0 AND text_dropped = 0 AND seen_at_ms < ?1 ORDER BY seen_at_ms LIMIT ?2";
    let old = old(db, OLD, before, most)?;
    old.iter().try_for_each(|story| drop_text(db, *story))?;
    Ok(old.len())
}

fn drop_text(db: &Connection, story: i64) -> Result<(), Fault> {
    const DROP: &str = "UPDATE story SET text = '', text_dropped = 1 WHERE id = ?1";
    const REVISIONS: &str = "UPDATE story_revision SET text = '' WHERE story = ?1";
    search::note_change(db, StoryId(story))?;
    db.prepare_cached(DROP)?.execute([story])?;
    db.prepare_cached(REVISIONS)?.execute([story])?;
    Ok(())
}

/// Drops the texts of stories on a topic, but for those that an operator said something of: to learn from.
fn drop_told_texts(db: &Connection, before: Timestamp, most: usize) -> Result<usize, Fault> {
    const OLD: &str = "SELECT id FROM story INDEXED BY story_told_text
        WHERE on_topic = 1 AND text_dropped = 0 AND seen_at_ms < ?1 AND state = 'decided'
            AND NOT EXISTS (SELECT 1 FROM label WHERE label.story = story.id)
            AND NOT EXISTS (SELECT 1 FROM label WHERE label.other = story.id)
        ORDER BY seen_at_ms LIMIT ?2";
    const MEANING: &str = "DELETE FROM meaning WHERE story = ?1";
    let old = old(db, OLD, before, most)?;
    for story in &old {
        drop_text(db, *story)?;
        db.prepare_cached(MEANING)?.execute([story])?;
    }
    Ok(old.len())
}

/// Deletes stories; their keys stay. The newest story of all stays too: its number is given to no other that way.
fn bury(db: &Connection, before: Timestamp, most: usize) -> Result<usize, Fault> {
    const OLD: &str = "SELECT id FROM story INDEXED BY story_off_topic
        WHERE state = 'decided' AND on_topic = 0 AND text_dropped IN (0, 1) AND seen_at_ms < ?1
            AND id < (SELECT max(id) FROM story)
            AND NOT EXISTS (SELECT 1 FROM label WHERE label.story = story.id)
            AND NOT EXISTS (SELECT 1 FROM label WHERE label.other = story.id)
        LIMIT ?2";
    const DELETE: [&str; 7] = [
        "DELETE FROM decision WHERE story = ?1",
        "DELETE FROM story_revision WHERE story = ?1",
        "DELETE FROM reading WHERE story = ?1",
        "DELETE FROM meaning WHERE story = ?1",
        "DELETE FROM article WHERE story = ?1",
        "DELETE FROM unindexed WHERE story = ?1",
        "DELETE FROM story WHERE id = ?1",
    ];
    let old = old(db, OLD, before, most)?;
    for story in &old {
        search::note_change(db, StoryId(*story))?;
        for sql in DELETE {
            db.prepare_cached(sql)?.execute([story])?;
        }
    }
    Ok(old.len())
}

fn room(db: &Connection) -> Result<Room, Fault> {
    let number = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (pages, free, size) = (number("page_count")?, number("freelist_count")?, number("page_size")?);
    let bytes = |pages: i64| u64::try_from(pages.saturating_mul(size)).unwrap_or(0);
    Ok(Room { used_bytes: bytes(pages.saturating_sub(free)), free_bytes: bytes(free) })
}

/// Gives free pages back to the file system, a few at a time so that the writer is not held up.
fn give_back(db: &Connection, bytes: u64) -> Result<(), Fault> {
    let size: i64 = db.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = bytes / u64::try_from(size).unwrap_or(4_096).max(1);
    // Its number can't be bound.
    let mut statement = db.prepare_cached(&format!("PRAGMA incremental_vacuum({})", pages.max(1)))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}
