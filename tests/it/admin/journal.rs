//! A real journald, in a mount namespace of its own, that is told by the daemon and asked by field.

use std::process::Command;

use super::{House, free_port, publisher, source};

/// Starts journald on an empty /run and /var/log, then the daemon with its stderr as systemd would hand it over, until the
/// journal has what is looked for. What it writes is gone with the namespace.
const SCRIPT: &str = r#"
set -eu
mount -t tmpfs none /run
mount -t tmpfs none /var/log
mkdir -p /run/systemd/journal /run/log/journal
/lib/systemd/systemd-journald >"$HOUSE/journald" 2>&1 & journald=$!
tidings=
trap 'kill $tidings $journald 2>/dev/null || true; wait' EXIT
for _ in $(seq 200); do [ -S /run/systemd/journal/socket ] && break; sleep 0.05; done
: >"$HOUSE/stderr"
JOURNAL_STREAM=$(stat -c %d:%i "$HOUSE/stderr")
export JOURNAL_STREAM
"$TIDINGS" run --config "$HOUSE/tidings.toml" >"$HOUSE/stdout" 2>>"$HOUSE/stderr" & tidings=$!
ask() { journalctl -q --no-pager -D /run/log/journal "$@"; }
for _ in $(seq 600); do
  ask -o cat TIDINGS_TOPIC_ID=harbour 2>/dev/null | grep -q . && ask -o cat TIDINGS_SOURCE_ID=2 2>/dev/null | grep -q . && break
  sleep 0.1
done
echo "source: $(ask -o cat TIDINGS_SOURCE_ID=2 | head -n 1)"
echo "topic: $(ask -o cat TIDINGS_TOPIC_ID=harbour | head -n 1)"
echo "warnings: $(ask -o cat -p warning | head -n 1)"
echo "identifier: $(ask -o cat -t tidings | grep -c .)"
"#;

#[test]
fn journald_is_told_with_fields_that_it_can_be_asked_for() {
    let house = House::with(&(source(publisher(0)) + &source(free_port())));
    let can = Command::new("unshare").args(["--mount", "true"]).output().is_ok_and(|output| output.status.success());
    if !can
        || !std::path::Path::new("/lib/systemd/systemd-journald").exists()
        || !std::path::Path::new("/etc/machine-id").exists()
    {
        eprintln!("!!! SKIPPED: no journald in a namespace of its own (needs root, systemd and /etc/machine-id)");
        return;
    }
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "bash", "-c", SCRIPT])
        .env("HOUSE", house.folder.path())
        .env("TIDINGS", env!("CARGO_BIN_EXE_tidings"))
        .env_remove("NOTIFY_SOCKET")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let complete = |words: &str| {
        assert!(told.contains(words), "{words} is not in:\n{told}\n{}", String::from_utf8_lossy(&output.stderr));
    };
    complete("source: source 2 (127.0.0.1) is failing from now on");
    complete("topic: told 0 subscriptions of harbour (event.opened): Harbour reopens (127.0.0.1)");
    complete("warnings: ");
    let stderr = std::fs::read_to_string(house.path("stderr")).unwrap();
    assert!(!stderr.contains("is ready"), "what the journal is told is not said on stderr, too: {stderr}");
}
