//! Policies held against recorded posts, on a virtual clock: what each would have noticed, and when.
//!
//! A feed's document shows its 20 newest posts. Every feed is first polled at a moment of its own within one interval;
//! what is scored is posted from twelve hours on, when a scheduler has had time to learn. A post is noticed at the
//! first poll after it; one that has left the document by then is lost, and counts as noticed at that poll.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::pace::{Crowd, DAY, HOUR, Intensity, Pace};
use super::price::{Price, Terms};

/// Posts that a feed's document shows.
const SHOWN: usize = 20;
/// Scoring begins after this.
const LEARNING: f64 = 12.0 * HOUR;
/// The trace's zero is a Monday, 00:00 UTC; this is one in seconds since 1970.
const MONDAY: f64 = 4.0 * DAY;
/// A policy whose pace is one number is fitted until its requests are this near to the budget, as a share of it.
const FITTED: f64 = 0.004;
const FITTINGS: u32 = 12;
/// Miniflux's bounds of an interval by entry frequency.
const MINIFLUX: (f64, f64) = (300.0, DAY);

/// How polls are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// This program's own: by piled-up delay, at one price.
    Adaptive,
    /// Each feed at the same interval.
    Fixed,
    /// Miniflux's `entry_frequency`: an interval in proportion to the mean gap of last week's entries, with the factor
    /// fitted to the budget.
    EntryFrequency,
}

impl PolicyKind {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Adaptive => "adaptive",
            Self::Fixed => "fixed",
            Self::EntryFrequency => "entry-frequency",
        }
    }
}

/// The bounds and the budget of a replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// Requests an hour, of all feeds together.
    pub requests_per_hour: f64,
    /// No interval of the adaptive policy is shorter, in seconds.
    pub min: f64,
    /// No interval of the adaptive policy is longer, in seconds.
    pub max: f64,
}

/// What came of a policy. Delays are in seconds, over posts from twelve hours on.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Feeds in the trace.
    pub feeds: usize,
    /// Posts that are scored.
    pub posts: usize,
    /// Requests in the time that is scored.
    pub requests: usize,
    /// What the budget allows in that time.
    pub budget: f64,
    /// Delays: mean, median, 95th and 99th in a hundred.
    pub mean: f64,
    /// See [`Report::mean`].
    pub median: f64,
    /// See [`Report::mean`].
    pub p95: f64,
    /// See [`Report::mean`].
    pub p99: f64,
    /// The mean delay at feeds with less than a post a day; `None` without any.
    pub quiet_mean: Option<f64>,
    /// Posts that had left the document before they were noticed.
    pub lost: usize,
    /// Requests of the busiest hour over those of the mean hour.
    pub peak: f64,
}

/// Replays `feeds`, each its posts in seconds from the trace's zero (a Monday, 00:00 UTC), ascending; posts before zero
/// stand in the document at the first poll.
pub fn replay(feeds: &[Vec<f64>], kind: PolicyKind, trial: &Trial) -> Report {
    match kind {
        PolicyKind::Adaptive => run(feeds, trial, &mut Adaptive::new(feeds.len(), trial)),
        PolicyKind::Fixed => {
            let every = interval(feeds.len(), trial);
            run(feeds, trial, &mut Fixed(every))
        }
        PolicyKind::EntryFrequency => fitted(feeds, trial),
    }
}

/// Seconds between two polls of one feed if all are polled alike.
fn interval(feeds: usize, trial: &Trial) -> f64 {
    count(feeds) * HOUR / trial.requests_per_hour.max(1e-9)
}

/// Looks for the factor with which `entry_frequency` spends the budget.
fn fitted(feeds: &[Vec<f64>], trial: &Trial) -> Report {
    let (mut low, mut high): (Option<f64>, Option<f64>) = (None, None);
    let mut scale = 1.0_f64;
    let mut best: Option<Report> = None;
    for _ in 0..FITTINGS {
        let report = run(feeds, trial, &mut EntryFrequency { scale, known: vec![Vec::new(); feeds.len()] });
        let ratio = count(report.requests) / report.budget.max(1e-9);
        let error = (ratio - 1.0).abs();
        if best.as_ref().is_none_or(|b| error < (count(b.requests) / b.budget.max(1e-9) - 1.0).abs()) {
            best = Some(report);
        }
        if error < FITTED {
            break;
        }
        if ratio > 1.0 {
            low = Some(scale);
        } else {
            high = Some(scale);
        }
        scale = match (low, high) {
            (Some(low), Some(high)) => (low * high).sqrt(),
            (Some(low), None) => low * ratio.clamp(1.05, 8.0),
            (None, Some(high)) => high * ratio.clamp(0.125, 0.95),
            (None, None) => scale,
        };
    }
    best.unwrap_or_else(|| run(feeds, trial, &mut Fixed(interval(feeds.len(), trial))))
}

