//! Push messages on their way out: the key they are signed with, tokens that are still good, and chance for each.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::deliver::web_push::{Chance, Posting, Room, VapidError, VapidKey, VapidToken, prepare, wants_less};
use crate::model::{DeliveryClaim, Exchange, Failure, FailureKind, Secret, WebUrl};

use super::Terms;

/// Tokens remembered: one for each push service, of which there are a handful.
const TOKENS_MAX: usize = 256;

/// What signs and encrypts. Cheap to clone: everything is shared.
#[derive(Clone)]
pub struct WebPush {
    key: VapidKey,
    entropy: fn() -> Option<[u8; 48]>,
    tokens: Arc<Mutex<BTreeMap<String, VapidToken>>>,
}

impl WebPush {
    /// Signs with `key`, and encrypts with what `entropy` draws; `None` where the system gives none.
    pub fn new(key: VapidKey, entropy: fn() -> Option<[u8; 48]>) -> Self {
        Self { key, entropy, tokens: Arc::default() }
    }

    /// The public key, for browsers to subscribe to.
    pub fn public_key(&self) -> &str {
        self.key.public()
    }

    /// One attempt, that of a shorter message included where the push service asks for one.
    pub(super) async fn send(
        &self,
        claim: &DeliveryClaim,
        (url, p256dh, auth): (&WebUrl, &str, &Secret),
        (now, believed): (Timestamp, Timestamp),
        terms: &Terms,
    ) -> Exchange {
        let token = self.token(url, terms.contact.as_deref(), now).map_err(|why| unsent(&why))?;
        let mut room = Room::Whole;
        loop {
            let Some(bytes) = (self.entropy)() else { return Err(unsent(&"the system gives no randomness")) };
            let chance = &Chance::of(&bytes);
            let posting = Posting { url, p256dh, auth, authorization: &token.authorization, chance, room };
            let request = prepare(claim, &posting, believed, &terms.retry).map_err(|why| unsent(&why))?;
            let exchange = terms.http.send(request).await;
            match room.less() {
                Some(less) if wants_less(&exchange) => room = less,
                Some(_) | None => return exchange,
            }
        }
    }

    /// The token for an endpoint's origin: one that is still good, else a new one.
    fn token(&self, endpoint: &WebUrl, subject: Option<&str>, now: Timestamp) -> Result<VapidToken, VapidError> {
        let origin = endpoint.as_url().origin().ascii_serialization();
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = tokens.get(&origin).filter(|token| token.serves(now)) {
            return Ok(token.clone());
        }
        if tokens.len() >= TOKENS_MAX {
            tokens.clear();
        }
        let token = self.key.token(endpoint, subject, now)?;
        tokens.insert(origin, token.clone());
        Ok(token)
    }
}

impl fmt::Debug for WebPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebPush").field("key", &self.key).finish_non_exhaustive()
    }
}

fn unsent(why: &dyn fmt::Display) -> Failure {
    Failure { kind: FailureKind::Protocol, detail: format!("failed to make the push message: {why}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::LoopPolicy;
    use crate::dedup::EventPolicy;
    use crate::deliver::RetryPolicy;
    use crate::model::{
        DeliveryId, Endpoint, Filter, Notification, NotificationId, NotificationType, Origin, Request, Subscription,
        SubscriptionId, SubscriptionSpec, SubscriptionState,
    };
    use crate::port::{ExchangeFuture, Http};
    use crate::schedule::PollPolicy;

    const PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
    /// Any key of P-256: 32 bytes, each of them 1.
    const VAPID: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).unwrap()
    }

    /// Answers with a failure whose words are the lifetime that the push service is asked for.
    struct Mirror;

    impl Http for Mirror {
        fn send(&self, request: Request) -> ExchangeFuture<'_> {
            let ttl = request.headers.into_iter().find(|(name, _)| name == "ttl").map(|(_, value)| value);
            Box::pin(async move { Err(Failure { kind: FailureKind::Protocol, detail: ttl.unwrap() }) })
        }
    }

    #[tokio::test]
    async fn a_clock_that_stands_in_the_future_leaves_a_message_its_life() {
        let url = WebUrl::parse("https://push.example/send/abc").unwrap();
        let auth = Secret::new(AUTH);
        let endpoint = Endpoint::WebPush { url: url.clone(), p256dh: PUBLIC.to_owned(), auth: auth.clone() };
        let claim = DeliveryClaim {
            id: DeliveryId(1),
            notification: Notification {
                id: NotificationId("msg_1".to_owned()),
                kind: NotificationType::SubscriptionTest,
                topic: None,
                event: None,
                story: None,
                source: None,
                created_at: at(0),
                body: "{}".to_owned(),
            },
            subscription: Arc::new(Subscription {
                id: SubscriptionId(1),
                spec: SubscriptionSpec::new("device".to_owned(), endpoint, Filter::default()),
                origin: Origin::Api,
                state: SubscriptionState::Active,
                created_at: at(0),
            }),
            attempts: 0,
            created_at: at(0),
            fence: 1,
        };
        let terms = Terms {
            http: Arc::new(Mirror),
            loops: LoopPolicy::default(),
            poll: PollPolicy::default(),
            retry: RetryPolicy::default(),
            events: EventPolicy::default(),
            model: None,
            contact: None,
            websub: None,
            mail: None,
            hub: None,
        };
        let web_push = WebPush::new(VapidKey::parse(VAPID).unwrap(), || Some([7; 48]));
        let moments = (at(400 * 86_400), at(10));
        let exchange = web_push.send(&claim, (&url, PUBLIC, &auth), moments, &terms).await;
        assert_eq!(exchange.unwrap_err().detail, "300");
    }
}
