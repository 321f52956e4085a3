//! How often a source brings a story, and the interval that follows.

use std::time::Duration;

use jiff::Timestamp;

/// The prior: half a story's worth of belief in 1.5 stories a day, the middle of news feeds.
const PRIOR_STORIES: f64 = 0.5;
const PRIOR_PER_SEC: f64 = 1.5 / 86_400.0;
/// The delay that may pile up between two polls, in story-seconds: 30 story-minutes make an hourly source polled
/// hourly, one of 100 stories a day every half hour, one of 1.5 a day every four hours.
const PILED_UP: f64 = 30.0 * 60.0;
/// The newest dates tell how often a source brings stories now; a longer list only tells how it once was.
const DATES_MAX: usize = 50;
/// Older dates say nothing of today.
const WINDOW: Duration = Duration::from_hours(14 * 24);

/// The interval that lets at most [`PILED_UP`] story-seconds of delay pile up, from the dates in a document.
///
/// With a constant rate r the delay piled up in an interval T is r T^2 / 2; so T = sqrt(2 D / r), the square-root rule
/// of Sia and Cho that shares requests among sources best. The rate is a Gamma posterior: (n + a) / (E + a / r0) for n
/// stories in exposure E. `None` where fewer than two dates differ: nothing to learn from.
pub(super) fn from_dates(now: Timestamp, dates: &[Timestamp]) -> Option<Duration> {
    let since = now.checked_sub(WINDOW).unwrap_or(Timestamp::MIN);
    let mut past: Vec<Timestamp> = dates.iter().copied().filter(|at| *at <= now).collect();
    past.sort_unstable_by(|a, b| b.cmp(a));
    past.dedup();
    let dated = past.len();
    past.truncate(DATES_MAX);
    let recent: Vec<Timestamp> = past.into_iter().take_while(|at| *at >= since).collect();
    if dated < 2 {
        return None;
    }
    // The oldest date only opens the exposure. With none left in the window, the whole window was quiet.
    let opened = recent.last().copied().filter(|_| recent.len() == dated.min(DATES_MAX)).unwrap_or(since);
    let stories = if opened == since { recent.len() } else { recent.len().saturating_sub(1) };
    let stories = u32::try_from(stories).map_or(f64::from(u32::MAX), f64::from);
    let exposure = now.duration_since(opened).as_secs_f64().max(0.0);
    let per_sec = (stories + PRIOR_STORIES) / (exposure + PRIOR_STORIES / PRIOR_PER_SEC);
    Duration::try_from_secs_f64((2.0 * PILED_UP / per_sec).sqrt()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(gap_minutes: i64, count: i64) -> Option<u64> {
        let now = Timestamp::from_second(1_800_000_000).expect("a timestamp");
        let dates: Vec<_> =
            (0..count).map(|i| Timestamp::from_second(1_800_000_000 - i * gap_minutes * 60).expect("a date")).collect();
        from_dates(now, &dates).map(|interval| interval.as_secs() / 60)
    }

    #[test]
    fn a_busy_source_is_polled_often_and_a_quiet_one_seldom() {
        assert_eq!(every(60, 50), Some(64));
        assert_eq!(every(10, 50), Some(34));
        assert_eq!(every(24 * 60, 10), Some(291));
        assert_eq!(every(30 * 24 * 60, 5), Some(908));
    }

    #[test]
    fn fewer_than_two_dates_teach_nothing() {
        assert_eq!(every(60, 0), None);
        assert_eq!(every(60, 1), None);
        assert_eq!(every(0, 30), None);
        assert_eq!(every(-60, 30), None);
    }
}
