//! The store's verbs that hand out all of it, page after page: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::{Revision, StoreError};
use crate::model::{Decision, Delivery, DeliveryId, Event, EventId, Notification, Sequence, StoryId};

/// The verbs. What they give is in the order of numbers, above `after`.
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Exports {
    /// Begins a view: until [`Exports::end_view`] every verb that reads sees the store as it is now, whatever others write
    /// meanwhile; verbs that write are refused. While it lasts the log beside the file can't be taken up, and grows.
    fn begin_view(&mut self) -> Result<(), StoreError>;
    /// Ends the view.
    fn end_view(&mut self) -> Result<(), StoreError>;
    /// Earlier revisions of a story, and what was decided of it, the oldest first.
    fn history(&mut self, story: StoryId) -> Result<(Vec<Revision>, Vec<Decision>), StoreError>;
    /// Events that changed at or after `since`; those that went into another and those without stories too.
    fn all_events(&mut self, since: Timestamp, after: EventId, limit: usize) -> Result<Vec<Event>, StoreError>;
    /// Notifications made at or after `since`; those whose body retention took have none, and those that are not in the log
    /// are given too.
    fn all_notifications(
        &mut self,
        since: Timestamp,
        after: Sequence,
        limit: usize,
    ) -> Result<Vec<(Sequence, Notification)>, StoreError>;
    /// Deliveries made at or after `since`, with their attempts.
    fn all_deliveries(
        &mut self,
        since: Timestamp,
        after: DeliveryId,
        limit: usize,
    ) -> Result<Vec<Delivery>, StoreError>;
}
