//! Polls of a source whose hub pushes: few, to see that the hub tells all.

use std::time::Duration;

use jiff::Timestamp;

use super::market::Quote;
use super::next::{Next, URGENT_MAX};
use super::pace::{Pace, Seen};
use crate::model::{Channel, SourceSpec};

/// A source that is pushed is polled so many times more rarely than its pace asks for (`NewsBlur`'s factor) ...
const RARER: u32 = 12;
/// ... though never more often than this, nor more rarely than `WAIT_MAX`: a day's stories at the worst are late, where
/// a hub has fallen silent.
const WAIT_MIN: Duration = Duration::from_hours(4);
const WAIT_MAX: Duration = Duration::from_hours(24);
/// A hub has this long to tell of an entry.
const GRACE: Duration = Duration::from_mins(10);
/// A hub that missed one is not relied upon for this long.
const DISTRUST: Duration = Duration::from_hours(7 * 24);

/// A poll's decision with regard to the source's channel.
#[derive(Debug, Clone, PartialEq)]
pub struct BackedUp {
    /// When to poll next.
    pub next: Next,
    /// Until when the hub is not relied upon, where this poll found what it had not told.
    pub distrust_until: Option<Timestamp>,
}

/// What a good poll found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The dates of the stories that are new.
    pub new: &'a [Option<Timestamp>],
    /// The good poll before it.
    pub last_good_at: Option<Timestamp>,
}

/// Decides when a source with a push channel is polled next, given what its pace alone asks for, after a good poll.
///
/// A hub that only says that there is something new has told of everything published until then. A source with so
/// short a longest wait that it can only be meant keeps to it.
pub fn backed_up(next: Next, spec: &SourceSpec, channel: &Channel, found: Found<'_>, now: Timestamp) -> BackedUp {
    let mut next = next;
    if missed(channel, found, now) {
        return BackedUp { next, distrust_until: Some(later(now, DISTRUST)) };
    }
    if channel.is_relied_upon(now) && spec.interval_max >= URGENT_MAX {
        let wait = next.interval.saturating_mul(RARER).clamp(WAIT_MIN, WAIT_MAX).max(next.interval);
        // Jitter was dealt as a fraction of the shorter wait, and stays that fraction.
        let dealt = next.at.duration_since(now).as_secs_f64() / next.interval.as_secs_f64().max(f64::MIN_POSITIVE);
        next.at = later(now, wait.mul_f64(dealt.clamp(1.0, 2.0)));
        next.interval = wait;
    }
    BackedUp { next, distrust_until: None }
}

/// What a source's schedule has learnt once a push brought new stories with these dates; `None` before its first good
/// poll.
pub fn pushed(pace: &[u8], new: &[Option<Timestamp>], quote: &Quote, now: Timestamp) -> Option<Vec<u8>> {
    let mut pace = Pace::from_bytes(pace)?;
    pace.see(Seen::New(new), now, &quote.pool);
    Some(pace.to_bytes())
}

