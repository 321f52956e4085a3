//! The store at a glance: what an administrator and the metrics ask for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::column::{Count, Moment, Word};
use super::db::{Db, Identity};
use super::document::{Document, FilterRow, TopicsRow};
use super::fault::Fault;
use super::{SqliteStore, digest, follower, survey};
use crate::deliver::quiet_hours;
use crate::model::{Manner, SourceHealth, SourceId, SubscriptionId};
use crate::port::{Adrift, Backlog, Behind, Counts, Lost, Room, Slowest, StoreError, StoreSize, Survey, Surveys};

/// Whether the topics that a column names are all out of force, and it names any.
macro_rules! names_none {
    ($column:literal) => {
        concat!(
            "json_array_length(o.",
            $column,
            ", '$.topics') > 0 AND NOT EXISTS (SELECT 1 FROM json_each(o.",
            $column,
            ", '$.topics') named JOIN topic t ON t.key = named.value WHERE t.retired = 0) ORDER BY id"
        )
    };
}

impl Surveys for SqliteStore {
    fn survey(&mut self, now: Timestamp) -> Result<Survey, StoreError> {
        let outside = self.path().map(around).unwrap_or_default();
        let is_elsewhere = self.db.identity.is_some() && self.path().and_then(Identity::at) != self.db.identity;
        self.read("survey", |db| {
            let behind = behind(db, now)?;
            let oldest_pending_at = behind.as_ref().map(|behind| behind.oldest_at);
            Ok(Survey {
                counts: Counts { oldest_pending_at, ..survey::counts(db)? },
                due: survey::due(db)?,
                backlog: backlog(db, now)?,
                oldest_undecided_at: oldest_undecided(db)?,
                newest_story_at: newest_story(db)?,
                sources: sources(db)?,
                slowest: slowest(db)?,
                behind,
                lost: lost(db, now)?,
                adrift: None,
                size: StoreSize { log_bytes: outside.0, is_elsewhere, disk: outside.1, ..inside(db)? },
            })
        })
    }

    fn adrift(&mut self) -> Result<Adrift, StoreError> {
        self.read("adrift", |db| adrift(db))
    }
}

/// Whose topics are gone, but for subscriptions of readers' own: an operator can't give those other topics. Nobody's are while no topic is, so that a store of many sources is not gone through for nothing.
fn adrift(db: &Connection) -> Result<Adrift, Fault> {
    const ANY: &str = "SELECT 1 FROM topic WHERE retired = 1 LIMIT 1";
    const SOURCES: &str = concat!("SELECT id, topics FROM source o WHERE retired = 0 AND ", names_none!("topics"));
    const SUBSCRIPTIONS: &str = concat!(
        "SELECT id, filter FROM subscription o WHERE retired = 0 AND kind <> 'web-push'
                AND NOT EXISTS (SELECT 1 FROM self_service WHERE subscription = o.id) AND ",
        names_none!("filter")
    );
    let mut adrift = Adrift::default();
    if !db.prepare_cached(ANY)?.exists([])? {
        return Ok(adrift);
    }
    let mut statement = db.prepare_cached(SOURCES)?;
    for row in
        statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Document<TopicsRow>>(1)?.0.into_model()?)))?
    {
        let (id, topics) = row?;
        adrift.sources.push(SourceId(id));
        adrift.topics.extend(topics.iter().map(ToString::to_string));
    }
    let mut statement = db.prepare_cached(SUBSCRIPTIONS)?;
    for row in
        statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Document<FilterRow>>(1)?.0.into_model()?)))?
    {
        let (id, filter) = row?;
        adrift.subscriptions.push(SubscriptionId(id));
        adrift.topics.extend(filter.topics.iter().map(ToString::to_string));
    }
    Ok(adrift)
}

