//! Who may subscribe: endpoints that must prove that they want it, before the real binary.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tidings::deliver::{SigningSecret, signature};
use tidings::port::Store as _;
use tidings::store::SqliteStore;

mod site;

use site::{Post, Site};

const TOKEN: &str = "PLANTED-SECRET-of-operators";

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A daemon with a publisher and endpoints before it.
struct World {
    site: Site,
    folder: TempDir,
    process: Child,
    address: String,
}

impl World {
    /// A daemon with a topic `harbour` and these lines more of configuration.
    fn start(more: &str) -> Self {
        let (site, folder) = (Site::start(), tempfile::tempdir().unwrap());
        site.ledger().items = item("Harbour as it was", 3 * 24 * 60);
        let text = format!(
            "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:0\"\ntoken = \"{TOKEN}\"\n[network]\nallow = [\"127.0.0.1\"]\n[poll]\n\
             domain_spacing_secs = 0\nrequests_per_day = 0\ninterval_min_minutes = 0.001\n\
             interval_max_minutes = 0.003\n[[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n[[sources]]\n\
             url = \"{}\"\npublisher = \"The Wire\"\n{more}",
            folder.path().join("tidings.db"),
            site.url("/feed")
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
        let mut world = Self { site, folder, process, address: String::new() };
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

    #[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
    fn wait<T>(&self, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = ask() {
                return found;
            }
            let posts = &self.site.ledger().posts;
            assert!(Instant::now() < deadline, "waited in vain for {what}\n{}\n{posts:?}", self.said());
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// Waits until exactly this was told at a path.
    fn wait_told(&self, path: &str, expected: &[&str]) {
        self.wait(&format!("{expected:?} at {path}"), || Some(()).filter(|()| self.site.told(path) == expected));
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open_reader(&self.path("tidings.db")).unwrap()
    }

    fn publish(&self, title: &str) {
        self.site.ledger().items += &item(title, 0);
    }

    /// Asks the daemon over HTTP, with a bearer token where one is given; gives status and body.
    fn ask(&self, what: &str, token: Option<&str>, body: Option<&Value>) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let body = body.map(ToString::to_string).unwrap_or_default();
        let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        write!(
            stream,
            "{what} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n{authorization}\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    fn command(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(arguments).arg("--config").arg(self.path("tidings.toml")).output().unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        crate::said::keep(self.folder.path());
    }
}

/// Whether a post was signed with this secret.
fn is_genuine(post: &Post, secret: &str) -> bool {
    let secret = SigningSecret::parse(secret).unwrap();
    let at = post.fields["webhook-timestamp"].parse().unwrap();
    signature::verify(&secret, &post.fields["webhook-id"], at, post.body.as_bytes(), &post.fields["webhook-signature"])
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn item(title: &str, minutes_ago: i64) -> String {
    let published = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes_ago);
    let key = title.replace(' ', "-");
    format!(
        "<item><title>{title}</title><link>http://press.example/{key}</link><guid>{key}</guid><pubDate>{}</pubDate></item>",
        published.strftime("%a, %d %b %Y %H:%M:%S GMT")
    )
}

#[test]
fn an_endpoint_that_must_prove_that_it_wants_this_is_told_nothing_until_it_has_and_then_what_it_missed() {
    let world = World::start("");
    let add = |name: &str, path: &str| {
        let added = world.command(&[
            "subscription",
            "add",
            name,
            &world.site.url(path),
            "--verify",
            "--signing",
            "v1a",
            "--json",
        ]);
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    };
    add("willing", "/wants");
    add("mirror", "/mirror");
    add("deaf", "/deaf");
    for path in ["/wants", "/mirror", "/deaf"] {
        world.wait("a challenge", || {
            world.site.told(path).contains(&"subscription.verification".to_owned()).then_some(())
        });
    }
    let shown = world.wait("why it is unverified", || {
        let shown = String::from_utf8(world.command(&["subscription", "show", "deaf"]).stdout).unwrap();
        shown.contains("it answered 200 without the challenge").then_some(shown)
    });
    assert!(shown.contains("unverified") && shown.contains("whpk_"), "{shown}");

    world.publish("Harbour blast kills 12 people");
    world.wait_told("/wants", &["subscription.verification", "event.opened"]);
    let refused = world.command(&["subscription", "verify", "deaf"]);
    assert!(!refused.status.success());
    let (status, refused) = world.ask("POST /v1/subscriptions/3/verify", Some(TOKEN), None);
    assert_eq!(status, 409, "{refused}");
    let tested = world.command(&["subscription", "test", "deaf"]);
    assert!(String::from_utf8_lossy(&tested.stderr).contains("is unverified"), "{tested:?}");
    for path in ["/mirror", "/deaf"] {
        assert!(world.site.told(path).iter().all(|kind| kind == "subscription.verification"), "{path}");
    }

    let posts = world.site.ledger().posts.clone();
    assert!(posts.iter().all(|post| post.fields["webhook-signature"].starts_with("v1a,")), "{posts:?}");

    world.site.ledger().willing.push("/deaf".to_owned());
    let verified = world.command(&["subscription", "verify", "deaf"]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    world.wait("what it missed", || world.site.told("/deaf").contains(&"event.opened".to_owned()).then_some(()));
}

#[test]
fn anybody_subscribes_a_webhook_that_wants_it_within_the_quota_and_ends_it_by_its_own_token_alone() {
    let world = World::start("[self_service]\nenabled = true\ndaily_per_address = 4\n");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let subscribe = |path: &str| world.ask("POST /webhooks", None, Some(&json!({"url": world.site.url(path)})));
    let (status, refused) =
        world.ask("POST /webhooks", None, Some(&json!({"url": "http://10.0.0.1/", "types": ["source.failing"]})));
    assert_eq!((status, refused["errors"].as_array().unwrap().len()), (422, 2), "{refused}");

    let (status, first) = subscribe("/wants/first");
    assert_eq!(status, 201, "{first}");
    let (_, second) = subscribe("/wants/second");
    let (_, deaf) = subscribe("/deaf");
    let [first_token, second_token, deaf_token] = [&first, &second, &deaf].map(|made| text(&made["token"]));
    let mine = |token: &str| world.ask("GET /webhooks/mine", Some(token), None);
    for token in [&first_token, &second_token] {
        world.wait("a verified webhook", || (mine(token).1["state"] == "active").then_some(()));
    }
    let (status, shown) = mine(&deaf_token);
    assert_eq!((status, &shown["state"], shown.get("id")), (200, &json!("unverified"), None), "{shown}");
    assert!(!shown.to_string().contains("whsec_"), "{shown}");

    world.publish("Harbour blast kills 12 people");
    for path in ["/wants/first", "/wants/second"] {
        world.wait_told(path, &["subscription.verification", "event.opened"]);
    }
    let posts = world.site.ledger().posts.clone();
    let to = |path: &str| posts.iter().filter(|post| post.path == path).cloned().collect::<Vec<_>>();
    let (secret, other) = (text(&first["secret"]), text(&second["secret"]));
    assert!(to("/wants/first").iter().all(|post| is_genuine(post, &secret) && !is_genuine(post, &other)));
    assert!(to("/deaf").iter().all(|post| post.kind() == "subscription.verification"));

    let (status, refused) = world.ask("POST /webhooks/mine/verify", Some(&deaf_token), Some(&json!({})));
    assert_eq!(status, 409, "{refused}");
    assert_eq!(subscribe("/wants/fifth").0, 429);
    let (status, rotated) = world.ask("POST /webhooks/mine/rotate", Some(&first_token), None);
    assert_eq!((status, rotated["subscription"]["old_secrets"].as_array().unwrap().len()), (200, 1), "{rotated}");

    assert_eq!(world.ask("DELETE /webhooks/mine", Some("self_guessed"), None).0, 401);
    assert_eq!(world.ask("DELETE /webhooks/mine", None, None).0, 401);
    assert_eq!(world.ask("DELETE /webhooks/mine", Some(&first_token), None).0, 204);
    assert_eq!((mine(&first_token).0, mine(&second_token).0), (401, 200));
    world.publish("Grain ships leave the harbour for Alexandria after long talks");
    world.wait_told("/wants/second", &["subscription.verification", "event.opened", "event.opened"]);
    assert_eq!(world.site.told("/wants/first"), ["subscription.verification", "event.opened"]);
}

#[test]
fn nobody_subscribes_himself_where_the_operator_has_not_allowed_it() {
    let world = World::start("");
    let body = json!({"url": world.site.url("/wants")});
    assert_eq!(world.ask("POST /webhooks", None, Some(&body)).0, 404);
    assert_eq!(world.ask("DELETE /webhooks/mine", Some("self_guessed"), None).0, 404);
}
