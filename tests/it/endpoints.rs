//! Endpoints that are dead, hang, ask to be left alone or fail for long, beside well ones, and the real daemon.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);
const SECRET: &str = "whsec_PLANTEDSECRETPLANTEDSECRETPLANTE";
const TITLES: [&str; 4] = [
    "Aarhus harbour reopens after a winter storm",
    "Fire on a ferry closes the harbour of Bergen",
    "Striking dockers march through Cadiz harbour",
    "Dredgers find an unexploded bomb in Dunkirk harbour",
];

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn instant() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Waits until this holds.
#[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = instant() + PATIENCE;
    while !holds() {
        assert!(instant() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A feed on loopback of which ever more items are out.
fn publisher(out: Arc<AtomicUsize>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // Fresh, so that it is told even from a first poll.
    let now = now();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            stream.read(&mut [0; 4096]).unwrap_or_default();
            let mut feed =
                "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Wire</title>"
                    .to_owned();
            for (number, title) in TITLES.iter().take(out.load(Ordering::SeqCst)).enumerate() {
                write!(feed, "<item><title>{title}</title><link>http://127.0.0.1:{port}/{number}</link><dc:date>{now}</dc:date></item>")
                    .unwrap();
            }
            feed.push_str("</channel></rss>");
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{feed}", feed.len()).ok();
        }
    });
    port
}

/// A post as it came.
#[derive(Debug, Clone)]
struct Post {
    path: String,
    id: String,
    kind: String,
    at: Instant,
}

/// What an endpoint does with the nth post (from 0) to a path: an answer's status line and fields, or nothing, for good.
type Mood = dyn Fn(&str, usize) -> Option<&'static str> + Send + Sync;

const WELL: &str = "204 No Content\r\n";

/// Endpoints on one port of loopback, told apart by their paths.
struct Sink {
    port: u16,
    posts: Arc<Mutex<Vec<Post>>>,
}

impl Sink {
    fn start(mood: Arc<Mood>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let posts: Arc<Mutex<Vec<Post>>> = Arc::default();
        let kept = Arc::clone(&posts);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (kept, mood) = (Arc::clone(&kept), Arc::clone(&mood));
                std::thread::spawn(move || while take(&stream, &kept, &*mood).is_some() {});
            }
        });
        Self { port, posts }
    }

    fn to(&self, path: &str) -> Vec<Post> {
        self.posts.lock().unwrap().iter().filter(|post| post.path == path).cloned().collect()
    }
}

