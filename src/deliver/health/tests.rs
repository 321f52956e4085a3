use proptest::prelude::*;

use super::*;

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(secs).unwrap()
}

fn policy() -> HealthPolicy {
    HealthPolicy { jitter: 0.0, ..HealthPolicy::default() }
}

const FAILED: Heard = Heard { outcome: HeardOutcome::Failed, asked: None };
const TAKEN: Heard = Heard { outcome: HeardOutcome::Taken, asked: None };
const OVERLOADED: Heard = Heard { outcome: HeardOutcome::Overloaded, asked: None };

fn asks(until: i64) -> Heard {
    Heard { outcome: HeardOutcome::Overloaded, asked: Some(at(until)) }
}

/// An endpoint that is asked at these seconds, each time for a second, and answers so.
fn asked(answers: &[(i64, Heard)]) -> Option<Trouble> {
    answers.iter().fold(None, |before, (second, heard)| {
        after(before.as_ref(), *heard, (at(*second), at(*second + 1)), &policy(), 0.5)
    })
}

/// Until when and why it rests.
fn rest(answers: &[(i64, Heard)]) -> Option<(i64, RestReason)> {
    let rest = asked(answers)?.rest?;
    Some((rest.until.as_second(), rest.reason))
}

#[test]
fn five_failures_in_a_row_open_the_breaker_and_one_success_closes_it() {
    let four: Vec<_> = (0..4).map(|n| (n * 10, FAILED)).collect();
    assert_eq!((rest(&four), asked(&four).unwrap().failures), (None, 4));
    let five = [four.clone(), vec![(40, FAILED)]].concat();
    assert_eq!(rest(&five), Some((41 + 60, RestReason::Failing)));
    assert_eq!(asked(&[five, vec![(101, TAKEN)]].concat()), None);
    assert_eq!(rest(&[four, vec![(35, TAKEN), (40, FAILED)]].concat()), None, "in a row");
}

