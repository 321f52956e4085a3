//! How many attempts may begin: which are under way, and how the endpoints that are asked have answered.
//!
//! An attempt holds a place while it is young. After that it waits for its endpoint, which costs a connection and nothing else, and
//! another begins in its place. So endpoints that never answer can only hold up others by their number, and that is bounded
//! twice: those that were slow when last asked have a quarter of the connections, and they and those that nobody knows yet three
//! quarters. The last quarter is for endpoints that are known to answer.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Answers, HeardOutcome, SubscriptionId};

/// An attempt is young for so long. Six hundred endpoints that hang, with 64 places, are all asked within a second; most webhooks
/// have answered by then.
const YOUNG: Duration = Duration::from_millis(100);
/// An endpoint that hasn't answered for so long is slow.
const SLOW: Duration = Duration::from_secs(1);
/// Endpoints whose answers are remembered; with one more all are forgotten, and are as new.
const KNOWN_MAX: usize = 100_000;

/// An attempt's place: when it was claimed, and which one it was.
pub(super) type Place = (Timestamp, u64);

/// Attempts under way, and how endpoints answer.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    under_way: BTreeMap<Place, SubscriptionId>,
    in_flight: BTreeMap<SubscriptionId, usize>,
    known: Arc<BTreeMap<SubscriptionId, Answers>>,
    eased: BTreeMap<SubscriptionId, Ease>,
    claimed: u64,
    /// Attempts that were claimed up to here were looked at: their endpoints count as slow, or have answered.
    looked_until: Timestamp,
}

/// An endpoint that had too much to do: how many attempts it may have under way, and how many of them it took since that was last changed.
#[derive(Debug, Clone, Copy)]
struct Ease {
    most: usize,
    taken: usize,
}

/// So many are taken in a row until an endpoint that had too much to do may have twice as many under way.
const EASED_FOR: usize = 8;
/// So many such endpoints are remembered; with one more all are forgotten.
const EASED_KNOWN_MAX: usize = 1_000;
/// With so many it is as any other.
const EASED_MAX: usize = 64;

/// How many more attempts may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// In all.
    pub(super) all: usize,
    /// Of them at endpoints that aren't known to answer promptly.
    pub(super) unproved: usize,
    /// Of those at endpoints that are known to be slow.
    pub(super) slow: usize,
}

impl Lanes {
    /// What may begin of `young` places and `most` connections.
    pub(super) fn room(&mut self, (young, most): (usize, usize), now: Timestamp) -> Room {
        self.notice(now);
        let (mut slow, mut unproved) = (0_usize, 0_usize);
        for (to, count) in &self.in_flight {
            let answers = self.known.get(to);
            if answers != Some(&Answers::Promptly) {
                unproved = unproved.saturating_add(*count);
            }
            if answers == Some(&Answers::Slowly) {
                slow = slow.saturating_add(*count);
            }
        }
        let all = young.saturating_sub(self.young(now).count()).min(most.saturating_sub(self.under_way.len()));
        let unproved = most.saturating_sub(most / 4).saturating_sub(unproved);
        Room { all, unproved, slow: most.div_ceil(4).saturating_sub(slow) }
    }

