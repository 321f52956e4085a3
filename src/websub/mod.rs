//! Rung 2: `WebSub` ([W3C Recommendation](https://www.w3.org/TR/websub/)). Here the subscriber's half: what a feed announces,
//! what a hub is asked, what its requests mean, and how a push channel lives; in [`hub`] the hub's.
//!
//! A channel is asked for, verified by the hub, renewed well before its lease ends, and ended when the publisher names
//! another hub or the source leaves. Each step is a function from the channel as it stood to the channel as it stands; the
//! daemon carries out what follows. When a pushed source is still polled is `schedule::backed_up`'s to say.
//!
//! Architecture invariant: a secret (the callback's token, the key of signatures) leaves this room in a hub's request only.

mod announcement;
mod life;
mod link;
mod question;
mod request;
mod signature;

pub mod hub;

pub use announcement::{Announcement, Heed, announced, heed};
pub use life::{After, Policy, answered, asking, begun, ended, forgotten, rehomed};
pub use question::{Question, Reply, reply};
pub use request::{callback, request};
pub use signature::{SignatureFault, check};

#[cfg(test)]
mod tests;
