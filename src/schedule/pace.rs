//! How often a source brings stories, when in the day and week, and how long after the last one.
//!
//! A posting rate that forgets (a Gamma posterior), times a shape over the hours (UTC) and the weekend, times a hazard
//! by the age of the last story. Each is shrunk to what all sources together show, so that a source with three
//! stories behaves like the crowd and one with three hundred like itself.

/// Seconds in which what was seen loses all but 1/e of its weight.
const FORGETS: f64 = 14.0 * DAY;
/// The prior: one story's worth of belief in 1.5 stories a day, the middle of news feeds.
const PRIOR_STORIES: f64 = 1.0;
const PRIOR_PER_SEC: f64 = 1.5 / DAY;
/// Stories' worth of belief in the crowd's hours and weekend.
const CROWD_STORIES: f64 = 20.0;
/// Expected stories' worth of belief in the crowd's hazard.
const CROWD_GAPS: f64 = 10.0;
/// A hazard is held within these.
const HAZARD: (f64, f64) = (0.2, 5.0);
/// Ages of the last story, in seconds, at which the hazard changes. Beyond the last it is 1: an old story says nothing
/// of the next, and where it was believed to, quiet sources starved.
pub(super) const AGES: [f64; BINS] =
    [0.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 2_700.0, 3_600.0, 5_400.0, 7_200.0, 10_800.0, 18_000.0];
const BINS: usize = 12;
const HOURS: usize = 24;
/// Hours of a weekday and of a day of the weekend.
pub(super) const WEEK_HOURS: usize = 2 * HOURS;
pub(super) const HOUR: f64 = 3_600.0;
pub(super) const DAY: f64 = 86_400.0;

/// What is remembered of one source: about 250 bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    /// Stories and seconds watched, both forgetting.
    stories: f64,
    watched: f64,
    /// The moment that both are of.
    as_of: f64,
    last_story: Option<f64>,
    hours: [f32; HOURS],
    weekdays: f32,
    weekends: f32,
    /// Gaps between stories by their length, and how many the rate and shape alone would have brought.
    gaps: [f32; BINS],
    gaps_expected: [f32; BINS],
}

/// What all sources together show.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Crowd {
    hours: [f64; HOURS],
    weekdays: f64,
    weekends: f64,
    gaps: [f64; BINS],
    gaps_expected: [f64; BINS],
}

/// How many stories a second a source is expected to bring at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Intensity {
    /// Stories a second, over all.
    pub(super) rate: f64,
    hours: [f64; HOURS],
    weekday: f64,
    weekend: f64,
    hazard: [f64; BINS],
    last_story: Option<f64>,
}

impl Pace {
    /// Begins to watch a source whose document shows stories of these moments (seconds since 1970, ascending).
    pub fn begin(shown: &[f64], now: f64, crowd: &mut Crowd) -> Self {
        let as_of = shown.first().copied().unwrap_or(now);
        let mut pace = Self {
            stories: 0.0,
            watched: 0.0,
            as_of,
            last_story: None,
            hours: [0.0; HOURS],
            weekdays: 0.0,
            weekends: 0.0,
            gaps: [0.0; BINS],
            gaps_expected: [0.0; BINS],
        };
        // The oldest only opens the time that was watched.
        pace.count(shown.get(1..).unwrap_or_default(), now);
        pace.place(shown, crowd);
        pace
    }

    /// Takes up what a good poll brought: stories that are new since the last one (ascending; none is news too).
    pub fn learn(&mut self, new: &[f64], now: f64, crowd: &mut Crowd) {
        self.count(new, now);
        self.place(new, crowd);
    }

    fn count(&mut self, new: &[f64], now: f64) {
        let kept = (-(now - self.as_of).max(0.0) / FORGETS).exp();
        self.stories = self.stories * kept + new.iter().map(|at| (-(now - at).max(0.0) / FORGETS).exp()).sum::<f64>();
        self.watched = self.watched * kept + FORGETS * (1.0 - kept);
        self.as_of = now.max(self.as_of);
    }

    /// Counts stories by their hour and by the gap before them.
    fn place(&mut self, new: &[f64], crowd: &mut Crowd) {
        let before = self.intensity(crowd);
        for &at in new {
            let (own, all) = (self.hours.get_mut(hour(at)), crowd.hours.get_mut(hour(at)));
            if let (Some(own), Some(all)) = (own, all) {
                *own += 1.0;
                *all += 1.0;
            }
            if is_weekend(at) {
                self.weekends += 1.0;
                crowd.weekends += 1.0;
            } else {
                self.weekdays += 1.0;
                crowd.weekdays += 1.0;
            }
            if let Some(last) = self.last_story.filter(|last| *last <= at) {
                self.gap(last, at, &before, crowd);
            }
            self.last_story = Some(self.last_story.map_or(at, |last| last.max(at)));
        }
    }