    /// When the next place is free because an attempt is young no longer.
    pub(super) fn place_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.young(now).next().and_then(|begun| begun.checked_add(YOUNG).ok())
    }

    /// An attempt begins.
    pub(super) fn begin(&mut self, to: SubscriptionId, now: Timestamp) -> Place {
        let place = (now, self.claimed);
        self.claimed = self.claimed.wrapping_add(1);
        self.under_way.insert(place, to);
        *self.in_flight.entry(to).or_default() += 1;
        place
    }

    /// An attempt has ended. Its endpoint said this and took so long to, if it was asked.
    pub(super) fn end(&mut self, place: Place, heard: Option<(HeardOutcome, Duration)>) {
        let Some(to) = self.under_way.remove(&place) else { return };
        if let Some(count) = self.in_flight.get_mut(&to) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.in_flight.remove(&to);
            }
        }
        if let Some((outcome, took)) = heard {
            self.learn(to, if took < SLOW { Answers::Promptly } else { Answers::Slowly });
            self.ease(to, outcome);
        }
    }

    /// An endpoint that has too much to do is asked by one attempt at a time, and then by twice as many as often as it takes them.
    fn ease(&mut self, to: SubscriptionId, outcome: HeardOutcome) {
        match outcome {
            HeardOutcome::Overloaded => {
                if self.eased.len() >= EASED_KNOWN_MAX {
                    self.eased.clear();
                }
                self.eased.insert(to, Ease { most: 1, taken: 0 });
            }
            HeardOutcome::Taken => {
                let Some(ease) = self.eased.get_mut(&to) else { return };
                ease.taken = ease.taken.saturating_add(1);
                if ease.taken >= EASED_FOR {
                    *ease = Ease { most: ease.most.saturating_mul(2), taken: 0 };
                }
                if ease.most >= EASED_MAX {
                    self.eased.remove(&to);
                }
            }
            HeardOutcome::Failed => {}
        }
    }

    /// Endpoints that had too much to do, and how many attempts each may have under way.
    pub(super) fn eased(&self) -> BTreeMap<SubscriptionId, usize> {
        self.eased.iter().map(|(to, ease)| (*to, ease.most)).collect()
    }

    /// How many are under way of each subscription.
    pub(super) fn in_flight(&self) -> &BTreeMap<SubscriptionId, usize> {
        &self.in_flight
    }

    /// How endpoints answered when they were last asked.
    pub(super) fn known(&self) -> Arc<BTreeMap<SubscriptionId, Answers>> {
        Arc::clone(&self.known)
    }

    /// How many are young.
    pub(super) fn busy(&self, now: Timestamp) -> usize {
        self.young(now).count()
    }

    fn young(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let after = now.checked_sub(YOUNG).unwrap_or(Timestamp::MIN);
        self.under_way.range((Bound::Excluded((after, u64::MAX)), Bound::Unbounded)).map(|((begun, _), _)| *begun)
    }

    /// Endpoints that haven't answered for so long are slow, before they have.
    fn notice(&mut self, now: Timestamp) {
        let until = now.checked_sub(SLOW).unwrap_or(Timestamp::MIN);
        if until <= self.looked_until {
            // Earlier where the clock was put back.
            self.looked_until = until;
            return;
        }
        let passed = (Bound::Excluded((self.looked_until, u64::MAX)), Bound::Included((until, u64::MAX)));
        let slow: Vec<SubscriptionId> = self.under_way.range(passed).map(|(_, to)| *to).collect();
        self.looked_until = until;
        for to in slow {
            self.learn(to, Answers::Slowly);
        }
    }

    fn learn(&mut self, to: SubscriptionId, answers: Answers) {
        if self.known.get(&to) == Some(&answers) {
            return;
        }
        let known = Arc::make_mut(&mut self.known);
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(to, answers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_has_too_much_to_do_is_asked_by_one_then_by_ever_more() {
        let (mut lanes, to, now) = (Lanes::default(), SubscriptionId(1), Timestamp::UNIX_EPOCH);
        let mut most_after = |outcome, times: usize| {
            for _ in 0..times {
                let place = lanes.begin(to, now);
                lanes.end(place, Some((outcome, Duration::ZERO)));
            }
            lanes.eased().get(&to).copied()
        };
        assert_eq!(most_after(HeardOutcome::Taken, 1), None);
        assert_eq!(most_after(HeardOutcome::Overloaded, 1), Some(1));
        assert_eq!(most_after(HeardOutcome::Taken, 7), Some(1));
        assert_eq!(most_after(HeardOutcome::Taken, 1), Some(2));
        assert_eq!(most_after(HeardOutcome::Failed, 9), Some(2));
        assert_eq!(most_after(HeardOutcome::Taken, 8), Some(4));
        assert_eq!(most_after(HeardOutcome::Overloaded, 1), Some(1));
        assert_eq!(most_after(HeardOutcome::Taken, 48), None);
    }
}
