//! Push channels, and the queue of pushes.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::claim::limit;
use super::column::{Count, Moment, Word};
use super::db::{Db, Spot};
use super::document::{Document, HubsRow};
use super::fault::Fault;
use super::{poll, source};
use crate::model::{
    Arrival, Channel, ChannelId, ChannelSpec, ChannelState, Push, PushId, PushRecord, QueuedPush, Recorded, Secret,
    SourceId,
};
use crate::port::{PushBounds, PushDue, Queued};

macro_rules! columns {
    () => {
        "id, source, topic, hubs, base, token, secret, phase, due_at_ms, asked_at_ms, failures, open_since_ms,
         lease_until_ms, last_push_at_ms, last_thin_at_ms, pushes, refused, distrusted_until_ms, note"
    };
}

fn read(db: &Db, row: &Row<'_>) -> rusqlite::Result<Channel> {
    let id: i64 = row.get(0)?;
    let moment = |column: usize| row.get::<_, Option<Moment>>(column).map(|at| at.map(|at| at.0));
    Ok(Channel {
        id: ChannelId(id),
        source: SourceId(row.get(1)?),
        spec: ChannelSpec {
            topic: row.get(2)?,
            hubs: row.get::<_, Document<HubsRow>>(3)?.0.into_model()?,
            base: row.get::<_, super::column::Address>(4)?.0,
            token: Secret::new(db.opened(row, 5, Spot::ChannelToken, id)?),
            secret: Secret::new(db.opened(row, 6, Spot::ChannelSecret, id)?),
        },
        state: ChannelState {
            phase: row.get::<_, Word<_>>(7)?.0,
            due_at: row.get::<_, Moment>(8)?.0,
            asked_at: moment(9)?,
            failures: row.get(10)?,
            open_since: moment(11)?,
            lease_until: moment(12)?,
            last_push_at: moment(13)?,
            last_thin_at: moment(14)?,
            pushes: row.get::<_, Count>(15)?.0,
            refused: row.get::<_, Count>(16)?.0,
            distrusted_until: moment(17)?,
            note: row.get(18)?,
        },
    })
}

/// What a channel is found by: its token is random, so its hash says nothing of it.
pub(super) fn token_hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

/// All channels, by number.
pub(super) fn all(db: &Db) -> Result<Vec<Channel>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM channel ORDER BY id");
    Ok(db.prepare_cached(SQL)?.query_map([], |row| read(db, row))?.collect::<Result<_, _>>()?)
}

/// One channel.
pub(super) fn one(db: &Db, id: ChannelId) -> Result<Option<Channel>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM channel WHERE id = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([id.0], |row| read(db, row)).optional()?)
}

/// The channel of a source, one that is ending aside.
pub(super) fn of_source(db: &Db, source: SourceId) -> Result<Option<Channel>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM channel WHERE source = ?1 AND phase <> 'ending'");
    Ok(db.prepare_cached(SQL)?.query_row([source.0], |row| read(db, row)).optional()?)
}

/// The channel with a token.
pub(super) fn by_token(db: &Db, token: &str) -> Result<Option<Channel>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM channel WHERE token_hash = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([token_hash(token)], |row| read(db, row)).optional()?)
}

/// Begins a channel; `None` where the source has left.
pub(super) fn begin(db: &Db, source: SourceId, spec: &ChannelSpec, now: Timestamp) -> Result<Option<ChannelId>, Fault> {
    const SQL: &str = "INSERT INTO channel (source, topic, hubs, base, token, secret, phase, due_at_ms, id, token_hash)
        SELECT id, ?2, ?3, ?4, ?5, ?6, 'asking', ?7, ?8, ?9 FROM source WHERE id = ?1 AND retired = 0 RETURNING id";
    // Its secrets are sealed for their row, so its number comes first.
    const NEXT: &str = "SELECT coalesce(max(id), 0) + 1 FROM channel";
    let id: i64 = db.prepare_cached(NEXT)?.query_row([], |row| row.get(0))?;
    let values = params![
        source.0,
        spec.topic,
        HubsRow::of(&spec.hubs),
        spec.base.as_str(),
        db.seal(Spot::ChannelToken, id, spec.token.reveal())?,
        db.seal(Spot::ChannelSecret, id, spec.secret.reveal())?,
        Moment(now),
        id,
        token_hash(spec.token.reveal())
    ];
    Ok(db.prepare_cached(SQL)?.query_row(values, |row| row.get(0).map(ChannelId)).optional()?)
}

