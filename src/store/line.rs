//! Which deliveries are due, and which wait: behind another one of their line, or for their endpoint.
//!
//! A pending delivery is one of three. It is *due* (`next_attempt_at_ms`). It is *behind* an older one of its line, without any
//! time: a line is a subscription's event, or the whole subscription where that wants strict order ([`line_up`]). Or it
//! is *held* (`held_ms`, its own time): its line would let it go, but its endpoint rests or has a rate. Of those [`offer`] makes one
//! due when the endpoint may be asked next. So a claim looks at due deliveries only, however many wait.
//!
//! The parts of a digest are a line too, under a number below zero in an event's place ([`line_up_parts`]).
//!
//! Within an event, what was told before may stand in a digest: later deliveries wait behind that, too. What is told at once while others
//! are held back (`unordered`) stands in a line of its own: it waits for none but its like, and what is not its like waits for it too.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{Moment, Word};
use super::fault::Fault;
use crate::deliver::quiet_hours;
use crate::model::{
    DeliveryId, DeliveryOrder, EventId, Manner, NotificationType, Pacing, SubscriptionId, SubscriptionState,
};

/// Whether the row of `delivery` waits for a digest before it that tells of its event and is not delivered yet.
macro_rules! behind_digest {
    () => {
        "(delivery.unordered = 0 AND EXISTS (SELECT 1 FROM delivery told INDEXED BY delivery_digested JOIN delivery d ON d.id = told.digest
            WHERE told.digest IS NOT NULL AND told.subscription = delivery.subscription
                AND told.event = delivery.event AND told.digest < delivery.id AND d.state = 'pending'))"
    };
}

/// What bounds an endpoint that may not be asked at any time.
#[derive(Debug, Clone, Copy)]
struct Meter {
    /// Not before this.
    from: Timestamp,
    /// Whether the one attempt that is let through must end before another is.
    is_alone: bool,
}

/// How a subscription is sent what it is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineTerms {
    pub(super) order: DeliveryOrder,
    pub(super) is_served: bool,
    pub(super) retired: bool,
    meter: Option<Meter>,
}

impl LineTerms {
    /// Whether what tells of no event is due as soon as it is told.
    pub(super) fn is_free(&self) -> bool {
        self.is_served && !self.retired && self.order == DeliveryOrder::Event && self.meter.is_none()
    }
}

/// The columns are those that [`terms`] and [`addressee`] begin with.
fn read_terms(row: &Row<'_>) -> rusqlite::Result<LineTerms> {
    let (has_rate, paced, rests): (bool, Option<Moment>, Option<Moment>) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let paced = paced.filter(|_| has_rate).map_or(Timestamp::MIN, |at| at.0);
    let from = rests.map_or(paced, |until| until.0.max(paced));
    let meter = (has_rate || rests.is_some()).then_some(Meter { from, is_alone: rests.is_some() });
    let order = row.get::<_, Word<DeliveryOrder>>(0)?.0;
    Ok(LineTerms { order, is_served: row.get(4)?, retired: row.get(5)?, meter })
}

/// In which order a subscription is sent what it is told, and what bounds its endpoint.
pub(super) fn terms(db: &Connection, to: SubscriptionId) -> Result<Option<LineTerms>, Fault> {
    const SQL: &str = "SELECT s.line, s.rate_per_minute IS NOT NULL,
            (SELECT next_at_ms FROM pace WHERE subscription = s.id),
            (SELECT rest_until_ms FROM trouble WHERE subscription = s.id), s.state = 'active', s.retired
        FROM subscription s WHERE s.id = ?1";
    Ok(db.prepare_cached(SQL)?.query_row([to.0], read_terms).optional()?)
}

/// A subscription that somebody tells something.
pub(super) struct Addressee {
    pub(super) name: String,
    pub(super) state: SubscriptionState,
    pub(super) terms: LineTerms,
}

/// The subscription in force with this number.
pub(super) fn addressee(db: &Connection, to: SubscriptionId) -> Result<Option<Addressee>, Fault> {
    const SQL: &str = "SELECT s.line, s.rate_per_minute IS NOT NULL,
            (SELECT next_at_ms FROM pace WHERE subscription = s.id),
            (SELECT rest_until_ms FROM trouble WHERE subscription = s.id), s.state = 'active', s.retired, s.name, s.state
        FROM subscription s WHERE s.id = ?1 AND s.retired = 0";
    let read = |row: &Row<'_>| {
        let state = row.get::<_, Word<SubscriptionState>>(7)?.0;
        Ok(Addressee { name: row.get(6)?, state, terms: read_terms(row)? })
    };
    Ok(db.prepare_cached(SQL)?.query_row([to.0], read).optional()?)
}

