//! The store's verbs of what subscriptions need besides what they are told: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::StoreError;
use crate::model::{Asked, Secret, Subscription, SubscriptionId, SubscriptionSpec, Verification, WebUrl};

/// The SHA-256 of a token, a subscription's own or the API's; the token itself is not kept.
pub type TokenHash = [u8; 32];

/// Which endpoints are to be asked whether they want what they would be told.
#[derive(Debug, Clone)]
pub struct ClaimVerifications {
    /// What is due by now.
    pub now: Timestamp,
    /// Until when nobody else asks them.
    pub lease_until: Timestamp,
    /// At most so many.
    pub limit: usize,
    /// Of those and those under way, so many at one port of a domain.
    pub per_port: usize,
    /// And so many at one domain.
    pub per_domain: usize,
    /// The addresses that are being asked.
    pub under_way: Vec<WebUrl>,
}

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Subscribers {
    /// Signs a webhook of `Origin::Api` with `new` from now on, and with its secret so far until `until`. Gives it as it is now, and
    /// how many old secrets went before their time as there were too many; `None` where there is no such webhook.
    fn rotate_secret(
        &mut self,
        id: SubscriptionId,
        new: &Secret,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<(Subscription, usize)>, StoreError>;
    /// Deletes old secrets whose time is over, and ends self-service subscriptions whose endpoints have proved nothing for an hour.
    /// Gives how many subscriptions changed.
    fn tend_subscriptions(&mut self, now: Timestamp) -> Result<usize, StoreError>;
    /// When an endpoint is to be asked next, claims counted to their lease's end.
    fn verification_due(&mut self) -> Result<Option<Timestamp>, StoreError>;
    /// Claims unverified subscriptions whose endpoints are to be asked by now: those that were never asked before those that were, and
    /// the longest due first. They are due again after the lease.
    fn claim_verifications(&mut self, claim: &ClaimVerifications) -> Result<Vec<Verification>, StoreError>;
    /// How it stands with an unverified subscription; `None` with any other.
    fn verification(&mut self, id: SubscriptionId) -> Result<Option<Verification>, StoreError>;
    /// Writes what came of asking an endpoint. One that proved it is served, and what was told since its subscription was unverified,
    /// not before `not_before`, is sent. `false`, with nothing written, where this endpoint is no longer to prove anything.
    fn settle_verification(&mut self, asked: &Asked, not_before: Timestamp) -> Result<bool, StoreError>;
    /// Adds a subscription that is known by a token of its own; `None` where there are `most` of those already.
    fn add_self_service(
        &mut self,
        spec: &SubscriptionSpec,
        token: &TokenHash,
        most: usize,
        now: Timestamp,
    ) -> Result<Option<SubscriptionId>, StoreError>;
    /// The subscription in force with this token.
    fn self_service(&mut self, token: &TokenHash) -> Result<Option<Subscription>, StoreError>;
    /// Writes such a subscription as it is wanted now; at another address it is unverified again. `None` where it has ended.
    fn change_self_service(
        &mut self,
        id: SubscriptionId,
        spec: &SubscriptionSpec,
        now: Timestamp,
    ) -> Result<Option<Subscription>, StoreError>;
    /// Lets such a subscription that was disabled for how its endpoint fares prove anew that it is wanted, in the time that a new one has;
    /// then it is sent what it missed. Any other stays as it is. `false`: an operator disabled it, and nothing else enables it.
    fn revive_self_service(&mut self, id: SubscriptionId, now: Timestamp) -> Result<bool, StoreError>;
}
