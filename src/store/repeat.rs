//! What a subscription is not told after all: a story that it hears of by another topic, and what holds no longer before it is sent.
//!
//! Neither is lost: each is a delivery in a state of its own, which says why and can be sent by hand. The first is told in the place of
//! the other should that be taken back, and what was taken back is told should it hold again.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, Row, params};

use super::column::{Moment, Word};
use super::fault::Fault;
use super::outbox;
use crate::model::{
    DeliveryState, Notification, NotificationId, NotificationType, StoryId, SubscriptionId, TakenBack, TopicKey,
};

/// Who hears the same of the same story by another topic: of its opening whenever that was, of an update what was decided at the same moment.
///
/// What was given up is not heard, nor what was told in a digest that was, nor what is kept of a time before the subscription was enabled.
pub(super) fn heard_elsewhere(db: &Connection, told: &Notification) -> Result<BTreeSet<SubscriptionId>, Fault> {
    const SQL: &str = "SELECT d.subscription FROM notification n JOIN delivery d ON d.notification = n.num
        WHERE n.story = ?1 AND n.topic <> ?2 AND n.kind = ?3 AND (?4 OR n.created_at_ms = ?5)
            AND (d.state IN ('pending', 'delivered', 'held')
                OR d.state = 'digested' AND EXISTS (SELECT 1 FROM delivery g
                    WHERE g.id = d.digest AND g.state IN ('pending', 'delivered', 'kept'))
                OR d.state = 'kept' AND EXISTS (SELECT 1 FROM subscription s
                    WHERE s.id = d.subscription AND s.state <> 'active'))";
    let (Some(story), Some(topic)) = (told.story, told.topic.as_ref()) else { return Ok(BTreeSet::new()) };
    let whenever = told.kind == NotificationType::EventOpened;
    // What else is told of events names them by number, and each topic has its own.
    if !whenever && told.kind != NotificationType::EventUpdated {
        return Ok(BTreeSet::new());
    }
    let values = params![story.0, topic.as_str(), Word(told.kind), whenever, Moment(told.created_at)];
    Ok(db.prepare_cached(SQL)?.query_map(values, subscription)?.collect::<Result<_, _>>()?)
}

fn subscription(row: &Row<'_>) -> rusqlite::Result<SubscriptionId> {
    row.get(0).map(SubscriptionId)
}

/// Keeps that a subscription would have heard of a story again.
pub(super) fn leave_out(db: &Connection, (num, told): (i64, &Notification), to: SubscriptionId) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO delivery (notification, subscription, event, state, created_at_ms)
        SELECT ?1, s.id, ?3, ?4, ?5 FROM subscription s WHERE s.id = ?2 AND s.retired = 0
        ON CONFLICT (notification, subscription) DO NOTHING";
    let event = told.event.map(|event| event.0);
    db.prepare_cached(SQL)?.execute(params![num, to.0, event, Word(DeliveryState::Repeat), Moment(told.created_at)])?;
    Ok(())
}

/// A delivery that waits for a digest, or for its subscription to be enabled.
struct Waiting {
    state: Word<DeliveryState>,
    next_attempt_at_ms: Option<i64>,
    to: i64,
    kind: Word<NotificationType>,
    decided: Moment,
    story: StoryId,
}

/// Takes back what stories that are off a topic would still tell there, of events that have no other. Who was not told of them on another
/// topic for that, is.
pub(super) fn take_back(db: &Connection, taken: &[TakenBack]) -> Result<(), Fault> {
    let mut waiting = Vec::new();
    for TakenBack { topic, stories } in taken {
        for story in stories {
            waiting.extend(withdraw(db, topic, *story)?);
        }
    }
    // Only then, as one of them may be of a topic that the story is off, too.
    for waits in waiting {
        tell_repeat(db, &waits)?;
    }
    Ok(())
}

