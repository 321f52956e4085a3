//! The outbox: notifications, their deliveries, and the attempts at them.
//!
//! Which of them are due and which wait is line.rs' matter: a claim looks at due ones only, however many wait.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::claim::{limit, next_fence};
use super::column::{Count, Moment, Span, TopicName, Word};
use super::db::Db;
use super::digest;
use super::fault::Fault;
use super::line::LineTerms;
use super::log::floor;
use super::source::earliest;
use super::subscription;
use super::walk::{Onward, Walk};
use super::{health, line, repeat};
use crate::deliver::{held_until, notification_id, overtakes, quiet_until};
use crate::model::{
    Answers, Attempt, Delivery, DeliveryClaim, DeliveryId, DeliveryOrder, DeliveryState, EventId, Manner, Notification,
    NotificationId, NotificationType, Replay, SourceId, StoryId, Subscription, SubscriptionId, SubscriptionState,
    TopicKey,
};
use crate::port::{ClaimDeliveries, TellingsOfEvent};

macro_rules! notification_columns {
    () => {
        "n.id, n.kind, n.topic, n.event, n.story, n.source, n.created_at_ms, n.body"
    };
}

pub(super) use notification_columns;

macro_rules! listing {
    ($($rest:literal),+) => {
        concat!(
            "SELECT ",
            notification_columns!(),
            ", d.id, d.subscription, s.name, d.state, d.created_at_ms, d.next_attempt_at_ms, d.delivered_at_ms,
            d.replayed_at_ms
            FROM delivery d JOIN notification n ON n.num = d.notification JOIN subscription s ON s.id = d.subscription ",
            $($rest),+
        )
    };
}

pub(super) use listing;

/// How many they are.
pub(super) const NOTIFICATION_COLUMNS: usize = 8;

pub(super) fn read_notification(row: &Row<'_>) -> rusqlite::Result<Notification> {
    Ok(Notification {
        id: NotificationId(row.get(0)?),
        kind: row.get::<_, Word<NotificationType>>(1)?.0,
        topic: row.get::<_, Option<TopicName>>(2)?.map(|t| t.0),
        event: row.get::<_, Option<i64>>(3)?.map(EventId),
        story: row.get::<_, Option<i64>>(4)?.map(StoryId),
        source: row.get::<_, Option<i64>>(5)?.map(SourceId),
        created_at: row.get::<_, Moment>(6)?.0,
        body: row.get(7)?,
    })
}

/// The notification with an id.
pub(super) fn notification(db: &Connection, id: &NotificationId) -> Result<Option<Notification>, Fault> {
    const SQL: &str = concat!("SELECT ", notification_columns!(), " FROM notification n WHERE n.id = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([&id.0], read_notification).optional()?)
}

/// Writes a notification, if it is not there, and a delivery for each subscription in force that has none.
///
/// Deliveries to a disabled subscription are kept: nothing is sent until it is enabled. Who hears the same by another topic is left out.
///
/// Gives its row; `None` where its deliveries were made and deleted long ago.
pub(super) fn tell(db: &Connection, told: &Notification, to: &[SubscriptionId]) -> Result<Option<i64>, Fault> {
    Ok(put(db, told, Whom::These(to))?.map(|put| put.num))
}

/// A notification's row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Put {
    pub(super) num: i64,
    /// Whether it was not there before, and has the id that was given: nothing stands under it yet but what is written now.
    pub(super) is_new: bool,
    /// The delivery that was made last, where it is due since its notification was made, and pending.
    pub(super) due: Option<DeliveryId>,
}

/// Whom a notification is told.
#[derive(Debug, Clone, Copy)]
pub(super) enum Whom<'a> {
    These(&'a [SubscriptionId]),
    /// One, whose terms were looked up already.
    One(SubscriptionId, LineTerms),
}

