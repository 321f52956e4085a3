//! The real binary as an administrator sees it: `tidings status`, `tidings doctor`, a real Prometheus that scrapes it, a real
//! journald that is told.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

mod journal;
mod prometheus;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder with a configuration, and a daemon that may run on it.
struct House {
    folder: TempDir,
    port: u16,
    daemon: Option<Child>,
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A feed on loopback that says what time it is there, `ahead` seconds from now.
fn publisher(ahead: i64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.read(&mut [0; 4096]).unwrap_or_default();
            let feed = format!(
                "<rss version='2.0'><channel><title>Wire</title><item><title>Harbour reopens</title>\
                 <link>http://127.0.0.1:{port}/harbour</link><guid>h</guid><pubDate>{}</pubDate></item></channel></rss>",
                http_date(0)
            );
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nDate: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{feed}",
                http_date(ahead),
                feed.len()
            )
            .ok();
        }
    });
    port
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn http_date(ahead: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(ahead);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

impl House {
    /// A house whose configuration has the server on a port of its own, one topic, and what `more` says.
    fn with(more: &str) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let text = format!(
            "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:{port}\"\ntoken = \"{TOKEN}\"\n\
             [network]\nallow_private = true\n[poll]\nfailing_after = 1\ndomain_spacing_secs = 0.01\n\
             [[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n{more}",
            folder.path().join("tidings.db")
        );
        std::fs::write(folder.path().join("tidings.toml"), text).unwrap();
        Self { folder, port, daemon: None }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(arguments).arg("--config").arg(self.path("tidings.toml")).env_remove("NOTIFY_SOCKET");
        command.env_remove("JOURNAL_STREAM");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Starts the daemon, and waits until it is ready and has polled.
    fn start(&mut self) {
        let log = std::fs::File::create(self.path("log")).unwrap();
        let out = std::fs::File::create(self.path("out")).unwrap();
        self.daemon = Some(self.command(&["run"]).stdout(out).stderr(log).spawn().unwrap());
        until("readiness", || self.page("/readyz").filter(|page| page.starts_with("HTTP/1.1 200")));
        until("the first polls", || {
            let page = self.page("/metrics")?;
            page.contains("tidings_polls_total{").then_some(())
        });
    }

    fn stop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let sent = Command::new("kill").args(["-TERM", &daemon.id().to_string()]).status().unwrap();
            assert!(sent.success());
            daemon.wait().unwrap();
        }
    }

    fn page(&self, path: &str) -> Option<String> {
        page(self.port, path)
    }
}

fn page(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(daemon) = &mut self.daemon {
            daemon.kill().ok();
            daemon.wait().ok();
        }
    }
}

fn source(port: u16) -> String {
    format!("[[sources]]\nurl = \"http://127.0.0.1:{port}/feed\"\n")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What `doctor --json` found: level and words of each line, by check.
fn found(output: &Output, check: &str) -> Vec<(String, String)> {
    let lines = text(&output.stdout);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_check = lines.filter(|line| line["check"] == check);
    of_check
        .map(|line| (line["level"].as_str().unwrap().to_owned(), line["said"].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn status_says_how_the_daemon_fares_with_a_token_and_without_and_that_none_answers() {
    let mut house = House::with(&(source(publisher(0)) + &source(free_port())));
    let before = house.run(&["status"]);
    assert_eq!(before.status.code(), Some(69));
    assert!(text(&before.stdout).contains("no daemon answers at http://127.0.0.1:"), "{before:?}");

    house.start();
    let told = house.run(&["status", "--json"]);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&told["ready"], &told["store"]["sources"]["failing"]), (&Value::Bool(true), &1.into()), "{told}");
    assert_eq!(told["loops"].as_array().unwrap().len(), 8);
    assert!(told["problems"][0]["what"].as_str().unwrap().contains("1 of 2 sources fail"), "{told}");

    // Who may read the store needs no token.
    let file = house.path("tidings.toml");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replace(&format!("token = \"{TOKEN}\"\n"), "")).unwrap();
    let shown = house.run(&["status"]);
    assert_eq!(shown.status.code(), Some(0), "{shown:?}");
    let shown = text(&shown.stdout);
    let first: Vec<&str> = shown.lines().take(2).collect();
    assert!(first[0].contains(": ready"), "{shown}");
    assert!(first[1].starts_with("warning 1 of 2 sources fail"), "the worst first: {shown}");
    for words in ["dispatch", "nothing is due", "undelivered", "1 failing, 1 well", "free on its disk"] {
        assert!(shown.contains(words), "{words} is not in:\n{shown}");
    }

    house.stop();
    let after = house.run(&["status", "--json"]);
    assert_eq!(after.status.code(), Some(69));
    let after: Value = serde_json::from_slice(&after.stdout).unwrap();
    assert_eq!((&after["ready"], &after["store"]["stories"]), (&Value::Bool(false), &1.into()), "{after}");
}

#[test]
fn doctor_looks_into_all_of_it_beside_a_daemon_and_without_one_and_tells_nobody() {
    let hook = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = |name: &str, port: u16| {
        format!(
            "[[subscriptions]]\nname = \"{name}\"\nurl = \"http://127.0.0.1:{port}/hook\"\n\
             secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\ntypes = [\"event.merged\"]\n"
        )
    };
    let sources = source(publisher(0)) + &source(free_port());
    let mut house = House::with(&(sources + &endpoint("up", hook.local_addr().unwrap().port())));
    house.start();
    let looked = house.run(&["doctor", "--all", "--json"]);
    assert_eq!(looked.status.code(), Some(0), "{}", text(&looked.stdout));
    let ok = |check: &str, words: &str| {
        let lines = found(&looked, check);
        assert!(lines.iter().any(|(level, said)| level == "ok" && said.contains(words)), "{check}: {lines:?}");
    };
    ok("store", "is whole");
    ok("disk", "are free");
    ok("permissions", "its owner's alone");
    ok("names", "1 hosts of sources resolve");
    ok("sources", "1 of 2 feeds answer");
    ok("clock", "1 publishers' servers");
    ok("endpoints", "1 can be connected to; nothing was sent");
    let configuration = found(&looked, "configuration");
    assert_eq!(configuration[0].0, "warning", "a token in a file that all may read: {configuration:?}");
    assert!(found(&looked, "sources").iter().any(|(level, said)| level == "warning" && said.contains("connect")));
    let (mut stream, _) = hook.accept().unwrap();
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard).unwrap();
    assert_eq!(heard, b"", "an endpoint is told nothing");
    house.stop();

    let alone = house.run(&["doctor", "--offline", "--json"]);
    assert_eq!(alone.status.code(), Some(0), "{}", text(&alone.stdout));
    assert_eq!(found(&alone, "daemon")[0].0, "warning");
    assert!(found(&alone, "endpoints").is_empty());
    drop(hook);
    let down = house.run(&["doctor"]);
    assert_eq!(down.status.code(), Some(69));
    assert!(text(&down.stdout).contains("failure  endpoints      the endpoint of up at 127.0.0.1:"), "{down:?}");
}

