//! What follows from an attempt: delivered, again later, given up, gone.

use std::time::Duration;

use jiff::Timestamp;

use super::HealthPolicy;
use crate::model::{Exchange, Verdict};

/// When failed attempts are repeated, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// The waits after the first, second, ... failed attempt; when they are used up, the delivery is given up.
    pub waits: Vec<Duration>,
    /// Each wait varies by up to this fraction of itself, up and down, so that an endpoint that comes back is not
    /// met by all at once.
    pub jitter: f64,
    /// A delivery older than this is given up.
    pub expire: Duration,
    /// One attempt, from start to the end of the answer.
    pub timeout: Duration,
    /// When all deliveries of an endpoint wait.
    pub health: HealthPolicy,
}

impl Default for RetryPolicy {
    /// The schedule that Standard Webhooks recommends: ten attempts over 75 hours and 35 minutes.
    fn default() -> Self {
        Self {
            waits: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(Duration::from_secs).to_vec(),
            jitter: 0.2,
            expire: Duration::from_hours(76),
            timeout: Duration::from_secs(15),
            health: HealthPolicy::default(),
        }
    }
}

/// No endpoint is tried again sooner, whatever the schedule says.
const WAIT_MIN: Duration = Duration::from_secs(1);

/// Says what follows from an attempt that ended at `now`, with `attempts_before` attempts before it.
///
/// 2xx alone is success; 410 ends the subscription; anything else, a redirect too, is tried again. Retry-After is
/// kept in full, up to the expiry: a wait that would pass it ends there, with one last attempt. 429 asks for patience and says nothing of
/// this delivery: it is put off, and none of its attempts is spent. That the endpoint may rest for longer is another's matter
/// ([`super::after`]). `jitter` is a random number from 0 to 1.
pub fn judge(
    exchange: &Exchange,
    attempts_before: u32,
    created_at: Timestamp,
    now: Timestamp,
    policy: &RetryPolicy,
    jitter: f64,
) -> Verdict {
    let asked = match exchange {
        Ok(response) => match response.status {
            200..=299 => return Verdict::Delivered,
            410 => return Verdict::Gone,
            _ => response.headers.retry_after(now),
        },
        Err(_) => None,
    };
    let deadline = later(created_at, policy.expire);
    let is_patience = matches!(exchange, Ok(response) if response.status == 429);
    if is_patience && now < deadline {
        let wait = policy.waits.first().map_or(WAIT_MIN, |wait| varied(*wait, policy.jitter, jitter).max(WAIT_MIN));
        let at = asked.map_or_else(|| later(now, wait), |asked| asked.max(later(now, WAIT_MIN)));
        return Verdict::PutOff { at: at.min(deadline) };
    }
    let wait = usize::try_from(attempts_before).ok().and_then(|before| policy.waits.get(before));
    let Some(wait) = wait.filter(|_| now < deadline) else { return Verdict::Expired };
    let wait = varied(*wait, policy.jitter, jitter).max(WAIT_MIN);
    let at = later(now, wait).max(asked.unwrap_or(now)).min(deadline);
    Verdict::Retry { at }
}

/// `wait` times 1 - `fraction` (chance 0) to 1 + `fraction` (chance 1).
pub(super) fn varied(wait: Duration, fraction: f64, chance: f64) -> Duration {
    let factor = 1.0 + fraction * (2.0 * chance.clamp(0.0, 1.0) - 1.0);
    Duration::try_from_secs_f64(wait.as_secs_f64() * factor).unwrap_or(wait)
}

