//! What all sources have in common: when stories come and how they are spaced, for those of which little is known.

use jiff::Timestamp;

use super::age::AGES;
use super::calendar::{HOURS, Slot, Stretch};
use super::pace::Pace;

/// Stories' worth of belief that all hours of a week are alike: one an hour of the week.
const EVEN: f64 = 168.0;
/// A source's own hours count as much as the pool's from this many stories on.
const HOURS_BELIEF: f64 = 20.0;
/// A source's own spacing counts as much as the pool's from this many expected stories on.
const GAPS_BELIEF: f64 = 10.0;
/// Stories' worth of belief that spacing is even, in each bin of the pool.
const GAPS_EVEN: f64 = 5.0;
/// The rate is never multiplied by less or more than this for the age of the last story.
const GAPS_BOUNDS: (f64, f64) = (0.2, 5.0);

/// Working days and weekends, in days of a week.
const WEEK: [f64; 2] = [5.0, 2.0];
/// Rates over less than this are not taken.
const SHORTEST_DAYS: f64 = 1.0 / 24.0;
/// Over more than this a week's shape evens out.
const LONG_DAYS: f64 = 21.0;

/// Sums over sources.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    pub(super) hours: [f64; HOURS],
    /// Stories that an even rate would have brought in each hour.
    pub(super) hours_expected: [f64; HOURS],
    pub(super) weekend: f64,
    pub(super) weekend_expected: f64,
    pub(super) gaps: [f64; AGES],
    pub(super) gaps_expected: [f64; AGES],
}

impl Default for Pool {
    fn default() -> Self {
        Self {
            hours: [0.0; HOURS],
            hours_expected: [0.0; HOURS],
            weekend: 0.0,
            weekend_expected: 0.0,
            gaps: [0.0; AGES],
            gaps_expected: [0.0; AGES],
        }
    }
}

impl Pool {
    /// Adds a source's counts.
    pub(super) fn add(&mut self, pace: &Pace) {
        let watched = pace.watched();
        let own: f32 = pace.hours.iter().sum();
        let daily = f64::from(own) / watched.days.max(SHORTEST_DAYS);
        for (sum, hour) in self.hours_expected.iter_mut().zip(0..) {
            *sum += daily * watched.hour(hour);
        }
        self.weekend_expected += daily * watched.weekend;
        let sums =
            self.hours.iter_mut().chain([&mut self.weekend]).chain(&mut self.gaps).chain(&mut self.gaps_expected);
        let counts = pace.hours.iter().chain([&pace.weekend]).chain(&pace.gaps).chain(&pace.gaps_expected);
        sums.zip(counts).for_each(|(sum, count)| *sum += f64::from(*count));
    }

    /// How a source's rate compares to its mean, hour by hour and on weekends.
    ///
    /// In each hour a source brought n stories where an even rate would have brought e, and all sources N and E. With
    /// the pool's `G = (N + b) / (E + b)`, the source's is `s = (k G + n) / (k + e)`: a Gamma posterior. That e counts
    /// the time watched keeps a first document, which may show one evening, from passing for a habit, and a first week
    /// from seeming to have no weekend.
    pub(super) fn shape(&self, pace: &Pace) -> Shape {
        let watched = pace.watched();
        let own = f64::from(pace.hours.iter().sum::<f32>());
        let mut common = [0.0; HOURS];
        for (factor, (n, e)) in common.iter_mut().zip(self.hours.iter().zip(&self.hours_expected)) {
            *factor = (n + EVEN / 24.0) / (e + EVEN / 24.0);
        }
        even_out(&mut common, &[1.0; HOURS]);
        // What the source would have brought in an even hour, by the pool's shape.
        let seen: f64 = common.iter().zip(0..).map(|(factor, hour)| factor * watched.hour(hour)).sum();
        let daily = own / seen.max(SHORTEST_DAYS);
        let mut hours = common;
        for ((factor, n), hour) in hours.iter_mut().zip(&pace.hours).zip(0..) {
            let belief = HOURS_BELIEF / 24.0;
            *factor = (belief * *factor + f64::from(*n)) / (belief + daily * watched.hour(hour));
        }
        even_out(&mut hours, &[1.0; HOURS]);
        Shape { hours, days: self.days(pace, watched, own) }
    }

