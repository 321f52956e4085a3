//! Replays recorded posts against a way of scheduling, on a virtual clock: the same decisions as the daemon's, cold,
//! with no network.
//!
//! The rules, so that figures can be compared: time 0 is a Monday, 00:00 UTC. Each feed's first poll falls somewhere in
//! the first mean interval. A poll sees what was posted up to it; a document shows the newest 20 posts, and what fell
//! out of it between two polls is lost to learning and counted. Each post waits from its moment to the first poll after
//! it. Posts and requests count from hour 12 to the end, which is the last post's time rounded up to six hours.

mod contender;
mod drive;
mod rival;
mod score;
mod trace;

pub use contender::Contender;
pub use drive::{Replay, replay};
pub use score::{Ratios, Score};
pub use trace::Trace;

#[cfg(test)]
mod tests;
