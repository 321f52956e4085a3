//! What a publisher says of how often to come.

use std::time::Duration;

use jiff::Timestamp;

use super::calendar::{HOURS, Slot};
use crate::model::{Headers, Parsed};

/// Hints are kept up to a day: a page cached for a year is a mistake, not a wish.
pub(super) const HINT_MAX: Duration = Duration::from_hours(24);
/// So many dates in a document tell how often its publisher really posts.
const DATES_MIN: u32 = 3;

/// What a document asks of those who poll it. The default asks nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    /// The wait between polls, in seconds.
    pub(super) wait_secs: u32,
    /// Hours of the day (UTC) in which nothing comes, a bit each.
    pub(super) skip_hours: u32,
    /// Days of the week (from Monday, UTC) on which nothing comes, a bit each.
    pub(super) skip_days: u8,
}

impl Asked {
    /// What a document asks: the longer of `ttl` and the update period, and `skipHours` and `skipDays`
    /// ([RSS 2.0](https://www.rssboard.org/rss-specification), [syndication](https://web.resource.org/rss/1.0/modules/syndication/)).
    ///
    /// Publishing software fills these in with defaults that nobody looks at. So what the document's own dates belie
    /// doesn't count: an update period that is longer than the gaps between its entries, and hours or days to skip on
    /// which it posted.
    pub fn of(document: &Parsed) -> Self {
        let announced = &document.announced;
        let dates = || document.entries.iter().filter_map(|entry| entry.published);
        let period = announced.update_every.filter(|every| mean_gap(dates()).is_none_or(|gap| gap >= *every));
        let ttl = Duration::from_secs(u64::from(announced.ttl_minutes.unwrap_or(0)) * 60);
        let wait = ttl.max(period.unwrap_or_default()).min(HINT_MAX);
        let hours = announced.skip_hours.iter().filter(|hour| usize::from(**hour) < HOURS);
        let days = announced.skip_days.iter().filter(|day| **day < 7);
        let skips = Self {
            wait_secs: u32::try_from(wait.as_secs()).unwrap_or(u32::MAX),
            skip_hours: hours.fold(0, |bits, hour| bits | 1 << hour),
            skip_days: days.fold(0, |bits, day| bits | 1 << day),
        };
        if dates().any(|at| skips.skips(Slot::of(at))) { Self { skip_hours: 0, skip_days: 0, ..skips } } else { skips }
    }

    /// The wait between polls.
    pub(super) fn wait(&self) -> Duration {
        Duration::from_secs(self.wait_secs.into())
    }

    /// The first moment from `at` on that is not to be skipped; `at` where all are.
    pub(super) fn past_skipped(&self, at: Timestamp) -> Timestamp {
        const WEEK_HOURS: usize = 7 * HOURS;
        let mut slot = Slot::of(at);
        for hours in 0..WEEK_HOURS {
            if !self.skips(slot) {
                return if hours == 0 { at } else { hour_start(at, hours) };
            }
            slot = slot.next();
        }
        at
    }

    fn skips(&self, slot: Slot) -> bool {
        self.skip_hours & (1 << slot.hour) != 0 || self.skip_days & (1 << slot.day) != 0
    }
}

/// The start of the hour that is so many hours after the one of `at`.
fn hour_start(at: Timestamp, hours: usize) -> Timestamp {
    let secs = at.as_second() - at.as_second().rem_euclid(3_600);
    let later = secs.saturating_add(i64::try_from(hours).unwrap_or(0) * 3_600);
    Timestamp::from_second(later).unwrap_or(at)
}

/// The mean gap between dates; `None` where there are too few to tell.
fn mean_gap(dates: impl Iterator<Item = Timestamp> + Clone) -> Option<Duration> {
    let (oldest, newest) = (dates.clone().min()?, dates.clone().max()?);
    let gaps = u32::try_from(dates.count()).ok()?.checked_sub(1).filter(|gaps| *gaps + 1 >= DATES_MIN)?;
    Some(Duration::try_from(newest.duration_since(oldest)).ok()? / gaps)
}

/// How long an answer is fresh ([RFC 9111 section 4.2](https://www.rfc-editor.org/rfc/rfc9111#section-4.2)).
pub(super) fn fresh(headers: Option<&Headers>) -> Duration {
    headers.map_or(Duration::ZERO, freshness)
}

/// max-age less Age, else Expires less Date, else nothing; `no-cache` and `no-store` ask for no wait.
fn freshness(headers: &Headers) -> Duration {
    let directives = || {
        let fields = headers.0.iter().filter(|(name, _)| name == "cache-control");
        fields.flat_map(|(_, value)| value.split(',')).map(str::trim)
    };
    if directives().any(|d| d.eq_ignore_ascii_case("no-cache") || d.eq_ignore_ascii_case("no-store")) {
        return Duration::ZERO;
    }
    let max_age = directives().find_map(|directive| {
        let (name, value) = directive.split_once('=')?;
        name.trim().eq_ignore_ascii_case("max-age").then(|| seconds(value.trim().trim_matches('"')))?
    });
    let age = || headers.first("age").and_then(seconds).unwrap_or_default();
    max_age.map(|fresh| fresh.saturating_sub(age())).or_else(|| expires(headers)).unwrap_or_default()
}

