//! The store's verbs of endpoints' health: a part of [`super::Store`] in a file of its own.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::StoreError;
use crate::model::{Delivery, EndpointHealth, Notification, Replay, SubscriptionId, SubscriptionState, Trouble};

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Endpoints {
    /// The trouble that a subscription's endpoint is in; `None`: it is well.
    fn trouble(&mut self, subscription: SubscriptionId) -> Result<Option<Trouble>, StoreError>;
    /// How the endpoints of subscriptions in force fare, of all or of one.
    fn health(&mut self, only: Option<SubscriptionId>) -> Result<BTreeMap<SubscriptionId, EndpointHealth>, StoreError>;
    /// Disables a subscription because an operator says so: what waits is kept, and so is what it is told from now on.
    /// `false` where it is not served anyway.
    fn disable_subscription(&mut self, subscription: SubscriptionId, now: Timestamp) -> Result<bool, StoreError>;
    /// Serves a disabled subscription again and makes pending what it missed, oldest first, under the same ids; gives how
    /// many deliveries. `None` where it is not disabled.
    fn enable_subscription(
        &mut self,
        subscription: SubscriptionId,
        replay: Replay,
        now: Timestamp,
    ) -> Result<Option<usize>, StoreError>;
    /// Makes pending again, oldest first, what a subscription was to be told since a moment and did not end delivered; gives how
    /// many deliveries. Refused where the subscription is not served.
    fn recover(&mut self, subscription: SubscriptionId, since: Timestamp, now: Timestamp) -> Result<usize, StoreError>;
    /// Makes a test of a subscription that is served: what `make` gives for its name. Of one that is not served it gives the state, `None`
    /// where there is no such one in force.
    fn test_subscription(
        &mut self,
        subscription: SubscriptionId,
        make: &dyn Fn(&str) -> Notification,
    ) -> Result<Result<Delivery, Option<SubscriptionState>>, StoreError>;
}
