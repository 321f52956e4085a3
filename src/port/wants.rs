//! The store's verbs of what subscriptions want, and when: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::StoreError;
use crate::model::Hearing;

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Wants {
    /// Who hears of the events that a story joined since.
    fn hearings(&mut self, since: Timestamp) -> Result<Vec<Hearing>, StoreError>;
}
