//! The daemon whose secrets are sealed under a key from a file or from systemd.

use std::fs;
use std::path::Path;

use super::daemon::Daemon;

/// In each secret of this file, as webhook secrets are written (base64), so that it is found in the bytes of a database.
const MARK: &str = "PLANTEDSECRET";

const DECLARED: &str = "[[subscriptions]]\nname = \"declared\"\nurl = \"http://127.0.0.1:9/PLANTEDSECRET/in\"\n\
                        secret = \"whsec_PLANTEDSECRETPLANTEDSECRETPLANTEDSECRET0\"\n";

fn with_key(keys: &str) -> String {
    format!("[storage]\n{keys}\n{DECLARED}")
}

fn marks(folder: &Path) -> usize {
    // The control socket beside them holds nothing.
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    let files = files.map(|path| fs::read(path).unwrap());
    files.map(|bytes| bytes.windows(MARK.len()).filter(|window| *window == MARK.as_bytes()).count()).sum()
}

/// A daemon that ran once without a key.
fn in_the_clear() -> Daemon {
    let mut daemon = Daemon::new(DECLARED);
    let secret = daemon.path("hook.secret");
    fs::write(&secret, "whsec_PLANTEDSECRETPLANTEDSECRETPLANTEDSECRET1").unwrap();
    let (code, said) = daemon.says(&[
        "subscription",
        "add",
        "added",
        "http://127.0.0.1:9/PLANTEDSECRET/added",
        "--secret-file",
        secret.to_str().unwrap(),
    ]);
    assert_eq!(code, Some(0), "{said}");
    daemon.start(&[]);
    daemon.stop();
    assert!(marks(&daemon.path("state")) > 0);
    daemon
}

fn new_key(daemon: &Daemon, name: &str) {
    let made = daemon.tidings(&["secret", "key"]).output().unwrap();
    fs::create_dir_all(daemon.path("credentials")).unwrap();
    fs::write(daemon.path("credentials").join(name), made.stdout).unwrap();
}

#[test]
fn a_first_key_seals_what_stood_in_the_clear_and_a_second_takes_its_place() {
    let mut daemon = in_the_clear();
    new_key(&daemon, "one");
    new_key(&daemon, "two");
    daemon.configure(&with_key("key_credential = \"one\""));
    daemon.start(&[]);
    assert!(daemon.said().contains("secrets of the database were sealed"), "{}", daemon.said());
    daemon.until("a file without clear copies", |daemon| marks(&daemon.path("state")) == 0);
    let copy = daemon.path("copy.db");
    let (code, said) = daemon.says(&["backup", copy.to_str().unwrap()]);
    assert_eq!(code, Some(0), "a copy needs no key: {said}");
    daemon.stop();
    fs::create_dir(daemon.path("copies")).unwrap();
    fs::rename(copy, daemon.path("copies").join("copy.db")).unwrap();
    assert_eq!((marks(&daemon.path("state")), marks(&daemon.path("copies"))), (0, 0));

    let file = |name: &str| format!("{:?}", daemon.path("credentials").join(name));
    daemon.configure(&with_key(&format!("key_file = {}\nold_key_file = {}", file("two"), file("one"))));
    let (code, said) = daemon.says(&["secret", "seal"]);
    assert!(code == Some(0) && said.contains("are sealed under the key"), "{said}");
    daemon.configure(&with_key(&format!("key_file = {}", file("two"))));
    let (_, shown) = daemon.says(&["secret", "show", "--json"]);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    // Addresses and secrets of two webhooks, and the key that browsers subscribe to.
    assert_eq!((shown["secrets"].as_u64(), shown["scrubbed"].as_bool()), (Some(5), Some(true)), "{shown}");
    daemon.start(&[]);
    let (code, said) = daemon.says(&["subscription", "show", "added"]);
    assert!(code == Some(0) && said.contains("127.0.0.1:9"), "{said}");
    let (code, said) = daemon.says(&["secret", "seal"]);
    assert!(code == Some(75) && said.contains("the daemon is running"), "{said}");
}

#[test]
fn without_the_right_key_it_ends_with_78_says_what_to_do_and_overwrites_nothing() {
    let mut daemon = in_the_clear();
    new_key(&daemon, "right");
    new_key(&daemon, "wrong");
    daemon.configure(&with_key("key_credential = \"right\""));
    daemon.start(&[]);
    daemon.stop();
    let before = fs::read(daemon.path("state").join("tidings.db")).unwrap();

    let file = |name: &str| format!("key_file = {:?}", daemon.path("credentials").join(name));
    fs::write(daemon.path("credentials").join("malformed"), "correct horse battery staple").unwrap();
    let refused = [
        (String::new(), "no key is given"),
        (file("wrong"), "the key given is"),
        (file("malformed"), "expected 32 random bytes"),
        (file("absent"), "can't read the secret file"),
    ];
    for (keys, word) in refused {
        daemon.configure(&with_key(&keys));
        let (code, said) = daemon.says(&["run"]);
        assert!(code == Some(78) && said.contains(word), "{keys}: {code:?}, {said}");
        assert!(!said.contains("horse"), "{said}");
    }
    daemon.configure(&with_key(""));
    let (code, said) = daemon.says(&["source", "list"]);
    assert_eq!(code, Some(0), "what needs no secret works: {said}");
    let (code, said) = daemon.says(&["subscription", "list"]);
    assert!(code == Some(78) && said.contains("key_credential"), "{said}");
    assert!(fs::read(daemon.path("state").join("tidings.db")).unwrap() == before, "the file was written to");

    daemon.configure(&with_key(&file("right")));
    let (code, said) = daemon.says(&["subscription", "list"]);
    assert!(code == Some(0) && said.contains("added"), "{said}");
}
