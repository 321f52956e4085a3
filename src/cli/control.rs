//! The daemon's control socket: another process asks by a line of JSON, and is answered by one (`tidings reload`).
//!
//! It is a Unix socket that root and the daemon's own user may connect to: its mode says so, and the kernel's word on who
//! connects is asked besides. What is asked and answered is bounded, and the daemon says what came of it in the text that the
//! asking command shows, so that a command and a daemon of different versions understand each other.

mod asker;
mod desk;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use asker::{ask, is_heard, ring};
pub(super) use desk::{Asked, Desk, in_words};

/// A question is a few words; more is none of ours.
const QUESTION_BYTES_MAX: u64 = 4 << 10;
/// An answer holds the problems of a whole configuration at most.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Question {
    /// For what: [`RELOAD`] or [`RING`].
    ask: String,
    /// How wide the screen is that will show the answer.
    columns: usize,
}

/// Asks the daemon to read its configuration anew.
const RELOAD: &str = "reload";

/// Tells the daemon that deliveries were made.
const RING: &str = "ring";

impl Question {
    /// Says that deliveries were made, which are due.
    fn ring() -> Self {
        Self { ask: RING.to_owned(), columns: 0 }
    }

    /// Asks for a reload, to be told on a screen of `columns`.
    pub(super) fn reload(columns: usize) -> Self {
        Self { ask: RELOAD.to_owned(), columns }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The asking command's exit code.
    exit: u8,
    /// For people.
    pub(super) text: String,
    /// For programs, where there is more than the exit code says.
    pub(super) record: Option<Value>,
}
