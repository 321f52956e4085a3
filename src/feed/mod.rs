//! Rung 2: a feed document to entries.
//!
//! Architecture invariant: reading never fails and never panics; what went wrong is a [`crate::model::Problem`].
//! feed-rs is named here only, and stands behind guards: it gets text that was decoded and repaired, nested no deeper
//! than [`DEPTH_MAX`], and a panic of its is caught. JSON Feed is read by us, more leniently than by it.

mod json;
mod parse;
mod repair;
mod xml;

pub use parse::{DEPTH_MAX, Hints, parse};

#[cfg(test)]
mod tests;
