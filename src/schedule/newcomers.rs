//! When sources that were never polled are polled first: a handful at once, many of them one after another, so that
//! neither an import nor the first start of a daemon is a burst for anybody.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use xxhash_rust::xxh3::xxh3_64;

/// So many start at once; what a person adds or declares by hand is rarely more.
const AT_ONCE: u32 = 20;
/// From then on a source each second: a thousand take a quarter of an hour, and a home's line doesn't notice.
const STEP: Duration = Duration::from_secs(1);
/// A larger crowd is closer together, so that it is through by then. That is the pace at which it is polled from then on by
/// the default budget (one request a source each half hour): whoever polls so many sources has the line for it.
const CROWD: Duration = Duration::from_mins(30);
/// Sources of one domain start no closer together than this, when many come: what the daemon keeps between its requests
/// anyway, by default.
const DOMAIN_STEP: Duration = Duration::from_secs(10);

/// A source that was never polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newcomer<'a> {
    /// Its address.
    pub url: &'a str,
    /// The domain of its address.
    pub domain: &'a str,
    /// Its longest wait between polls: it starts within it.
    pub interval_max: Duration,
}

/// How far first polls are given away, to be kept from one batch of newcomers to the next: a leaky bucket each for
/// handfuls and for crowds, so that what a person adds after an import doesn't wait for all that was imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Given {
    /// Until when to handfuls.
    pub few: Timestamp,
    /// Until when to crowds.
    pub many: Timestamp,
}

/// Gives each newcomer its first poll, in their order, and takes it down in `given`.
///
/// Of handfuls, and of crowds up to 1,800, at most 80 start in any minute: 20 at once, then one a second. Of a larger crowd a
/// thirtieth starts in a minute, so that it is through in half an hour. Only where that would take longer than their
/// intervals they are closer together, spread over the interval. Of a crowd the sources of one domain are 10 seconds apart where the interval allows. No chance: what is thrown is a hash of the address. `O(n log n)`.
pub fn first_polls(newcomers: &[Newcomer<'_>], given: &mut Given, now: Timestamp) -> Vec<Timestamp> {
    let interval = newcomers.iter().map(|newcomer| newcomer.interval_max).max().unwrap_or_default();
    let count = u32::try_from(newcomers.len()).unwrap_or(u32::MAX);
    let step = STEP.min(CROWD.min(interval) / count.max(AT_ONCE));
    let is_crowd = count > AT_ONCE;
    let until = if is_crowd { &mut given.many } else { &mut given.few };
    // A clock that was set back must not hold up anybody for longer than what it gave away may last.
    let mut bucket = Bucket { step, now, until: (*until).clamp(now, after(now, interval)) };
    let mut times = if is_crowd {
        apart_by_domain(newcomers, interval, &mut bucket)
    } else {
        newcomers.iter().map(|_| bucket.take(now)).collect()
    };
    *until = bucket.until;
    for (time, newcomer) in times.iter_mut().zip(newcomers) {
        if *time > after(now, newcomer.interval_max) {
            *time = after(now, newcomer.interval_max.mul_f64(unit(newcomer.url)));
        }
    }
    times
}

/// The generic cell rate algorithm (ITU-T I.371): `until` is its theoretical arrival time.
struct Bucket {
    step: Duration,
    now: Timestamp,
    until: Timestamp,
}

impl Bucket {
    /// When the next may start.
    fn next(&self) -> Timestamp {
        let tolerance = SignedDuration::try_from(self.step * (AT_ONCE - 1)).unwrap_or(SignedDuration::ZERO);
        self.until.saturating_sub(tolerance).unwrap_or(self.now).max(self.now)
    }

    /// Takes a place at `earliest` or later.
    fn take(&mut self, earliest: Timestamp) -> Timestamp {
        let at = self.next().max(earliest);
        self.until = after(self.until.max(at), self.step);
        at
    }
}

/// One domain's newcomers, the next last.
struct Domain {
    waiting: Vec<usize>,
    step: Duration,
}

/// Gives places in turn: of the domains that may be asked, the one with most sources left is first, so that the last
/// places are not all one domain's.
fn apart_by_domain(newcomers: &[Newcomer<'_>], interval: Duration, bucket: &mut Bucket) -> Vec<Timestamp> {
    let mut by_domain: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, newcomer) in newcomers.iter().enumerate() {
        by_domain.entry(newcomer.domain).or_default().push(index);
    }
    let mut domains: Vec<Domain> = by_domain
        .into_values()
        .map(|waiting| {
            let count = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
            Domain { waiting, step: DOMAIN_STEP.min(interval / count.max(1)) }
        })
        .collect();
    let mut free: BinaryHeap<(usize, usize)> = domains.iter().map(|h| h.waiting.len()).zip(0..).collect();
    let mut resting: BinaryHeap<Reverse<(Timestamp, usize)>> = BinaryHeap::new();
    let mut times = vec![bucket.now; newcomers.len()];
    loop {
        let mut at = bucket.next();
        if free.is_empty() {
            let Some(Reverse((ready, _))) = resting.peek() else { return times };
            at = at.max(*ready);
        }
        while let Some(Reverse((_, domain))) = resting.peek().filter(|Reverse((ready, _))| *ready <= at) {
            free.push((domains.get(*domain).map_or(0, |h| h.waiting.len()), *domain));
            resting.pop();
        }
        let Some((_, index)) = free.pop() else { return times };
        let Some(domain) = domains.get_mut(index) else { return times };
        if let Some(time) = domain.waiting.pop().and_then(|newcomer| times.get_mut(newcomer)) {
            *time = bucket.take(at);
        }
        if !domain.waiting.is_empty() {
            resting.push(Reverse((after(at, domain.step), index)));
        }
    }
}

fn after(at: Timestamp, wait: Duration) -> Timestamp {
    at.saturating_add(SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX)).unwrap_or(Timestamp::MAX)
}