/// What decides on the next poll. Moments are in seconds since 1970.
trait Policy {
    /// Says when the feed is polled next, given what a poll brought.
    fn polled(&mut self, feed: usize, new: &[f64], now: f64) -> f64;
}

struct Fixed(f64);

impl Policy for Fixed {
    fn polled(&mut self, _feed: usize, _new: &[f64], now: f64) -> f64 {
        now + self.0
    }
}

struct EntryFrequency {
    scale: f64,
    known: Vec<Vec<f64>>,
}

impl Policy for EntryFrequency {
    fn polled(&mut self, feed: usize, new: &[f64], now: f64) -> f64 {
        let week = 7.0 * DAY;
        let Some(known) = self.known.get_mut(feed) else { return now + MINIFLUX.1 };
        known.extend_from_slice(new);
        known.retain(|at| *at >= now - week);
        let (Some(first), Some(last)) = (known.first(), known.last()) else { return now + MINIFLUX.1 };
        if known.len() < 2 || last <= first {
            return now + MINIFLUX.1;
        }
        let gap = (last - first) / count(known.len() - 1);
        let weekly = (week / gap).ceil();
        now + (week / weekly * self.scale).clamp(MINIFLUX.0, MINIFLUX.1)
    }
}

/// The real thing: paces, crowd and price as the daemon keeps them.
struct Adaptive {
    paces: Vec<Option<Pace>>,
    crowd: Crowd,
    price: Price,
    terms: Terms,
}

impl Adaptive {
    fn new(feeds: usize, trial: &Trial) -> Self {
        Self {
            paces: vec![None; feeds],
            crowd: Crowd::default(),
            price: Price::new(trial.requests_per_hour / HOUR, MONDAY),
            terms: Terms { min: trial.min, max: trial.max, weight: 1.0 },
        }
    }

    fn reprice(&mut self, now: f64) {
        let known: Vec<Intensity> = self.paces.iter().flatten().map(|pace| pace.intensity(&self.crowd)).collect();
        // Those that were never polled spend like those that were.
        let share = count(known.len()) / count(self.paces.len()).max(1.0);
        self.price.reprice(known.iter().map(|intensity| (intensity, self.terms)), share, now);
    }
}

impl Policy for Adaptive {
    fn polled(&mut self, feed: usize, new: &[f64], now: f64) -> f64 {
        self.price.spent();
        let Some(place) = self.paces.get_mut(feed) else { return now + self.terms.max };
        match place {
            Some(pace) => pace.learn(new, now, &mut self.crowd),
            None => *place = Some(Pace::begin(new, now, &mut self.crowd)),
        }
        if self.price.is_stale(now) {
            self.reprice(now);
        }
        let Some(Some(pace)) = self.paces.get(feed) else { return now + self.terms.max };
        self.price.due(&pace.intensity(&self.crowd), self.terms, now).0
    }
}

/// A feed in the run.
struct Feed<'a> {
    posts: &'a [f64],
    seen: usize,
    is_known: bool,
}