    fn gap(&mut self, from: f64, to: f64, intensity: &Intensity, crowd: &mut Crowd) {
        let length = to - from;
        let bins = self.gaps.iter_mut().zip(&mut self.gaps_expected);
        let bins = bins.zip(crowd.gaps.iter_mut().zip(&mut crowd.gaps_expected));
        for (bin, ((own, own_expected), (all, all_expected))) in bins.enumerate() {
            let (start, end) = edges(bin);
            if length < start {
                break;
            }
            let expected = intensity.plain(from + middle(bin)) * (length.min(end) - start);
            *own_expected += narrow(expected);
            *all_expected += expected;
            if length < end {
                *own += 1.0;
                *all += 1.0;
            }
        }
    }

    /// Stories a second: `(a + a0) / (E + a0 / r0)`, the mean of the Gamma posterior.
    pub fn rate(&self) -> f64 {
        (self.stories + PRIOR_STORIES) / (self.watched + PRIOR_STORIES / PRIOR_PER_SEC)
    }

    /// What is to be expected of it.
    pub fn intensity(&self, crowd: &Crowd) -> Intensity {
        let all: f64 = crowd.hours.iter().sum::<f64>() + 24.0;
        let own: f64 = self.hours.iter().map(|n| f64::from(*n)).sum();
        let mut hours = [1.0; HOURS];
        for (shape, (own_hour, all_hour)) in hours.iter_mut().zip(self.hours.iter().zip(&crowd.hours)) {
            let share = (all_hour + 1.0) / all;
            *shape = 24.0 * (CROWD_STORIES * share + f64::from(*own_hour)) / (CROWD_STORIES + own);
        }
        let all_weekend = (crowd.weekends + 2.0) / (crowd.weekdays + crowd.weekends + 7.0);
        let weekend = (CROWD_STORIES * all_weekend + f64::from(self.weekends))
            / (CROWD_STORIES + f64::from(self.weekdays + self.weekends));
        let mut hazard = [1.0; BINS];
        let own = self.gaps.iter().zip(&self.gaps_expected);
        let all = crowd.gaps.iter().zip(&crowd.gaps_expected);
        for (factor, ((gaps, expected), (all_gaps, all_expected))) in hazard.iter_mut().zip(own.zip(all)).take(BINS - 1)
        {
            let common = (all_gaps + 5.0) / (all_expected + 5.0);
            let shrunk = (CROWD_GAPS * common + f64::from(*gaps)) / (CROWD_GAPS + f64::from(*expected));
            *factor = shrunk.clamp(HAZARD.0, HAZARD.1);
        }
        Intensity {
            rate: self.rate(),
            hours,
            weekday: (1.0 - weekend) / 5.0 * 7.0,
            weekend: weekend / 2.0 * 7.0,
            hazard,
            last_story: self.last_story,
        }
    }
}

impl Intensity {
    /// Rate times shape at a moment, whatever the age of the last story.
    pub(super) fn plain(&self, at: f64) -> f64 {
        let day = if is_weekend(at) { self.weekend } else { self.weekday };
        self.rate * self.hours.get(hour(at)).copied().unwrap_or(1.0) * day
    }

    /// What is expected at a moment, and the moment until which that holds.
    pub(super) fn piece(&self, at: f64) -> (f64, f64) {
        let next_hour = ((at / HOUR).floor() + 1.0) * HOUR;
        let Some(last) = self.last_story else { return (self.plain(at), next_hour) };
        let age = (at - last).max(0.0);
        let bin = AGES.partition_point(|edge| *edge <= age).saturating_sub(1);
        let factor = self.hazard.get(bin).copied().unwrap_or(1.0);
        let until = last + edges(bin).1;
        (self.plain(at) * factor, next_hour.min(until).max(at + 1.0))
    }

    /// Rate times shape in each hour of a weekday, then in each of a day of the weekend.
    pub(super) fn week(&self) -> impl Iterator<Item = f64> + '_ {
        let day = |factor: f64| self.hours.iter().map(move |shape| self.rate * shape * factor);
        day(self.weekday).chain(day(self.weekend))
    }
}

/// Start and end of a bin of ages.
fn edges(bin: usize) -> (f64, f64) {
    let at = |bin: usize| AGES.get(bin).copied();
    (at(bin).unwrap_or(f64::INFINITY), at(bin + 1).unwrap_or(f64::INFINITY))
}

/// The age that stands for a bin.
fn middle(bin: usize) -> f64 {
    let (start, end) = edges(bin);
    if end.is_finite() { f64::midpoint(start, end) } else { 7.0 * HOUR }
}

/// The place of a moment in [`Intensity::week`].
pub(super) fn week_hour(at: f64) -> usize {
    hour(at) + if is_weekend(at) { HOURS } else { 0 }
}

fn hour(at: f64) -> usize {
    index((at / HOUR).rem_euclid(24.0))
}

/// Saturdays and Sundays, UTC; 1 January 1970 was a Thursday.
fn is_weekend(at: f64) -> bool {
    index((at / DAY + 3.0).rem_euclid(7.0)) >= 5
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number from 0 to 24")]
fn index(number: f64) -> usize {
    number as usize
}

#[expect(clippy::cast_possible_truncation, reason = "a sum that need not be exact")]
fn narrow(number: f64) -> f32 {
    number as f32
}
