//! Whether a source has fallen silent against its habit: its polls are well, and nothing comes.

use std::time::Duration;

use jiff::Timestamp;

use super::calendar::DAY_SECS;
use super::pace::{Pace, narrow};

/// No silence is told before this: longer than a long weekend.
const LEAST_DAYS: f64 = 4.0;
/// Nor before it is so many times as long as the longest that is remembered.
const LONGEST_TIMES: f64 = 2.0;
/// Nor while its habit alone would bring one as long with more than this chance.
const CHANCE_MAX: f64 = 1e-4;
/// Fewer stories than are remembered of one a fortnight are no habit.
const STORIES_MIN: f64 = 5.0;
/// Stories and days are forgotten by 1/e in 90 days, so that a weekly letter is known by a dozen of its stories.
const MEMORY_DAYS: f64 = 90.0;
/// The longest silence is forgotten by 1/e in half a year.
const LONGEST_MEMORY_DAYS: f64 = 180.0;
/// The prior of the rate, as of a source's pace: one story's worth of belief in 1.5 a day.
const PRIOR_STORIES: f64 = 1.0;
const PRIOR_DAYS: f64 = 1.0 / 1.5;
/// What was stored before habits were: a week's silence may be usual.
const UNKNOWN_LONGEST_DAYS: f32 = 7.0;

/// How a source spaces its stories in the long run, as it stood when its last story came: so the silence since then
/// says nothing of what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Habit {
    /// Stories, those of long ago counting less.
    pub(super) stories: f32,
    /// Days in which they came, counting alike.
    pub(super) days: f32,
    /// The longest silence between two of them, fading.
    pub(super) longest_days: f32,
    /// The last sign of life: a story, or an entry dated later that another source brought first.
    pub(super) heard_at: Option<Timestamp>,
}

/// A silence that is unlike the source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Silence {
    /// Since when nothing came.
    pub since: Timestamp,
    /// How long that is.
    pub lasted: Duration,
    /// Stories a day that it used to bring.
    pub per_day: f64,
    /// The longest silence that is remembered of it.
    pub longest: Duration,
}

impl Silence {
    /// In words.
    pub fn words(&self) -> String {
        let days = |span: Duration| span.as_secs_f64() / DAY_SECS;
        let pace = match self.per_day {
            often if often >= 9.5 => format!("{often:.0} stories a day"),
            often if often >= 0.95 => format!("{often:.1} stories a day"),
            rare => format!("{:.1} stories a week", rare * 7.0),
        };
        format!(
            "no new story for {:.0} days, though it used to bring {pace} and was never silent for longer than {:.1} days",
            days(self.lasted),
            days(self.longest)
        )
    }
}

impl Habit {
    /// What is made of numbers that were stored before habits were.
    pub(super) fn of_old(stories: f32, days: f32, seen: Option<Timestamp>) -> Self {
        Self { stories, days, longest_days: UNKNOWN_LONGEST_DAYS, heard_at: seen }
    }

    /// Takes in a story, or an entry, that came at a moment; what is no later than the last says nothing.
    pub(super) fn hear(&mut self, at: Timestamp) {
        let Some(last) = self.heard_at else {
            (self.stories, self.heard_at) = (1.0, Some(at));
            return;
        };
        let gap = at.duration_since(last).as_secs_f64().max(0.0) / DAY_SECS;
        let faded = (-gap / MEMORY_DAYS).exp();
        self.stories = narrow(f64::from(self.stories) * faded + 1.0);
        self.days = narrow(f64::from(self.days) * faded + MEMORY_DAYS * (1.0 - faded));
        self.longest_days = narrow((f64::from(self.longest_days) * (-gap / LONGEST_MEMORY_DAYS).exp()).max(gap));
        self.heard_at = Some(at.max(last));
    }

    /// Whether the time since the last sign of life is unlike the source.
    ///
    /// With a rate of which a Gamma distribution is known (a stories in b days), nothing comes in t days with the chance
    /// `(b / (b + t))^a`. Stories that come in bursts make that too small; the longest silence that is remembered holds
    /// it back. All three bounds grow with t alone, so a silence ends by a story and by nothing else.
    pub(super) fn silence(&self, now: Timestamp) -> Option<Silence> {
        let since = self.heard_at?;
        let lasted = now.duration_since(since).as_secs_f64() / DAY_SECS;
        let (stories, days) = (f64::from(self.stories) + PRIOR_STORIES, f64::from(self.days) + PRIOR_DAYS);
        let chance = (days / (days + lasted.max(0.0))).powf(stories);
        let longest = f64::from(self.longest_days);
        let is_habit = f64::from(self.stories) >= STORIES_MIN;
        let is_unlike = is_habit && lasted >= LEAST_DAYS && lasted >= LONGEST_TIMES * longest && chance < CHANCE_MAX;
        let span = |days: f64| Duration::try_from_secs_f64(days * DAY_SECS).unwrap_or_default();
        is_unlike.then(|| Silence { since, lasted: span(lasted), per_day: stories / days, longest: span(longest) })
    }
}

