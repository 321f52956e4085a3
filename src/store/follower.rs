//! Followers, and how often the feeds that they follow have changed.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::claim::limit;
use super::column::{Address, Count, Moment, Span, TopicName, Word};
use super::db::{Db, Spot};
use super::fault::Fault;
use crate::model::{
    FeedName, FeedVersion, Follower, FollowerId, FollowerSpec, FollowerState, Petition, Secret, TopicKey, WebUrl, Wish,
};
use crate::port::{Followers, StoreError};

impl Followers for SqliteStore {
    fn followers(&mut self) -> Result<Vec<Follower>, StoreError> {
        self.read("followers", all)
    }

    fn follower(&mut self, id: FollowerId) -> Result<Option<Follower>, StoreError> {
        self.read("follower", |db| one(db, id))
    }

    fn follower_at(&mut self, address: &str, callback: &WebUrl) -> Result<Option<Follower>, StoreError> {
        self.read("follower_at", |db| of_callback(db, address, callback))
    }

    fn begin_follower(
        &mut self,
        spec: &FollowerSpec,
        state: &FollowerState,
        most: usize,
    ) -> Result<Option<FollowerId>, StoreError> {
        self.write("begin_follower", |db| begin(db, spec, state, most))
    }

    fn keep_follower(&mut self, kept: &Follower) -> Result<bool, StoreError> {
        self.write("keep_follower", |db| keep(db, kept))
    }

    fn drop_follower(&mut self, id: FollowerId) -> Result<(), StoreError> {
        self.write("drop_follower", |db| {
            const SQL: &str = "DELETE FROM follower WHERE id = ?1";
            db.prepare_cached(SQL)?.execute([id.0])?;
            Ok(())
        })
    }

    fn due_followers(&mut self, now: Timestamp, limit: usize) -> Result<Vec<(Follower, FeedVersion)>, StoreError> {
        self.read("due_followers", |db| due(db, now, limit))
    }

    fn followers_due(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.read("followers_due", |db| next(db, now))
    }

    fn feed_version(&mut self, topic: &TopicKey) -> Result<FeedVersion, StoreError> {
        self.read("feed_version", |db| version(db, topic))
    }
}

macro_rules! columns {
    () => {
        "id, address, callback, topic, format, lease_until_ms, secret, wish, wish_lease_ms, wish_secret, wish_at_ms,
         wish_due_at_ms, wish_failures, has, posted_hash, next_at_ms, failures, posts, last_post_at_ms, note"
    };
}
/// Columns of a follower; what is selected behind them begins here.
const COLUMNS: usize = 20;

fn read(db: &Db, row: &Row<'_>) -> rusqlite::Result<Follower> {
    let id: i64 = row.get(0)?;
    let moment = |column: usize| row.get::<_, Option<Moment>>(column).map(|at| at.map(|at| at.0));
    let secret = |column: usize, spot| db.opened_some(row, column, spot, id).map(|text| text.map(Secret::new));
    let asked: Option<String> = row.get(7)?;
    let wish = match asked.as_deref() {
        None => None,
        Some("subscribe") => Some(Wish::Follow {
            lease: row.get::<_, Option<Span>>(8)?.map_or(Duration::ZERO, |span| span.0),
            secret: secret(9, Spot::FollowerWishSecret)?,
        }),
        Some(_) => Some(Wish::Leave),
    };
    let (asked_at, due_at, failures) = (moment(10)?.unwrap_or_default(), moment(11)?.unwrap_or_default(), row.get(12)?);
    Ok(Follower {
        id: FollowerId(id),
        spec: FollowerSpec {
            address: row.get(1)?,
            callback: row.get::<_, Address>(2)?.0,
            feed: FeedName { topic: row.get::<_, TopicName>(3)?.0, format: row.get::<_, Word<_>>(4)?.0 },
        },
        state: FollowerState {
            lease_until: moment(5)?,
            secret: secret(6, Spot::FollowerSecret)?,
            petition: wish.map(|wish| Petition { wish, asked_at, due_at, failures }),
            has: FeedVersion(row.get::<_, Count>(13)?.0),
            posted_hash: row.get(14)?,
            next_at: row.get::<_, Moment>(15)?.0,
            failures: row.get(16)?,
            posts: row.get::<_, Count>(17)?.0,
            last_post_at: moment(18)?,
            note: row.get(19)?,
        },
    })
}

fn all(db: &Db) -> Result<Vec<Follower>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM follower ORDER BY id");
    Ok(db.prepare_cached(SQL)?.query_map([], |row| read(db, row))?.collect::<Result<_, _>>()?)
}

fn one(db: &Db, id: FollowerId) -> Result<Option<Follower>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM follower WHERE id = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([id.0], |row| read(db, row)).optional()?)
}

fn of_callback(db: &Db, address: &str, callback: &WebUrl) -> Result<Option<Follower>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM follower WHERE address = ?1 AND callback = ?2");
    Ok(db.prepare_cached(SQL)?.query_row([address, callback.as_str()], |row| read(db, row)).optional()?)
}

