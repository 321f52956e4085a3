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

/// An hour of the day, on a working day or on a weekend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// 0 to 23, UTC.
    pub(super) hour: u8,
    /// Saturday or Sunday, UTC.
    pub(super) weekend: bool,
}

impl Slot {
    /// The slot that a moment falls in.
    pub(super) fn of(at: Timestamp) -> Self {
        let secs = at.as_second();
        let hour = secs.rem_euclid(DAY) / HOUR;
        // 1970 began on a Thursday, so day 2 was a Saturday.
        let weekend = matches!(secs.div_euclid(DAY).rem_euclid(7), 2 | 3);
        Self { hour: u8::try_from(hour).unwrap_or(0), weekend }
    }
}

#[cfg(test)]
impl Slot {
    /// All 48 slots, each with its share of a week.
    pub(super) fn all() -> impl Iterator<Item = (Self, f64)> {
        [(false, 5.0), (true, 2.0)]
            .into_iter()
            .flat_map(|(weekend, days)| (0..24).map(move |hour| (Self { hour, weekend }, days / (7.0 * 24.0))))
    }

    /// The place of this slot in the order of [`Slot::all`].
    pub(super) fn index(self) -> usize {
        usize::from(self.hour) + if self.weekend { HOURS } else { 0 }
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
        Self { days: until.days - from.days, weekend: until.weekend() - from.weekend(), from, until }
    }

    /// Of it, in an hour of the day.
    pub(super) fn hour(&self, hour: u8) -> f64 {
        self.until.hour(hour) - self.from.hour(hour)
    }
}

/// Days since a Monday, 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Since {
    days: f64,
}

impl Since {
    fn monday(at: Timestamp) -> Self {
        // 1970 began on a Thursday; the Monday before it was three days earlier.
        Self { days: at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64() / DAY_SECS + 3.0 }
    }

    fn weekend(self) -> f64 {
        let weeks = (self.days / 7.0).floor();
        2.0 * weeks + (self.days - 7.0 * weeks - 5.0).clamp(0.0, 2.0)
    }

    fn hour(self, hour: u8) -> f64 {
        let whole = self.days.floor();
        whole / 24.0 + ((self.days - whole) - f64::from(hour) / 24.0).clamp(0.0, 1.0 / 24.0)
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
    fn a_moment_falls_in_an_hour_of_a_working_day_or_of_a_weekend() {
        assert_eq!(slot("2024-11-15T23:59:59Z"), Slot { hour: 23, weekend: false });
        assert_eq!(slot("2024-11-16T00:00:00Z"), Slot { hour: 0, weekend: true });
        assert_eq!(slot("2024-11-17T12:30:00Z"), Slot { hour: 12, weekend: true });
        assert_eq!(slot("2024-11-18T00:00:00Z"), Slot { hour: 0, weekend: false });
        assert_eq!(slot("1969-12-28T01:00:00Z"), Slot { hour: 1, weekend: true });
    }

    #[test]
    fn slots_stand_at_their_index_and_their_shares_make_a_week() {
        let shares: f64 = Slot::all().map(|(_, share)| share).sum();
        assert!((shares - 1.0).abs() < 1e-12);
        assert!(Slot::all().enumerate().all(|(index, (slot, _))| slot.index() == index));
    }
}
