//! Encryption for one browser ([RFC 8291](https://www.rfc-editor.org/rfc/rfc8291)).

use std::fmt;

use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

use super::encoding::{SealError, encode, expand};

/// An uncompressed point of P-256: `4`, x, y.
const POINT_BYTES: usize = 65;
const AUTH_BYTES: usize = 16;

/// The keys of a browser's subscription: its public key, known to lie on the curve, and the secret it shares with us.
#[derive(Clone)]
pub struct Recipient {
    public: [u8; POINT_BYTES],
    auth: [u8; AUTH_BYTES],
}

/// Why texts are no keys of a subscription. No message repeats them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// The public key.
    #[error("`p256dh` is no public key of P-256 (expected the URL-safe base64 of an uncompressed point, 65 bytes)")]
    Public,
    /// The secret.
    #[error("`auth` is no secret (expected the URL-safe base64 of 16 bytes)")]
    Auth,
}

impl KeysError {
    /// The key that is at fault, as browsers call it.
    pub fn field(self) -> &'static str {
        match self {
            Self::Public => "p256dh",
            Self::Auth => "auth",
        }
    }
}

impl Recipient {
    /// Parses `keys.p256dh` and `keys.auth` of a `PushSubscription`, padded or not.
    ///
    /// # Errors
    /// When one of them has another form or length, or the point is not on the curve.
    pub fn parse(p256dh: &str, auth: &str) -> Result<Self, KeysError> {
        let public =
            decode::<POINT_BYTES>(p256dh).filter(|point| point.first() == Some(&4)).ok_or(KeysError::Public)?;
        if ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, public)).is_err() {
            return Err(KeysError::Public);
        }
        Ok(Self { public, auth: decode(auth).ok_or(KeysError::Auth)? })
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient([keys])")
    }
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64_URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('=')).ok()?.try_into().ok()
}

/// What must be drawn anew for every message.
pub struct Chance {
    /// The ephemeral private key.
    pub private: [u8; 32],
    /// The salt of the content coding.
    pub salt: [u8; 16],
}

impl Chance {
    /// Takes 48 random bytes apart.
    pub fn of(bytes: &[u8; 48]) -> Self {
        let (mut private, mut salt) = ([0; 32], [0; 16]);
        private.iter_mut().chain(&mut salt).zip(bytes).for_each(|(to, from)| *to = *from);
        Self { private, salt }
    }
}

/// Encrypts `content` so that only the recipient can read it: the body of a push message.
///
/// # Errors
/// When the content doesn't fit, or chance gave no key.
pub fn encrypt(to: &Recipient, chance: &Chance, content: &[u8]) -> Result<Vec<u8>, SealError> {
    let private = PrivateKey::from_private_key(&ECDH_P256, &chance.private).map_err(|_no_key| SealError::Chance)?;
    let public = private.compute_public_key()?;
    // Section 3.4: the shared secret and the authentication secret, bound to both public keys.
    let peer = UnparsedPublicKey::new(&ECDH_P256, to.public);
    let key: [u8; 32] = agree(&private, peer, SealError::Cipher, |secret| {
        let prk = Salt::new(HKDF_SHA256, &to.auth).extract(secret);
        Ok(expand(&prk, &[b"WebPush: info\0", &to.public, public.as_ref()])?)
    })?;
    encode(&key, &chance.salt, public.as_ref(), content)
}
