//! Standard Webhooks 1.0.0 signatures over `id.timestamp.body`: HMAC-SHA256, shown as `v1,` and base64, or ed25519
//! (RFC 8032), shown as `v1a,` and base64.
//!
//! Specification: <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::prelude::{BASE64_STANDARD, Engine as _};

const PREFIX: &str = "whsec_";
const PRIVATE_PREFIX: &str = "whsk_";
const PUBLIC_PREFIX: &str = "whpk_";
/// The specification asks for 24 to 64 bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// A private key as RFC 8032 section 5.1.5 has it; libraries that follow libsodium add the 32 bytes of the public key.
const SEED_BYTES: usize = 32;

/// How webhooks are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// HMAC-SHA256: who verifies knows the secret.
    V1,
    /// ed25519: who verifies knows the public key alone.
    V1a,
}

impl Scheme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V1, Self::V1a];

    /// The fixed word, which each of its signatures begins with.
    pub fn label(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1a => "v1a",
        }
    }

    /// The one with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.label() == word)
    }

    /// Writes 32 random bytes, given by the caller, as a signing secret of this scheme.
    pub fn secret(self, bytes: &[u8; SEED_BYTES]) -> String {
        let prefix = match self {
            Self::V1 => PREFIX,
            Self::V1a => PRIVATE_PREFIX,
        };
        format!("{prefix}{}", BASE64_STANDARD.encode(bytes))
    }
}

/// A signing secret, parsed: never printed.
#[derive(Clone)]
pub struct SigningSecret(Key);

#[derive(Clone)]
enum Key {
    Hmac(Arc<hmac::Key>),
    Ed25519(Arc<Ed25519KeyPair>),
}

/// Why a text is no signing secret. No message repeats the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It doesn't begin as a signing secret does.
    #[error(
        "the signing secret does not begin with \"whsec_\" (expected whsec_ and the base64 of 24 to 64 bytes, or whsk_ \
         and that of an ed25519 private key)"
    )]
    Prefix,
    /// It is the half that receivers are given.
    #[error("this is a public key: it verifies and can't sign (expected the private one, which begins with \"whsk_\")")]
    Public,
    /// What follows the prefix is not base64.
    #[error("the signing secret is not base64 after \"{prefix}\" (expected the standard alphabet with padding)")]
    Base64 {
        /// The prefix.
        prefix: &'static str,
    },
    /// Too short to be safe, or longer than the specification allows.
    #[error("the signing secret has {found} bytes (expected 24 to 64)")]
    Length {
        /// The bytes found.
        found: usize,
    },
    /// No private key has this length.
    #[error("the private key has {found} bytes (expected 32, or 64 with the public key behind)")]
    KeyLength {
        /// The bytes found.
        found: usize,
    },
    /// The public key behind the private one is another's.
    #[error("the two halves of the private key don't belong together (expected its public key in the last 32 bytes)")]
    Halves,
}

