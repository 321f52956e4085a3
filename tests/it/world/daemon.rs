//! The daemon as a process: started, watched through its own database, killed, started again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tidings::ingest::story_keys_of_url;
use tidings::model::WebUrl;
use tidings::port::{Counts, Listed, Store};
use tidings::store::SqliteStore;

use super::sink::{SECRET, Sink};
use super::site::Site;

/// Whether each article is on the topic, and its event.
pub(crate) type Decided = BTreeMap<String, (bool, Option<i64>)>;

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Daemon {
    process: Child,
    folder: TempDir,
}

impl Daemon {
    pub(crate) fn start(site: &Site, sink: &Sink) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = configuration(site, sink, &folder.path().join("world.db"));
        std::fs::write(folder.path().join("tidings.toml"), config).unwrap();
        let process = spawn(&folder);
        Self { process, folder }
    }

    fn db(&self) -> PathBuf {
        self.folder.path().join("world.db")
    }

    /// Looks at the database beside the running daemon.
    fn look<T>(&self, ask: impl Fn(&mut dyn Store) -> T) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if self.db().exists()
                && let Ok(mut store) = SqliteStore::open_reader(&self.db())
            {
                return ask(&mut store);
            }
            assert!(Instant::now() < deadline, "the daemon made no database: {}", self.said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }

    fn wait(&self, what: &str, mut done: impl FnMut(&mut dyn Store) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut store = self.look(|_| SqliteStore::open_reader(&self.db()).unwrap());
        while !done(&mut store) {
            let log = self.said();
            let tail: String = log.lines().rev().take(12).collect::<Vec<_>>().join("\n");
            assert!(Instant::now() < deadline, "waited in vain for {what}; {:?}\n{tail}", store.counts());
            std::thread::sleep(Duration::from_millis(15));
        }
    }

    pub(crate) fn wait_for_first_round(&self, site: &Site) {
        let expected = site.sources.len();
        self.wait("the first round", |store| {
            let sources = store.sources(Listed::Current).unwrap_or_default();
            sources.len() == expected && sources.iter().all(|s| s.state.last_poll_at.is_some())
        });
    }

    /// Waits until the publisher was polled well after now, and all that came of it was told. Of two polls that end
    /// from now on, the second one began after now.
    pub(crate) fn wait_until_told(&mut self, publisher: &str) {
        if let Some(status) = self.process.try_wait().unwrap() {
            panic!("the daemon ended by itself ({status}): {}", self.said());
        }
        let good = |store: &mut dyn Store| {
            let sources = store.sources(Listed::Current).unwrap_or_default();
            sources.into_iter().find(|s| s.spec.publisher == publisher).map(|s| (s.state.polls, s.state.failures))
        };
        let before = self.look(good).map_or(0, |(polls, _)| polls);
        self.wait(&format!("a poll of {publisher}"), |store| {
            good(store).is_some_and(|(polls, failures)| failures == 0 && polls >= before + 2) && is_quiet(store)
        });
    }

    pub(crate) fn wait_until_quiet(&self) {
        self.wait("quiet", is_quiet);
    }

    /// Kills the daemon as it stands, after a moment, and starts it again.
    pub(crate) fn kill_after(&mut self, moment: Duration) {
        std::thread::sleep(moment);
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.process = spawn(&self.folder);
    }

    /// Each article's topic and event as decided, those that were never stored, and deliveries left.
    pub(crate) fn take_stock(&self, site: &Site) -> (Decided, Vec<String>, u64) {
        let mut store = SqliteStore::open_reader(&self.db()).unwrap();
        let (mut decided, mut missing) = (BTreeMap::new(), Vec::new());
        for article in &site.articles {
            let keys: Vec<_> = site
                .addresses(article)
                .iter()
                .flat_map(|url| story_keys_of_url(&WebUrl::parse(url).unwrap()))
                .collect();
            match store.find_story(&keys, None).unwrap() {
                None => missing.push(article.path.clone()),
                Some(story) => {
                    let explained = store.explain(story).unwrap().unwrap();
                    let on = explained.decisions.iter().rev().find(|d| d.topic.is_some());
                    decided.insert(article.id.clone(), (on.is_some(), on.and_then(|d| d.event).map(|e| e.0)));
                }
            }
        }
        let pending = store.counts().unwrap().pending;
        (decided, missing, pending)
    }
}

fn is_quiet(store: &mut dyn Store) -> bool {
    let Counts { awaiting, undecided, pending, .. } = store.counts().unwrap_or_default();
    let busy = store.counts().is_err();
    !busy && awaiting == 0 && undecided == 0 && pending == 0
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        crate::said::keep(self.folder.path());
    }
}

fn spawn(folder: &TempDir) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.path().join("stderr")).unwrap();
    Command::new(env!("CARGO_BIN_EXE_tidings"))
        .args(["run", "--config"])
        .arg(folder.path().join("tidings.toml"))
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap()
}

/// The world's sources, the shipped query, and a clock's worth of haste. The articles are of 2009 to 2024: nothing
/// is stale.
fn configuration(site: &Site, sink: &Sink, db: &std::path::Path) -> String {
    let shipped = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/config/resolution.toml")).unwrap();
    let shipped: toml::Table = shipped.parse().unwrap();
    let query = shipped["topics"][0]["query"].as_str().unwrap().to_owned();
    let mut out = format!(
        "[storage]\npath = {db:?}\n[server]\nlisten = \"\"\n[network]\nallow_private = true\n\
         [poll]\ndomain_spacing_secs = 0\ninterval_min_minutes = 0.008\ninterval_max_minutes = 0.008\n\
         [delivery]\nretry_secs = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\njitter_percent = 0\ntimeout_secs = 5\n\
         [[topics]]\nid = \"resolution\"\nquery = {query:?}\nfresh_hours = 400000\nstale_days = 20000\n\
         [[subscriptions]]\nname = \"sink\"\nurl = \"http://127.0.0.1:{}/\"\nsecret = \"{SECRET}\"\n",
        sink.port
    );
    for (n, source) in site.sources.iter().enumerate() {
        let text = |key: &str| source[key].as_str().unwrap();
        let page = text("kind") == "html";
        let kind = if page { "page" } else { "feed" };
        write!(
            out,
            "[[sources]]\nurl = {:?}\nname = {1:?}\npublisher = {1:?}\nkind = {kind:?}\n",
            site.url_of(n),
            text("publisher")
        )
        .unwrap();
        if page {
            let select = |key: &str| source["select"][key].as_str().unwrap();
            writeln!(
                out,
                "select = {{ item = {:?}, link = {:?}, date = {:?} }}",
                select("item"),
                select("link"),
                select("date")
            )
            .unwrap();
        }
    }
    out
}