/// The same; gives whether the notification is new, too.
pub(super) fn put(db: &Connection, told: &Notification, whom: Whom<'_>) -> Result<Option<Put>, Fault> {
    // One row of values: from a SELECT it would be written by way of a table of its own, and each page copied first.
    const DELIVERY: &str = "INSERT INTO delivery (notification, subscription, event, state, created_at_ms, unordered,
            next_attempt_at_ms)
        VALUES (?1, ?2, ?3, iif(?6, 'pending', 'kept'), ?4, ?5,
            CASE WHEN NOT ?6 THEN NULL
                 WHEN ?7 AND EXISTS (SELECT 1 FROM delivery d
                    WHERE d.state = 'pending' AND d.subscription = ?2) THEN NULL
                 WHEN ?3 IS NOT NULL AND EXISTS (SELECT 1 FROM delivery d
                    WHERE d.state = 'pending' AND d.subscription = ?2 AND d.event = ?3 AND d.unordered >= ?5) THEN NULL
                 WHEN ?3 IS NOT NULL AND ?5 = 0 AND EXISTS (
                    SELECT 1 FROM delivery told INDEXED BY delivery_digested JOIN delivery d ON d.id = told.digest
                    WHERE told.digest IS NOT NULL AND told.subscription = ?2 AND told.event = ?3
                        AND d.state = 'pending') THEN NULL
                 ELSE ?4 END)
        ON CONFLICT (notification, subscription) DO NOTHING";
    let Some(mut put) = put_notification(db, told)? else { return Ok(None) };
    let num = put.num;
    let (to, known) = match &whom {
        Whom::These(to) => (*to, None),
        Whom::One(to, terms) => (std::slice::from_ref(to), Some(*terms)),
    };
    if !put.is_new {
        repeat::forget_withdrawn(db, num, to)?;
    }
    let mut deliver = db.prepare_cached(DELIVERY)?;
    let holding = digest::holding(db)?;
    // Mostly nothing is held back at all, and then it is asked of no subscription.
    let continued = match told.event {
        Some(event) if digest::holds_any(db)? => Some(event),
        Some(_) | None => None,
    };
    let heard = repeat::heard_elsewhere(db, told)?;
    for subscription in to {
        if heard.contains(subscription) {
            repeat::leave_out(db, (num, told), *subscription)?;
            continue;
        }
        let manner = holding.get(subscription);
        if let Some(until) = held_back(db, (told, continued), *subscription, manner)? {
            digest::hold(db, (num, told), *subscription, until)?;
            continue;
        }
        let overtaking = manner.filter(|manner| overtakes(manner, told.kind, told.created_at));
        if let (Some(manner), Some(event)) = (overtaking, told.event) {
            line::step_out(db, *subscription, event, &manner.at_once, told.created_at)?;
        }
        let terms = if known.is_some() { known } else { line::terms(db, *subscription)? };
        let Some(terms) = terms.filter(|terms| !terms.retired) else { continue };
        let made = deliver.execute(params![
            num,
            subscription.0,
            told.event.map(|e| e.0),
            Moment(told.created_at),
            overtaking.is_some(),
            terms.is_served,
            terms.order == DeliveryOrder::Strict
        ])?;
        let is_due = made > 0 && told.event.is_none() && terms.is_free();
        put.due = is_due.then(|| DeliveryId(db.last_insert_rowid()));
        line::offer_within(db, *subscription, &terms, told.created_at)?;
    }
    Ok(Some(put))
}

/// Until when a notification is held back for a subscription: for its digest or its quiet hours, or as what was told of the event before
/// (`continued`) is, where the digest with that is due and not made yet.
fn held_back(
    db: &Connection,
    (told, continued): (&Notification, Option<EventId>),
    to: SubscriptionId,
    manner: Option<&Manner>,
) -> Result<Option<Timestamp>, Fault> {
    let until = manner.and_then(|manner| held_until(manner, told.kind, told.created_at));
    let is_at_once = manner.is_some_and(|manner| manner.at_once.contains(&told.kind));
    match continued {
        Some(event) if until.is_none() && !is_at_once => digest::event_held_until(db, to, event),
        Some(_) | None => Ok(until),
    }
}

/// Writes a notification if it is not there; gives its row. `None`: its deliveries were made and deleted long ago.
///
/// Where another story's notification has the id, it is written under one made of that id and the story's number: what was decided is told.
fn put_notification(db: &Connection, told: &Notification) -> Result<Option<Put>, Fault> {
    if let Some(num) = add_notification(db, told, &told.id)? {
        return Ok(Some(Put { num, is_new: true, due: None }));
    }
    let found = |num| Put { num, is_new: false, due: None };
    let (row, story) = row_of(db, &told.id)?;
    let Some(own) = told.story.filter(|own| story.is_some_and(|other| other != *own)) else {
        return Ok(row.map(found));
    };
    let id = notification_id(told.kind, &[&told.id.0, &own.0.to_string()]);
    match add_notification(db, told, &id)? {
        Some(num) => Ok(Some(found(num))),
        None => Ok(row_of(db, &id)?.0.map(found)),
    }
}