/// Takes back what waits; gives that of which others were left out.
fn withdraw(db: &Connection, topic: &TopicKey, story: StoryId) -> Result<Vec<Waiting>, Fault> {
    const WAITS: &str = "SELECT d.state, d.next_attempt_at_ms, d.subscription, n.kind, n.created_at_ms
        FROM notification n JOIN delivery d ON d.notification = n.num
        WHERE n.story = ?1 AND n.topic = ?2 AND n.kind IN ('event.opened', 'event.updated')
            AND d.state IN ('held', 'kept') ORDER BY d.id";
    const WITHDRAW: &str = "UPDATE delivery SET state = ?3, next_attempt_at_ms = NULL WHERE id IN (SELECT d.id
        FROM notification n JOIN delivery d ON d.notification = n.num
        WHERE n.story = ?1 AND n.topic = ?2 AND n.kind IN ('event.opened', 'event.updated')
            AND d.state IN ('held', 'kept', 'repeat'))";
    let read = |row: &Row<'_>| {
        Ok(Waiting {
            state: row.get(0)?,
            next_attempt_at_ms: row.get(1)?,
            to: row.get(2)?,
            kind: row.get(3)?,
            decided: row.get(4)?,
            story,
        })
    };
    let key = params![story.0, topic.as_str()];
    let waiting = db.prepare_cached(WAITS)?.query_map(key, read)?.collect::<Result<_, _>>()?;
    db.prepare_cached(WITHDRAW)?.execute(params![story.0, topic.as_str(), Word(DeliveryState::Withdrawn)])?;
    Ok(waiting)
}

/// Puts what was left out because of a delivery into its place.
fn tell_repeat(db: &Connection, waits: &Waiting) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery SET state = ?1, next_attempt_at_ms = ?2
        WHERE id = (SELECT min(d.id) FROM notification n JOIN delivery d ON d.notification = n.num
            WHERE n.story = ?3 AND n.kind = ?4 AND (n.kind = 'event.opened' OR n.created_at_ms = ?5)
                AND d.subscription = ?6 AND d.state = 'repeat')";
    let Waiting { state, next_attempt_at_ms, to, kind, decided, story } = waits;
    db.prepare_cached(SQL)?.execute(params![state, next_attempt_at_ms, story.0, kind, decided, to])?;
    Ok(())
}

/// Tells what was taken back, as a story is on the topic after all.
pub(super) fn give_back(db: &Connection, topic: &TopicKey, story: StoryId) -> Result<(), Fault> {
    const SQL: &str = "SELECT n.id, d.subscription FROM notification n JOIN delivery d ON d.notification = n.num
        WHERE n.story = ?1 AND n.topic = ?2 AND d.state = ?3 ORDER BY n.num, d.id";
    let mut all: BTreeMap<NotificationId, Vec<SubscriptionId>> = BTreeMap::new();
    let read = |row: &Row<'_>| Ok((NotificationId(row.get(0)?), SubscriptionId(row.get(1)?)));
    let key = params![story.0, topic.as_str(), Word(DeliveryState::Withdrawn)];
    for row in db.prepare_cached(SQL)?.query_map(key, read)? {
        let (id, to) = row?;
        all.entry(id).or_default().push(to);
    }
    for (id, to) in all {
        if let Some(told) = outbox::notification(db, &id)? {
            outbox::tell(db, &told, &to)?;
        }
    }
    Ok(())
}

/// Makes room for deliveries that were taken back and are made again.
pub(super) fn forget_withdrawn(db: &Connection, notification: i64, to: &[SubscriptionId]) -> Result<(), Fault> {
    const ANY: &str = "SELECT 1 FROM delivery WHERE notification = ?1 AND state = 'withdrawn'";
    const FORGET: &str = "DELETE FROM delivery WHERE notification = ?1 AND subscription = ?2 AND state = 'withdrawn'";
    if db.prepare_cached(ANY)?.exists([notification])? {
        for subscription in to {
            db.prepare_cached(FORGET)?.execute([notification, subscription.0])?;
        }
    }
    Ok(())
}
