//! A publisher whose feed grows, a subscriber that checks signatures and keeps what it gets, and a daemon between them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tidings::model::{EventId, Sequence, StoryId};
use tidings::port::{Counts, Exports as _, Store as _};
use tidings::store::SqliteStore;

use crate::outage::title;
use crate::world::sink::{Got, SECRET, Sink};

/// A step that takes longer than this has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// Feeds of the publisher.
const FEEDS: usize = 4;

/// What is in the feeds: of each, ever more items.
pub(crate) struct Publisher {
    port: u16,
    out: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
}

impl Publisher {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (out, asked): (Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
        let (shown, counter) = (Arc::clone(&out), Arc::clone(&asked));
        let now = jiff::Timestamp::now();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..read]).into_owned();
                let Some(which) = request.split("/feed/").nth(1).and_then(|rest| rest.get(..1)?.parse::<usize>().ok())
                else {
                    continue;
                };
                counter.fetch_add(1, Ordering::SeqCst);
                let mut feed =
                    "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Wire</title>"
                        .to_owned();
                for number in (0..shown.load(Ordering::SeqCst)).filter(|number| number % FEEDS == which) {
                    write!(
                        feed,
                        "<item><title>{}</title><link>http://127.0.0.1:{port}/story/{number}</link>\
                         <dc:date>{now}</dc:date></item>",
                        title(number),
                    )
                    .unwrap();
                }
                feed.push_str("</channel></rss>");
                write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{feed}", feed.len())
                    .ok();
            }
        });
        Self { port, out, asked }
    }

    /// Puts so many more items out; gives how many are out.
    pub(crate) fn publish(&self, more: usize) -> usize {
        self.out.fetch_add(more, Ordering::SeqCst) + more
    }

    pub(crate) fn out(&self) -> usize {
        self.out.load(Ordering::SeqCst)
    }

    /// Requests for its feeds so far.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn link(&self, number: usize) -> String {
        format!("http://127.0.0.1:{}/story/{number}", self.port)
    }
}

/// A world with a place for a daemon in it.
pub(crate) struct Scene {
    pub(crate) publisher: Publisher,
    pub(crate) sink: Sink,
    folder: TempDir,
    pub(crate) db: PathBuf,
}

/// A daemon that runs.
pub(crate) struct Daemon {
    process: Child,
    said: PathBuf,
}

