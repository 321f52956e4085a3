//! Devices: browsers subscribed by Web Push, known by their endpoints, and the key that they subscribe to.

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::SqliteStore;
use super::column::Moment;
use super::db::{Db, Spot};
use super::fault::Fault;
use super::subscription::{self, HeldSubscription};
use crate::model::{Origin, Secret, Subscription, SubscriptionSpec, WebUrl};
use crate::port::{Devices, StoreError};

impl Devices for SqliteStore {
    fn vapid_key(&mut self) -> Result<Option<Secret>, StoreError> {
        self.read("vapid_key", key)
    }

    fn keep_vapid_key(&mut self, made: &Secret, now: Timestamp) -> Result<Secret, StoreError> {
        self.write("keep_vapid_key", |db| keep_key(db, made, now))
    }

    fn device(&mut self, endpoint: &WebUrl) -> Result<Option<Subscription>, StoreError> {
        self.read("device", |db| {
            let held = subscription::of_device(db, endpoint)?;
            Ok(held.filter(|held| !held.retired).map(|held| held.subscription))
        })
    }

    fn subscribe_device(
        &mut self,
        spec: &SubscriptionSpec,
        replaces: Option<&WebUrl>,
        most: usize,
        now: Timestamp,
    ) -> Result<Option<Subscription>, StoreError> {
        self.write("subscribe_device", |db| subscribe(db, spec, replaces, most, now))
    }
}

/// The one row of its table.
const VAPID: i64 = 1;

fn key(db: &Db) -> Result<Option<Secret>, Fault> {
    const SQL: &str = "SELECT secret FROM vapid";
    let read = |row: &Row<'_>| db.opened(row, 0, Spot::VapidSecret, VAPID);
    Ok(db.prepare_cached(SQL)?.query_row([], read).optional()?.map(Secret::new))
}

fn keep_key(db: &Db, made: &Secret, now: Timestamp) -> Result<Secret, Fault> {
    const SQL: &str = "INSERT INTO vapid (id, secret, made_at_ms) VALUES (?3, ?1, ?2) ON CONFLICT (id) DO NOTHING";
    let sealed = db.seal(Spot::VapidSecret, VAPID, made.reveal())?;
    db.prepare_cached(SQL)?.execute(params![sealed, Moment(now), VAPID])?;
    key(db)?.ok_or_else(|| Fault::Refused("the key was written and is not there".to_owned()))
}

fn subscribe(
    db: &Db,
    spec: &SubscriptionSpec,
    replaces: Option<&WebUrl>,
    most: usize,
    now: Timestamp,
) -> Result<Option<Subscription>, Fault> {
    let Some(endpoint) = spec.endpoint.url() else {
        return Err(Fault::Refused("a mailbox is no device".to_owned()));
    };
    let held = subscription::of_device(db, endpoint)?;
    let replaced = match replaces {
        Some(old) if old != endpoint => subscription::of_device(db, old)?.filter(|old| !old.retired),
        Some(_) | None => None,
    };
    let is_new = held.as_ref().is_none_or(|held| held.retired) && replaced.is_none();
    if is_new && count(db)? >= most {
        return Ok(None);
    }
    let id = match (held, replaced) {
        (Some(held), old) => {
            old.map_or(Ok(0), |old| subscription::retire(db, old.subscription.id))?;
            renew(db, &held, spec, now)?;
            held.subscription.id
        }
        (None, Some(old)) => {
            renew(db, &old, spec, now)?;
            old.subscription.id
        }
        (None, None) => subscription::insert(db, spec, Origin::Api, now)?,
    };
    Ok(subscription::one(db, id)?.map(|held| held.subscription))
}

/// Writes only what changed: a device tells of its subscription whenever the page is opened.
fn renew(db: &Db, held: &HeldSubscription, spec: &SubscriptionSpec, now: Timestamp) -> Result<(), Fault> {
    if held.retired || held.subscription.spec != *spec {
        subscription::redeclare(db, held, spec, Origin::Api, now)?;
    }
    Ok(())
}

fn count(db: &Db) -> Result<usize, Fault> {
    const SQL: &str = "SELECT count(*) FROM subscription INDEXED BY subscription_counted
        WHERE kind = 'web-push' AND retired = 0";
    let count: i64 = db.prepare_cached(SQL)?.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}
