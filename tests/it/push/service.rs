//! A publisher's feed, and a push service as strict as the real ones: RFC 8030 to the daemon, with the checks of RFC 8292,
//! and to the browser the websocket protocol that Firefox speaks with its own.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::rand;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

use super::socket::Socket;

/// A subscription as the service knows it.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    /// What the browser calls it; empty: no browser, messages are only kept.
    channel: String,
    /// The VAPID key it is for.
    key: Vec<u8>,
    gone: bool,
}

/// A message as the daemon sent it, and what it was answered.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) token: String,
    pub(crate) status: u16,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// What happened so far, and how the service behaves.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Items of the feed, as XML.
    pub(crate) items: String,
    pub(crate) devices: BTreeMap<String, Device>,
    pub(crate) sent: Vec<Sent>,
    /// What the next messages are answered, with a field where one is given.
    pub(crate) moods: VecDeque<(u16, &'static str)>,
    /// What browsers said, by its kind.
    pub(crate) heard: Vec<Value>,
    browser: Option<Arc<Socket>>,
}

impl Ledger {
    /// Messages to a device that were taken.
    pub(crate) fn taken(&self, token: &str) -> Vec<Sent> {
        self.sent.iter().filter(|sent| sent.token == token && sent.status == 201).cloned().collect()
    }
}

pub(crate) struct Service {
    pub(crate) port: u16,
    ledger: Arc<Mutex<Ledger>>,
}

impl Service {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ledger: Arc<Mutex<Ledger>> = Arc::default();
        let kept = Arc::clone(&ledger);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || serve(stream, port, &kept));
            }
        });
        Self { port, ledger }
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A subscription of no browser, under a token of the test's own.
    pub(crate) fn add(&self, token: &str, key: &str) {
        let key = BASE64_URL_SAFE_NO_PAD.decode(key).unwrap();
        self.ledger().devices.insert(token.to_owned(), Device { channel: String::new(), key, gone: false });
    }

    pub(crate) fn end(&self, token: &str) {
        self.ledger().devices.get_mut(token).unwrap().gone = true;
    }
}

fn serve(stream: TcpStream, port: u16, ledger: &Mutex<Ledger>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok()?;
        let path = first.split(' ').nth(1)?.to_owned();
        let mut fields = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            fields.insert(name.to_lowercase(), value.trim().to_owned());
        }
        if let Some(key) = fields.get("sec-websocket-key") {
            greet(&stream, key)?;
            return converse(&Arc::new(Socket::new(reader, stream)), port, ledger);
        }
        let mut body = vec![0; fields.get("content-length").map_or(Some(0), |length| length.parse().ok())?];
        reader.read_exact(&mut body).ok()?;
        let Some(token) = path.strip_prefix("/wpush/") else {
            let items = ledger.lock().unwrap().items.clone();
            let feed = format!("<rss version='2.0'><channel><title>Wire</title>{items}</channel></rss>");
            answer(&stream, 200, "", &feed)?;
            continue;
        };
        let mut ledger = ledger.lock().unwrap();
        let (status, why, field) = take(&mut ledger, port, token, &fields, &body);
        ledger.sent.push(Sent { token: token.to_owned(), status, fields, body });
        drop(ledger);
        answer(&stream, status, field, &why)?;
    }
}

fn answer(mut stream: &TcpStream, status: u16, field: &str, body: &str) -> Option<()> {
    let field = if field.is_empty() { String::new() } else { format!("{field}\r\n") };
    write!(stream, "HTTP/1.1 {status} x\r\n{field}Content-Length: {}\r\n\r\n{body}", body.len()).ok()
}