/// The row of a notification, unless its deliveries were deleted, and its story.
fn row_of(db: &Connection, id: &NotificationId) -> Result<(Option<i64>, Option<StoryId>), Fault> {
    const SQL: &str = "SELECT iif(body <> '', num, NULL), story FROM notification WHERE id = ?1";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.map(StoryId)));
    Ok(db.prepare_cached(SQL)?.query_row([&id.0], read)?)
}

/// Adds a notification under an id; gives its row. `None` where the id is taken.
fn add_notification(db: &Connection, told: &Notification, id: &NotificationId) -> Result<Option<i64>, Fault> {
    const PUT: &str = concat!(
        "INSERT INTO notification (num, id, kind, topic, event, story, source, created_at_ms, body)
        VALUES (max(coalesce((SELECT max(num) FROM notification), 0), ",
        floor!(),
        ") + 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING"
    );
    let values = params![
        id.0,
        Word(told.kind),
        told.topic.as_ref().map(TopicKey::as_str),
        told.event.map(|e| e.0),
        told.story.map(|s| s.0),
        told.source.map(|s| s.0),
        Moment(told.created_at),
        told.body
    ];
    // Its number is that of the row: RETURNING would have each page copied before it is written.
    let is_added = db.prepare_cached(PUT)?.execute(values)? > 0;
    Ok(is_added.then(|| db.last_insert_rowid()))
}

/// A subscription whose endpoint has not proved itself is sent nothing.
pub(super) fn unverified(id: SubscriptionId) -> Fault {
    let why = "its endpoint must prove first that it wants this (tidings subscription verify)";
    Fault::Refused(format!("subscription {id} is unverified: {why}"))
}

/// Serves a disabled subscription again. `None` where there is none in force.
fn serve_again(db: &Db, id: SubscriptionId, now: Timestamp) -> Result<Option<()>, Fault> {
    let Some(held) = subscription::one(db, id)?.filter(|held| !held.retired) else { return Ok(None) };
    match held.subscription.state {
        SubscriptionState::Active => {}
        SubscriptionState::Disabled => {
            health::enable(db, id, Replay::Nothing, now)?;
        }
        SubscriptionState::Unverified => return Err(unverified(id)),
    }
    Ok(Some(()))
}

/// A due delivery before it is claimed, in the order of claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    next_attempt_at: Moment,
    delivery: DeliveryId,
    to: SubscriptionId,
}

/// How many more may be claimed, by how their endpoints answer.
struct Room<'a> {
    all: usize,
    unproved: usize,
    slow: usize,
    answers: &'a BTreeMap<SubscriptionId, Answers>,
}

impl<'a> Room<'a> {
    fn of(claim: &'a ClaimDeliveries) -> Self {
        Self { all: claim.limit, unproved: claim.unproved_limit, slow: claim.slow_limit, answers: &claim.answers }
    }

    /// Takes a place for this one, if there is one.
    fn take(&mut self, to: SubscriptionId) -> bool {
        let answers = self.answers.get(&to);
        let (is_proved, is_slow) = (answers == Some(&Answers::Promptly), answers == Some(&Answers::Slowly));
        let is_free = self.all > 0 && (is_proved || self.unproved > 0) && (!is_slow || self.slow > 0);
        if is_free {
            self.all -= 1;
            self.unproved -= usize::from(!is_proved);
            self.slow -= usize::from(is_slow);
        }
        is_free
    }
}

/// Claims due deliveries: longest due first, within each subscription's share. Those whose subscriptions have quiet hours are put
/// off until their end.
pub(super) fn claim(db: &Db, claim: &ClaimDeliveries) -> Result<Vec<DeliveryClaim>, Fault> {
    health::expire_resting(db, claim.now)?;
    for _ in 0..HUSHED_MAX {
        match take(db, claim)? {
            Some(claims) if claims.is_empty() => {}
            found => return Ok(found.unwrap_or_default()),
        }
    }
    Ok(Vec::new())
}

