//! What a person asks for: a notification for one subscription alone, and a test of one.
//!
//! Tests may be asked for by the thousand, so each costs few looks: nothing is read back that was written a moment before.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::column::Moment;
use super::fault::Fault;
use super::line::{Addressee, addressee};
use super::outbox::{self, Put, Whom, listing, notification_columns, read_delivery, unverified, with_attempts};
use crate::model::{Delivery, DeliveryId, DeliveryState, Notification, SubscriptionId, SubscriptionState};

/// Makes a notification for one subscription; refused where that is not served.
pub(super) fn notify(db: &Connection, told: &Notification, to: SubscriptionId) -> Result<Delivery, Fault> {
    match addressee(db, to)? {
        Some(of) if of.state == SubscriptionState::Active => deliver(db, told, (to, of)),
        Some(Addressee { state: SubscriptionState::Unverified, .. }) => Err(unverified(to)),
        Some(_disabled) => Err(Fault::Refused(format!("subscription {to} is disabled: enable it first"))),
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
        Some(of) if of.state == SubscriptionState::Active => deliver(db, &make(&of.name), (to, of)).map(Ok),
        not_served => Ok(Err(not_served.map(|of| of.state))),
    }
}

/// Tells a subscription that is served, and gives its delivery as it is shown.
fn deliver(db: &Connection, told: &Notification, (to, of): (SubscriptionId, Addressee)) -> Result<Delivery, Fault> {
    const SQL: &str = listing!("WHERE n.id = ?1 AND d.subscription = ?2");
    let put = outbox::put(db, told, Whom::One(to, of.terms))?;
    let made = if let Some(Put { is_new: true, due: Some(id), .. }) = put {
        Some(just_made(id, told, (to, of.name)))
    } else {
        let held = db.prepare_cached(SQL)?.query_row(params![told.id.0, to.0], read_delivery).optional()?;
        held.map(|held| with_attempts(db, held)).transpose()?
    };
    made.ok_or_else(|| Fault::Refused(format!("notification {} was made and deleted before", told.id)))
}

/// The delivery of a notification that was not there before, and is due since: nobody has tried it yet.
fn just_made(id: DeliveryId, told: &Notification, subscription: (SubscriptionId, String)) -> Delivery {
    let created_at = Moment(told.created_at).as_kept();
    Delivery {
        notification: Notification { created_at, ..told.clone() },
        id,
        subscription,
        state: DeliveryState::Pending,
        created_at,
        replayed_at: None,
        next_attempt_at: Some(created_at),
        delivered_at: None,
        attempts: Vec::new(),
    }
}