/// Of the line that a subscription's delivery about `event` stands in, makes the oldest pending delivery due and lets all others wait
/// behind it; then chooses which one is asked next, where the endpoint is not asked at any time.
pub(super) fn line_up(
    db: &Connection,
    to: SubscriptionId,
    event: Option<EventId>,
    now: Timestamp,
) -> Result<(), Fault> {
    let terms = terms(db, to)?;
    let order = terms.map_or(DeliveryOrder::Event, |terms| terms.order);
    line_up_free(db, to, (order, event), now)?;
    terms.map_or(Ok(()), |terms| offer_within(db, to, &terms, now))
}

/// The same of a subscription whose endpoint may be asked at any time, in this order.
pub(super) fn line_up_free(
    db: &Connection,
    to: SubscriptionId,
    line: (DeliveryOrder, Option<EventId>),
    now: Timestamp,
) -> Result<(), Fault> {
    match line {
        (DeliveryOrder::Strict, _) => line_up_all(db, to, now),
        (DeliveryOrder::Event, Some(event)) => line_up_event(db, to, event, now),
        (DeliveryOrder::Event, None) => Ok(()),
    }
}

/// In which order a subscription is sent what it is told, where its endpoint is in no trouble and has no rate.
pub(super) fn order_of_free(db: &Connection, to: SubscriptionId) -> Result<Option<DeliveryOrder>, Fault> {
    const SQL: &str = "SELECT line FROM subscription WHERE id = ?1 AND rate_per_minute IS NULL
        AND NOT EXISTS (SELECT 1 FROM trouble WHERE subscription = ?1)";
    let order = |row: &Row<'_>| Ok(row.get::<_, Word<DeliveryOrder>>(0)?.0);
    Ok(db.prepare_cached(SQL)?.query_row([to.0], order).optional()?)
}

fn line_up_event(db: &Connection, to: SubscriptionId, event: EventId, now: Timestamp) -> Result<(), Fault> {
    const HEAD: &str = "SELECT min(id) FROM delivery
        WHERE state = 'pending' AND subscription = ?1 AND event = ?2 AND unordered >= ?3";
    const DUE: &str = concat!(
        "UPDATE delivery SET next_attempt_at_ms = ?2
        WHERE id = ?1 AND next_attempt_at_ms IS NULL AND held_ms IS NULL AND NOT ",
        behind_digest!()
    );
    const WAIT: &str = "UPDATE delivery SET next_attempt_at_ms = NULL, held_ms = NULL
        WHERE state = 'pending' AND subscription = ?1 AND event = ?2 AND id > ?3 AND unordered = ?4
            AND (next_attempt_at_ms IS NOT NULL OR held_ms IS NOT NULL)";
    for unordered in [false, true] {
        let head = db.prepare_cached(HEAD)?.query_row(params![to.0, event.0, unordered], |row| row.get(0))?;
        let Some(head): Option<i64> = head else { continue };
        db.prepare_cached(DUE)?.execute(params![head, Moment(now)])?;
        db.prepare_cached(WAIT)?.execute(params![to.0, event.0, head, unordered])?;
    }
    Ok(())
}

/// Lets the parts of a digest follow each other: all are one line, by the first one's number.
pub(super) fn line_up_parts(
    db: &Connection,
    to: SubscriptionId,
    parts: &[DeliveryId],
    now: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery SET event = ?2 WHERE id = ?1 AND state = 'pending'";
    let [first, _, ..] = parts else { return Ok(()) };
    let line = EventId(first.0.saturating_neg());
    for part in parts {
        db.prepare_cached(SQL)?.execute([part.0, line.0])?;
    }
    line_up(db, to, Some(line), now)
}

/// Lets a part of a digest stand by itself: it failed, and the others wait for it no longer.
pub(super) fn leave_parts(db: &Connection, part: DeliveryId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery SET event = NULL WHERE id = ?1 AND event < 0";
    db.prepare_cached(SQL)?.execute([part.0])?;
    Ok(())
}