/// Takes a message or says why not: the status, why, and a field.
fn take(
    ledger: &mut Ledger,
    port: u16,
    token: &str,
    fields: &BTreeMap<String, String>,
    body: &[u8],
) -> (u16, String, &'static str) {
    if let Some((status, field)) = ledger.moods.pop_front() {
        return (status, "a mood".to_owned(), field);
    }
    let no = |status: u16, why: &str| (status, why.to_owned(), "");
    let Some(device) = ledger.devices.get(token).cloned() else { return no(404, "no such subscription") };
    if device.gone {
        return no(410, "unsubscribed");
    }
    let field = |name: &str| fields.get(name).map(String::as_str);
    let Some(ttl) = field("ttl").and_then(|ttl| ttl.parse::<u32>().ok()) else { return no(400, "TTL") };
    if !matches!(field("urgency"), None | Some("very-low" | "low" | "normal" | "high")) {
        return no(400, "Urgency");
    }
    let is_topic =
        |t: &str| (1..=32).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if field("topic").is_some_and(|topic| !is_topic(topic)) {
        return no(400, "Topic");
    }
    if body.len() > 4096 {
        return no(413, "more than 4096 bytes");
    }
    if field("content-encoding") != Some("aes128gcm") {
        return no(415, "Content-Encoding");
    }
    if let Err(why) = check_sender(field("authorization").unwrap_or_default(), &device.key, port) {
        return no(403, why);
    }
    if let Some(browser) = ledger.browser.as_ref().filter(|_| !device.channel.is_empty()) {
        let data = BASE64_URL_SAFE_NO_PAD.encode(body);
        let told = json!({"messageType": "notification", "channelID": device.channel, "version": random(), "ttl": ttl,
            "data": data, "headers": {"encoding": "aes128gcm"}});
        browser.say(&told.to_string());
    }
    (201, String::new(), "Location: /m/1")
}

/// RFC 8292: the key that was subscribed to, signed with it, for this origin, for a day at most.
fn check_sender(authorization: &str, wanted: &[u8], port: u16) -> Result<(), &'static str> {
    let (token, key) =
        authorization.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).ok_or("no VAPID")?;
    let decoded = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_why| "base64");
    if decoded(key)? != wanted {
        return Err("another key than was subscribed to");
    }
    let (signed, signature) = token.rsplit_once('.').ok_or("no token")?;
    let verifier = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, wanted);
    verifier.verify(signed.as_bytes(), &decoded(signature)?).map_err(|_why| "the signature")?;
    let claims = signed.split_once('.').ok_or("no claims")?.1;
    let claims: Value = serde_json::from_slice(&decoded(claims)?).map_err(|_why| "the claims")?;
    let now = super::now().as_second();
    let in_time = claims["exp"].as_i64().is_some_and(|exp| exp > now && exp <= now + 86_400);
    let is_ours = claims["aud"] == format!("http://127.0.0.1:{port}");
    let names_somebody =
        claims["sub"].as_str().is_some_and(|sub| sub.starts_with("mailto:") || sub.starts_with("https:"));
    if in_time && is_ours && names_somebody { Ok(()) } else { Err("the claims") }
}

fn random() -> String {
    let mut bytes = [0; 24];
    rand::fill(&mut bytes).unwrap();
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// RFC 6455 section 4.2.2.
fn greet(mut stream: &TcpStream, key: &str) -> Option<()> {
    let signed = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let accept = BASE64_STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, signed.as_bytes()));
    write!(
        stream,
        "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: push-notification\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    )
    .ok()
}

/// What Firefox's push service says: hello, register, unregister, ping.
fn converse(socket: &Arc<Socket>, port: u16, ledger: &Mutex<Ledger>) -> Option<()> {
    while let Some(text) = socket.hear() {
        let said: Value = serde_json::from_str(&text).ok()?;
        let mut ledger = ledger.lock().unwrap();
        ledger.heard.push(said.clone());
        let channel = said["channelID"].clone();
        let reply = match said["messageType"].as_str() {
            Some("hello") => {
                ledger.browser = Some(Arc::clone(socket));
                let known = said["uaid"].as_str().filter(|uaid| !uaid.is_empty()).map(str::to_owned);
                json!({"messageType": "hello", "uaid": known.unwrap_or_else(random), "status": 200, "use_webpush": true,
                    "broadcasts": {}})
            }
            Some("register") => {
                let key = said["key"].as_str().unwrap_or_default().trim_end_matches('=');
                let key = BASE64_URL_SAFE_NO_PAD.decode(key).ok()?;
                let token = random();
                let channel_text = channel.as_str()?.to_owned();
                ledger.devices.insert(token.clone(), Device { channel: channel_text, key, gone: false });
                json!({"messageType": "register", "channelID": channel, "status": 200,
                    "pushEndpoint": format!("http://127.0.0.1:{port}/wpush/{token}")})
            }
            Some("unregister") => {
                for device in ledger.devices.values_mut().filter(|device| channel == device.channel.as_str()) {
                    device.gone = true;
                }
                json!({"messageType": "unregister", "channelID": channel, "status": 200})
            }
            Some("ping") | None => json!({}),
            Some(_) => continue,
        };
        drop(ledger);
        socket.say(&reply.to_string());
    }
    Some(())
}