/// A number from 0 up to 1 that an address always gives.
fn unit(url: &str) -> f64 {
    // 32 bits are plenty, and convert exactly.
    f64::from(u32::try_from(xxh3_64(url.as_bytes()) >> 32).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const FOUR_HOURS: Duration = Duration::from_hours(4);

    /// Seconds until each of `count` sources of `domains` domains starts.
    fn starts(count: usize, domains: usize, interval_max: Duration, given: &mut Given) -> Vec<(usize, f64)> {
        let names: Vec<(String, String)> = (0..count)
            .map(|n| (format!("https://h{}.example/{n}", n % domains), format!("h{}.example", n % domains)))
            .collect();
        let newcomers: Vec<Newcomer<'_>> =
            names.iter().map(|(url, domain)| Newcomer { url, domain, interval_max }).collect();
        let times = first_polls(&newcomers, given, NOW);
        times.iter().enumerate().map(|(n, at)| (n % domains, at.duration_since(NOW).as_secs_f64())).collect()
    }

    fn most_in_a_minute(starts: &[(usize, f64)]) -> usize {
        let mut sorted: Vec<f64> = starts.iter().map(|(_, at)| *at).collect();
        sorted.sort_by(f64::total_cmp);
        let before = |at: f64| sorted.partition_point(|start| *start < at);
        sorted.iter().map(|from| before(from + 60.0) - before(*from)).max().unwrap()
    }

    /// The least time between two sources of one domain.
    fn closest_of_a_domain(starts: &[(usize, f64)]) -> f64 {
        let mut sorted = starts.to_vec();
        sorted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let pairs = sorted.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        pairs.map(|pair| pair[1].1 - pair[0].1).min_by(f64::total_cmp).unwrap()
    }

    #[test]
    fn a_handful_starts_at_once_whatever_its_domains() {
        let starts = starts(20, 1, FOUR_HOURS, &mut Given::default());
        assert!(starts.iter().all(|(_, at)| *at <= 0.0), "{starts:?}");
    }

    #[test]
    fn a_thousand_feeds_are_spread_so_that_no_minute_and_no_domain_gets_many() {
        let starts = starts(1_000, 100, FOUR_HOURS, &mut Given::default());
        assert_eq!(starts.iter().filter(|(_, at)| *at <= 0.0).count(), 20);
        assert!(most_in_a_minute(&starts) <= 80, "{}", most_in_a_minute(&starts));
        assert!(closest_of_a_domain(&starts) >= 10.0, "{}", closest_of_a_domain(&starts));
        let last = starts.iter().map(|(_, at)| *at).fold(0.0, f64::max);
        assert!((900.0..1_100.0).contains(&last), "{last}");
    }

    #[test]
    fn a_large_crowd_is_through_in_half_an_hour_and_asks_no_domain_more_often() {
        for (count, domains, a_minute) in [(5_000, 1_000, 187), (20_000, 4_000, 687)] {
            let starts = starts(count, domains, FOUR_HOURS, &mut Given::default());
            let last = starts.iter().map(|(_, at)| *at).fold(0.0, f64::max);
            let most = most_in_a_minute(&starts);
            eprintln!("{count} sources of {domains} domains: through in {last:.0} s, at most {most} in a minute");
            assert!(last <= 1_800.0, "{last}");
            assert!(most <= a_minute, "{most}");
            assert!(closest_of_a_domain(&starts) >= 10.0, "{}", closest_of_a_domain(&starts));
        }
        // Of one domain the ten seconds decide: 720 take two hours.
        let starts = starts(720, 1, FOUR_HOURS, &mut Given::default());
        assert!(closest_of_a_domain(&starts) >= 10.0);
        assert!(starts.iter().all(|(_, at)| *at < 7_200.0));
    }

    #[test]
    fn a_host_with_half_of_the_feeds_is_asked_every_ten_seconds_until_they_are_through() {
        let names: Vec<(String, String)> = (0..1_000)
            .map(|n| if n % 2 == 0 { "video.example".to_owned() } else { format!("h{n}.example") })
            .map(|domain| (format!("https://{domain}/feed"), domain))
            .collect();
        let newcomers: Vec<Newcomer<'_>> =
            names.iter().map(|(url, domain)| Newcomer { url, domain, interval_max: FOUR_HOURS * 10 }).collect();
        let times = first_polls(&newcomers, &mut Given::default(), NOW);
        let secs = |n: usize| times[n].duration_since(NOW).as_secs_f64();
        let (video, others): (Vec<_>, Vec<_>) = (0..1_000).map(|n| (n % 2, secs(n))).partition(|(odd, _)| *odd == 0);
        assert!(closest_of_a_domain(&video) >= 10.0);
        assert!(others.iter().all(|(_, at)| *at < 700.0));
        assert!(most_in_a_minute(&[video, others].concat()) <= 80);
    }

    #[test]
    fn the_same_sources_always_start_at_the_same_moments() {
        let once = || starts(300, 7, FOUR_HOURS, &mut Given::default());
        assert_eq!(once(), once());
    }

    #[test]
    fn handfuls_in_a_row_are_held_to_the_same_rate_and_don_t_wait_for_a_crowd() {
        let mut given = Given::default();
        starts(5_000, 500, FOUR_HOURS, &mut given);
        let one_by_one: Vec<_> = (0..100).flat_map(|_| starts(1, 1, FOUR_HOURS, &mut given)).collect();
        assert_eq!(one_by_one.iter().filter(|(_, at)| *at <= 0.0).count(), 20);
        assert!(most_in_a_minute(&one_by_one) <= 80);
    }

    #[test]
    fn a_second_crowd_takes_the_places_behind_the_first() {
        let mut given = Given::default();
        let first = starts(500, 50, FOUR_HOURS, &mut given);
        let second = starts(500, 50, FOUR_HOURS, &mut given);
        assert!(most_in_a_minute(&[first, second].concat()) <= 80);
    }

    #[test]
    fn however_many_come_each_starts_within_its_interval() {
        let starts = starts(100_000, 20_000, FOUR_HOURS, &mut Given::default());
        assert!(starts.iter().all(|(_, at)| *at <= FOUR_HOURS.as_secs_f64()));
        let quick = self::starts(65, 65, Duration::from_millis(480), &mut Given::default());
        assert!(quick.iter().all(|(_, at)| *at <= 0.48));
    }

    proptest! {
        /// Whatever comes in whatever batches: nobody before now or after its interval, and no minute gets more than its
        /// share of handfuls and of crowds.
        #[test]
        fn no_minute_gets_more_than_its_share(batches in vec((1_usize..120, 1_usize..40), 1..6)) {
            let mut given = Given::default();
            let (mut few, mut many) = (Vec::new(), Vec::new());
            for (count, domains) in batches {
                let starts = starts(count, domains, FOUR_HOURS, &mut given);
                prop_assert!(starts.iter().all(|(_, at)| (0.0..=14_400.0).contains(at)));
                (if count > 20 { &mut many } else { &mut few }).extend(starts);
            }
            for starts in [few, many].iter().filter(|starts| !starts.is_empty()) {
                prop_assert!(most_in_a_minute(starts) <= 80);
            }
        }
    }

    #[test]
    fn a_clock_that_was_set_back_holds_nobody_up() {
        let mut given = Given { few: Timestamp::MAX, many: Timestamp::MAX };
        let starts = starts(30, 30, FOUR_HOURS, &mut given);
        assert!(starts.iter().all(|(_, at)| *at <= FOUR_HOURS.as_secs_f64()));
    }
}