/// As others are held back, what a subscription is told at once of an event leaves their line for one of its own.
pub(super) fn step_out(
    db: &Connection,
    to: SubscriptionId,
    event: EventId,
    at_once: &[NotificationType],
    now: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery INDEXED BY delivery_line SET unordered = 1
        WHERE state = 'pending' AND subscription = ?1 AND event = ?2 AND unordered = 0
            AND (SELECT kind FROM notification n WHERE n.num = delivery.notification) IN (SELECT value FROM json_each(?3))";
    let stepped = db.prepare_cached(SQL)?.execute(params![to.0, event.0, labels(at_once)])?;
    if stepped > 0 { line_up(db, to, Some(event), now) } else { Ok(()) }
}

/// The same of all events.
pub(super) fn step_out_of_all(
    db: &Connection,
    to: SubscriptionId,
    at_once: &[NotificationType],
    now: Timestamp,
) -> Result<(), Fault> {
    const EVENTS: &str = "SELECT DISTINCT event FROM delivery INDEXED BY delivery_line
        WHERE state = 'pending' AND subscription = ?1 AND event IS NOT NULL AND unordered = 0
            AND (SELECT kind FROM notification n WHERE n.num = delivery.notification) IN (SELECT value FROM json_each(?2))";
    let read = |row: &Row<'_>| row.get(0).map(EventId);
    let events: Vec<_> =
        db.prepare_cached(EVENTS)?.query_map(params![to.0, labels(at_once)], read)?.collect::<Result<_, _>>()?;
    events.into_iter().try_for_each(|event| step_out(db, to, event, at_once, now))
}

/// Types of notifications as a statement takes them.
pub(super) fn labels<'a>(kinds: impl IntoIterator<Item = &'a NotificationType>) -> String {
    let labels: Vec<&str> = kinds.into_iter().map(|kind| kind.label()).collect();
    serde_json::Value::from(labels).to_string()
}

/// A delivery has ended. Where it was a digest's, what waited behind it goes on.
pub(super) fn let_follow(db: &Connection, to: SubscriptionId, digest: DeliveryId, now: Timestamp) -> Result<(), Fault> {
    const EVENTS: &str = "SELECT DISTINCT event FROM delivery INDEXED BY delivery_in_digest
        WHERE digest IS NOT NULL AND digest = ?1 AND event IS NOT NULL";
    let read = |row: &Row<'_>| row.get(0).map(EventId);
    let events: Vec<_> = db.prepare_cached(EVENTS)?.query_map([digest.0], read)?.collect::<Result<_, _>>()?;
    events.into_iter().try_for_each(|event| line_up(db, to, Some(event), now))
}

/// The same for a line that is the whole subscription. Those due or held are few: an index knows them.
fn line_up_all(db: &Connection, to: SubscriptionId, now: Timestamp) -> Result<(), Fault> {
    const HEAD: &str =
        "SELECT min(id) FROM delivery INDEXED BY delivery_line WHERE state = 'pending' AND subscription = ?1";
    const DUE: &str = "UPDATE delivery SET next_attempt_at_ms = ?2
        WHERE id = ?1 AND next_attempt_at_ms IS NULL AND held_ms IS NULL";
    const WAIT_DUE: &str = "UPDATE delivery INDEXED BY delivery_due SET next_attempt_at_ms = NULL, held_ms = NULL
        WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL AND subscription = ?1 AND id > ?2";
    const WAIT_HELD: &str = "UPDATE delivery INDEXED BY delivery_held SET held_ms = NULL
        WHERE state = 'pending' AND next_attempt_at_ms IS NULL AND held_ms IS NOT NULL AND subscription = ?1 AND id > ?2";
    let head: Option<i64> = db.prepare_cached(HEAD)?.query_row([to.0], |row| row.get(0))?;
    if let Some(head) = head {
        db.prepare_cached(DUE)?.execute(params![head, Moment(now)])?;
        db.prepare_cached(WAIT_DUE)?.execute([to.0, head])?;
        db.prepare_cached(WAIT_HELD)?.execute([to.0, head])?;
    }
    Ok(())
}