fn expires(headers: &Headers) -> Option<Duration> {
    let wait = headers.date("expires")?.duration_since(headers.date("date")?);
    Duration::try_from(wait).ok()
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Announced, Entry};

    fn check(fields: &[(&str, &str)], expected_secs: u64) {
        let headers = Headers(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        assert_eq!(fresh(Some(&headers)), Duration::from_secs(expected_secs), "{fields:?}");
    }

    #[test]
    fn freshness_is_max_age_less_age_or_expires_less_date() {
        check(&[], 0);
        check(&[("cache-control", "public, Max-Age=600")], 600);
        check(&[("cache-control", "public"), ("cache-control", "max-age=\"600\"")], 600);
        check(&[("cache-control", "max-age=600"), ("age", "100")], 500);
        check(&[("cache-control", "max-age=600"), ("age", "900")], 0);
        check(&[("cache-control", "max-age=600, no-cache")], 0);
        check(&[("cache-control", "max-age=-5")], 0);
        check(&[("cache-control", "s-maxage=600")], 0);
        let date = ("date", "Sun, 06 Nov 1994 08:00:00 GMT");
        check(&[date, ("expires", "Sun, 06 Nov 1994 09:00:00 GMT")], 3_600);
        check(&[date, ("expires", "Sun, 06 Nov 1994 07:00:00 GMT")], 0);
        check(&[date, ("expires", "0")], 0);
        check(&[("cache-control", "max-age=60"), date, ("expires", "Sun, 06 Nov 1994 09:00:00 GMT")], 60);
    }

    /// A document with these hints, and entries of 6 December 2021 (a Monday) at these hours.
    fn asked(announced: Announced, hours: &[u8]) -> Asked {
        let entry = |hour: &u8| Entry {
            published: Some(format!("2021-12-06T{hour:02}:30:00Z").parse().expect("a moment")),
            ..Entry::default()
        };
        Asked::of(&Parsed { announced, entries: hours.iter().map(entry).collect(), ..Parsed::default() })
    }

    fn after_skips(asked: Asked, at: &str) -> String {
        asked.past_skipped(at.parse().expect("a moment")).to_string()
    }

    #[test]
    fn the_longer_of_ttl_and_update_period_is_asked_up_to_a_day() {
        let every = |ttl_minutes, hours| Announced {
            ttl_minutes: Some(ttl_minutes),
            update_every: Some(Duration::from_hours(hours)),
            ..Announced::default()
        };
        assert_eq!(asked(every(60, 2), &[]).wait(), Duration::from_hours(2));
        assert_eq!(asked(every(180, 2), &[]).wait(), Duration::from_hours(3));
        assert_eq!(asked(every(u32::MAX, 0), &[]).wait(), Duration::from_hours(24));
    }

    #[test]
    fn what_a_documents_own_dates_belie_is_not_asked() {
        let daily = Announced { update_every: Some(Duration::from_hours(24)), ..Announced::default() };
        assert_eq!(asked(daily.clone(), &[9, 11, 12]).wait(), Duration::ZERO);
        assert_eq!(asked(daily, &[9]).wait(), Duration::from_hours(24));
        let nights = Announced { skip_hours: vec![0, 1, 2, 3], skip_days: vec![5, 6], ..Announced::default() };
        assert_eq!(asked(nights.clone(), &[2, 9]), Asked::default());
        assert_ne!(asked(nights, &[9]), Asked::default());
        assert_eq!(asked(Announced { skip_days: vec![0], ..Announced::default() }, &[9]), Asked::default());
    }

    #[test]
    fn skipped_hours_and_days_are_passed_over_unless_all_are_skipped() {
        let nights =
            asked(Announced { skip_hours: vec![22, 23, 0, 1, 77], skip_days: vec![5, 6], ..Announced::default() }, &[]);
        assert_eq!(after_skips(nights, "2021-12-06T21:59:00Z"), "2021-12-06T21:59:00Z");
        assert_eq!(after_skips(nights, "2021-12-06T22:10:00Z"), "2021-12-07T02:00:00Z");
        assert_eq!(after_skips(nights, "2021-12-10T23:10:00Z"), "2021-12-13T02:00:00Z");
        let always = asked(Announced { skip_hours: (0..24).collect(), ..Announced::default() }, &[]);
        assert_eq!(after_skips(always, "2021-12-06T22:10:00Z"), "2021-12-06T22:10:00Z");
    }
}
