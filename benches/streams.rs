//! A thousand open streams: how soon each has what was committed, and what a stream costs the daemon in memory.
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
use std::sync::mpsc;
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

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let binary = arguments.first().map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_tidings")), PathBuf::from);
    let streams = arguments.get(1).map_or(STREAMS, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let daemon = start(&binary, folder.path(), port);
    let before = resident_kib(&daemon);

    let (opened, all_open) = mpsc::channel();
    let (heard, hears) = mpsc::channel();
    std::thread::spawn(move || listen(port, streams, &opened, &heard));
    for _ in 0..streams {
        all_open.recv_timeout(PATIENCE).unwrap();
    }
    let open = resident_kib(&daemon);
    let cpu_before = cpu_ms(&daemon);
    let asked: Vec<(Instant, Instant)> = (0..EVENTS)
        .map(|_| {
            std::thread::sleep(PAUSE);
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
    println!("{streams} streams, {EVENTS} events, {} heard:", streams * EVENTS);
    for (whence, pick) in [("the request", 0), ("its answer, after the commit", 1)] {
        let since = |(told, times): (&(Instant, Instant), &Vec<Instant>)| {
            let begun = [told.0, told.1][pick];
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

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

fn say(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let place = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("  {what}: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", place(50), place(99), place(100));
}

fn start(binary: &Path, folder: &Path, port: u16) -> Daemon {
    let file = folder.join("tidings.toml");
    let text = format!(
        "[storage]\npath = \"{}\"\n[server]\nlisten = \"127.0.0.1:{port}\"\ntoken = \"{TOKEN}\"\n[network]\nallow_private = true\n\
         [[subscriptions]]\nname = \"bench\"\nurl = \"http://127.0.0.1:9/hook\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n\
         types = [\"event.opened\"]\n",
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
fn listen(port: u16, streams: usize, opened: &mpsc::Sender<()>, heard: &mpsc::Sender<(usize, Instant)>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..streams {
            readers.spawn(read(port, opened.clone(), heard.clone()));
        }
        readers.join_all().await;
    });
}

async fn read(port: u16, opened: mpsc::Sender<()>, heard: mpsc::Sender<(usize, Instant)>) {
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request =
        format!("GET /v1/stream?last_event_id=0 HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
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
            let id = block.lines().find_map(|line| line.strip_prefix("id: "));
            let told = id.filter(|_| block.contains("\nevent: ")).map(|id| id.parse().unwrap());
            if let Some(number) = told {
                // Nobody listens any more at the end.
                heard.send((number, at)).ok();
            }
            text = rest.to_owned();
        }
    }
}
