//! The served world: made and served by scripts of `../shared/tools`, steered through its control address.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// An article of the world, in order of its time.
pub(crate) struct Article {
    pub(crate) id: String,
    pub(crate) publisher: String,
    pub(crate) path: String,
}

/// What people judged of an article.
pub(crate) struct Label {
    pub(crate) lang: String,
    pub(crate) published: String,
    pub(crate) relevant: bool,
    pub(crate) story: String,
}

pub(crate) struct Site {
    pub(crate) articles: Vec<Article>,
    pub(crate) sources: Vec<Value>,
    /// A loopback address for each source, as if each publisher had a server of its own.
    hosts: Vec<String>,
    pub(crate) port: u16,
    server: Child,
    _folder: TempDir,
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

pub(crate) fn labels(shared: &Path) -> BTreeMap<String, Label> {
    let text = std::fs::read_to_string(shared.join("resolution/dev/articles.jsonl")).unwrap();
    let text_of = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    text.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|row| {
            let label = Label {
                lang: text_of(&row, "lang"),
                published: text_of(&row, "published"),
                relevant: row["relevant"].as_bool().unwrap_or_default(),
                story: text_of(&row, "story"),
            };
            (text_of(&row, "id"), label)
        })
        .collect()
}

impl Site {
    pub(crate) fn start(shared: &Path, port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = folder.path().join("world");
        let made = Command::new("python3")
            .arg(shared.join("tools/make_world.py"))
            .arg(shared.join("resolution/dev/articles.jsonl"))
            .arg(&world)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "make_world.py failed");
        let server = Command::new("python3")
            .arg(shared.join("tools/serve.py"))
            .arg(&world)
            .args(["--port", &port.to_string(), "--upto", "0", "--slow", "1"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let read = |name: &str| -> Value {
            serde_json::from_str(&std::fs::read_to_string(world.join(name)).unwrap()).unwrap()
        };
        let text_of = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
        let articles = read("world.json")["articles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| Article { id: text_of(a, "id"), publisher: text_of(a, "publisher"), path: text_of(a, "path") })
            .collect();
        let sources = read("sources.json").as_array().unwrap().clone();
        let hosts: Vec<String> = (0..sources.len()).map(|n| format!("127.0.{}.{}", 1 + n / 200, 1 + n % 200)).collect();
        let site = Self { articles, sources, hosts, port, server, _folder: folder };
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "serve.py does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        for host in &site.hosts {
            forward(host, port);
        }
        site
    }

    /// Where a source is polled: its publisher's own address in the world.
    pub(crate) fn url_of(&self, source: usize) -> String {
        self.sources[source]["url"]
            .as_str()
            .unwrap()
            .replace("@BASE@", &format!("http://{}:{}", self.hosts[source], self.port))
    }

    /// The addresses that an article may be known by: the one in feeds, and the one on its publisher's list page.
    pub(crate) fn addresses(&self, article: &Article) -> [String; 2] {
        let source = self.sources.iter().position(|s| s["publisher"] == article.publisher.as_str()).unwrap();
        ["127.0.0.1", &self.hosts[source]].map(|host| format!("http://{host}:{}{}", self.port, article.path))
    }

    /// Asks the control address; gives its state.
    pub(crate) fn control(&self, query: &str) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "GET /_control?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
        serde_json::from_str(body).unwrap_or_else(|_| panic!("the world's control answered {answer}"))
    }
}

/// Forwards a publisher's address to the one server; ends with the process.
fn forward(host: &str, port: u16) {
    let listener = TcpListener::bind((host, port)).unwrap();
    std::thread::spawn(move || {
        for from in listener.incoming().map_while(Result::ok) {
            let Ok(to) = TcpStream::connect(("127.0.0.1", port)) else { continue };
            let (Ok(mut from_copy), Ok(mut to_copy)) = (from.try_clone(), to.try_clone()) else { continue };
            let (mut from, mut to) = (from, to);
            std::thread::spawn(move || {
                std::io::copy(&mut from, &mut to).ok();
                to.shutdown(std::net::Shutdown::Write).ok();
            });
            std::thread::spawn(move || {
                std::io::copy(&mut to_copy, &mut from_copy).ok();
                from_copy.shutdown(std::net::Shutdown::Both).ok();
            });
        }
    });
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}
