//! When to poll: once the delay that has piled up is worth a request, at one price for all sources.
//!
//! While a source goes unpolled, delay piles up: `D(t) = w ∫ λ(s) (t - s) ds` story-seconds since its last poll, with λ
//! its intensity and w its weight. Polling whoever reaches a common price first spends requests where they save most
//! (Sia and Cho's square-root rule, which this is for constant rates: an interval of sqrt(2μ / wλ)), and needs no new
//! plan when a rate, the hour or the budget changes. The price follows from the budget.

use super::pace::{DAY, HOUR, Intensity, WEEK_HOURS, week_hour};

/// Steps of the search for the price; each halves its error on a logarithmic scale.
const STEPS: usize = 40;
/// The price is looked for anew this often while little is known, and later.
const REPRICE: (f64, f64) = (HOUR, 4.0 * HOUR);
/// What the sum over rates and shapes does not know (hazards, clamps in the small) is learned from this share of each
/// error, at most by these factors in one step.
const LEARNED: f64 = 0.25;
const LEARNED_MAX: (f64, f64) = (0.9, 1.1);
/// A debt is paid back in about this many seconds, and never moves the price by more than a third.
const REPAID: f64 = 0.5 * DAY;
const REPAID_MAX: f64 = 0.3;

/// Bounds of an interval, in seconds, and what a source is worth beside others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// No interval is shorter.
    pub min: f64,
    /// No interval is longer.
    pub max: f64,
    /// Delay of its stories counts so many times.
    pub weight: f64,
}

/// The price of a request in story-seconds of delay, kept so that requests equal the budget over the days.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    per_second: f64,
    at_budget: f64,
    correction: f64,
    begun_at: f64,
    priced_at: Option<f64>,
    /// Requests a second to be expected in each hour of a weekday and of a day of the weekend.
    expected: [f64; WEEK_HOURS],
    /// Requests since the beginning.
    requests: f64,
    /// Requests at each look of the last day: the moment and the number.
    log: Vec<(f64, f64)>,
    /// Requests made beyond the budget, since the beginning.
    debt: f64,
}

/// Why a poll is due when it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The delay that piled up reached the price.
    Price,
    /// The shortest interval holds it back.
    Shortest,
    /// The longest interval has passed.
    Longest,
}

impl Price {
    /// Begins with a budget in requests a second.
    pub fn new(per_second: f64, now: f64) -> Self {
        Self {
            per_second: per_second.max(1e-9),
            at_budget: 0.0,
            correction: 1.0,
            begun_at: now,
            priced_at: None,
            expected: [0.0; WEEK_HOURS],
            requests: 0.0,
            log: vec![(now, 0.0)],
            debt: 0.0,
        }
    }

    /// Story-seconds of delay that are worth a request at a moment.
    ///
    /// On the first day requests are spread evenly over the hours: whose hours are which is only being learned, and
    /// that takes a look at all of them.
    pub fn value(&self, now: f64) -> f64 {
        let debt = (self.debt / (self.per_second * REPAID)).clamp(-REPAID_MAX, REPAID_MAX);
        let even = if now - self.begun_at < DAY {
            self.expected.get(week_hour(now)).filter(|e| **e > 0.0).map_or(1.0, |e| e / self.per_second)
        } else {
            1.0
        };
        self.at_budget * self.correction * ((1.0 + debt) * even).powi(2)
    }

    /// Counts a request.
    pub fn spent(&mut self) {
        self.requests += 1.0;
    }

    /// Whether the price is to be looked for anew.
    pub fn is_stale(&self, now: f64) -> bool {
        let every = if now - self.begun_at < DAY { REPRICE.0 } else { REPRICE.1 };
        self.priced_at.is_none_or(|at| now - at >= every)
    }