/// A claim that finds nothing but subscriptions with quiet hours looks so often; each time it puts off all of one at least.
const HUSHED_MAX: usize = 32;

/// Puts off what a subscription with quiet hours waits for, but for what it wants at once, and what a person asked for again. What it wants
/// at once waits behind nothing that is put off.
fn hush(db: &Connection, of: &Subscription, until: Timestamp, now: Timestamp) -> Result<(), Fault> {
    const PUT_OFF: &str = "UPDATE delivery INDEXED BY delivery_line
        SET next_attempt_at_ms = max(next_attempt_at_ms, ?2), held_ms = max(held_ms, ?2)
        WHERE state = 'pending' AND subscription = ?1 AND lease_until_ms <= ?3 AND replayed_at_ms IS NULL
            AND coalesce(next_attempt_at_ms, held_ms) < ?2
            AND (SELECT kind FROM notification n WHERE n.num = delivery.notification) NOT IN (SELECT value FROM json_each(?4))";
    // First, as it makes due what is to be put off.
    if of.spec.pacing.order == DeliveryOrder::Event {
        line::step_out_of_all(db, of.id, &of.spec.manner.at_once, now)?;
    }
    let at_once = of.spec.manner.at_once.iter().chain([&NotificationType::SubscriptionTest]);
    db.prepare_cached(PUT_OFF)?.execute(params![of.id.0, Moment(until), Moment(now), line::labels(at_once)])?;
    Ok(())
}

/// Claims some of what is due, or puts it off; `None` where nothing is due.
fn take(db: &Db, claim: &ClaimDeliveries) -> Result<Option<Vec<DeliveryClaim>>, Fault> {
    const TAKE: &str = "UPDATE delivery SET lease_until_ms = ?2, fence = ?3 WHERE id = ?1";
    const READ: &str = concat!(
        "SELECT ",
        notification_columns!(),
        ", d.attempts, coalesce(d.replayed_at_ms, d.created_at_ms), d.subscription, d.replayed_at_ms IS NOT NULL
        FROM delivery d JOIN notification n ON n.num = d.notification WHERE d.id = ?1"
    );
    let candidates = candidates(db, claim)?;
    if candidates.is_empty() {
        return Ok(None);
    }
    let fence = next_fence(db)?;
    let mut take = db.prepare_cached(TAKE)?;
    let mut read = db.prepare_cached(READ)?;
    let mut subscriptions: BTreeMap<SubscriptionId, Arc<Subscription>> = BTreeMap::new();
    let mut hushed: BTreeSet<SubscriptionId> = BTreeSet::new();
    let mut claims = Vec::with_capacity(candidates.len());
    for Candidate { delivery, .. } in candidates {
        let (notification, attempts, Moment(created_at), to, replayed) = read.query_row([delivery.0], |row| {
            let to = row.get(10).map(SubscriptionId)?;
            Ok((read_notification(row)?, row.get(8)?, row.get(9)?, to, row.get::<_, bool>(11)?))
        })?;
        if !subscriptions.contains_key(&to) {
            subscriptions.extend(subscription::one(db, to)?.map(|held| (to, Arc::new(held.subscription))));
        }
        if let Some(subscription) = subscriptions.get(&to).filter(|_| !replayed)
            && let Some(until) = quiet_until(&subscription.spec.manner, notification.kind, claim.now)
        {
            if hushed.insert(to) {
                hush(db, subscription, until, claim.now)?;
            }
            continue;
        }
        take.execute(params![delivery.0, Moment(claim.lease_until), fence])?;
        if let Some(subscription) = subscriptions.get(&to) {
            line::pace(db, to, &subscription.spec.pacing, claim.now)?;
        }
        claims.extend(subscriptions.get(&to).map(|subscription| DeliveryClaim {
            id: delivery,
            notification,
            subscription: Arc::clone(subscription),
            attempts,
            created_at,
            fence,
        }));
    }
    // Of those with a rate or a rest, what may be sent now is next.
    for to in hushed {
        line::offer(db, to, claim.now)?;
    }
    Ok(Some(claims))
}