/// What is due, each by the index that claims walk.
fn backlog(db: &Db, now: Timestamp) -> Result<Backlog, Fault> {
    const SQL: &str = "SELECT
        (SELECT count(*) FROM source WHERE retired = 0 AND health <> 'gone' AND next_poll_at_ms <= ?1
            AND lease_until_ms <= ?1),
        (SELECT count(*) FROM delivery WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL
            AND next_attempt_at_ms <= ?1 AND lease_until_ms <= ?1),
        (SELECT count(*) FROM delivery WHERE state = 'held'),
        (SELECT count(*) FROM push),
        (SELECT count(*) FROM verification WHERE next_at_ms <= ?1)";
    let read = |row: &Row<'_>| {
        let count = |column: usize| row.get::<_, Count>(column).map(|c| c.0);
        Ok(Backlog {
            sources: count(0)?,
            deliveries: count(1)?,
            digests: count(2)?,
            pushes: count(3)?,
            followers: 0,
            verifications: count(4)?,
        })
    };
    let backlog = db.prepare_cached(SQL)?.query_row([Moment(now)], read)?;
    Ok(Backlog { followers: follower::count_due(db, now)?, ..backlog })
}

/// Undecided stories are decided in the order of their numbers, so the first is the oldest.
fn oldest_undecided(db: &Connection) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT seen_at_ms FROM story WHERE state = 'undecided' ORDER BY id LIMIT 1";
    Ok(db.prepare_cached(SQL)?.query_row([], |row| row.get::<_, Moment>(0)).optional()?.map(|at| at.0))
}

fn newest_story(db: &Connection) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT seen_at_ms FROM story ORDER BY id DESC LIMIT 1";
    Ok(db.prepare_cached(SQL)?.query_row([], |row| row.get::<_, Moment>(0)).optional()?.map(|at| at.0))
}

/// Sources by how they fare; those of no number stand with zero, so that a graph of them has no gap.
fn sources(db: &Connection) -> Result<Vec<(SourceHealth, u64)>, Fault> {
    const SQL: &str = "SELECT health, count(*) FROM source WHERE retired = 0 GROUP BY health";
    let read = |row: &Row<'_>| Ok((row.get::<_, Word<SourceHealth>>(0)?.0, row.get::<_, Count>(1)?.0));
    let found: Vec<_> = db.prepare_cached(SQL)?.query_map([], read)?.collect::<Result<_, _>>()?;
    let count = |health| found.iter().find(|(of, _)| *of == health).map_or(0, |(_, count)| *count);
    Ok(SourceHealth::ALL.into_iter().map(|health| (health, count(health))).collect())
}

/// Of the latest 1,000 attempts; one of two endpoints that are alike stays the slowest, whichever is asked last.
fn slowest(db: &Connection) -> Result<Option<Slowest>, Fault> {
    const SQL: &str = "SELECT d.subscription, s.name, count(*), CAST(round(avg(a.took_ms)) AS INTEGER), max(a.took_ms)
        FROM (SELECT delivery, took_ms FROM attempt ORDER BY rowid DESC LIMIT 1000) a
            JOIN delivery d ON d.id = a.delivery JOIN subscription s ON s.id = d.subscription AND s.retired = 0
        GROUP BY d.subscription ORDER BY avg(a.took_ms) DESC, d.subscription LIMIT 1";
    let read = |row: &Row<'_>| {
        let count = |column: usize| row.get::<_, Count>(column).map(|c| c.0);
        Ok(Slowest {
            id: SubscriptionId(row.get(0)?),
            name: row.get(1)?,
            attempts: count(2)?,
            mean_ms: count(3)?,
            longest_ms: count(4)?,
        })
    };
    Ok(db.prepare_cached(SQL)?.query_row([], read).optional()?)
}

/// Whose oldest pending delivery is the oldest of all; of those that quiet hours put off none is late.
///
/// One walk from the oldest on, to the first that nothing puts off: a few thousand that wait for as many sleepers cost a few thousand
/// steps.
fn behind(db: &Connection, now: Timestamp) -> Result<Option<Behind>, Fault> {
    const PENDING: &str = "SELECT subscription, created_at_ms, replayed_at_ms IS NOT NULL,
            coalesce(next_attempt_at_ms, held_ms)
        FROM delivery INDEXED BY delivery_pending WHERE state = 'pending' ORDER BY created_at_ms";
    const OF: &str = "SELECT s.name, coalesce(t.failures, 0),
            (SELECT count(*) FROM delivery WHERE state = 'pending' AND subscription = s.id)
        FROM subscription s LEFT JOIN trouble t ON t.subscription = s.id WHERE s.id = ?1";
    let quiet = quiet(db, now)?;
    let mut statement = db.prepare_cached(PENDING)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = SubscriptionId(row.get(0)?);
        let (is_replayed, planned): (bool, Option<Moment>) = (row.get(2)?, row.get(3)?);
        let is_put_off = |until: &Timestamp| !is_replayed && planned.is_none_or(|planned| planned.0 >= *until);
        if quiet.get(&id).is_some_and(is_put_off) {
            continue;
        }
        let oldest_at = row.get::<_, Moment>(1)?.0;
        let read = |row: &Row<'_>| {
            let pending = row.get::<_, Count>(2)?.0;
            Ok(Behind { id, name: row.get(0)?, oldest_at, failures: row.get(1)?, pending })
        };
        return Ok(db.prepare_cached(OF)?.query_row([id.0], read).optional()?);
    }
    Ok(None)
}

