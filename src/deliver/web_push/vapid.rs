//! Who sends a push message: VAPID ([RFC 8292](https://www.rfc-editor.org/rfc/rfc8292)).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jiff::Timestamp;
use serde::Serialize;

use crate::model::WebUrl;

/// A token is good for so long; a day is the most that is allowed (section 2).
const LIFETIME: Duration = Duration::from_hours(12);
/// In its last hour a token is no longer used: clocks differ, and a request takes its time.
const SPARE: Duration = Duration::from_hours(1);
/// `{"typ":"JWT","alg":"ES256"}`.
const HEAD: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9";

/// The key that every browser subscribes to and every push message is signed with. A new one ends all subscriptions.
#[derive(Clone)]
pub struct VapidKey {
    pair: Arc<EcdsaKeyPair>,
    public: String,
}

/// Why there is no key, or no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VapidError {
    /// The text is no private key of P-256.
    #[error("the VAPID key is no private key of P-256 (expected the URL-safe base64 of 32 bytes)")]
    Key,
    /// The library did not sign.
    #[error("signing with the VAPID key failed")]
    Sign,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
}

impl VapidKey {
    /// Parses the private key as [`VapidKey::write`] wrote it.
    ///
    /// # Errors
    /// When it is no key of P-256.
    pub fn parse(text: &str) -> Result<Self, VapidError> {
        let private = BASE64_URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_no_base64| VapidError::Key)?;
        let read = PrivateKey::from_private_key(&ECDH_P256, &private).map_err(|_no_key| VapidError::Key)?;
        let public = read.compute_public_key().map_err(|_no_point| VapidError::Key)?;
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &private, public.as_ref());
        let pair = Arc::new(pair.map_err(|_no_pair| VapidError::Key)?);
        Ok(Self { pair, public: BASE64_URL_SAFE_NO_PAD.encode(public) })
    }

    /// Writes 32 random bytes, given by the caller, as a private key.
    pub fn write(bytes: &[u8; 32]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The public key as `applicationServerKey` takes it: the URL-safe base64 of an uncompressed point.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// Makes the token for an endpoint's origin. ES256 holds chance of the library's own: two tokens of one moment differ.
    ///
    /// # Errors
    /// When the library refuses.
    pub fn token(&self, endpoint: &WebUrl, subject: Option<&str>, now: Timestamp) -> Result<VapidToken, VapidError> {
        let expires_at = now.checked_add(LIFETIME).unwrap_or(now);
        let aud = endpoint.as_url().origin().ascii_serialization();
        let claims = serde_json::to_string(&Claims { aud: &aud, exp: expires_at.as_second(), sub: subject })
            .map_err(|_no_json| VapidError::Sign)?;
        let signed = format!("{HEAD}.{}", BASE64_URL_SAFE_NO_PAD.encode(claims));
        let signature = self.pair.sign_digest(&digest(&SHA256, signed.as_bytes())).map_err(|_why| VapidError::Sign)?;
        let signature = BASE64_URL_SAFE_NO_PAD.encode(signature);
        Ok(VapidToken { authorization: format!("vapid t={signed}.{signature}, k={}", self.public), expires_at })
    }
}

impl fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VapidKey").field("public", &self.public).finish_non_exhaustive()
    }
}

/// What a push service is shown, for all endpoints of one origin.
#[derive(Clone)]
pub struct VapidToken {
    /// The value of the `Authorization` field.
    pub authorization: String,
    expires_at: Timestamp,
}

impl VapidToken {
    /// Whether it may be used at `now`: up to an hour before it expires, and not where the clock was put back to before it was made, as
    /// services refuse what lasts longer than a day (RFC 8292 section 2).
    pub fn serves(&self, now: Timestamp) -> bool {
        let is_good = |then: Timestamp| then < self.expires_at;
        now.checked_add(SPARE).is_ok_and(is_good) && now.checked_add(LIFETIME).is_ok_and(|then| then >= self.expires_at)
    }
}

impl fmt::Debug for VapidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VapidToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// The `sub` of tokens from the operator's contact: an address of the web over TLS, or of mail with or without its scheme;
/// `None` for anything else, as push services refuse a token for a `sub` they can't read.
pub fn subject(contact: &str) -> Option<String> {
    let contact = contact.trim();
    let is_mail = |text: &str| {
        let parts = text.split_once('@');
        parts.is_some_and(|(user, host)| !user.is_empty() && host.contains('.')) && !text.contains(char::is_whitespace)
    };
    match contact.strip_prefix("mailto:") {
        Some(mail) => is_mail(mail).then(|| contact.to_owned()),
        None if WebUrl::parse(contact).is_ok_and(|url| url.is_https()) => Some(contact.to_owned()),
        None => is_mail(contact).then(|| format!("mailto:{contact}")),
    }
}
