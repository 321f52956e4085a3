//! All of the store in pages, and the view in which they belong together.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::claim::limit;
use super::column::Moment;
use super::fault::Fault;
use super::outbox::{
    NOTIFICATION_COLUMNS, listing, notification_columns, read_delivery, read_notification, with_attempts,
};
use super::{SqliteStore, decision, event, survey};
use crate::model::{Decision, Delivery, DeliveryId, Event, EventId, Notification, Sequence, StoryId};
use crate::port::{Exports, Revision, StoreError};

impl Exports for SqliteStore {
    fn begin_view(&mut self) -> Result<(), StoreError> {
        self.view()
    }

    fn end_view(&mut self) -> Result<(), StoreError> {
        self.view_ends()
    }

    fn history(&mut self, story: StoryId) -> Result<(Vec<Revision>, Vec<Decision>), StoreError> {
        self.read("history", |db| Ok((survey::revisions(db, story)?, decision::of_story(db, story)?)))
    }

    fn all_events(&mut self, since: Timestamp, after: EventId, most: usize) -> Result<Vec<Event>, StoreError> {
        self.read("all_events", |db| events(db, since, after, most))
    }

    fn all_notifications(
        &mut self,
        since: Timestamp,
        after: Sequence,
        most: usize,
    ) -> Result<Vec<(Sequence, Notification)>, StoreError> {
        self.read("all_notifications", |db| notifications(db, since, after, most))
    }

    fn all_deliveries(
        &mut self,
        since: Timestamp,
        after: DeliveryId,
        most: usize,
    ) -> Result<Vec<Delivery>, StoreError> {
        self.read("all_deliveries", |db| deliveries(db, since, after, most))
    }
}

fn events(db: &Connection, since: Timestamp, after: EventId, most: usize) -> Result<Vec<Event>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        event::event_columns!(),
        " FROM event WHERE id > ?1 AND changed_at_ms >= ?2 ORDER BY id LIMIT ?3"
    );
    let asked = params![after.0, Moment(since), limit(most)];
    Ok(db.prepare_cached(SQL)?.query_map(asked, event::read)?.collect::<Result<_, _>>()?)
}

fn notifications(
    db: &Connection,
    since: Timestamp,
    after: Sequence,
    most: usize,
) -> Result<Vec<(Sequence, Notification)>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        notification_columns!(),
        ", n.num FROM notification n WHERE n.num > ?1 AND n.created_at_ms >= ?2 ORDER BY n.num LIMIT ?3"
    );
    let found = db
        .prepare_cached(SQL)?
        .query_map(params![after.0, Moment(since), limit(most)], |row| {
            Ok((Sequence(row.get(NOTIFICATION_COLUMNS)?), read_notification(row)?))
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

fn deliveries(db: &Connection, since: Timestamp, after: DeliveryId, most: usize) -> Result<Vec<Delivery>, Fault> {
    const SQL: &str = listing!("WHERE d.id > ?1 AND d.created_at_ms >= ?2 ORDER BY d.id LIMIT ?3");
    let found: Vec<Delivery> = db
        .prepare_cached(SQL)?
        .query_map(params![after.0, Moment(since), limit(most)], read_delivery)?
        .collect::<Result<_, _>>()?;
    found.into_iter().map(|delivery| with_attempts(db, delivery)).collect()
}
