//! The time by which is judged how old is what is owed and what is kept.
//!
//! That is the wall clock's, but where it was put forward by more than an hour: what it then says to be too old would be given up, or
//! deleted, for good, and a clock that was put forward by mistake is put back within minutes. Such a time is believed once it has held
//! for a day; until then what goes on is the time before, by a clock that can't be put. Plans are kept by the wall clock all the while.
//!
//! What a clock says at the start is believed: nothing is there to hold it against.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

/// A clock that was put forward by less is believed at once: what is owed, and what is kept, is kept for days.
const DOUBTED: SignedDuration = SignedDuration::from_hours(1);
/// So long another time must have held, by the clock that can't be put, until it is believed.
const HELD: Duration = Duration::from_hours(24);

/// The time that is believed; cheap to clone, and shared.
#[derive(Debug, Clone)]
pub struct Reckoning {
    begun: (Instant, Duration),
    believed: Arc<Mutex<Believed>>,
}

impl Reckoning {
    /// From now on, which is believed.
    pub fn new(now: Timestamp) -> Self {
        let believed = Believed { wall: now, steady: Duration::ZERO, doubt: None };
        Self { begun: (instant(), since_boot()), believed: Arc::new(Mutex::new(believed)) }
    }

    /// By how much the wall clock, which says `wall`, is ahead of what is believed: nothing, but where it was put forward.
    pub(super) fn lead(&self, wall: Timestamp) -> SignedDuration {
        let (instant_begun, boot_begun) = self.begun;
        // A machine that sleeps doesn't count one of them, a simulated world not the other.
        let steady = instant().duration_since(instant_begun).max(since_boot().saturating_sub(boot_begun));
        self.believed.lock().unwrap_or_else(PoisonError::into_inner).lead(wall, steady)
    }

    /// The time that is believed while the wall clock says `wall`.
    pub(super) fn of(&self, wall: Timestamp) -> Timestamp {
        wall.checked_sub(self.lead(wall)).unwrap_or(Timestamp::MIN)
    }
}

/// A moment of the wall clock that was believed, and the steady clock's then.
#[derive(Debug, Clone, Copy)]
struct Believed {
    wall: Timestamp,
    steady: Duration,
    doubt: Option<Doubt>,
}

/// Another time that is not believed yet.
#[derive(Debug, Clone, Copy)]
struct Doubt {
    /// Since when it holds, by the steady clock.
    since: Duration,
    /// How far it is ahead.
    lead: SignedDuration,
}

impl Believed {
    fn lead(&mut self, wall: Timestamp, steady: Duration) -> SignedDuration {
        let passed = SignedDuration::try_from(steady.saturating_sub(self.steady)).unwrap_or(SignedDuration::MAX);
        let lead = wall.duration_since(self.wall).saturating_sub(passed);
        // One that was put back is believed: it makes nothing old.
        if lead < DOUBTED {
            *self = Self { wall, steady, doubt: None };
            return SignedDuration::ZERO;
        }
        let held = self.doubt.filter(|doubt| lead.saturating_sub(doubt.lead).unsigned_abs() < DOUBTED.unsigned_abs());
        let doubt = held.unwrap_or(Doubt { since: steady, lead });
        if steady.saturating_sub(doubt.since) >= HELD {
            *self = Self { wall, steady, doubt: None };
            return SignedDuration::ZERO;
        }
        self.doubt = Some(doubt);
        lead
    }
}

#[expect(clippy::disallowed_methods, reason = "asks how much time has passed, whatever the wall clock says")]
fn instant() -> Instant {
    Instant::now()
}

/// How long the machine runs, its sleep counted.
fn since_boot() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    /// By how many days each of these moments, of wall and steady clock in seconds, is ahead of what is believed.
    fn leads(moments: &[(i64, u64)]) -> Vec<i64> {
        let at = |secs| Timestamp::from_second(1_800_000_000 + secs).unwrap();
        let mut believed = Believed { wall: at(0), steady: Duration::ZERO, doubt: None };
        let lead = |(wall, steady): &(i64, u64)| believed.lead(at(*wall), Duration::from_secs(*steady)).as_secs() / DAY;
        moments.iter().map(lead).collect()
    }

    #[test]
    fn a_clock_that_stands_in_the_future_for_a_while_makes_nothing_old() {
        assert_eq!(
            leads(&[(10, 10), (400 * DAY + 20, 20), (400 * DAY + 65, 65), (66, 66), (70, 70)]),
            [0, 400, 400, 0, 0]
        );
    }

    #[test]
    fn what_a_clock_says_for_a_day_is_believed_and_what_it_says_then_is_held_against_that() {
        let ahead = |secs: i64| 400 * DAY + secs;
        let day = 86_400_u64;
        let moments = [(ahead(10), 10), (ahead(DAY), day), (ahead(DAY + 10), day + 10), (ahead(DAY + 20), day + 20)];
        assert_eq!(leads(&moments), [400, 400, 0, 0]);
        let jumps = [(ahead(10), 10), (2 * ahead(0) + DAY, day), (2 * ahead(0) + DAY + 10, day + 10)];
        assert_eq!(leads(&jumps), [400, 800, 800], "another time begins anew");
    }

    #[test]
    fn what_time_servers_correct_and_a_clock_that_is_put_back_are_believed_at_once() {
        assert_eq!(leads(&[(3_000, 10), (3_000 + 3_000, 20), (-30 * DAY, 30), (-30 * DAY + 5, 35)]), [0; 4]);
    }
}
