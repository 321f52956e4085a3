//! A limit on requests a second: what an import of thousands of sources, a start or a changed price may not exceed.

use std::time::Duration;

use jiff::Timestamp;

/// The limit lies this many times above the budget: the busiest hour of a day uses up to twice the mean.
const ABOVE: f64 = 2.5;
/// And is this at least, requests a second: the first polls of sources that were just added come one a second ([`super::newcomers`]),
/// and no budget was found for them yet.
const PER_SEC_MIN: f64 = 1.0;
/// So many requests may be made at once after a rest, however small the budget: a handful of sources need not wait.
const BURST_MIN: f64 = 64.0;
/// With a large budget, those of so many seconds.
const BURST_SECS: f64 = 60.0;

/// A bucket that fills at a steady rate and is emptied by requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowance {
    left: f64,
    at: Timestamp,
}

impl Allowance {
    /// A full one.
    pub fn new(now: Timestamp) -> Self {
        Self { left: f64::INFINITY, at: now }
    }

    /// How many requests may be made now, at a budget of so many a second; at most `most`.
    pub fn take(&mut self, per_sec: f64, most: usize, now: Timestamp) -> usize {
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        let rate = rate(per_sec);
        let burst = (rate * BURST_SECS).max(BURST_MIN);
        (self.left, self.at) = ((self.left + rate * passed).min(burst), now);
        (0..most).take_while(|n| super::market::count(*n) + 1.0 <= self.left).count()
    }

    /// Notes requests made.
    pub fn spend(&mut self, requests: usize) {
        self.left -= super::market::count(requests);
    }

    /// How long until another request may be made.
    pub fn wait(&self, per_sec: f64) -> Duration {
        let missing = 1.0 - self.left;
        if missing <= 0.0 {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(missing / rate(per_sec)).unwrap_or(Duration::MAX)
    }
}

/// Requests a second that are allowed at a budget of so many.
fn rate(per_sec: f64) -> f64 {
    (ABOVE * per_sec).max(PER_SEC_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_of_a_thousand_sources_is_spread_over_minutes_and_a_few_are_not_held_up() {
        let at = |secs: i64| Timestamp::from_second(1_800_000_000 + secs).expect("a timestamp");
        let per_sec = 1_000.0 / 1_800.0;
        let mut allowance = Allowance::new(at(0));
        let first = allowance.take(per_sec, 1_000, at(0));
        assert_eq!(first, 83);
        allowance.spend(first);
        assert_eq!(allowance.take(per_sec, 1_000, at(0)), 0);
        assert!((0.1..0.8).contains(&allowance.wait(per_sec).as_secs_f64()));
        let mut made = first;
        for secs in 1..=600 {
            let more = allowance.take(per_sec, 64, at(secs));
            allowance.spend(more);
            made += more;
        }
        assert!((880..=930).contains(&made), "{made}");
        // A list of two hundred that comes to one source: nobody has found a budget for them yet.
        let mut import = Allowance::new(at(0));
        let mut made = 0;
        for secs in 0..=200 {
            let more = import.take(1.0 / 1_800.0, 200 - made, at(secs));
            import.spend(more);
            made += more;
        }
        assert_eq!(made, 200);
        let mut few = Allowance::new(at(0));
        assert_eq!(few.take(50.0 / 1_800.0, 50, at(0)), 50);
        assert_eq!(few.wait(1.0), Duration::ZERO);
    }
}
