//! Topics.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{Days, Moment, Span, TopicName, Word};
use super::fault::Fault;
use super::version;
use crate::model::{Origin, Topic, TopicKey, TopicSpec};

/// A topic as it stands, retired or not.
pub(super) struct HeldTopic {
    pub(super) topic: Topic,
    pub(super) retired: bool,
}

fn read(row: &Row<'_>) -> rusqlite::Result<HeldTopic> {
    let spec = TopicSpec {
        key: row.get::<_, TopicName>(0)?.0,
        name: row.get(1)?,
        query: row.get(2)?,
        fresh: row.get::<_, Span>(3)?.0,
        stale: row.get::<_, Span>(4)?.0,
        span: row.get::<_, Days>(7)?.0,
    };
    Ok(HeldTopic { topic: Topic { spec, origin: row.get::<_, Word<Origin>>(5)?.0 }, retired: row.get(6)? })
}

/// All topics, retired ones too, by key.
pub(super) fn all(db: &Connection) -> Result<Vec<HeldTopic>, Fault> {
    const SQL: &str = "SELECT key, name, query, fresh_ms, stale_ms, origin, retired, span FROM topic ORDER BY key";
    Ok(db.prepare_cached(SQL)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// Topics in force, by key.
pub(super) fn list(db: &Connection) -> Result<Vec<Topic>, Fault> {
    Ok(all(db)?.into_iter().filter(|held| !held.retired).map(|held| held.topic).collect())
}

/// Writes a topic, new or known, in force, as a new version of it; gives the version's number.
pub(super) fn put(
    db: &Connection,
    spec: &TopicSpec,
    origin: Origin,
    (by, restores): (&str, Option<u32>),
    now: Timestamp,
) -> Result<u32, Fault> {
    const SQL: &str = "INSERT INTO topic (key, name, query, fresh_ms, stale_ms, origin, retired, created_at_ms, span)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8)
        ON CONFLICT (key) DO UPDATE SET name = excluded.name, query = excluded.query, fresh_ms = excluded.fresh_ms,
            stale_ms = excluded.stale_ms, origin = excluded.origin, span = excluded.span, retired = 0";
    db.prepare_cached(SQL)?.execute(params![
        spec.key.as_str(),
        spec.name,
        spec.query,
        Span(spec.fresh),
        Span(spec.stale),
        Word(origin),
        Moment(now),
        Days(spec.span)
    ])?;
    version::write(db, &Topic { spec: spec.clone(), origin }, (by, restores), now)
}

/// Adds a topic of [`Origin::Api`].
pub(super) fn add(db: &Connection, spec: &TopicSpec, by: &str, now: Timestamp) -> Result<u32, Fault> {
    if let Some(held) = one(db, &spec.key)? {
        return Err(Fault::Taken { what: "topic", detail: format!("{} ({})", spec.key, whereabouts(held.origin)) });
    }
    put(db, spec, Origin::Api, (by, None), now)
}

/// A topic in force.
pub(super) fn one(db: &Connection, key: &TopicKey) -> Result<Option<Topic>, Fault> {
    const SQL: &str = "SELECT key, name, query, fresh_ms, stale_ms, origin, retired, span FROM topic
        WHERE key = ?1 AND retired = 0";
    Ok(db.prepare_cached(SQL)?.query_row([key.as_str()], read).optional()?.map(|held| held.topic))
}

/// Whether there is such a topic, retired or not.
pub(super) fn is_known(db: &Connection, key: &TopicKey) -> Result<bool, Fault> {
    const SQL: &str = "SELECT 1 FROM topic WHERE key = ?1";
    Ok(db.prepare_cached(SQL)?.exists([key.as_str()])?)
}

/// Retires a topic of [`Origin::Api`].
pub(super) fn remove(db: &Connection, key: &TopicKey) -> Result<bool, Fault> {
    const SQL: &str = "UPDATE topic SET retired = 1 WHERE key = ?1 AND origin = 'api' AND retired = 0";
    Ok(db.prepare_cached(SQL)?.execute([key.as_str()])? > 0)
}

/// Retires a topic wherever it was declared.
pub(super) fn retire(db: &Connection, key: &TopicKey) -> Result<(), Fault> {
    const SQL: &str = "UPDATE topic SET retired = 1 WHERE key = ?1";
    db.prepare_cached(SQL)?.execute([key.as_str()])?;
    Ok(())
}

/// Where a thing of this origin is found, in words.
pub(super) fn whereabouts(origin: Origin) -> &'static str {
    match origin {
        Origin::Config => "in the configuration file",
        Origin::Api => "added by command or API",
    }
}