impl Scene {
    /// A scene whose database stands in a folder of its own.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = folder.path().join("data/tidings.db");
        Self::with(folder, db, "")
    }

    /// A scene whose database is `db`, with more lines under `[server]`.
    pub(crate) fn with(folder: TempDir, db: PathBuf, server: &str) -> Self {
        let scene = Self { publisher: Publisher::start(), sink: Sink::start(false), folder, db };
        let mut text = format!(
            "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:0\"\n{server}\n[network]\nallow_private = true\n\
             [poll]\ndomain_spacing_secs = 0\ninterval_min_minutes = 0.005\ninterval_max_minutes = 0.005\n\
             [delivery]\ntimeout_secs = 5\nretry_secs = [{}]\njitter_percent = 0\npause_secs = 0.05\n\
             pause_max_minutes = 0.005\n[[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n\
             [[subscriptions]]\nname = \"sink\"\nurl = \"http://127.0.0.1:{}/\"\nsecret = \"{SECRET}\"\n",
            scene.db,
            ["1"; 40].join(", "),
            scene.sink.port,
        );
        for feed in 0..FEEDS {
            write!(
                text,
                "[[sources]]\nurl = \"http://127.0.0.1:{}/feed/{feed}\"\nname = \"Publisher {feed}\"\nlang = \"en\"\n",
                scene.publisher.port
            )
            .unwrap();
        }
        std::fs::write(scene.folder.path().join("tidings.toml"), text).unwrap();
        scene
    }

    /// Adds tables to the end of the configuration.
    pub(crate) fn also(&self, tables: &str) {
        let file = self.path("tidings.toml");
        let text = std::fs::read_to_string(&file).unwrap() + tables;
        std::fs::write(file, text).unwrap();
    }

    pub(crate) fn db(&self) -> &Path {
        &self.db
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary with arguments, as a command.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.wrapped(&[], arguments)
    }

    /// The binary, started by another program.
    pub(crate) fn wrapped(&self, by: &[&str], arguments: &[&str]) -> Command {
        let words: Vec<&str> = by.iter().copied().chain([env!("CARGO_BIN_EXE_tidings")]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).args(arguments).arg("--config").arg(self.path("tidings.toml"));
        command.env_remove("NOTIFY_SOCKET").stdin(Stdio::null());
        command
    }

    /// What a command says and how it ends.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn start(&self) -> Daemon {
        self.begin(self.command(&["run"]))
    }

    /// Starts a daemon by a command of one's own.
    pub(crate) fn begin(&self, mut command: Command) -> Daemon {
        let said = self.path("stderr");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&said).unwrap();
        let process = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Daemon { process, said }
    }

    /// Looks at the database beside whoever runs; `None` while there is none that can be read.
    pub(crate) fn look<T>(&self, ask: impl FnOnce(&mut SqliteStore) -> T) -> Option<T> {
        SqliteStore::open_reader(&self.db).ok().map(|mut store| ask(&mut store))
    }

    /// Waits until all that is out is stored, decided and told.
    pub(crate) fn wait_until_told(&self, daemon: &mut Daemon) {
        self.wait_until_told_within(daemon, PATIENCE);
    }

    /// The same, where work may have been claimed by a write that failed and held all the same: it is done when its lease ends.
    pub(crate) fn wait_until_told_within(&self, daemon: &mut Daemon, patience: Duration) {
        let expected = self.publisher.out();
        daemon.until_within("all that is out is told", patience, |_| self.is_told(expected));
    }

    pub(crate) fn is_told(&self, expected: usize) -> bool {
        self.look(|store| {
            let Ok(Counts { stories, undecided, pending, awaiting, .. }) = store.counts() else { return false };
            usize::try_from(stories).unwrap() >= expected && undecided == 0 && pending == 0 && awaiting == 0
        })
        .unwrap_or(false)
    }

    /// Holds the promise against what the publisher put out and the subscriber got: each story once, decided with its reasons,
    /// each event told under one id, with one body.
    pub(crate) fn holds_promise(&self) -> Got {
        let (got, events) = self.holds_promise_of_ids();
        assert!(got.bodies.values().all(|bodies| bodies.len() == 1), "an id with two bodies");
        let told = got.events();
        assert_eq!(told.iter().copied().collect::<BTreeSet<_>>().len(), told.len(), "an event told under two ids");
        assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), events, "events told, and events there are");
        got
    }

    /// The same where the store has lost what came last (a copy that was restored): what was told is told again under its id, though
    /// its event has another number and moment now. Gives the numbers of events besides.
    pub(crate) fn holds_promise_of_ids(&self) -> (Got, BTreeSet<i64>) {
        let out = self.publisher.out();
        let (stories, events, ids) = self
            .look(|store| {
                assert_eq!(store.check(PATIENCE).unwrap(), Vec::<String>::new(), "the database is whole");
                let mut links: BTreeMap<String, usize> = BTreeMap::new();
                let mut after = StoryId(0);
                loop {
                    let page = store.stories_since(jiff::Timestamp::UNIX_EPOCH, after, 500).unwrap();
                    let Some(last) = page.last() else { break };
                    after = last.id;
                    for story in page {
                        let (_, decisions) = store.history(story.id).unwrap();
                        let decided = decisions.first().is_some_and(|d| d.event.is_some() && !d.reasons.is_empty());
                        assert!(decided, "story {} is decided with reasons: {decisions:?}", story.id);
                        *links.entry(story.draft.link).or_default() += 1;
                    }
                }
                let epoch = jiff::Timestamp::UNIX_EPOCH;
                let events = store.all_events(epoch, EventId(0), 100_000).unwrap();
                let told = store.all_notifications(epoch, Sequence(0), 100_000).unwrap();
                let events: BTreeSet<i64> = events.into_iter().map(|event| event.id.0).collect();
                (links, events, told.into_iter().map(|(_, told)| told.id.to_string()).collect::<BTreeSet<_>>())
            })
            .unwrap();
        let lost: Vec<usize> = (0..out).filter(|n| !stories.contains_key(&self.publisher.link(*n))).collect();
        assert_eq!(lost, Vec::<usize>::new(), "items that were never stored, of {out}");
        assert!(stories.values().all(|times| *times == 1), "a story stands twice: {stories:?}");
        let got = self.sink.got();
        assert_eq!(got.bad_signatures, 0);
        let got_ids: BTreeSet<String> = got.bodies.keys().cloned().collect();
        assert_eq!(got_ids, ids, "what the subscriber got, and what the store knows to have been told");
        (got, events)
    }
}

impl Daemon {
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// All that daemons of this scene said so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.said).unwrap_or_default()
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Waits for something, while the daemon lives.
    pub(crate) fn until(&mut self, what: &str, holds: impl FnMut(&mut Self) -> bool) {
        self.until_within(what, PATIENCE, holds);
    }

    fn until_within(&mut self, what: &str, patience: Duration, mut holds: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + patience;
        while !holds(self) {
            let said = || self.said().lines().rev().take(20).collect::<Vec<_>>().join("\n");
            assert!(Instant::now() < deadline, "waited in vain until {what}; it said last:\n{}", said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.id().to_string()]).status().unwrap().success());
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM, and how it ends.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("-TERM");
        self.ends()
    }

    pub(crate) fn ends(&mut self) -> ExitStatus {
        let mut status = None;
        self.until("its end", |daemon| {
            status = daemon.process.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// The status and the body of its server's answer; `None` before it listens.
    pub(crate) fn page(&self, path: &str) -> Option<(u16, String)> {
        let said = self.said();
        let address = said.rsplit("\"page\":\"http://").next()?.split('/').next()?.to_owned();
        let mut stream = TcpStream::connect(&address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned())?;
        Some((status, body))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The lines of an output as JSON.
pub(crate) fn json_lines(text: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(text).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether this process may mount and become somebody else.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| words(&id.stdout).trim() == "0")
}