fn run(feeds: &[Vec<f64>], trial: &Trial, policy: &mut dyn Policy) -> Report {
    let last = feeds.iter().filter_map(|posts| posts.last().copied()).fold(0.0, f64::max);
    let end = (last / DAY * 4.0).ceil() / 4.0 * DAY;
    let every = interval(feeds.len(), trial);
    let mut states: Vec<Feed<'_>> = feeds.iter().map(|posts| Feed { posts, seen: 0, is_known: false }).collect();
    let mut queue: BinaryHeap<Reverse<(u64, usize)>> =
        (0..feeds.len()).map(|feed| Reverse((millis(phase(feed) * every), feed))).collect();
    let mut tally = Tally::new(feeds.len(), end);
    while let Some(Reverse((at, feed))) = queue.pop() {
        let now = from_millis(at);
        if now >= end {
            break;
        }
        tally.request(now);
        let Some(state) = states.get_mut(feed) else { continue };
        let shown = state.posts.partition_point(|post| *post <= now);
        let new = state.posts.get(state.seen..shown).unwrap_or_default();
        for post in new {
            tally.noticed(feed, *post, now);
        }
        let left = new.len().saturating_sub(SHOWN);
        if state.is_known {
            tally.lost += left;
        }
        let new: Vec<f64> = new.iter().skip(left).map(|post| post + MONDAY).collect();
        (state.seen, state.is_known) = (shown, true);
        let next = policy.polled(feed, &new, now + MONDAY) - MONDAY;
        queue.push(Reverse((millis(next).max(at + 1), feed)));
    }
    for (feed, state) in states.iter().enumerate() {
        for post in state.posts.iter().skip(state.seen) {
            tally.noticed(feed, *post, end);
        }
    }
    tally.report(feeds.len(), trial)
}

/// What is counted while a policy runs.
struct Tally {
    end: f64,
    requests: usize,
    by_hour: Vec<usize>,
    delays: Vec<(usize, f64)>,
    posts: Vec<usize>,
    lost: usize,
}

impl Tally {
    fn new(feeds: usize, end: f64) -> Self {
        let hours = usize::try_from(millis(end) / 3_600_000).unwrap_or(0) + 1;
        Self { end, requests: 0, by_hour: vec![0; hours], delays: Vec::new(), posts: vec![0; feeds], lost: 0 }
    }

    fn request(&mut self, now: f64) {
        if now < LEARNING {
            return;
        }
        self.requests += 1;
        if let Ok(hour) = usize::try_from(millis(now) / 3_600_000)
            && let Some(requests) = self.by_hour.get_mut(hour)
        {
            *requests += 1;
        }
    }

    fn noticed(&mut self, feed: usize, post: f64, now: f64) {
        if post < LEARNING || post >= self.end {
            return;
        }
        self.delays.push((feed, now - post));
        if let Some(posts) = self.posts.get_mut(feed) {
            *posts += 1;
        }
    }

    fn report(self, feeds: usize, trial: &Trial) -> Report {
        let scored = (self.end - LEARNING).max(0.0);
        let days = (scored / DAY).max(1e-9);
        let is_quiet = |feed: usize| self.posts.get(feed).is_some_and(|posts| count(*posts) / days < 1.0);
        let quiet: Vec<f64> = self.delays.iter().filter(|(feed, _)| is_quiet(*feed)).map(|(_, d)| *d).collect();
        let mut delays: Vec<f64> = self.delays.iter().map(|(_, delay)| *delay).collect();
        delays.sort_by(f64::total_cmp);
        let busiest = self.by_hour.iter().copied().max().unwrap_or(0);
        let hours = (scored / HOUR).max(1e-9);
        Report {
            feeds,
            posts: delays.len(),
            requests: self.requests,
            budget: trial.requests_per_hour * hours,
            mean: mean(&delays).unwrap_or(0.0),
            median: share(&delays, 0.5),
            p95: share(&delays, 0.95),
            p99: share(&delays, 0.99),
            quiet_mean: mean(&quiet),
            lost: self.lost,
            peak: count(busiest) / (count(self.requests) / hours).max(1e-9),
        }
    }
}

fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / count(numbers.len()))
}

/// The number below which a share of the sorted numbers lies, between two of them by proportion.
fn share(sorted: &[f64], share: f64) -> f64 {
    let place = share * count(sorted.len().saturating_sub(1));
    let at = |number: f64| usize::try_from(millis(number) / 1_000).ok().and_then(|n| sorted.get(n)).copied();
    let (below, above) = (at(place.floor()).unwrap_or(0.0), at(place.ceil()).unwrap_or(0.0));
    below + (above - below) * place.fract()
}

/// A feed's first moment within the interval: spread evenly, in no order (the golden ratio's multiples).
fn phase(feed: usize) -> f64 {
    (count(feed) * 0.618_033_988_749_894_9).fract()
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::from(u32::MAX), f64::from)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of f64 saturates")]
fn millis(seconds: f64) -> u64 {
    (seconds * 1_000.0).round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "a trace is far shorter than 2^53 ms")]
fn from_millis(millis: u64) -> f64 {
    millis as f64 / 1_000.0
}