/// For so long after it was made a delivery that was given up is told of: most are given up within four days, and by then somebody has looked.
const LOST_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// What was given up of late. Readers' own endpoints (a phone that is off, a stranger's that is gone) are theirs to look after.
fn lost(db: &Connection, now: Timestamp) -> Result<Option<Lost>, Fault> {
    const SQL: &str = "SELECT d.subscription, s.name, count(*),
            min(d.created_at_ms), max(d.created_at_ms)
        FROM delivery d INDEXED BY delivery_expired JOIN subscription s ON s.id = d.subscription
        WHERE d.state = 'expired' AND d.created_at_ms >= ?1 AND s.retired = 0 AND s.state = 'active' AND s.kind <> 'web-push' AND NOT EXISTS (SELECT 1 FROM self_service WHERE subscription = s.id)
        GROUP BY d.subscription ORDER BY count(*) DESC, d.subscription";
    let since = now.checked_sub(LOST_FOR).unwrap_or(Timestamp::MIN);
    let read = |row: &Row<'_>| {
        Ok(Lost {
            count: row.get::<_, Count>(2)?.0,
            subscriptions: 1,
            id: SubscriptionId(row.get(0)?),
            name: row.get(1)?,
            oldest_at: row.get::<_, Moment>(3)?.0,
            newest_at: row.get::<_, Moment>(4)?.0,
        })
    };
    let mut all: Option<Lost> = None;
    for each in db.prepare_cached(SQL)?.query_map([Moment(since)], read)? {
        let each = each?;
        all = Some(match all {
            None => each,
            Some(all) => Lost {
                count: all.count.saturating_add(each.count),
                subscriptions: all.subscriptions + 1,
                oldest_at: all.oldest_at.min(each.oldest_at),
                newest_at: all.newest_at.max(each.newest_at),
                ..all
            },
        });
    }
    Ok(all)
}

/// The subscriptions that are in their quiet hours now, each with their end, to the millisecond as plans are.
fn quiet(db: &Connection, now: Timestamp) -> Result<BTreeMap<SubscriptionId, Timestamp>, Fault> {
    let until = |manner: &Manner| Timestamp::from_millisecond(quiet_hours(manner, now)?.as_millisecond()).ok();
    let held = digest::holding(db)?;
    Ok(held.iter().filter_map(|(to, manner)| Some((*to, until(manner)?))).collect())
}

fn inside(db: &Connection) -> Result<StoreSize, Fault> {
    let number = |sql: &str| db.prepare_cached(sql)?.query_row([], |row| row.get::<_, Count>(0)).map(|c| c.0);
    let page = number("PRAGMA page_size")?;
    Ok(StoreSize {
        database_bytes: page.saturating_mul(number("PRAGMA page_count")?),
        unused_bytes: page.saturating_mul(number("PRAGMA freelist_count")?),
        ..StoreSize::default()
    })
}

/// Bytes of the log beside the file, and the room on its file system.
fn around(file: &Path) -> (u64, Option<Room>) {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let log_bytes = fs::metadata(log).map_or(0, |metadata| metadata.len());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    (log_bytes, room(folder))
}

/// The room on the file system of `folder`; `None` where the system doesn't say.
pub(crate) fn room(folder: &Path) -> Option<Room> {
    let system = rustix::fs::statvfs(folder).ok()?;
    Some(Room {
        free_bytes: system.f_bavail.saturating_mul(system.f_frsize),
        total_bytes: system.f_blocks.saturating_mul(system.f_frsize),
    })
}
