//! The time by which is judged how old is what is owed and what is kept.
//!
//! That is the wall clock's, but where it was put forward by more than an hour: what it then says to be too old would be given up, or
//! deleted, for good, and a clock that was put forward by mistake is put back within minutes. Such a time is believed once it has held
//! for a day; until then what goes on is the time before, by a clock that can't be put. Plans are kept by the wall clock all the while.
//!
//! Where a clock is put forward again and again (a guest's that is halted each night), each step is believed once the clock has been at
//! least so far ahead for a day: what is believed follows a day behind, however often that happens.
//!
//! What a clock says at the start is held against the last poll that the store knows.

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
        Self::since(None, now)
    }

    /// From now on, which is believed if it is no later than `last`, the newest moment that is known of, by more than an hour.
    pub fn since(last: Option<Timestamp>, now: Timestamp) -> Self {
        let wall = last.map_or(now, |last| last.min(now));
        let mut believed = Believed { wall, steady: Duration::ZERO, doubts: Vec::new() };
        believed.lead(now, Duration::ZERO);
        Self { begun: (instant(), since_boot()), believed: Arc::new(Mutex::new(believed)) }
    }

    /// By how much the wall clock, which says `wall`, is ahead of what is believed: nothing, but where it was put forward.
    pub(super) fn lead(&self, wall: Timestamp) -> SignedDuration {
        self.believed.lock().unwrap_or_else(PoisonError::into_inner).lead(wall, self.steady())
    }

    /// The same for the age of what was made at `made`: what was made since the clock was put forward is as old as that says.
    pub(super) fn lead_since(&self, wall: Timestamp, made: Timestamp) -> SignedDuration {
        self.believed.lock().unwrap_or_else(PoisonError::into_inner).lead_since(wall, self.steady(), made)
    }

    /// How long it is in use.
    fn steady(&self) -> Duration {
        let (instant_begun, boot_begun) = self.begun;
        // A machine that sleeps doesn't count one of them, a simulated world not the other.
        instant().duration_since(instant_begun).max(since_boot().saturating_sub(boot_begun))
    }

    /// The time that is believed while the wall clock says `wall`.
    pub(super) fn of(&self, wall: Timestamp) -> Timestamp {
        wall.checked_sub(self.lead(wall)).unwrap_or(Timestamp::MIN)
    }
}

/// A moment of the wall clock that was believed, and the steady clock's then.
#[derive(Debug)]
struct Believed {
    wall: Timestamp,
    steady: Duration,
    /// Each further ahead than the one before it, and for less long.
    doubts: Vec<Doubt>,
}

/// A time that is not believed yet.
#[derive(Debug, Clone, Copy)]
struct Doubt {
    /// Since when the clock is that far ahead, by the steady clock.
    since: Duration,
    /// How far that is.
    lead: SignedDuration,
    /// What it said when that was found.
    began: Timestamp,
}

/// Steps of a clock that are told apart in a day: later ones are believed with the next that is.
const DOUBTS_MAX: usize = 48;

impl Believed {
    fn lead(&mut self, wall: Timestamp, steady: Duration) -> SignedDuration {
        let passed = SignedDuration::try_from(steady.saturating_sub(self.steady)).unwrap_or(SignedDuration::MAX);
        let mut lead = wall.duration_since(self.wall).saturating_sub(passed);
        // A clock that was put back is not that far ahead any more.
        self.doubts.retain(|doubt| doubt.lead.saturating_sub(lead) < DOUBTED);
        let held = self.doubts.iter().rev().find(|doubt| steady.saturating_sub(doubt.since) >= HELD);
        if let Some(&Doubt { lead: held, .. }) = held {
            self.wall = self.wall.checked_add(held).unwrap_or(Timestamp::MAX);
            lead = lead.saturating_sub(held);
            self.doubts.retain(|doubt| doubt.lead > held);
            for doubt in &mut self.doubts {
                doubt.lead = doubt.lead.saturating_sub(held);
            }
        }
        // One that was put back behind that is believed: it makes nothing old.
        if lead < DOUBTED {
            *self = Self { wall, steady, doubts: Vec::new() };
            return SignedDuration::ZERO;
        }
        let last = self.doubts.last().map_or(SignedDuration::ZERO, |doubt| doubt.lead);
        if lead.saturating_sub(last) >= DOUBTED && self.doubts.len() < DOUBTS_MAX {
            self.doubts.push(Doubt { since: steady, lead, began: wall });
        }
        lead
    }

