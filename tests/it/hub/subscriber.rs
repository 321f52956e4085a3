//! Subscribers on one loopback port, and the publisher whose items the daemon reads: written by the recommendation, with no
//! code of the daemon's.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::hmac;
use url::form_urlencoded;

/// A question of the hub's to a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The callback's path, with the hub's parameters and its own.
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) confirmed: bool,
}

/// What was posted to a callback.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) path: String,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) body: String,
    /// What it was answered.
    pub(crate) status: u16,
}

impl Posted {
    /// Whether it is signed with this secret.
    pub(crate) fn is_signed(&self, secret: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let mut expected = "sha256=".to_owned();
        for byte in hmac::sign(&key, self.body.as_bytes()).as_ref() {
            write!(expected, "{byte:02x}").unwrap();
        }
        self.fields.get("x-hub-signature") == Some(&expected)
    }
}

/// What happened so far, and how callbacks behave.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// Items of the publisher's feed, as XML.
    pub(crate) items: String,
    /// Whether callbacks confirm what they are asked.
    pub(crate) confirms: bool,
    /// What posts are answered.
    pub(crate) status: u16,
    pub(crate) asked: Vec<Asked>,
    pub(crate) posted: Vec<Posted>,
    /// Titles that the webhook was told.
    pub(crate) told: Vec<String>,
}

pub(crate) struct Subscriber {
    pub(crate) port: u16,
    ledger: Arc<Mutex<Ledger>>,
}

impl Subscriber {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, posted, told) = (Vec::new(), Vec::new(), Vec::new());
        let ledger = Ledger { items: String::new(), confirms: true, status: 202, asked, posted, told };
        let ledger = Arc::new(Mutex::new(ledger));
        let kept = Arc::clone(&ledger);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || serve(&stream, &kept));
            }
        });
        Self { port, ledger }
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    pub(crate) fn callback(&self, rest: &str) -> String {
        format!("http://127.0.0.1:{}/callback{rest}", self.port)
    }
}

fn serve(stream: &TcpStream, ledger: &Mutex<Ledger>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut fields = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        fields.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; fields.get("content-length").map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).unwrap();
    let mut words = first.split(' ');
    let (method, path) = (words.next()?, words.next()?.to_owned());
    let mut ledger = ledger.lock().unwrap();
    let (status, said) = match (method, path.as_str()) {
        ("GET", "/feed") => {
            (200, format!("<rss version='2.0'><channel><title>Wire</title>{}</channel></rss>", ledger.items))
        }
        ("POST", "/hook") => {
            let told: serde_json::Value = serde_json::from_str(&body).unwrap();
            ledger.told.push(told["data"]["story"]["title"].as_str().unwrap_or_default().to_owned());
            (204, String::new())
        }
        ("GET", _) => {
            let query = path.split_once('?').map(|(_, query)| query).unwrap_or_default();
            let query: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
            let confirmed = ledger.confirms;
            let challenge = query.get("hub.challenge").cloned().unwrap_or_default();
            ledger.asked.push(Asked { path, query, confirmed });
            if confirmed { (200, challenge) } else { (404, String::new()) }
        }
        _ => {
            let status = ledger.status;
            ledger.posted.push(Posted { path, fields, body, status });
            (status, String::new())
        }
    };
    drop(ledger);
    answer(stream, status, &said)
}

fn answer(mut stream: &TcpStream, status: u16, body: &str) -> Option<()> {
    write!(stream, "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()).ok()
}