fn candidates(db: &Connection, claim: &ClaimDeliveries) -> Result<Vec<Candidate>, Fault> {
    let shares = Shares::read(db, claim)?;
    if has_few_waiting(db)? {
        return due_of_each(db, claim, &shares);
    }
    match longest_due(db, claim, &shares)? {
        Some(candidates) => Ok(candidates),
        None => due_of_each(db, claim, &shares),
    }
}

/// So few subscriptions are asked one by one; to walk along the deliveries of all costs more where one of them has many.
const WAITING_FEW: usize = 16;

fn has_few_waiting(db: &Connection) -> Result<bool, Fault> {
    let mut walk = Waiting::default();
    for _ in 0..WAITING_FEW {
        if walk.next(db)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many attempts each subscription may have under way.
struct Shares<'a> {
    usual: usize,
    eased: &'a BTreeMap<SubscriptionId, usize>,
    /// Of those few that have one of their own.
    own: BTreeMap<SubscriptionId, usize>,
}

impl<'a> Shares<'a> {
    fn read(db: &Connection, claim: &'a ClaimDeliveries) -> Result<Self, Fault> {
        const SQL: &str =
            "SELECT id, max_in_flight FROM subscription INDEXED BY subscription_share WHERE max_in_flight IS NOT NULL";
        let read = |row: &Row<'_>| {
            let share: u32 = row.get(1)?;
            Ok((SubscriptionId(row.get(0)?), usize::try_from(share).unwrap_or(usize::MAX)))
        };
        let (usual, eased) = (claim.per_subscription, &claim.eased);
        Ok(Self { usual, eased, own: db.prepare_cached(SQL)?.query_map([], read)?.collect::<Result<_, _>>()? })
    }

    fn of(&self, to: SubscriptionId) -> usize {
        let share = self.own.get(&to).copied().unwrap_or(self.usual);
        self.eased.get(&to).map_or(share, |most| share.min(*most))
    }
}

/// Looks along the deliveries in the order they are due, within each subscription's share; `None` where the first few
/// hundred don't say all: one subscription has so many due that others would not be seen behind them.
fn longest_due(db: &Connection, claim: &ClaimDeliveries, shares: &Shares<'_>) -> Result<Option<Vec<Candidate>>, Fault> {
    const DUE: &str =
        "SELECT next_attempt_at_ms, id, subscription, lease_until_ms FROM delivery INDEXED BY delivery_order
        WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL AND next_attempt_at_ms <= ?1
        ORDER BY next_attempt_at_ms, id LIMIT ?2";
    // Those under way stand in front: without room for them nothing else would be seen.
    let most =
        claim.limit.saturating_mul(4).saturating_add(claim.in_flight.values().sum()).saturating_add(claim.settling);
    let (mut under_way, mut room) = (claim.in_flight.clone(), Room::of(claim));
    let mut candidates = Vec::new();
    let mut seen = 0;
    let mut statement = db.prepare_cached(DUE)?;
    let mut rows = statement.query(params![Moment(claim.now), limit(most)])?;
    while let Some(row) = rows.next()? {
        seen += 1;
        let to = SubscriptionId(row.get(2)?);
        let share = under_way.entry(to).or_default();
        if *share < shares.of(to) && row.get::<_, Moment>(3)?.0 <= claim.now && room.take(to) {
            *share += 1;
            candidates.push(Candidate { next_attempt_at: row.get(0)?, delivery: DeliveryId(row.get(1)?), to });
            if room.all == 0 {
                return Ok(Some(candidates));
            }
        }
    }
    Ok((seen < most).then_some(candidates))
}

/// Looks at each subscription's own deliveries: one step in the index each.
fn due_of_each(db: &Connection, claim: &ClaimDeliveries, shares: &Shares<'_>) -> Result<Vec<Candidate>, Fault> {
    const DUE: &str = "SELECT next_attempt_at_ms, id FROM delivery INDEXED BY delivery_due
        WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL AND subscription = ?1 AND next_attempt_at_ms <= ?2
            AND lease_until_ms <= ?2
        ORDER BY next_attempt_at_ms, id LIMIT ?3";
    let mut due = db.prepare_cached(DUE)?;
    let mut candidates = Vec::new();
    let mut walk = Waiting::default();
    while let Some(to) = walk.next(db)? {
        let under_way = claim.in_flight.get(&to).copied().unwrap_or(0);
        let share = shares.of(to).saturating_sub(under_way).min(claim.limit);
        let read =
            |row: &Row<'_>| Ok(Candidate { next_attempt_at: row.get(0)?, delivery: DeliveryId(row.get(1)?), to });
        for candidate in due.query_map(params![to.0, Moment(claim.now), limit(share)], read)? {
            candidates.push(candidate?);
        }
    }
    candidates.sort_unstable();
    let mut room = Room::of(claim);
    candidates.retain(|candidate| room.take(candidate.to));
    Ok(candidates)
}

