//! Subscribers hear what they asked for, when they want it and in the shape they want, of a daemon that is killed now and
//! then.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);
const SECRET: &str = "whsec_PLANTEDSECRETPLANTEDSECRETPLANTE";

const RESIGNS: &str = "Harbour minister Lindqvist resigns over port fees after parliament rejected the budget";
const RESIGNED: &str =
    "Harbour minister Lindqvist resigns over port fees, opposition says, after parliament rejected the budget";
const FOOTBALL: &str = "Harbour City beats Rovers in cup final on penalties after goalless extra time at the stadium";

const OPENED: &str = "event.opened";

/// Feeds of three publishers that grow, and endpoints, each under a path of its own; bodies by `webhook-id`.
#[derive(Default)]
struct Held {
    items: Vec<(usize, &'static str)>,
    got: BTreeMap<String, BTreeMap<String, String>>,
    /// Feeds that were polled.
    polled: BTreeSet<String>,
}

struct Web {
    port: u16,
    held: Arc<Mutex<Held>>,
}

impl Web {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let held: Arc<Mutex<Held>> = Arc::default();
        let kept = Arc::clone(&held);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || answer(&stream, &kept, port));
            }
        });
        Self { port, held }
    }

    fn says(&self, publisher: usize, title: &'static str) {
        self.held.lock().unwrap().items.push((publisher, title));
    }

    /// What an endpoint got, in the order of ids.
    fn got(&self, name: &str) -> Vec<Value> {
        let held = self.held.lock().unwrap();
        held.got.get(name).into_iter().flat_map(BTreeMap::values).map(|b| serde_json::from_str(b).unwrap()).collect()
    }

    #[expect(clippy::disallowed_methods, reason = "a process is watched by the machine's clock")]
    fn wait(&self, what: &str, folder: &Path, mut done: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !done(self) {
            let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(
                Instant::now() < deadline,
                "waited in vain for {what}: {:?}\n{}",
                self.held.lock().unwrap().got,
                log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn answer(mut stream: &TcpStream, kept: &Mutex<Held>, port: u16) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_lowercase().as_str() {
            "webhook-id" => value.trim().clone_into(&mut id),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut held = kept.lock().unwrap();
    let mut feed = String::new();
    if line.starts_with("POST") {
        let body = String::from_utf8(body).ok()?;
        let before = held.got.entry(path.clone()).or_default().insert(id, body.clone());
        assert!(before.is_none_or(|before| before == body), "one id, two bodies");
    } else {
        feed.push_str("<rss version='2.0'><channel><title>Feed</title>");
        for (n, (_, title)) in held.items.iter().enumerate().filter(|(_, (by, _))| by.to_string() == path) {
            write!(feed, "<item><title>{title}</title><link>http://127.0.0.1:{port}/{n}</link></item>").unwrap();
        }
        feed.push_str("</channel></rss>");
        held.polled.insert(path.clone());
    }
    drop(held);
    if path == "busy" {
        return stream.write_all(b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n").ok();
    }
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{feed}", feed.len()).ok()
}

fn configure(folder: &Path, web: &Web) {
    let db = folder.join("tidings.db");
    let mut text = format!(
        "[storage]\npath = {db:?}\n[server]\nlisten = \"\"\n[network]\nallow_private = true\n\
         [poll]\ndomain_spacing_secs = 0\ninterval_min_minutes = 0.004\ninterval_max_minutes = 0.004\n\
         [[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n"
    );
    let hooks = [
        ("plain", ""),
        ("own", "query = \"opposition\"\n"),
        ("two", "min_publishers = 2\n"),
        ("digest", "digest = \"every 1 second\"\n"),
        ("thin", "payload = \"thin\"\nquery = \"penalties\"\n"),
        ("busy", "expire_after = \"2 seconds\"\nquery = \"penalties\"\n"),
    ];
    for (name, wants) in hooks {
        let url = format!("http://127.0.0.1:{}/{name}", web.port);
        write!(text, "[[subscriptions]]\nname = \"{name}\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n{wants}").unwrap();
    }
    for publisher in 0..3 {
        let url = format!("http://127.0.0.1:{}/{publisher}", web.port);
        write!(text, "[[sources]]\nurl = \"{url}\"\npublisher = \"{publisher}.example\"\n").unwrap();
    }
    std::fs::write(folder.join("tidings.toml"), text).unwrap();
}

struct Daemon(Child);

impl Daemon {
    fn start(folder: &Path) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.arg("run").arg("--config").arg(folder.join("tidings.toml")).env_remove("NOTIFY_SOCKET");
        Self(command.stdout(Stdio::null()).stderr(log).spawn().unwrap())
    }

    fn kill(mut self, folder: &Path) -> Self {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
        Self::start(folder)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

/// What was told, by type and title of the story that caused it.
fn told(got: &[Value]) -> BTreeSet<(&str, &str)> {
    got.iter().map(|body| (text(body, "/type"), text(body, "/data/story/title"))).collect()
}

fn entries(got: &[Value]) -> Vec<&Value> {
    got.iter().flat_map(|body| body["data"]["entries"].as_array().unwrap()).collect()
}

/// Deliveries that were given up, each with its attempts.
fn expired(folder: &Path) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(["delivery", "list", "--state", "expired", "--json", "--config"]).arg(folder.join("tidings.toml"));
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_subscriber_hears_what_it_asked_for_when_and_as_it_wants_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let web = Web::open();
    configure(folder, &web);
    let daemon = Daemon::start(folder);
    // What stands in a feed's first poll is not news.
    web.wait("the first polls", folder, |web| web.held.lock().unwrap().polled.len() == 3);
    web.says(0, FOOTBALL);
    web.wait("the first event, opened", folder, |web| web.got("plain").len() == 1);
    web.says(0, RESIGNS);
    web.wait("the second event", folder, |web| web.got("plain").len() == 2);
    let daemon = daemon.kill(folder);
    web.says(1, RESIGNED);
    web.wait("the second publisher", folder, |web| !web.got("two").is_empty() && !web.got("own").is_empty());
    let daemon = daemon.kill(folder);
    // Both events are open for everybody: one more story is told to nobody.
    web.says(2, RESIGNED);
    let digested = |web: &Web| entries(&web.got("digest")).len() == 2;
    web.wait("digests", folder, |web| digested(web) && web.got("thin").len() == 1);
    let daemon = daemon.kill(folder);
    let last = "Harbour seal pups return to the northern skerries for the first time in thirty years";
    web.says(2, last);
    web.wait("the last event", folder, |web| web.got("plain").len() == 3 && entries(&web.got("digest")).len() == 3);
    web.wait("an expiry", folder, |_| expired(folder).len() == 1);
    drop(daemon);

    assert_eq!(told(&web.got("plain")), BTreeSet::from([(OPENED, FOOTBALL), (OPENED, RESIGNS), (OPENED, last)]));
    assert_eq!(told(&web.got("own")), BTreeSet::from([(OPENED, RESIGNED)]));
    let two = web.got("two");
    assert_eq!(told(&two), BTreeSet::from([(OPENED, RESIGNED)]));
    assert_eq!(two[0].pointer("/data/event/publishers"), Some(&2.into()));
    assert_eq!((web.got("own").len(), two.len()), (1, 1), "once each");

    let digests = web.got("digest");
    assert!(digests.iter().all(|digest| digest["type"] == "digest"));
    let entries = entries(&digests);
    let ids: BTreeSet<&str> = entries.iter().map(|entry| text(entry, "/id")).collect();
    assert_eq!((ids.len(), entries.len()), (3, 3), "each event is in one digest");
    let mut plain: Vec<Value> = web.got("plain");
    let mut same: Vec<Value> = entries.into_iter().cloned().collect();
    for entry in &mut same {
        entry.as_object_mut().unwrap().remove("id");
    }
    plain.sort_by_key(Value::to_string);
    same.sort_by_key(Value::to_string);
    assert_eq!(same, plain, "an entry is what would have been told by itself");

    // Its endpoint asked to be left alone for an hour; a kill may have repeated the one attempt.
    let attempts = expired(folder)[0]["attempts"].as_array().unwrap().len();
    assert!((1..=2).contains(&attempts), "{attempts}");

    let thin = web.got("thin");
    let event = thin[0].pointer("/data/event/id").unwrap();
    assert_eq!(thin[0].pointer("/data/address").unwrap(), &Value::from(format!("/v1/events/{event}")));
    assert!(!thin[0].to_string().contains("Rovers"), "it holds no text");
}
