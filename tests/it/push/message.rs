//! A push message as a browser reads it: RFC 8291 and RFC 8188 from the other side, with code of its own.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

/// The secret that the browser shares with the daemon.
const AUTH: [u8; 16] = *b"sixteen letters!";

/// A browser that is none: its keys alone.
pub(crate) struct Keys(PrivateKey);

impl Keys {
    pub(crate) fn new() -> Self {
        Self(PrivateKey::generate(&ECDH_P256).unwrap())
    }

    /// What `PushSubscription.toJSON()` gives.
    pub(crate) fn subscription(&self, endpoint: &str) -> Value {
        let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let public = self.0.compute_public_key().unwrap();
        json!({"endpoint": endpoint, "expirationTime": null,
            "keys": {"p256dh": encoded(public.as_ref()), "auth": encoded(&AUTH)}})
    }

    /// Reads a message: salt, record size, the sender's key, one record.
    pub(crate) fn read(&self, body: &[u8]) -> Value {
        assert_eq!((&body[16..20], body[20]), ([0, 0, 16, 0].as_slice(), 65));
        let (salt, sender) = (&body[..16], &body[21..86]);
        let secret = agree(&self.0, UnparsedPublicKey::new(&ECDH_P256, sender), (), |s| Ok(s.to_vec())).unwrap();
        let public = self.0.compute_public_key().unwrap();
        let info = [b"WebPush: info\0".as_slice(), public.as_ref(), sender, &[1]].concat();
        let key = hmac_sha256(salt, &hmac_sha256(&hmac_sha256(&AUTH, &secret), &info));
        let content_key = hmac_sha256(&key, b"Content-Encoding: aes128gcm\0\x01");
        let nonce = hmac_sha256(&key, b"Content-Encoding: nonce\0\x01");
        let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key[..16]).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
        let mut record = body[86..].to_vec();
        let plain = cipher.open_in_place(nonce, Aad::empty(), &mut record).expect("the message is for this browser");
        let (last, content) = plain.split_last().unwrap();
        assert_eq!(*last, 2, "the last record");
        serde_json::from_slice(content).unwrap()
    }
}

fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}