/// Walks the subscriptions that have deliveries with a next attempt: one step in the index each.
#[derive(Default)]
struct Waiting {
    last: Option<i64>,
}

impl Waiting {
    fn next(&mut self, db: &Connection) -> Result<Option<SubscriptionId>, Fault> {
        const SQL: &str = "SELECT min(subscription) FROM delivery INDEXED BY delivery_due
            WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL AND subscription > ?1";
        let after = self.last.unwrap_or(i64::MIN);
        let next: Option<i64> = db.prepare_cached(SQL)?.query_row([after], |row| row.get(0))?;
        self.last = next;
        Ok(next.map(SubscriptionId))
    }
}

/// When a delivery is due next, claims counted from their lease's end.
pub(super) fn due(db: &Connection) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT next_attempt_at_ms, lease_until_ms FROM delivery INDEXED BY delivery_order
        WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL ORDER BY next_attempt_at_ms";
    earliest(&mut db.prepare_cached(SQL)?.query([])?)
}

/// When the first delivery is due after `now`, whatever is due already.
pub(super) fn due_after(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT min(next_attempt_at_ms) FROM delivery INDEXED BY delivery_order
        WHERE state = 'pending' AND next_attempt_at_ms IS NOT NULL AND next_attempt_at_ms > ?1";
    let next: Option<Moment> = db.prepare_cached(SQL)?.query_row([Moment(now)], |row| row.get(0))?;
    Ok(next.map(|Moment(at)| at))
}

/// Leaves a delivery to be tried again.
pub(super) fn retry(db: &Connection, id: DeliveryId, at: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery SET next_attempt_at_ms = ?2, held_ms = NULL, lease_until_ms = 0 WHERE id = ?1";
    db.prepare_cached(SQL)?.execute(params![id.0, Moment(at)])?;
    Ok(())
}

/// Ends a delivery that was not taken.
pub(super) fn finish(db: &Connection, id: DeliveryId, state: DeliveryState) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery SET state = ?2, next_attempt_at_ms = NULL, held_ms = NULL, lease_until_ms = 0
        WHERE id = ?1";
    db.prepare_cached(SQL)?.execute(params![id.0, Word(state)])?;
    Ok(())
}

/// Ends all deliveries of a subscription that wait: those that are pending, and those that are kept.
pub(super) fn end_all(db: &Connection, subscription: SubscriptionId, state: DeliveryState) -> Result<(), Fault> {
    const PENDING: &str = "UPDATE delivery INDEXED BY delivery_line
        SET state = ?2, next_attempt_at_ms = NULL, held_ms = NULL, lease_until_ms = 0
        WHERE state = 'pending' AND subscription = ?1";
    const KEPT: &str = "UPDATE delivery INDEXED BY delivery_finished SET state = ?2
        WHERE state <> 'pending' AND state = 'kept' AND subscription = ?1";
    db.prepare_cached(PENDING)?.execute(params![subscription.0, Word(state)])?;
    if state != DeliveryState::Kept {
        db.prepare_cached(KEPT)?.execute(params![subscription.0, Word(state)])?;
    }
    digest::give_up(db, subscription, state)
}

/// Gives a claimed delivery up without an attempt.
pub(super) fn expire(db: &Connection, claim: &DeliveryClaim, now: Timestamp) -> Result<(), Fault> {
    if !holds(db, claim)? {
        return Ok(());
    }
    let event = line_of(db, claim.id)?;
    finish(db, claim.id, DeliveryState::Expired)?;
    line::line_up(db, claim.subscription.id, event, now)?;
    line::let_follow(db, claim.subscription.id, claim.id, now)
}

