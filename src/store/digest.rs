//! Digests: deliveries that are held back, and told in one when their time comes.
//!
//! A held delivery waits under `next_attempt_at_ms`. At that moment one transaction writes the digest's notification with
//! its delivery and says of the held ones that they are told: a kill before it loses nothing, one after it repeats nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::claim::limit;
use super::column::{Moment, Word};
use super::db::Db;
use super::document::{Document, MannerRow};
use super::fault::Fault;
use super::subscription::HeldSubscription;
use super::{audience, line, outbox, subscription};
use crate::deliver::{DigestPayload, digest_body, digest_parts, next_digest, notification_id};
use crate::model::{
    DeliveryId, DeliveryState, EventId, Manner, Notification, NotificationType, Subscription, SubscriptionId,
    SubscriptionState,
};

/// Subscriptions that digests are made for in one transaction.
const SUBSCRIPTIONS_MAX: usize = 16;
/// Deliveries of one subscription that go into digests in one transaction; those beyond come right after.
const ENTRIES_MAX: usize = 1_000;

/// The subscriptions that are served and may have something held back.
pub(super) fn holding(db: &Connection) -> Result<BTreeMap<SubscriptionId, Manner>, Fault> {
    const SQL: &str = "SELECT id, manner FROM subscription INDEXED BY subscription_manner
        WHERE manner IS NOT NULL AND retired = 0 AND state = 'active'";
    let mut all = BTreeMap::new();
    let mut statement = db.prepare_cached(SQL)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let manner = row.get::<_, Document<MannerRow>>(1)?.0.into_model()?;
        if manner.holds_back() {
            all.insert(SubscriptionId(row.get(0)?), manner);
        }
    }
    Ok(all)
}

/// Holds a notification back for a subscription.
pub(super) fn hold(
    db: &Connection,
    (num, told): (i64, &Notification),
    to: SubscriptionId,
    until: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO delivery (notification, subscription, event, state, created_at_ms,
            next_attempt_at_ms)
        VALUES (?1, ?2, ?3, 'held', ?4, ?5) ON CONFLICT (notification, subscription) DO NOTHING";
    let event = told.event.map(|event| event.0);
    db.prepare_cached(SQL)?.execute(params![num, to.0, event, Moment(told.created_at), Moment(until)])?;
    Ok(())
}

/// Whether anything is held back.
pub(super) fn holds_any(db: &Connection) -> Result<bool, Fault> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_digest_for WHERE state = 'held')";
    Ok(db.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

/// Whether any delivery was told in a digest, ever.
pub(super) fn is_any(db: &Connection) -> Result<bool, Fault> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_in_digest WHERE digest IS NOT NULL)";
    Ok(db.prepare_cached(SQL)?.query_row([], |row| row.get(0))?)
}

/// Until when something of an event is held back for a subscription, that is in no digest yet.
pub(super) fn event_held_until(
    db: &Connection,
    to: SubscriptionId,
    event: EventId,
) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT max(next_attempt_at_ms) FROM delivery INDEXED BY delivery_digest_for
        WHERE state = 'held' AND subscription = ?1 AND event = ?2";
    let until: Option<Moment> = db.prepare_cached(SQL)?.query_row([to.0, event.0], |row| row.get(0))?;
    Ok(until.map(|Moment(until)| until))
}

/// When a digest is due next.
pub(super) fn due(db: &Connection) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT min(at) FROM (
        SELECT min(next_attempt_at_ms) AS at FROM delivery INDEXED BY delivery_digest WHERE state = 'held'
        UNION ALL SELECT min(at_ms) FROM digest_clock)";
    Ok(db.prepare_cached(SQL)?.query_row([], |row| row.get::<_, Option<Moment>>(0))?.map(|moment| moment.0))
}

/// A subscription is told otherwise now: what is held back for it is told at once, and its clock is set anew.
pub(super) fn replan(db: &Connection, to: SubscriptionId, manner: &Manner) -> Result<(), Fault> {
    const NOW: &str = "UPDATE delivery SET next_attempt_at_ms = 0 WHERE state = 'held' AND subscription = ?1";
    const FORGET: &str = "DELETE FROM digest_clock WHERE subscription = ?1";
    const CLOCK: &str = "INSERT INTO digest_clock (subscription, at_ms) VALUES (?1, 0)";
    for sql in [NOW, FORGET] {
        db.prepare_cached(sql)?.execute([to.0])?;
    }
    if manner.digest_empty && manner.digest.is_some() {
        db.prepare_cached(CLOCK)?.execute([to.0])?;
    }
    Ok(())
}

/// Ends all that is held back for a subscription.
pub(super) fn give_up(db: &Connection, to: SubscriptionId, state: DeliveryState) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery SET state = ?2, next_attempt_at_ms = NULL
        WHERE state = 'held' AND subscription = ?1";
    db.prepare_cached(SQL)?.execute(params![to.0, Word(state)])?;
    Ok(())
}

