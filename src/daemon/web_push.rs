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
