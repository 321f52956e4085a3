//! Topics as they were and are: each version a row, written with the topic itself.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::column::{Days, Moment, Span, TopicName, Word};
use super::fault::Fault;
use super::topic;
use crate::model::{Origin, Over, Saving, StoryId, Topic, TopicKey, TopicSpec, TopicVersion, Unsaved};
use crate::port::{StoreError, TopicTally, Versions};

/// Versions kept of a topic: who saves one each working day looks back two years.
const VERSIONS_MAX: u32 = 500;

/// By whom a version is that a reload brought.
pub(super) const BY_FILE: &str = "the configuration file";

impl Versions for SqliteStore {
    fn save_topic(
        &mut self,
        spec: &TopicSpec,
        saving: &Saving,
        now: Timestamp,
    ) -> Result<Result<u32, Unsaved>, StoreError> {
        self.write("save_topic", |db| save(db, spec, saving, now))
    }

    fn topic_versions(
        &mut self,
        topic: &TopicKey,
        before: Option<u32>,
        limit: usize,
    ) -> Result<Vec<TopicVersion>, StoreError> {
        self.read("topic_versions", |db| list(db, topic, before, limit))
    }

    fn topic_tallies(&mut self) -> Result<Vec<TopicTally>, StoreError> {
        self.read("topic_tallies", |db| tallies(db))
    }

    fn newest_stories(&mut self, since: Timestamp, limit: usize) -> Result<(usize, StoryId), StoreError> {
        self.read("newest_stories", |db| newest_stories(db, since, limit))
    }
}

/// Writes the topic as its next version, and forgets those that are too many; gives the version's number.
pub(super) fn write(
    db: &Connection,
    topic: &Topic,
    (by, restores): (&str, Option<u32>),
    now: Timestamp,
) -> Result<u32, Fault> {
    const INSERT: &str = "INSERT INTO topic_version
        (topic, number, name, query, fresh_ms, stale_ms, span, origin, saved_at_ms, saved_by, restores)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    const FORGET: &str = "DELETE FROM topic_version WHERE topic = ?1 AND number <= ?2";
    let spec = &topic.spec;
    let number = newest(db, &spec.key)?.map_or(0, |(number, _)| number).saturating_add(1);
    db.prepare_cached(INSERT)?.execute(params![
        spec.key.as_str(),
        number,
        spec.name,
        spec.query,
        Span(spec.fresh),
        Span(spec.stale),
        Days(spec.span),
        Word(topic.origin),
        Moment(now),
        by,
        restores
    ])?;
    db.prepare_cached(FORGET)?.execute(params![spec.key.as_str(), number.saturating_sub(VERSIONS_MAX)])?;
    Ok(number)
}

/// The number of the newest version, and by whom it is.
fn newest(db: &Connection, key: &TopicKey) -> Result<Option<(u32, String)>, Fault> {
    const SQL: &str = "SELECT number, saved_by FROM topic_version WHERE topic = ?1 ORDER BY number DESC LIMIT 1";
    Ok(db.prepare_cached(SQL)?.query_row([key.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

fn save(db: &Connection, spec: &TopicSpec, saving: &Saving, now: Timestamp) -> Result<Result<u32, Unsaved>, Fault> {
    if saving.over == Over::Nothing {
        return topic::add(db, spec, &saving.by, now).map(Ok);
    }
    let Some(held) = topic::one(db, &spec.key)? else { return Ok(Err(Unsaved::Absent)) };
    if held.origin == Origin::Config {
        return Ok(Err(Unsaved::Declared));
    }
    let (number, saved_by) = newest(db, &spec.key)?.unwrap_or_default();
    if let Over::Version(seen) = saving.over
        && seen != number
    {
        return Ok(Err(Unsaved::Overtaken { newest: number, saved_by }));
    }
    if held.spec == *spec {
        return Ok(Ok(number));
    }
    topic::put(db, spec, Origin::Api, (&saving.by, saving.restores), now).map(Ok)
}

fn list(db: &Connection, key: &TopicKey, before: Option<u32>, most: usize) -> Result<Vec<TopicVersion>, Fault> {
    const SQL: &str =
        "SELECT topic, number, name, query, fresh_ms, stale_ms, span, origin, saved_at_ms, saved_by, restores
        FROM topic_version WHERE topic = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3";
    let (before, most) = (before.map_or(i64::MAX, i64::from), i64::try_from(most).unwrap_or(i64::MAX));
    Ok(db.prepare_cached(SQL)?.query_map(params![key.as_str(), before, most], read)?.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<TopicVersion> {
    let spec = TopicSpec {
        key: row.get::<_, TopicName>(0)?.0,
        name: row.get(2)?,
        query: row.get(3)?,
        fresh: row.get::<_, Span>(4)?.0,
        stale: row.get::<_, Span>(5)?.0,
        span: row.get::<_, Days>(6)?.0,
    };
    Ok(TopicVersion {
        number: row.get(1)?,
        spec,
        origin: row.get::<_, Word<Origin>>(7)?.0,
        saved_at: row.get::<_, Moment>(8)?.0,
        saved_by: row.get(9)?,
        restores: row.get(10)?,
    })
}

fn tallies(db: &Connection) -> Result<Vec<TopicTally>, Fault> {
    const SQL: &str = "SELECT topic, count(*), max(told_at_ms) FROM event WHERE merged_into IS NULL
        GROUP BY topic ORDER BY topic";
    let read = |row: &Row<'_>| {
        let told: Option<Moment> = row.get(2)?;
        Ok(TopicTally {
            topic: row.get::<_, TopicName>(0)?.0,
            events: row.get::<_, i64>(1)?.unsigned_abs(),
            last_told_at: told.map(|Moment(at)| at),
        })
    };
    Ok(db.prepare_cached(SQL)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

fn newest_stories(db: &Connection, since: Timestamp, limit: usize) -> Result<(usize, StoryId), Fault> {
    const COUNT: &str = "SELECT count(*) FROM story INDEXED BY story_seen WHERE seen_at_ms >= ?1";
    // The index has the times, and with equal times the numbers: no row is looked at.
    const BEFORE: &str = "SELECT id FROM story INDEXED BY story_seen WHERE seen_at_ms >= ?1
        ORDER BY seen_at_ms DESC, id DESC LIMIT 1 OFFSET ?2";
    let count: i64 = db.prepare_cached(COUNT)?.query_row([Moment(since)], |row| row.get(0))?;
    let skipped = i64::try_from(limit).unwrap_or(i64::MAX);
    let before: Option<i64> =
        db.prepare_cached(BEFORE)?.query_row(params![Moment(since), skipped], |row| row.get(0)).optional()?;
    Ok((usize::try_from(count).unwrap_or(usize::MAX), StoryId(before.unwrap_or_default())))
}