/// Whether a source has fallen silent against its habit, as of a good poll.
pub fn silence(pace: &Pace, now: Timestamp) -> Option<Silence> {
    pace.habit.silence(now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::pace::Seen;
    use super::super::pool::Pool;
    use super::*;

    const HOUR: i64 = 3_600;
    const DAY: i64 = 24 * HOUR;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).expect("a moment")
    }

    /// A source whose first document held stories with these gaps between them, the last one now.
    fn after(gaps: &[i64]) -> Pace {
        let dates: Vec<_> = std::iter::once(at(0))
            .chain(gaps.iter().rev().scan(0, |past, gap| {
                *past += gap;
                Some(at(-*past))
            }))
            .collect();
        let mut pace = Pace::default();
        pace.see(Seen::First(&dates), at(0), &Pool::default());
        pace
    }

    /// The first day on which the source is silent, if it is within two years.
    fn silent_on(pace: &Pace) -> Option<i64> {
        (0..730).find(|day| silence(pace, at(day * DAY)).is_some())
    }

    #[test]
    fn the_more_often_a_source_brings_stories_the_sooner_its_silence_is_told() {
        assert_eq!(silent_on(&after(&[HOUR; 40])), Some(4), "no long weekend is told");
        assert_eq!(silent_on(&after(&[8 * HOUR; 40])), Some(4));
        assert_eq!(silent_on(&after(&[DAY; 40])), Some(11));
        assert_eq!(silent_on(&after(&[7 * DAY; 40])), Some(83));
        assert_eq!(silent_on(&after(&[DAY; 2])), None, "three stories are no habit");
        assert_eq!(silent_on(&Pace::default()), None);
    }

    #[test]
    fn who_tells_in_bursts_or_goes_on_holiday_is_given_twice_the_time_of_the_last_one() {
        let mut burst = vec![600; 30];
        burst.push(9 * DAY);
        burst.extend([600; 18]);
        assert_eq!(silent_on(&after(&burst)), Some(18));
    }

    #[test]
    fn what_was_silent_when_it_was_added_is_not_told_until_it_has_spoken_again() {
        let dates: Vec<_> = (0..40).map(|n| at(-30 * DAY - n * HOUR)).collect();
        let mut pace = Pace::default();
        pace.see(Seen::First(&dates), at(0), &Pool::default());
        assert_eq!(silent_on(&pace), None);
    }

    #[test]
    fn an_entry_that_another_source_brought_first_is_a_sign_of_life() {
        let mut pace = after(&[HOUR; 40]);
        pace.hear_of(Some(at(3 * DAY)), at(3 * DAY));
        assert_eq!(silence(&pace, at(6 * DAY)), None);
        // A date to come is none.
        pace.hear_of(Some(at(90 * DAY)), at(4 * DAY));
        assert!(silence(&pace, at(9 * DAY)).is_some());
    }

    #[test]
    fn a_silence_says_what_it_is_held_against() {
        let found = silence(&after(&[2 * HOUR; 40]), at(6 * DAY)).expect("a silence");
        assert_eq!(
            found.words(),
            "no new story for 6 days, though it used to bring 10 stories a day and was never silent for longer than 0.1 days"
        );
    }

    proptest! {
        #[test]
        fn a_silence_is_long_rare_and_beyond_habit_and_lasts_until_a_story_comes(
            gaps in proptest::collection::vec(60_i64..20 * DAY, 0..50),
            looks in proptest::collection::vec(HOUR..10 * DAY, 1..40),
        ) {
            let (mut pace, pool) = (after(&gaps), Pool::default());
            let longest = gaps.iter().copied().max().unwrap_or(0);
            let (mut now, mut was_silent) = (0, false);
            for look in looks {
                now += look;
                pace.see(Seen::New(&[]), at(now), &pool);
                let found = silence(&pace, at(now));
                prop_assert!(found.is_none() || now >= 4 * DAY);
                // Older gaps of the document have faded a little, never to less than the half by a gap as long.
                prop_assert!(found.is_none_or(|found| found.longest <= Duration::from_secs(longest.unsigned_abs() + 60)));
                prop_assert!(found.is_none_or(|found| found.lasted >= 2 * found.longest));
                prop_assert!(!was_silent || found.is_some(), "it ended by itself after {now} s");
                was_silent = found.is_some();
            }
            pace.see(Seen::New(&[Some(at(now + HOUR))]), at(now + HOUR), &pool);
            prop_assert_eq!(silence(&pace, at(now + HOUR)), None);
        }
    }
}