fn begin(db: &Db, spec: &FollowerSpec, state: &FollowerState, most: usize) -> Result<Option<FollowerId>, Fault> {
    const FOLLOWED: &str = "INSERT INTO feed_version (topic, version) VALUES (?1, 0) ON CONFLICT (topic) DO NOTHING";
    const SQL: &str = "INSERT INTO follower (address, callback, topic, format, has)
        SELECT ?1, ?2, ?3, ?4, version FROM feed_version
        WHERE topic = ?3 AND (SELECT count(*) FROM follower) < ?5 RETURNING id, has";
    db.prepare_cached(FOLLOWED)?.execute([spec.feed.topic.as_str()])?;
    let values =
        params![spec.address, spec.callback.as_str(), spec.feed.topic.as_str(), spec.feed.format.label(), limit(most)];
    let read = |row: &Row<'_>| Ok((FollowerId(row.get(0)?), FeedVersion(row.get::<_, Count>(1)?.0)));
    let Some((id, has)) = db.prepare_cached(SQL)?.query_row(values, read).optional()? else { return Ok(None) };
    keep(db, &Follower { id, spec: spec.clone(), state: FollowerState { has, ..state.clone() } })?;
    Ok(Some(id))
}

/// Writes a follower as it stands; who follows what is as it was begun with.
fn keep(db: &Db, follower: &Follower) -> Result<bool, Fault> {
    const SQL: &str = "UPDATE follower SET lease_until_ms = ?2, secret = ?3, wish = ?4, wish_lease_ms = ?5,
            wish_secret = ?6, wish_at_ms = ?7, wish_due_at_ms = ?8, wish_failures = ?9, has = ?10, posted_hash = ?11,
            next_at_ms = ?12, failures = ?13, posts = ?14, last_post_at_ms = ?15, note = ?16
        WHERE id = ?1";
    let state = &follower.state;
    let petition = state.petition.as_ref();
    let (lease, secret) = match petition.map(|petition| &petition.wish) {
        Some(Wish::Follow { lease, secret }) => (Some(Span(*lease)), secret.as_ref()),
        Some(Wish::Leave) | None => (None, None),
    };
    let id = follower.id.0;
    let sealed = |spot, text: Option<&Secret>| db.seal_some(spot, id, text.map(Secret::reveal));
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let kept = db.prepare_cached(SQL)?.execute(params![
        id,
        state.lease_until.map(Moment),
        sealed(Spot::FollowerSecret, state.secret.as_ref())?,
        petition.map(|petition| petition.wish.label()),
        lease,
        sealed(Spot::FollowerWishSecret, secret)?,
        petition.map(|petition| Moment(petition.asked_at)),
        petition.map(|petition| Moment(petition.due_at)),
        petition.map_or(0, |petition| petition.failures),
        number(state.has.0),
        state.posted_hash,
        Moment(state.next_at),
        state.failures,
        number(state.posts),
        state.last_post_at.map(Moment),
        state.note
    ])?;
    Ok(kept > 0)
}

/// The moment at which something is to be done for a follower: what is to be confirmed, a day after the end of its lease
/// (`websub::hub` keeps it for so long), or, within its lease at `?1`, a post that is pending.
macro_rules! due_at {
    () => {
        "min(coalesce(wish_due_at_ms, lease_until_ms + 86400000, 0),
             iif(lease_until_ms > ?1 AND has < version, next_at_ms, 9223372036854775807))"
    };
}

/// How many are due.
pub(super) fn count_due(db: &Db, now: Timestamp) -> Result<u64, Fault> {
    const SQL: &str =
        concat!("SELECT count(*) FROM follower JOIN feed_version USING (topic) WHERE ", due_at!(), " <= ?1");
    Ok(db.prepare_cached(SQL)?.query_row([Moment(now)], |row| row.get::<_, Count>(0))?.0)
}

fn due(db: &Db, now: Timestamp, most: usize) -> Result<Vec<(Follower, FeedVersion)>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        ", version FROM follower JOIN feed_version USING (topic) WHERE ",
        due_at!(),
        " <= ?1 ORDER BY failures, ",
        due_at!(),
        ", id LIMIT ?2"
    );
    let read = |row: &Row<'_>| Ok((read(db, row)?, FeedVersion(row.get::<_, Count>(COLUMNS)?.0)));
    Ok(db.prepare_cached(SQL)?.query_map(params![Moment(now), limit(most)], read)?.collect::<Result<_, _>>()?)
}

fn next(db: &Db, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = concat!("SELECT min(", due_at!(), ") FROM follower JOIN feed_version USING (topic)");
    Ok(db.prepare_cached(SQL)?.query_row([Moment(now)], |row| row.get::<_, Option<Moment>>(0))?.map(|at| at.0))
}

fn version(db: &Db, topic: &TopicKey) -> Result<FeedVersion, Fault> {
    const SQL: &str = "SELECT version FROM feed_version WHERE topic = ?1";
    let found = db.prepare_cached(SQL)?.query_row([topic.as_str()], |row| row.get::<_, Count>(0)).optional()?;
    Ok(FeedVersion(found.map_or(0, |count| count.0)))
}
