//! Web Push from the feed to the device: the real binary before a push service, and a real Firefox that subscribes by the
//! page's button and shows what happens.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command};

use serde_json::{Value, json};
use tempfile::TempDir;
use tidings::model::{DeliveryState, Subscription};
use tidings::port::{DeliveryFilter, Store as _};
use tidings::store::SqliteStore;

pub(crate) mod browser;
mod message;
mod service;
mod socket;

use browser::{Browser, wait};
use message::Keys;
use service::Service;

const TWELVE: &str = "Harbour blast kills 12 people";
const FIFTEEN: &str = "Harbour blast kills 15 people";

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// A daemon with a publisher and a push service before it.
struct World {
    service: Service,
    folder: TempDir,
    process: Child,
    address: String,
}

impl World {
    fn start() -> Self {
        let (service, folder) = (Service::start(), tempfile::tempdir().unwrap());
        service.ledger().items = item("Harbour as it was", "Nothing moved.", 3 * 24 * 60);
        let text = format!(
            "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:0\"\n[network]\nallow_private = true\n\
             contact = \"desk@example.org\"\n[poll]\ndomain_spacing_secs = 0\nrequests_per_day = 0\n\
             interval_min_minutes = 0.001\ninterval_max_minutes = 0.003\n[delivery]\nretry_secs = [1, 1, 1, 1]\n\
             jitter_percent = 0\npause_secs = 1\n[push]\nservices = [\"127.0.0.1\"]\n[[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n\
             [[sources]]\nurl = \"{}/feed\"\npublisher = \"The Wire\"\n",
            folder.path().join("tidings.db"),
            service.origin()
        );
        std::fs::write(folder.path().join("tidings.toml"), text).unwrap();
        let file = |name: &str| std::fs::File::create(folder.path().join(name)).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_tidings"))
            .args(["run", "--config"])
            .arg(folder.path().join("tidings.toml"))
            .env_remove("NOTIFY_SOCKET")
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap();
        let mut world = Self { service, folder, process, address: String::new() };
        world.address = world.wait("the daemon's address", || {
            let said = world.said();
            let rest = said.rsplit_once("\"page\":\"http://")?.1;
            Some(rest.split_once("/\"")?.0.to_owned())
        });
        world.wait("the first poll", || Some(()).filter(|()| world.store().counts().unwrap().stories == 1));
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn said(&self) -> String {
        std::fs::read_to_string(self.path("stderr")).unwrap_or_default()
    }

    fn wait<T>(&self, what: &str, ask: impl FnMut() -> Option<T>) -> T {
        wait(what, &|| format!("{}\n{:?}", self.said(), self.service.ledger().sent), ask)
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open_reader(&self.path("tidings.db")).unwrap()
    }

    fn subscriptions(&self) -> Vec<Subscription> {
        self.store().subscriptions().unwrap()
    }

    fn publish(&self, title: &str, summary: &str) {
        self.service.ledger().items += &item(title, summary, 0);
    }

    /// Asks the daemon as a browser does; gives status and body.
    fn ask(&self, what: &str, body: &Value) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let (body, host) = (body.to_string(), &self.address);
        write!(
            stream,
            "{what} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    fn command(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        let output = command.args(arguments).arg("--config").arg(self.path("tidings.toml")).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        crate::said::keep(self.folder.path());
    }
}

/// An entry that was published so many minutes ago; its key is its first word but one.
fn item(title: &str, summary: &str, minutes_ago: i64) -> String {
    let published = now() - jiff::SignedDuration::from_mins(minutes_ago);
    let key = title.split(' ').nth(1).unwrap();
    format!(
        "<item><title>{title}</title><description>{summary}</description><link>http://press.example/{key}</link>\
         <guid>{key}</guid><pubDate>{}</pubDate></item>",
        published.strftime("%a, %d %b %Y %H:%M:%S GMT")
    )
}

#[test]
fn a_device_is_told_of_an_event_and_its_correction_whatever_its_push_service_answers_until_it_is_gone() {
    let world = World::start();
    let service = &world.service;
    let (status, told) = world.ask("GET /push/key", &Value::Null);
    let key = told["key"].as_str().unwrap();
    assert_eq!((status, world.command(&["subscription", "key"]).trim()), (200, key));
    service.add("a-device", key);
    let browser = Keys::new();
    let subscription = browser.subscription(&format!("{}/wpush/a-device", service.origin()));
    assert_eq!(world.ask("POST /push", &subscription), (201, json!({"topics": [], "languages": []})));
    assert_eq!(world.ask("POST /push", &subscription).0, 200);
    let taken = |count: usize| {
        world.wait(&format!("{count} messages"), || {
            Some(service.ledger().taken("a-device")).filter(|t| t.len() == count)
        })
    };

    // Too long for this push service, which then asks for a pause, and fails.
    service.ledger().moods.extend([(413, ""), (429, "Retry-After: 1"), (500, "")]);
    world.publish(TWELVE, "The blast in the harbour killed 12 people, officials said.");
    let opened = taken(1).remove(0);
    let shown = browser.read(&opened.body);
    assert_eq!(
        shown,
        json!({"v": 1, "type": "event.opened", "title": TWELVE, "url": "http://press.example/blast", "lang": "en",
            "body": "The Wire: The blast in the harbour killed 12 people, officials said.", "tag": shown["tag"]})
    );
    assert_eq!(opened.fields["urgency"], "high");
    let answers: Vec<u16> = service.ledger().sent.iter().map(|sent| sent.status).collect();
    assert_eq!(answers, [413, 429, 500, 201]);
    let delivered = DeliveryFilter { state: Some(DeliveryState::Delivered), limit: 9, ..DeliveryFilter::default() };
    let delivery = world.wait("the settlement", || world.store().deliveries(&delivered).unwrap().pop());
    assert_eq!(delivery.attempts.len(), 3, "the shorter message is of the same attempt");

    let items = service.ledger().items.replace("12 people", "15 people");
    service.ledger().items = items;
    let corrected = taken(2).remove(1);
    let shown_again = browser.read(&corrected.body);
    assert_eq!((&shown_again["title"], &shown_again["tag"]), (&json!(FIFTEEN), &shown["tag"]));
    assert!(shown_again["body"].as_str().unwrap().contains("now 15 people, before 12"), "{shown_again}");
    assert_eq!(corrected.fields["topic"], opened.fields["topic"], "the push service replaces what it still has");

    let endpoint = json!({"endpoint": subscription["endpoint"]});
    assert_eq!(world.ask("POST /push/test", &endpoint).0, 202);
    let test = taken(3).remove(2);
    assert_eq!((&browser.read(&test.body)["title"], test.fields["ttl"].as_str()), (&json!("A test"), "300"));

    assert!(world.command(&["subscription", "list"]).contains("/..."));
    service.end("a-device");
    world.publish("Harbour ferry strike begins at noon", "No ferry leaves the harbour.");
    world.wait("the end of the subscription", || Some(()).filter(|()| world.subscriptions().is_empty()));
    assert_eq!(service.ledger().sent.last().unwrap().status, 410);
    assert_eq!(world.ask("POST /push/test", &endpoint).0, 404);
    let logged = world.said() + &std::fs::read_to_string(world.path("stdout")).unwrap();
    assert!(logged.contains("of a browser is no more"), "{logged}");
    assert!(!logged.contains("a-device") && !logged.contains("vapid t="), "{logged}");
}

#[test]
fn strangers_can_not_have_the_daemon_post_where_no_push_service_is() {
    let world = World::start();
    let refused = |endpoint: &str| {
        let (status, problem) = world.ask("POST /push", &Keys::new().subscription(endpoint));
        format!("{status} {}", problem["detail"].as_str().unwrap())
    };
    assert_eq!(
        refused("https://intranet.example/send/1"),
        "422 the push service intranet.example is none of those posted to (`services` in [push])"
    );
    assert_eq!(refused("http://127.0.0.1:22/send/1").split(" port ").next().unwrap(), "422 the address names");
}

/// What the browser shows, newest last: title and text of each notification, under a tag that begins so.
fn shown(tag: &str) -> String {
    format!(
        "const r = await navigator.serviceWorker.ready; const all = await r.getNotifications();
        return all.filter(n => n.tag.startsWith({tag:?})).map(n => n.title + ' / ' + n.body);"
    )
}

#[test]
fn a_real_firefox_subscribes_by_the_button_and_shows_events_and_their_corrections_until_it_unsubscribes() {
    if !browser::is_there() {
        return;
    }
    let world = World::start();
    let mut firefox = Browser::start(world.service.port);
    firefox.open(&format!("http://{}/?topic=harbour", world.address));
    let state = |wanted: &str| format!("return document.getElementById('push').dataset.state === {wanted:?}");
    let is_ready = "const part = document.getElementById('push'); return !part.hidden && part.dataset.state === 'off'";
    firefox.until("the button", is_ready);
    firefox.click("#push-on");
    firefox.until("the subscription", &state("on"));
    let subscribed = world.subscriptions().remove(0);
    assert_eq!(subscribed.spec.filter.topics.len(), 1);
    let says = firefox.run("return document.getElementById('push-says').textContent");
    assert_eq!(says, "This device gets updates about harbour.");

    let show = |firefox: &mut Browser, tag: &str, words: &str| -> Vec<String> {
        let script = format!("{} ", shown(tag)).replace("return all", "const found = all")
            + &format!("return found.some(text => text.includes({words:?})) ? found : null");
        serde_json::from_value(firefox.until(words, &script)).unwrap()
    };
    firefox.click("#push-test");
    show(&mut firefox, "tidings", "A test / This device receives notifications");

    world.publish(TWELVE, "The blast in the harbour killed 12 people, officials said.");
    let opened = show(&mut firefox, "event-", TWELVE);
    assert_eq!(opened, [format!("{TWELVE} / The Wire: The blast in the harbour killed 12 people, officials said.")]);
    let items = world.service.ledger().items.replace("12 people", "15 people");
    world.service.ledger().items = items;
    let corrected = show(&mut firefox, "event-", "now 15 people, before 12");
    assert_eq!(corrected.len(), 1, "the correction stands in the place of what it corrects: {corrected:?}");

    // A visit later the page knows its subscription, and the server still has it once.
    firefox.open(&format!("http://{}/", world.address));
    firefox.until("the subscription, again", &state("on"));
    assert_eq!(world.subscriptions().len(), 1);

    // The browser ends it and tells nobody but its push service, as it does when a permission is withdrawn.
    let ended = "const r = await navigator.serviceWorker.ready; const s = await r.pushManager.getSubscription();
        return s.unsubscribe()";
    assert_eq!(firefox.run(ended), true);
    let unregistered = || world.service.ledger().heard.iter().any(|said| said["messageType"] == "unregister");
    world.wait("the push service to hear of it", || unregistered().then_some(()));
    world.publish("Harbour ferry strike begins at noon", "No ferry leaves the harbour.");
    world.wait("the end of the subscription", || Some(()).filter(|()| world.subscriptions().is_empty()));
    assert_eq!(world.service.ledger().sent.last().unwrap().status, 410);

    // It may come back, and go by the button.
    firefox.open(&format!("http://{}/", world.address));
    firefox.until("the button, again", is_ready);
    firefox.click("#push-on");
    firefox.until("the new subscription", &state("on"));
    assert_eq!(world.subscriptions().len(), 1);
    firefox.click("#push-off");
    firefox.until("the end", &state("off"));
    assert_eq!(world.subscriptions(), []);
}
