//! The verbs of what subscriptions want, and when.

use jiff::Timestamp;

use super::SqliteStore;
use super::{audience, digest, outbox, subscription};
use crate::model::{DeliveryClaim, Filter, Hearing, Manner, Origin, Pacing, SubscriptionId, SubscriptionSpec};
use crate::port::{StoreError, Wants};

impl Wants for SqliteStore {
    fn hearings(&mut self, since: Timestamp) -> Result<Vec<Hearing>, StoreError> {
        self.read("hearings", |db| audience::since(db, since))
    }

    fn make_digests(&mut self, now: Timestamp) -> Result<usize, StoreError> {
        self.write("make_digests", |db| digest::make(db, now))
    }

    fn expire(&mut self, claim: &DeliveryClaim, now: Timestamp) -> Result<(), StoreError> {
        self.write("expire", |db| outbox::expire(db, claim, now))
    }

    fn put_back(&mut self, claim: &DeliveryClaim, at: Timestamp) -> Result<(), StoreError> {
        self.write("put_back", |db| outbox::put_back(db, claim, at))
    }

    fn change_subscription(
        &mut self,
        id: SubscriptionId,
        filter: &Filter,
        manner: &Manner,
        pacing: Pacing,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write("change_subscription", |db| {
            let held = subscription::one(db, id)?;
            let Some(held) = held.filter(|held| !held.retired && held.subscription.origin == Origin::Api) else {
                return Ok(false);
            };
            let spec = held.subscription.spec.clone();
            let spec = SubscriptionSpec { filter: filter.clone(), manner: manner.clone(), pacing, ..spec };
            subscription::redeclare(db, &held, &spec, Origin::Api, now)?;
            Ok(true)
        })
    }
}
