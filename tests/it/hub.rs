//! The daemon as a hub of its own feeds: the hub tests 100 to 104 of websub.rocks, rebuilt; kills; and one daemon that follows
//! another's feed by way of it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tidings::port::Followers as _;
use tidings::store::SqliteStore;
use url::form_urlencoded::Serializer;

mod subscriber;
mod valid;

use subscriber::{Ledger, Posted, Subscriber};

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// A daemon on a port that stays, with its files.
struct Daemon {
    folder: TempDir,
    port: u16,
    process: Child,
}

impl Daemon {
    fn start(more: impl Fn(u16) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:{port}\"\n[network]\nallow_private = true\n{}",
            folder.path().join("tidings.db"),
            more(port)
        );
        std::fs::write(folder.path().join("tidings.toml"), text).unwrap();
        let process = spawn(&folder);
        let daemon = Self { folder, port, process };
        daemon.wait("the daemon", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        daemon
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    #[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
    fn wait(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds() {
            let said = || std::fs::read_to_string(self.path("stderr")).unwrap_or_default();
            assert!(Instant::now() < deadline, "waited in vain for {what}\n{}", said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn command(&self, arguments: &[&str]) -> String {
        let output = tidings(&self.folder, arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn kill(&mut self) {
        // SIGKILL.
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn revive(&mut self) {
        self.process = spawn(&self.folder);
    }

    /// Sends a request; gives status, head and body.
    fn ask(&self, what: &str, body: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let form = "Content-Type: application/x-www-form-urlencoded";
        write!(
            stream,
            "{what} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n{form}\r\nContent-Length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_owned(), body.to_owned())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        crate::said::keep(self.folder.path());
    }
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

/// A hub between a publisher and subscribers.
struct World {
    web: Subscriber,
    daemon: Daemon,
}

impl World {
    fn start() -> Self {
        let web = Subscriber::start();
        let daemon = Daemon::start(|_| hub(web.port));
        Self { web, daemon }
    }

    fn topic(&self) -> String {
        format!("http://127.0.0.1:{}/feeds/harbour.atom", self.daemon.port)
    }

    /// Asks the hub; gives the answer's status.
    fn petition(&self, mode: &str, callback: &str, more: &[(&str, &str)]) -> (u16, String) {
        let mut form = Serializer::new(String::new());
        form.append_pair("hub.mode", mode)
            .append_pair("hub.topic", &self.topic())
            .append_pair("hub.callback", callback);
        form.extend_pairs(more);
        let (status, _, said) = self.daemon.ask("POST /websub/hub", &form.finish());
        (status, said)
    }

    fn until(&self, what: &str, holds: impl Fn(&Ledger) -> bool) {
        self.daemon.wait(what, || holds(&self.web.ledger()));
    }

    /// Subscribes, and waits until that is confirmed.
    fn subscribe(&self, callback: &str, more: &[(&str, &str)]) {
        let before = self.web.ledger().asked.len();
        assert_eq!(self.petition("subscribe", callback, more), (202, String::new()));
        self.until("the verification", |ledger| ledger.asked.len() > before);
        self.settled();
    }

    /// Waits until nothing is to be confirmed any more.
    fn settled(&self) {
        let mut store = self.store();
        self.daemon.wait("the confirmation", || store.followers().unwrap().iter().all(|f| f.state.petition.is_none()));
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open_reader(&self.daemon.path("tidings.db")).unwrap()
    }

    /// Publishes an item, which is an event.
    fn publish(&self, title: &str) {
        self.web.ledger().items += &item(title);
    }

    /// Waits for a post that tells of an event; gives it.
    fn posted(&self, title: &str) -> Posted {
        let find = |ledger: &Ledger| ledger.posted.iter().rfind(|post| post.body.contains(title)).cloned();
        self.until(title, |ledger| find(ledger).is_some());
        find(&self.web.ledger()).unwrap()
    }

    /// Waits until an event stands in the feed.
    fn shown(&self, title: &str) {
        self.daemon.wait(title, || self.daemon.ask("GET /feeds/harbour.atom", "").2.contains(title));
    }
}

/// What a hub's daemon is configured with.
fn hub(port: u16) -> String {
    format!(
        "[hub]\nenabled = true\n[poll]\ndomain_spacing_secs = 0\nrequests_per_day = 0\ninterval_min_minutes = 0.001\n\
         interval_max_minutes = 0.003\n[[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n\
         [[sources]]\nurl = \"http://127.0.0.1:{port}/feed\"\npublisher = \"The Wire\"\n"
    )
}

fn item(title: &str) -> String {
    let key = title.to_lowercase().replace(' ', "-");
    let date = now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    format!(
        "<item><title>{title}</title><link>http://press.example/{key}</link><guid>{key}</guid><pubDate>{date}</pubDate></item>"
    )
}

#[test]
fn hub_100_a_typical_subscription_is_verified_and_the_whole_feed_is_posted_when_it_changes() {
    let world = World::start();
    let (status, head, feed) = world.daemon.ask("GET /feeds/harbour.atom", "");
    let hub = format!("http://127.0.0.1:{}/websub/hub", world.daemon.port);
    let links = format!("link: <{hub}>; rel=\"hub\", <{}>; rel=\"self\"", world.topic());
    assert!(
        status == 200 && head.contains(&links) && feed.contains(&format!("<link rel=\"hub\" href=\"{hub}\"/>")),
        "{head}"
    );

    world.subscribe(&world.web.callback(""), &[("hub.lease_seconds", "4000")]);
    let asked = world.web.ledger().asked.remove(0);
    assert_eq!(asked.query.keys().collect::<Vec<_>>(), ["hub.challenge", "hub.lease_seconds", "hub.mode", "hub.topic"]);
    assert_eq!((asked.query["hub.mode"].as_str(), &asked.query["hub.topic"]), ("subscribe", &world.topic()));
    assert_eq!((asked.query["hub.lease_seconds"].as_str(), asked.query["hub.challenge"].len()), ("4000", 64));

    world.publish("Aarhus harbour reopens after a winter storm");
    let post = world.posted("Aarhus harbour reopens");
    assert_eq!(post.fields["content-type"], "application/atom+xml; charset=utf-8");
    assert_eq!(post.fields["link"], links.strip_prefix("link: ").unwrap());
    assert!(!post.fields.contains_key("x-hub-signature"));
    assert_eq!(post.body, world.daemon.ask("GET /feeds/harbour.atom", "").2, "as it is at its address");

    // Several changes, and each in the end.
    world.publish("Fire on a ferry closes the harbour of Bergen");
    world.shown("Fire on a ferry");
    world.publish("Striking dockers march through Cadiz harbour");
    let post = world.posted("Striking dockers");
    assert!(post.body.contains("Fire on a ferry") && post.body.contains("Aarhus harbour"));
    let metrics = world.daemon.ask("GET /metrics", "").2;
    assert!(metrics.contains("tidings_hub_visits_total{outcome=\"confirmed\"} 1"), "{metrics}");
}

#[test]
fn hub_101_and_102_posts_are_signed_with_the_secret_and_what_the_hub_does_not_know_is_passed_over() {
    let world = World::start();
    let callback = world.web.callback("?own=1%202&x");
    world.subscribe(&callback, &[("hub.secret", "hush & hush"), ("hub.foo", "bar"), ("anything", "else")]);
    let asked = world.web.ledger().asked.remove(0);
    assert!(asked.path.starts_with("/callback?own=1%202&x&hub.mode=subscribe&"), "{}", asked.path);
    world.publish("Aarhus harbour reopens after a winter storm");
    let post = world.posted("Aarhus harbour reopens");
    assert!(post.is_signed("hush & hush"), "{:?}", post.fields);
    assert_eq!(post.path, "/callback?own=1%202&x");

    let long = "x".repeat(201);
    let refused = |callback: &str, more: &[(&str, &str)]| {
        let (status, said) = world.petition("subscribe", callback, more);
        format!("{status} {said}")
    };
    assert_eq!(refused(&callback, &[("hub.secret", &long)]), "400 hub.secret has 201 bytes: expected at most 200\n");
    assert!(refused("http://127.0.0.1:22/", &[]).starts_with("400 hub.callback can't be posted to: "));
    assert!(refused("http://169.254.169.254/latest", &[]).starts_with("400 hub.callback can't be posted to: "));
    let said = std::fs::read_to_string(world.daemon.path("stderr")).unwrap();
    assert!(!said.contains("hush") && !said.contains("/callback"), "{said}");
}

#[test]
fn hub_103_a_subscription_is_changed_only_once_that_is_verified() {
    let world = World::start();
    let callback = world.web.callback("");
    world.subscribe(&callback, &[("hub.secret", "old")]);
    world.web.ledger().confirms = false;
    world.subscribe(&callback, &[("hub.secret", "forged"), ("hub.lease_seconds", "300")]);
    let held = world.store().followers().unwrap().remove(0);
    let listed = world.daemon.command(&["follower", "list", "--json"]);
    assert!(listed.contains("harbour.atom") && !listed.contains("/callback") && !listed.contains("old"), "{listed}");
    assert!(held.state.lease_until.unwrap() > now() + jiff::SignedDuration::from_hours(9 * 24), "{held:?}");
    world.publish("Aarhus harbour reopens after a winter storm");
    assert!(world.posted("Aarhus harbour reopens").is_signed("old"));

    world.web.ledger().confirms = true;
    world.subscribe(&callback, &[("hub.secret", "new")]);
    world.publish("Fire on a ferry closes the harbour of Bergen");
    assert!(world.posted("Fire on a ferry").is_signed("new"));
    let challenges: std::collections::BTreeSet<String> =
        world.web.ledger().asked.iter().map(|asked| asked.query["hub.challenge"].clone()).collect();
    assert_eq!((challenges.len(), world.store().followers().unwrap().len()), (3, 1));
}

#[test]
fn hub_104_who_is_unsubscribed_is_left_alone_once_that_is_verified() {
    let world = World::start();
    let (leaving, staying) = (world.web.callback("/leaving"), world.web.callback("/staying"));
    world.subscribe(&leaving, &[]);
    world.subscribe(&staying, &[]);
    world.web.ledger().confirms = false;
    assert_eq!(world.petition("unsubscribe", &leaving, &[]).0, 202);
    world.until("the question", |ledger| {
        ledger.asked.last().is_some_and(|asked| asked.query["hub.mode"] == "unsubscribe")
    });
    world.settled();
    assert_eq!(world.store().followers().unwrap().len(), 2, "a stranger can't end it");
    world.web.ledger().confirms = true;
    assert_eq!(world.petition("unsubscribe", &leaving, &[]).0, 202);
    world.daemon.wait("the end", || world.store().followers().unwrap().len() == 1);
    world.publish("Aarhus harbour reopens after a winter storm");
    world.posted("Aarhus harbour reopens");
    // Posts of one change begin at once; the next change is posted to all that are left.
    world.publish("Fire on a ferry closes the harbour of Bergen");
    world.posted("Fire on a ferry");
    assert!(world.web.ledger().posted.iter().all(|post| post.path == "/callback/staying"));
    assert_eq!(
        world.petition("unsubscribe", &leaving, &[]),
        (404, "this callback does not follow harbour.atom\n".to_owned())
    );
}

#[test]
fn a_change_outlives_failures_and_a_kill_before_it_is_posted_and_410_ends_a_subscription() {
    let mut world = World::start();
    world.subscribe(&world.web.callback(""), &[("hub.secret", "hush")]);
    // It is down while the event happens; then the daemon is killed.
    world.web.ledger().status = 503;
    world.publish("Aarhus harbour reopens after a winter storm");
    world.posted("Aarhus harbour reopens");
    world.daemon.kill();
    // Another process opens the next event, and ends before anybody could post it.
    world.publish("Fire on a ferry closes the harbour of Bergen");
    world.daemon.command(&["poll", "--all"]);
    world.web.ledger().status = 200;
    world.daemon.revive();
    let post = world.posted("Fire on a ferry");
    assert!(post.status == 200 && post.body.contains("Aarhus harbour") && post.is_signed("hush"), "{post:?}");

    world.web.ledger().status = 410;
    world.publish("Striking dockers march through Cadiz harbour");
    world.posted("Striking dockers");
    world.daemon.wait("the end", || world.store().followers().unwrap().is_empty());
}

#[test]
fn one_daemon_follows_anothers_feed_and_hears_of_an_event_long_before_its_next_poll() {
    let world = World::start();
    let (topic, hook) = (world.topic(), world.web.port);
    let reader = Daemon::start(|port| {
        format!(
            "[websub]\ncallback = \"http://127.0.0.1:{port}\"\n[poll]\ninterval_min_minutes = 60\n[[topics]]\nid = \"ports\"\n\
             query = \"harbour\"\n[[sources]]\nurl = {topic:?}\n[[subscriptions]]\nname = \"desk\"\n\
             url = \"http://127.0.0.1:{hook}/hook\"\nsecret = \"whsec_PLANTEDSECRETPLANTEDSECRETPLANTE\"\n"
        )
    });
    let source = || -> Value { serde_json::from_str(&reader.command(&["source", "show", "1", "--json"])).unwrap() };
    reader.wait("the channel", || source()["push"]["state"] == "open");
    world.settled();
    world.publish("Aarhus harbour reopens after a winter storm");
    world.until("the webhook of who follows", |ledger| !ledger.told.is_empty());
    assert_eq!(world.web.ledger().told, ["Aarhus harbour reopens after a winter storm"]);
    let source = source();
    assert_eq!(
        (&source["state"]["polls"], &source["push"]["pushes"], &source["push"]["refused"]),
        (&1.into(), &1.into(), &0.into())
    );
}

#[test]
fn where_pages_are_not_public_nobody_follows_without_a_token() {
    let mut world = World::start();
    let callback = world.web.callback("");
    world.subscribe(&callback, &[]);
    world.daemon.kill();
    let file = world.daemon.path("tidings.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("[network]", "public_pages = false\n[network]")).unwrap();
    world.daemon.revive();
    let port = world.daemon.port;
    world.daemon.wait("the daemon", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    assert_eq!(world.daemon.ask("GET /feeds/harbour.atom", "").0, 401);
    assert_eq!(world.petition("subscribe", &world.web.callback("/other"), &[]).0, 401);
    assert_eq!(world.petition("unsubscribe", &callback, &[]).0, 202, "who follows may end it");
    let (status, _, said) = world.daemon.ask("POST /websub/hub", &"a".repeat(70_000));
    assert_eq!((status, said.as_str()), (413, "a form is at most 64 KiB\n"));
}
