//! The API of the running daemon as programs see it that aren't ours: schemathesis by its description, curl by docs/api.md.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

mod calls;

/// The configured token, which no call removes.
const TOKEN: &str = "PLANTED-SECRET-of-the-test";
/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);
/// And schemathesis, on a busy machine.
const RUN_PATIENCE: Duration = Duration::from_mins(5);

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn instant() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}

/// A feed on loopback with two entries, which two events come of.
fn publisher() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let now = now();
    let item = |path: &str, title: &str| {
        format!(
            "<item><title>{title}</title><link>http://127.0.0.1:{port}/{path}</link><dc:date>{now}</dc:date></item>"
        )
    };
    let feed = format!(
        "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Press</title>{}{}</channel></rss>",
        item("sudan", "Совет Безопасности принял резолюцию по Судану"),
        item("shipping", "Security Council adopts resolution on Red Sea shipping")
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.read(&mut [0; 4096]).unwrap_or_default();
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{feed}", feed.len()).ok();
        }
    });
    port
}

/// A daemon whose store holds two events, and a token for it, made while it ran.
struct World {
    folder: TempDir,
    port: u16,
    token: String,
    daemon: Child,
}

impl Drop for World {
    fn drop(&mut self) {
        self.daemon.kill().ok();
        self.daemon.wait().ok();
        crate::said::keep(self.folder.path());
    }
}

fn tidings(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(arguments).arg("--config").arg(folder.join("tidings.toml")).env_remove("NOTIFY_SOCKET");
    command
}

impl World {
    fn begin() -> Self {
        Self::begin_with("")
    }

    /// One with more in its configuration.
    fn begin_with(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let feed = publisher();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:{port}\"\ntoken = \"{TOKEN}\"\nrequests_per_minute = 1000000\n\
             failures_per_minute = 1000000\n[network]\nallow_private = true\n\
             [email]\nsmtp = \"smtp://127.0.0.1:9\"\ninsecure = true\nfrom = \"tidings@example.org\"\n\
             [[topics]]\nid = \"resolution\"\nquery = '\"Совет Безопасности\" OR \"Security Council\"'\n\
             [[sources]]\nurl = \"http://127.0.0.1:{feed}/feed.xml\"\ntopics = [\"resolution\"]\n{more}",
            folder.path().join("tidings.db")
        );
        std::fs::write(folder.path().join("tidings.toml"), text).unwrap();
        let log = std::fs::File::create(folder.path().join("log")).unwrap();
        let daemon = tidings(folder.path(), &["run"]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let mut world = Self { folder, port, token: String::new(), daemon };
        world.until("it listens", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        assert!(world.get("/v1/topics").starts_with("HTTP/1.1 401"), "it has no token yet");
        let made =
            tidings(world.folder.path(), &["token", "add", "tests", "--scope", "admin", "--json"]).output().unwrap();
        let made: Value = serde_json::from_slice(&made.stdout).unwrap();
        made["secret"].as_str().unwrap().clone_into(&mut world.token);
        assert!(world.get("/v1/topics").starts_with("HTTP/1.1 200"), "a token counts at once");
        world.until("two events", || world.get("/v1/events").matches("first_story").count() == 2);
        world
    }

    fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let deadline = instant() + PATIENCE;
        while !is_so() {
            assert!(instant() < deadline, "{what}: {}", self.log());
            pause();
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
            self.token
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

/// Runs to the end, or is killed.
fn within(patience: Duration, command: &mut Command, folder: &Path) -> Output {
    let path = folder.join("said");
    let said = std::fs::File::create(&path).unwrap();
    let mut process = command.stdout(said.try_clone().unwrap()).stderr(said).spawn().unwrap();
    let deadline = instant() + patience;
    let status = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break status;
        }
        if instant() > deadline {
            process.kill().unwrap();
            process.wait().unwrap();
            panic!("it ran too long: {}", std::fs::read_to_string(path).unwrap());
        }
        pause();
    };
    Output { status, stdout: std::fs::read(path).unwrap(), stderr: Vec::new() }
}

#[test]
fn schemathesis_finds_no_answer_that_is_not_as_described() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/schemathesis");
    if !program.exists() {
        eprintln!("SKIPPED: tests/run installs schemathesis");
        return;
    }
    let world = World::begin();
    let hook = "{\"name\": \"newsroom\", \"url\": \"http://127.0.0.1:9/hook\", \"topics\": [\"resolution\"]}";
    world.until("a subscription", || {
        calls::curl(&world, &format!("call $TIDINGS/v1/subscriptions -d '{hook}'")).0 == 201
    });
    assert_eq!(calls::curl(&world, "call -X POST $TIDINGS/v1/subscriptions/1/test").0, 202);
    let output = within(
        RUN_PATIENCE,
        Command::new(program)
            .current_dir(world.folder.path())
            .arg("run")
            .arg(format!("http://127.0.0.1:{}/openapi.json", world.port))
            .arg("--header")
            .arg(format!("Authorization: Bearer {TOKEN}"))
            .args(["--generation-deterministic", "--no-color"])
            .args(["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "5", "--continue-on-failure"])
            // What a query, an address or a plan may be can't be said in a schema: good bodies are refused too.
            .args(["--checks", "all", "--exclude-checks", "positive_data_acceptance"])
            // A stream has no end.
            .args(["--exclude-path", "/v1/stream", "--request-timeout", "30"]),
        world.folder.path(),
    );
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", world.log());
    assert!(!world.log().contains("panicked"), "{}", world.log());
}

#[test]
fn the_calls_of_the_documentation_answer_as_it_shows() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("SKIPPED: there is no curl");
        return;
    }
    calls::answer_as_shown(&World::begin());
}

#[test]
fn what_other_pages_have_curl_ask_is_answered() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("SKIPPED: there is no curl");
        return;
    }
    let world = World::begin_with("[hub]\nenabled = true\n[self_service]\nenabled = true\n");
    let hook = "{\"name\": \"newsroom\", \"url\": \"http://127.0.0.1:9/hook\"}";
    assert_eq!(calls::curl(&world, &format!("call $TIDINGS/v1/subscriptions -d '{hook}'")).0, 201);
    calls::are_answered(&world);
}
