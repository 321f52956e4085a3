//! A thousand open streams: how soon each has what was committed, and what a stream costs the daemon in memory.
//!
//! First the streams of the API, of notifications; then those of open pages (`/live`), of events that a feed brings: from the
//! moment its last byte is sent, so that reading and deciding are in the figures.
//!
//! `cargo bench --bench streams`, or for another binary `cargo bench --bench streams -- target/release/tidings [STREAMS]`. The
//! clients are one thread of this process, which reads and stamps; its own time is in the figures. Beside each latency stands
//! how long the slowest stream of an event took.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench measures time, says what it found, and ends where something is amiss"
)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const STREAMS: usize = 1_000;
const EVENTS: usize = 200;
/// Twenty events a second.
const PAUSE: Duration = Duration::from_millis(50);
const TOKEN: &str = "of-the-bench-and-no-other";
const PATIENCE: Duration = Duration::from_mins(2);

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// What is streamed.
#[derive(Clone, Copy, PartialEq)]
enum What {
    /// Notifications, of the API.
    Notifications,
    /// Events as they are shown, to open pages.
    Pages,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let binary = arguments.first().map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_tidings")), PathBuf::from);
    let streams = arguments.get(1).map_or(STREAMS, |count| count.parse().unwrap());
    measure(&binary, streams, What::Notifications);
    measure(&binary, streams, What::Pages);
}

fn measure(binary: &Path, streams: usize, what: What) {
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let feed = Feed::serve();
    let daemon = start(binary, folder.path(), port, (what == What::Pages).then_some(feed.port));
    let before = resident_kib(&daemon);

    let (opened, all_open) = mpsc::channel();
    let (heard, hears) = mpsc::channel();
    std::thread::spawn(move || listen(port, (streams, what), &opened, &heard));
    for _ in 0..streams {
        all_open.recv_timeout(PATIENCE).unwrap();
    }
    let open = resident_kib(&daemon);
    let cpu_before = cpu_ms(&daemon);
    let asked: Vec<(Instant, Instant)> = (0..EVENTS)
        .map(|number| {
            std::thread::sleep(PAUSE);
            if what == What::Pages {
                let sent = feed.publish(number + 1);
                return (sent, sent);
            }
            let at = Instant::now();
            tell(port);
            (at, Instant::now())
        })
        .collect();
    let mut heard: Vec<Vec<Instant>> = vec![Vec::new(); EVENTS];
    for _ in 0..streams * EVENTS {
        let (number, at): (usize, Instant) = hears.recv_timeout(PATIENCE).unwrap();
        heard[number - 1].push(at);
    }
    let (after, cpu) = (resident_kib(&daemon), cpu_ms(&daemon) - cpu_before);
    let name = if what == What::Pages { "open pages" } else { "streams" };
    println!("{streams} {name}, {EVENTS} events, {} heard:", streams * EVENTS);
    let moments: &[_] = match what {
        What::Notifications => &[("the request", 0), ("its answer, after the commit", 1)],
        What::Pages => &[("the feed's last byte", 0)],
    };
    for (whence, pick) in moments {
        let since = |(told, times): (&(Instant, Instant), &Vec<Instant>)| {
            let begun = [told.0, told.1][*pick];
            times.iter().map(|at| at.saturating_duration_since(begun)).collect::<Vec<_>>()
        };
        let each: Vec<Vec<Duration>> = asked.iter().zip(&heard).map(since).collect();
        let slowest = each.iter().map(|times| *times.iter().max().unwrap()).collect();
        say(&format!("from {whence}, each stream"), each.concat());
        say(&format!("from {whence}, the slowest of an event"), slowest);
    }
    println!("the daemon: {:.2} CPU-ms an event", number(cpu) / number(EVENTS.try_into().unwrap()));
    let each = |kib: u64| number(kib.saturating_sub(before)) / number(streams.try_into().unwrap());
    println!(
        "memory: {before} KiB, with streams {open}, at the end {after}: {:.1} and {:.1} KiB a stream",
        each(open),
        each(after)
    );
}

/// A feed on loopback, polled about thirty times a second, whose entries each open an event.
struct Feed {
    port: u16,
    entries: Arc<Mutex<Vec<usize>>>,
    sent: mpsc::Receiver<(usize, Instant)>,
}

impl Feed {
    fn serve() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let entries: Arc<Mutex<Vec<usize>>> = Arc::default();
        let (tell, sent) = mpsc::channel();
        let shown = Arc::clone(&entries);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let (shown, tell) = (Arc::clone(&shown), tell.clone());
                std::thread::spawn(move || answer(&connection.unwrap(), &shown, &tell));
            }
        });
        Self { port, entries, sent }
    }

    /// Adds an entry, and says when it was first sent whole.
    fn publish(&self, number: usize) -> Instant {
        self.entries.lock().unwrap().push(number);
        loop {
            let (newest, at) = self.sent.recv_timeout(PATIENCE).unwrap();
            if newest >= number {
                return at;
            }
        }
    }
}

