//! The real daemon, what it said, and the bytes it is sent.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder with a configuration, and the daemon that runs on it, if it does.
pub(super) struct Daemon {
    pub(super) folder: TempDir,
    process: Option<Child>,
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn instant() -> Instant {
    Instant::now()
}

impl Daemon {
    /// A folder whose daemon listens on a port of its own and may ask loopback; `more` is added to its configuration.
    pub(super) fn new(more: &str) -> Self {
        let daemon = Self { folder: tempfile::tempdir().unwrap(), process: None };
        daemon.configure(more);
        daemon
    }

    /// The same, whose daemon may ask nothing on loopback.
    pub(super) fn guarded(more: &str) -> Self {
        let daemon = Self { folder: tempfile::tempdir().unwrap(), process: None };
        daemon.write(&format!("allow_private = false\n{more}"));
        daemon
    }

    pub(super) fn configure(&self, more: &str) {
        self.write(&format!("allow_private = true\n{more}"));
    }

    fn write(&self, network: &str) {
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"api.token\"\n[network]\n{network}\n\
             [[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n"
        );
        fs::write(self.path("api.token"), TOKEN).unwrap();
        fs::write(self.path("tidings.toml"), text).unwrap();
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command on this folder.
    pub(super) fn tidings(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(arguments).arg("--config").arg(self.path("tidings.toml")).env_remove("NOTIFY_SOCKET");
        command.env("STATE_DIRECTORY", self.folder.path().join("state")).stdin(Stdio::null());
        command
    }

    /// What a command says, with its exit code.
    pub(super) fn says(&self, arguments: &[&str]) -> (Option<i32>, String) {
        told(&self.tidings(arguments).output().unwrap())
    }

    /// Starts the daemon with these options and waits until it answers.
    pub(super) fn start(&mut self, options: &[&str]) {
        let process = self
            .tidings(&[&["run"], options].concat())
            .env("CREDENTIALS_DIRECTORY", self.path("credentials"))
            .stdout(fs::File::create(self.path("stdout")).unwrap())
            .stderr(fs::File::create(self.path("stderr")).unwrap())
            .spawn()
            .unwrap();
        self.process = Some(process);
        self.until("its page", |daemon| {
            daemon.address().is_some() && daemon.get("/readyz").starts_with("HTTP/1.1 200")
        });
    }

    /// Ends it as systemd does.
    pub(super) fn stop(&mut self) {
        self.signal("-TERM");
        let code = self.process.take().unwrap().wait().unwrap().code();
        assert_eq!(code, Some(0), "{}", self.said());
    }

    pub(super) fn signal(&self, name: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// All that it wrote to its standard error since it was started.
    pub(super) fn said(&self) -> String {
        fs::read_to_string(self.path("stderr")).unwrap_or_default()
    }

    #[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
    pub(super) fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let deadline = instant() + PATIENCE;
        while !holds(self) {
            assert!(instant() < deadline, "waited in vain for {what}; it said:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Where it listens: host and port.
    pub(super) fn address(&self) -> Option<String> {
        let said = self.said();
        let line = said.lines().find(|line| line.contains("page") && line.contains("http://"))?;
        line.split("http://").nth(1)?.split('/').next().map(str::to_owned)
    }

    /// Sends bytes and gives all that comes back until it closes.
    pub(super) fn send(&self, bytes: &[u8]) -> String {
        let Ok(mut stream) = TcpStream::connect(self.address().unwrap()) else { return String::new() };
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // What it refuses it may close before it has read all.
        stream.write_all(bytes).unwrap_or_default();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap_or_default();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends a request for a stream, and gives what came until its first notification was whole.
    pub(super) fn stream(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address().unwrap()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut heard = Vec::new();
        let mut some = [0; 8192];
        while !String::from_utf8_lossy(&heard).split_once("data: ").is_some_and(|(_, data)| data.contains("\n\n")) {
            let read = stream.read(&mut some).unwrap();
            assert!(read > 0, "it ended: {}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&some[..read]);
        }
        String::from_utf8(heard).unwrap()
    }

    pub(super) fn get(&self, path: &str) -> String {
        let host = self.address().unwrap();
        self.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())
    }

    /// A call of the API with the token; a body is JSON.
    pub(super) fn call(&self, method: &str, path: &str, body: &str) -> String {
        let host = self.address().unwrap();
        self.send(
            format!(
                "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        )
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            process.kill().ok();
            process.wait().ok();
        }
        crate::said::keep(self.folder.path());
    }
}

/// The token of its API.
pub(super) const TOKEN: &str = "PLANTED-SECRET-of-the-api-0123456789";

/// What a command said on both of its outputs, with its exit code.
pub(super) fn told(output: &Output) -> (Option<i32>, String) {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat();
    (output.status.code(), text)
}
