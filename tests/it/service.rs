//! The daemon as the system's service manager, its administrator and a second process meet it: readiness, watchdog,
//! signals, exit codes. What systemd says through its socket is said here through one of our own (`sd_notify(3)`).

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A daemon under a service manager.
struct Service {
    process: Child,
    folder: TempDir,
    manager: UnixDatagram,
    /// What it said to its manager so far, line by line.
    heard: Vec<String>,
}

/// A feed on loopback, and how often it was asked for.
struct Publisher {
    port: u16,
    asked: Arc<AtomicUsize>,
}

impl Publisher {
    fn with_feed() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, asked) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&asked);
        let now = now();
        let feed = format!(
            "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Wire</title><item><title>Harbour reopens after storm</title>\
             <link>http://127.0.0.1:{port}/harbour</link><guid>harbour</guid><dc:date>{now}</dc:date>\
             </item></channel></rss>"
        );
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                stream.read(&mut [0; 4096]).unwrap_or_default();
                counter.fetch_add(1, Ordering::SeqCst);
                write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{feed}", feed.len())
                    .ok();
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn instant() -> Instant {
    Instant::now()
}

fn configuration(folder: &Path, feeds: &[String], query: &str) -> String {
    let mut text = format!(
        "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:0\"\n[network]\nallow_private = true\n\
         [[topics]]\nid = \"harbour\"\nquery = {query:?}\n",
        folder.join("tidings.db")
    );
    for feed in feeds {
        writeln!(text, "[[sources]]\nurl = {feed:?}").unwrap();
    }
    text
}

fn tidings(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(arguments).arg("--config").arg(folder.join("tidings.toml")).env_remove("NOTIFY_SOCKET");
    command
}

impl Service {
    fn start(feeds: &[String]) -> Self {
        Self::called(&["run"], feeds)
    }

    fn called(arguments: &[&str], feeds: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manager = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        manager.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        std::fs::write(folder.path().join("tidings.toml"), configuration(folder.path(), feeds, "harbour")).unwrap();
        let process = tidings(folder.path(), arguments)
            .env("NOTIFY_SOCKET", folder.path().join("notify"))
            .env("WATCHDOG_USEC", "600000")
            .stdout(std::fs::File::create(folder.path().join("stdout")).unwrap())
            .stderr(std::fs::File::create(folder.path().join("stderr")).unwrap())
            .spawn()
            .unwrap();
        Self { process, folder, manager, heard: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.path("stderr")).unwrap_or_default()
    }

    fn listen(&mut self) {
        let mut message = [0; 4096];
        if let Ok(length) = self.manager.recv(&mut message) {
            let text = String::from_utf8_lossy(&message[..length]).into_owned();
            self.heard.extend(text.lines().map(str::to_owned));
        }
    }

    /// Waits until `count` messages to the manager begin with `word`.
    fn hears(&mut self, word: &str, count: usize) {
        self.until(&format!("{count} times {word}"), |service| {
            service.listen();
            service.heard.iter().filter(|line| line.starts_with(word)).count() >= count
        });
    }

