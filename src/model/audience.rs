//! Who hears of an event, where that depends on its stories.

use super::{EventId, StoryId, SubscriptionId};

/// That a selective subscription hears of an event: now, or once enough publishers carry it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hearing {
    /// The event.
    pub event: EventId,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The story by which it hears.
    pub story: StoryId,
    /// Whether it was told; else it waits for publishers.
    pub told: bool,
}
