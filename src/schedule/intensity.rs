//! The rate of stories expected of a source from moment to moment, and how much delay it piles up.

use std::time::Duration;

use jiff::Timestamp;

use super::age;
use super::calendar::{DAY_SECS, HOUR_SECS, Slot, into_hour};
use super::pace::{BOOST_FADES, Pace};
use super::pool::{Pool, Shape};

/// While a boost fades, the rate is taken as constant for no longer than this.
const BOOST_STEP_SECS: f64 = 300.0;
/// A boost never expects more than so many times the source's own rate, and one story an hour besides.
const BOOST_TIMES: f64 = 4.0;
const BOOST_PER_SEC: f64 = 1.0 / HOUR_SECS;

/// The rate of one source: its mean, the shape of its week, the age of its last story, a boost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intensity<'a> {
    pace: &'a Pace,
    pool: &'a Pool,
    per_sec: f64,
    shape: Shape,
    now: Timestamp,
    /// The factor of ages beyond the last bin. It is 1: that the last story is old says nothing that the rate doesn't.
    beyond: f64,
}

impl<'a> Intensity<'a> {
    /// The rate as seen at `now`.
    pub(super) fn plain(pace: &'a Pace, pool: &'a Pool, now: Timestamp) -> Self {
        Self::shaped_as(pool.shape(pace), pace, pool, now)
    }

    /// The rate as seen at `now`, with a shape found before.
    pub(super) fn shaped_as(shape: Shape, pace: &'a Pace, pool: &'a Pool, now: Timestamp) -> Self {
        Self { pace, pool, per_sec: pace.per_day() / DAY_SECS, shape, now, beyond: 1.0 }
    }

    /// With another factor beyond the last bin: a fault, for tests.
    #[cfg(test)]
    pub(super) fn beyond(self, beyond: f64) -> Self {
        Self { beyond, ..self }
    }

    /// Stories a second at a slot, whatever the age of the last one.
    pub(super) fn shaped(&self, slot: Slot) -> f64 {
        self.per_sec * self.shape.at(slot)
    }

    /// The factors that hold at `now`: of the hour and of the age.
    pub(super) fn factors(&self) -> (f64, f64) {
        (self.shape.at(Slot::of(self.now)), self.pool.hazard(self.pace, age::index(self.age_secs())))
    }

    fn age_secs(&self) -> f64 {
        self.pace.last_story_at.map_or(f64::INFINITY, |last| self.now.duration_since(last).as_secs_f64().max(0.0))
    }

    /// How long from `now` until `price` story-seconds of delay are expected to have piled up, at most `longest`.
    ///
    /// Stories that came at rate l(s) since the poll at 0 have waited `D(t) = int_0^t l(s) (t - s) ds`. The rate is
    /// constant from one full hour, or end of a bin of ages, to the next; so D is a parabola on each such piece.
    pub(super) fn reaches(&self, price: f64, longest: Duration) -> Duration {
        let longest = longest.as_secs_f64();
        let mut at = Walk::new(self);
        while at.elapsed < longest {
            let rate = self.rate(&at);
            let span = at.until_change().min(longest - at.elapsed);
            // price = piled + arrived x + rate x^2 / 2, solved so that a rate near zero does no harm.
            let left = price - at.piled;
            let root = (at.arrived * at.arrived + 2.0 * rate * left).max(0.0).sqrt();
            let wait = 2.0 * left / (at.arrived + root);
            if left <= 0.0 || wait <= span {
                return Duration::try_from_secs_f64(at.elapsed + wait.max(0.0)).unwrap_or_default();
            }
            at.advance(span, rate);
        }
        Duration::try_from_secs_f64(longest).unwrap_or_default()
    }

    fn rate(&self, at: &Walk<'_>) -> f64 {
        let own = self.shaped(at.slot) * at.hazard();
        let age = at.elapsed - at.boost_from;
        if at.boost <= 0.0 || age < 0.0 {
            return own;
        }
        let fades = BOOST_FADES.as_secs_f64();
        let boosted = at.boost / fades * (-age / fades).exp();
        own + boosted.min(BOOST_TIMES * own + BOOST_PER_SEC)
    }
}

