//! Rung 2: feeds as published (RSS 0.9x, 1.0, 2.0, Atom 0.3, 1.0, JSON Feed), read into entries.
//!
//! Architecture invariant: `feed-rs` is named here only. It is never shown what comes from the network: a document is
//! decoded, mended into well-formed XML and measured first, and a panic of the reader becomes a problem of that document.

mod entity;
mod json;
mod map;
mod mend;
mod parse;
mod root;
mod tag;

pub use parse::{Hints, parse};

#[cfg(test)]
mod tests;