pub(super) fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Failure, FailureKind, Headers, Response, WebUrl};

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(secs).expect("a timestamp")
    }

    #[expect(clippy::unnecessary_wraps, reason = "what is judged is an exchange")]
    fn answer(status: u16, retry_after: Option<&str>) -> Exchange {
        Ok(Response {
            status,
            headers: Headers(retry_after.map(|v| ("retry-after".to_owned(), v.to_owned())).into_iter().collect()),
            body: Vec::new(),
            url: WebUrl::parse("https://example.org/").expect("an address"),
            redirects: Vec::new(),
        })
    }

    fn timeout() -> Exchange {
        Err(Failure { kind: FailureKind::Timeout, detail: "no answer".to_owned() })
    }

    /// A verdict on an attempt at second 1,000 of a delivery made at second 0, with no variation.
    fn verdict(exchange: &Exchange, before: u32) -> Verdict {
        judge(exchange, before, at(0), at(1_000), &RetryPolicy::default(), 0.5)
    }

    #[test]
    fn two_hundreds_deliver_and_gone_is_gone() {
        for status in [200, 202, 204, 299] {
            assert_eq!(verdict(&answer(status, None), 0), Verdict::Delivered);
        }
        assert_eq!(verdict(&answer(410, Some("60")), 0), Verdict::Gone);
    }

    #[test]
    fn any_other_answer_and_no_answer_are_tried_again_after_the_schedules_wait() {
        for status in [100, 301, 304, 400, 404, 500] {
            assert_eq!(verdict(&answer(status, None), 0), Verdict::Retry { at: at(1_005) });
        }
        assert_eq!(verdict(&timeout(), 0), Verdict::Retry { at: at(1_005) });
        assert_eq!(verdict(&timeout(), 1), Verdict::Retry { at: at(1_300) });
        assert_eq!(verdict(&timeout(), 8), Verdict::Retry { at: at(87_400) });
        assert_eq!(verdict(&timeout(), 9), Verdict::Expired);
        assert_eq!(verdict(&timeout(), u32::MAX), Verdict::Expired);
    }

    #[test]
    fn whoever_asks_for_patience_is_given_it_and_no_attempt_is_spent_until_the_expiry() {
        for before in [0, 8, 9, 100] {
            assert_eq!(verdict(&answer(429, None), before), Verdict::PutOff { at: at(1_005) });
            assert_eq!(verdict(&answer(429, Some("1")), before), Verdict::PutOff { at: at(1_001) });
        }
        let expiry = later(at(0), RetryPolicy::default().expire);
        assert_eq!(verdict(&answer(429, Some("999999999999")), 3), Verdict::PutOff { at: expiry });
        let old = judge(&answer(429, None), 0, at(0), expiry, &RetryPolicy::default(), 0.5);
        assert_eq!(old, Verdict::Expired);
    }

    #[test]
    fn a_delivery_waits_as_long_as_its_endpoint_asks_and_as_its_schedule_says() {
        for status in [502, 503, 504] {
            assert_eq!(verdict(&answer(status, None), 0), Verdict::Retry { at: at(1_005) });
            assert_eq!(verdict(&answer(status, Some("7200")), 0), Verdict::Retry { at: at(8_200) });
        }
        // It knows best when it is rested; the schedule's own wait is kept all the same.
        assert_eq!(verdict(&answer(503, Some("20")), 0), Verdict::Retry { at: at(1_020) });
        assert_eq!(verdict(&answer(503, Some("1")), 1), Verdict::Retry { at: at(1_300) });
        let date = answer(503, Some("Thu, 01 Jan 1970 03:00:00 GMT"));
        assert_eq!(verdict(&date, 0), Verdict::Retry { at: at(10_800) });
    }

    #[test]
    fn a_wait_past_the_expiry_ends_there_and_an_attempt_after_it_is_the_last() {
        let expiry = at(76 * 3_600);
        assert_eq!(verdict(&answer(503, Some("999999999999")), 0), Verdict::Retry { at: expiry });
        assert_eq!(judge(&timeout(), 0, at(0), expiry, &RetryPolicy::default(), 0.5), Verdict::Expired);
    }

    proptest! {
        #[test]
        fn a_retry_lies_ahead_and_within_the_expiry(
            status in proptest::option::of(0u16..1_000),
            retry_after in proptest::option::of("[0-9]{0,25}|.{0,40}"),
            before in 0u32..20,
            created in -1_000_000i64..1_000_000,
            age in -1_000_000i64..1_000_000,
            chance in any::<f64>(),
        ) {
            let policy = RetryPolicy::default();
            let exchange = status.map_or_else(timeout, |s| answer(s, retry_after.as_deref()));
            let now = at(created + age);
            if let Verdict::Retry { at: next } | Verdict::PutOff { at: next } = judge(&exchange, before, at(created), now, &policy, chance) {
                prop_assert!(next > now);
                prop_assert!(next <= later(at(created), policy.expire));
            }
        }

        #[test]
        fn attempts_always_end(
            answers in proptest::collection::vec((prop_oneof![Just(429u16), Just(500), Just(301)], "[0-9]{1,7}"), 12),
            chance in 0.0f64..=1.0,
        ) {
            let (mut now, mut spent, mut ended) = (at(0), 0, false);
            let last = (500, "0".to_owned());
            for (status, retry_after) in answers.iter().chain(std::iter::repeat_n(&last, 10)) {
                match judge(&answer(*status, Some(retry_after)), spent, at(0), now, &RetryPolicy::default(), chance) {
                    Verdict::Retry { at } => (now, spent) = (at, spent + 1),
                    Verdict::PutOff { at } => now = at,
                    Verdict::Expired => { ended = true; break }
                    Verdict::Delivered | Verdict::Gone => prop_assert!(false, "a failure was taken for an end"),
                }
            }
            prop_assert!(ended);
        }
    }
}