#[test]
fn each_probe_that_fails_rests_the_endpoint_twice_as_long_up_to_an_hour() {
    let mut answers = vec![(0, OVERLOADED)];
    let mut rests = Vec::new();
    for _ in 0..8 {
        let (until, _) = rest(&answers).unwrap();
        rests.push((until - answers.last().unwrap().0 - 1) / 60);
        answers.push((until, FAILED));
    }
    assert_eq!(rests, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn an_endpoint_is_left_alone_as_long_as_it_asks_for_whatever_else_it_says() {
    assert_eq!(rest(&[(0, asks(4))]), Some((4, RestReason::Asked)), "it knows best");
    assert_eq!(rest(&[(0, asks(86_400))]), Some((86_400, RestReason::Asked)));
    assert_eq!(rest(&[(0, asks(999_999_999))]), Some((1 + 76 * 3_600, RestReason::Asked)), "all has expired by then");
    assert_eq!(rest(&[(0, Heard { asked: Some(at(90)), ..TAKEN })]), Some((90, RestReason::Asked)));
    assert_eq!(rest(&[(0, Heard { asked: Some(at(90)), ..FAILED })]), Some((90, RestReason::Asked)));
    assert_eq!(rest(&[(0, OVERLOADED)]), Some((61, RestReason::Asked)), "or a minute");
    let in_vain: Vec<_> = (0..5).map(|n| (n * 10, asks(n * 10 + 2))).collect();
    assert_eq!(rest(&in_vain), Some((41 + 60 * 16, RestReason::Asked)), "but asks in vain");
}

#[test]
fn what_was_under_way_when_a_rest_began_makes_it_no_longer_and_ends_no_pause_that_was_asked_for() {
    let paused = asked(&[(0, asks(31))]).unwrap();
    let late = |heard| after(Some(&paused), heard, (at(0), at(15)), &policy(), 0.5).unwrap();
    assert_eq!((late(OVERLOADED).rest, late(OVERLOADED).rests), (paused.rest, 1));
    assert_eq!(late(asks(50)).rest.unwrap().until, at(50));
    assert_eq!((late(TAKEN).rest, late(TAKEN).failures), (paused.rest, 0));
    let open = asked(&[(0, FAILED), (0, FAILED), (0, FAILED), (0, FAILED), (0, FAILED)]).unwrap();
    assert_eq!(after(Some(&open), TAKEN, (at(0), at(15)), &policy(), 0.5), None, "it is well after all");
}

#[test]
fn an_endpoint_that_only_failed_for_five_days_is_given_up() {
    const DAY: i64 = 86_400;
    let failing = |count| Trouble { failures: count, ..asked(&[(0, FAILED)]).unwrap() };
    let given_up = |count, now| is_given_up(&failing(count), at(now), &policy());
    assert!(given_up(5, 5 * DAY));
    assert!(!given_up(5, 5 * DAY - 1));
    assert!(!given_up(4, 50 * DAY), "a few attempts at least");
    let forgiving = HealthPolicy { disable_after: None, ..policy() };
    assert!(!is_given_up(&failing(99), at(50 * DAY), &forgiving));
}

#[test]
fn answers_are_heard_by_their_status() {
    use crate::model::{Failure, FailureKind, Headers, Response, WebUrl};
    let answer = |status, after: Option<&str>| {
        let headers = Headers(after.map(|v| ("retry-after".to_owned(), v.to_owned())).into_iter().collect());
        let url = WebUrl::parse("https://example.org/").unwrap();
        heard(&Ok(Response { status, headers, body: Vec::new(), url, redirects: Vec::new() }), at(10))
    };
    assert_eq!(answer(204, None), TAKEN);
    assert_eq!(answer(429, None), OVERLOADED);
    assert_eq!(answer(503, Some("7")), asks(17));
    assert_eq!(answer(500, Some("0")), FAILED, "no time at all is none");
    assert_eq!(answer(301, None), FAILED);
    assert_eq!(heard(&Err(Failure { kind: FailureKind::Timeout, detail: String::new() }), at(10)), FAILED);
}

proptest! {
    #[test]
    fn rests_end_whatever_happens_and_a_probe_that_is_taken_ends_them(
        answers in proptest::collection::vec((0..3_u8, proptest::option::of(0..1_000_000_i64), 0..40_i64, 0.0..=1.0_f64), 1..60),
    ) {
        let policy = HealthPolicy::default();
        let (mut trouble, mut now): (Option<Trouble>, i64) = (None, 1_000);
        let mut opened_from = 0;
        for (outcome, asked, took, chance) in answers {
            // A probe is sent when the rest is over; else an attempt at any time.
            if let Some(rest) = trouble.as_ref().and_then(|t| t.rest) {
                now = now.max(rest.until.as_second() + 1);
            }
            let began = now;
            now += took;
            let outcome = [HeardOutcome::Taken, HeardOutcome::Failed, HeardOutcome::Overloaded][usize::from(outcome)];
            let heard = Heard { outcome, asked: asked.map(|secs| at(now + secs)).filter(|until| *until > at(now)) };
            let next = after(trouble.as_ref(), heard, (at(began), at(now)), &policy, chance);
            if outcome == HeardOutcome::Taken {
                prop_assert_eq!(next.is_some(), heard.asked.is_some(), "a probe that is taken ends all trouble");
                opened_from = 0;
            } else {
                opened_from += 1;
                prop_assert_eq!(next.as_ref().map(|t| t.failures), Some(opened_from));
                prop_assert!(opened_from < policy.open_after || next.as_ref().unwrap().rest.is_some());
            }
            if let Some(rest) = next.as_ref().and_then(|t| t.rest) {
                let longest = policy.asked_max.max(policy.rest_max.mul_f64(1.0 + policy.jitter));
                prop_assert!(rest.until > at(now) && rest.until <= later(at(now), longest));
                // Whatever straggles in from before: never shorter, never longer than it asks for.
                let late = after(next.as_ref(), heard, (at(began - 1), at(now)), &policy, chance);
                if outcome != HeardOutcome::Taken {
                    let kept = late.unwrap().rest.unwrap();
                    prop_assert!(kept.until == rest.until.max(heard.asked.map_or(rest.until, |a| a.min(later(at(now), policy.asked_max)))));
                }
            }
            trouble = next;
        }
    }
}
