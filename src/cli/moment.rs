//! Moments as people say them: read from arguments, shown seen from now.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::text::day;

/// Reads a moment: `2021-11-03`, `2021-11-03T12:00:00Z`, or how long ago: `24h`, `3d`.
pub(super) fn parse(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    if let Some(date) = day(text) {
        return date.to_zoned_datetime(TimeZone::UTC).map(|zoned| zoned.timestamp()).map_err(|why| why.to_string());
    }
    let wrong = || {
        format!(
            "{text:?} is no moment (expected a date such as 2021-11-03, a time such as 2021-11-03T12:00:00Z, or how long ago: 24h, 3d)"
        )
    };
    let span: Span = text.parse().map_err(|_not_a_span| wrong())?;
    let zoned = now.to_zoned_datetime(TimeZone::UTC);
    zoned.checked_sub(span).map(|zoned| zoned.timestamp()).map_err(|_too_far| wrong())
}

/// Reads the moment until which something is meant: that of a day is its end.
pub(super) fn parse_end(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    match day(text.trim()).and_then(|day| day.tomorrow().ok()) {
        Some(next) => parse(&next.to_string(), now),
        None => parse(text, now),
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Says when `at` is, seen from `now`; beyond a fortnight as a date.
pub(super) fn relative(now: Timestamp, at: Timestamp) -> String {
    let seconds = at.as_second().saturating_sub(now.as_second());
    let size = seconds.saturating_abs();
    let amount = match size {
        0..5 => return "now".to_owned(),
        5..120 => format!("{size} s"),
        120..7_200 => format!("{} min", size / MINUTE),
        7_200..172_800 => format!("{} h", size / HOUR),
        172_800..1_209_600 => format!("{} d", size / DAY),
        _ => return at.to_zoned_datetime(TimeZone::UTC).strftime("%Y-%m-%d").to_string(),
    };
    if seconds > 0 { format!("in {amount}") } else { format!("{amount} ago") }
}

/// Says how long it took from one moment to another: `1.2 s`, `12 min`.
pub(super) fn between(from: Timestamp, to: Timestamp) -> String {
    let millis = to.as_millisecond().saturating_sub(from.as_millisecond());
    match millis {
        ..0 => "0 ms".to_owned(),
        0..1_000 => format!("{millis} ms"),
        1_000..120_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        120_000..7_200_000 => format!("{} min", millis / 60_000),
        7_200_000..172_800_000 => format!("{} h", millis / 3_600_000),
        _ => format!("{} d", millis / 86_400_000),
    }
}
