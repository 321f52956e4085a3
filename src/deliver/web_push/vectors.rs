//! Every example of RFCs 8188, 8291 and 8292, and a reader of the coding that is written from the RFC's other side.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use jiff::Timestamp;
use proptest::prelude::*;

use super::encoding::{SealError, encode};
use super::*;
use crate::model::WebUrl;

/// RFC 8291 section 5 and appendix A.
const SENDER: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
const BROWSER: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const BROWSER_PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
const MESSAGE: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w\
                       EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
const PLAIN: &str = "When I grow up, I want to be a watermelon";

pub(super) fn bytes(text: &str) -> Vec<u8> {
    BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), message).as_ref().to_vec()
}

/// Decodes `aes128gcm` (RFC 8188), many records and padding included; HKDF as the RFC spells it out in HMACs.
fn decoded(key: &[u8], body: &[u8]) -> Vec<u8> {
    let (salt, rest) = body.split_at(16);
    let size = usize::try_from(u32::from_be_bytes(rest[..4].try_into().unwrap())).unwrap();
    let records = &rest[5 + usize::from(rest[4])..];
    let prk = hmac(salt, key);
    let content_key = &hmac(&prk, b"Content-Encoding: aes128gcm\0\x01")[..16];
    let base = &hmac(&prk, b"Content-Encoding: nonce\0\x01")[..12];
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, content_key).unwrap());
    let mut content = Vec::new();
    let count = records.len().div_ceil(size);
    for (number, record) in records.chunks(size).enumerate() {
        let mut nonce: [u8; 12] = base.try_into().unwrap();
        let sequence = u64::try_from(number).unwrap().to_be_bytes();
        nonce[4..].iter_mut().zip(sequence).for_each(|(byte, s)| *byte ^= s);
        let mut record = record.to_vec();
        let plain = cipher.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).unwrap();
        let end = plain.iter().rposition(|byte| *byte != 0).unwrap();
        assert_eq!(plain[end], if number + 1 == count { 2 } else { 1 });
        content.extend_from_slice(&plain[..end]);
    }
    content
}

/// Decrypts a push message as a browser does (RFC 8291).
pub(super) fn read_by_browser(private: &str, auth: &str, body: &[u8]) -> Vec<u8> {
    let private = PrivateKey::from_private_key(&ECDH_P256, &bytes(private)).unwrap();
    let sender = &body[21..86];
    let secret = agree(&private, UnparsedPublicKey::new(&ECDH_P256, sender), (), |s| Ok(s.to_vec())).unwrap();
    let own = private.compute_public_key().unwrap();
    let info = [b"WebPush: info\0".as_slice(), own.as_ref(), sender, b"\x01"].concat();
    decoded(&hmac(&hmac(&bytes(auth), &secret), &info), body)
}

fn chance(private: &str, salt: &str) -> Chance {
    Chance { private: bytes(private).try_into().unwrap(), salt: bytes(salt).try_into().unwrap() }
}

#[test]
fn rfc_8188_section_3_1_is_encoded_and_decoded_to_the_byte() {
    let (key, body) =
        ("yqdlZ-tYemfogSmv7Ws5PQ", "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg");
    let salt = bytes(body)[..16].try_into().unwrap();
    assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(encode(&bytes(key), &salt, b"", b"I am the walrus").unwrap()), body);
    assert_eq!(decoded(&bytes(key), &bytes(body)), b"I am the walrus");
}

#[test]
fn rfc_8188_section_3_2_is_read_by_the_reader_that_checks_us() {
    let body = "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA";
    assert_eq!(decoded(&bytes("BO3ZVPxUlnLORbVGMpbT1Q"), &bytes(body)), b"I am the walrus");
}

#[test]
fn rfc_8291_section_5_is_encrypted_and_decrypted_to_the_byte() {
    let to = Recipient::parse(BROWSER_PUBLIC, AUTH).unwrap();
    let body = encrypt(&to, &chance(SENDER, SALT), PLAIN.as_bytes()).unwrap();
    assert_eq!(BASE64_URL_SAFE_NO_PAD.encode(body), MESSAGE);
    assert_eq!(read_by_browser(BROWSER, AUTH, &bytes(MESSAGE)), PLAIN.as_bytes());
}

