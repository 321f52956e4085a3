//! The readers' page: what happened, newest first, for people without curl.
//!
//! Rendered here, and read without any script: whatever a feed says goes through `markup`, which escapes it. The scripts
//! that subscribe a browser are files of their own (`assets`), and the Content-Security-Policy lets nothing else run.

mod assets;
mod front;
mod markup;

pub(super) use assets::{icon, manifest, script, style, worker};
pub(super) use front::front;