    /// Looks for the price at which these sources, a sample or all, spend their share of the budget.
    pub fn reprice<'a>(&mut self, sources: impl Iterator<Item = (&'a Intensity, Terms)>, share: f64, now: f64) {
        self.account(now);
        // The square roots of what each hour is worth: a frequency is one of them over the price's root.
        let roots: Vec<(usize, f64, f64, f64)> = sources
            .flat_map(|(intensity, terms)| {
                let root = move |rate: f64| (terms.weight * rate / 2.0).sqrt();
                let week = intensity.week().enumerate();
                week.map(move |(hour, rate)| (hour, root(rate), terms.max.recip(), terms.min.recip()))
            })
            .collect();
        let budget = self.per_second * share;
        let spends = |scale: f64| -> f64 {
            roots.iter().map(|(hour, root, least, most)| part(*hour) * (scale * root).clamp(*least, *most)).sum()
        };
        let (mut low, mut high) = (1e-6_f64, 1e4_f64);
        for _ in 0..STEPS {
            let middle = (low * high).sqrt();
            if spends(middle) < budget {
                low = middle;
            } else {
                high = middle;
            }
        }
        let scale = (low * high).sqrt();
        self.at_budget = scale.powi(-2);
        self.expected = [0.0; WEEK_HOURS];
        for (hour, root, least, most) in &roots {
            if let Some(expected) = self.expected.get_mut(*hour) {
                *expected += (scale * root).clamp(*least, *most) / share.max(1e-9);
            }
        }
        self.priced_at = Some(now);
    }

    /// Holds the requests so far against the budget.
    fn account(&mut self, now: f64) {
        let elapsed = now - self.begun_at;
        // On the first day an even pace is kept.
        let ahead = if elapsed < DAY { 0.0 } else { self.ahead(now) - self.ahead(self.begun_at) };
        self.debt = self.requests - self.per_second * (elapsed + ahead);
        self.log.push((now, self.requests));
        while self.log.get(1).is_some_and(|(at, _)| *at <= now - DAY) {
            self.log.remove(0);
        }
        let Some(&(since, before)) = self.log.first().filter(|_| elapsed >= DAY) else { return };
        let ratio = (self.requests - before) / (self.per_second * (now - since)).max(1e-9);
        self.correction *= ratio.powf(2.0 * LEARNED).clamp(LEARNED_MAX.0, LEARNED_MAX.1);
    }

    /// How far the requests of a day run ahead of an even pace at a moment of it, in seconds of the budget.
    fn ahead(&self, at: f64) -> f64 {
        let day = (at / DAY).floor() * DAY;
        let hours = self.expected.iter().skip(week_hour(at) / (WEEK_HOURS / 2) * (WEEK_HOURS / 2)).take(WEEK_HOURS / 2);
        let (mut all, mut past, mut from) = (0.0, 0.0, day);
        for expected in hours {
            all += expected * HOUR;
            past += expected * (at - from).clamp(0.0, HOUR);
            from += HOUR;
        }
        if all > 0.0 { DAY * past / all - (at - day) } else { 0.0 }
    }

    /// When a source polled at `last` is due next, and why.
    pub fn due(&self, intensity: &Intensity, terms: Terms, last: f64) -> (f64, Due) {
        let end = last + terms.max;
        let goal = self.value(last) / terms.weight.max(1e-9);
        let (mut at, mut delay, mut waiting) = (last, 0.0, 0.0);
        while at < end {
            let (rate, until) = intensity.piece(at);
            let span = until.min(end) - at;
            // Delay in x seconds from here: waiting x + rate x² / 2 on top of what has piled up.
            let left = goal - delay;
            if waiting * span + rate * span * span / 2.0 >= left {
                let x = if rate > 0.0 {
                    (-waiting + (waiting * waiting + 2.0 * rate * left).max(0.0).sqrt()) / rate
                } else {
                    left / waiting.max(1e-12)
                };
                let due = at + x.clamp(0.0, span);
                return if due < last + terms.min { (last + terms.min, Due::Shortest) } else { (due, Due::Price) };
            }
            delay += waiting * span + rate * span * span / 2.0;
            waiting += rate * span;
            at = until.min(end);
        }
        (end, Due::Longest)
    }
}

/// How much of a week an hour of [`Intensity::week`] stands for.
fn part(hour: usize) -> f64 {
    if hour < WEEK_HOURS / 2 { 5.0 / 168.0 } else { 2.0 / 168.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, proptest};

    use super::*;
    use crate::schedule::pace::{Crowd, Pace};

    const TERMS: Terms = Terms { min: 300.0, max: 14_400.0, weight: 1.0 };

    /// A source with `count` stories `gap` seconds apart, up to the moment 0.
    fn source(count: u32, gap: f64, crowd: &mut Crowd) -> Pace {
        let shown: Vec<f64> = (0..count).rev().map(|n| -gap * f64::from(n)).collect();
        Pace::begin(&shown, 0.0, crowd)
    }

    fn priced(sources: &[Intensity], per_second: f64) -> Price {
        let mut price = Price::new(per_second, 0.0);
        price.reprice(sources.iter().map(|intensity| (intensity, TERMS)), 1.0, 0.0);
        price
    }

    #[test]
    fn four_times_the_stories_earn_twice_the_polls() {
        let mut crowd = Crowd::default();
        let (busy, calm) = (source(800, 1_850.0, &mut crowd), source(200, 7_400.0, &mut crowd));
        let (busy, calm) = (busy.intensity(&crowd), calm.intensity(&crowd));
        let price = priced(&[busy.clone(), calm.clone()], 2.0 / 3_600.0);
        // Long after the last story, when its age says nothing.
        let wait = |intensity| price.due(intensity, TERMS, 10.0 * DAY).0 - 10.0 * DAY;
        let ratio = wait(&calm) / wait(&busy);
        assert!((1.6..2.4).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_tighter_budget_raises_the_price_and_a_heavier_weight_brings_the_poll_forward() {
        let mut crowd = Crowd::default();
        let intensity = source(100, 3_600.0, &mut crowd).intensity(&crowd);
        let sources = vec![intensity.clone(); 10];
        let (rich, poor) = (priced(&sources, 10.0 / 1_800.0), priced(&sources, 10.0 / 7_200.0));
        let due = |price: &Price, weight| price.due(&intensity, Terms { weight, ..TERMS }, 5.0 * DAY).0;
        assert!(due(&rich, 1.0) < due(&poor, 1.0));
        assert!(due(&poor, 4.0) < due(&poor, 1.0));
    }

    #[test]
    fn a_source_that_never_brought_a_story_is_polled_at_its_longest_interval_at_least() {
        let mut crowd = Crowd::default();
        let silent = Pace::begin(&[], 0.0, &mut crowd).intensity(&crowd);
        let price = priced(std::slice::from_ref(&silent), 1.0 / DAY);
        assert_eq!(price.due(&silent, TERMS, 0.0), (14_400.0, Due::Longest));
    }

    proptest! {
        #[test]
        fn a_poll_is_due_within_its_bounds(
            count in 0u32..40, gap in 1.0f64..1e6, per_hour in 0.01f64..100.0, last in 0.0f64..1e7,
        ) {
            let mut crowd = Crowd::default();
            let intensity = source(count, gap, &mut crowd).intensity(&crowd);
            let (at, _) = priced(std::slice::from_ref(&intensity), per_hour / HOUR).due(&intensity, TERMS, last);
            prop_assert!(at >= last + TERMS.min && at <= last + TERMS.max, "{at} after {last}");
        }
    }
}