/// A walk ahead in time, piece by piece.
struct Walk<'a> {
    of: &'a Intensity<'a>,
    elapsed: f64,
    arrived: f64,
    piled: f64,
    slot: Slot,
    hour_left: f64,
    age: f64,
    bin: usize,
    /// Stories expected of a boost, and from when on, counted from the start.
    boost: f64,
    boost_from: f64,
}

impl<'a> Walk<'a> {
    fn new(of: &'a Intensity<'a>) -> Self {
        let age = of.age_secs();
        let boosted_at = of.pace.boosted_at().map_or(of.now, |at| at.max(of.now));
        Self {
            of,
            elapsed: 0.0,
            arrived: 0.0,
            piled: 0.0,
            slot: Slot::of(of.now),
            hour_left: HOUR_SECS - into_hour(of.now),
            age,
            bin: age::index(age),
            boost: of.pace.boost_at(boosted_at),
            boost_from: boosted_at.duration_since(of.now).as_secs_f64(),
        }
    }

    fn hazard(&self) -> f64 {
        if self.bin < age::AGES { self.of.pool.hazard(self.of.pace, self.bin) } else { self.of.beyond }
    }

    fn until_change(&self) -> f64 {
        let bin_left = age::end(self.bin) - self.age;
        let span = self.hour_left.min(bin_left);
        if self.boost <= 0.0 {
            return span;
        }
        let ahead = self.boost_from - self.elapsed;
        span.min(if ahead > 1e-3 { ahead } else { BOOST_STEP_SECS })
    }

    fn advance(&mut self, span: f64, rate: f64) {
        self.piled += self.arrived * span + rate * span * span / 2.0;
        self.arrived += rate * span;
        self.elapsed += span;
        self.age += span;
        self.hour_left -= span;
        // Spans end at a change exactly, up to rounding: a thousandth of a second past it is past it.
        if self.hour_left <= 1e-3 {
            self.hour_left += HOUR_SECS;
            self.slot = self.slot.next();
        }
        self.bin = age::index(self.age + 1e-3);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::pace::Seen;
    use super::*;

    proptest! {
        #[test]
        fn the_delay_piled_up_at_the_moment_found_is_the_price(
            gaps in proptest::collection::vec(20_i64..40_000, 1..40),
            since in 0_i64..30_000,
            price in 1.0_f64..2_000.0,
            boost in proptest::option::of(0.1_f64..5.0),
        ) {
            let at = |secs: i64| Timestamp::from_second(1_800_000_000 + secs).expect("a moment");
            let dates: Vec<_> = gaps.iter().scan(-since, |at, gap| { *at -= gap; Some(*at) }).map(at).collect();
            let (pool, mut pace) = (Pool::default(), Pace::default());
            pace.see(Seen::First(&dates), at(0), &pool);
            if let Some(stories) = boost {
                pace.boost(stories, at(0));
            }
            let rate = Intensity::plain(&pace, &pool, at(0));
            let found = rate.reaches(price, Duration::from_hours(12));
            // Summed second by second.
            let (mut arrived, mut piled, mut secs) = (0.0, 0.0, 0_u32);
            while piled < price && secs < 12 * 3_600 {
                let age = rate.age_secs() + f64::from(secs);
                let own = rate.shaped(Slot::of(at(secs.into()))) * pool.hazard(&pace, age::index(age));
                let boosted = pace.boost_at(at(secs.into())) / BOOST_FADES.as_secs_f64();
                let now = own + if boost.is_some() { boosted.min(BOOST_TIMES * own + BOOST_PER_SEC) } else { 0.0 };
                piled += arrived + now / 2.0;
                arrived += now;
                secs += 1;
            }
            // A boost is taken as constant for five minutes at a time.
            let tolerance = if boost.is_some() { 0.06 } else { 0.002 };
            prop_assert!((found.as_secs_f64() - f64::from(secs)).abs() < 3.0 + tolerance * f64::from(secs), "{found:?} {secs}");
        }
    }
}
