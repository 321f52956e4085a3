//! What a subscription is not told after all: a story that it hears of by another topic, and what holds no longer before it is sent.
//!
//! Neither is lost: each is a delivery in a state of its own, which says why, can be sent by hand, and is told in the place of the other
//! should that be taken back.

use std::collections::BTreeSet;

use rusqlite::{Connection, Row, params};

use super::column::{Moment, Word};
use super::fault::Fault;
use super::{audience, outbox};
use crate::model::{DeliveryState, EventId, Notification, NotificationType, StoryId, SubscriptionId, TakenBack};

/// Whether a delivery was sent, or is to be.
macro_rules! is_heard {
    () => {
        "d.state IN ('pending', 'delivered', 'held', 'digested', 'kept')"
    };
}

/// Who hears the same of the same story by another topic: of its opening whenever that was, of all else what was decided at the same moment.
pub(super) fn heard_elsewhere(db: &Connection, told: &Notification) -> Result<BTreeSet<SubscriptionId>, Fault> {
    const SQL: &str = concat!(
        "SELECT d.subscription FROM notification n JOIN delivery d ON d.notification = n.num
        WHERE n.story = ?1 AND n.topic <> ?2 AND n.kind = ?3 AND (?4 OR n.created_at_ms = ?5) AND ",
        is_heard!()
    );
    let (Some(story), Some(topic)) = (told.story, told.topic.as_ref()) else { return Ok(BTreeSet::new()) };
    let whenever = told.kind == NotificationType::EventOpened;
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
    delivery: i64,
    to: SubscriptionId,
    kind: NotificationType,
    event: Option<i64>,
}

/// Takes back what stories that are off a topic would still tell. Who was to hear by them of an event that goes on hears of it by another
/// story; who was not told of them on another topic for that, is.
pub(super) fn take_back(db: &Connection, taken: &TakenBack) -> Result<(), Fault> {
    const WAITS: &str = "SELECT d.id, d.subscription, n.kind, d.event
        FROM notification n JOIN delivery d ON d.notification = n.num
        WHERE n.story = ?1 AND n.topic = ?2 AND n.kind IN ('event.opened', 'event.updated')
            AND d.state IN ('held', 'kept') ORDER BY d.id";
    const UNHEARD: &str = "DELETE FROM audience WHERE event = ?1 AND subscription = ?2";
    let read = |row: &Row<'_>| {
        let kind = row.get::<_, Word<NotificationType>>(2)?.0;
        Ok(Waiting { delivery: row.get(0)?, to: SubscriptionId(row.get(1)?), kind, event: row.get(3)? })
    };
    for story in &taken.stories {
        let waiting: Vec<Waiting> = db
            .prepare_cached(WAITS)?
            .query_map(params![story.0, taken.topic.as_str()], read)?
            .collect::<Result<_, _>>()?;
        for waits in waiting {
            if waits.kind == NotificationType::EventOpened {
                tell_repeat(db, *story, &waits)?;
            }
            withdraw(db, waits.delivery)?;
            if waits.kind != NotificationType::EventOpened {
                continue;
            }
            match &taken.instead {
                Some((told, takers)) if takers.contains(&waits.to) => {
                    if let Some(num) = outbox::tell(db, told, &[waits.to])? {
                        audience::put_aside(db, num)?;
                    }
                }
                Some(_) | None => {
                    db.prepare_cached(UNHEARD)?.execute(params![waits.event, waits.to.0])?;
                }
            }
        }
    }
    Ok(())
}

fn withdraw(db: &Connection, delivery: i64) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery SET state = ?2, next_attempt_at_ms = NULL WHERE id = ?1";
    db.prepare_cached(SQL)?.execute(params![delivery, Word(DeliveryState::Withdrawn)])?;
    Ok(())
}

/// Puts what was left out because of a delivery into its place.
fn tell_repeat(db: &Connection, story: StoryId, waits: &Waiting) -> Result<(), Fault> {
    const SQL: &str = "UPDATE delivery SET (state, next_attempt_at_ms) = (
            SELECT state, next_attempt_at_ms FROM delivery WHERE id = ?1)
        WHERE id = (SELECT min(d.id) FROM notification n JOIN delivery d ON d.notification = n.num
            WHERE n.story = ?2 AND n.kind = ?3 AND d.subscription = ?4 AND d.state = ?5)";
    let (kind, state) = (Word(waits.kind), Word(DeliveryState::Repeat));
    db.prepare_cached(SQL)?.execute(params![waits.delivery, story.0, kind, waits.to.0, state])?;
    Ok(())
}

/// Of an event that went into another, takes back the openings that are not sent yet, for whom the other was opened.
pub(super) fn take_back_opening(db: &Connection, gone: EventId, into: EventId) -> Result<(), Fault> {
    const WAIT: &str = "SELECT d.id, d.subscription
        FROM (SELECT DISTINCT story FROM decision WHERE event = ?1) m
            JOIN notification n ON n.story = m.story JOIN delivery d ON d.notification = n.num
        WHERE d.event = ?1 AND n.kind = 'event.opened' AND d.state IN ('held', 'kept')";
    const HEARD: &str = concat!(
        "SELECT EXISTS (SELECT 1
            FROM (SELECT DISTINCT story FROM decision WHERE event = ?1) m
            JOIN notification n ON n.story = m.story JOIN delivery d ON d.notification = n.num AND d.subscription = ?3
        WHERE d.event <> ?2 AND n.kind = 'event.opened' AND n.topic = (SELECT topic FROM event WHERE id = ?1) AND ",
        is_heard!(),
        ")"
    );
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let waiting: Vec<(i64, i64)> = db.prepare_cached(WAIT)?.query_map([gone.0], read)?.collect::<Result<_, _>>()?;
    for (delivery, to) in waiting {
        if db.prepare_cached(HEARD)?.query_row([into.0, gone.0, to], |row| row.get(0))? {
            withdraw(db, delivery)?;
        }
    }
    Ok(())
}