/// Whether a new story was published long enough ago, while the channel was open and had begun to push, that the hub
/// ought to have told of it.
///
/// What has no date that can be true came since the last good poll. The hub has missed it where the channel was open all that
/// time, that is longer than a hub may take, and nothing at all was pushed in it.
fn missed(channel: &Channel, found: Found<'_>, now: Timestamp) -> bool {
    let state = &channel.state;
    let Some(since) = state.open_since.filter(|_| channel.is_open(now) && state.last_push_at.is_some()) else {
        return false;
    };
    let told = state.last_thin_at.map_or(since, |thin| thin.max(since));
    let due = now.checked_sub(GRACE).unwrap_or(Timestamp::MIN);
    let was_quiet = found.last_good_at.is_some_and(|last| {
        since <= last && last <= due && [state.last_push_at, state.last_thin_at].iter().flatten().all(|at| *at < last)
    });
    found.new.iter().any(|published| match published {
        Some(published) if *published <= now => told < *published && *published <= due,
        Some(_) | None => was_quiet,
    })
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{ChannelId, ChannelPhase, ChannelSpec, ChannelState, Secret, SourceHealth, SourceId, WebUrl};

    const MINUTE: i64 = 60;
    const HOUR: i64 = 3_600;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).unwrap()
    }

    fn spec(longest: Duration) -> SourceSpec {
        SourceSpec::feed(WebUrl::parse("https://press.example/feed").unwrap(), (Duration::from_mins(1), longest))
    }

    /// A channel that is open since the beginning, and pushed an hour later.
    fn channel() -> Channel {
        let address = WebUrl::parse("https://hub.example/").unwrap();
        Channel {
            id: ChannelId(1),
            source: SourceId(1),
            spec: ChannelSpec {
                topic: "https://press.example/feed".to_owned(),
                hubs: vec![address.clone()],
                base: address,
                token: Secret::new("t"),
                secret: Secret::new("s"),
            },
            state: ChannelState {
                phase: ChannelPhase::Open,
                open_since: Some(at(0)),
                lease_until: Some(at(240 * HOUR)),
                last_push_at: Some(at(HOUR)),
                ..ChannelState::default()
            },
        }
    }

    fn with(state: impl FnOnce(&mut ChannelState)) -> Channel {
        let mut channel = channel();
        state(&mut channel.state);
        channel
    }

    /// What follows 20 hours in, where the pace asks for a poll after `wait_mins`.
    fn decided(channel: &Channel, wait_mins: u64, new: &[Option<Timestamp>]) -> BackedUp {
        let now = at(20 * HOUR);
        let interval = Duration::from_mins(wait_mins);
        let next = Next {
            at: later(now, interval.mul_f64(1.02)),
            interval,
            failures: 0,
            health: SourceHealth::Well,
            domain_pause: None,
            turned: None,
            pace: None,
        };
        let found = Found { new, last_good_at: Some(at(16 * HOUR)) };
        backed_up(next, &spec(Duration::from_hours(4)), channel, found, now)
    }

    fn wait_mins(channel: &Channel, asked: u64) -> u64 {
        decided(channel, asked, &[]).next.interval.as_secs() / 60
    }

    #[test]
    fn a_pushed_source_is_polled_twelve_times_more_rarely_within_four_hours_and_a_day() {
        assert_eq!(wait_mins(&channel(), 5), 240);
        assert_eq!(wait_mins(&channel(), 30), 360);
        assert_eq!(wait_mins(&channel(), 240), 1_440);
        assert_eq!(wait_mins(&channel(), 3_000), 3_000, "never sooner than its own pace asks for");
        let next = decided(&channel(), 30, &[]).next;
        assert_eq!(next.at.duration_since(at(20 * HOUR)).as_secs(), 360 * MINUTE * 102 / 100, "jitter grows along");
    }

    #[test]
    fn a_channel_that_is_not_open_or_has_not_pushed_or_is_distrusted_changes_nothing() {
        assert_eq!(wait_mins(&with(|s| s.phase = ChannelPhase::Asking), 30), 30);
        assert_eq!(wait_mins(&with(|s| s.lease_until = Some(at(20 * HOUR))), 30), 30);
        assert_eq!(wait_mins(&with(|s| s.last_push_at = None), 30), 30);
        assert_eq!(wait_mins(&with(|s| s.distrusted_until = Some(at(21 * HOUR))), 30), 30);
        assert_eq!(wait_mins(&with(|s| s.distrusted_until = Some(at(19 * HOUR))), 30), 360);
    }

    #[test]
    fn a_source_that_is_declared_to_be_looked_at_each_minute_is() {
        let next = decided(&channel(), 1, &[]).next;
        let short = Next { at: at(20 * HOUR + 60), interval: Duration::from_mins(1), ..next };
        let found = Found { new: &[], last_good_at: None };
        let decided = backed_up(short.clone(), &spec(Duration::from_mins(1)), &channel(), found, at(20 * HOUR));
        assert_eq!(decided.next, short);
    }

    #[test]
    fn a_hub_that_missed_an_entry_is_distrusted_for_a_week() {
        let missed = |channel: &Channel, published: i64| {
            let decided = decided(channel, 30, &[Some(at(published))]);
            assert_eq!(decided.distrust_until.is_some(), decided.next.interval == Duration::from_mins(30));
            decided.distrust_until
        };
        let week = Some(at(20 * HOUR + 7 * 24 * HOUR));
        assert_eq!(missed(&channel(), 20 * HOUR - 10 * MINUTE), week);
        assert_eq!(missed(&channel(), 20 * HOUR - 9 * MINUTE), None, "the hub may still tell of it");
        assert_eq!(missed(&channel(), 0), None, "published before the channel was open");
        assert_eq!(missed(&with(|s| s.last_thin_at = Some(at(10 * HOUR))), 10 * HOUR), None, "told by a thin push");
        assert_eq!(missed(&with(|s| s.last_thin_at = Some(at(10 * HOUR))), 10 * HOUR + 1), week);
        let silent = with(|s| s.last_push_at = None);
        assert_eq!(decided(&silent, 30, &[Some(at(15 * HOUR))]).distrust_until, None, "it was not relied upon");
    }

    #[test]
    fn a_hub_that_pushed_nothing_between_two_polls_missed_a_story_without_a_date_that_can_be_true() {
        let week = Some(at(20 * HOUR + 7 * 24 * HOUR));
        let missed = |channel: &Channel, published| decided(channel, 30, &[published]).distrust_until;
        assert_eq!(missed(&channel(), None), week);
        assert_eq!(missed(&channel(), Some(at(30 * HOUR))), week, "a date to come is none");
        assert_eq!(missed(&with(|s| s.last_push_at = Some(at(17 * HOUR))), None), None, "it may be the one");
        assert_eq!(missed(&with(|s| s.last_thin_at = Some(at(17 * HOUR))), None), None);
        assert_eq!(missed(&with(|s| s.open_since = Some(at(17 * HOUR))), None), None, "it may have come before");
    }

    #[test]
    fn a_push_teaches_the_pace_as_a_poll_does() {
        let quote = Quote::default();
        let mut pace = Pace::default();
        pace.see(Seen::First(&[at(0), at(HOUR)]), at(2 * HOUR), &quote.pool);
        let before = pace.per_day();
        let bytes = pushed(&pace.to_bytes(), &[Some(at(3 * HOUR))], &quote, at(3 * HOUR)).unwrap();
        let taught = Pace::from_bytes(&bytes).unwrap();
        assert!(taught.per_day() > before);
        assert_eq!(taught.last_story_at(), Some(at(3 * HOUR)));
        assert_eq!(pushed(&[], &[], &quote, at(0)), None);
    }

    proptest! {
        #[test]
        fn the_next_poll_is_never_sooner_than_the_pace_asks_nor_later_than_a_day_beyond(wait in 1u64..20_000, published in -HOUR..30 * HOUR) {
            let plain = Duration::from_mins(wait);
            let decided = decided(&channel(), wait, &[Some(at(published))]);
            prop_assert!(decided.next.interval >= plain);
            prop_assert!(decided.next.interval <= plain.max(WAIT_MAX));
            prop_assert!(decided.next.at >= later(at(20 * HOUR), decided.next.interval));
        }
    }
}
