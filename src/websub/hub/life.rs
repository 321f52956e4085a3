//! The life of a follower: asked for, confirmed, posted to, renewed, ended. Each step is a function of it as it stood.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Exchange, FailureKind, FeedVersion, Follower, FollowerState, Petition, Wish};

/// What becomes of a follower's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It stands as it stood.
    Same,
    /// It stands so.
    Keep(Box<Follower>),
    /// It is forgotten.
    Drop,
}

/// What is to be done for a follower.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Its callback is to be asked whether it meant what was asked in its name.
    Verify(Petition),
    /// The feed is to be posted to it.
    Post,
    /// Its lease is over.
    Drop,
    /// Nothing, now.
    Wait,
}

/// From one post to the next, so that many changes at once are one post or two: the first is posted at once.
const GAP: Duration = Duration::from_secs(5);
/// The wait after a first failed post; each further one is twice the last, up to the longest.
const FIRST_RETRY: Duration = Duration::from_secs(5);
const RETRY_MAX: Duration = Duration::from_hours(1);
/// A follower is forgotten so long after its lease: a clock that was put forward for a while forgets none.
const KEPT: Duration = Duration::from_hours(24);
/// Waits are lengthened by up to this fraction.
const JITTER: f64 = 0.2;
/// A callback that can't be asked at all is asked again after these; one that answers no isn't.
const VERIFY_AGAIN: [Duration; 2] = [Duration::from_secs(10), Duration::from_mins(1)];
/// What is kept of an answer, for people.
const NOTE_CHARS_MAX: usize = 200;

/// The state once somebody asked in the follower's name: what held goes on to hold until the callback confirms the new.
pub fn petitioned(state: &FollowerState, wish: Wish, now: Timestamp) -> FollowerState {
    let now = to_the_millisecond(now);
    FollowerState { petition: Some(Petition { wish, asked_at: now, due_at: now, failures: 0 }), ..state.clone() }
}

/// What is to be done for a follower of a feed that stands at `version`.
pub fn next(follower: &Follower, version: FeedVersion, now: Timestamp) -> Next {
    let state = &follower.state;
    match &state.petition {
        Some(petition) if petition.due_at <= now => return Next::Verify(petition.clone()),
        None if is_forgotten(follower, now) => return Next::Drop,
        Some(_) | None => {}
    }
    if follower.is_confirmed(now) && state.has < version && state.next_at <= now { Next::Post } else { Next::Wait }
}

fn is_forgotten(follower: &Follower, now: Timestamp) -> bool {
    !follower.is_confirmed(now) && follower.state.lease_until.is_none_or(|until| later(until, KEPT) <= now)
}

/// Whether a callback's answer confirms: success, and the challenge and nothing else.
pub fn is_confirmation(exchange: &Exchange, challenge: &str) -> bool {
    // A line's end behind it is what frameworks add.
    let echo = |body: &[u8]| body.trim_ascii_end() == challenge.as_bytes();
    exchange.as_ref().is_ok_and(|answer| (200..300).contains(&answer.status) && echo(&answer.body))
}

/// What follows from the callback's answer to the question about `asked`. `dice` is a random number from 0 to 1.
pub fn verified(
    follower: &Follower,
    asked: &Petition,
    (exchange, challenge): (&Exchange, &str),
    now: Timestamp,
    dice: f64,
) -> Fate {
    // Something else was asked for meanwhile: that is verified by itself.
    if follower.state.petition.as_ref() != Some(asked) {
        return Fate::Same;
    }
    let mut after = follower.clone();
    let state = &mut after.state;
    state.petition = None;
    if is_confirmation(exchange, challenge) {
        let Wish::Follow { lease, secret } = &asked.wish else { return Fate::Drop };
        state.lease_until = Some(later(now, *lease));
        state.secret.clone_from(secret);
        // It answers: it need not wait for what it missed.
        if state.failures > 0 {
            (state.failures, state.next_at) = (0, state.next_at.min(to_the_millisecond(now)));
        }
        "confirmed".clone_into(&mut state.note);
        return Fate::Keep(Box::new(after));
    }
    state.note = cut(&match exchange {
        Ok(answer) if (200..300).contains(&answer.status) => "it did not echo the challenge".to_owned(),
        Ok(answer) => format!("it answered {} to the question whether it meant it", answer.status),
        Err(failure) => failure.to_string(),
    });
    let again = usize::try_from(asked.failures).ok().and_then(|failures| VERIFY_AGAIN.get(failures));
    if let Some(wait) = again.filter(|_| is_silence(exchange)) {
        let failures = asked.failures.saturating_add(1);
        let due_at = later(now, jittered(*wait, dice));
        state.petition = Some(Petition { due_at, failures, ..asked.clone() });
    } else if !follower.is_confirmed(now) {
        return Fate::Drop;
    }
    Fate::Keep(Box::new(after))
}

/// Whether nobody said no: the callback was out of reach, or is in trouble.
fn is_silence(exchange: &Exchange) -> bool {
    match exchange {
        Ok(answer) => is_passing(answer.status),
        Err(failure) => failure.kind != FailureKind::Blocked,
    }
}

/// What follows from the answer to a post of the feed at `version`, begun at `begun`.
pub fn posted(
    follower: &Follower,
    (version, hash): (FeedVersion, &str),
    exchange: &Exchange,
    (begun, now): (Timestamp, Timestamp),
    dice: f64,
) -> Fate {
    let mut after = follower.clone();
    let state = &mut after.state;
    match exchange {
        Ok(answer) if (200..300).contains(&answer.status) => {
            state.has = version;
            hash.clone_into(&mut state.posted_hash);
            state.posts = state.posts.saturating_add(1);
            (state.failures, state.last_post_at) = (0, Some(now));
            state.next_at = later(begun, GAP);
            state.note = format!("it answered {}", answer.status);
        }
        // Section 7: the subscriber has ended it.
        Ok(answer) if answer.status == 410 => return Fate::Drop,
        Ok(_) | Err(_) => {
            state.failures = state.failures.saturating_add(1);
            let wait = jittered(back_off(state.failures), dice);
            let asked = exchange.as_ref().ok().and_then(|answer| answer.headers.retry_after(now));
            // A subscriber may ask for any pause: its lease ends all the same.
            state.next_at = later(now, wait).max(asked.unwrap_or(now));
            state.note = cut(&match exchange {
                Ok(answer) => format!("it answered {}", answer.status),
                Err(failure) => failure.to_string(),
            });
        }
    }
    Fate::Keep(Box::new(after))
}

/// The follower of a feed that reads as it was posted last, whatever changed beneath it.
pub fn unchanged(follower: &Follower, version: FeedVersion) -> Fate {
    let mut after = follower.clone();
    after.state.has = version;
    Fate::Keep(Box::new(after))
}

fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

fn back_off(failures: u32) -> Duration {
    FIRST_RETRY.saturating_mul(2u32.saturating_pow(failures.saturating_sub(1))).min(RETRY_MAX)
}

fn jittered(wait: Duration, dice: f64) -> Duration {
    wait.mul_f64(1.0 + JITTER * dice.clamp(0.0, 1.0))
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    to_the_millisecond(at.checked_add(wait).unwrap_or(Timestamp::MAX))
}

/// As it is stored: what is read back is compared with what was asked.
fn to_the_millisecond(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// The beginning of a text, without control characters.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(NOTE_CHARS_MAX).collect()
}
