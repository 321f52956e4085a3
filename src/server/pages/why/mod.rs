//! Why: what was decided of a story or of an event, by which rule, with which numbers, and what became of it; and for who may
//! change things, what puts a wrong decision right.

mod correct;
mod event;
mod outcome;
mod reasons;
mod steps;
mod story;
mod told;

pub(super) use correct::{labels, mark, merge, split};
pub(super) use event::event;
pub(super) use story::story;

/// Deliveries shown at most.
const DELIVERIES_MAX: usize = 100;
