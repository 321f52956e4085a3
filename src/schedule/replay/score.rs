//! What is counted in a replay, and what comes of it.

use std::ops::Range;

use super::super::market::count;
use super::trace::Trace;

/// Posts and requests before this are not counted: everybody is still learning. In seconds.
pub(super) const COUNTED_FROM: f64 = 43_200.0;
/// A feed with fewer posts a day is quiet.
const QUIET_PER_DAY: f64 = 1.0;

/// How a replay came out. Delays are in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Score {
    /// Posts that count.
    pub posts: usize,
    /// Requests that count.
    pub requests: usize,
    /// The requests that the budget allows in the time that counts.
    pub budget: f64,
    /// The mean delay.
    pub mean: f64,
    /// The median.
    pub median: f64,
    /// The 95th percentile.
    pub p95: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The mean over feeds of each feed's mean.
    pub per_feed: f64,
    /// The mean of the posts of feeds with less than one post a day; `None` where there is no such post.
    pub quiet: Option<f64>,
    /// Posts that fell out of the document between two polls.
    pub lost: usize,
    /// Requests of the busiest hour over the mean.
    pub busiest_hour: f64,
    /// What a fitted contender's intervals are multiplied by.
    pub factor: f64,
}

/// A score's mean over those of others at equal requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratios {
    /// Of the fixed interval's.
    pub of_fixed: f64,
    /// Of the fitted entry frequency's.
    pub of_entry_frequency: f64,
}

impl Score {
    /// Requests over the budget.
    pub fn share(&self) -> f64 {
        count(self.requests) / self.budget.max(1.0)
    }
}

/// What is written down while a replay runs.
pub(super) struct Ledger {
    counted: Range<f64>,
    delays: Vec<Vec<f64>>,
    hours: Vec<usize>,
    requests: usize,
    lost: usize,
}

impl Ledger {
    pub(super) fn new(trace: &Trace) -> Self {
        let end = trace.days() * 86_400.0;
        let mut hours = 0;
        while count(hours) * 3_600.0 < end {
            hours += 1;
        }
        Self {
            counted: COUNTED_FROM..end,
            delays: vec![Vec::new(); trace.feeds()],
            hours: vec![0; hours],
            requests: 0,
            lost: 0,
        }
    }

    pub(super) fn end(&self) -> f64 {
        self.counted.end
    }

    pub(super) fn poll(&mut self, at: f64, hour: usize) {
        if self.counted.contains(&at) {
            self.requests += 1;
        }
        if let Some(requests) = self.hours.get_mut(hour) {
            *requests += 1;
        }
    }

    pub(super) fn lost(&mut self, posts: usize) {
        self.lost += posts;
    }

    pub(super) fn noticed(&mut self, feed: usize, posted: f64, at: f64) {
        if let Some(delays) = self.delays.get_mut(feed).filter(|_| self.counted.contains(&posted)) {
            delays.push(at - posted);
        }
    }

    pub(super) fn score(self, requests_per_sec: f64, factor: f64) -> Score {
        let span = (self.counted.end - self.counted.start).max(0.0);
        let days = span / 86_400.0;
        let mut all: Vec<f64> = self.delays.iter().flatten().copied().collect();
        all.sort_unstable_by(f64::total_cmp);
        let brought: Vec<&Vec<f64>> = self.delays.iter().filter(|feed| !feed.is_empty()).collect();
        let quiet: Vec<f64> = brought
            .iter()
            .filter(|feed| count(feed.len()) / days < QUIET_PER_DAY)
            .flat_map(|f| f.iter().copied())
            .collect();
        let means: Vec<f64> = brought.iter().map(|feed| mean(feed)).collect();
        let counted = self.hours.get(12..).unwrap_or_default();
        let busiest = counted.iter().copied().max().unwrap_or(0);
        let hourly = mean(&counted.iter().map(|n| count(*n)).collect::<Vec<_>>());
        Score {
            posts: all.len(),
            requests: self.requests,
            budget: requests_per_sec * span,
            mean: mean(&all),
            median: percentile(&all, 50),
            p95: percentile(&all, 95),
            p99: percentile(&all, 99),
            per_feed: mean(&means),
            quiet: (!quiet.is_empty()).then(|| mean(&quiet)),
            lost: self.lost,
            busiest_hour: if hourly > 0.0 { count(busiest) / hourly } else { 0.0 },
            factor,
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / count(values.len()) }
}

/// The value that so many per cent of ascending values do not exceed (the nearest rank).
fn percentile(ascending: &[f64], percent: usize) -> f64 {
    let rank = (ascending.len() * percent).div_ceil(100).max(1);
    ascending.get(rank - 1).copied().unwrap_or(0.0)
}
