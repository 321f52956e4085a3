//! Streams as the clients that people have read them: `EventSource` of a real Firefox and of npm, over cut connections and
//! kills of the daemon.

use std::sync::mpsc;

use super::cutting::{Places, proxy};
use super::*;
use crate::push::browser::{self, Browser};

/// Events of a run.
const EVENTS: usize = 18;

/// The daemon before a publisher, of whose items ever more are out.
struct World {
    folder: tempfile::TempDir,
    out: Arc<AtomicUsize>,
    port: u16,
    life: Option<Life>,
}

/// A title that shares but a word with the others.
fn title(number: usize) -> String {
    let word = |part: usize| -> String {
        let seed = number * 4 + part;
        ["ba", "ke", "li", "mo", "nu", "pra", "ste", "zoi"]
            .iter()
            .cycle()
            .skip(seed % 8)
            .step_by(1 + seed % 3)
            .take(3)
            .copied()
            .collect::<String>()
            + &seed.to_string()
    };
    format!("Harbour {} {} {} {}", word(0), word(1), word(2), word(3))
}

impl World {
    /// One that lets pages of `origin` read its stream.
    fn start(origin: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let out = Arc::new(AtomicUsize::new(0));
        let feed = publisher(Arc::clone(&out), (0..EVENTS).map(title).collect());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let text = format!(
            "[storage]\npath = {:?}\n[server]\nlisten = \"127.0.0.1:{port}\"\ntoken = \"{TOKEN}\"\npublic_stream = true\n\
             origins = [\"{origin}\"]\n[network]\nallow_private = true\n\
             [poll]\ndomain_spacing_secs = 0\nrequests_per_day = 0\ninterval_min_minutes = 0.001\n\
             interval_max_minutes = 0.003\n[[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n\
             [[sources]]\nurl = \"http://127.0.0.1:{feed}/feed\"\n",
            folder.path().join("tidings.db")
        );
        std::fs::write(folder.path().join("tidings.toml"), text).unwrap();
        let life = Some(Life::begin(folder.path(), port));
        Self { folder, out, port, life }
    }

    /// Lets the events happen, one after another, and kills the daemon twice meanwhile; gives the log in the end.
    fn happen(&mut self) -> Vec<(i64, String)> {
        for number in 1..=EVENTS {
            self.out.store(number, Ordering::SeqCst);
            let deadline = instant() + PATIENCE;
            while log(self.folder.path()).len() < number {
                assert!(instant() < deadline, "{} of {number} are told", log(self.folder.path()).len());
                pause();
            }
            if number % 7 == 0 {
                self.life = None;
                self.life = Some(Life::begin(self.folder.path(), self.port));
            }
        }
        log(self.folder.path())
    }
}

/// What a client heard, a line of JSON each: id, type, data.
fn read(lines: &str) -> Vec<(i64, String)> {
    let read = |line: &str| {
        let [id, kind, data]: [String; 3] = serde_json::from_str(line).unwrap();
        assert_eq!(kind, "event.opened");
        (id.parse().unwrap(), data)
    };
    lines.lines().map(read).collect()
}

/// A client came back over and over, and said each time what it had last.
fn check_places(places: &Places, log: &[(i64, String)]) {
    let places = places.lock().unwrap();
    assert!(places.len() >= 7, "six cuts: {places:?}");
    // The first two were cut before an event was whole.
    let named: Vec<i64> =
        places.iter().skip_while(|place| place.is_empty()).map(|place| place.parse().unwrap()).collect();
    assert!(named.is_sorted() && named.last() <= log.last().map(|(seq, _)| seq), "{places:?}");
    assert!(named.len() + 3 >= places.len(), "{places:?}");
}

