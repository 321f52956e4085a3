//! The attacks at once against the binary, each from a host of its own, and a good publisher among them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::attack::{Attack, End, attacks};
use super::client::peak_mb;
use super::server::{Script, Server, hear, pause};

/// What a step may take at most.
const PATIENCE: Duration = Duration::from_secs(20);
/// The good publisher's interval is a third of a second; a busy machine may stretch it.
const GAP_MAX: Duration = Duration::from_secs(3);
/// A debug build with 22 sources, and bodies of 2 MB at the most.
const PEAK_MB_MAX: u64 = 160;

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> Instant {
    Instant::now()
}

/// A publisher that keeps when it was asked.
fn good(asked: &Arc<Mutex<Vec<Instant>>>) -> Script {
    let asked = Arc::clone(asked);
    Arc::new(move |stream| {
        hear(stream)?;
        asked.lock().unwrap().push(now());
        let feed = "<rss version='2.0'><channel><title>Wire</title><item><title>Harbour reopens</title>\
             <link>http://127.0.1.1/harbour</link><guid>harbour</guid></item></channel></rss>";
        write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{feed}", feed.len())
    })
}

fn configuration(folder: &Path, good: &Server, hostile: &[(String, Attack)]) -> String {
    let mut text = format!(
        "[storage]\npath = {:?}\n[server]\nlisten = \"\"\n[poll]\nconcurrency = 128\ndomain_spacing_secs = 0.05\n\
         [network]\nallow = [\"127.0.1.0/24\"]\nconnect_timeout_secs = 0.5\nanswer_timeout_secs = 1\n\
         total_timeout_secs = 3\nslow_secs = 0.5\nslowest_bytes_per_sec = 2000\nfeed_body_mib = 2\n\
         [[sources]]\nurl = \"http://{}/\"\ninterval_min_minutes = 0.005\ninterval_max_minutes = 0.005\n",
        folder.join("tidings.db"),
        good.address
    );
    for (url, _) in hostile {
        write!(text, "[[sources]]\nurl = {url:?}\ninterval_min_minutes = 60\n").unwrap();
    }
    text
}

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(arguments).arg("--config").arg(folder.join("tidings.toml")).env_remove("NOTIFY_SOCKET");
    command
}

/// What came of each source's polls, by address: `ok`, `timeout: ...`, nothing yet.
fn outcomes(folder: &Path) -> Vec<(String, String)> {
    let listed = command(folder, &["source", "list", "--json"]).output().unwrap();
    let rows = String::from_utf8(listed.stdout).unwrap();
    let rows = rows.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rows.map(|row| (text(&row["url"]), text(&row["state"]["last_outcome"]))).collect()
}

fn complaint(url: &str, attack: &Attack, outcomes: &[(String, String)]) -> Option<String> {
    let outcome = outcomes.iter().find(|(found, _)| found == url).map_or("not a source", |(_, outcome)| outcome);
    let fits = match attack.end {
        End::Fails(kind, words) => outcome.starts_with(&format!("{kind}: ")) && outcome.contains(words),
        // What is made of it is the reader's business; that it came is what counts here.
        End::Answers(..) => {
            ["ok", "status: ", "not-a-feed", "truncated", "empty"].iter().any(|k| outcome.starts_with(k))
        }
    };
    (!fits).then(|| format!("{}: {outcome:?}; wanted {:?}", attack.name, attack.end))
}

/// Hostile servers, each on a host of its own, with their addresses as sources.
fn servers(attacks: impl IntoIterator<Item = Attack>) -> Vec<(String, Attack)> {
    let serve = |(attack, host): (Attack, u8)| {
        let server = Server::new(Ipv4Addr::new(127, 0, 1, host), Arc::clone(&attack.script));
        (format!("{}://{}/", attack.scheme, server.address), attack)
    };
    attacks.into_iter().zip(2..).map(serve).collect()
}

/// A folder with a configuration of a good publisher and these.
fn prepared(hostile: &[(String, Attack)]) -> (TempDir, Arc<Mutex<Vec<Instant>>>) {
    let (folder, asked) = (tempfile::tempdir().unwrap(), Arc::default());
    let good = Server::new(Ipv4Addr::new(127, 0, 1, 1), good(&asked));
    std::fs::write(folder.path().join("tidings.toml"), configuration(folder.path(), &good, hostile)).unwrap();
    (folder, asked)
}

fn assert_told(hostile: &[(String, Attack)], polled: &[(String, String)]) {
    let complaints: Vec<String> = hostile.iter().filter_map(|(url, attack)| complaint(url, attack, polled)).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn a_round_of_polls_ends_and_tells_each_trouble() {
    let hostile = servers(attacks());
    let (folder, _) = prepared(&hostile);
    let begun = now();
    let round = command(folder.path(), &["poll", "--all"]).output().unwrap();
    let took = begun.elapsed();
    assert!(round.status.success() && took < PATIENCE, "{took:?} {}", String::from_utf8_lossy(&round.stderr));
    assert_told(&hostile, &outcomes(folder.path()));
    println!("{} hostile servers were polled in {took:?}", hostile.len());
}

/// Those that cost time or memory: with the good one about as many as are polled at once when they are new.
#[test]
fn the_daemon_goes_on_and_polls_others_without_delay() {
    let hostile = servers(attacks().into_iter().filter(|a| matches!(a.end, End::Fails("timeout" | "too-large", _))));
    let (folder, asked) = prepared(&hostile);
    let log = std::fs::File::create(folder.path().join("log")).unwrap();
    let begun = now();
    let process = command(folder.path(), &["run"]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let mut daemon = Daemon(process);
    let polled = loop {
        pause(200);
        let outcomes = outcomes(folder.path());
        if outcomes.len() > hostile.len() && outcomes.iter().all(|(_, outcome)| !outcome.is_empty()) {
            break outcomes;
        }
        let log = || std::fs::read_to_string(folder.path().join("log")).unwrap();
        assert!(begun.elapsed() < PATIENCE, "{:?}\n{}", outcomes, log());
    };
    let took = begun.elapsed();
    assert_told(&hostile, &polled);
    let mut moments = asked.lock().unwrap().clone();
    moments.push(now());
    let gap = moments.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(gap < GAP_MAX, "the good publisher was left alone for {gap:?}");
    let peak = peak_mb(&std::fs::read_to_string(format!("/proc/{}/status", daemon.0.id())).unwrap());
    assert!(peak < PEAK_MB_MAX, "{peak} MB");
    let sent = Command::new("kill").args(["-TERM", &daemon.0.id().to_string()]).status().unwrap();
    assert!(sent.success() && daemon.0.wait().unwrap().success());
    println!(
        "{} hostile servers were polled in {took:?}; a good one {} times meanwhile, at most {gap:?} apart; memory at most {peak} MB",
        hostile.len(),
        moments.len() - 1
    );
}
