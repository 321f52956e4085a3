//! Days as they are written.

use jiff::civil::Date;

/// Reads a day written as `2021-11-03`, and nothing else: a time without its offset is none.
pub fn day(text: &str) -> Option<Date> {
    let is_whole = text.len() == "2021-11-03".len() && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    text.parse().ok().filter(|_| is_whole)
}
