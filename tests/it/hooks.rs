//! Signatures and push messages, verified and read by libraries that are not ours: `PyPI`'s standardwebhooks and svix, `http_ece` and
//! `py_vapid`, where `tests/run` has put them.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use tidings::deliver::signature::{sign, sign_with};
use tidings::deliver::web_push::{Chance, Recipient, VapidKey, encrypt};
use tidings::deliver::{Scheme, SigningSecret};
use tidings::model::WebUrl;

const SECRET: &str = "whsec_PLANTEDSECRETPLANTEDSECRETPLANTE";

const VERIFY: &str = r#"
import sys
from standardwebhooks import Webhook as Standard
from svix.webhooks import Webhook as Svix
secret, id, timestamp, signature, body = sys.argv[1:]
headers = {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature}
Standard(secret).verify(body, headers)
Svix(secret).verify(body, headers)
try:
    Standard(secret).verify(body + " ", headers)
except Exception:
    print("both verified; a changed body was refused")
"#;

const VERIFY_EACH: &str = r#"
import sys, base64
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook as Standard
from svix.webhooks import Webhook as Svix
id, timestamp, signature, body, public, stranger, *secrets = sys.argv[1:]
headers = {"webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature}
for secret in secrets:
    Standard(secret).verify(body, headers)
    Svix(secret).verify(body, headers)
key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
tags = [part.removeprefix("v1a,") for part in signature.split() if part.startswith("v1a,")]
[key.verify(base64.b64decode(tag), f"{id}.{timestamp}.{body}".encode()) for tag in tags]
try:
    Svix(stranger).verify(body, headers)
except Exception:
    print(f"{len(secrets)} secrets and {len(tags)} public key verified; another secret did not")
"#;

const READ: &str = r#"
import sys, base64, http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02
decoded = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
private, auth, body, authorization = sys.argv[1:]
key = ec.derive_private_key(int.from_bytes(decoded(private), "big"), ec.SECP256R1())
print(http_ece.decrypt(decoded(body), private_key=key, auth_secret=decoded(auth), version="aes128gcm").decode())
# This library reads its parameters without space between.
print(Vapid02.verify(authorization.replace(", ", ",")))
"#;

/// The environment's Python, if it has this module; says loudly where it has not.
fn python(module: &str) -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    let found = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    eprintln!("!!! SKIPPED: no PyPI {module} at target/venv (tests/run installs it)");
    None
}

#[test]
fn independent_libraries_read_our_push_messages_and_verify_who_sends_them() {
    let Some(python) = python("http_ece, py_vapid") else { return };
    // RFC 8291, appendix A.
    let (private, auth) = ("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "BTBZMqHH6r4Tts7J_aSIgg");
    let public = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    let to = Recipient::parse(public, auth).unwrap();
    let body = encrypt(&to, &Chance::of(&[9; 48]), "Резолюция принята".as_bytes()).unwrap();
    let key = VapidKey::parse(&VapidKey::write(&[3; 32])).unwrap();
    let endpoint = WebUrl::parse("https://push.example/send/1").unwrap();
    let token = key.token(&endpoint, Some("mailto:desk@example.org"), jiff::Timestamp::UNIX_EPOCH).unwrap();
    let read = Command::new(python)
        .args(["-c", READ, private, auth, &BASE64_URL_SAFE_NO_PAD.encode(body), &token.authorization])
        .env("PYTHONIOENCODING", "utf-8")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&read.stdout).into_owned();
    assert_eq!(said, "Резолюция принята\nTrue\n", "{}", String::from_utf8_lossy(&read.stderr));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the libraries hold the timestamp against the real clock")]
fn independent_libraries_verify_our_signatures() {
    let Some(python) = python("standardwebhooks, svix") else { return };
    let secret = SigningSecret::parse(SECRET).unwrap();
    let timestamp = jiff::Timestamp::now().as_second();
    let (id, body) =
        ("msg_0123456789abcdef0123456789abcdef", r#"{"type":"event.opened","data":{"title":"Резолюция"}}"#);
    let signature = sign(&secret, id, timestamp, body.as_bytes());
    let verified = Command::new(python)
        .args(["-c", VERIFY, SECRET, id, &timestamp.to_string(), &signature, body])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert_eq!(
        said.trim(),
        "both verified; a changed body was refused",
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the libraries hold the timestamp against the real clock")]
fn while_a_secret_rotates_independent_libraries_verify_with_the_old_the_new_and_the_public_key() {
    let Some(python) = python("standardwebhooks, svix, cryptography") else { return };
    let texts =
        [Scheme::V1.secret(&[1; 32]), Scheme::V1a.secret(&[2; 32]), SECRET.to_owned(), Scheme::V1.secret(&[3; 32])];
    let [new, private, old, stranger] = texts;
    let secrets: Vec<_> = [&new, &private, &old].map(|text| SigningSecret::parse(text).unwrap()).into();
    let timestamp = jiff::Timestamp::now().as_second();
    let (id, body) =
        ("msg_0123456789abcdef0123456789abcdef", r#"{"type":"event.opened","data":{"title":"Резолюция"}}"#);
    let signature = sign_with(&secrets, id, timestamp, body.as_bytes());
    let public = secrets[1].public_key().unwrap();
    let verified = Command::new(python)
        .args(["-c", VERIFY_EACH, id, &timestamp.to_string(), &signature, body, &public, &stranger, &new, &old])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    let expected = "2 secrets and 1 public key verified; another secret did not";
    assert_eq!(said.trim(), expected, "{}", String::from_utf8_lossy(&verified.stderr));
}