/// A page that opens streams and shows what they give.
fn page(cutting: u16, daemon: u16) -> String {
    format!(
        "<!DOCTYPE html><meta charset=utf-8><title>A page of another origin</title><script>
        for (const [port, place] of [[{cutting}, '&last_event_id=0'], [{daemon}, '']]) {{
          const shown = document.createElement('pre');
          shown.id = 'heard-' + port;
          document.documentElement.append(shown);
          const source = new EventSource('http://127.0.0.1:' + port + '/v1/stream?topic=harbour' + place);
          source.addEventListener('start', () => shown.dataset.started = true);
          source.addEventListener('event.opened', e => shown.append(JSON.stringify([e.lastEventId, e.type, e.data]) + '\\n'));
        }}</script>"
    )
}

/// Serves a page that is known later; gives the port.
fn pages() -> (u16, mpsc::Sender<String>) {
    let (sender, receiver) = mpsc::channel::<String>();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let page = receiver.recv().unwrap_or_default();
        for mut stream in listener.incoming().map_while(Result::ok) {
            stream.read(&mut [0; 4096]).unwrap_or_default();
            let length = page.len();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{page}").ok();
        }
    });
    (port, sender)
}

#[test]
fn a_real_firefox_hears_each_event_once_and_in_order_over_cut_connections_and_kills() {
    if !browser::is_there() {
        return;
    }
    let (page_port, sender) = pages();
    let mut world = World::start(&format!("http://localhost:{page_port}"));
    let (cutting, places) = proxy(world.port);
    sender.send(page(cutting, world.port)).unwrap();
    // There is no push service: nothing of it is asked.
    let mut firefox = Browser::start(9);
    firefox.open(&format!("http://localhost:{page_port}/"));
    let started = format!("return document.getElementById('heard-{}').dataset.started", world.port);
    firefox.until("the stream from now on", &started);
    let log = world.happen();
    for port in [cutting, world.port] {
        let heard = format!("const t = document.getElementById('heard-{port}').textContent;");
        let enough = format!("{heard} return t.trim().split('\\n').length >= {} ? t : null", log.len());
        let heard = read(firefox.until("all events", &enough).as_str().unwrap());
        assert_eq!(heard, log, "by way of {port}");
    }
    check_places(&places, &log);
    // A page of another origin is let in no further than that.
    let refused =
        format!("return fetch('http://127.0.0.1:{}/healthz').then(() => 'read', () => 'not read')", world.port);
    assert_eq!(firefox.run(&refused), "not read");
}

/// Reads as much of the stream as it is told to, and prints it.
const READER: &str = "
import { EventSource } from 'eventsource';
const [address, token, count] = process.argv.slice(2);
const withToken = (input, init) => fetch(input, { ...init, headers: { ...init.headers, Authorization: 'Bearer ' + token } });
const source = new EventSource(address, { fetch: withToken });
let heard = 0;
source.addEventListener('event.opened', e => {
  console.log(JSON.stringify([e.lastEventId, e.type, e.data]));
  if (++heard >= Number(count)) { source.close(); process.exit(0); }
});
";

#[test]
fn npm_eventsource_hears_each_event_once_and_in_order_over_cut_connections_and_kills() {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/npm");
    if !packages.join("node_modules/eventsource/package.json").exists() {
        eprintln!("!!! SKIPPED: npm eventsource is not there (tests/run fetches it)");
        return;
    }
    let mut world = World::start("https://elsewhere.example");
    let (cutting, places) = proxy(world.port);
    let script = world.folder.path().join("reader.mjs");
    std::fs::write(&script, READER).unwrap();
    std::os::unix::fs::symlink(packages.join("node_modules"), world.folder.path().join("node_modules")).unwrap();
    let address = format!("http://127.0.0.1:{cutting}/v1/stream?last_event_id=0");
    let mut reader = Command::new("node")
        .arg(script)
        .args([&address, TOKEN, &EVENTS.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let log = world.happen();
    let deadline = instant() + PATIENCE;
    while reader.try_wait().unwrap().is_none() && instant() < deadline {
        pause();
    }
    reader.kill().ok();
    let output = reader.wait_with_output().unwrap();
    assert_eq!(read(&String::from_utf8(output.stdout).unwrap()), log);
    check_places(&places, &log);
}
