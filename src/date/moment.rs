//! A date with how much of it is told.

use jiff::Timestamp;

/// How exactly a date is told, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// A month, or a year: it stands for its first day.
    Month,
    /// A day; a midnight that is told of UTC, or of no zone, is one, too: many systems make that of a day.
    Day,
    /// A day and a time, but nowhere in particular: taken as UTC.
    Time,
    /// An instant.
    Instant,
}

/// A date as far as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Its instant, or what stands for it.
    pub at: Timestamp,
    /// How exactly it is told.
    pub precision: Precision,
}

/// 1990-01-01: nothing on the web is older.
const WEB: i64 = 631_152_000;

const DAY_SECS: i64 = 86_400;
const HOUR_SECS: i64 = 3_600;
/// Zones are whole quarters of an hour, from twelve hours west of Greenwich to fourteen east.
const ZONE_STEP_SECS: i64 = 900;
const ZONES_SECS: std::ops::RangeInclusive<i64> = -43_200..=50_400;
/// Of the same time told twice one may lack the seconds.
const SECONDS_MAX: i64 = 59;

/// Whether something on the web may be so old.
pub fn is_of_web(at: Timestamp) -> bool {
    at.as_second() >= WEB
}

/// Whether a moment may be a day without a time.
pub fn is_day(at: Timestamp) -> bool {
    at.as_second().rem_euclid(DAY_SECS) == 0
}

/// Whether an instant lies on a day, given by its first moment at Greenwich, somewhere between Kiribati and Greenwich: further west
/// the next day's morning would count, too.
pub fn is_on_day(day: Timestamp, at: Timestamp) -> bool {
    let after = at.as_second().saturating_sub(day.as_second());
    (-14 * HOUR_SECS..DAY_SECS).contains(&after)
}

impl Moment {
    /// A date told so exactly; midnight of UTC is a day where that is what was written, and not another zone's morning.
    pub(super) fn new(at: Timestamp, precision: Precision, is_midnight: bool) -> Self {
        Self { at, precision: if is_midnight && is_day(at) { precision.min(Precision::Day) } else { precision } }
    }

    /// Whether `other` tells the same more exactly: the time of this day, or the zone of this time.
    pub fn is_told_better_by(self, other: Self) -> bool {
        let behind = self.at.as_second().saturating_sub(other.at.as_second());
        // A time of no zone is one of the day that it names.
        let is_of_day = || match other.precision {
            Precision::Instant => is_on_day(self.at, other.at),
            Precision::Time | Precision::Day | Precision::Month => (-DAY_SECS + 1..=0).contains(&behind),
        };
        other.precision > self.precision
            && match self.precision {
                Precision::Day => is_of_day(),
                Precision::Time => {
                    let seconds = (behind + SECONDS_MAX).rem_euclid(ZONE_STEP_SECS);
                    ZONES_SECS.contains(&behind) && seconds <= SECONDS_MAX * 2
                }
                Precision::Month | Precision::Instant => false,
            }
    }

    /// Whether something on the web may be so old.
    pub fn is_of_web(self) -> bool {
        is_of_web(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::{Moment, Precision};
    use crate::date::Manner;

    fn read(text: &str) -> Moment {
        Manner::default().moment(text).unwrap()
    }

    #[test]
    fn a_date_says_how_exactly_it_is_told() {
        let precision = |text| read(text).precision;
        let months = ["2021-12", "202112", "2021"].map(precision);
        assert_eq!(months, [Precision::Month; 3]);
        let days =
            ["2021-12-06", "20211206", "2021-12-06T00:00:00Z", "Mon, 06 Dec 2021 00:00:00 -0000", "2021년 12월 6일"]
                .map(precision);
        assert_eq!(days, [Precision::Day; 5]);
        assert_eq!(["2021-12-06T18:04:00", "06.12.2021 18:04", "20211206180400"].map(precision), [Precision::Time; 3]);
        let instants =
            ["2021-12-06T18:04:00Z", "Mon, 06 Dec 2021 18:04 +0300", "1638803040", "6 Dec 2021, 3:04 p.m. EST"];
        assert_eq!(instants.map(precision), [Precision::Instant; 4]);
        let midnights = ["Mon, 06 Dec 2021 00:00:00 GMT", "Mon, 06 Dec 2021 00:00:00 UT", "20211206T000000z"];
        assert_eq!(midnights.map(precision), [Precision::Day; 3]);
        let evening = "Mon, 06 Dec 2021 19:00:00 EST";
        assert_eq!(precision(evening), Precision::Instant, "midnight at Greenwich, and not what was written");
    }

    #[test]
    fn the_time_of_a_day_and_the_zone_of_a_time_tell_the_same_better() {
        let better = |one: &str, other: &str| read(one).is_told_better_by(read(other));
        assert!(better("2021-12-06", "2021-12-06T18:30:00-05:00"));
        assert!(!better("2021-12-06", "2021-12-07T09:00:00+08:00"), "the next morning");
        assert!(
            !better("2021-12-06", "2021-12-07 06:30") && !better("2021-12-06", "2021-12-05 20:30"),
            "another day's time"
        );
        let morning = "Mon, 06 Dec 2021 08:00:00 +0800";
        assert_eq!(read(morning).precision, Precision::Instant, "a morning is no day");
        assert!(
            !better(morning, "2021-12-06T09:00:00+08:00") && !better("6 Dec 2021 8:00 +0800", "2021-12-06T09:00:00Z")
        );
        assert!(better("2021-12-06", "06.12.2021 18:04"));
        assert!(better("2021-12-06T18:04:00", "2021-12-06T18:04:33+03:00"));
        assert!(better("2021-12-06T18:04:33", "2021-12-06T18:04:00+05:45"));
        assert!(!better("2021-12-06T18:04:00", "2021-12-06T19:11:00+03:00"), "another time");
        assert!(!better("2021-12-06T18:04:00Z", "2021-12-06T18:04:00+03:00"), "both are exact");
        assert!(!better("2021-12-06", "2021-12-08T10:00:00Z"), "another day");
        assert!(!better("2021-12", "2021-12-01T10:00:00Z"));
    }
}
