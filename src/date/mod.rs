//! Rung 1: dates as publishers write them, read into instants.
//!
//! Architecture invariant: no clock is read here, so a date without a year is no date, and nothing is ever invented.

mod month;
mod parse;
mod zone;

pub use month::month_named;
pub use parse::parse;