/// Writes a channel as it stands; its topic, token and secret are those it was begun with.
pub(super) fn keep(db: &Connection, channel: &Channel) -> Result<bool, Fault> {
    const SQL: &str = "UPDATE channel SET hubs = ?2, base = ?3, phase = ?4, due_at_ms = ?5, asked_at_ms = ?6,
            failures = ?7, open_since_ms = ?8, lease_until_ms = ?9, last_push_at_ms = ?10, last_thin_at_ms = ?11,
            distrusted_until_ms = ?12, note = ?13
        WHERE id = ?1";
    let (spec, state) = (&channel.spec, &channel.state);
    let kept = db.prepare_cached(SQL)?.execute(params![
        channel.id.0,
        HubsRow::of(&spec.hubs),
        spec.base.as_str(),
        Word(state.phase),
        Moment(state.due_at),
        state.asked_at.map(Moment),
        state.failures,
        state.open_since.map(Moment),
        state.lease_until.map(Moment),
        state.last_push_at.map(Moment),
        state.last_thin_at.map(Moment),
        state.distrusted_until.map(Moment),
        state.note
    ])?;
    Ok(kept > 0)
}

/// Forgets a channel.
pub(super) fn forget(db: &Connection, id: ChannelId) -> Result<(), Fault> {
    const SQL: &str = "DELETE FROM channel WHERE id = ?1";
    db.prepare_cached(SQL)?.execute([id.0])?;
    Ok(())
}

/// Ends the channel of a source that leaves: its hub is to be told, if it ever heard of it.
pub(super) fn end(db: &Connection, source: SourceId) -> Result<(), Fault> {
    const UNHEARD: &str = "DELETE FROM channel WHERE source = ?1 AND asked_at_ms IS NULL AND lease_until_ms IS NULL";
    const SQL: &str = "UPDATE channel SET phase = 'ending', due_at_ms = 0, asked_at_ms = NULL, failures = 0
        WHERE source = ?1 AND phase <> 'ending'";
    db.prepare_cached(UNHEARD)?.execute([source.0])?;
    db.prepare_cached(SQL)?.execute([source.0])?;
    Ok(())
}

/// Channels whose hub is to be asked, longest due first: of each hub the first, as it is asked one thing at a time, and thousands
/// that wait for one that hangs would stand before all others.
pub(super) fn due(db: &Db, now: Timestamp, most: usize) -> Result<Vec<Channel>, Fault> {
    // SQLite takes the other columns from the row that has the smallest.
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        ", min(due_at_ms) FROM channel WHERE due_at_ms <= ?1
        GROUP BY json_extract(hubs, '$.hubs[0]') ORDER BY due_at_ms LIMIT ?2"
    );
    let rows = db
        .prepare_cached(SQL)?
        .query_map(params![Moment(now), limit(most)], |row| read(db, row))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// What the push loop has to do next.
pub(super) fn next(db: &Connection) -> Result<PushDue, Fault> {
    const SQL: &str = "SELECT (SELECT min(due_at_ms) FROM channel), EXISTS (SELECT 1 FROM push)";
    let read = |row: &Row<'_>| {
        Ok(PushDue { channel_at: row.get::<_, Option<Moment>>(0)?.map(|at| at.0), queued: row.get(1)? })
    };
    Ok(db.prepare_cached(SQL)?.query_row([], read)?)
}

/// Keeps a push, or makes its source due where too many wait.
pub(super) fn queue(db: &Connection, push: &Push, bounds: PushBounds, poll_at: Timestamp) -> Result<Queued, Fault> {
    const SOURCE: &str = "SELECT source FROM channel WHERE id = ?1";
    const WAITING: &str = "SELECT count(*), coalesce(sum(length(body)), 0) FROM push WHERE channel = ?1";
    const KEEP: &str = "INSERT INTO push (channel, source, at_ms, content_type, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    const COUNT: &str =
        "UPDATE channel SET pushes = pushes + 1, last_push_at_ms = max(coalesce(last_push_at_ms, 0), ?2)
        WHERE id = ?1";
    let id = push.channel.0;
    let found: Option<i64> = db.prepare_cached(SOURCE)?.query_row([id], |row| row.get(0)).optional()?;
    let Some(source) = found else { return Ok(Queued::Unknown) };
    let (count, bytes) = db
        .prepare_cached(WAITING)?
        .query_row([id], |row| Ok((row.get::<_, Count>(0)?.0, row.get::<_, Count>(1)?.0)))?;
    db.prepare_cached(COUNT)?.execute(params![id, Moment(push.at)])?;
    let with = |held: u64, more: usize| held.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
    let fits = |sum: u64, most: usize| usize::try_from(sum).is_ok_and(|sum| sum <= most);
    if !fits(with(count, 1), bounds.count) || !fits(with(bytes, push.body.len()), bounds.bytes) {
        hasten(db, (push.channel, SourceId(source)), push.at, poll_at)?;
        return Ok(Queued::Full);
    }
    db.prepare_cached(KEEP)?.execute(params![id, source, Moment(push.at), push.content_type, push.body])?;
    Ok(Queued::Kept)
}

