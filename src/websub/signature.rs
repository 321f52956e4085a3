//! `X-Hub-Signature`: who pushes knows the secret
//! ([section 8](https://www.w3.org/TR/websub/#signature-validation)).

use aws_lc_rs::hmac;

use crate::model::Secret;

/// Why a push is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFault {
    /// There is no signature.
    #[error("it has no X-Hub-Signature")]
    Missing,
    /// It is none of the four known methods with as many hexadecimal digits.
    #[error("its X-Hub-Signature is not sha1=, sha256=, sha384= or sha512= and hexadecimal digits")]
    Malformed,
    /// It is not that of our secret over these bytes.
    #[error("its X-Hub-Signature is not that of our secret")]
    Wrong,
}

/// Checks a push's signature over its bytes as they came, in constant time.
///
/// # Errors
/// When it is missing, of another form or method, or wrong.
pub fn check(secret: &Secret, field: Option<&str>, body: &[u8]) -> Result<(), SignatureFault> {
    let field = field.map(str::trim).filter(|field| !field.is_empty()).ok_or(SignatureFault::Missing)?;
    let (method, digits) = field.split_once('=').ok_or(SignatureFault::Malformed)?;
    let algorithm = algorithm(method).ok_or(SignatureFault::Malformed)?;
    let tag = bytes(digits.trim()).ok_or(SignatureFault::Malformed)?;
    if tag.len() != algorithm.digest_algorithm().output_len() {
        return Err(SignatureFault::Malformed);
    }
    let key = hmac::Key::new(algorithm, secret.reveal().as_bytes());
    hmac::verify(&key, body, &tag).map_err(|_unspecified| SignatureFault::Wrong)
}

/// The methods of the recommendation. SHA-1 is broken for collisions, not for HMAC, and most hubs still sign with it.
fn algorithm(method: &str) -> Option<hmac::Algorithm> {
    match method.trim().to_ascii_lowercase().as_str() {
        "sha1" => Some(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
        "sha256" => Some(hmac::HMAC_SHA256),
        "sha384" => Some(hmac::HMAC_SHA384),
        "sha512" => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}

/// Bytes of hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let (pairs, odd) = digits.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? * 16 + digit(*low)?);
    odd.is_empty().then(|| pairs.iter().map(byte).collect()).flatten()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    const BODY: &[u8] = b"what do ya want for nothing?";

    fn judged(field: Option<&str>) -> Result<(), SignatureFault> {
        check(&Secret::new("Jefe"), field, BODY)
    }

    #[test]
    fn the_vectors_of_rfc_2202_and_rfc_4231_are_believed_by_each_method() {
        assert_eq!(judged(Some("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")), Ok(()));
        assert_eq!(judged(Some("sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")), Ok(()));
        assert_eq!(
            judged(Some(
                "SHA384=AF45D2E376484031617F78D2B58A6B1B9C7EF464F5A01B47E42EC3736322445E8E2240CA5E69E2C78B3239ECFAB21649"
            )),
            Ok(())
        );
        assert_eq!(
            judged(Some(
                "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
            )),
            Ok(())
        );
    }

    #[test]
    fn what_is_missing_malformed_or_wrong_is_not() {
        assert_eq!(judged(None), Err(SignatureFault::Missing));
        assert_eq!(judged(Some(" ")), Err(SignatureFault::Missing));
        let malformed = [
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "md5=750c783e6ab0b503eaa86e310a5db738",
            "sha256=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c7",
            "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c7é",
            "sha1=",
        ];
        for field in malformed {
            assert_eq!(judged(Some(field)), Err(SignatureFault::Malformed), "{field}");
        }
        assert_eq!(judged(Some("sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c78")), Err(SignatureFault::Wrong));
    }

    proptest! {
        #[test]
        fn a_signature_holds_for_its_own_bytes_and_secret_alone(body in proptest::collection::vec(any::<u8>(), 0..200), other in proptest::collection::vec(any::<u8>(), 0..200), secret in "[a-z]{1,40}") {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            let mut field = "sha256=".to_owned();
            for byte in hmac::sign(&key, &body).as_ref() {
                write!(field, "{byte:02x}").unwrap();
            }
            prop_assert_eq!(check(&Secret::new(secret.clone()), Some(&field), &body), Ok(()));
            prop_assert_eq!(check(&Secret::new(secret.clone()), Some(&field), &other).is_ok(), body == other);
            prop_assert_eq!(check(&Secret::new(format!("{secret}x")), Some(&field), &body), Err(SignatureFault::Wrong));
        }

        #[test]
        fn any_field_is_judged_without_harm(field in "(sha1|sha256|x)?=?[0-9a-fé=]{0,80}") {
            prop_assert!(judged(Some(&field)).is_err());
        }
    }
}
