//! The store's verbs of what subscriptions want, and when: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::StoreError;
use crate::model::{DeliveryClaim, Filter, Hearing, Manner, Pacing, SubscriptionId};

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Wants {
    /// Who hears of the events that a story joined since.
    fn hearings(&mut self, since: Timestamp) -> Result<Vec<Hearing>, StoreError>;
    /// Makes the digests that are due, of a few subscriptions; gives how many.
    fn make_digests(&mut self, now: Timestamp) -> Result<usize, StoreError>;
    /// Gives a claimed delivery up without an attempt: it is older than its subscription wants to be told of.
    fn expire(&mut self, claim: &DeliveryClaim, now: Timestamp) -> Result<(), StoreError>;
    /// Gives a claimed delivery back without an attempt, to be claimed again at that moment.
    fn put_back(&mut self, claim: &DeliveryClaim, at: Timestamp) -> Result<(), StoreError>;
    /// Gives a subscription of [`crate::model::Origin::Api`] another filter, manner and pace. `false` where there is none such.
    fn change_subscription(
        &mut self,
        subscription: SubscriptionId,
        filter: &Filter,
        manner: &Manner,
        pacing: Pacing,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
}
