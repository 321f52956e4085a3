//! A publisher with its hub and a subscriber's webhook, on one loopback port. The hub speaks `WebSub` with code of its own.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::Value;
use url::form_urlencoded;

/// What the hub was asked, field by field.
pub(crate) type Form = BTreeMap<String, String>;

/// What happened so far, and how the hub behaves.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Where the daemon listens, once it does.
    pub(crate) daemon: Option<String>,
    /// Items of the feed, as XML.
    pub(crate) items: String,
    /// How often the feed was asked for.
    pub(crate) polls: usize,
    /// Whether the hub answers 503.
    pub(crate) down: bool,
    /// How often it did.
    pub(crate) turned_away: usize,
    /// The lease that it grants.
    pub(crate) lease_secs: u64,
    /// What it was asked.
    pub(crate) asked: Vec<Form>,
    /// Status and body of each verification's answer.
    pub(crate) verified: Vec<(u16, String)>,
    /// What the webhook got.
    pub(crate) told: Vec<Value>,
}

pub(crate) struct Hub {
    pub(crate) port: u16,
    ledger: Arc<Mutex<Ledger>>,
}

impl Hub {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ledger = Arc::new(Mutex::new(Ledger { lease_secs: 864_000, ..Ledger::default() }));
        let kept = Arc::clone(&ledger);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || serve(&stream, port, &kept));
            }
        });
        Self { port, ledger }
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    pub(crate) fn topic(&self) -> String {
        topic(self.port)
    }

    /// The feed with these items alone, as the publisher pushes it.
    pub(crate) fn document(&self, items: &str) -> String {
        document(self.port, items)
    }

    /// Pushes a document, signed with the secret that the daemon gave last; gives the answer's status.
    pub(crate) fn push(&self, body: &str) -> u16 {
        let secret = self.ledger().asked.last().unwrap()["hub.secret"].clone();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let mut field = "sha256=".to_owned();
        for byte in hmac::sign(&key, body.as_bytes()).as_ref() {
            write!(field, "{byte:02x}").unwrap();
        }
        self.push_with(body, Some(&field))
    }

    /// Begins a push that never ends.
    pub(crate) fn begin_push(&self) -> TcpStream {
        let callback = self.ledger().asked.last().unwrap()["hub.callback"].clone();
        let path = callback.strip_prefix(&public(self.port)).unwrap();
        let daemon = self.ledger().daemon.clone().unwrap();
        let mut stream = TcpStream::connect(&daemon).unwrap();
        write!(stream, "POST {path} HTTP/1.1\r\nHost: {daemon}\r\nContent-Length: 1000\r\n\r\n<rss").unwrap();
        stream
    }

    pub(crate) fn push_with(&self, body: &str, signature: Option<&str>) -> u16 {
        let callback = self.ledger().asked.last().unwrap()["hub.callback"].clone();
        let signed = signature.map(|s| format!("X-Hub-Signature: {s}\r\n")).unwrap_or_default();
        let head = format!("Content-Type: application/rss+xml\r\n{signed}Content-Length: {}\r\n", body.len());
        let path = callback.strip_prefix(&public(self.port)).unwrap();
        call(self.ledger().daemon.as_deref().unwrap(), &format!("POST {path}"), &head, body).0
    }
}

/// An entry that was published so many minutes ago.
pub(crate) fn item(title: &str, minutes_ago: i64) -> String {
    let published = super::now() - jiff::SignedDuration::from_mins(minutes_ago);
    let slug = title.to_lowercase().replace(' ', "-");
    format!(
        "<item><title>{title}</title><link>http://press.example/{slug}</link><guid>{slug}</guid><pubDate>{}</pubDate></item>",
        published.strftime("%a, %d %b %Y %H:%M:%S GMT")
    )
}

/// The address that hubs are given: none that anybody listens at, as a proxy stands before the daemon.
pub(crate) fn public(port: u16) -> String {
    format!("http://127.0.0.1:{port}/public")
}

fn topic(port: u16) -> String {
    format!("http://localhost:{port}/feed?format=rss")
}

fn document(port: u16, items: &str) -> String {
    format!(
        "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>Wire</title>\
         <a:link rel='hub' href='http://127.0.0.1:{port}/hub'/><a:link rel='self' href='{}'/>{items}</channel></rss>",
        topic(port)
    )
}

fn serve(stream: &TcpStream, port: u16, ledger: &Mutex<Ledger>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let path = first.split(' ').nth(1)?;
    match path {
        "/feed" => {
            let items = {
                let mut ledger = ledger.lock().unwrap();
                ledger.polls += 1;
                ledger.items.clone()
            };
            answer(stream, "200 OK", &document(port, &items))
        }
        "/hook" => {
            ledger.lock().unwrap().told.push(serde_json::from_slice(&body).unwrap());
            answer(stream, "204 No Content", "")
        }
        "/hub" => {
            let form: Form = form_urlencoded::parse(&body).into_owned().collect();
            let lease_secs = {
                let mut ledger = ledger.lock().unwrap();
                if ledger.down {
                    ledger.turned_away += 1;
                    return answer(stream, "503 Service Unavailable", "back soon");
                }
                ledger.asked.push(form.clone());
                ledger.lease_secs
            };
            answer(stream, "202 Accepted", "");
            verify(&form, lease_secs, port, ledger);
            Some(())
        }
        _ => answer(stream, "404 Not Found", ""),
    }
}

/// Asks the daemon whether it wants what was asked in its name.
#[expect(clippy::disallowed_methods, reason = "waits for a process; no worker of tokio's is here")]
fn verify(form: &Form, lease_secs: u64, port: u16, ledger: &Mutex<Ledger>) {
    let daemon = loop {
        if let Some(daemon) = ledger.lock().unwrap().daemon.clone() {
            break daemon;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("hub.mode", &form["hub.mode"])
        .append_pair("hub.topic", &form["hub.topic"])
        .append_pair("hub.challenge", "open & shut")
        .append_pair("hub.lease_seconds", &lease_secs.to_string())
        .finish();
    let path = form["hub.callback"].strip_prefix(&public(port)).unwrap();
    let answered = call(&daemon, &format!("GET {path}?{query}"), "", "");
    ledger.lock().unwrap().verified.push(answered);
}

fn answer(mut stream: &TcpStream, status: &str, body: &str) -> Option<()> {
    write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()).ok()
}

/// One request to the daemon; gives status and body.
pub(crate) fn call(daemon: &str, what: &str, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(daemon).unwrap();
    write!(stream, "{what} HTTP/1.1\r\nHost: {daemon}\r\nConnection: close\r\n{head}\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