/// Gives a claimed delivery back without an attempt.
pub(super) fn put_back(db: &Connection, claim: &DeliveryClaim, at: Timestamp) -> Result<(), Fault> {
    if !holds(db, claim)? {
        return Ok(());
    }
    retry(db, claim.id, at)?;
    line::line_up(db, claim.subscription.id, line_of(db, claim.id)?, at)
}

/// Whether nobody else has the delivery since.
fn holds(db: &Connection, claim: &DeliveryClaim) -> Result<bool, Fault> {
    const HOLDS: &str = "SELECT EXISTS (SELECT 1 FROM delivery WHERE id = ?1 AND state = 'pending' AND fence = ?2)";
    Ok(db.prepare_cached(HOLDS)?.query_row([claim.id.0, claim.fence], |row| row.get(0))?)
}

/// The line that a delivery stands in: its event's, or that of its digest's parts.
fn line_of(db: &Connection, id: DeliveryId) -> Result<Option<EventId>, Fault> {
    const SQL: &str = "SELECT event FROM delivery WHERE id = ?1";
    Ok(db.prepare_cached(SQL)?.query_row([id.0], |row| row.get::<_, Option<i64>>(0))?.map(EventId))
}

/// Makes a finished delivery pending again, with all its attempts before it; a disabled subscription is served again. One that waits to
/// be tried again is tried at once.
pub(super) fn replay(db: &Db, delivery: DeliveryId, now: Timestamp) -> Result<bool, Fault> {
    const FIND: &str = "SELECT subscription, event, state = 'pending' FROM delivery WHERE id = ?1";
    let read = |row: &Row<'_>| {
        Ok((SubscriptionId(row.get(0)?), row.get::<_, Option<i64>>(1)?.map(EventId), row.get::<_, bool>(2)?))
    };
    let Some((to, event, is_pending)) = db.prepare_cached(FIND)?.query_row([delivery.0], read).optional()? else {
        return Ok(false);
    };
    if is_pending {
        return Ok(health::hasten(db, to, (Some(delivery), Timestamp::MIN), now)? > 0);
    }
    if serve_again(db, to, now)?.is_none() {
        return Ok(false);
    }
    make_pending(db, delivery, now)?;
    line::line_up(db, to, event, now)?;
    Ok(true)
}

/// Makes a delivery that ended pending and due, as if it had just been made; which one of its line is due is for [`line`] to say.
pub(super) fn make_pending(db: &Connection, delivery: DeliveryId, now: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery SET state = 'pending', replayed_at_ms = ?2, next_attempt_at_ms = ?2,
            held_ms = NULL, delivered_at_ms = NULL, attempts = 0, lease_until_ms = 0, fence = 0
        WHERE id = ?1 AND state <> 'pending'";
    db.prepare_cached(SQL)?.execute(params![delivery.0, Moment(now)])?;
    Ok(())
}

pub(super) fn read_delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        notification: read_notification(row)?,
        id: DeliveryId(row.get(8)?),
        subscription: (SubscriptionId(row.get(9)?), row.get(10)?),
        state: row.get::<_, Word<DeliveryState>>(11)?.0,
        created_at: row.get::<_, Moment>(12)?.0,
        replayed_at: row.get::<_, Option<Moment>>(15)?.map(|m| m.0),
        next_attempt_at: row.get::<_, Option<Moment>>(13)?.map(|m| m.0),
        delivered_at: row.get::<_, Option<Moment>>(14)?.map(|m| m.0),
        attempts: Vec::new(),
    })
}

pub(super) fn with_attempts(db: &Connection, mut delivery: Delivery) -> Result<Delivery, Fault> {
    const SQL: &str = "SELECT at_ms, took_ms, status, detail, times FROM attempt WHERE delivery = ?1 ORDER BY rowid";
    let read = |row: &Row<'_>| {
        Ok(Attempt {
            at: row.get::<_, Moment>(0)?.0,
            took: row.get::<_, Span>(1).map_or(Duration::ZERO, |s| s.0),
            status: row.get(2)?,
            detail: row.get(3)?,
            times: row.get(4)?,
        })
    };
    delivery.attempts = db.prepare_cached(SQL)?.query_map([delivery.id.0], read)?.collect::<Result<_, _>>()?;
    Ok(delivery)
}

