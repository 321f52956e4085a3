//! The life of a channel: asked for, open, renewed, refused, ended. Each step is a function of the channel as it stood.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Channel, ChannelPhase, ChannelSpec, Exchange, Response, Secret, WebUrl};

use super::announcement::Announcement;

/// What the operator settles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The public address of this daemon, as hubs must reach it.
    pub callback: WebUrl,
    /// For how long hubs are asked to push; they may grant less.
    pub lease: Duration,
}

/// What becomes of a channel's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// It stands as it stood.
    Same,
    /// It stands so.
    Keep(Box<Channel>),
    /// It is forgotten.
    Drop,
}

/// A hub that took a request verifies within seconds; some queue it for minutes.
const VERIFICATION: Duration = Duration::from_mins(5);
/// The wait after a first failed request: most outages are restarts.
const FIRST_RETRY: Duration = Duration::from_secs(5);
/// Each further wait is so many times the last: a hub that was down is asked again after as long, and fifteen requests
/// reach a day. (Four times would be eight, and hubs that were back went unasked for three times their outage.)
const RETRY_GROWTH: u32 = 2;
/// No wait after a failure is longer; and a hub that refused is asked again after so long.
const DAY: Duration = Duration::from_hours(24);
/// A hub that refused is followed by the next one that the publisher names after so long.
const NEXT_HUB: Duration = Duration::from_mins(1);
/// Waits are lengthened by up to this fraction.
const JITTER: f64 = 0.2;
/// A renewal is asked for when this fraction of the lease is over, and up to `RENEW_SPREAD` of it later: of ten days
/// two are left for a hub that is down.
const RENEW_AT: f64 = 0.7;
const RENEW_SPREAD: f64 = 0.1;
/// No renewal is asked for sooner, however short the lease: between two such leases the source is polled as one without a hub.
const RENEW_MIN: Duration = Duration::from_mins(5);
/// A lease beyond this is renewed as if it were so long: hubs lose subscriptions.
const LEASE_MAX: Duration = Duration::from_hours(30 * 24);
/// Requests to end a channel: after so many its lease may as well run out.
const ENDINGS_MAX: u32 = 3;
/// What is kept of a hub's words.
const NOTE_CHARS_MAX: usize = 200;

/// What a channel is begun with, given 32 random bytes each for the callback's token and the key of signatures.
pub fn begun(announcement: Announcement, policy: &Policy, token: [u8; 32], secret: [u8; 32]) -> ChannelSpec {
    ChannelSpec {
        topic: announcement.topic,
        hubs: announcement.hubs,
        base: policy.callback.clone(),
        token: Secret::new(digits(token)),
        secret: Secret::new(digits(secret)),
    }
}

/// Hexadecimal digits: they need no escape in a path or a form, and 64 are well below the 200 bytes that a secret may have.
fn digits(bytes: [u8; 32]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.filter_map(|half| char::from_digit(half.into(), 16)).collect()
}

/// The channel as it stands while its hub is asked. Written before the request is sent: a hub may verify before it
/// answers, and a process that dies meanwhile asks again later. The moment is that of the request, to the millisecond as
/// it is stored: the answer is known by it.
pub fn asking(channel: &Channel, policy: &Policy, now: Timestamp) -> Channel {
    let mut asked = channel.clone();
    if asked.state.phase != ChannelPhase::Ending {
        asked.spec.base = policy.callback.clone();
    }
    asked.state.asked_at = Some(Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now));
    asked.state.due_at = later(now, VERIFICATION);
    asked
}

/// What follows from the hub's answer to the request of `asked_at`. `dice` is a random number from 0 to 1.
pub fn answered(channel: &Channel, asked_at: Timestamp, exchange: &Exchange, now: Timestamp, dice: f64) -> After {
    // It was verified, denied or ended while the answer was under way: that says more.
    if channel.state.asked_at != Some(asked_at) {
        return After::Same;
    }
    let ending = channel.state.phase == ChannelPhase::Ending;
    let mut after = channel.clone();
    let state = &mut after.state;
    state.failures = state.failures.saturating_add(1);
    let wait = jittered(back_off(state.failures), dice);
    let words;
    let is_down = exchange.as_ref().map_or(true, |response| response.status >= 500);
    match exchange {
        Ok(response) if (200..300).contains(&response.status) => {
            // Counted as failed until it is verified.
            state.due_at = later(now, wait.max(VERIFICATION));
            words = format!("{}, but not verified yet: can the hub reach the callback?", response.status);
        }
        Ok(response) if is_passing(response.status) => {
            let asked = response.headers.retry_after(now).unwrap_or(now).min(later(now, DAY));
            state.due_at = later(now, wait).max(asked);
            words = said(response);
        }
        Ok(_) if ending => return After::Drop,
        Ok(response) => {
            words = said(response);
            refuse(&mut after, now, dice);
        }
        Err(failure) => {
            state.due_at = later(now, wait);
            words = failure.to_string();
        }
    }
    if is_down {
        next_hub(&mut after);
    }
    if ending && after.state.failures >= ENDINGS_MAX {
        return After::Drop;
    }
    after.state.note = words;
    After::Keep(Box::new(after))
}