    #[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
    fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let deadline = instant() + PATIENCE;
        while !holds(self) {
            assert!(
                instant() < deadline,
                "waited in vain for {what}; heard {:?}; it said:\n{}",
                self.heard,
                self.said()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    fn ends(&mut self) -> ExitStatus {
        let mut status = None;
        self.until("its end", |service| {
            status = service.process.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// The answer of its page to a path.
    fn page(&self, path: &str) -> String {
        let said = self.said();
        let address = said.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        crate::said::keep(self.folder.path());
    }
}

#[test]
fn it_says_when_it_is_ready_feeds_the_watchdog_and_ends_cleanly_on_sigterm() {
    let publisher = Publisher::with_feed();
    let mut service = Service::start(&[format!("http://127.0.0.1:{}/feed", publisher.port)]);
    service.hears("READY=1", 1);
    assert!(service.page("/healthz").starts_with("HTTP/1.1 200"));
    assert!(service.page("/readyz").starts_with("HTTP/1.1 200"));
    service.hears("WATCHDOG=1", 3);
    service.until("the event on the terminal", |s| {
        std::fs::read_to_string(s.path("stdout")).unwrap().contains("Harbour reopens after storm")
    });
    assert!(service.page("/metrics").contains("tidings_"));
    service.signal("-TERM");
    service.hears("STOPPING=1", 1);
    assert_eq!(service.ends().code(), Some(0), "{}", service.said());
    let events = tidings(service.folder.path(), &["event", "list", "--json"]).output().unwrap();
    assert!(String::from_utf8_lossy(&events.stdout).contains("Harbour reopens after storm"));
}

#[test]
fn sighup_takes_up_a_good_configuration_and_refuses_a_bad_one_aloud() {
    let (first, second) = (Publisher::with_feed(), Publisher::with_feed());
    let feeds = [format!("http://127.0.0.1:{}/feed", first.port), format!("http://localhost:{}/feed", second.port)];
    let mut service = Service::start(&feeds[..1]);
    service.hears("READY=1", 1);
    let file = service.path("tidings.toml");
    std::fs::write(&file, configuration(service.folder.path(), &feeds, "harbour AND (")).unwrap();
    service.signal("-HUP");
    service.hears("RELOADING=1", 1);
    service.hears("READY=1", 2);
    service.until("the reason on stderr", |s| s.said().contains("kept the old configuration"));
    assert_eq!(second.asked(), 0);
    std::fs::write(&file, configuration(service.folder.path(), &feeds, "harbour")).unwrap();
    service.signal("-HUP");
    service.hears("READY=1", 3);
    service.until("the new source's first poll", |_| second.asked() > 0);
    service.signal("-TERM");
    assert_eq!(service.ends().code(), Some(0));
}

#[test]
fn without_a_network_it_stays_up_and_says_what_failed() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut service =
        Service::start(&[format!("http://127.0.0.1:{closed}/feed"), "http://no-such-host.invalid/feed".to_owned()]);
    service.hears("READY=1", 1);
    service.until("both failures", |s| {
        let said = s.said() + &std::fs::read_to_string(s.path("stdout")).unwrap();
        said.contains("127.0.0.1") && said.contains("no-such-host.invalid")
    });
    service.hears("WATCHDOG=1", 2);
    assert!(service.page("/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_second_daemon_on_the_same_data_is_refused_and_commands_work_beside_the_first() {
    let publisher = Publisher::with_feed();
    let mut service = Service::start(&[format!("http://127.0.0.1:{}/feed", publisher.port)]);
    service.hears("READY=1", 1);
    service.until("the first poll", |_| publisher.asked() > 0);
    let second = tidings(service.folder.path(), &["run"]).stdin(Stdio::null()).output().unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("another tidings is running on"), "{said}");

    let polled = tidings(service.folder.path(), &["poll", "--all"]).output().unwrap();
    assert!(polled.status.success(), "{}", String::from_utf8_lossy(&polled.stderr));
    assert!(publisher.asked() > 1);
    let explained =
        tidings(service.folder.path(), &["explain", &format!("http://127.0.0.1:{}/harbour", publisher.port)])
            .output()
            .unwrap();
    assert!(String::from_utf8_lossy(&explained.stdout).contains("harbour"), "{explained:?}");
    let events = tidings(service.folder.path(), &["event", "list", "--json"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&events.stdout).matches("Harbour reopens").count(), 1);
    assert!(service.process.try_wait().unwrap().is_none(), "the daemon ended: {}", service.said());
}

#[test]
fn without_a_command_it_is_the_daemon() {
    let publisher = Publisher::with_feed();
    let mut service = Service::called(&[], &[format!("http://127.0.0.1:{}/feed", publisher.port)]);
    service.hears("READY=1", 1);
    service.until("the first poll", |_| publisher.asked() > 0);
    assert!(service.process.try_wait().unwrap().is_none(), "the daemon ended: {}", service.said());
}

#[test]
fn a_wrong_configuration_ends_it_with_78_so_that_systemd_leaves_it_for_a_person() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tidings.toml"), "[storage]\npaht = \"x\"\n").unwrap();
    let refused = tidings(folder.path(), &["run"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(78));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("paht"));
    let checked = tidings(folder.path(), &["check", "--json"]).output().unwrap();
    let told: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let problem = &told["problems"][0];
    assert_eq!((problem["line"].as_i64(), problem["column"].as_i64()), (Some(2), Some(1)), "{told}");
}

#[test]
fn the_unit_is_valid_and_exposes_no_more_than_it_must() {
    let analyze = |arguments: &[&str], unit: &Path| Command::new("systemd-analyze").args(arguments).arg(unit).output();
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join("tidings.service");
    let shipped = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/systemd/tidings.service")).unwrap();
    std::fs::write(&unit, shipped.replace("/usr/bin/tidings", env!("CARGO_BIN_EXE_tidings"))).unwrap();
    let Ok(verified) = analyze(&["verify"], &unit) else {
        eprintln!("!!! SKIPPED: no systemd-analyze (tests/run installs it)");
        return;
    };
    let complaints = String::from_utf8_lossy(&verified.stderr).into_owned();
    let ours: Vec<&str> = complaints.lines().filter(|line| line.contains("tidings")).collect();
    assert!(verified.status.success() && ours.is_empty(), "{complaints}");
    // Offline, of 10; a threshold of 12 means 1.2. The best of the known services is at 2.3.
    let secure = analyze(&["security", "--offline=yes", "--threshold=12"], &unit).unwrap();
    let report = String::from_utf8_lossy(&secure.stdout).into_owned();
    let overall = report.lines().last().unwrap_or_default();
    assert!(secure.status.success(), "{overall}");
}