/// Makes a source due by a moment, as its channel said no more than that there is something new. One in trouble keeps
/// its back-off: its publisher asked for it.
fn hasten(
    db: &Connection,
    (channel, source): (ChannelId, SourceId),
    at: Timestamp,
    poll_at: Timestamp,
) -> Result<(), Fault> {
    const THIN: &str = "UPDATE channel SET last_thin_at_ms = max(coalesce(last_thin_at_ms, 0), ?2) WHERE id = ?1";
    const DUE: &str = "UPDATE source SET next_poll_at_ms = min(next_poll_at_ms, ?2)
        WHERE id = ?1 AND retired = 0 AND health <> 'gone' AND last_good_at_ms IS last_poll_at_ms";
    db.prepare_cached(THIN)?.execute(params![channel.0, Moment(at)])?;
    db.prepare_cached(DUE)?.execute(params![source.0, Moment(poll_at)])?;
    Ok(())
}

/// Counts a push without a good signature.
pub(super) fn count_refused(db: &Connection, id: ChannelId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE channel SET refused = refused + 1 WHERE id = ?1";
    db.prepare_cached(SQL)?.execute([id.0])?;
    Ok(())
}

/// The push that waits longest.
pub(super) fn oldest(db: &Connection) -> Result<Option<QueuedPush>, Fault> {
    const SQL: &str = "SELECT id, channel, source, at_ms, content_type, body FROM push ORDER BY id LIMIT 1";
    let read = |row: &Row<'_>| {
        let push = Push {
            channel: ChannelId(row.get(1)?),
            at: row.get::<_, Moment>(3)?.0,
            content_type: row.get(4)?,
            body: row.get(5)?,
        };
        Ok((PushId(row.get(0)?), SourceId(row.get(2)?), push))
    };
    let Some((id, of, push)) = db.prepare_cached(SQL)?.query_row([], read).optional()? else { return Ok(None) };
    let Some(source) = source::one(db, of)? else {
        return Err(Fault::Refused(format!("source {of} of push {id} is missing")));
    };
    Ok(Some(QueuedPush { id, push, source }))
}

/// Writes what a push brought.
pub(super) fn record(db: &Connection, record: &PushRecord) -> Result<Recorded, Fault> {
    const TAKE: &str = "DELETE FROM push WHERE id = ?1 RETURNING source, channel, at_ms";
    const IN_FORCE: &str = "SELECT 1 FROM source WHERE id = ?1 AND retired = 0";
    const LEARN: &str = "UPDATE source SET pace = coalesce(?2, pace), stories = stories + ?3,
            last_story_at_ms = iif(?3 > 0, ?4, last_story_at_ms)
        WHERE id = ?1";
    let read = |row: &Row<'_>| Ok((SourceId(row.get(0)?), ChannelId(row.get(1)?), row.get::<_, Moment>(2)?.0));
    let taken = db.prepare_cached(TAKE)?.query_row([record.push.0], read).optional()?;
    let Some((of, channel, came_at)) = taken else { return Ok(Recorded::default()) };
    if !db.prepare_cached(IN_FORCE)?.exists([of.0])? {
        return Ok(Recorded::default());
    }
    let recorded = poll::add(db, of, &record.stories, (record.at, Arrival::Later))?;
    let new = i64::try_from(recorded.new).unwrap_or(i64::MAX);
    db.prepare_cached(LEARN)?.execute(params![of.0, record.pace, new, Moment(record.at)])?;
    if let Some(poll_at) = record.poll_at {
        hasten(db, (channel, of), came_at, poll_at)?;
    }
    Ok(recorded)
}
