//! Subscriptions that anybody may make: bounded in number, known by tokens of their own, forgotten where they are not wanted.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, params};

use super::column::Moment;
use super::db::Db;
use super::fault::Fault;
use super::verification::{self, Missed};
use super::{health, subscription};
use crate::model::{Origin, Subscription, SubscriptionId, SubscriptionSpec, SubscriptionState};
use crate::port::TokenHash;

/// So long an endpoint may take to prove that it wants this.
const PATIENCE: Duration = Duration::from_hours(1);

/// Adds one; `None` where there are `most` already.
pub(super) fn add(
    db: &Db,
    spec: &SubscriptionSpec,
    token: &TokenHash,
    most: usize,
    now: Timestamp,
) -> Result<Option<SubscriptionId>, Fault> {
    const COUNT: &str = "SELECT count(*) FROM self_service";
    const PUT: &str = "INSERT INTO self_service (subscription, token_hash, since_ms) VALUES (?1, ?2, ?3)";
    let count: i64 = db.prepare_cached(COUNT)?.query_row([], |row| row.get(0))?;
    if usize::try_from(count).is_ok_and(|count| count >= most) {
        return Ok(None);
    }
    let id = subscription::insert(db, spec, Origin::Api, now)?;
    db.prepare_cached(PUT)?.execute(params![id.0, token, Moment(now)])?;
    Ok(Some(id))
}

/// The one with this token.
pub(super) fn of_token(db: &Db, token: &TokenHash) -> Result<Option<Subscription>, Fault> {
    const SQL: &str = "SELECT subscription FROM self_service WHERE token_hash = ?1";
    let id: Option<i64> = db.prepare_cached(SQL)?.query_row([token], |row| row.get(0)).optional()?;
    let held = id.map(|id| subscription::one(db, SubscriptionId(id))).transpose()?.flatten();
    Ok(held.filter(|held| !held.retired).map(|held| held.subscription))
}

/// Writes it as it is wanted now.
pub(super) fn change(
    db: &Db,
    id: SubscriptionId,
    spec: &SubscriptionSpec,
    now: Timestamp,
) -> Result<Option<Subscription>, Fault> {
    let Some(held) = subscription::one(db, id)?.filter(|held| !held.retired) else { return Ok(None) };
    subscription::redeclare(db, &held, spec, Origin::Api, now)?;
    if held.subscription.spec.endpoint.url() != spec.endpoint.url() {
        give_time(db, id, now)?;
    }
    Ok(subscription::one(db, id)?.map(|held| held.subscription))
}

/// Lets one that was disabled for how its endpoint fares prove anew that it is wanted; `false` where an operator disabled it.
pub(super) fn revive(db: &Db, id: SubscriptionId, now: Timestamp) -> Result<bool, Fault> {
    const UNPROVED: &str = "UPDATE subscription SET state = 'unverified', disabled_at_ms = NULL, disabled_why = NULL
        WHERE id = ?1 AND state = 'disabled' AND retired = 0";
    if health::is_disabled_by_operator(db, id)? {
        return Ok(false);
    }
    if db.prepare_cached(UNPROVED)?.execute([id.0])? > 0 {
        give_time(db, id, now)?;
        verification::begin(db, id, Missed::All, now)?;
    }
    Ok(true)
}

/// From now on an endpoint has its time to prove that it wants this.
fn give_time(db: &Db, id: SubscriptionId, now: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "UPDATE self_service SET since_ms = ?2 WHERE subscription = ?1";
    db.prepare_cached(SQL)?.execute(params![id.0, Moment(now)])?;
    Ok(())
}

/// Forgets the token of one that has ended.
pub(super) fn forget(db: &Db, id: SubscriptionId) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM self_service WHERE subscription = ?1")?.execute([id.0])?;
    Ok(())
}

/// Ends those whose endpoints have proved nothing for an hour; gives how many.
pub(super) fn end_unproved(db: &Db, now: Timestamp) -> Result<usize, Fault> {
    const SQL: &str = "SELECT subscription FROM self_service WHERE since_ms <= ?1";
    let before = now.checked_sub(PATIENCE).unwrap_or(Timestamp::MIN);
    let old: Vec<i64> =
        db.prepare_cached(SQL)?.query_map([Moment(before)], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut ended = 0;
    for id in old.into_iter().map(SubscriptionId) {
        let unproved =
            subscription::one(db, id)?.is_some_and(|held| held.subscription.state == SubscriptionState::Unverified);
        if unproved {
            subscription::retire(db, id)?;
            ended += 1;
        }
    }
    Ok(ended)
}
