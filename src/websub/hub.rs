//! The hub's half: who asks to follow a feed of ours, whether the callback meant it, what is posted to it and when
//! ([sections 5 and 7](https://www.w3.org/TR/websub/#subscribing-and-unsubscribing)).
//!
//! Each step is a function from the follower as it stood to the follower as it stands; the daemon carries out what follows.

mod life;
mod petition;
mod request;

pub use life::{Fate, Next, is_confirmation, next, petitioned, posted, unchanged, verified};
pub use petition::{PetitionFault, petition};
pub use request::{Post, post, verification};

#[cfg(test)]
mod tests;