/// The channel once its hub has verified it, with the lease that the hub grants.
pub(super) fn verified(channel: &Channel, granted: Duration, now: Timestamp, dice: f64) -> Channel {
    let mut open = channel.clone();
    let unbroken = channel.is_open(now).then_some(channel.state.open_since).flatten();
    let state = &mut open.state;
    state.phase = ChannelPhase::Open;
    state.open_since = Some(unbroken.unwrap_or(now));
    state.lease_until = Some(later(now, granted));
    let renewed_after = granted.min(LEASE_MAX).mul_f64(RENEW_AT + RENEW_SPREAD * dice.clamp(0.0, 1.0)).max(RENEW_MIN);
    state.due_at = later(now, renewed_after);
    (state.asked_at, state.failures) = (None, 0);
    "verified".clone_into(&mut state.note);
    open
}

/// The channel once its hub has said that there is no subscription.
pub(super) fn denied(channel: &Channel, reason: &str, now: Timestamp, dice: f64) -> Channel {
    let mut denied = channel.clone();
    denied.state.failures = denied.state.failures.saturating_add(1);
    refuse(&mut denied, now, dice);
    let reason = cut(reason);
    denied.state.note =
        if reason.is_empty() { "denied, with no reason given".to_owned() } else { format!("denied: {reason}") };
    denied
}

/// The channel once it is no longer wanted: its hub is to be told, unless it never heard of it.
pub fn ended(channel: &Channel, now: Timestamp) -> After {
    let state = &channel.state;
    if state.phase == ChannelPhase::Ending {
        return After::Same;
    }
    let unheard = state.asked_at.is_none() && state.lease_until.is_none_or(|until| until <= now);
    if unheard {
        return After::Drop;
    }
    let mut ending = channel.clone();
    ending.state.phase = ChannelPhase::Ending;
    ending.state.due_at = now;
    (ending.state.asked_at, ending.state.failures) = (None, 0);
    After::Keep(Box::new(ending))
}

/// The channel under the daemon's public address as it is now: one that was asked for under another must be asked for
/// anew, as no push arrives there.
pub fn rehomed(channel: &Channel, policy: &Policy, now: Timestamp) -> After {
    if channel.spec.base == policy.callback {
        return After::Same;
    }
    if channel.state.phase == ChannelPhase::Ending {
        return After::Drop;
    }
    let mut moved = channel.clone();
    moved.spec.base = policy.callback.clone();
    moved.state.phase = ChannelPhase::Asking;
    moved.state.due_at = now;
    (moved.state.asked_at, moved.state.failures, moved.state.lease_until) = (None, 0, None);
    After::Keep(Box::new(moved))
}

/// Whether a channel that is ending need not be pursued: nothing will be pushed any more.
pub fn forgotten(channel: &Channel, now: Timestamp) -> bool {
    let state = &channel.state;
    state.phase == ChannelPhase::Ending && state.lease_until.is_none_or(|until| until <= now) && state.failures > 0
}

/// A refusal holds for a day, unless the publisher names another hub that was not asked yet.
fn refuse(channel: &mut Channel, now: Timestamp, dice: f64) {
    let hubs = u32::try_from(channel.spec.hubs.len()).unwrap_or(1).max(1);
    let state = &mut channel.state;
    let is_last = state.failures.is_multiple_of(hubs);
    state.phase = ChannelPhase::Refused;
    state.due_at = later(now, jittered(if is_last { DAY } else { NEXT_HUB }, dice));
    (state.asked_at, state.lease_until, state.open_since) = (None, None, None);
    next_hub(channel);
}

fn next_hub(channel: &mut Channel) {
    if channel.state.phase != ChannelPhase::Ending && !channel.spec.hubs.is_empty() {
        channel.spec.hubs.rotate_left(1);
    }
}

/// Whether a hub that answers so may take the same request later.
fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

fn said(response: &Response) -> String {
    let words = cut(&String::from_utf8_lossy(&response.body));
    if words.is_empty() || words.starts_with('<') {
        format!("the hub answered {}", response.status)
    } else {
        format!("the hub answered {}: {words}", response.status)
    }
}

/// The beginning of a text, on one line and without control characters.
fn cut(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(NOTE_CHARS_MAX).collect()
}

fn back_off(failures: u32) -> Duration {
    FIRST_RETRY.saturating_mul(RETRY_GROWTH.saturating_pow(failures.saturating_sub(1))).min(DAY)
}

fn jittered(wait: Duration, dice: f64) -> Duration {
    wait.mul_f64(1.0 + JITTER * dice.clamp(0.0, 1.0))
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}
