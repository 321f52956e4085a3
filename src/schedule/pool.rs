//! What all sources have in common: when stories come and how they are spaced, for those of which little is known.

use jiff::Timestamp;

use super::age::AGES;
use super::calendar::{HOURS, Slot, Stretch};
use super::pace::Pace;

/// Stories' worth of belief that all hours of a week are alike: one an hour of the week.
const EVEN: f64 = 168.0;
/// A source's own hours count as much as the pool's from this many stories on.
const HOURS_BELIEF: f64 = 30.0;
/// What an hour lends to its neighbours. With none, and a belief of 20, posts waited 2 % longer on synthetic traces.
const LENT: f64 = 0.25;
/// A source's own spacing counts as much as the pool's from this many expected stories on.
const GAPS_BELIEF: f64 = 5.0;
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

/// Counts of many sources added up.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Census {
    hours: [f64; HOURS],
    /// Stories that an even rate would have brought in each hour.
    hours_expected: [f64; HOURS],
    weekend: f64,
    weekend_expected: f64,
    gaps: [f64; AGES],
    gaps_expected: [f64; AGES],
}

impl Census {
    /// Adds a source's counts.
    pub(super) fn add(&mut self, pace: &Pace) {
        let watched = pace.watched();
        let own: f32 = pace.hours.iter().sum();
        let daily = f64::from(own) / watched.days.max(SHORTEST_DAYS);
        for (sum, time) in self.hours_expected.iter_mut().zip(watched.hours()) {
            *sum += daily * time;
        }
        self.weekend_expected += daily * watched.weekend;
        let sums =
            self.hours.iter_mut().chain([&mut self.weekend]).chain(&mut self.gaps).chain(&mut self.gaps_expected);
        let counts = pace.hours.iter().chain([&pace.weekend]).chain(&pace.gaps).chain(&pace.gaps_expected);
        sums.zip(counts).for_each(|(sum, count)| *sum += f64::from(*count));
    }

    /// What the counts say: `(N + b) / (E + b)` for N stories where an even rate would have brought E.
    pub(super) fn pool(&self) -> Pool {
        let ratio = |belief: f64| move |(n, e): (&f64, &f64)| (n + belief) / (e + belief);
        let mut pool = Pool::default();
        let hours = self.hours.iter().zip(&self.hours_expected).map(ratio(EVEN / 24.0));
        pool.hours.iter_mut().zip(hours).for_each(|(factor, found)| *factor = found);
        even_out(&mut pool.hours, &[1.0; HOURS]);
        let (all, expected) = (self.hours.iter().sum::<f64>(), self.hours_expected.iter().sum::<f64>());
        let [workdays, weekend] = WEEK.map(|days| EVEN * days / 7.0);
        pool.days = [
            ratio(workdays)((&(all - self.weekend), &(expected - self.weekend_expected))),
            ratio(weekend)((&self.weekend, &self.weekend_expected)),
        ];
        even_out(&mut pool.days, &WEEK);
        let gaps = self.gaps.iter().zip(&self.gaps_expected).map(ratio(GAPS_EVEN));
        pool.gaps.iter_mut().zip(gaps).for_each(|(factor, found)| *factor = found);
        pool
    }
}

/// The habits that all sources have in common, as factors of a source's mean rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    pub(super) hours: [f64; HOURS],
    /// Of working days and of weekends.
    pub(super) days: [f64; 2],
    /// By the age of the last story.
    pub(super) gaps: [f64; AGES],
}

impl Default for Pool {
    fn default() -> Self {
        Self { hours: [1.0; HOURS], days: [1.0; 2], gaps: [1.0; AGES] }
    }
}

impl Pool {
    /// How a source's rate compares to its mean, hour by hour and on weekends.
    ///
    /// In each hour a source brought n stories where the pool's shape G and its own mean would have brought e. Its own
    /// shape is `s = (k G + n) / (k + e / G)`: a Gamma posterior. That e counts the time watched keeps a first
    /// document, which may show one evening, from passing for a habit, and a first week from seeming to have no
    /// weekend.
    pub(super) fn shape(&self, pace: &Pace) -> Shape {
        let watched = pace.watched();
        let own = f64::from(pace.hours.iter().sum::<f32>());
        let mut hours = self.hours;
        let times = watched.hours();
        let seen: f64 = hours.iter().zip(times).map(|(factor, time)| factor * time).sum();
        let daily = own / seen.max(SHORTEST_DAYS);
        let counts = smooth(pace.hours.map(f64::from));
        for ((factor, n), time) in hours.iter_mut().zip(counts).zip(smooth(times)) {
            let belief = HOURS_BELIEF / 24.0;
            *factor = (belief * *factor + n) / (belief + daily * time);
        }
        even_out(&mut hours, &[1.0; HOURS]);
        Shape { hours, days: self.week(pace, watched, own) }
    }

    /// The factors of working days and of weekends.
    fn week(&self, pace: &Pace, watched: Stretch, own: f64) -> [f64; 2] {
        let weekend = f64::from(pace.weekend);
        let times = [watched.days - watched.weekend, watched.weekend];
        let mut days = self.days;
        let seen: f64 = days.iter().zip(times).map(|(factor, time)| factor * time).sum();
        let daily = own / seen.max(SHORTEST_DAYS);
        for (((factor, n), share), time) in days.iter_mut().zip([own - weekend, weekend]).zip(WEEK).zip(times) {
            let belief = HOURS_BELIEF * share / 7.0;
            *factor = (belief * *factor + n.max(0.0)) / (belief + daily * time);
        }
        even_out(&mut days, &WEEK);
        days
    }

    /// By how much the age of the last story changes a source's rate, in one bin; 1 beyond the last.
    pub(super) fn hazard(&self, pace: &Pace, bin: usize) -> f64 {
        let own = pace.gaps.get(bin).zip(pace.gaps_expected.get(bin));
        let (Some(common), Some((gaps, expected))) = (self.gaps.get(bin), own) else { return 1.0 };
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
        hour * if slot.is_weekend() { weekend } else { workday }
    }

    /// The mean of the factors over a stretch of time; 1 for weeks on end.
    pub(super) fn mean(&self, from: Timestamp, until: Timestamp) -> f64 {
        let stretch = Stretch::between(from, until);
        if stretch.days <= 0.0 || stretch.days > LONG_DAYS {
            return 1.0;
        }
        let by_hour: f64 = self.hours.iter().zip(stretch.hours()).map(|(factor, time)| factor * time).sum();
        let [workday, weekend] = self.days;
        let by_day = workday * (stretch.days - stretch.weekend) + weekend * stretch.weekend;
        by_hour * by_day / (stretch.days * stretch.days)
    }
}

/// Lends each hour's neighbours an eighth of it: habits seldom keep to full hours.
fn smooth(hours: [f64; HOURS]) -> [f64; HOURS] {
    let (mut before, mut after) = (hours, hours);
    before.rotate_right(1);
    after.rotate_left(1);
    let mut smoothed = hours;
    for ((hour, before), after) in smoothed.iter_mut().zip(before).zip(after) {
        *hour = (1.0 - LENT) * *hour + LENT / 2.0 * (before + after);
    }
    smoothed
}
