//! Where a moment falls in the day and in the week, in UTC: the grid on which a source's habits are learnt.

use jiff::Timestamp;

/// Hours of a day.
pub(super) const HOURS: usize = 24;
/// Seconds of an hour.
pub(super) const HOUR_SECS: f64 = 3_600.0;
/// Seconds of a day.
pub(super) const DAY_SECS: f64 = 86_400.0;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// An hour of a day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// 0 to 23, UTC.
    pub(super) hour: u8,
    /// 0 to 6, from Monday.
    pub(super) day: u8,
}

impl Slot {
    /// The slot that a moment falls in.
    pub(super) fn of(at: Timestamp) -> Self {
        let secs = at.as_second();
        // 1970 began on a Thursday.
        let day = (secs.div_euclid(DAY) + 3).rem_euclid(7);
        Self { hour: u8::try_from(secs.rem_euclid(DAY) / HOUR).unwrap_or(0), day: u8::try_from(day).unwrap_or(0) }
    }

    /// Whether it is on a Saturday or Sunday.
    pub(super) fn is_weekend(self) -> bool {
        self.day >= 5
    }

    /// The hour after it.
    pub(super) fn next(self) -> Self {
        if self.hour < 23 { Self { hour: self.hour + 1, ..self } } else { Self { hour: 0, day: (self.day + 1) % 7 } }
    }
}

/// How much of a stretch of time fell in each hour of the day, and how much on weekends, in days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    /// The whole.
    pub(super) days: f64,
    /// Of it, on weekends.
    pub(super) weekend: f64,
    from: Since,
    until: Since,
}

impl Stretch {
    /// From one moment to a later one; nothing when it is not later.
    pub(super) fn between(from: Timestamp, until: Timestamp) -> Self {
        let (from, until) = (Since::monday(from), Since::monday(until.max(from)));
        let days = f64::from(until.whole - from.whole) + until.part - from.part;
        Self { days, weekend: until.weekend() - from.weekend(), from, until }
    }

    /// Of it, in each hour of the day.
    pub(super) fn hours(&self) -> [f64; HOURS] {
        const HOUR: f64 = 1.0 / 24.0;
        let whole = f64::from(self.until.whole - self.from.whole) * HOUR;
        let mut hours = [whole; HOURS];
        let mut began = 0.0;
        for hour in &mut hours {
            *hour += (self.until.part - began).clamp(0.0, HOUR) - (self.from.part - began).clamp(0.0, HOUR);
            began += HOUR;
        }
        hours
    }
}

/// Days since a Monday, 00:00 UTC: whole ones, and the part of the last.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Since {
    whole: i32,
    part: f64,
}

impl Since {
    fn monday(at: Timestamp) -> Self {
        // 1970 began on a Thursday; the Monday before it was three days earlier.
        let whole = i32::try_from(at.as_second().div_euclid(DAY) + 3).unwrap_or(i32::MAX);
        let secs = i32::try_from(at.as_second().rem_euclid(DAY)).unwrap_or(0);
        Self { whole, part: (f64::from(secs) + f64::from(at.subsec_nanosecond()) / 1e9) / DAY_SECS }
    }

    fn weekend(self) -> f64 {
        let (weeks, day) = (self.whole.div_euclid(7), self.whole.rem_euclid(7));
        2.0 * f64::from(weeks) + (f64::from(day - 5) + self.part).clamp(0.0, 2.0)
    }
}

/// Seconds since the hour began.
pub(super) fn into_hour(at: Timestamp) -> f64 {
    let whole = i32::try_from(at.as_second().rem_euclid(HOUR)).unwrap_or(0);
    f64::from(whole) + f64::from(at.subsec_millisecond()) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(text: &str) -> Slot {
        Slot::of(text.parse().expect("a moment"))
    }

    #[test]
    fn a_moment_falls_in_an_hour_of_a_day_of_the_week() {
        assert_eq!(slot("2024-11-15T23:59:59Z"), Slot { hour: 23, day: 4 });
        assert_eq!(slot("2024-11-16T00:00:00Z"), slot("2024-11-15T23:59:59Z").next());
        assert_eq!(slot("2024-11-18T00:00:00Z"), slot("2024-11-17T23:00:00Z").next());
        assert!(slot("2024-11-17T12:30:00Z").is_weekend() && !slot("2024-11-18T00:00:00Z").is_weekend());
        assert_eq!(slot("1969-12-28T01:00:00Z"), Slot { hour: 1, day: 6 });
    }

    #[test]
    fn a_stretch_of_time_is_the_sum_of_its_hours_and_knows_its_weekends() {
        let moment = |text: &str| text.parse().expect("a moment");
        let stretch = Stretch::between(moment("2024-11-15T22:30:00Z"), moment("2024-11-17T03:00:00Z"));
        let hours = stretch.hours();
        assert!((hours.iter().sum::<f64>() - stretch.days).abs() < 1e-9 && (stretch.days * 24.0 - 28.5).abs() < 1e-9);
        assert!((stretch.weekend * 24.0 - 27.0).abs() < 1e-9);
        for (hour, times) in [(22, 1.5), (23, 2.0), (2, 2.0), (3, 1.0)] {
            assert!((hours[hour] * 24.0 - times).abs() < 1e-9, "{hour}: {hours:?}");
        }
        let backwards = Stretch::between(moment("2024-11-17T03:00:00Z"), moment("2024-11-15T22:30:00Z"));
        assert!(backwards.days.abs() < 1e-9);
    }
}