impl SigningSecret {
    /// Parses `whsec_` and the base64 of 24 to 64 bytes, or `whsk_` and the base64 of an ed25519 private key: its 32
    /// bytes, or 64 with the public key behind them. White space around it is dropped.
    ///
    /// # Errors
    /// When the prefix, the base64 or the length is not as the specification asks.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.starts_with(PUBLIC_PREFIX) {
            return Err(SecretError::Public);
        }
        if let Some(encoded) = text.strip_prefix(PRIVATE_PREFIX) {
            return private_key(&decoded(PRIVATE_PREFIX, encoded)?);
        }
        let encoded = text.strip_prefix(PREFIX).ok_or(SecretError::Prefix)?;
        let bytes = decoded(PREFIX, encoded)?;
        if !KEY_BYTES.contains(&bytes.len()) {
            return Err(SecretError::Length { found: bytes.len() });
        }
        Ok(Self(Key::Hmac(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))))
    }

    /// Writes 32 random bytes, given by the caller, as a signing secret of scheme `v1`.
    pub fn generate(bytes: &[u8; SEED_BYTES]) -> String {
        Scheme::V1.secret(bytes)
    }

    /// How it signs.
    pub fn scheme(&self) -> Scheme {
        match self.0 {
            Key::Hmac(_) => Scheme::V1,
            Key::Ed25519(_) => Scheme::V1a,
        }
    }

    /// What receivers verify with where that is no secret: `whpk_` and the base64 of an ed25519 public key.
    pub fn public_key(&self) -> Option<String> {
        match &self.0 {
            Key::Hmac(_) => None,
            Key::Ed25519(pair) => Some(format!("{PUBLIC_PREFIX}{}", BASE64_STANDARD.encode(pair.public_key()))),
        }
    }

    /// The bytes of a signature.
    fn tag(&self, signed: &[u8]) -> Vec<u8> {
        match &self.0 {
            Key::Hmac(key) => hmac::sign(key, signed).as_ref().to_vec(),
            Key::Ed25519(pair) => pair.sign(signed).as_ref().to_vec(),
        }
    }

    fn made(&self, signed: &[u8], tag: &[u8]) -> bool {
        match &self.0 {
            Key::Hmac(key) => hmac::verify(key, signed, tag).is_ok(),
            Key::Ed25519(pair) => UnparsedPublicKey::new(&ED25519, pair.public_key()).verify(signed, tag).is_ok(),
        }
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret([secret])")
    }
}

fn decoded(prefix: &'static str, encoded: &str) -> Result<Vec<u8>, SecretError> {
    BASE64_STANDARD.decode(encoded).ok().ok_or(SecretError::Base64 { prefix })
}

fn private_key(bytes: &[u8]) -> Result<SigningSecret, SecretError> {
    let length = SecretError::KeyLength { found: bytes.len() };
    let Some((seed, public)) = bytes.split_at_checked(SEED_BYTES) else { return Err(length) };
    let pair = match public.len() {
        0 => Ed25519KeyPair::from_seed_unchecked(seed).ok().ok_or(length)?,
        SEED_BYTES => Ed25519KeyPair::from_seed_and_public_key(seed, public).ok().ok_or(SecretError::Halves)?,
        _ => return Err(length),
    };
    Ok(SigningSecret(Key::Ed25519(Arc::new(pair))))
}

fn signed(id: &str, timestamp_secs: i64, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp_secs.to_string().as_bytes(), b".", body].concat()
}

/// Signs a body: the value of the `webhook-signature` field. `timestamp_secs` is the attempt's, in Unix seconds.
pub fn sign(secret: &SigningSecret, id: &str, timestamp_secs: i64, body: &[u8]) -> String {
    sign_with(std::slice::from_ref(secret), id, timestamp_secs, body)
}

/// The same with several secrets: their signatures in order, with a space between, as the specification asks while one
/// secret takes the place of another.
pub fn sign_with(secrets: &[SigningSecret], id: &str, timestamp_secs: i64, body: &[u8]) -> String {
    let signed = signed(id, timestamp_secs, body);
    let signature = |s: &SigningSecret| format!("{},{}", s.scheme().label(), BASE64_STANDARD.encode(s.tag(&signed)));
    secrets.iter().map(signature).collect::<Vec<_>>().join(" ")
}

