//! What webhooks are signed with, parsed once for many attempts.

use std::collections::BTreeMap;

use crate::deliver::{SecretError, SigningSecret};
use crate::model::{Endpoint, Secret, Subscription, SubscriptionId};

/// So many are kept; with one more all are forgotten, and are parsed again.
const KEPT_MAX: usize = 1_000;

/// What signs a webhook, if it is one and its secret is a signing secret.
pub(super) type Signer = Option<Result<SigningSecret, SecretError>>;

/// Signing secrets by subscription, beside the text that each was parsed from: a subscription with another secret is signed for by that.
#[derive(Debug, Default)]
pub(super) struct Keys(BTreeMap<SubscriptionId, (Secret, SigningSecret)>);

impl Keys {
    /// What signs for a subscription now.
    pub(super) fn of(&mut self, to: &Subscription) -> Signer {
        let Endpoint::Webhook { secret, .. } = &to.spec.endpoint else { return None };
        if let Some((_, key)) = self.0.get(&to.id).filter(|(text, _)| text == secret) {
            return Some(Ok(key.clone()));
        }
        Some(SigningSecret::parse(secret.reveal()).inspect(|key| {
            if self.0.len() >= KEPT_MAX {
                self.0.clear();
            }
            self.0.insert(to.id, (secret.clone(), key.clone()));
        }))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::deliver::Scheme;
    use crate::model::{Filter, Origin, SubscriptionSpec, SubscriptionState, WebUrl};

    fn subscription(secret: &str) -> Subscription {
        let endpoint = Endpoint::webhook(WebUrl::parse("https://hook.example/").unwrap(), Secret::new(secret));
        Subscription {
            id: SubscriptionId(1),
            spec: SubscriptionSpec::new("desk", endpoint, Filter::default()),
            origin: Origin::Api,
            state: SubscriptionState::Active,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_subscription_is_signed_for_by_the_secret_that_it_has_now() {
        let mut keys = Keys::default();
        let (hmac, ed25519) = (Scheme::V1.secret(&[1; 32]), Scheme::V1a.secret(&[2; 32]));
        let mut scheme = |secret: &str| keys.of(&subscription(secret)).unwrap().map(|key| key.scheme());
        assert_eq!(scheme(&hmac), Ok(Scheme::V1));
        assert_eq!(scheme(&hmac), Ok(Scheme::V1));
        assert_eq!(scheme(&ed25519), Ok(Scheme::V1a));
        assert_eq!(scheme("hunter2"), Err(SecretError::Prefix));
        assert_eq!(scheme(&hmac), Ok(Scheme::V1));
    }
}
