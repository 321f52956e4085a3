//! A publisher's feed and webhook endpoints in one server: endpoints under `/wants` give a challenge back, those under
//! `/mirror` repeat what they are sent, the others answer 200 to everything.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;

/// What was posted to an endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    pub(crate) path: String,
    pub(crate) fields: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Post {
    pub(crate) fn kind(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["type"].as_str().unwrap().to_owned()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Items of the feed, as XML.
    pub(crate) items: String,
    pub(crate) posts: Vec<Post>,
    /// Paths of endpoints that give challenges back from now on.
    pub(crate) willing: Vec<String>,
}

pub(crate) struct Site {
    pub(crate) port: u16,
    ledger: Arc<Mutex<Ledger>>,
}

impl Site {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let ledger: Arc<Mutex<Ledger>> = Arc::default();
        let kept = Arc::clone(&ledger);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || while answer(&stream, &kept).is_some() {});
            }
        });
        Self { port, ledger }
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// What was posted to a path, by type.
    pub(crate) fn told(&self, path: &str) -> Vec<String> {
        self.ledger().posts.iter().filter(|post| post.path == path).map(Post::kind).collect()
    }
}

/// Answers one request of a connection; `None` at its end.
fn answer(stream: &TcpStream, kept: &Mutex<Ledger>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut fields = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        fields.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let mut body = vec![0; fields.get("content-length").map_or(Some(0), |length| length.parse().ok())?];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    let said = match path.as_str() {
        "/feed" => {
            let items = &kept.lock().unwrap().items;
            format!("<rss version=\"2.0\"><channel><title>The Wire</title>{items}</channel></rss>")
        }
        _ => endpoint(Post { path, fields, body }, &mut kept.lock().unwrap()),
    };
    let mut stream = stream;
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{said}", said.len()).ok()
}

fn endpoint(post: Post, ledger: &mut Ledger) -> String {
    let body: Value = serde_json::from_str(&post.body).unwrap_or_default();
    let wants = post.path.starts_with("/wants") || ledger.willing.contains(&post.path);
    let said = match body["data"]["challenge"].as_str() {
        Some(challenge) if wants => challenge.to_owned(),
        _ if post.path.starts_with("/mirror") => post.body.clone(),
        _ => "ok".to_owned(),
    };
    ledger.posts.push(post);
    said
}
