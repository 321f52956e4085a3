//! An endpoint's health: when all of its deliveries wait, for how long, and when it is given up.
//!
//! Two clocks decide when a delivery is attempted, and the later one counts: its own ([`super::judge`]: the schedule of
//! its retries, which only its own attempts move on) and its endpoint's, here. An endpoint that asks to be left alone, says
//! that it has too much to do, or fails several times in a row rests; what waits for it spends no attempts meanwhile. After
//! the rest exactly one delivery is attempted: taken, all that waited follows at once; not, the next rest is longer.

use std::time::Duration;

use jiff::Timestamp;

use super::retry::{later, varied};
use crate::model::{Exchange, Heard, HeardOutcome, Rest, RestReason, Trouble};

/// When endpoints are left alone, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthPolicy {
    /// Attempts in a row that fail, of whichever delivery, until the endpoint is left alone.
    pub open_after: u32,
    /// The first rest of an endpoint that does not say how long; each further one in a row is twice as long.
    pub rest_min: Duration,
    /// The longest such rest.
    pub rest_max: Duration,
    /// Such a rest is longer or shorter by up to this fraction of itself.
    pub jitter: f64,
    /// No endpoint is left alone for longer, whatever it asks for: by then all that waited has expired.
    pub asked_max: Duration,
    /// An endpoint that only failed for so long is given up; `None`: never.
    pub disable_after: Option<Duration>,
}

impl Default for HealthPolicy {
    fn default() -> Self {
        Self {
            open_after: 5,
            rest_min: Duration::from_mins(1),
            rest_max: Duration::from_hours(1),
            jitter: 0.2,
            asked_max: Duration::from_hours(76),
            disable_after: Some(Duration::from_hours(5 * 24)),
        }
    }
}

/// No endpoint is given up after fewer failures, however long ago the first of them was: two notifications a week apart
/// that met a restart say little.
const DISABLING_FAILURES_MIN: u32 = 5;

/// Says what an exchange that ended at `now` means for the endpoint.
pub fn heard(exchange: &Exchange, now: Timestamp) -> Heard {
    match exchange {
        Ok(response) => {
            let outcome = match response.status {
                200..=299 => HeardOutcome::Taken,
                429 | 502 | 503 | 504 => HeardOutcome::Overloaded,
                _ => HeardOutcome::Failed,
            };
            Heard { outcome, asked: response.headers.retry_after(now).filter(|until| *until > now) }
        }
        Err(_) => Heard { outcome: HeardOutcome::Failed, asked: None },
    }
}

/// The trouble that an endpoint is in after an attempt, from `began` to `now`, met this; `None` where it is well.
///
/// `chance` is a random number from 0 to 1.
pub fn after(
    before: Option<&Trouble>,
    heard: Heard,
    (began, now): (Timestamp, Timestamp),
    policy: &HealthPolicy,
    chance: f64,
) -> Option<Trouble> {
    let asked = heard.asked.map(|until| until.min(later(now, policy.asked_max)));
    let rest = before.and_then(|trouble| trouble.rest);
    // An attempt that was under way when the rest began is no probe: what led to the rest was known before its end.
    let straggled = rest.filter(|rest| began <= rest.since);
    if heard.outcome == HeardOutcome::Taken {
        let kept = straggled.filter(|rest| rest.reason == RestReason::Asked);
        let rest = prolonged(kept, asked, now)?;
        return Some(Trouble { failures: 0, failing_since: None, last_failure_at: None, rest: Some(rest), rests: 0 });
    }
    let failures = before.map_or(0, |trouble| trouble.failures).saturating_add(1);
    let rests = before.map_or(0, |trouble| trouble.rests);
    let failed = Trouble {
        failures,
        failing_since: before.and_then(|trouble| trouble.failing_since).or(Some(began)),
        last_failure_at: Some(now),
        rest,
        rests,
    };
    if straggled.is_some() {
        return Some(Trouble { rest: prolonged(straggled, asked, now), ..failed });
    }
    let is_open = failures >= policy.open_after || (rest.is_some() && asked.is_none());
    let is_asked = asked.is_some() || heard.outcome == HeardOutcome::Overloaded;
    if !is_open && !is_asked {
        return Some(failed);
    }
    let own = later(now, length(rests, policy, chance));
    let until = match asked {
        // It knows best when it is rested; one that has said so in vain several times does not.
        Some(asked) if !is_open => asked,
        Some(asked) => asked.max(own),
        None => own,
    };
    let reason = if is_asked { RestReason::Asked } else { RestReason::Failing };
    Some(Trouble { rest: Some(Rest { since: now, until, reason }), rests: rests.saturating_add(1), ..failed })
}

/// Whether an endpoint in this trouble is given up: it only failed, for long, and several times.
pub fn is_given_up(trouble: &Trouble, now: Timestamp, policy: &HealthPolicy) -> bool {
    let Some(patience) = policy.disable_after else { return false };
    trouble.failures >= DISABLING_FAILURES_MIN
        && trouble.failing_since.is_some_and(|since| later(since, patience) <= now)
}

/// A rest until the later of its end and what was asked for.
fn prolonged(rest: Option<Rest>, asked: Option<Timestamp>, now: Timestamp) -> Option<Rest> {
    match (rest, asked) {
        (Some(rest), asked) => Some(Rest { until: asked.map_or(rest.until, |until| until.max(rest.until)), ..rest }),
        (None, Some(until)) => Some(Rest { since: now, until, reason: RestReason::Asked }),
        (None, None) => None,
    }
}

/// How long the rest is that follows so many in a row.
fn length(rests: u32, policy: &HealthPolicy, chance: f64) -> Duration {
    let doubled = policy.rest_min.saturating_mul(2_u32.saturating_pow(rests.min(31)));
    varied(doubled.min(policy.rest_max), policy.jitter, chance)
}

#[cfg(test)]
mod tests;
