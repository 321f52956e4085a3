//! The readers' page: what happened, newest first, for people without curl.
//!
//! Rendered here, with no script: whatever a feed says goes through `markup`, which escapes it, and the
//! Content-Security-Policy would let nothing else run.

mod front;
mod markup;

pub(super) use front::{front, style};