    /// The factors of working days and of weekends.
    fn days(&self, pace: &Pace, watched: Stretch, own: f64) -> [f64; 2] {
        let (all, weekend) = (self.hours.iter().sum::<f64>(), f64::from(pace.weekend));
        let expected: f64 = self.hours_expected.iter().sum();
        let mut common = [
            (all - self.weekend + EVEN * 5.0 / 7.0) / (expected - self.weekend_expected + EVEN * 5.0 / 7.0),
            (self.weekend + EVEN * 2.0 / 7.0) / (self.weekend_expected + EVEN * 2.0 / 7.0),
        ];
        even_out(&mut common, &WEEK);
        let time = [watched.days - watched.weekend, watched.weekend];
        let seen: f64 = common.iter().zip(time).map(|(factor, days)| factor * days).sum();
        let daily = own / seen.max(SHORTEST_DAYS);
        let mut days = common;
        for (((factor, n), share), days) in days.iter_mut().zip([own - weekend, weekend]).zip(WEEK).zip(time) {
            let belief = HOURS_BELIEF * share / 7.0;
            *factor = (belief * *factor + n.max(0.0)) / (belief + daily * days);
        }
        even_out(&mut days, &WEEK);
        days
    }

    /// By how much the age of the last story changes a source's rate, in one bin; 1 beyond the last.
    pub(super) fn hazard(&self, pace: &Pace, bin: usize) -> f64 {
        let pooled = self.gaps.get(bin).zip(self.gaps_expected.get(bin));
        let own = pace.gaps.get(bin).zip(pace.gaps_expected.get(bin));
        let (Some((all, all_expected)), Some((gaps, expected))) = (pooled, own) else { return 1.0 };
        let common = (all + GAPS_EVEN) / (all_expected + GAPS_EVEN);
        let (low, high) = GAPS_BOUNDS;
        ((GAPS_BELIEF * common + f64::from(*gaps)) / (GAPS_BELIEF + f64::from(*expected))).clamp(low, high)
    }
}

/// Scales factors so that their weighted mean is 1.
fn even_out(factors: &mut [f64], weights: &[f64]) {
    let sum: f64 = factors.iter().zip(weights).map(|(factor, weight)| factor * weight).sum();
    let mean = sum / weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    for factor in factors {
        *factor /= mean.max(f64::MIN_POSITIVE);
    }
}

/// The shape of one source's week: factors of its mean rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    hours: [f64; HOURS],
    /// Of working days and of weekends.
    days: [f64; 2],
}

impl Shape {
    /// The rate at a slot over the mean rate.
    pub(super) fn at(&self, slot: Slot) -> f64 {
        let [workday, weekend] = self.days;
        let hour = self.hours.get(usize::from(slot.hour)).copied().unwrap_or(1.0);
        hour * if slot.weekend { weekend } else { workday }
    }

    /// The mean of the factors over a stretch of time; 1 for weeks on end.
    pub(super) fn mean(&self, from: Timestamp, until: Timestamp) -> f64 {
        let stretch = Stretch::between(from, until);
        if stretch.days <= 0.0 || stretch.days > LONG_DAYS {
            return 1.0;
        }
        let by_hour: f64 = self.hours.iter().zip(0..).map(|(factor, hour)| factor * stretch.hour(hour)).sum();
        let [workday, weekend] = self.days;
        let by_day = workday * (stretch.days - stretch.weekend) + weekend * stretch.weekend;
        by_hour * by_day / (stretch.days * stretch.days)
    }
}
