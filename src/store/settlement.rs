//! Finished attempts: what is written of them, and what follows for their deliveries, lines and endpoints.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};

use super::column::{Moment, Span, Word};
use super::db::Db;
use super::fault::Fault;
use super::{digest, health, line, outbox, subscription};
use crate::model::{After, Attempt, DeliveryOrder, DeliveryState, EventId, Settlement, SubscriptionId, Verdict};

/// Writes finished attempts and what follows from them.
pub(super) fn settle(db: &Db, settlements: &[Settlement]) -> Result<(), Fault> {
    let (mut free, mut pens) = (Free::default(), Pens::of(db)?);
    settlements.iter().try_for_each(|settlement| settle_one(db, settlement, (&mut free, &mut pens)))
}

/// The statements of every settlement: of many, each is looked up once.
struct Pens<'a> {
    find: CachedStatement<'a>,
    tried: CachedStatement<'a>,
    delivered: CachedStatement<'a>,
}

impl<'a> Pens<'a> {
    fn of(db: &'a Connection) -> Result<Self, Fault> {
        const FIND: &str = "SELECT state, fence, event, subscription FROM delivery WHERE id = ?1";
        const TRIED: &str =
            "INSERT INTO attempt (delivery, at_ms, took_ms, status, detail, times) VALUES (?1, ?2, ?3, ?4, ?5, 1)";
        const DELIVERED: &str =
            "UPDATE delivery SET attempts = attempts + 1, state = 'delivered', next_attempt_at_ms = NULL,
                held_ms = NULL, lease_until_ms = 0, delivered_at_ms = ?2
            WHERE id = ?1";
        Ok(Self {
            find: db.prepare_cached(FIND)?,
            tried: db.prepare_cached(TRIED)?,
            delivered: db.prepare_cached(DELIVERED)?,
        })
    }
}

/// Subscriptions whose endpoints are well and may be asked at any time, with their order: what only others need is not asked again for each
/// of many settlements.
#[derive(Default)]
struct Free {
    orders: BTreeMap<SubscriptionId, Option<DeliveryOrder>>,
    /// Whether a digest holds anything at all. No settlement makes one.
    holds_digests: Option<bool>,
}

impl Free {
    /// The order, unless the endpoint is in trouble or has a rate.
    fn order(&mut self, db: &Connection, to: SubscriptionId) -> Result<Option<DeliveryOrder>, Fault> {
        if let Some(known) = self.orders.get(&to) {
            return Ok(*known);
        }
        let order = line::order_of_free(db, to)?;
        self.orders.insert(to, order);
        Ok(order)
    }

    /// Whether anything stands in a digest.
    fn holds_digests(&mut self, db: &Connection) -> Result<bool, Fault> {
        if let Some(known) = self.holds_digests {
            return Ok(known);
        }
        let holds = digest::is_any(db)?;
        self.holds_digests = Some(holds);
        Ok(holds)
    }
}

fn settle_one(db: &Db, settlement: &Settlement, (free, pens): (&mut Free, &mut Pens<'_>)) -> Result<(), Fault> {
    const TRIED: &str = "UPDATE delivery SET attempts = attempts + 1 WHERE id = ?1";
    let id = settlement.delivery;
    let found = pens
        .find
        .query_row([id.0], |row| {
            let state = row.get::<_, Word<DeliveryState>>(0)?.0;
            let fence: i64 = row.get(1)?;
            Ok((state, fence, row.get::<_, Option<i64>>(2)?.map(EventId), SubscriptionId(row.get(3)?)))
        })
        .optional()?;
    let Some((state, fence, event, to)) = found else { return Ok(()) };
    put_attempt(db, &mut pens.tried, settlement)?;
    let holds = state == DeliveryState::Pending && fence == settlement.fence;
    let ended_at = ended_at(&settlement.attempt);
    if settlement.verdict == Verdict::Delivered && state != DeliveryState::Delivered {
        pens.delivered.execute(params![id.0, Moment(ended_at)])?;
    } else if !matches!(settlement.verdict, Verdict::PutOff { .. }) {
        db.prepare_cached(TRIED)?.execute([id.0])?;
    }
    match settlement.verdict {
        Verdict::Retry { at } | Verdict::PutOff { at } if holds => outbox::retry(db, id, at)?,
        Verdict::Expired if holds => outbox::finish(db, id, DeliveryState::Expired)?,
        Verdict::Gone if holds => subscription::end(db, to, ended_at)?,
        Verdict::Delivered | Verdict::Retry { .. } | Verdict::PutOff { .. } | Verdict::Expired | Verdict::Gone => {}
    }
    if settlement.verdict == Verdict::Delivered
        && settlement.after == After::default()
        && let Some(order) = free.order(db, to)?
    {
        line::line_up_free(db, to, (order, event), ended_at)?;
        let is_followed = may_be_digest(event) && free.holds_digests(db)?;
        return if is_followed { line::let_follow(db, to, id, ended_at) } else { Ok(()) };
    }
    // What follows may be trouble, or its end.
    free.orders.remove(&to);
    if holds && matches!(settlement.verdict, Verdict::Retry { .. }) {
        line::leave_parts(db, id)?;
    }
    line::line_up(db, to, event, ended_at)?;
    if may_be_digest(event) {
        line::let_follow(db, to, id, ended_at)?;
    }
    health::take(db, to, &settlement.after, ended_at)?;
    match settlement.after.disabled {
        Some(reason) if holds => {
            if settlement.verdict != Verdict::Gone {
                health::disable(db, to, reason, ended_at)?;
            }
            settlement.after.told.iter().try_for_each(|(told, takers)| outbox::tell(db, told, takers).map(|_row| ()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Of a digest an event's place is empty, or holds the line of its parts.
fn may_be_digest(event: Option<EventId>) -> bool {
    event.is_none_or(|event| event.0 < 0)
}

fn ended_at(attempt: &Attempt) -> Timestamp {
    let took = SignedDuration::try_from(attempt.took).unwrap_or(SignedDuration::ZERO);
    attempt.at.checked_add(took).unwrap_or(attempt.at)
}

/// Writes an attempt. An endpoint may put a delivery off for days, each minute or so: of such answers in a row the first is kept, and one row
/// that counts the others and says when and what the last was.
fn put_attempt(db: &Connection, put: &mut CachedStatement<'_>, settlement: &Settlement) -> Result<(), Fault> {
    const AGAIN: &str = "UPDATE attempt SET at_ms = ?2, took_ms = ?3, detail = ?5, times = times + 1
        WHERE rowid = (SELECT max(rowid) FROM attempt WHERE delivery = ?1)
            AND 2 = (SELECT count(*) FROM (SELECT status FROM attempt WHERE delivery = ?1 ORDER BY rowid DESC LIMIT 2)
                WHERE status = ?4)";
    let attempt = &settlement.attempt;
    let values = params![settlement.delivery.0, Moment(attempt.at), Span(attempt.took), attempt.status, attempt.detail];
    let is_put_off = matches!(settlement.verdict, Verdict::PutOff { .. });
    if is_put_off && db.prepare_cached(AGAIN)?.execute(values)? > 0 {
        return Ok(());
    }
    put.execute(values)?;
    Ok(())
}
