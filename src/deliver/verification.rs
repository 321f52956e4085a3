//! Whether an endpoint wants what a subscription would send it: verification of intent, by a challenge.
//!
//! Standard Webhooks has none. The shape follows WebSub (recommendation section 5.3): a challenge that can't be guessed, which the
//! endpoint gives back; but by a signed POST, as all that follows will come. Whoever only chose the address can't answer for it.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::SecretError;
use super::identity::verification_id;
use super::webhook::post;
use crate::model::{Endpoint, Exchange, Request, Subscription, TopicKey};

/// The type of the request's body. It is no notification: the log doesn't have it.
pub const TYPE: &str = "subscription.verification";

/// The waits after the first, second, ... answer that proved nothing; then the endpoint is asked when somebody wants it.
const WAITS_SECS: [u64; 8] = [10, 60, 300, 1_800, 7_200, 18_000, 36_000, 86_400];

/// What an endpoint is to give back; made for one request, and good for its answer alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge(String);

impl Challenge {
    /// Of 32 random bytes, given by the caller.
    pub fn of(bytes: &[u8; 32]) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'static str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    version: u32,
    challenge: &'a str,
    subscription: &'a str,
    topics: Vec<&'a str>,
}

/// Makes the request that asks a webhook's endpoint; signed as its notifications will be. `None`: it is no webhook.
///
/// # Errors
/// When the subscription's stored secret is no signing secret.
pub fn ask(
    subscription: &Subscription,
    challenge: &Challenge,
    now: Timestamp,
    timeout: Duration,
) -> Result<Option<Request>, SecretError> {
    let spec = &subscription.spec;
    let Endpoint::Webhook { url, secret, .. } = &spec.endpoint else { return Ok(None) };
    let data = Data {
        version: 1,
        challenge: challenge.text(),
        subscription: &spec.name,
        topics: spec.filter.topics.iter().map(TopicKey::as_str).collect(),
    };
    let body = written(&Envelope { r#type: TYPE, timestamp: now.to_string(), data });
    let id = verification_id(challenge.text());
    post((url, secret), &spec.old_secrets, (&id, &body), now, timeout).map(Some)
}

fn written(envelope: &Envelope<'_>) -> Vec<u8> {
    serde_json::to_vec(envelope).expect("wire types hold no maps and no failing fields")
}

/// Judges the answer: 2xx, and in its body the challenge, alone or as `{"challenge": "..."}`.
///
/// A body that merely repeats the request, as echo services do, holds the challenge deeper and proves nothing.
///
/// # Errors
/// Why it proves nothing, for people.
pub fn judge(exchange: &Exchange, challenge: &Challenge) -> Result<(), String> {
    let response = exchange.as_ref().map_err(ToString::to_string)?;
    if !(200..=299).contains(&response.status) {
        return Err(format!("it answered {}", response.status));
    }
    let text = String::from_utf8_lossy(&response.body);
    let object: Option<Value> = serde_json::from_str(&text).ok();
    let given = object.as_ref().and_then(|object| object.get("challenge")?.as_str()).unwrap_or(text.trim());
    let echoes = given == challenge.text();
    echoes.then_some(()).ok_or_else(|| format!("it answered {} without the challenge", response.status))
}

/// When an endpoint that proved nothing `tries` times is asked again.
pub fn next_try(tries: u32, now: Timestamp) -> Option<Timestamp> {
    let before = usize::try_from(tries.checked_sub(1)?).ok()?;
    let wait = WAITS_SECS.get(before)?;
    now.checked_add(Duration::from_secs(*wait)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::{SigningSecret, signature};
    use crate::model::{
        Failure, FailureKind, Filter, Headers, Origin, Response, Secret, SubscriptionId, SubscriptionSpec,
        SubscriptionState, WebUrl,
    };

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn url() -> WebUrl {
        WebUrl::parse("https://example.org/hook").unwrap()
    }

    fn request() -> Request {
        let endpoint = Endpoint::webhook(url(), Secret::new(SECRET));
        let subscription = Subscription {
            id: SubscriptionId(1),
            spec: SubscriptionSpec::new("newsroom", endpoint, Filter::default()),
            origin: Origin::Api,
            state: SubscriptionState::Unverified,
            created_at: Timestamp::UNIX_EPOCH,
        };
        let now = Timestamp::from_second(1_614_265_330).unwrap();
        ask(&subscription, &Challenge::of(&[7; 32]), now, Duration::from_secs(10)).unwrap().unwrap()
    }

    fn judged(status: u16, body: &str) -> Result<(), String> {
        let body = body.as_bytes().to_vec();
        let response = Response { status, headers: Headers(vec![]), body, url: url(), redirects: vec![] };
        judge(&Ok(response), &Challenge::of(&[7; 32]))
    }

    #[test]
    fn an_endpoint_is_asked_by_a_post_that_is_signed_as_all_others() {
        let request = request();
        insta::assert_snapshot!(
            String::from_utf8_lossy(&request.body),
            @r#"{"type":"subscription.verification","timestamp":"2021-02-25T15:02:10Z","data":{"version":1,"challenge":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","subscription":"newsroom","topics":[]}}"#
        );
        let field = |name: &str| request.headers.iter().find(|(field, _)| field == name).unwrap().1.clone();
        let secret = SigningSecret::parse(SECRET).unwrap();
        let (id, signature) = (field("webhook-id"), field("webhook-signature"));
        assert!(signature::verify(&secret, &id, 1_614_265_330, &request.body, &signature));
    }

    #[test]
    fn the_challenge_alone_or_in_an_object_proves_intent_and_nothing_else_does() {
        let challenge = Challenge::of(&[7; 32]);
        let text = challenge.text();
        assert_eq!(judged(200, &format!(" {text}\n")), Ok(()));
        assert_eq!(judged(201, &format!(r#"{{"challenge": "{text}", "ok": true}}"#)), Ok(()));
        let not = |status| Err(format!("it answered {status} without the challenge"));
        let repeated = String::from_utf8(request().body).unwrap();
        let wrong = ["", "ok", "{}", "{\"challenge\": 1}", &format!("{text}{text}"), &format!("\"{text}\""), &repeated];
        assert_eq!(wrong.map(|body| judged(200, body)), wrong.map(|_| not(200)));
        assert_eq!(judged(404, text), Err("it answered 404".to_owned()));
        assert_eq!(judged(302, text), Err("it answered 302".to_owned()));
        let failure = Failure { kind: FailureKind::Dns, detail: "example.test does not resolve".to_owned() };
        assert_eq!(judge(&Err(failure), &challenge), Err("dns: example.test does not resolve".to_owned()));
    }

    #[test]
    fn an_endpoint_that_proves_nothing_is_asked_eight_times_more_over_two_days() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut tries = 1;
        while let Some(next) = next_try(tries, now) {
            (now, tries) = (next, tries + 1);
        }
        assert_eq!((tries, now.as_second() / 3600), (9, 41));
    }
}