/// Lets one delivery be due of a subscription whose endpoint rests or has a rate, and holds the others: that which is due the
/// longest by its own schedule. None besides one that is under way at an endpoint that rests.
pub(super) fn offer(db: &Connection, to: SubscriptionId, now: Timestamp) -> Result<(), Fault> {
    terms(db, to)?.map_or(Ok(()), |terms| offer_within(db, to, &terms, now))
}

/// The same of a subscription whose terms are known.
pub(super) fn offer_within(
    db: &Connection,
    to: SubscriptionId,
    terms: &LineTerms,
    now: Timestamp,
) -> Result<(), Fault> {
    terms.meter.map_or(Ok(()), |meter| offer_one(db, to, meter, now))
}

fn offer_one(db: &Connection, to: SubscriptionId, meter: Meter, now: Timestamp) -> Result<(), Fault> {
    const HOLD: &str = "UPDATE delivery INDEXED BY delivery_due
        SET held_ms = coalesce(held_ms, next_attempt_at_ms), next_attempt_at_ms = NULL
        WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL AND subscription = ?1 AND lease_until_ms <= ?2";
    const UNDER_WAY: &str = "SELECT EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_due
        WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL AND subscription = ?1 AND lease_until_ms > ?2)";
    // Those that were under way when the rest began come last: their answers are awaited.
    const NEXT: &str = "SELECT id, held_ms FROM delivery INDEXED BY delivery_held
        WHERE state = 'pending' AND next_attempt_at_ms IS NULL AND held_ms IS NOT NULL AND subscription = ?1
            AND (lease_until_ms <= ?2 OR ?3)
        ORDER BY held_ms, id LIMIT 1";
    const DUE: &str = "UPDATE delivery SET next_attempt_at_ms = ?2 WHERE id = ?1";
    db.prepare_cached(HOLD)?.execute(params![to.0, Moment(now)])?;
    if meter.is_alone && db.prepare_cached(UNDER_WAY)?.query_row(params![to.0, Moment(now)], |row| row.get(0))? {
        return Ok(());
    }
    for or_under_way in [false, true] {
        let next = db.prepare_cached(NEXT)?.query_row(params![to.0, Moment(now), or_under_way], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Moment>(1)?.0))
        });
        if let Some((id, held)) = next.optional()? {
            db.prepare_cached(DUE)?.execute(params![id, Moment(held.max(meter.from))])?;
            return Ok(());
        }
    }
    Ok(())
}

/// An endpoint begins to rest: all of its deliveries are held, those under way too, whose answers count all the same.
pub(super) fn hold_all(db: &Connection, to: SubscriptionId, now: Timestamp) -> Result<(), Fault> {
    const HOLD: &str = "UPDATE delivery INDEXED BY delivery_due
        SET held_ms = coalesce(held_ms, next_attempt_at_ms), next_attempt_at_ms = NULL
        WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL AND subscription = ?1";
    db.prepare_cached(HOLD)?.execute([to.0])?;
    offer(db, to, now)
}

/// An endpoint is well again: all that was held is due at once, whenever its own schedule would have had it, within the
/// endpoint's rate.
pub(super) fn let_flow(db: &Connection, to: SubscriptionId, now: Timestamp) -> Result<(), Fault> {
    const SOONER: &str = "UPDATE delivery INDEXED BY delivery_held SET held_ms = min(held_ms, ?2)
        WHERE state = 'pending' AND next_attempt_at_ms IS NULL AND held_ms IS NOT NULL AND subscription = ?1";
    const FLOW: &str =
        "UPDATE delivery INDEXED BY delivery_held SET next_attempt_at_ms = min(held_ms, ?2), held_ms = NULL
        WHERE state = 'pending' AND next_attempt_at_ms IS NULL AND held_ms IS NOT NULL AND subscription = ?1";
    const DUE: &str = "UPDATE delivery INDEXED BY delivery_due
        SET next_attempt_at_ms = min(next_attempt_at_ms, held_ms, ?2), held_ms = NULL
        WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL AND subscription = ?1 AND held_ms IS NOT NULL";
    if let Some(meter) = terms(db, to)?.and_then(|terms| terms.meter) {
        db.prepare_cached(SOONER)?.execute(params![to.0, Moment(now)])?;
        return offer_one(db, to, meter, now);
    }
    for sql in [FLOW, DUE] {
        db.prepare_cached(sql)?.execute(params![to.0, Moment(now)])?;
    }
    Ok(())
}

