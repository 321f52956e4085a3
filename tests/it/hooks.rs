//! Signatures, verified by two libraries that are not ours: `PyPI`'s standardwebhooks and svix, where `tests/run` has put them.

use std::path::Path;
use std::process::Command;

use tidings::deliver::SigningSecret;
use tidings::deliver::signature::sign;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

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

#[test]
#[expect(clippy::disallowed_methods, reason = "the libraries hold the timestamp against the real clock")]
fn independent_libraries_verify_our_signatures() {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    if !python.exists() {
        eprintln!("!!! SKIPPED: no PyPI standardwebhooks and svix at target/venv (tests/run installs them)");
        return;
    }
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
