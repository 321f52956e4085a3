//! The store's verbs of devices (browsers subscribed by Web Push): a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::StoreError;
use crate::model::{Secret, Subscription, SubscriptionSpec, WebUrl};

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Devices {
    /// The private VAPID key, once there is one.
    fn vapid_key(&mut self) -> Result<Option<Secret>, StoreError>;
    /// Keeps a new private VAPID key, unless there is one already; gives the one that is kept.
    fn keep_vapid_key(&mut self, made: &Secret, now: Timestamp) -> Result<Secret, StoreError>;
    /// The subscription in force of the device with this endpoint.
    fn device(&mut self, endpoint: &WebUrl) -> Result<Option<Subscription>, StoreError>;
    /// Writes a device's subscription, the one that is there under its endpoint or, if it has got another one, under
    /// `replaces`: that keeps its number and what waits for it. `None` where there are `most` devices already.
    fn subscribe_device(
        &mut self,
        spec: &SubscriptionSpec,
        replaces: Option<&WebUrl>,
        most: usize,
        now: Timestamp,
    ) -> Result<Option<Subscription>, StoreError>;
}
