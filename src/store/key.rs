//! The key that secrets at rest are sealed under: what is made of its text, and how it seals one value.
//!
//! AES-256-GCM (NIST SP 800-38D) with random nonces of 96 bits, which holds for 2^32 values under one key (section 8.3):
//! a value is sealed when somebody sets a secret. The place of a value is authenticated with it, so that whoever may
//! write the file can't put one subscription's secret where another's stands.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// What a sealed text begins with; the key's name and a colon follow.
pub(super) const SEALED: &str = "sealed1:";

/// A text is no key.
#[derive(Debug, thiserror::Error)]
#[error("expected 32 random bytes in base64 or hex, as `tidings secret key` makes them")]
pub struct NoKey;

/// A value that can't be sealed or opened by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value was not sealed for this place, or was changed")]
pub(super) struct Broken;

/// A key that secrets at rest are sealed under.
pub struct SealKey {
    name: String,
    cipher: RandomizedNonceKey,
}

/// It is known by its name, which says nothing of it.
impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealKey({})", self.name)
    }
}

/// The keys that a store is opened with.
#[derive(Debug, Clone, Default)]
pub struct SealKeys {
    /// What secrets are sealed under from now on; `None`: they stand in the clear.
    pub current: Option<Arc<SealKey>>,
    /// What they were sealed under until now, where that was another.
    pub old: Option<Arc<SealKey>>,
}

impl SealKey {
    /// Takes a key's text.
    ///
    /// # Errors
    /// When it isn't 32 bytes in base64 or hex.
    pub fn parse(text: &str) -> Result<Self, NoKey> {
        let bytes = bytes(text).ok_or(NoKey)?;
        // Two purposes, so two keys of one: what is written into the file as the name must say nothing of the other.
        let root = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let cipher = hmac::sign(&root, b"tidings secrets at rest 1");
        let name = hmac::sign(&root, b"tidings name of a key 1");
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, cipher.as_ref()).map_err(|_unspecified| NoKey)?;
        let name = name.as_ref().first_chunk().map_or(0, |first| u32::from_be_bytes(*first));
        Ok(Self { name: format!("{name:08x}"), cipher })
    }

    /// Writes a key's text.
    pub fn write(bytes: &[u8; KEY_BYTES]) -> String {
        STANDARD.encode(bytes)
    }

    /// What it goes by: eight hexadecimal digits.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Seals a text for a place.
    pub(super) fn seal(&self, place: &str, text: &str) -> Result<String, Broken> {
        let mut bytes = text.as_bytes().to_vec();
        let nonce = self
            .cipher
            .seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut bytes)
            .map_err(|_unspecified| Broken)?;
        let whole = [nonce.as_ref().as_slice(), bytes.as_slice()].concat();
        Ok(format!("{SEALED}{}:{}", self.name, URL_SAFE_NO_PAD.encode(whole)))
    }

    /// Opens what was sealed under this key for a place.
    pub(super) fn open(&self, place: &str, sealed: &str) -> Result<String, Broken> {
        let code = sealed.strip_prefix(SEALED).and_then(|rest| rest.strip_prefix(self.name())).ok_or(Broken)?;
        let code = code.strip_prefix(':').ok_or(Broken)?;
        let mut bytes = URL_SAFE_NO_PAD.decode(code).map_err(|_no_base64| Broken)?;
        let (nonce, rest) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(Broken)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_unspecified| Broken)?;
        let text =
            self.cipher.open_in_place(nonce, Aad::from(place.as_bytes()), rest).map_err(|_unspecified| Broken)?;
        std::str::from_utf8(text).map(str::to_owned).map_err(|_no_text| Broken)
    }
}

fn bytes(text: &str) -> Option<[u8; KEY_BYTES]> {
    let hex = || -> Option<Vec<u8>> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
        pairs.iter().map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
    };
    let is_hex = text.len() == KEY_BYTES * 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes = if is_hex { hex()? } else { STANDARD.decode(text).ok()? };
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn a_key_is_32_bytes_in_base64_or_hex() {
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        assert_eq!(SealKey::parse(ONE).unwrap().name(), SealKey::parse(hex).unwrap().name());
        for none in ["", "correct horse battery staple", hex.trim_end_matches("1f"), ONE.trim_end_matches('='), "zz"] {
            assert!(SealKey::parse(none).is_err(), "{none}");
        }
    }

    #[test]
    fn what_was_sealed_is_opened_in_its_place_alone_by_its_key_alone() {
        let (one, other) = (SealKey::parse(ONE).unwrap(), SealKey::parse(&SealKey::write(&[7; 32])).unwrap());
        let sealed = one.seal("subscription.secret 1", "whsec_abc").unwrap();
        assert_eq!(one.open("subscription.secret 1", &sealed).unwrap(), "whsec_abc");
        assert_eq!(one.open("subscription.secret 2", &sealed), Err(Broken));
        assert_eq!(other.open("subscription.secret 1", &sealed), Err(Broken));
        let renamed = sealed.replace(one.name(), other.name());
        assert_eq!(other.open("subscription.secret 1", &renamed), Err(Broken));
    }

    #[test]
    fn the_same_text_is_never_sealed_to_the_same_value() {
        let key = SealKey::parse(ONE).unwrap();
        assert_ne!(key.seal("a", "x").unwrap(), key.seal("a", "x").unwrap());
    }

    #[test]
    fn each_changed_character_is_noticed() {
        let key = SealKey::parse(ONE).unwrap();
        let sealed = key.seal("a", "whsec_abc").unwrap();
        let start = SEALED.len() + 9;
        for at in start..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(key.open("a", std::str::from_utf8(&changed).unwrap()), Err(Broken), "at {at}");
        }
        for cut in start..sealed.len() {
            assert_eq!(key.open("a", sealed.get(..cut).unwrap()), Err(Broken), "cut at {cut}");
        }
    }

    #[test]
    fn a_key_is_shown_by_its_name_alone() {
        let shown = format!("{:?}", SealKey::parse(ONE).unwrap());
        assert!(shown.starts_with("SealKey(") && shown.len() == "SealKey()".len() + 8, "{shown}");
    }
}
