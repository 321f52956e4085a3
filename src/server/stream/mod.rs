//! `/v1/stream`: the log of notifications as server-sent events (WHATWG HTML, section 9.2), as it grows.
//!
//! A stream has no queue. It has a place in the log and reads on from there when its client has taken what was read before: from
//! the store, or, at the log's end, from what one task read there for all of them. Both are the same log in the same order, so
//! there is no seam between what is replayed and what is new, and a slow reader costs no memory.

mod feed;
mod frame;
mod latest;
mod open;
mod pages;
mod seats;
mod tail;

pub use open::Streams;
pub(super) use open::open;
pub(super) use pages::follow;
