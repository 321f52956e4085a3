//! `/v1/stream`: the log of notifications as server-sent events (WHATWG HTML, section 9.2), as it grows.
//!
//! A stream has no queue. It has a place in the log and reads on from there, from the store, whenever the log's gong
//! rings and its client has taken what was read before: so there is no seam between what is replayed and what is new, and
//! a slow reader costs no memory.

mod frame;
mod latest;
mod open;
mod pages;
mod seats;

pub use open::Streams;
pub(super) use open::open;
pub(super) use pages::follow;