/// Makes the digests that are due, of a few subscriptions; gives how many.
pub(super) fn make(db: &Db, now: Timestamp) -> Result<usize, Fault> {
    const HELD: &str = "SELECT DISTINCT subscription FROM delivery INDEXED BY delivery_digest
        WHERE state = 'held' AND next_attempt_at_ms <= ?1 LIMIT ?2";
    const CLOCKS: &str = "SELECT subscription FROM digest_clock WHERE at_ms <= ?1 LIMIT ?2";
    let mut due = BTreeSet::new();
    for sql in [HELD, CLOCKS] {
        let mut statement = db.prepare_cached(sql)?;
        for id in statement.query_map(params![Moment(now), limit(SUBSCRIPTIONS_MAX)], |row| row.get(0))? {
            due.insert(SubscriptionId(id?));
        }
    }
    let mut made = 0;
    for id in due {
        if let Some(held) = subscription::one(db, id)? {
            made += make_for(db, &held, now)?;
        }
    }
    Ok(made)
}

fn make_for(db: &Db, held: &HeldSubscription, now: Timestamp) -> Result<usize, Fault> {
    const CLOCK: &str = "SELECT at_ms FROM digest_clock WHERE subscription = ?1 AND at_ms <= ?2";
    const AGAIN: &str = "UPDATE digest_clock SET at_ms = ?2 WHERE subscription = ?1";
    const FORGET: &str = "DELETE FROM digest_clock WHERE subscription = ?1";
    let (id, manner) = (held.subscription.id, &held.subscription.spec.manner);
    let clock: Option<Moment> =
        db.prepare_cached(CLOCK)?.query_row(params![id.0, Moment(now)], |row| row.get(0)).optional()?;
    let is_served = !held.retired && held.subscription.state == SubscriptionState::Active;
    let made = if is_served {
        // A clock that was only made has no time behind it yet.
        let beats = clock.map(|Moment(at)| at).filter(|at| *at > Timestamp::UNIX_EPOCH);
        tell(db, &held.subscription, beats, now)?
    } else {
        give_up(db, id, if held.retired { DeliveryState::Gone } else { DeliveryState::Kept })?;
        0
    };
    if clock.is_some() {
        match next_digest(manner, now).filter(|_| manner.digest_empty && !held.retired) {
            Some(next) => db.prepare_cached(AGAIN)?.execute(params![id.0, Moment(next)])?,
            None => db.prepare_cached(FORGET)?.execute([id.0])?,
        };
    }
    Ok(made)
}

/// Tells what is held back, or that nothing is, at the time of a clock.
fn tell(
    db: &Connection,
    subscription: &Subscription,
    beats: Option<Timestamp>,
    now: Timestamp,
) -> Result<usize, Fault> {
    const HELD: &str = "SELECT d.id, n.id, n.body FROM delivery d INDEXED BY delivery_digest_for
            JOIN notification n ON n.num = d.notification
        WHERE d.state = 'held' AND d.subscription = ?1 AND d.next_attempt_at_ms <= ?2 ORDER BY d.id LIMIT ?3";
    const DONE: &str = "UPDATE delivery SET state = 'digested', next_attempt_at_ms = NULL, digest = ?2 WHERE id = ?1";
    const MADE: &str = "SELECT d.id FROM notification n JOIN delivery d ON d.notification = n.num
        WHERE n.id = ?1 AND d.subscription = ?2";
    let (to, spec) = (subscription.id, &subscription.spec);
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let entries: Vec<(i64, String, String)> = db
        .prepare_cached(HELD)?
        .query_map(params![to.0, Moment(now), limit(ENTRIES_MAX)], read)?
        .collect::<Result<_, _>>()?;
    if entries.is_empty() && beats.is_none() {
        return Ok(0);
    }
    let sizes: Vec<usize> = entries.iter().map(|(_, _, body)| body.len()).collect();
    let parts = digest_parts(&sizes, &spec.endpoint);
    let mut digests = Vec::with_capacity(parts.len());
    for (part, range) in (1..).zip(&parts) {
        let part_of = || entries.iter().skip(range.start).take(range.len());
        let shown: Vec<(&str, &str)> = part_of().map(|(_, id, body)| (id.as_str(), body.as_str())).collect();
        let view = DigestPayload { subscription: &spec.name, part, parts: parts.len(), entries: &shown };
        let told = notification(&view, beats, now);
        if let Some(num) = outbox::tell(db, &told, &[to])? {
            audience::put_aside(db, num)?;
        }
        let digest: Option<i64> =
            db.prepare_cached(MADE)?.query_row(params![told.id.0, to.0], |row| row.get(0)).optional()?;
        for (delivery, _, _) in part_of() {
            db.prepare_cached(DONE)?.execute(params![delivery, digest])?;
        }
        digests.extend(digest.map(DeliveryId));
    }
    line::line_up_parts(db, to, &digests, now)?;
    Ok(parts.len())
}

/// The id is made of what it tells: the same entries give the same in any database.
fn notification(view: &DigestPayload<'_>, beats: Option<Timestamp>, now: Timestamp) -> Notification {
    let moment = beats.unwrap_or(now).as_millisecond().to_string();
    let mut parts = vec![view.subscription];
    parts.extend(view.entries.iter().map(|(id, _)| *id));
    if view.entries.is_empty() {
        parts.push(&moment);
    }
    Notification {
        id: notification_id(NotificationType::Digest, &parts),
        kind: NotificationType::Digest,
        topic: None,
        event: None,
        story: None,
        source: None,
        created_at: now,
        body: digest_body(now, view),
    }
}