/// Whether a token is signed with a key (RFC 8292 section 3.1, RFC 7515), and what it claims.
pub(super) fn claims(authorization: &str) -> serde_json::Value {
    let (token, key) = authorization.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let verifier = Verifier::new(&ECDSA_P256_SHA256_FIXED, bytes(key));
    verifier.verify(signed.as_bytes(), &bytes(signature)).expect("the signature verifies");
    let (head, claims) = signed.split_once('.').unwrap();
    let head: serde_json::Value = serde_json::from_slice(&bytes(head)).unwrap();
    assert_eq!(head, serde_json::json!({"typ": "JWT", "alg": "ES256"}));
    serde_json::from_slice(&bytes(claims)).unwrap()
}

#[test]
fn rfc_8292_section_2_4_is_verified_as_our_own_tokens_are() {
    let example = "vapid t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3\
                   NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErt\
                   mysazNjjvW2L9OkSSHzvoD1oA, k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2\
                   EmClBPs";
    let claimed = claims(example);
    assert_eq!(claimed["aud"], "https://push.example.net");

    let key = VapidKey::parse(SENDER).unwrap();
    let endpoint = WebUrl::parse("https://push.example.net:443/p/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV?x=1").unwrap();
    let now = Timestamp::from_second(1_453_480_568).unwrap();
    let ours = key.token(&endpoint, Some("mailto:push@example.com"), now).unwrap();
    assert_eq!(claims(&ours.authorization), claimed, "twelve hours on, and no slash after the origin");
    assert!(ours.authorization.ends_with(&format!(", k={}", key.public())));
    let hours = |hours: i64| Timestamp::from_second(1_453_480_568 + hours * 3_600).unwrap();
    assert!(ours.serves(now) && ours.serves(hours(10)) && !ours.serves(hours(11)));
}

#[test]
fn keys_that_are_no_point_of_the_curve_or_too_short_are_refused_without_being_shown() {
    let refused = |p256dh: &str, auth: &str| Recipient::parse(p256dh, auth).unwrap_err();
    let mut off_curve = bytes(BROWSER_PUBLIC);
    off_curve[64] ^= 1;
    assert_eq!(refused(&BASE64_URL_SAFE_NO_PAD.encode(off_curve), AUTH), KeysError::Public);
    assert_eq!(refused(AUTH, AUTH), KeysError::Public);
    assert_eq!(refused("%", AUTH), KeysError::Public);
    assert_eq!(refused(BROWSER_PUBLIC, "BTBZMqHH6r4Tts7J_aSI"), KeysError::Auth);
    assert!(Recipient::parse(&format!("{BROWSER_PUBLIC}="), &format!("{AUTH}==")).is_ok(), "padding does no harm");
    let shown = format!("{:?} {:?}", Recipient::parse(BROWSER_PUBLIC, AUTH), VapidKey::parse(SENDER));
    assert!(!shown.contains(AUTH) && !shown.contains(SENDER), "{shown}");
    assert_eq!(VapidKey::parse("AAAA").unwrap_err(), VapidError::Key);
    assert_eq!(VapidKey::parse(&VapidKey::write(&[0; 32])).unwrap_err(), VapidError::Key);
}

#[test]
fn a_contact_becomes_a_subject_where_push_services_would_take_it() {
    let check = |contact: &str, expected: Option<&str>| assert_eq!(subject(contact).as_deref(), expected, "{contact}");
    check("desk@example.org", Some("mailto:desk@example.org"));
    check(" mailto:desk@example.org ", Some("mailto:desk@example.org"));
    check("https://example.org/contact", Some("https://example.org/contact"));
    for none in ["", "http://example.org/", "desk@localhost", "the desk", "mailto:x", "a b@example.org"] {
        check(none, None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_encrypted_is_read_by_the_browser_and_fits_a_push_services_bound(
        content in proptest::collection::vec(any::<u8>(), 0..=PLAIN_BYTES_MAX),
        private in any::<[u8; 32]>(),
        salt in any::<[u8; 16]>(),
    ) {
        let to = Recipient::parse(BROWSER_PUBLIC, AUTH).unwrap();
        let body = encrypt(&to, &Chance { private, salt }, &content).unwrap();
        prop_assert!(body.len() <= 4096);
        prop_assert_eq!(read_by_browser(BROWSER, AUTH, &body), content);
    }
}

#[test]
fn what_can_not_be_encrypted_is_an_error() {
    let to = Recipient::parse(BROWSER_PUBLIC, AUTH).unwrap();
    let none = Chance::of(&[0; 48]);
    assert_eq!(encrypt(&to, &none, b"x"), Err(SealError::Chance));
    let long = encrypt(&to, &chance(SENDER, SALT), &[0; 4080]);
    assert_eq!(long, Err(SealError::TooLong { found: 4080, most: 4079 }));
}
