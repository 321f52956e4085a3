//! Who hears of an event, where that depends on its stories.

use super::{EventId, Notification, StoryId, SubscriptionId};

/// That a selective subscription hears of an event, now or once enough publishers carry it; or that any was told that they do.
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
    /// Whether it was told that so many publishers carry the event, which is told once.
    pub counted: bool,
}

/// That an event opens for some, of which others were told before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateOpening {
    /// How many of the commit's notifications were made before it: an endpoint hears of one event in order.
    pub after: usize,
    /// What is told.
    pub notification: Notification,
    /// Whom.
    pub takers: Vec<SubscriptionId>,
}
