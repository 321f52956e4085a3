//! A stream over cut connections and kills of the real daemon, while it tells: in the end the client has the log, each
//! notification once, in order.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

mod clients;
mod cutting;

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(30);
const TOKEN: &str = "PLANTED-SECRET-of-the-test";
const TITLES: [&str; 6] = [
    "Aarhus harbour reopens after a winter storm",
    "Fire on a ferry closes the harbour of Bergen",
    "Striking dockers march through Cadiz harbour",
    "Dredgers find an unexploded bomb in Dunkirk harbour",
    "Wind turbines leave Esbjerg harbour for the North Sea",
    "Whale calf strays into Fremantle harbour",
];

/// A feed on loopback of which ever more items are out.
fn publisher(out: Arc<AtomicUsize>, titles: Vec<String>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // Fresh, so that it is told even from a first poll.
    let now = now();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.read(&mut [0; 4096]).unwrap_or_default();
            let mut feed =
                "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Wire</title>"
                    .to_owned();
            for (number, title) in titles.iter().take(out.load(Ordering::SeqCst)).enumerate() {
                write!(feed, "<item><title>{title}</title><link>http://127.0.0.1:{port}/{number}</link><dc:date>{now}</dc:date></item>")
                    .unwrap();
            }
            feed.push_str("</channel></rss>");
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{feed}", feed.len()).ok();
        }
    });
    port
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn instant() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}

fn tidings(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(arguments).arg("--config").arg(folder.join("tidings.toml")).env_remove("NOTIFY_SOCKET");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// A life of the daemon; killed when dropped.
struct Life(Child);

impl Life {
    fn begin(folder: &Path, port: u16) -> Self {
        let life = Self(tidings(folder, &["run"]).spawn().unwrap());
        let deadline = instant() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(instant() < deadline, "it does not listen");
            pause();
        }
        life
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        // SIGKILL.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Sends a request by HTTP/1.0, so that an answer is as it is up to its end.
fn ask(port: u16, request: &str) -> std::io::Result<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "{request}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")?;
    Ok(BufReader::new(stream))
}

/// Sets a flag when it is dropped, at a failed assertion too.
struct Raises<'a>(&'a AtomicBool);

impl Drop for Raises<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A client as `EventSource` is one: it remembers the last event's id.
#[derive(Default)]
struct Client {
    last_event_id: String,
    heard: Vec<(i64, String)>,
}

impl Client {
    fn has(&self, title: &str) -> bool {
        self.heard.iter().any(|(_, payload)| payload.contains(title))
    }

    /// Reads until `enough` events were heard in all, or the connection ends.
    fn read(&mut self, port: u16, enough: usize) {
        let request = format!("GET /v1/stream HTTP/1.0\r\nLast-Event-ID: {}", self.last_event_id);
        let Ok(answer) = ask(port, &request) else { return };
        let (mut id, mut data) = (self.last_event_id.clone(), String::new());
        for line in answer.lines().skip_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty())).skip(1) {
            let Ok(line) = line else { return };
            match line.split_once(": ") {
                Some(("id", value)) => value.clone_into(&mut id),
                Some(("event", event)) => assert_ne!(event, "gap"),
                Some(("data", value)) => value.clone_into(&mut data),
                // An event is complete at its empty line: one that is cut in the midst is none.
                None if line.is_empty() => {
                    self.last_event_id.clone_from(&id);
                    if !data.is_empty() {
                        self.heard.push((id.parse().unwrap(), std::mem::take(&mut data)));
                    }
                    if self.heard.len() >= enough {
                        return;
                    }
                }
                Some(_) | None => {}
            }
        }
    }
}

/// The log as the command prints it: number and payload.
fn log(folder: &Path) -> Vec<(i64, String)> {
    let mut command = tidings(folder, &["notification", "list", "--json", "--limit", "100000"]);
    let printed = command.stdout(Stdio::piped()).output().unwrap();
    let lines = String::from_utf8(printed.stdout).unwrap();
    let read = |line: &str| {
        let number = serde_json::from_str::<Value>(line).unwrap()["seq"].as_i64().unwrap();
        let (_, payload) = line.split_once("\"payload\":").unwrap();
        (number, payload.strip_suffix('}').unwrap().to_owned())
    };
    lines.lines().map(read).collect()
}

#[test]
fn over_cut_connections_and_kills_a_client_has_the_whole_log_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let out = Arc::new(AtomicUsize::new(1));
    let feed = publisher(Arc::clone(&out), TITLES.map(str::to_owned).to_vec());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = format!(
        "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:{port}\"\ntoken = \"{TOKEN}\"\n[network]\nallow_private = true\n\
         [poll]\ndomain_spacing_secs = 0\n\
         [[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n[[sources]]\nurl = \"http://127.0.0.1:{feed}/feed\"\n\
         [[subscriptions]]\nname = \"desk\"\nurl = \"http://127.0.0.1:9/hook\"\nsecret = \"whsec_PLANTEDSECRETPLANTEDSECRETPLANTE\"\n",
        folder.path().join("tidings.db")
    );
    std::fs::write(folder.path().join("tidings.toml"), text).unwrap();

    let done = AtomicBool::new(false);
    let mut client = Client { last_event_id: "0".to_owned(), heard: Vec::new() };
    std::thread::scope(|scope| {
        let raises = Raises(&done);
        let mut life = Life::begin(folder.path(), port);
        // Something is told all the time, whatever becomes of the daemon.
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                if let Ok(mut answer) = ask(port, "POST /v1/subscriptions/1/test HTTP/1.0\r\nContent-Length: 0") {
                    answer.read_to_string(&mut String::new()).ok();
                }
                pause();
            }
        });
        for (round, title) in TITLES.iter().enumerate() {
            out.store(round + 1, Ordering::SeqCst);
            let enough = client.heard.len() + 25;
            let deadline = instant() + PATIENCE;
            while !client.has(title) || client.heard.len() < enough {
                assert!(instant() < deadline, "heard {} of {enough}, {title:?} among them or not", client.heard.len());
                // Another process polls, and opens the event, if the daemon doesn't.
                assert!(client.has(title) || tidings(folder.path(), &["poll", "--all"]).status().unwrap().success());
                client.read(port, client.heard.len() + 10);
            }
            if round % 2 == 1 {
                drop(life);
                life = Life::begin(folder.path(), port);
            }
        }
        drop(raises);
        drop(life);
    });
    let life = Life::begin(folder.path(), port);
    let log = log(folder.path());
    client.read(port, log.len());
    drop(life);
    let numbers: Vec<i64> = client.heard.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=i64::try_from(log.len()).unwrap()).collect::<Vec<_>>());
    assert_eq!(client.heard, log);
    let opened = log.iter().filter(|(_, payload)| payload.contains("\"type\":\"event.opened\"")).count();
    assert_eq!(opened, TITLES.len(), "each event was told once");
}
