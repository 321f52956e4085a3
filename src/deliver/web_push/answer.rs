//! What follows from a push service's answer.

use jiff::Timestamp;

use crate::deliver::{RetryPolicy, retry};
use crate::model::{Exchange, Verdict};

/// Whether the push service asks for a shorter message (413): it is sent at once, within the same attempt.
pub fn wants_less(exchange: &Exchange) -> bool {
    matches!(exchange, Ok(response) if response.status == 413)
}

/// Says what follows, as [`retry::judge`] does for webhooks, but for what push services mean otherwise
/// ([RFC 8030 section 7.3](https://www.rfc-editor.org/rfc/rfc8030#section-7.3)): 404 says as 410 that the subscription is
/// no more, and a message that is too long even at its shortest is given up.
pub fn judge(
    exchange: &Exchange,
    attempts_before: u32,
    created_at: Timestamp,
    now: Timestamp,
    policy: &RetryPolicy,
    jitter: f64,
) -> Verdict {
    match exchange {
        Ok(response) if matches!(response.status, 404 | 410) => Verdict::Gone,
        Ok(response) if response.status == 413 => Verdict::Expired,
        Ok(_) | Err(_) => retry::judge(exchange, attempts_before, created_at, now, policy, jitter),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Failure, FailureKind, Headers, Response, WebUrl};

    fn verdict(status: u16, retry_after: Option<&str>) -> Verdict {
        let headers = retry_after.map(|wait| ("retry-after".to_owned(), wait.to_owned()));
        let exchange = Ok(Response {
            status,
            headers: Headers(headers.into_iter().collect()),
            body: Vec::new(),
            url: WebUrl::parse("https://push.example/").unwrap(),
            redirects: Vec::new(),
        });
        judge(&exchange, 0, at(0), at(0), &RetryPolicy::default(), 0.5)
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(secs).unwrap()
    }

    #[test]
    fn a_push_services_answers_mean_what_rfc_8030_says() {
        for status in [200, 201, 202, 204] {
            assert_eq!(verdict(status, None), Verdict::Delivered);
        }
        for status in [404, 410] {
            assert_eq!(verdict(status, None), Verdict::Gone);
        }
        assert_eq!(verdict(413, None), Verdict::Expired);
        assert_eq!(verdict(429, Some("7200")), Verdict::PutOff { at: at(7_200) });
        assert_eq!(verdict(429, None), Verdict::PutOff { at: at(5) }, "that it rests for longer is health.rs' matter");
        for status in [301, 400, 401, 403, 500, 503] {
            assert!(matches!(verdict(status, None), Verdict::Retry { .. }), "{status} must not end a subscription");
        }
        let refused = Err(Failure { kind: FailureKind::Connect, detail: "refused".to_owned() });
        let judged = judge(&refused, 0, at(0), at(0), &RetryPolicy::default(), 0.5);
        assert_eq!(judged, Verdict::Retry { at: at(5) }, "nor does a network that is down");
    }
}
