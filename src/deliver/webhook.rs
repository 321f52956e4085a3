//! A delivery as a webhook request, by Standard Webhooks 1.0.0.

use std::time::Duration;

use jiff::Timestamp;

use super::format::{Formed, formed};
use super::{RetryPolicy, SecretError, SigningSecret, signature};
use crate::model::{
    DeliveryClaim, Limits, Method, Notification, OldSecret, Redirects, Request, Secret, WebUrl, WebhookForm,
};

/// An answer's body is only shown to people, 200 bytes of it; more than this is not read.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// A connection that takes longer will not carry a notification within its timeout.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Makes the request of one attempt to the claim's endpoint, given as address and what its secret signs with. It is signed for the moment of
/// the attempt, by the subscription's old secrets too until their time is over; id and body are every attempt's.
#[must_use]
pub fn prepare(
    claim: &DeliveryClaim,
    (url, secret): (&WebUrl, &SigningSecret),
    now: Timestamp,
    policy: &RetryPolicy,
) -> Request {
    let (id, body) = (&claim.notification.id.0, claim.notification.body.as_bytes());
    signed((url, secret), &claim.subscription.spec.old_secrets, (id, body), now, policy.timeout)
}

/// The request that posts a body under an id, signed for now.
///
/// # Errors
/// When the secret is no signing secret.
pub(super) fn post(
    (url, secret): (&WebUrl, &Secret),
    old_secrets: &[OldSecret],
    body: (&str, &[u8]),
    now: Timestamp,
    timeout: Duration,
) -> Result<Request, SecretError> {
    let secret = SigningSecret::parse(secret.reveal())?;
    Ok(signed((url, &secret), old_secrets, body, now, timeout))
}

fn signed(
    (url, secret): (&WebUrl, &SigningSecret),
    old_secrets: &[OldSecret],
    (id, body): (&str, &[u8]),
    now: Timestamp,
    timeout: Duration,
) -> Request {
    let mut secrets = vec![secret.clone()];
    let old = old_secrets.iter().filter(|old| old.until > now);
    // What is no secret has signed nothing before: nobody misses it.
    secrets.extend(old.filter_map(|old| SigningSecret::parse(old.secret.reveal()).ok()));
    let timestamp_secs = now.as_second();
    let field = |name: &str, value: String| (name.to_owned(), value);
    Request {
        method: Method::Post,
        url: url.clone(),
        headers: vec![
            field("content-type", "application/json".to_owned()),
            field("webhook-id", id.to_owned()),
            field("webhook-timestamp", timestamp_secs.to_string()),
            field("webhook-signature", signature::sign_with(&secrets, id, timestamp_secs, body)),
        ],
        body: body.to_vec(),
        redirects: Redirects::Refuse,
        limits: limits(timeout),
    }
}

/// The bounds of one attempt.
pub(super) fn limits(timeout: Duration) -> Limits {
    Limits { connect: timeout.min(CONNECT_MAX), total: timeout, body_bytes: ANSWER_BYTES_MAX }
}

/// The same in another form: the body is signed as it is sent.
#[must_use]
pub fn prepare_formed(
    claim: &DeliveryClaim,
    (endpoint, form): ((&WebUrl, &SigningSecret), WebhookForm),
    now: Timestamp,
    policy: &RetryPolicy,
) -> Request {
    if form == WebhookForm::Standard {
        return prepare(claim, endpoint, now, policy);
    }
    let Formed { content_type, headers, body } = formed(&claim.notification, form);
    let notification = Notification { body, ..claim.notification.clone() };
    let mut request = prepare(&DeliveryClaim { notification, ..claim.clone() }, endpoint, now, policy);
    for (name, value) in &mut request.headers {
        if name == "content-type" {
            content_type.clone_into(value);
        }
    }
    request.headers.extend(headers);
    request
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{
        DeliveryId, Endpoint, Filter, NotificationId, NotificationType, OldSecret, Origin, Subscription,
        SubscriptionId, SubscriptionSpec, SubscriptionState,
    };

    fn claim(secret: &str) -> DeliveryClaim {
        let notification = Notification {
            id: NotificationId("msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned()),
            kind: NotificationType::SubscriptionTest,
            topic: None,
            event: None,
            story: None,
            source: None,
            created_at: Timestamp::UNIX_EPOCH,
            body: "{\"test\": 2432232314}".to_owned(),
        };
        let endpoint = Endpoint::webhook(
            WebUrl::parse("https://example.org/hook?key=1").expect("an address"),
            Secret::new(secret),
        );
        DeliveryClaim {
            id: DeliveryId(1),
            notification,
            subscription: Arc::new(Subscription {
                id: SubscriptionId(1),
                spec: SubscriptionSpec::new("newsroom", endpoint, Filter::default()),
                origin: Origin::Config,
                state: SubscriptionState::Active,
                created_at: Timestamp::UNIX_EPOCH,
            }),
            attempts: 0,
            created_at: Timestamp::UNIX_EPOCH,
            fence: 1,
        }
    }

    fn prepared(secret: &str, now: Timestamp) -> Result<Request, SecretError> {
        let claim = claim(secret);
        let to = (claim.subscription.spec.endpoint.url().expect("a webhook"), &SigningSecret::parse(secret)?);
        Ok(prepare(&claim, to, now, &RetryPolicy::default()))
    }

    #[test]
    fn an_attempt_is_a_signed_post_that_follows_no_redirect() {
        let now = Timestamp::from_second(1_614_265_330).expect("a timestamp");
        let request = prepared("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", now).expect("a request");
        let headers: Vec<_> = request.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            headers,
            [
                ("content-type", "application/json"),
                ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
                ("webhook-timestamp", "1614265330"),
                ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
            ]
        );
        assert_eq!((request.method, request.redirects), (Method::Post, Redirects::Refuse));
        assert_eq!(request.url.as_str(), "https://example.org/hook?key=1");
        assert_eq!(request.body, b"{\"test\": 2432232314}");
        assert_eq!(request.limits.total, Duration::from_secs(15));
    }

    #[test]
    fn an_old_secret_signs_too_until_its_time_is_over() {
        let now = Timestamp::from_second(1_614_265_330).expect("a timestamp");
        let mut claim = claim("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let old = |secret: &str, secs| OldSecret {
            secret: Secret::new(secret),
            until: now.checked_add(Duration::from_secs(secs)).expect("a timestamp"),
        };
        let (one, other) = (SigningSecret::generate(&[1; 32]), SigningSecret::generate(&[2; 32]));
        Arc::make_mut(&mut claim.subscription).spec.old_secrets = vec![old(&one, 1), old(&other, 0)];
        let to = (
            claim.subscription.spec.endpoint.url().expect("an address"),
            &SigningSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret"),
        );
        let request = prepare(&claim, to, now, &RetryPolicy::default());
        let header = &request.headers.last().expect("fields").1;
        let (first, second) = header.split_once(' ').expect("two signatures");
        assert_eq!(first, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let verifies = |secret: &str, header| {
            let secret = SigningSecret::parse(secret).expect("a secret");
            signature::verify(&secret, &claim.notification.id.0, now.as_second(), &request.body, header)
        };
        assert!(verifies(&one, second) && !verifies(&other, header));
    }

    #[test]
    fn a_bad_secret_makes_no_request() {
        assert_eq!(prepared("hunter2", Timestamp::UNIX_EPOCH), Err(SecretError::Prefix));
    }
}
