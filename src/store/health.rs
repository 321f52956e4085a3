//! The health of endpoints: their trouble, and what follows when they are given up or served again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::column::{Count, Moment, Word};
use super::db::Db;
use super::document::{Document, MannerRow};
use super::fault::Fault;
use super::subscription::{self, HeldSubscription};
use super::verification::{self, Missed};
use super::{line, outbox, trial};
use crate::model::{
    After, Delivery, DeliveryId, DeliveryState, DisabledReason, EndpointHealth, Notification, Replay, Rest, RestReason,
    SubscriptionId, SubscriptionState, Trouble,
};
use crate::port::{Endpoints, StoreError};

impl Endpoints for SqliteStore {
    fn trouble(&mut self, subscription: SubscriptionId) -> Result<Option<Trouble>, StoreError> {
        self.read("trouble", |db| trouble(db, subscription))
    }

    fn health(&mut self, only: Option<SubscriptionId>) -> Result<BTreeMap<SubscriptionId, EndpointHealth>, StoreError> {
        self.read("health", |db| health(db, only))
    }

    fn disable_subscription(&mut self, subscription: SubscriptionId, now: Timestamp) -> Result<bool, StoreError> {
        self.write("disable_subscription", |db| {
            let is_served = in_force(db, subscription)?.is_some_and(|held| is_active(&held));
            if is_served {
                disable(db, subscription, DisabledReason::Operator, now)?;
            }
            Ok(is_served)
        })
    }

    fn enable_subscription(
        &mut self,
        subscription: SubscriptionId,
        replay: Replay,
        now: Timestamp,
    ) -> Result<Option<usize>, StoreError> {
        self.write("enable_subscription", |db| match in_force(db, subscription)? {
            Some(held) if !is_active(&held) => enable(db, subscription, replay, now).map(Some),
            Some(_) | None => Ok(None),
        })
    }

    fn recover(&mut self, subscription: SubscriptionId, since: Timestamp, now: Timestamp) -> Result<usize, StoreError> {
        self.write("recover", |db| match in_force(db, subscription)? {
            Some(held) if is_active(&held) => {
                let hastened = hasten(db, subscription, (None, since), now)?;
                Ok(hastened + replay_all(db, subscription, undelivered(db, subscription, since)?, now)?)
            }
            Some(_) | None => Err(Fault::Refused(format!("subscription {subscription} is not served"))),
        })
    }

    fn test_subscription(
        &mut self,
        subscription: SubscriptionId,
        make: &dyn Fn(&str) -> Notification,
    ) -> Result<Result<Delivery, Option<SubscriptionState>>, StoreError> {
        self.write_surely("test_subscription", |db| trial::test(db, subscription, make))
    }
}

fn in_force(db: &Db, id: SubscriptionId) -> Result<Option<HeldSubscription>, Fault> {
    Ok(subscription::one(db, id)?.filter(|held| !held.retired))
}

fn is_active(held: &HeldSubscription) -> bool {
    held.subscription.state == SubscriptionState::Active
}

macro_rules! trouble_columns {
    () => {
        "failures, failing_since_ms, last_failure_at_ms, rests, rest_since_ms, rest_until_ms, rest_why"
    };
}

fn read_trouble(row: &Row<'_>) -> rusqlite::Result<Trouble> {
    let moment = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<Moment>>(column)?.map(|at| at.0));
    let rest = match (moment(4)?, moment(5)?, row.get::<_, Option<Word<RestReason>>>(6)?) {
        (Some(since), Some(until), Some(reason)) => Some(Rest { since, until, reason: reason.0 }),
        (_, _, _) => None,
    };
    Ok(Trouble {
        failures: row.get(0)?,
        failing_since: moment(1)?,
        last_failure_at: moment(2)?,
        rest,
        rests: row.get(3)?,
    })
}

