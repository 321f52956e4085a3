//! Rung 1: dates as publishers write them, read into instants.
//!
//! Architecture invariant: no clock is read here, so a date without a year is no date, and nothing is ever invented.

mod calendar;
mod clock;
mod manner;
mod markup;
mod moment;
mod month;
mod named;
mod numeric;
mod parse;
mod token;
mod weekday;
mod zone;

pub use manner::Manner;
pub use moment::{Moment, Precision, is_day, is_of_web, is_on_day};
pub use month::{month_beside_day, month_named};
pub use parse::{parse, tells_change, tells_publication};
pub use token::may_name_year;
pub use weekday::weekday_named;
