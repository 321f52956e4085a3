//! The content coding `aes128gcm` ([RFC 8188](https://www.rfc-editor.org/rfc/rfc8188)), as much of it as a push message
//! needs: one record, no padding.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};

/// The record size that is announced: all that a push service must take (RFC 8030 section 7.2).
const RECORD_SIZE: u32 = 4096;
/// Plain bytes that fit the one record beside the delimiter and the tag.
const RECORD_BYTES_MAX: usize = 4096 - 1 - MAX_TAG_LEN;
/// Ends the content of the last record (RFC 8188 section 2).
const LAST: u8 = 2;
const KEY_BYTES: usize = 16;

/// Why a message was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It doesn't fit one record.
    #[error("the message has {found} bytes, {most} fit one record")]
    TooLong {
        /// Its bytes.
        found: usize,
        /// What fits.
        most: usize,
    },
    /// The bytes drawn for the ephemeral key are no key of P-256, as one in 2^32 isn't. Drawing again helps.
    #[error("the bytes drawn for the ephemeral key are no key")]
    Chance,
    /// The cipher refused.
    #[error("the cipher refused the message")]
    Cipher,
}

impl From<Unspecified> for SealError {
    fn from(_: Unspecified) -> Self {
        Self::Cipher
    }
}

/// The length of what HKDF gives.
struct Octets(usize);

impl KeyType for Octets {
    fn len(&self) -> usize {
        self.0
    }
}

/// HKDF-Expand of RFC 5869.
pub(super) fn expand<const N: usize>(prk: &Prk, info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    let mut out = [0; N];
    prk.expand(info, Octets(N))?.fill(&mut out)?;
    Ok(out)
}

/// Encodes `content` as one record under the input keying material `key`; `key_id` goes in clear, at most 255 bytes.
///
/// # Errors
/// When the content is too long.
pub(super) fn encode(key: &[u8], salt: &[u8; 16], key_id: &[u8], content: &[u8]) -> Result<Vec<u8>, SealError> {
    let too_long = SealError::TooLong { found: content.len(), most: RECORD_BYTES_MAX };
    if content.len() > RECORD_BYTES_MAX {
        return Err(too_long);
    }
    let id_length = u8::try_from(key_id.len()).map_err(|_longer| too_long)?;
    // Sections 2.2 and 2.3; the first record's sequence number is nought, so its nonce is the derived one.
    let prk = Salt::new(HKDF_SHA256, salt).extract(key);
    let content_key: [u8; KEY_BYTES] = expand(&prk, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; NONCE_LEN] = expand(&prk, &[b"Content-Encoding: nonce\0"])?;
    let mut record = Vec::with_capacity(content.len() + 1 + MAX_TAG_LEN);
    record.extend_from_slice(content);
    record.push(LAST);
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key)?);
    cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;
    Ok([salt.as_slice(), &RECORD_SIZE.to_be_bytes(), &[id_length], key_id, &record].concat())
}