/// The trouble that an endpoint is in.
fn trouble(db: &Connection, to: SubscriptionId) -> Result<Option<Trouble>, Fault> {
    const SQL: &str = concat!("SELECT ", trouble_columns!(), " FROM trouble WHERE subscription = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([to.0], read_trouble).optional()?)
}

fn put_trouble(db: &Connection, to: SubscriptionId, trouble: &Trouble) -> Result<(), Fault> {
    const SQL: &str = concat!(
        "INSERT OR REPLACE INTO trouble (subscription, ",
        trouble_columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    db.prepare_cached(SQL)?.execute(params![
        to.0,
        trouble.failures,
        trouble.failing_since.map(Moment),
        trouble.last_failure_at.map(Moment),
        trouble.rests,
        trouble.rest.map(|rest| Moment(rest.since)),
        trouble.rest.map(|rest| Moment(rest.until)),
        trouble.rest.map(|rest| Word(rest.reason))
    ])?;
    Ok(())
}

/// An endpoint is well, or nobody's any more.
pub(super) fn forget_trouble(db: &Connection, to: SubscriptionId) -> Result<(), Fault> {
    const SQL: &str = "DELETE FROM trouble WHERE subscription = ?1";
    db.prepare_cached(SQL)?.execute([to.0])?;
    Ok(())
}

/// Another address or secret has the trouble of the one before it no more: what waited flows.
pub(super) fn start_anew(db: &Connection, to: SubscriptionId, now: Timestamp) -> Result<(), Fault> {
    if trouble(db, to)?.is_none() {
        return Ok(());
    }
    forget_trouble(db, to)?;
    line::let_flow(db, to, now)
}

/// Writes what follows from an attempt for its endpoint, after what follows for its delivery.
pub(super) fn take(db: &Connection, to: SubscriptionId, after: &After, now: Timestamp) -> Result<(), Fault> {
    let rest_before = trouble(db, to)?.map(|before| before.rest);
    match &after.trouble {
        Some(now_in) => put_trouble(db, to, now_in)?,
        None if rest_before.is_some() => forget_trouble(db, to)?,
        None => return Ok(()),
    }
    if let Some(before) = after.expired_before {
        expire(db, to, before, now)?;
    }
    let rested = rest_before.flatten().is_some();
    match after.trouble.as_ref().and_then(|trouble| trouble.rest) {
        Some(_) if rested => line::offer(db, to, now),
        Some(_) => line::hold_all(db, to, now),
        None if rested => line::let_flow(db, to, now),
        None => Ok(()),
    }
}

/// Gives up what waited for an endpoint that rests for longer than `expire` allows.
fn expire(db: &Connection, to: SubscriptionId, made_before: Timestamp, now: Timestamp) -> Result<(), Fault> {
    const OLD: &str = "UPDATE delivery INDEXED BY delivery_line
        SET state = 'expired', next_attempt_at_ms = NULL, held_ms = NULL, lease_until_ms = 0
        WHERE state = 'pending' AND subscription = ?1 AND coalesce(replayed_at_ms, created_at_ms) <= ?2";
    let expired = db.prepare_cached(OLD)?.execute(params![to.0, Moment(made_before)])?;
    if expired > 0 { line::line_up_anew(db, to, now) } else { Ok(()) }
}

/// Gives up what is older than its subscription wants to be told of, where its endpoint rests: nothing else looks at it
/// before the rest is over.
pub(super) fn expire_resting(db: &Connection, now: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "SELECT t.subscription, s.manner FROM trouble t JOIN subscription s ON s.id = t.subscription
        WHERE t.rest_until_ms > ?1 AND s.manner IS NOT NULL";
    let read = |row: &Row<'_>| Ok((SubscriptionId(row.get(0)?), row.get::<_, Document<MannerRow>>(1)?.0));
    let resting: Vec<(SubscriptionId, MannerRow)> =
        db.prepare_cached(SQL)?.query_map([Moment(now)], read)?.collect::<Result<_, _>>()?;
    for (to, manner) in resting {
        if let Some(before) = manner.into_model()?.expire_after.and_then(|expiry| now.checked_sub(expiry).ok()) {
            expire(db, to, before, now)?;
        }
    }
    Ok(())
}

/// Lets an endpoint rest no longer; what else is known of its trouble stays.
fn end_rest(db: &Connection, to: SubscriptionId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE trouble SET rest_since_ms = NULL, rest_until_ms = NULL, rest_why = NULL
        WHERE subscription = ?1";
    db.prepare_cached(SQL)?.execute([to.0])?;
    Ok(())
}

/// Disables a subscription: nothing is sent, and what waits is kept until it is enabled.
pub(super) fn disable(
    db: &Connection,
    to: SubscriptionId,
    reason: DisabledReason,
    now: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str =
        "UPDATE subscription SET state = 'disabled', disabled_at_ms = ?2, disabled_why = ?3 WHERE id = ?1";
    db.prepare_cached(SQL)?.execute(params![to.0, Moment(now), Word(reason)])?;
    end_rest(db, to)?;
    outbox::end_all(db, to, DeliveryState::Kept)
}

/// Serves a disabled subscription again, as one that is well; gives how many deliveries are sent after all.
pub(super) fn enable(db: &Connection, to: SubscriptionId, replay: Replay, now: Timestamp) -> Result<usize, Fault> {
    const SQL: &str =
        "UPDATE subscription SET state = 'active', disabled_at_ms = NULL, disabled_why = NULL WHERE id = ?1";
    const UNPROVED: &str = "UPDATE subscription SET state = 'unverified', disabled_at_ms = NULL, disabled_why = NULL
        WHERE id = ?1 AND EXISTS (SELECT 1 FROM verification WHERE subscription = ?1)";
    // One whose address became another while it was disabled proves that first, and is sent what it missed then.
    if db.prepare_cached(UNPROVED)?.execute([to.0])? > 0 {
        let missed = if replay == Replay::All { Missed::All } else { Missed::Waiting };
        verification::begin(db, to, missed, now)?;
        return Ok(0);
    }
    let missed = match replay {
        Replay::Nothing => Vec::new(),
        Replay::Since(since) => undelivered(db, to, since)?,
        Replay::All => {
            let failing_since = trouble(db, to)?.and_then(|trouble| trouble.failing_since);
            let mut missed = in_state(db, to, DeliveryState::Kept, Timestamp::MIN)?;
            if let Some(since) = failing_since {
                missed.extend(in_state(db, to, DeliveryState::Expired, since)?);
            }
            missed
        }
    };
    db.prepare_cached(SQL)?.execute([to.0])?;
    forget_trouble(db, to)?;
    replay_all(db, to, missed, now)
}

/// Sends what was kept of a subscription that is served from now on, and made since a moment; what expired while its endpoint failed
/// besides, and nothing made before `not_before`. The trouble of the endpoint before this one is none of its own.
pub(super) fn send_missed(
    db: &Connection,
    to: SubscriptionId,
    since: Timestamp,
    not_before: Timestamp,
    now: Timestamp,
) -> Result<(), Fault> {
    let mut missed = in_state(db, to, DeliveryState::Kept, since.max(not_before))?;
    if let Some(failing_since) = trouble(db, to)?.and_then(|trouble| trouble.failing_since) {
        missed.extend(in_state(db, to, DeliveryState::Expired, failing_since.max(not_before))?);
    }
    forget_trouble(db, to)?;
    replay_all(db, to, missed, now).map(drop)
}

/// Whether an operator disabled it, so that nothing but an operator enables it.
pub(super) fn is_disabled_by_operator(db: &Connection, to: SubscriptionId) -> Result<bool, Fault> {
    const SQL: &str =
        "SELECT coalesce(disabled_why = 'operator', 0) FROM subscription WHERE id = ?1 AND state = 'disabled'";
    Ok(db.prepare_cached(SQL)?.query_row([to.0], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// Deliveries of a subscription made since a moment that ended and were not delivered.
fn undelivered(db: &Connection, to: SubscriptionId, since: Timestamp) -> Result<Vec<DeliveryId>, Fault> {
    let mut all = Vec::new();
    for state in [DeliveryState::Expired, DeliveryState::Gone, DeliveryState::Kept] {
        all.extend(in_state(db, to, state, since)?);
    }
    Ok(all)
}

fn in_state(
    db: &Connection,
    to: SubscriptionId,
    state: DeliveryState,
    since: Timestamp,
) -> Result<Vec<DeliveryId>, Fault> {
    const SQL: &str = "SELECT id FROM delivery INDEXED BY delivery_finished
        WHERE state <> 'pending' AND state = ?1 AND subscription = ?2 AND created_at_ms >= ?3";
    let read = |row: &Row<'_>| row.get(0).map(DeliveryId);
    Ok(db.prepare_cached(SQL)?.query_map(params![Word(state), to.0, Moment(since)], read)?.collect::<Result<_, _>>()?)
}

/// Sends what waits to be tried again at once (one delivery, or all made since a moment), and lets the endpoint rest no longer: whoever
/// asks for it says that it is mended. Gives how many; what is under way or waits for its turn counts for nothing.
pub(super) fn hasten(
    db: &Connection,
    to: SubscriptionId,
    (only, since): (Option<DeliveryId>, Timestamp),
    now: Timestamp,
) -> Result<usize, Fault> {
    // What is held though its time has come waits for the end of a rest.
    const SOONER: &str = "UPDATE delivery SET next_attempt_at_ms = min(next_attempt_at_ms, ?2),
            held_ms = min(held_ms, ?2), replayed_at_ms = ?2
        WHERE state = 'pending' AND subscription = ?1 AND lease_until_ms <= ?2 AND (?3 IS NULL OR id = ?3)
            AND created_at_ms >= ?4 AND (coalesce(next_attempt_at_ms, held_ms) > ?2 OR (held_ms IS NOT NULL
                AND EXISTS (SELECT 1 FROM trouble WHERE subscription = ?1 AND rest_until_ms > ?2)))";
    let hastened =
        db.prepare_cached(SOONER)?.execute(params![to.0, Moment(now), only.map(|id| id.0), Moment(since)])?;
    if hastened > 0 {
        end_rest(db, to)?;
        line::let_flow(db, to, now)?;
    }
    Ok(hastened)
}

/// Makes deliveries that ended pending again, with all their attempts before them; gives how many.
fn replay_all(
    db: &Connection,
    to: SubscriptionId,
    deliveries: Vec<DeliveryId>,
    now: Timestamp,
) -> Result<usize, Fault> {
    let count = deliveries.len();
    for delivery in deliveries {
        outbox::make_pending(db, delivery, now)?;
    }
    line::line_up_anew(db, to, now)?;
    Ok(count)
}

/// How endpoints fare.
fn health(db: &Connection, only: Option<SubscriptionId>) -> Result<BTreeMap<SubscriptionId, EndpointHealth>, Fault> {
    const SQL: &str = "SELECT s.id, s.state = 'disabled', s.disabled_at_ms, s.disabled_why,
            (SELECT max(delivered_at_ms) FROM delivery INDEXED BY delivery_taken
                WHERE delivered_at_ms IS NOT NULL AND subscription = s.id),
            (SELECT count(*) FROM delivery INDEXED BY delivery_line WHERE state = 'pending' AND subscription = s.id),
            (SELECT created_at_ms FROM delivery WHERE id = (SELECT min(id) FROM delivery INDEXED BY delivery_line
                WHERE state = 'pending' AND subscription = s.id))
        FROM subscription s WHERE s.retired = 0 AND (?1 IS NULL OR s.id = ?1)";
    const ENDED: &str = "SELECT subscription, count(*) FROM delivery INDEXED BY delivery_finished
        WHERE state <> 'pending' AND state = ?1 AND (?2 IS NULL OR subscription = ?2) GROUP BY subscription";
    let mut all = BTreeMap::new();
    let mut statement = db.prepare_cached(SQL)?;
    let mut rows = statement.query([only.map(|id| id.0)])?;
    while let Some(row) = rows.next()? {
        let id = SubscriptionId(row.get(0)?);
        let reason = row.get::<_, Option<Word<DisabledReason>>>(3)?.map_or(DisabledReason::Gone, |word| word.0);
        let since = row.get::<_, Option<Moment>>(2)?.map(|at| at.0);
        let health = EndpointHealth {
            trouble: trouble(db, id)?,
            last_success_at: row.get::<_, Option<Moment>>(4)?.map(|at| at.0),
            disabled: row.get::<_, bool>(1)?.then_some((since, reason)),
            pending: row.get::<_, Count>(5)?.0,
            oldest_pending_at: row.get::<_, Option<Moment>>(6)?.map(|at| at.0),
            kept: 0,
            expired: 0,
        };
        all.insert(id, health);
    }
    let read = |row: &Row<'_>| Ok((SubscriptionId(row.get(0)?), row.get::<_, Count>(1)?.0));
    let mut ended = db.prepare_cached(ENDED)?;
    for state in [DeliveryState::Kept, DeliveryState::Expired] {
        for row in ended.query_map(params![Word(state), only.map(|id| id.0)], read)? {
            let (id, count) = row?;
            let Some(health) = all.get_mut(&id) else { continue };
            *(if state == DeliveryState::Kept { &mut health.kept } else { &mut health.expired }) = count;
        }
    }
    Ok(all)
}