/// A subscription is told otherwise now: what its quiet hours put off is due. Where there are new ones, a claim puts it off again.
pub(super) fn end_quiet_hours(
    db: &Connection,
    to: SubscriptionId,
    before: &Manner,
    now: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery INDEXED BY delivery_line
        SET next_attempt_at_ms = iif(next_attempt_at_ms = ?2, ?3, next_attempt_at_ms), held_ms = iif(held_ms = ?2, ?3, held_ms)
        WHERE state = 'pending' AND subscription = ?1 AND (next_attempt_at_ms = ?2 OR held_ms = ?2)";
    // What is put off has this very moment as its time.
    let Some(until) = quiet_hours(before, now) else { return Ok(()) };
    db.prepare_cached(SQL)?.execute(params![to.0, Moment(until), Moment(now)])?;
    offer(db, to, now)
}

/// Forms a subscription's lines anew, where many deliveries became pending or the order is another: the heads are due as they
/// were, or at once, and the others wait. What is under way stays as it is: it is lined up when it ends.
pub(super) fn line_up_anew(db: &Connection, to: SubscriptionId, now: Timestamp) -> Result<(), Fault> {
    const EVENTS: &str = concat!(
        "UPDATE delivery SET
            held_ms = CASE WHEN event IS NULL OR (id = (SELECT min(d.id) FROM delivery d
                    WHERE d.state = 'pending' AND d.subscription = ?1 AND d.event = delivery.event
                        AND d.unordered >= delivery.unordered)
                    AND NOT ",
        behind_digest!(),
        ") THEN coalesce(held_ms, next_attempt_at_ms, ?2) END,
            next_attempt_at_ms = NULL
        WHERE state = 'pending' AND subscription = ?1 AND (next_attempt_at_ms IS NULL OR lease_until_ms <= ?2)"
    );
    const STRICT: &str = "UPDATE delivery SET
            held_ms = CASE WHEN id = (SELECT min(d.id) FROM delivery d INDEXED BY delivery_line
                    WHERE d.state = 'pending' AND d.subscription = ?1)
                THEN coalesce(held_ms, next_attempt_at_ms, ?2) END,
            next_attempt_at_ms = NULL
        WHERE state = 'pending' AND subscription = ?1 AND (next_attempt_at_ms IS NULL OR lease_until_ms <= ?2)";
    const RELEASE: &str = "UPDATE delivery INDEXED BY delivery_held SET next_attempt_at_ms = held_ms, held_ms = NULL
        WHERE state = 'pending' AND next_attempt_at_ms IS NULL AND held_ms IS NOT NULL AND subscription = ?1";
    let terms = terms(db, to)?;
    let sql = match terms.map_or(DeliveryOrder::Event, |terms| terms.order) {
        DeliveryOrder::Event => EVENTS,
        DeliveryOrder::Strict => STRICT,
    };
    db.prepare_cached(sql)?.execute(params![to.0, Moment(now)])?;
    if let Some(meter) = terms.and_then(|terms| terms.meter) {
        return offer_one(db, to, meter, now);
    }
    db.prepare_cached(RELEASE)?.execute([to.0])?;
    Ok(())
}

/// An attempt begins: the next one of a subscription with a rate waits for its turn.
pub(super) fn pace(db: &Connection, to: SubscriptionId, pacing: &Pacing, now: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO pace (subscription, next_at_ms) VALUES (?1, ?2)
        ON CONFLICT (subscription) DO UPDATE SET next_at_ms = excluded.next_at_ms";
    let Some(gap) = pacing.gap() else { return Ok(()) };
    let next = now.checked_add(gap).unwrap_or(Timestamp::MAX);
    db.prepare_cached(SQL)?.execute(params![to.0, Moment(next)])?;
    offer(db, to, now)
}

/// After a kill: what was under way of subscriptions with a rate waits for its turn like the rest, so that none is flooded.
pub(super) fn offer_paced(db: &Connection, now: Timestamp) -> Result<(), Fault> {
    const PACED: &str = "SELECT subscription FROM pace";
    let read = |row: &Row<'_>| row.get(0).map(SubscriptionId);
    let paced: Vec<_> = db.prepare_cached(PACED)?.query_map([], read)?.collect::<Result<_, _>>()?;
    paced.into_iter().try_for_each(|to| offer(db, to, now))
}
