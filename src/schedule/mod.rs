//! Rung 2: when a source is polled next, and how it fares.
//!
//! Owns the interval of good polls, the back-off of failed ones, and health. Which sources are due, and keeping hosts
//! apart, is the store's and the daemon's.
//!
//! Architecture invariant: a decision rests on its arguments alone, chance included, so every one can be replayed.

mod hints;
mod next;
mod pace;
mod price;
mod rate;
mod replay;

pub use next::{Next, Poll, PollPolicy, next};
pub use pace::{Crowd, Intensity, Pace};
pub use price::{Due, Price, Terms};
pub use replay::{PolicyKind, Report, Trial, replay};
