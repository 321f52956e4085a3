//! Twenty endpoints behind one port, a path each: most take what they are sent, some fail in the ways endpoints do.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many there are.
pub(crate) const COUNT: usize = 20;
/// The one that is down until it is let up.
pub(crate) const DOWN: usize = 19;
/// The one that is gone after so many notifications.
pub(crate) const GONE: usize = 18;
const GONE_AFTER: usize = 20;
/// For so long one hangs: longer than the daemon waits.
const HANGS: Duration = Duration::from_secs(3);

/// How an endpoint answers the first attempts at a notification; afterwards it takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    /// 500, twice, of every fourth.
    Fails,
    /// No answer, of every fifth.
    Hangs,
    /// Closes the connection when it has read all, of every third: was it taken or not?
    Cuts,
    /// 429 with Retry-After.
    Throttles,
    /// 410 after a while.
    Goes,
    /// 503 without a word, as long as it is down.
    Down,
}

fn mood(endpoint: usize) -> Mood {
    match endpoint {
        0..=9 => Mood::Takes,
        10 | 11 => Mood::Fails,
        12 | 13 => Mood::Hangs,
        14 | 15 => Mood::Cuts,
        16 | 17 => Mood::Throttles,
        GONE => Mood::Goes,
        _ => Mood::Down,
    }
}

/// What one endpoint got.
#[derive(Debug, Default, Clone)]
pub(crate) struct Got {
    /// Bodies that it took, in the order in which each id first came.
    pub(crate) taken: Vec<(String, String)>,
    /// How often an id was taken again with another body: never.
    pub(crate) altered: usize,
    /// Ids that were taken again.
    pub(crate) repeats: usize,
    /// Attempts by id.
    pub(crate) attempts: BTreeMap<String, usize>,
}

pub(crate) struct Endpoints {
    pub(crate) port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    is_up: Arc<AtomicBool>,
}

impl Endpoints {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = Arc::new(Mutex::new(vec![Got::default(); COUNT]));
        let is_up = Arc::new(AtomicBool::new(false));
        let (kept, up) = (Arc::clone(&got), Arc::clone(&is_up));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (kept, up) = (Arc::clone(&kept), Arc::clone(&up));
                std::thread::spawn(move || while take(&stream, &kept, &up).is_some() {});
            }
        });
        Self { port, got, is_up }
    }

    /// Lets the endpoint that is down take what comes.
    pub(crate) fn up(&self) {
        self.is_up.store(true, Ordering::SeqCst);
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

/// Takes one request of a connection; `None` at its end.
fn take(stream: &TcpStream, kept: &Mutex<Vec<Got>>, is_up: &AtomicBool) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let endpoint: usize = line.split(' ').nth(1)?.trim_start_matches('/').parse().ok()?;
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_lowercase().as_str() {
            "webhook-id" => value.trim().clone_into(&mut id),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;

    let mut all = kept.lock().unwrap();
    let got = all.get_mut(endpoint)?;
    let attempts = got.attempts.entry(id.clone()).or_default();
    *attempts += 1;
    let (attempt, ids) = (*attempts, got.attempts.len());
    match mood(endpoint) {
        Mood::Fails if attempt <= 2 && is_marked(&id, 4) => return answer(stream, "500 Internal Server Error", ""),
        Mood::Hangs if attempt == 1 && ids % 5 == 0 => {
            drop(all);
            std::thread::park_timeout(HANGS);
            return None;
        }
        Mood::Throttles if attempt == 1 && ids % 10 == 0 => {
            return answer(stream, "429 Too Many Requests", "Retry-After: 1\r\n");
        }
        Mood::Goes if ids > GONE_AFTER => return answer(stream, "410 Gone", ""),
        Mood::Down if !is_up.load(Ordering::SeqCst) => return answer(stream, "500 Internal Server Error", ""),
        Mood::Takes | Mood::Fails | Mood::Hangs | Mood::Cuts | Mood::Throttles | Mood::Goes | Mood::Down => {}
    }
    let is_cut = is_marked(&id, 3);
    let body = String::from_utf8(body).ok()?;
    let before = got.taken.iter().find(|(known, _)| *known == id).map(|(_, before)| *before == body);
    match before {
        Some(is_same) => {
            got.repeats += 1;
            got.altered += usize::from(!is_same);
        }
        None => got.taken.push((id, body)),
    }
    drop(all);
    if mood(endpoint) == Mood::Cuts && attempt == 1 && is_cut { None } else { answer(stream, "204 No Content", "") }
}

/// One id in so many, always the same.
fn is_marked(id: &str, of: u32) -> bool {
    id.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % of == 0
}

fn answer(mut stream: &TcpStream, status: &str, more: &str) -> Option<()> {
    write!(stream, "HTTP/1.1 {status}\r\n{more}Content-Length: 0\r\n\r\n").ok()
}
