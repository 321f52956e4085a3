//! Standard Webhooks 1.0.0 signatures: HMAC-SHA256 over `id.timestamp.body`, shown as `v1,` and base64.
//!
//! Specification: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use std::fmt;

use aws_lc_rs::hmac;
use base64::prelude::{BASE64_STANDARD, Engine as _};

const PREFIX: &str = "whsec_";
/// The specification asks for 24 to 64 bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A signing secret, parsed: never printed.
#[derive(Clone)]
pub struct SigningSecret(hmac::Key);

/// Why a text is no signing secret. No message repeats the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It doesn't begin as a signing secret does.
    #[error("the signing secret does not begin with \"whsec_\" (expected whsec_ and the base64 of 24 to 64 bytes)")]
    Prefix,
    /// What follows the prefix is not base64.
    #[error("the signing secret is not base64 after \"whsec_\" (expected the standard alphabet with padding)")]
    Base64,
    /// Too short to be safe, or longer than the specification allows.
    #[error("the signing secret has {found} bytes (expected 24 to 64)")]
    Length {
        /// The bytes found.
        found: usize,
    },
}

impl SigningSecret {
    /// Parses `whsec_` and the base64 of 24 to 64 bytes; white space around it is dropped.
    ///
    /// # Errors
    /// When the prefix, the base64 or the length is not as the specification asks.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(SecretError::Prefix)?;
        let bytes = BASE64_STANDARD.decode(encoded).ok().ok_or(SecretError::Base64)?;
        if !KEY_BYTES.contains(&bytes.len()) {
            return Err(SecretError::Length { found: bytes.len() });
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// Writes 32 random bytes, given by the caller, as a signing secret.
    pub fn generate(bytes: &[u8; 32]) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(bytes))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret([secret])")
    }
}

/// Signs a body: the value of the `webhook-signature` field. `timestamp_secs` is the attempt's, in Unix seconds.
pub fn sign(secret: &SigningSecret, id: &str, timestamp_secs: i64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(&secret.0);
    context.update(id.as_bytes());
    context.update(b".");
    context.update(timestamp_secs.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    format!("v1,{}", BASE64_STANDARD.encode(context.sign()))
}

/// Whether any of the space-separated signatures in `header` is this secret's for that id, time and body.
///
/// It doesn't judge the timestamp's age: that is the receiver's to do.
pub fn verify(secret: &SigningSecret, id: &str, timestamp_secs: i64, body: &[u8], header: &str) -> bool {
    let signed = [id.as_bytes(), b".", timestamp_secs.to_string().as_bytes(), b".", body].concat();
    header
        .split_ascii_whitespace()
        .filter_map(|signature| BASE64_STANDARD.decode(signature.strip_prefix("v1,")?).ok())
        .any(|tag| hmac::verify(&secret.0, &signed, &tag).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = b"{\"test\": 2432232314}";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn the_specifications_vector_is_signed_and_verified() {
        let secret = SigningSecret::parse(SECRET).expect("a secret");
        assert_eq!(sign(&secret, ID, 1_614_265_330, BODY), SIGNATURE);
        assert!(verify(&secret, ID, 1_614_265_330, BODY, SIGNATURE));
        assert!(verify(&secret, ID, 1_614_265_330, BODY, &format!("v1a,xyz v1,AAAA {SIGNATURE}")));
    }

    #[test]
    fn a_change_of_id_time_body_or_secret_breaks_the_signature() {
        let secret = SigningSecret::parse(SECRET).expect("a secret");
        let other = SigningSecret::parse(&SigningSecret::generate(&[7; 32])).expect("a secret");
        assert!(!verify(&secret, "msg_other", 1_614_265_330, BODY, SIGNATURE));
        assert!(!verify(&secret, ID, 1_614_265_331, BODY, SIGNATURE));
        assert!(!verify(&secret, ID, 1_614_265_330, b"{}", SIGNATURE));
        assert!(!verify(&other, ID, 1_614_265_330, BODY, SIGNATURE));
        assert!(!verify(&secret, ID, 1_614_265_330, BODY, ""));
    }

    #[test]
    fn secrets_of_another_form_or_length_are_refused_and_never_shown() {
        let error = |text: &str| SigningSecret::parse(text).expect_err("no secret");
        assert_eq!(error("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), SecretError::Prefix);
        assert_eq!(error("whsec_%%%"), SecretError::Base64);
        assert_eq!(error("whsec_"), SecretError::Length { found: 0 });
        let encoded = |n| format!("whsec_{}", BASE64_STANDARD.encode(vec![1u8; n]));
        assert_eq!(error(&encoded(23)), SecretError::Length { found: 23 });
        assert_eq!(error(&encoded(65)), SecretError::Length { found: 65 });
        assert!(SigningSecret::parse(&encoded(24)).is_ok() && SigningSecret::parse(&encoded(64)).is_ok());
        let shown = format!("{:?} {}", SigningSecret::parse(SECRET), error("MfKQ9r8G"));
        assert!(!shown.contains("MfKQ9r8G"), "{shown}");
    }
}