/// One delivery.
pub(super) fn one(db: &Connection, id: DeliveryId) -> Result<Option<Delivery>, Fault> {
    const SQL: &str = listing!("WHERE d.id = ?1");
    let found = db.prepare_cached(SQL)?.query_row([id.0], read_delivery).optional()?;
    found.map(|delivery| with_attempts(db, delivery)).transpose()
}

/// What was told because of a story, oldest first.
pub(super) fn of_story(db: &Connection, story: StoryId) -> Result<Vec<Delivery>, Fault> {
    const SQL: &str = listing!("WHERE n.story = ?1 ORDER BY d.id");
    let found: Vec<Delivery> =
        db.prepare_cached(SQL)?.query_map([story.0], read_delivery)?.collect::<Result<_, _>>()?;
    found.into_iter().map(|delivery| with_attempts(db, delivery)).collect()
}

/// Who was told of an event because of the stories that are in it.
pub(super) fn of_event(db: &Connection, event: EventId, most: usize) -> Result<TellingsOfEvent, Fault> {
    // What was sent again says nothing of how soon it came.
    const COUNT: &str = "SELECT count(DISTINCT d.subscription),
            min(d.delivered_at_ms) FILTER (WHERE d.replayed_at_ms IS NULL)
        FROM (SELECT DISTINCT story FROM decision WHERE event = ?1 AND moved = 0) m
            JOIN notification n ON n.story = m.story JOIN delivery d ON d.notification = n.num
        WHERE n.topic = (SELECT topic FROM event WHERE id = ?1) AND d.state = 'delivered'";
    const SQL: &str = listing!(
        "WHERE n.story IN (SELECT story FROM decision WHERE event = ?1 AND moved = 0)
            AND n.topic = (SELECT topic FROM event WHERE id = ?1)
        ORDER BY d.id LIMIT ?2"
    );
    let count = |row: &Row<'_>| Ok((row.get::<_, Count>(0)?.0, row.get::<_, Option<Moment>>(1)?.map(|m| m.0)));
    let (subscriptions, first_at) = db.prepare_cached(COUNT)?.query_row([event.0], count)?;
    let found: Vec<Delivery> =
        db.prepare_cached(SQL)?.query_map(params![event.0, limit(most)], read_delivery)?.collect::<Result<_, _>>()?;
    let deliveries = found.into_iter().map(|delivery| with_attempts(db, delivery)).collect::<Result<_, _>>()?;
    Ok(TellingsOfEvent { subscriptions, first_at, deliveries })
}

/// Which finished deliveries are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finished {
    /// All that are past their time.
    All,
    /// Not those that are kept for a subscription that is disabled: they are sent when it is enabled.
    ButForKept,
}

/// Deletes finished deliveries made before `before`, oldest first; gives how many.
///
/// Deliveries are numbered in the order they are made, so the walk ends at the first that is younger: unless a clock that was
/// put back since dated it ([`Walk`]). The ids of their notifications stay, so that none is told again.
pub(super) fn forget(db: &Connection, before: Timestamp, most: usize, which: Finished) -> Result<usize, Fault> {
    const OLD: &str = "SELECT id, notification, created_at_ms, state FROM delivery ORDER BY id";
    const NEWEST: &str = "SELECT created_at_ms FROM delivery ORDER BY id DESC LIMIT 1";
    const DELETE: &str = "DELETE FROM delivery WHERE id = ?1";
    const BODY: &str = "UPDATE notification SET body = ''
        WHERE num = ?1 AND NOT EXISTS (SELECT 1 FROM delivery WHERE notification = ?1)";
    let mut walk = Walk::new(before, most, db.prepare_cached(NEWEST)?.query_row([], |row| row.get(0)).optional()?);
    {
        let mut statement = db.prepare_cached(OLD)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let state = row.get::<_, Word<DeliveryState>>(3)?.0;
            let is_kept = state == DeliveryState::Kept && which == Finished::ButForKept;
            let goes = !is_kept && !matches!(state, DeliveryState::Pending | DeliveryState::Held);
            let found = goes.then_some((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
            if walk.passes(row.get::<_, Moment>(2)?.0, found) == Onward::Ends {
                break;
            }
        }
    }
    let old = walk.into_old();
    for (delivery, notification) in &old {
        db.prepare_cached(DELETE)?.execute([delivery])?;
        db.prepare_cached(BODY)?.execute([notification])?;
    }
    Ok(old.len())
}
