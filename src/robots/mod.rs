//! Rung 2: what a host's `robots.txt` allows ([RFC 9309](https://www.rfc-editor.org/rfc/rfc9309)).
//!
//! Owns the reading of the file and the question whether a path may be asked for. When it is fetched, and how long an
//! answer holds, is the daemon's.
//!
//! Architecture invariants: any bytes are read, what can't be read forbids nothing; the time of a match grows with the
//! length of the path times that of the rule, whatever stars it holds.

mod pattern;
mod rules;

pub use rules::{BYTES_MAX, Rules, Verdict};