/// Answers each request on a connection with the feed, the last entries of it.
fn answer(mut connection: &TcpStream, shown: &Mutex<Vec<usize>>, tell: &mpsc::Sender<(usize, Instant)>) {
    connection.set_nodelay(true).unwrap();
    let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let count = connection.read(&mut chunk).unwrap_or(0);
        if count == 0 {
            return;
        }
        request.extend_from_slice(&chunk[..count]);
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        request.clear();
        let entries = shown.lock().unwrap().clone();
        let items: String = entries.iter().rev().take(20).map(|number| item(*number)).collect();
        let body = format!("<rss version=\"2.0\"><channel><title>x</title>{items}</channel></rss>");
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\n\r\n", body.len());
        if connection.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
        // Nobody asks any more at the end.
        tell.send((entries.last().copied().unwrap_or(0), Instant::now())).ok();
    }
}

/// An entry whose words no other has, so that it opens an event.
fn item(number: usize) -> String {
    let words: Vec<String> = (0..5).map(|place| word(number * 5 + place)).collect();
    format!(
        "<item><title>Resolution {}</title><link>http://127.0.0.1/entry/{number}/</link><guid>{number}</guid><description>{}</description></item>",
        words[..2].join(" "),
        words[2..].join(" ")
    )
}

fn word(number: usize) -> String {
    let letter =
        |place: u32| char::from(b'a' + u8::try_from((number / 26_usize.pow(place) + 7 * place as usize) % 26).unwrap());
    (0..6).map(letter).collect()
}

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

fn say(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let place = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("  {what}: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", place(50), place(99), place(100));
}

fn start(binary: &Path, folder: &Path, port: u16, feed: Option<u16>) -> Daemon {
    let file = folder.join("tidings.toml");
    let source = feed.map_or_else(String::new, |feed| {
        format!(
            "[poll]\ndomain_spacing_secs = 0\ninterval_min_minutes = 0.0005\ninterval_max_minutes = 0.0005\njitter_percent = 0\n\
             [[topics]]\nid = \"t\"\nquery = \"resolution\"\nfresh_hours = 0.0001\n\
             [[sources]]\nurl = \"http://127.0.0.1:{feed}/feed.xml\"\n"
        )
    });
    let text = format!(
        "[storage]\npath = \"{}\"\n[server]\nlisten = \"127.0.0.1:{port}\"\ntoken = \"{TOKEN}\"\n[network]\nallow_private = true\n\
         [[subscriptions]]\nname = \"bench\"\nurl = \"http://127.0.0.1:9/hook\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n\
         types = [\"source.failing\"]\n{source}",
        folder.join("tidings.db").display()
    );
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(binary);
    command.args(["run", "--config"]).arg(file).env_remove("NOTIFY_SOCKET");
    let daemon = Daemon(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "it does not listen");
        std::thread::sleep(Duration::from_millis(10));
    }
    daemon
}

/// What of the daemon is in memory.
fn resident_kib(daemon: &Daemon) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.0.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The daemon's time on processors so far, to ten milliseconds.
fn cpu_ms(daemon: &Daemon) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", daemon.0.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split_whitespace().collect();
    10 * (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap())
}

/// Has something told.
fn tell(port: u16) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "POST /v1/subscriptions/1/test HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 0\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
}

/// Opens the streams, and tells of each event on each when it was there.
fn listen(
    port: u16,
    (streams, what): (usize, What),
    opened: &mpsc::Sender<()>,
    heard: &mpsc::Sender<(usize, Instant)>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..streams {
            readers.spawn(read(port, what, opened.clone(), heard.clone()));
        }
        readers.join_all().await;
    });
}

async fn read(port: u16, what: What, opened: mpsc::Sender<()>, heard: mpsc::Sender<(usize, Instant)>) {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = match what {
        What::Notifications => {
            format!("GET /v1/stream?last_event_id=0 HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")
        }
        What::Pages => format!("GET /live?last_event_id=0 HTTP/1.1\r\nHost: bench\r\nCookie: tidings={TOKEN}\r\n\r\n"),
    };
    stream.write_all(request.as_bytes()).await.unwrap();
    let (mut text, mut chunk, mut is_open) = (String::new(), [0; 4096], false);
    loop {
        let count = stream.read(&mut chunk).await.unwrap_or(0);
        let at = Instant::now();
        // The daemon has ended; a stream that ends sooner is missed where events are counted.
        if count == 0 {
            return;
        }
        text.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
        if !is_open && text.contains("retry: ") {
            is_open = true;
            opened.send(()).unwrap();
        }
        while let Some((block, rest)) = text.split_once("\n\n") {
            if let Some(number) = told(block, what) {
                // Nobody listens any more at the end.
                heard.send((number, at)).ok();
            }
            text = rest.to_owned();
        }
    }
}

/// The number of the event that a block of the stream tells.
fn told(block: &str, what: What) -> Option<usize> {
    match what {
        What::Notifications => {
            let id = block.lines().find_map(|line| line.strip_prefix("id: "));
            id.filter(|_| block.contains("\nevent: ")).map(|id| id.parse().unwrap())
        }
        What::Pages => {
            let card = block.contains("\nevent: card").then_some(block)?;
            let (_, rest) = card.split_once("/entry/")?;
            rest.split_once('/').map(|(number, _)| number.parse().unwrap())
        }
    }
}
