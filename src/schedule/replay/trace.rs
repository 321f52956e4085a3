//! Recorded posts.

use jiff::{SignedDuration, Timestamp};

use super::super::market::count;

/// Monday, 1 January 2024, 00:00 UTC: the moment that stands for time 0.
const MONDAY: i64 = 1_704_067_200;
/// A trace spans at most so many days to either side of 0: more is a mistake in its units.
const DAYS_MAX: f64 = 3_660.0;

/// The posts of many feeds, each feed's in order of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// By feed, in the order in which feeds were first named; in seconds from time 0.
    pub(super) feeds: Vec<Vec<f64>>,
}

impl Trace {
    /// Collects posts by feed; a post is a feed's name and a moment in seconds from a Monday, 00:00 UTC. Those before 0
    /// are what the first document shows.
    pub fn collect<'a>(posts: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let mut numbers = std::collections::BTreeMap::new();
        let mut feeds: Vec<Vec<f64>> = Vec::new();
        for (name, at) in posts {
            let number = *numbers.entry(name).or_insert_with(|| {
                feeds.push(Vec::new());
                feeds.len() - 1
            });
            if let Some(feed) = feeds.get_mut(number) {
                feed.push(at.clamp(-DAYS_MAX * 86_400.0, DAYS_MAX * 86_400.0));
            }
        }
        for feed in &mut feeds {
            feed.sort_unstable_by(f64::total_cmp);
        }
        Self { feeds }
    }

    /// How many feeds there are.
    pub fn feeds(&self) -> usize {
        self.feeds.len()
    }

    /// Days until the end, a multiple of a quarter.
    pub fn days(&self) -> f64 {
        let last = self.feeds.iter().flatten().copied().fold(0.0, f64::max);
        ((last / 86_400.0) * 4.0).ceil() / 4.0
    }

    pub(super) fn feeds_number(&self) -> f64 {
        count(self.feeds.len())
    }
}

/// The moment that stands for so many seconds from time 0.
pub(super) fn moment(secs: f64) -> Timestamp {
    let start = Timestamp::from_second(MONDAY).unwrap_or(Timestamp::UNIX_EPOCH);
    SignedDuration::try_from_secs_f64(secs).ok().and_then(|span| start.checked_add(span).ok()).unwrap_or(start)
}

/// Seconds from time 0 to a moment.
pub(super) fn seconds(at: Timestamp) -> f64 {
    at.duration_since(Timestamp::from_second(MONDAY).unwrap_or(Timestamp::UNIX_EPOCH)).as_secs_f64()
}
