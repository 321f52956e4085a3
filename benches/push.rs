//! Web Push: how many messages a core encrypts a second, and how soon one event reaches ten thousand devices.
//!
//! `cargo bench --bench push`. The second is the real binary before a feed and a push service on loopback, in this process:
//! the service answers 201 and looks at nothing, so the time is the daemon's.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench measures time, says what it found, and ends where something is amiss"
)]

use std::hint::black_box;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tidings::deliver::web_push::{Chance, PLAIN_BYTES_MAX, Recipient, VapidKey, encrypt};
use tidings::model::{Endpoint, Filter, Secret, SubscriptionSpec, WebUrl};
use tidings::port::Devices as _;
use tidings::store::SqliteStore;

const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const DEVICES: usize = 10_000;
const PATIENCE: Duration = Duration::from_mins(3);

fn main() {
    encryption();
    devices();
}

/// Runs `act` for two seconds; gives how often a second.
fn rate(mut act: impl FnMut(u64)) -> f64 {
    let begun = Instant::now();
    let mut count = 0_u32;
    while begun.elapsed() < Duration::from_secs(2) {
        act(u64::from(count) + 1);
        count += 1;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

fn encryption() {
    let to = Recipient::parse(P256DH, AUTH).unwrap();
    for bytes in [300, PLAIN_BYTES_MAX] {
        let content = vec![b'x'; bytes];
        let encrypted = rate(|turn| {
            let mut chance = [1; 48];
            chance[24..32].copy_from_slice(&turn.to_be_bytes());
            black_box(encrypt(&to, &Chance::of(&chance), &content).unwrap());
        });
        println!("encrypted, {bytes} bytes: {encrypted:.0} a second on one core");
    }
    let parsed = rate(|_| {
        black_box(Recipient::parse(P256DH, AUTH).unwrap());
    });
    println!("keys parsed: {parsed:.0} a second");
    let key = VapidKey::parse(&VapidKey::write(&[1; 32])).unwrap();
    let endpoint = WebUrl::parse("https://push.example/").unwrap();
    let signed = rate(|_| drop(black_box(key.token(&endpoint, None, jiff::Timestamp::UNIX_EPOCH).unwrap())));
    println!("tokens signed: {signed:.0} a second");
}

/// What the feed says, and the moments of messages.
#[derive(Default)]
struct Sink {
    items: Mutex<String>,
    got: AtomicUsize,
    first: Mutex<Option<Instant>>,
    last: Mutex<Option<Instant>>,
}

fn devices() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Arc::new(Sink::default());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let kept = Arc::clone(&sink);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || serve(&stream, &kept));
        }
    });
    subscribe(&folder.path().join("tidings.db"), port);
    let mut daemon = start(folder.path(), port);
    until("the first poll", || std::fs::read_to_string(folder.path().join("said")).unwrap().contains("page  "));
    std::thread::sleep(Duration::from_secs(2));
    let published = Instant::now();
    let now = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    *sink.items.lock().unwrap() = format!(
        "<item><title>Harbour blast kills 12 people</title><guid>1</guid><link>http://press.example/1</link>\
         <description>The blast in the harbour killed 12 people, officials said.</description><pubDate>{now}</pubDate></item>"
    );
    until("all devices", || sink.got.load(Ordering::SeqCst) >= DEVICES);
    let (first, last) = (sink.first.lock().unwrap().unwrap(), sink.last.lock().unwrap().unwrap());
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.id())).unwrap();
    let memory = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", daemon.id())).unwrap();
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    let ticks: u32 = stat.split(' ').skip(13).take(2).map(|ticks| ticks.parse::<u32>().unwrap()).sum();
    println!(
        "{DEVICES} devices: the first {:.2} s after publication (polls come each 0.2 s), the last {:.2} s after the first; {:.1} s of \
         processor time, {memory}",
        (first - published).as_secs_f64(),
        (last - first).as_secs_f64(),
        f64::from(ticks) / 100.0
    );
}

fn subscribe(path: &Path, port: u16) {
    let mut store = SqliteStore::open(path).unwrap();
    for number in 0..DEVICES {
        let url = WebUrl::parse(&format!("http://127.0.0.1:{port}/push/{number}")).unwrap();
        let endpoint = Endpoint::WebPush { url, p256dh: P256DH.to_owned(), auth: Secret::new(AUTH) };
        let spec = SubscriptionSpec::new(format!("device-{number}"), endpoint, Filter::default());
        store.subscribe_device(&spec, None, DEVICES, jiff::Timestamp::now()).unwrap().unwrap();
    }
}

fn start(folder: &Path, port: u16) -> Child {
    let text = format!(
        "[storage]\npath = \"{}\"\n[server]\nlisten = \"127.0.0.1:0\"\n[network]\nallow_private = true\n[poll]\n\
         domain_spacing_secs = 0\nrequests_per_day = 0\ninterval_min_minutes = 0.003\ninterval_max_minutes = 0.003\n\
         [[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n[[sources]]\nurl = \"http://127.0.0.1:{port}/feed\"\n",
        folder.join("tidings.db").display()
    );
    std::fs::write(folder.join("tidings.toml"), text).unwrap();
    Command::new(env!("CARGO_BIN_EXE_tidings"))
        .args(["run", "--config"])
        .arg(folder.join("tidings.toml"))
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(folder.join("said")).unwrap())
        .spawn()
        .unwrap()
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn serve(mut stream: &TcpStream, sink: &Sink) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().ok()?;
            }
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        if first.starts_with("POST") {
            let now = Instant::now();
            sink.first.lock().ok()?.get_or_insert(now);
            *sink.last.lock().ok()? = Some(now);
            sink.got.fetch_add(1, Ordering::SeqCst);
            stream.write_all(b"HTTP/1.1 201 x\r\nContent-Length: 0\r\n\r\n").ok()?;
        } else {
            let feed =
                format!("<rss version='2.0'><channel><title>W</title>{}</channel></rss>", sink.items.lock().ok()?);
            write!(stream, "HTTP/1.1 200 x\r\nContent-Length: {}\r\n\r\n{feed}", feed.len()).ok()?;
        }
    }
}