    fn lead_since(&mut self, wall: Timestamp, steady: Duration, made: Timestamp) -> SignedDuration {
        let lead = self.lead(wall, steady);
        let known = self.doubts.iter().rev().find(|doubt| doubt.began <= made).map_or(SignedDuration::ZERO, |d| d.lead);
        lead.saturating_sub(known).max(SignedDuration::ZERO)
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
        let mut believed = Believed { wall: at(0), steady: Duration::ZERO, doubts: Vec::new() };
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
        assert_eq!(leads(&jumps), [400, 800, 400], "what is further ahead begins anew");
    }

    #[test]
    fn a_clock_that_jumps_forward_every_night_is_followed_a_day_behind() {
        // Eight hours in each sixteen that the machine runs: after 30 nights, by 240 hours.
        let moments: Vec<(i64, u64)> = (0..30 * 16)
            .map(|hour| ((hour / 16 * 24 + hour % 16 + 8) * 3_600, u64::try_from(hour).unwrap() * 3_600))
            .collect();
        assert!(leads(&moments).into_iter().all(|days| days == 0), "{:?}", leads(&moments));
    }

    #[test]
    fn what_is_made_after_a_clock_was_put_forward_grows_old_by_it() {
        let at = |secs| Timestamp::from_second(1_800_000_000 + secs).unwrap();
        let mut believed = Believed { wall: at(0), steady: Duration::ZERO, doubts: Vec::new() };
        let mut lead = |wall: i64, steady: u64, made: i64| {
            believed.lead_since(at(wall), Duration::from_secs(steady), at(made)).as_secs() / DAY
        };
        assert_eq!(lead(3 * DAY + 10, 10, 0), 3, "it was owed before");
        assert_eq!(lead(3 * DAY + 1_200, 1_200, 3 * DAY + 60), 0);
        assert_eq!(lead(5 * DAY + 1_300, 1_300, 3 * DAY + 60), 2, "put forward again");
        assert_eq!(lead(5 * DAY + 1_400, 1_400, 5 * DAY + 1_350), 0);
        assert_eq!(lead(5 * DAY + 1_400, 1_400, 0), 5);
    }

    #[test]
    fn a_time_that_is_less_far_ahead_than_the_one_before_it_begins_anew() {
        let day = 86_400_u64;
        let moments = [(400 * DAY + 10, 10), (2 * DAY + 20, 20), (3 * DAY + 10, day + 10), (3 * DAY + 20, day + 20)];
        assert_eq!(leads(&moments), [400, 2, 2, 0]);
    }

    #[test]
    fn a_clock_that_starts_ahead_of_all_that_is_known_is_held_against_that() {
        let at = |secs: i64| Timestamp::from_second(1_800_000_000 + secs).unwrap();
        let of = |last, secs| Reckoning::since(last, at(secs)).of(at(secs));
        assert!(of(Some(at(0)), 400 * DAY) < at(60));
        assert_eq!(of(Some(at(0)), 3_000), at(3_000));
        assert_eq!(of(Some(at(9_000)), 0), at(0), "a clock that was put back makes nothing old");
        assert_eq!(of(None, 400 * DAY), at(400 * DAY), "nothing is known");
    }

    #[test]
    fn what_time_servers_correct_and_a_clock_that_is_put_back_are_believed_at_once() {
        assert_eq!(leads(&[(3_000, 10), (3_000 + 3_000, 20), (-30 * DAY, 30), (-30 * DAY + 5, 35)]), [0; 4]);
    }
}
