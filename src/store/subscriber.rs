//! What subscriptions need besides what they are told: secrets that take each other's place.

use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::SqliteStore;
use super::db::Db;
use super::document::{Document, Stored};
use super::fault::Fault;
use super::self_service;
use super::subscription;
use super::verification;
use crate::model::{Asked, OldSecret, Origin, Secret, Subscription, SubscriptionId, SubscriptionSpec, Verification};
use crate::port::{ClaimVerifications, StoreError, Subscribers, TokenHash};

impl Subscribers for SqliteStore {
    fn rotate_secret(
        &mut self,
        id: SubscriptionId,
        new: &Secret,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<(Subscription, usize)>, StoreError> {
        self.write("rotate_secret", |db| rotate(db, id, new, until, now))
    }

    fn tend_subscriptions(&mut self, now: Timestamp) -> Result<usize, StoreError> {
        self.write("tend_subscriptions", |db| Ok(drop_old(db, now)? + self_service::end_unproved(db, now)?))
    }

    fn add_self_service(
        &mut self,
        spec: &SubscriptionSpec,
        token: &TokenHash,
        most: usize,
        now: Timestamp,
    ) -> Result<Option<SubscriptionId>, StoreError> {
        self.write("add_self_service", |db| self_service::add(db, spec, token, most, now))
    }

    fn self_service(&mut self, token: &TokenHash) -> Result<Option<Subscription>, StoreError> {
        self.read("self_service", |db| self_service::of_token(db, token))
    }

    fn change_self_service(
        &mut self,
        id: SubscriptionId,
        spec: &SubscriptionSpec,
        now: Timestamp,
    ) -> Result<Option<Subscription>, StoreError> {
        self.write("change_self_service", |db| self_service::change(db, id, spec, now))
    }

    fn revive_self_service(&mut self, id: SubscriptionId, now: Timestamp) -> Result<bool, StoreError> {
        self.write("revive_self_service", |db| self_service::revive(db, id, now))
    }

    fn verification_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        self.read("verification_due", |db| verification::due(db))
    }

    fn claim_verifications(&mut self, claim: &ClaimVerifications) -> Result<Vec<Verification>, StoreError> {
        self.write("claim_verifications", |db| verification::claim(db, claim))
    }

    fn verification(&mut self, id: SubscriptionId) -> Result<Option<Verification>, StoreError> {
        self.read("verification", |db| verification::one(db, id))
    }

    fn settle_verification(&mut self, asked: &Asked, not_before: Timestamp) -> Result<bool, StoreError> {
        self.write("settle_verification", |db| verification::settle(db, asked, not_before))
    }
}

/// A subscription's old secrets, as they stand in its row: never to be shown, so without `Debug`.
#[derive(Serialize, Deserialize)]
pub(super) struct OldSecretsRow {
    v: u32,
    secrets: Vec<OldSecretRow>,
}

#[derive(Serialize, Deserialize)]
struct OldSecretRow {
    secret: String,
    until_ms: i64,
}

impl Stored for OldSecretsRow {
    fn version(&self) -> u32 {
        self.v
    }
}

impl OldSecretsRow {
    /// `None` where there are none.
    pub(super) fn of(old: &[OldSecret]) -> Option<Document<Self>> {
        let secrets: Vec<_> = old
            .iter()
            .map(|old| OldSecretRow { secret: old.secret.reveal().to_owned(), until_ms: old.until.as_millisecond() })
            .collect();
        (!secrets.is_empty()).then_some(Document(Self { v: 1, secrets }))
    }

    /// Times that can't be are long over.
    pub(super) fn into_model(self) -> Vec<OldSecret> {
        let read = |row: OldSecretRow| OldSecret {
            secret: Secret::new(row.secret),
            until: Timestamp::from_millisecond(row.until_ms).unwrap_or(Timestamp::MIN),
        };
        self.secrets.into_iter().map(read).collect()
    }
}

fn rotate(
    db: &Db,
    id: SubscriptionId,
    new: &Secret,
    until: Timestamp,
    now: Timestamp,
) -> Result<Option<(Subscription, usize)>, Fault> {
    let held = subscription::one(db, id)?.filter(|held| !held.retired).map(|held| held.subscription);
    let Some(mut subscription) = held.filter(|s| s.origin == Origin::Api) else { return Ok(None) };
    let Some(over) = subscription.spec.rotate(new.clone(), until, now) else { return Ok(None) };
    put_secrets(db, id, &subscription.spec)?;
    // As it is kept: times to the millisecond.
    Ok(subscription::one(db, id)?.map(|held| (held.subscription, over)))
}

fn put_secrets(db: &Db, id: SubscriptionId, spec: &SubscriptionSpec) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET secret = ?2, old_secrets = ?3 WHERE id = ?1";
    let keys = subscription::Keys::of(db, id, spec)?;
    db.prepare_cached(SQL)?.execute(params![id.0, keys.secret, keys.old_secrets])?;
    Ok(())
}

/// Deletes old secrets whose time is over; gives how many subscriptions had any.
fn drop_old(db: &Db, now: Timestamp) -> Result<usize, Fault> {
    // Retired ones have none.
    const SQL: &str = "SELECT id FROM subscription INDEXED BY subscription_current
        WHERE retired = 0 AND old_secrets IS NOT NULL";
    let held: Vec<i64> = db.prepare_cached(SQL)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut changed = 0;
    for id in held.into_iter().map(SubscriptionId) {
        let Some(mut held) = subscription::one(db, id)? else { continue };
        if held.subscription.spec.drop_old(now) {
            put_secrets(db, id, &held.subscription.spec)?;
            changed += 1;
        }
    }
    Ok(changed)
}