/// Whether any of the space-separated signatures in `header` is this secret's for that id, time and body.
///
/// It doesn't judge the timestamp's age: that is the receiver's to do.
pub fn verify(secret: &SigningSecret, id: &str, timestamp_secs: i64, body: &[u8], header: &str) -> bool {
    let signed = signed(id, timestamp_secs, body);
    header
        .split_ascii_whitespace()
        .filter_map(|signature| signature.split_once(','))
        .filter(|(scheme, _)| *scheme == secret.scheme().label())
        .filter_map(|(_, tag)| BASE64_STANDARD.decode(tag).ok())
        .any(|tag| secret.made(&signed, &tag))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        assert_eq!(error("whsec_%%%"), SecretError::Base64 { prefix: "whsec_" });
        assert_eq!(error("whsk_%%%"), SecretError::Base64 { prefix: "whsk_" });
        assert_eq!(error("whsec_"), SecretError::Length { found: 0 });
        let encoded = |n| format!("whsec_{}", BASE64_STANDARD.encode(vec![1u8; n]));
        assert_eq!(error(&encoded(23)), SecretError::Length { found: 23 });
        assert_eq!(error(&encoded(65)), SecretError::Length { found: 65 });
        assert!(SigningSecret::parse(&encoded(24)).is_ok() && SigningSecret::parse(&encoded(64)).is_ok());
        let private = |bytes: &[u8]| format!("whsk_{}", BASE64_STANDARD.encode(bytes));
        for length in [0, 31, 33, 63, 65] {
            assert_eq!(error(&private(&vec![1; length])), SecretError::KeyLength { found: length });
        }
        assert_eq!(error(&private(&[1; 64])), SecretError::Halves);
        assert_eq!(error("whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), SecretError::Public);
        let shown = format!("{:?} {}", SigningSecret::parse(SECRET), error("MfKQ9r8G"));
        assert!(!shown.contains("MfKQ9r8G"), "{shown}");
    }

    fn hex(text: &str) -> Vec<u8> {
        let byte =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal");
        text.as_bytes().chunks(2).map(byte).collect()
    }

    /// Private key, public key, message and signature of RFC 8032 section 7.1, in hexadecimal.
    fn check_rfc_8032([private, public, message, signature]: [&str; 4]) {
        let (seed, public) = (hex(private), hex(public));
        let secret = |bytes: &[u8]| SigningSecret::parse(&format!("whsk_{}", BASE64_STANDARD.encode(bytes)));
        let (short, long) = (secret(&seed), secret(&[seed.as_slice(), &public].concat()));
        for secret in [short, long].map(|secret| secret.expect("a private key")) {
            assert_eq!(secret.scheme(), Scheme::V1a);
            assert_eq!(secret.public_key(), Some(format!("whpk_{}", BASE64_STANDARD.encode(&public))));
            assert_eq!(secret.tag(&hex(message)), hex(signature));
        }
    }

    #[test]
    fn keys_and_signatures_of_v1a_are_those_of_rfc_8032_whether_the_public_half_is_given_or_not() {
        check_rfc_8032([
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b\
             be24655141438e7a100b",
        ]);
        check_rfc_8032([
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430\
             2aeeb00d291612bb0c00",
        ]);
        check_rfc_8032([
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e\
             d28dc027beceea1ec40a",
        ]);
    }

    fn any_secret() -> impl Strategy<Value = SigningSecret> {
        let secret = (prop_oneof![Just(Scheme::V1), Just(Scheme::V1a)], any::<[u8; 32]>());
        secret.prop_map(|(scheme, bytes)| SigningSecret::parse(&scheme.secret(&bytes)).expect("a secret"))
    }

    proptest! {
        #[test]
        fn what_several_secrets_sign_verifies_with_each_of_them_and_with_no_other(
            secrets in prop::collection::vec(any_secret(), 1..5),
            other in any_secret(),
            id in "[a-zA-Z0-9_]{1,40}",
            at in any::<i64>(),
            body in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let header = sign_with(&secrets, &id, at, &body);
            prop_assert_eq!(header.split(' ').count(), secrets.len());
            prop_assert!(secrets.iter().all(|secret| verify(secret, &id, at, &body, &header)));
            prop_assert!(!verify(&other, &id, at, &body, &header));
            let changed = [body.as_slice(), b" "].concat();
            prop_assert!(!secrets.iter().any(|secret| verify(secret, &id, at, &changed, &header)));
        }
    }
}
