//! An operator corrects events while the daemon runs: its decisions go by it at once, and after a restart.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);

const ADOPTED: &str =
    "General Assembly adopts harbour resolution on cyber security drafted by Russia and United States";
const RESIGNS: &str = "Harbour minister Lindqvist resigns over port fees after the parliament rejected his budget";
const RESIGNED: &str = "Harbour minister Lindqvist resigned over port fees: parliament had rejected the budget of his";
const FOOTBALL: &str = "Harbour City beats Rovers in cup final on penalties after goalless extra time at the stadium";

/// Feeds on loopback, one a publisher, that grow.
struct Wire {
    port: u16,
    items: Arc<Mutex<Vec<(u32, String)>>>,
}

impl Wire {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let items: Arc<Mutex<Vec<(u32, String)>>> = Arc::default();
        let held = Arc::clone(&items);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or_default();
                let publisher = u32::from(String::from_utf8_lossy(&request[..length]).starts_with("GET /2"));
                let mut feed = "<rss version='2.0'><channel><title>Wire</title>".to_owned();
                for (n, (_, title)) in held.lock().unwrap().iter().enumerate().filter(|(_, i)| i.0 == publisher) {
                    write!(
                        feed,
                        "<item><title>{title}</title><link>http://127.0.0.1:{port}/{publisher}/{n}</link></item>"
                    )
                    .unwrap();
                }
                feed.push_str("</channel></rss>");
                let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", feed.len());
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(feed.as_bytes())).ok();
            }
        });
        Self { port, items }
    }

    fn says(&self, publisher: u32, title: &str) {
        self.items.lock().unwrap().push((publisher, title.to_owned()));
    }
}

fn tidings(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(arguments).arg("--config").arg(folder.join("tidings.toml")).env_remove("NOTIFY_SOCKET");
    command
}

fn start(folder: &Path) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
    tidings(folder, &["run"]).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Runs a command and gives its objects.
fn objects(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = tidings(folder, arguments).arg("--json").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The event that the story with this title is in, once it is decided.
fn event_of(folder: &Path, title: &str) -> Value {
    let story = come(folder, title, || {
        let stories = objects(folder, &["story", "list", "--since", "1h"]);
        stories.into_iter().rfind(|s| s["title"] == title && s["state"] == "decided")
    });
    let known = objects(folder, &["explain", &story["id"].to_string()]).remove(0);
    known["decisions"].as_array().unwrap().last().unwrap()["event"].clone()
}

/// Asks until there is something.
#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock, and other processes are asked")]
fn come<T>(folder: &Path, what: &str, ask: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = ask() {
            return found;
        }
        let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(start.elapsed() < PATIENCE, "{what}: it did not come\n{}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_a_publisher_edits_while_nothing_runs_is_told_as_a_correction() {
    let (wire, folder) = (Wire::open(), tempfile::tempdir().unwrap());
    let folder = folder.path();
    let text = format!(
        "[storage]\npath = {:?}\n[server]\nlisten = \"\"\n[network]\nallow_private = true\n[poll]\ndomain_spacing_secs = 0\n\
         [[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n[[sources]]\nurl = \"http://127.0.0.1:{}/1\"\n\
         [[subscriptions]]\nname = \"desk\"\nurl = \"http://127.0.0.1:9/\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n\
         corrections = \"each\"\n",
        folder.join("tidings.db"),
        wire.port
    );
    std::fs::write(folder.join("tidings.toml"), text).unwrap();
    let told = |titles: &[&str]| -> Vec<String> {
        wire.items.lock().unwrap().clear();
        for title in titles {
            wire.says(0, title);
        }
        // Each time another process, which knows only what is stored.
        assert!(tidings(folder, &["poll", "--all"]).output().unwrap().status.success());
        let told = objects(folder, &["notification", "list"]);
        told.iter().map(|told| told["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(told(&[ADOPTED]), [""; 0], "a source's past");
    assert_eq!(told(&[ADOPTED, "Harbour blast kills 14 and injures 52, says the mayor"]), ["event.opened"]);
    let first = told(&[ADOPTED, "Harbour blast kills 16 and injures 60, says the mayor"]);
    assert_eq!(first, ["event.opened", "event.updated"]);
    let second = told(&[ADOPTED, "Harbour blast kills 21 and injures 75, says the mayor"]);
    assert_eq!(second, ["event.opened", "event.updated", "event.updated"]);
}

#[test]
fn a_correction_beside_a_running_daemon_holds_for_what_comes_next_and_after_a_restart() {
    let wire = Wire::open();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = format!(
        "[storage]\npath = {:?}\n[server]\nlisten = \"\"\n[network]\nallow_private = true\n[poll]\n\
         domain_spacing_secs = 0\nrequests_per_day = 0\ninterval_min_minutes = 0.001\ninterval_max_minutes = 0.003\n\
         [[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n",
        folder.join("tidings.db")
    );
    for publisher in 1..=2 {
        write!(
            text,
            "[[sources]]\nurl = \"http://127.0.0.1:{}/{publisher}\"\npublisher = \"p{publisher}\"\n",
            wire.port
        )
        .unwrap();
    }
    std::fs::write(folder.join("tidings.toml"), text).unwrap();
    wire.says(0, ADOPTED);
    wire.says(0, RESIGNS);
    let mut daemon = start(folder);
    let (first, second) = (event_of(folder, ADOPTED), event_of(folder, RESIGNS));
    assert_ne!(first, second);

    let merged = objects(folder, &["event", "merge", &first.to_string(), &second.to_string()]).remove(0);
    let one = merged["event"].clone();
    // The other publisher tells of what is no event of its own any more; the daemon's index must know.
    wire.says(1, RESIGNED);
    assert_eq!(event_of(folder, RESIGNED), one);

    let story = objects(folder, &["story", "list", "--words", "resigned"]).remove(0)["id"].to_string();
    let split = objects(folder, &["event", "split", &one.to_string(), &story]).remove(0)["event"].clone();
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    let mut daemon = start(folder);
    wire.says(0, FOOTBALL);
    let football = event_of(folder, FOOTBALL);
    assert!(football != one && football != split, "numbers are given once: {football}");
    wire.says(0, RESIGNED);
    // The same words as the story that was split off, after a restart.
    come(folder, "the copy, where its original is", || {
        let shown = objects(folder, &["event", "show", &split.to_string()]).remove(0);
        (shown["stories"].as_array()?.len() == 2).then_some(())
    });
    let labels = objects(folder, &["label", "export"]);
    assert_eq!(labels.iter().map(|l| l["said"].as_str().unwrap()).collect::<Vec<_>>(), ["same", "apart"]);
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}
