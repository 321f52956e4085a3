//! A daemon with a website of the test's own before it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};

use tempfile::TempDir;
use tidings::port::Store as _;
use tidings::store::SqliteStore;

use super::chromium::wait;

/// The operator's token.
pub(crate) const TOKEN: &str = "PLANTED-SECRET-of-operators";

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Documents by path: content type and text. Others are 404; what is posted anywhere is answered 204.
#[derive(Clone, Default)]
pub(crate) struct Site {
    documents: Arc<Mutex<BTreeMap<String, (String, String)>>>,
    posts: Arc<Mutex<Vec<(String, String)>>>,
    port: u16,
}

impl Site {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let site = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let served = site.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = served.clone();
                std::thread::spawn(move || site.answer(&stream));
            }
        });
        site
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn put(&self, path: &str, content_type: &str, text: impl Into<String>) {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.insert(path.to_owned(), (content_type.to_owned(), text.into()));
    }

    /// Path and body of each post, in their order.
    pub(crate) fn posts(&self) -> Vec<(String, String)> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn answer(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head).ok()? == 0 {
                    return None;
                }
            }
            let mut words = head.split(' ');
            let (method, path) = (words.next()?, words.next()?);
            let length = head.lines().filter_map(|line| line.split_once(':'));
            let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = length.find_map(|(_, value)| value.trim().parse().ok()).unwrap_or(0);
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            let (status, content_type, text) = if method == "POST" {
                let body = String::from_utf8_lossy(&body).into_owned();
                self.posts.lock().unwrap_or_else(PoisonError::into_inner).push((path.to_owned(), body));
                ("204 No Content", String::new(), String::new())
            } else {
                let documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
                match documents.get(path) {
                    Some((content_type, text)) => ("200 OK", content_type.clone(), text.clone()),
                    None => ("404 Not Found", "text/plain".to_owned(), "nothing here".to_owned()),
                }
            };
            let length =
                if status.starts_with("204") { String::new() } else { format!("Content-Length: {}\r\n", text.len()) };
            write!(&mut &*stream, "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{length}\r\n{text}").ok()?;
        }
    }
}

/// An RSS item; `link` is its address and key, `minutes_old` its age.
pub(crate) fn item(title: &str, text: &str, link: &str, minutes_old: i64) -> String {
    let at = now() - jiff::SignedDuration::from_mins(minutes_old);
    let at = at.strftime("%a, %d %b %Y %H:%M:%S +0000");
    format!(
        "<item><title><![CDATA[{title}]]></title><link>{link}</link><guid>{link}</guid><pubDate>{at}</pubDate>\
         <description><![CDATA[{text}]]></description></item>"
    )
}

/// An RSS feed of these items.
pub(crate) fn rss(items: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>The Wire</title><link>https://wire.example/</link>{items}</channel></rss>"
    )
}

/// The daemon, polling many times a second.
pub(crate) struct World {
    folder: TempDir,
    process: Child,
    /// Host and port.
    pub(crate) address: String,
}

impl World {
    /// A daemon with these lines of configuration: topics, sources, subscriptions.
    pub(crate) fn start(lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:0\"\ntoken = \"{TOKEN}\"\n[network]\n\
             allow_private = true\ncontact = \"desk@example.org\"\n[poll]\ndomain_spacing_secs = 0\nrequests_per_day = 0\n\
             interval_min_minutes = 0.001\ninterval_max_minutes = 0.003\n{lines}",
            folder.path().join("tidings.db"),
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
        let mut world = Self { folder, process, address: String::new() };
        world.address = world.wait("the daemon's address", || {
            let said = world.said();
            let rest = said.rsplit_once("\"page\":\"http://")?.1;
            Some(rest.split_once("/\"")?.0.to_owned())
        });
        world
    }

    /// An address of one of its pages.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.path("stderr")).unwrap_or_default()
    }

    pub(crate) fn wait<T>(&self, what: &str, ask: impl FnMut() -> Option<T>) -> T {
        wait(what, &|| self.said(), ask)
    }

    pub(crate) fn store(&self) -> SqliteStore {
        SqliteStore::open_reader(&self.path("tidings.db")).unwrap()
    }

    /// Waits until so many stories are stored.
    pub(crate) fn wait_for_stories(&self, count: u64) {
        self.wait(&format!("{count} stories"), || {
            Some(()).filter(|()| self.store().counts().is_ok_and(|counts| counts.stories >= count))
        });
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
        crate::said::keep(self.folder.path());
    }
}
