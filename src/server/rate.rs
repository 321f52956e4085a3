//! How fast requests may come: a bucket for each token, and one for each address whose tokens don't count.
//!
//! The generic cell rate algorithm (ITU-T I.371, annex A.2): of a bucket only the moment is kept at which it would be full again.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::quota::Client;
use crate::model::TokenId;

const MINUTE: Duration = Duration::from_mins(1);
/// Buckets at once. When there are more that are not full, others wait until one is.
const BUCKETS_MAX: usize = 100_000;

/// How many requests may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// With one token in a minute; so many may come at once.
    pub requests_per_minute: u32,
    /// By one address in a minute with tokens that don't count, or none.
    pub failures_per_minute: u32,
}

/// The buckets; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Rates {
    /// By token; the configured one has no number.
    bearers: Buckets<Option<TokenId>>,
    failures: Buckets<IpAddr>,
}

impl Rates {
    pub(super) fn new(allowance: Allowance) -> Self {
        Self {
            bearers: Buckets::new(allowance.requests_per_minute),
            failures: Buckets::new(allowance.failures_per_minute),
        }
    }

    /// Counts a request with a token. Else it may be made after so long.
    pub(super) fn request(&self, token: Option<TokenId>, now: Timestamp) -> Result<(), Duration> {
        self.bearers.take(token, now)
    }

    /// Counts a try with no token that counts. Else it may be made after so long.
    pub(super) fn failure(&self, client: Client, now: Timestamp) -> Result<(), Duration> {
        self.failures.take(client.network(), now)
    }

    /// Whether an address has failed as often as it may.
    pub(super) fn is_spent(&self, client: Client, now: Timestamp) -> bool {
        self.failures.wait(&client.network(), now).is_some()
    }
}

/// A bucket for each key; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Buckets<K> {
    /// From one request to the next at a steady pace.
    pace: Duration,
    /// When each bucket that is not full would be.
    full_at: Arc<Mutex<BTreeMap<K, Timestamp>>>,
}

impl<K: Ord + Copy> Buckets<K> {
    /// Buckets that hold a minute's worth each.
    pub(super) fn new(per_minute: u32) -> Self {
        Self { pace: MINUTE / per_minute.max(1), full_at: Arc::default() }
    }

    /// Takes out of a bucket. Else something is in it after so long.
    pub(super) fn take(&self, key: K, now: Timestamp) -> Result<(), Duration> {
        let mut buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let lacking = buckets.get(&key).and_then(|full_at| lacks(*full_at, now)).unwrap_or_default();
        if let Some(wait) = self.until_one(lacking) {
            return Err(wait);
        }
        if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(&key) {
            buckets.retain(|_, full_at| lacks(*full_at, now).is_some());
            if buckets.len() >= BUCKETS_MAX {
                return Err(MINUTE);
            }
        }
        buckets.insert(key, now.checked_add(lacking + self.pace).unwrap_or(now));
        Ok(())
    }

    /// How long a bucket stays empty; `None` while something is in it.
    fn wait(&self, key: &K, now: Timestamp) -> Option<Duration> {
        let buckets = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        self.until_one(lacks(*buckets.get(key)?, now)?)
    }

    /// How long until something is in a bucket that lacks so much.
    fn until_one(&self, lacking: Duration) -> Option<Duration> {
        (lacking + self.pace).checked_sub(MINUTE).filter(|wait| !wait.is_zero())
    }
}

/// What a bucket lacks that would be full at `full_at`; `None` where it is full. None lacks more than a minute's worth: one that seems to
/// lack a little more was asked by two at once, of which the later came first; where it seems to lack far more, the clock was put back,
/// and nobody is to wait for as long.
fn lacks(full_at: Timestamp, now: Timestamp) -> Option<Duration> {
    let lacking = Duration::try_from(full_at.duration_since(now)).ok()?;
    (!lacking.is_zero() && lacking <= 2 * MINUTE).then_some(lacking.min(MINUTE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
    }

    #[test]
    fn a_minutes_worth_may_come_at_once_and_then_one_at_a_time() {
        let buckets = Buckets::new(60);
        assert!((0..60).all(|_| buckets.take("a", at(0)).is_ok()));
        assert_eq!(buckets.take("a", at(0)), Err(Duration::from_secs(1)));
        assert_eq!(buckets.take("a", at(400)), Err(Duration::from_millis(600)));
        assert_eq!((buckets.take("a", at(1_000)), buckets.take("b", at(1_000))), (Ok(()), Ok(())));
        assert!(buckets.take("a", at(1_000)).is_err());
        assert!((0..30).all(|_| buckets.take("a", at(31_000)).is_ok()) && buckets.take("a", at(31_000)).is_err());
    }

    #[test]
    fn a_clock_that_is_put_back_keeps_nobody_waiting() {
        let buckets = Buckets::new(60);
        assert!((0..60).all(|_| buckets.take("a", at(3_600_000)).is_ok()) && buckets.take("a", at(3_600_000)).is_err());
        assert!(buckets.take("a", at(3_599_990)).is_err(), "two requests that overtake each other put no clock back");
        assert!((0..60).all(|_| buckets.take("a", at(0)).is_ok()), "the bucket is full again");
        assert_eq!(buckets.take("a", at(0)), Err(Duration::from_secs(1)), "and no larger than before");
    }
}
