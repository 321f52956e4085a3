//! What a person asks for: a notification for one subscription alone, and a test of one.
//!
//! Tests may be asked for by the thousand, so each costs few looks: nothing is read back that was written a moment before.

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{Moment, Word};
use super::fault::Fault;
use super::outbox::{self, Put, listing, notification_columns, read_delivery, unverified, with_attempts};
use super::subscription::addressee;
use crate::model::{Delivery, DeliveryId, DeliveryState, Notification, SubscriptionId, SubscriptionState};

/// Makes a notification for one subscription; refused where that is not served.
pub(super) fn notify(db: &Connection, told: &Notification, to: SubscriptionId) -> Result<Delivery, Fault> {
    match addressee(db, to)? {
        Some((name, SubscriptionState::Active)) => deliver(db, told, (to, name)),
        Some((_, SubscriptionState::Unverified)) => Err(unverified(to)),
        Some((_, SubscriptionState::Disabled)) => {
            Err(Fault::Refused(format!("subscription {to} is disabled: enable it first")))
        }
        None => Err(Fault::Refused(format!("there is no subscription {to}"))),
    }
}

/// Makes the notification that `make` gives for a subscription's name, where that is served; else gives its state, `None` where there is none.
pub(super) fn test(
    db: &Connection,
    to: SubscriptionId,
    make: &dyn Fn(&str) -> Notification,
) -> Result<Result<Delivery, Option<SubscriptionState>>, Fault> {
    match addressee(db, to)? {
        Some((name, SubscriptionState::Active)) => {
            let told = make(&name);
            deliver(db, &told, (to, name)).map(Ok)
        }
        not_served => Ok(Err(not_served.map(|(_, state)| state))),
    }
}

/// Tells a subscription that is served, and gives its delivery as it is shown.
fn deliver(db: &Connection, told: &Notification, to: (SubscriptionId, String)) -> Result<Delivery, Fault> {
    const SQL: &str = listing!("WHERE n.id = ?1 AND d.subscription = ?2");
    let put = outbox::put(db, told, &[to.0])?;
    let made = if let Some(Put { num, is_new: true }) = put {
        just_made(db, (num, told), to)?
    } else {
        let held = db.prepare_cached(SQL)?.query_row(params![told.id.0, to.0.0], read_delivery).optional()?;
        held.map(|held| with_attempts(db, held)).transpose()?
    };
    made.ok_or_else(|| Fault::Refused(format!("notification {} was made and deleted before", told.id)))
}

/// The delivery of a notification that was not there before: nobody has tried it yet.
fn just_made(
    db: &Connection,
    (num, told): (i64, &Notification),
    subscription: (SubscriptionId, String),
) -> Result<Option<Delivery>, Fault> {
    const SQL: &str = "SELECT id, state, created_at_ms, next_attempt_at_ms FROM delivery
        WHERE notification = ?1 AND subscription = ?2";
    let to = subscription.0;
    let read = |row: &Row<'_>| {
        // As it is kept: in whole milliseconds.
        let Moment(created_at) = row.get(2)?;
        Ok(Delivery {
            notification: Notification { created_at, ..told.clone() },
            id: DeliveryId(row.get(0)?),
            subscription,
            state: row.get::<_, Word<DeliveryState>>(1)?.0,
            created_at,
            replayed_at: None,
            next_attempt_at: row.get::<_, Option<Moment>>(3)?.map(|moment| moment.0),
            delivered_at: None,
            attempts: Vec::new(),
        })
    };
    Ok(db.prepare_cached(SQL)?.query_row([num, to.0], read).optional()?)
}