/// Takes one request of a connection; `None` at its end.
fn take(stream: &TcpStream, kept: &Mutex<Vec<Post>>, mood: &Mood) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut path, mut id, mut length) = (String::new(), String::new(), 0);
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 0 && line.trim() != "" {
        let lower = line.to_lowercase();
        match lower.trim().split_once(": ") {
            Some(("webhook-id", value)) => value.clone_into(&mut id),
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => line.split(' ').nth(1)?.clone_into(&mut path),
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok().filter(|()| !path.is_empty())?;
    let body: Value = serde_json::from_slice(&body).unwrap();
    let post = Post { path: path.clone(), id, kind: body["type"].as_str().unwrap().to_owned(), at: instant() };
    let nth = {
        let mut kept = kept.lock().unwrap();
        kept.push(post);
        kept.iter().filter(|other| other.path == path).count() - 1
    };
    match mood(&path, nth) {
        Some(answer) => {
            let mut writer = stream;
            write!(writer, "HTTP/1.1 {answer}Content-Length: 0\r\n\r\n").ok()
        }
        // Until the other side has had enough.
        None => (&mut &*stream).read(&mut [0]).ok().filter(|read| *read > 0).map(drop),
    }
}

/// A folder with a configuration, and the daemon in it.
struct House {
    folder: tempfile::TempDir,
    daemon: Option<Child>,
}

impl House {
    fn new(delivery: &str, feed: Option<u16>, subscriptions: &[(String, u16, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut text = format!(
            "[storage]\npath = {:?}\n[server]\nlisten = \"\"\n[network]\nallow_private = true\n[poll]\n\
             domain_spacing_secs = 0\n[delivery]\n{delivery}\n[[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n",
            folder.path().join("tidings.db")
        );
        if let Some(feed) = feed {
            write!(text, "[[sources]]\nurl = \"http://127.0.0.1:{feed}/feed\"\n").unwrap();
        }
        for (name, port, more) in subscriptions {
            let url = format!("http://127.0.0.1:{port}/{name}");
            write!(text, "[[subscriptions]]\nname = \"{name}\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n{more}\n")
                .unwrap();
        }
        std::fs::write(folder.path().join("tidings.toml"), text).unwrap();
        Self { folder, daemon: None }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command
            .args(arguments)
            .arg("--config")
            .arg(self.folder.path().join("tidings.toml"))
            .env_remove("NOTIFY_SOCKET");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn begin(&mut self) {
        self.daemon = Some(self.command(&["run"]).spawn().unwrap());
    }

    /// Stops the daemon as a kill does.
    fn kill(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().ok();
            daemon.wait().ok();
        }
    }

    /// What a command prints, line by line.
    fn call(&self, arguments: &[&str]) -> Vec<Value> {
        let output =
            self.command(arguments).arg("--json").stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The states of a subscription's deliveries, each with its number of attempts, oldest first.
    fn deliveries(&self, subscription: &str) -> Vec<(String, usize)> {
        let listed = self.call(&["delivery", "list", "--subscription", subscription]);
        let one = |d: &Value| (d["state"].as_str().unwrap().to_owned(), d["attempts"].as_array().unwrap().len());
        listed.iter().rev().map(one).collect()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.kill();
    }
}

#[test]
fn one_dead_and_ten_hanging_endpoints_of_a_hundred_keep_nothing_from_the_others() {
    let sink = Sink::start(Arc::new(|path, _| (!path.starts_with("/hang")).then_some(WELL)));
    let feed = publisher(Arc::new(AtomicUsize::new(3)));
    // Nothing listens there any more.
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let one = |kind: &str, port, number: usize| (format!("{kind}{number}"), port, "");
    let hanging = (0..10).map(|number| one("hang", sink.port, number));
    let well = (0..89).map(|number| one("well", sink.port, number));
    let subscriptions: Vec<_> = hanging.chain([one("dead", dead, 0)]).chain(well).collect();
    // So long that whatever hangs is in its first attempt throughout; fewer attempts at once than there are that hang.
    let mut house = House::new("timeout_secs = 100\nconcurrency = 8", Some(feed), &subscriptions);
    house.begin();
    let told = |kind: &str| sink.posts.lock().unwrap().iter().filter(|post| post.path.starts_with(kind)).count();
    wait_until("three events at each of the well ones", || told("/well") >= 3 * 89);
    wait_until("three events at each of the hanging ones", || told("/hang") >= 3 * 10);
    assert_eq!((told("/well"), told("/hang")), (3 * 89, 3 * 10), "each once");
    for number in 0..10 {
        assert_eq!(
            house.deliveries(&format!("hang{number}")),
            vec![("pending".to_owned(), 0); 3],
            "still in its first attempt"
        );
    }
    wait_until("the dead one was tried, and is not given up", || {
        house.deliveries("dead0").iter().all(|(state, attempts)| state == "pending" && *attempts >= 1)
    });
}

#[test]
fn an_endpoint_that_asks_for_a_pause_is_asked_once_and_one_that_fails_twice_three_times() {
    let mood = |path: &str, nth| match (path, nth) {
        ("/busy", 0) => Some("503 Busy\r\nRetry-After: 3\r\n"),
        ("/twice", 0 | 1) => Some("503 Busy\r\n"),
        _ => Some(WELL),
    };
    let sink = Sink::start(Arc::new(mood));
    let one = |name: &str| (name.to_owned(), sink.port, "max_in_flight = 1");
    let delivery = "retry_secs = [1, 1, 1]\njitter_percent = 0\npause_secs = 0.1";
    let mut house = House::new(delivery, None, &[one("busy"), one("twice")]);
    // A round of polls takes the subscriptions from the file; there is nothing to poll.
    house.begin();
    wait_until("the subscriptions", || house.command(&["subscription", "show", "twice"]).status().unwrap().success());
    house.kill();
    for _ in 0..10 {
        house.call(&["delivery", "test", "busy"]);
    }
    house.call(&["delivery", "test", "twice"]);
    house.begin();
    let all = |name: &str, state: &str| house.deliveries(name).iter().all(|(is, _)| is == state);
    wait_until("the end", || all("busy", "delivered") && all("twice", "delivered"));

    let busy = sink.to("/busy");
    assert_eq!(busy.len(), 11, "asked once, then ten were taken");
    let pause = busy[1].at.duration_since(busy[0].at);
    assert!(pause >= Duration::from_millis(2_900), "asked again after {pause:?}");
    let attempts: Vec<_> = house.deliveries("busy").iter().map(|(_, attempts)| *attempts).collect();
    assert_eq!(attempts, [2, 1, 1, 1, 1, 1, 1, 1, 1, 1], "what waited spent none");
    let twice = sink.to("/twice");
    assert_eq!(twice.len(), 3);
    assert!(twice.iter().all(|post| post.id == twice[0].id));
}

#[test]
fn a_subscription_that_only_failed_is_disabled_told_elsewhere_and_gets_what_it_missed_when_it_is_enabled() {
    let is_well = Arc::new(AtomicBool::new(false));
    let mended = Arc::clone(&is_well);
    let mood = move |path: &str, _| {
        let is_well = path == "/ops" || mended.load(Ordering::SeqCst);
        Some(if is_well { WELL } else { "500 Broken\r\n" })
    };
    let sink = Sink::start(Arc::new(mood));
    let out = Arc::new(AtomicUsize::new(1));
    let feed = publisher(Arc::clone(&out));
    let subscriptions = [
        ("desk".to_owned(), sink.port, "max_in_flight = 1\norder = \"strict\""),
        ("ops".to_owned(), sink.port, "types = [\"subscription.disabled\"]"),
    ];
    // Two seconds, five failures at least: at one a second.
    let delivery = "retry_secs = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\nopen_after = 100\ndisable_after_days = 0.000023";
    let mut house = House::new(delivery, Some(feed), &subscriptions);
    house.begin();
    wait_until("the notice", || !sink.to("/ops").is_empty());
    assert_eq!(sink.to("/ops")[0].kind, "subscription.disabled");
    let health = house.call(&["subscription", "show", "desk"])[0]["health"].clone();
    assert_eq!(
        (&health["disabled_why"], health["failures"].as_u64() >= Some(5)),
        (&"failing".into(), true),
        "{health}"
    );
    let tried = sink.to("/desk");
    assert_eq!(house.deliveries("desk"), [("kept".to_owned(), tried.len())]);

    out.store(TITLES.len(), Ordering::SeqCst);
    wait_until("the events that it misses", || {
        house.command(&["poll", "--all"]).status().unwrap();
        house.deliveries("desk").len() == TITLES.len()
    });
    assert_eq!(sink.to("/desk").len(), tried.len(), "nothing is sent");

    is_well.store(true, Ordering::SeqCst);
    let enabled = house.call(&["subscription", "enable", "desk"]);
    assert_eq!(enabled[0]["replayed"], TITLES.len());
    wait_until("what it missed", || sink.to("/desk").len() >= tried.len() + TITLES.len());
    let got: Vec<_> = sink.to("/desk").into_iter().skip(tried.len()).map(|post| post.id).collect();
    let log = house.call(&["notification", "list", "--type", "event.opened"]);
    let ids: Vec<_> = log.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(got, ids, "in order, each once");
    assert_eq!(got[0], tried[0].id, "under the same id");
}
