//! The daemon as a hub meets it: subscribed, verified, pushed to, renewed, let down and found out.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tidings::port::{Listed, Pushes as _, Store as _};
use tidings::store::SqliteStore;

mod day;
mod hub;

use hub::{Hub, Ledger, call, item, public};

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(30);
const SECRET: &str = "whsec_PLANTEDSECRETPLANTEDSECRETPLANTE";

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn instant() -> Instant {
    Instant::now()
}

/// A daemon with a hub before it.
struct World {
    hub: Hub,
    folder: TempDir,
    process: Child,
}

impl World {
    /// One that knows the feed, of which nothing is published but what was long ago.
    fn start(hub: Hub) -> Self {
        let folder = tempfile::tempdir().unwrap();
        hub.ledger().items = item("Harbour as it was", 3 * 24 * 60);
        std::fs::write(folder.path().join("tidings.toml"), configuration(&hub, &folder)).unwrap();
        let process = spawn(&folder);
        let world = Self { hub, folder, process };
        world.meet();
        world
    }

    /// One whose hub has verified what it was asked.
    fn subscribed() -> Self {
        let world = Self::start(Hub::start());
        world.until("the verification", |ledger| !ledger.verified.is_empty());
        world
    }

    /// Tells the hub where the daemon listens.
    fn meet(&self) {
        self.hub.ledger().daemon = None;
        self.wait("the daemon's address", || {
            let said = std::fs::read_to_string(self.path("stderr")).unwrap_or_default();
            let address = said.rsplit_once("\"page\":\"http://").and_then(|(_, rest)| rest.split_once("/\""));
            self.hub.ledger().daemon = address.map(|(address, _)| address.to_owned());
            self.hub.ledger().daemon.is_some()
        });
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    #[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
    fn wait(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = instant() + PATIENCE;
        while !holds() {
            let said = || std::fs::read_to_string(self.path("stderr")).unwrap_or_default();
            assert!(instant() < deadline, "waited in vain for {what}: {:?}\n{}", self.hub.ledger(), said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn until(&self, what: &str, holds: impl Fn(&Ledger) -> bool) {
        self.wait(what, || holds(&self.hub.ledger()));
    }

    /// Waits until a story with this title was told, and gives how often.
    fn told(&self, title: &str) -> usize {
        let count = |ledger: &Ledger| ledger.told.iter().filter(|body| body["data"]["story"]["title"] == title).count();
        self.until(title, |ledger| count(ledger) > 0);
        count(&self.hub.ledger())
    }

    fn command(&self, arguments: &[&str]) -> String {
        let output = tidings(&self.folder, arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn source(&self) -> Value {
        serde_json::from_str(&self.command(&["source", "show", "1", "--json"])).unwrap()
    }

    fn get(&self, path: &str) -> (u16, String) {
        let daemon = self.hub.ledger().daemon.clone().unwrap();
        call(&daemon, &format!("GET {path}"), "", "")
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(&self.path("tidings.db")).unwrap()
    }

    /// Has the daemon poll the source, and waits until it did.
    fn poll(&self) {
        let polls = |store: &mut SqliteStore| store.sources(Listed::Current).unwrap()[0].state.polls;
        let mut store = self.store();
        let before = polls(&mut store);
        store.poll_now(None, now()).unwrap();
        self.wait("a poll", || polls(&mut store) > before);
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        crate::said::keep(self.folder.path());
    }
}

fn configuration(hub: &Hub, folder: &TempDir) -> String {
    let (port, db) = (hub.port, folder.path().join("tidings.db"));
    format!(
        "[storage]\npath = {db:?}\n[server]\nlisten = \"127.0.0.1:0\"\n[network]\nallow_private = true\n\
         [poll]\ndomain_spacing_secs = 0\ninterval_min_minutes = 0.005\n[websub]\ncallback = {:?}\n\
         [[topics]]\nid = \"harbour\"\nquery = \"harbour OR ferry\"\n[[sources]]\nurl = \"http://127.0.0.1:{port}/feed\"\n\
         [[subscriptions]]\nname = \"desk\"\nurl = \"http://127.0.0.1:{port}/hook\"\nsecret = {SECRET:?}\n",
        public(port)
    )
}

fn tidings(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(arguments).arg("--config").arg(folder.path().join("tidings.toml")).env_remove("NOTIFY_SOCKET");
    command
}

fn spawn(folder: &TempDir) -> Child {
    let file = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
    tidings(folder, &["run"]).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap()
}

#[test]
fn what_a_hub_pushes_is_told_at_once_with_no_poll_and_what_is_not_signed_is_ignored() {
    let world = World::subscribed();
    let asked = world.hub.ledger().asked[0].clone();
    assert_eq!((asked["hub.mode"].as_str(), asked["hub.topic"].as_str()), ("subscribe", world.hub.topic().as_str()));
    assert_eq!(asked["hub.lease_seconds"], "864000");
    assert_eq!(world.hub.ledger().verified, [(200, "open & shut".to_owned())]);

    let pushed = world.hub.document(&item("Harbour pushed", 0));
    let begun = instant();
    assert_eq!(world.hub.push(&pushed), 202);
    assert_eq!(world.told("Harbour pushed"), 1);
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    eprintln!("from push to webhook: {took:?}");

    let forged = world.hub.document(&item("Harbour forged", 0));
    let wrong = format!("sha1={}", "ab".repeat(20));
    assert_eq!(world.hub.push_with(&forged, Some(&wrong)), 202);
    assert_eq!(world.hub.push_with(&forged, None), 202);
    assert_eq!(world.hub.push(&pushed), 202);
    assert_eq!(world.hub.push(&world.hub.document(&item("Ferry strike begins at noon", 0))), 202);
    assert_eq!(world.told("Ferry strike begins at noon"), 1);
    assert_eq!(world.told("Harbour pushed"), 1, "a push that comes again tells nothing again");
    let (told, polls) = {
        let ledger = world.hub.ledger();
        (ledger.told.len(), ledger.polls)
    };
    assert_eq!((told, polls), (2, 1));

    let metrics = world.get("/metrics").1;
    assert!(metrics.contains("tidings_pushes_total{outcome=\"accepted\"} 3"), "{metrics}");
    assert!(metrics.contains("tidings_pushes_total{outcome=\"refused\"} 2"), "{metrics}");
    let push = &world.source()["push"];
    assert_eq!((&push["state"], &push["pushes"], &push["refused"]), (&"open".into(), &3.into(), &2.into()));
    assert!(world.command(&["source", "list"]).contains("well, pushed"));
    let shown = world.command(&["source", "show", "1"]) + &std::fs::read_to_string(world.path("stderr")).unwrap();
    assert!(
        !shown.contains(&asked["hub.secret"]) && !shown.contains(asked["hub.callback"].rsplit('/').next().unwrap())
    );
}

#[test]
fn strangers_learn_nothing_and_what_was_not_asked_is_refused() {
    let world = World::subscribed();
    let callback = world.hub.ledger().asked[0]["hub.callback"].clone();
    let path = callback.strip_prefix(&public(world.hub.port)).unwrap().to_owned();
    assert_eq!(world.get("/websub/guessed?hub.mode=subscribe&hub.topic=x&hub.challenge=c").0, 404);
    assert_eq!(world.get(&format!("{path}?hub.mode=subscribe&hub.topic=http://other.example/&hub.challenge=c")).0, 404);
    let topic: String = url::form_urlencoded::byte_serialize(world.hub.topic().as_bytes()).collect();
    assert_eq!(world.get(&format!("{path}?hub.mode=unsubscribe&hub.topic={topic}&hub.challenge=c")).0, 404);
    let daemon = world.hub.ledger().daemon.clone().unwrap();
    assert_eq!(call(&daemon, "POST /websub/guessed", "Content-Length: 3\r\n", "hey").0, 410);
    assert_eq!(world.get(&format!("{path}?hub.mode=denied&hub.topic={topic}&hub.reason=no+more")).0, 200);
    let push = &world.source()["push"];
    assert_eq!((&push["state"], &push["note"]), (&"refused".into(), &"denied: no more".into()));
}

#[test]
fn a_thin_push_is_followed_by_a_poll_at_once() {
    let world = World::subscribed();
    world.hub.ledger().items += &item("Harbour behind a thin push", 30);
    assert_eq!(world.hub.push(""), 202);
    assert_eq!(world.told("Harbour behind a thin push"), 1);
    assert_eq!(world.hub.ledger().polls, 2);
    assert_eq!(world.source()["push"]["distrusted_until"], Value::Null);
}

#[test]
fn a_hub_that_is_down_is_asked_again() {
    let hub = Hub::start();
    hub.ledger().down = true;
    let world = World::start(hub);
    world.until("the first try", |ledger| ledger.turned_away > 0);
    world.wait("the reason", || world.source()["push"]["note"] == "the hub answered 503: back soon");
    world.hub.ledger().down = false;
    world.until("the verification", |ledger| !ledger.verified.is_empty());
}

#[test]
fn a_pushed_source_is_polled_rarely_until_a_poll_finds_what_the_hub_did_not_tell() {
    let world = World::subscribed();
    world.hub.push(&world.hub.document(&item("Harbour pushed", 0)));
    world.told("Harbour pushed");
    world.poll();
    let source = world.source();
    assert!(source["state"]["interval_secs"].as_u64().unwrap() >= 4 * 3_600, "{source}");
    assert_eq!(source["push"]["relied_upon"], true);

    // An hour passes.
    let mut store = world.store();
    let mut channel = store.channels().unwrap().remove(0);
    channel.state.open_since = channel.state.open_since.map(|at| at - jiff::SignedDuration::from_hours(1));
    store.keep_channel(&channel).unwrap();
    world.hub.ledger().items += &item("Harbour that nobody pushed", 15);
    world.poll();
    assert_eq!(world.told("Harbour that nobody pushed"), 1);
    let source = world.source();
    assert_eq!(source["push"]["relied_upon"], false);
    assert!(source["push"]["distrusted_until"].is_string(), "{source}");
    assert!(source["state"]["interval_secs"].as_u64().unwrap() <= 4 * 3_600, "{source}");
    assert!(world.command(&["source", "show", "1"]).contains("distrusted"));
}

#[test]
fn a_push_that_was_acknowledged_outlives_a_kill_and_is_told_once() {
    let mut world = World::subscribed();
    let titles: Vec<String> = (0..12).map(|n| format!("Harbour {}", "deep ".repeat(n) + "end")).collect();
    for title in &titles {
        assert_eq!(world.hub.push(&world.hub.document(&item(title, 0))), 202);
    }
    world.kill();
    world.process = spawn(&world.folder);
    world.meet();
    let mut store = world.store();
    world.wait("every story", || store.counts().unwrap().stories == 13);
    let found: Vec<String> = store.search("harbour", 99).unwrap().into_iter().map(|story| story.draft.title).collect();
    assert!(titles.iter().all(|title| found.contains(title)), "{found:?}");
    world.until("what is told of it", |ledger| !ledger.told.is_empty());
    assert!(!store.push_due().unwrap().queued);
    assert_eq!(world.hub.ledger().polls, 1);
}

#[test]
fn a_source_that_is_removed_is_unsubscribed() {
    let world = World::subscribed();
    let plain = configuration(&world.hub, &world.folder);
    let without = plain.replace(&format!("[[sources]]\nurl = \"http://127.0.0.1:{}/feed\"\n", world.hub.port), "");
    std::fs::write(world.path("tidings.toml"), without).unwrap();
    let sent = Command::new("kill").args(["-HUP", &world.process.id().to_string()]).status().unwrap();
    assert!(sent.success());
    world.until("the end", |ledger| ledger.verified.len() == 2);
    let ledger = world.hub.ledger();
    assert_eq!(ledger.asked[1]["hub.mode"], "unsubscribe");
    assert_eq!(ledger.asked[1]["hub.callback"], ledger.asked[0]["hub.callback"]);
    assert_eq!(ledger.verified[1], (200, "open & shut".to_owned()));
    assert!(world.store().channels().unwrap().is_empty());
}

#[test]
fn a_hub_whose_pushes_are_slow_to_come_is_told_to_send_the_next_one_later() {
    let world = World::subscribed();
    let feed = "<rss version='2.0'><channel><title>Harbour</title></channel></rss>";
    // One that comes in beside a quick push may be refused itself.
    let mut slow = Vec::new();
    world.wait("a refusal", || {
        slow.push(world.hub.begin_push());
        world.hub.push(feed) == 503
    });
    drop(slow);
    world.wait("a place", || world.hub.push(feed) == 202);
}
