//! Mail as a mail server takes it: `PyPI`'s aiosmtpd (where `tests/run` has put it) and Python's own parser of messages, with
//! the daemon as it is installed.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tidings::deliver::format::Letter;
use tidings::mail::{Mailer, Relay, Security};
use tidings::model::{Exchange, FailureKind, Mailbox, Sender};

/// A step that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_mins(1);

fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    let found = Command::new(&python).args(["-c", "import aiosmtpd"]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    eprintln!("!!! SKIPPED: no PyPI aiosmtpd at target/venv (tests/run installs it)");
    None
}

/// A process that ends with its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

struct MailServer {
    said: Receiver<Value>,
    port: u64,
    _process: Process,
}

impl MailServer {
    fn start(python: &Path, files: &[&Path]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/mail/server.py");
        let mut child = Command::new(python).arg(script).args(files).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, said) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines() {
                sender.send(serde_json::from_str(&line.unwrap()).unwrap()).ok();
            }
        });
        let mut server = Self { said, port: 0, _process: Process(child) };
        server.port = server.next()["port"].as_u64().unwrap();
        server
    }

    fn next(&self) -> Value {
        self.said.recv_timeout(PATIENCE).expect("the mail server says something")
    }
}

/// A feed of one entry on loopback.
fn publisher() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    #[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
    let now = jiff::Timestamp::now();
    let feed = format!(
        "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Wire</title><item>\
         <title>Harbour reopens: гавань открыта, الميناء مفتوح &amp; 5 &lt; 6</title><description>Ships sail again.</description>\
         <link>http://127.0.0.1:{port}/harbour</link><guid>harbour</guid><dc:date>{now}</dc:date></item></channel></rss>"
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

fn tidings(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
    command.args(arguments).arg("--config").arg(folder.join("tidings.toml"));
    command
}

fn told(folder: &Path, arguments: &[&str]) -> String {
    let output = tidings(folder, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Of each finished delivery its subscription, state and the statuses of its attempts.
#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock, and is asked again and again")]
fn finished(folder: &Path, wanted: usize) -> Vec<(String, String, Vec<Value>)> {
    let begun = Instant::now();
    loop {
        let listed = told(folder, &["delivery", "list", "--json"]);
        let deliveries: Vec<Value> = listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let done: Vec<_> = deliveries.iter().filter(|delivery| delivery["state"] != "pending").collect();
        if done.len() == wanted {
            let mut all: Vec<_> = done
                .iter()
                .map(|delivery| {
                    let shown = told(folder, &["delivery", "show", &delivery["id"].to_string(), "--json"]);
                    let shown: Value = serde_json::from_str(&shown).unwrap();
                    let statuses = shown["attempts"].as_array().unwrap().iter().map(|a| a["status"].clone()).collect();
                    let text = |value: &Value| value.as_str().unwrap().to_owned();
                    (text(&delivery["subscription"]["name"]), text(&delivery["state"]), statuses)
                })
                .collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            return all;
        }
        assert!(begun.elapsed() < PATIENCE, "{listed}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn letters_reach_a_mail_server_that_greylists_refuses_and_hangs_up() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("password"), "opensesame\n").unwrap();
    let server = MailServer::start(&python, &[&certificate, &key]);
    let feed = publisher();
    let mut text = format!(
        "[storage]\npath = 'tidings.db'\n[server]\nlisten = ''\n[network]\nallow_private = true\n\
         [delivery]\nretry_secs = [0.1, 0.1, 0.1]\n\
         [email]\nsmtp = 'smtp+starttls://desk%40example.org@localhost:{}'\npassword_file = 'password'\n\
         certificate_file = 'certificate.pem'\nfrom = 'tidings@example.org'\n\
         [[topics]]\nid = 'harbour'\nname = 'The harbour'\nquery = 'harbour'\n[[sources]]\nurl = 'http://127.0.0.1:{feed}/feed'\n",
        server.port
    );
    for name in ["cut", "gone", "grey"] {
        writeln!(text, "[[subscriptions]]\nname = '{name}'\nemail = '{name}@example.org'").unwrap();
    }
    std::fs::write(folder.join("tidings.toml"), text).unwrap();

    let daemon = tidings(folder, &["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _daemon = Process(daemon);
    let letters = [server.next(), server.next()];
    let done = finished(folder, 3);
    let (ok, grey, gone) = (Value::from(250), Value::from(451), Value::from(550));
    assert_eq!(done[0].1, "delivered", "{done:?}");
    assert_eq!((done[0].2.len(), done[0].2.last()), (2, Some(&ok)), "the server hung up, then took it");
    assert_eq!(done[1], ("gone".to_owned(), "expired".to_owned(), vec![gone]));
    assert_eq!(done[2], ("grey".to_owned(), "delivered".to_owned(), vec![grey, ok]));

    for letter in &letters {
        assert_eq!(letter["defects"], serde_json::json!([]));
        assert_eq!((&letter["tls"], letter["sender"].as_str()), (&Value::Bool(true), Some("tidings@example.org")));
        assert_eq!(letter["greeting"], "example.org");
        let fields = &letter["fields"];
        let field = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
        assert_eq!(field("subject"), "Harbour reopens: гавань открыта, الميناء مفتوح & 5 < 6");
        assert_eq!((field("from"), field("auto-submitted")), ("tidings@example.org".into(), "auto-generated".into()));
        assert_eq!(field("list-id"), "<harbour.tidings.example.org>");
        assert!(field("message-id").starts_with("<msg_") && field("message-id").ends_with("@example.org>"), "{fields}");
        assert!(field("references").starts_with("<event.") && fields["in-reply-to"].is_null(), "{fields}");
        let parts = &letter["parts"];
        assert!(parts["text/plain"].as_str().unwrap().contains("Ships sail again."), "{parts}");
        assert!(parts["text/html"].as_str().unwrap().contains("الميناء مفتوح &amp; 5 &lt; 6</a>"), "{parts}");
    }
    assert_ne!(letters[0]["to"], letters[1]["to"]);
    assert_eq!(letters[0]["fields"]["message-id"], letters[1]["fields"]["message-id"], "one notification, one id");
}

fn letter() -> Letter {
    Letter {
        from: Sender::parse("tidings@example.org").unwrap(),
        to: Mailbox::parse("person@example.org").unwrap(),
        date: jiff::Timestamp::UNIX_EPOCH,
        subject: "s".to_owned(),
        message_id: "<1@example.org>".to_owned(),
        thread: None,
        is_reply: false,
        list_id: "<l.example.org>".to_owned(),
        text: ".\r\n.hidden\r\n".to_owned(),
        html: "<p>.</p>".to_owned(),
    }
}

fn sent(port: u64, security: Security, letters: usize) -> Vec<Exchange> {
    let relay = Relay {
        host: "127.0.0.1".to_owned(),
        port: u16::try_from(port).unwrap(),
        security,
        login: None,
        greeting: "example.org".to_owned(),
        root: None,
    };
    let mailer = Mailer::new(&relay).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut all = Vec::new();
        for _ in 0..letters {
            all.push(mailer.send(&letter()).await);
        }
        all
    })
}

#[test]
fn a_relay_that_offers_no_tls_is_given_nothing_unless_it_was_named_so() {
    let Some(python) = python() else { return };
    let server = MailServer::start(&python, &[]);
    for exchange in sent(server.port, Security::StartTls, 1) {
        assert!(exchange.is_err(), "{exchange:?}");
    }
    for exchange in sent(server.port, Security::Tls, 1) {
        assert!(exchange.is_err_and(|failure| failure.kind != FailureKind::Timeout));
    }
    let taken = sent(server.port, Security::Plain, 3);
    assert!(taken.iter().all(|exchange| exchange.as_ref().is_ok_and(|response| response.status == 250)), "{taken:?}");
    let letters = [server.next(), server.next(), server.next()];
    let text = letters[0]["parts"]["text/plain"].as_str().unwrap();
    assert_eq!(text.lines().collect::<Vec<_>>(), [".", ".hidden"], "a dot ends nothing");
    assert_eq!(letters[0]["connections"], letters[2]["connections"], "one connection carries them all");
}

#[test]
fn a_relay_that_is_not_there_is_a_failure_that_says_so() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let failure = sent(u64::from(port), Security::Plain, 1).remove(0).expect_err("nobody listens");
    assert_eq!(failure.kind, FailureKind::Connect, "{failure}");
    assert!(failure.detail.contains("127.0.0.1"), "{failure}");
}