#[test]
fn doctor_tells_a_wrong_clock_a_damaged_store_and_a_wrong_configuration() {
    let mut house = House::with(&source(publisher(-86_400)));
    house.start();
    house.stop();
    let ahead = house.run(&["doctor", "--json"]);
    let clock = found(&ahead, "clock");
    assert!(clock.iter().any(|(level, said)| level == "failure" && said.contains("s ahead of what 1")), "{clock:?}");
    assert_eq!(ahead.status.code(), Some(69));

    let database = house.path("tidings.db");
    // One that a start brings up to date is whole: nobody is to put a backup in its place.
    let sqlite = rusqlite::Connection::open(&database).unwrap();
    let version: i64 = sqlite.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    sqlite.pragma_update(None, "user_version", version - 1).unwrap();
    let older = house.run(&["doctor", "--offline"]);
    let said = text(&older.stdout);
    assert!(said.contains("start the daemon once") && !said.contains("backup"), "{said}");
    sqlite.pragma_update(None, "user_version", version).unwrap();
    drop(sqlite);

    let mut bytes = std::fs::read(&database).unwrap();
    let page = 4096;
    bytes.chunks_mut(page).skip(8).step_by(3).for_each(|page| page[..200].fill(0x5a));
    std::fs::write(&database, &bytes).unwrap();
    let damaged = house.run(&["doctor", "--offline", "--json"]);
    assert!(found(&damaged, "store").iter().any(|(level, _)| level == "failure"), "{}", text(&damaged.stdout));
    assert_eq!(std::fs::read(&database).unwrap(), bytes, "a look changes nothing");

    std::fs::write(house.path("tidings.toml"), "[poll]\nconcurency = 3\n").unwrap();
    let wrong = house.run(&["doctor", "--json"]);
    assert_eq!(wrong.status.code(), Some(78));
    assert!(found(&wrong, "configuration")[0].1.contains("line 2: unknown key `concurency`"), "{wrong:?}");
}

#[test]
fn every_example_of_the_configurations_documentation_passes_the_check() {
    let text = include_str!("../../docs/configuration.md");
    let examples: Vec<&str> = text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 20, "{} examples", examples.len());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.toml");
    for example in examples {
        std::fs::write(&file, example).unwrap();
        let checked = check(&file);
        assert!(checked.status.success(), "{example}\n{}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn the_check_notes_a_topic_that_is_over_and_an_unknown_language_and_refuses_a_folder_for_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tidings.toml");
    std::fs::write(&file, "[[topics]]\nid = \"moon\"\nquery = \"moon lang:english\"\nuntil = 2022-01-31\n").unwrap();
    let checked = check(&file);
    let noted = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{noted}");
    assert!(noted.contains("no story is in a language called english"), "{noted}");
    assert!(noted.contains("the topic `moon` is over by its `until`"), "{noted}");
    std::fs::write(&file, format!("[storage]\npath = {:?}\n", folder.path())).unwrap();
    let refused = check(&file);
    assert_eq!(refused.status.code(), Some(78));
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(why.contains("is a folder; name a file in it"), "{why}");
}

fn check(file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidings")).args(["check", "--config"]).arg(file).output().unwrap()
}
