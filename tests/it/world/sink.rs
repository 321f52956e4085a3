//! A webhook endpoint that verifies each signature with code of its own and keeps what it gets.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

pub(crate) const SECRET: &str = "whsec_PLANTEDSECRETPLANTEDSECRETPLANTE";

/// What came.
#[derive(Debug, Default, Clone)]
pub(crate) struct Got {
    /// Bodies by `webhook-id`: more than one only if the daemon is wrong.
    pub(crate) bodies: BTreeMap<String, BTreeSet<String>>,
    /// Posts of an id that was taken already.
    pub(crate) repeats: usize,
    pub(crate) bad_signatures: usize,
    posts: usize,
}

pub(crate) struct Sink {
    pub(crate) port: u16,
    got: Arc<Mutex<Got>>,
}

impl Sink {
    /// Starts it; one with `moods` refuses, breaks off or takes without an answer now and then.
    pub(crate) fn start(moods: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got: Arc<Mutex<Got>> = Arc::default();
        let kept = Arc::clone(&got);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || while take(&stream, &kept, moods).is_some() {});
            }
        });
        Self { port, got }
    }

    pub(crate) fn stop(self) -> Got {
        self.got.lock().unwrap().clone()
    }
}

/// Takes one request of a connection; `None` at its end.
fn take(stream: &TcpStream, kept: &Mutex<Got>, moods: bool) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        fields.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; fields.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;

    let mut got = kept.lock().unwrap();
    got.posts += 1;
    let mood = if moods { got.posts % 6 } else { 0 };
    if mood == 1 {
        return answer(stream, "500 Internal Server Error");
    }
    if mood == 3 {
        return None;
    }
    let id = fields.get("webhook-id")?.clone();
    if !is_signed(&fields, &body) {
        got.bad_signatures += 1;
    }
    if got.bodies.contains_key(&id) {
        got.repeats += 1;
    }
    got.bodies.entry(id).or_default().insert(String::from_utf8(body).ok()?);
    drop(got);
    // Taken, but the answer is lost: it must come again under the same id.
    if mood == 5 { None } else { answer(stream, "204 No Content") }
}

fn answer(mut stream: &TcpStream, status: &str) -> Option<()> {
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").ok()
}

/// Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`.
fn is_signed(fields: &BTreeMap<String, String>, body: &[u8]) -> bool {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap());
    let signed = [field("webhook-id").as_bytes(), b".", field("webhook-timestamp").as_bytes(), b".", body].concat();
    field("webhook-signature")
        .split(' ')
        .filter_map(|s| s.strip_prefix("v1,"))
        .any(|signature| STANDARD.decode(signature).is_ok_and(|tag| hmac::verify(&key, &signed, &tag).is_ok()))
}

impl Got {
    /// The bodies, parsed.
    pub(crate) fn articles(&self) -> Vec<Value> {
        self.bodies.values().flatten().map(|body| serde_json::from_str(body).unwrap()).collect()
    }

    /// What was told, by type and path of the article: the same whatever port the world is served on.
    pub(crate) fn told(&self) -> BTreeSet<(String, String)> {
        let text = |v: &Value, at: &str| v.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
        let path = |link: String| link.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        self.articles().iter().map(|v| (text(v, "/type"), path(text(v, "/data/story/link")))).collect()
    }

    /// The events that `event.opened` told of, one for each id.
    pub(crate) fn events(&self) -> Vec<i64> {
        let opened = |v: &Value| v["type"] == "event.opened";
        self.articles().iter().filter(|v| opened(v)).filter_map(|v| v.pointer("/data/event/id")?.as_i64()).collect()
    }
}
