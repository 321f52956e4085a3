//! Two hundred events, twenty endpoints of which half fail in one way or another, and a daemon that is killed every
//! second: in the end each has each of its notifications, repeated under the same id alone and in order within an event.

#![expect(clippy::disallowed_methods, reason = "processes live in real time")]

mod endpoints;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use endpoints::{COUNT, DOWN, Endpoints, GONE, Got};
use serde_json::Value;
use tidings::model::{DeliveryState, SubscriptionId};
use tidings::port::{DeliveryFilter, Store};
use tidings::store::SqliteStore;

/// Events, a story each from the first publisher.
const EVENTS: usize = 200;
/// Of so many a second publisher tells too: an update.
const UPDATES: usize = 40;
/// A life of the daemon.
const LIFE: Duration = Duration::from_secs(1);
/// More lives than this and something never comes.
const LIVES_MAX: usize = 120;
const FEEDS: usize = 2;

/// A title of words that no other has.
pub(crate) fn title(number: usize) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "ko", "ri", "tu", "sel", "mo", "nar", "vi", "pe", "lus", "dor", "ga", "fen", "hy", "zo", "mit"];
    let syllable = |at: usize| SYLLABLES[at % SYLLABLES.len()];
    let word = |salt: usize| {
        let at = number * 7 + salt * 31;
        format!(
            "{}{}{}{}",
            syllable(at),
            syllable(at / 16 + salt),
            syllable(number + salt),
            syllable(number / 16 + 3 * salt)
        )
    };
    (1..=6).fold("Harbour".to_owned(), |title, salt| format!("{title} {}", word(salt)))
}

/// Two feeds on loopback: of the first ever more items are out, of the second some that tell of the same.
fn publisher(out: [Arc<AtomicUsize>; FEEDS]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let now = jiff::Timestamp::now();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut asked = [0; 4096];
            let read = stream.read(&mut asked).unwrap_or_default();
            let which = usize::from(String::from_utf8_lossy(&asked[..read]).contains("/feed/1"));
            let mut feed =
                "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Wire</title>"
                    .to_owned();
            for number in 0..out[which].load(Ordering::SeqCst) {
                let more = if which == 1 { " again" } else { "" };
                write!(
                    feed,
                    "<item><title>{}{more}</title><link>http://127.0.0.1:{port}/{which}/{number}</link><dc:date>{now}</dc:date></item>",
                    title(number)
                )
                .unwrap();
            }
            feed.push_str("</channel></rss>");
            write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{feed}", feed.len()).ok();
        }
    });
    port
}

fn configuration(folder: &Path, feeds: u16, endpoints: u16) -> String {
    let mut text = format!(
        "[storage]\npath = {:?}\n[server]\nlisten = \"\"\n[network]\nallow_private = true\n\
         [poll]\ndomain_spacing_secs = 0\ninterval_min_minutes = 0.005\ninterval_max_minutes = 0.005\n\
         [delivery]\ntimeout_secs = 1\nretry_secs = [{}]\njitter_percent = 0\npause_secs = 0.05\npause_max_minutes = 0.005\n\
         [[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n",
        folder.join("outage.db"),
        ["1"; 40].join(", "),
    );
    for feed in 0..FEEDS {
        write!(
            text,
            "[[sources]]\nurl = \"http://127.0.0.1:{feeds}/feed/{feed}\"\nname = \"Publisher {feed}\"\nlang = \"en\"\n"
        )
        .unwrap();
    }
    for endpoint in 0..COUNT {
        write!(
            text,
            "[[subscriptions]]\nname = \"endpoint-{endpoint}\"\nurl = \"http://127.0.0.1:{endpoints}/{endpoint}\"\n\
             secret = \"whsec_PLANTEDSECRETPLANTEDSECRETPLANTE\"\ntypes = [\"event.opened\", \"event.updated\"]\n"
        )
        .unwrap();
    }
    text
}

struct Daemon<'a> {
    folder: &'a Path,
}

impl Daemon<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(arguments).arg("--config").arg(self.folder.join("tidings.toml")).env_remove("NOTIFY_SOCKET");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn begin(&self) -> Child {
        self.command(&["run"]).spawn().unwrap()
    }

    fn look<T>(&self, ask: impl FnOnce(&mut dyn Store) -> T) -> Option<T> {
        SqliteStore::open_reader(&self.folder.join("outage.db")).ok().map(|mut store| ask(&mut store))
    }

    /// Deliveries in a state, of one subscription or of all.
    fn count(&self, state: DeliveryState, endpoint: Option<usize>) -> usize {
        let subscription = endpoint.map(|at| SubscriptionId(i64::try_from(at + 1).unwrap()));
        let filter = DeliveryFilter { subscription, state: Some(state), limit: 100_000, ..DeliveryFilter::default() };
        self.look(|store| store.deliveries(&filter).map_or(0, |found| found.len())).unwrap_or(0)
    }
}

/// What is told of each event, in the order in which an endpoint took it.
fn by_event(got: &Got) -> BTreeMap<i64, Vec<String>> {
    let mut events: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (_, body) in &got.taken {
        let body: Value = serde_json::from_str(body).unwrap();
        let event = body.pointer("/data/event/id").and_then(Value::as_i64).unwrap();
        events.entry(event).or_default().push(body["type"].as_str().unwrap().to_owned());
    }
    events
}

#[test]
fn whatever_fails_and_however_often_it_is_killed_each_endpoint_gets_all_of_it_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let endpoints = Endpoints::start();
    let out: [Arc<AtomicUsize>; FEEDS] = Default::default();
    let feeds = publisher(out.clone());
    std::fs::write(folder.path().join("tidings.toml"), configuration(folder.path(), feeds, endpoints.port)).unwrap();
    let daemon = Daemon { folder: folder.path() };

    let is_done = |got: &[Got]| {
        (0..COUNT).filter(|at| ![DOWN, GONE].contains(at)).all(|at| got[at].taken.len() == EVENTS + UPDATES)
    };
    let (mut lives, begun) = (0, Instant::now());
    while !is_done(&endpoints.got()) {
        let [first, second] = &out;
        first.store((first.load(Ordering::SeqCst) + 10).min(EVENTS), Ordering::SeqCst);
        if lives > 4 {
            second.store((second.load(Ordering::SeqCst) + 5).min(UPDATES), Ordering::SeqCst);
        }
        let mut life = daemon.begin();
        std::thread::sleep(LIFE);
        // SIGKILL.
        life.kill().unwrap();
        life.wait().unwrap();
        lives += 1;
        let counts = || endpoints.got().iter().map(|got| got.taken.len()).collect::<Vec<_>>();
        assert!(lives < LIVES_MAX, "after {lives} lives the endpoints have {:?}", counts());
    }
    let killed = begun.elapsed();

    // The one that was down gets all of it once it is up: what still waits, and what was given up.
    endpoints.up();
    let mut life = daemon.begin();
    let missed =
        daemon.command(&["delivery", "recover", "--subscription", &format!("endpoint-{DOWN}"), "--since", "1h"]);
    recover(missed);
    let deadline = Instant::now() + Duration::from_mins(1);
    while endpoints.got()[DOWN].taken.len() < EVENTS + UPDATES {
        let has = endpoints.got()[DOWN].taken.len();
        assert!(Instant::now() < deadline, "the one that was down has {has}");
        std::thread::sleep(Duration::from_millis(20));
    }
    life.kill().unwrap();
    life.wait().unwrap();

    let got = endpoints.got();
    let ids = |got: &Got| got.taken.iter().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>();
    for (at, one) in got.iter().enumerate() {
        assert_eq!(one.altered, 0, "endpoint {at} got another body under an id it had");
        for (event, told) in by_event(one) {
            let is_in_order = told.first().is_some_and(|kind| kind == "event.opened");
            assert!(is_in_order && told.len() <= 2, "endpoint {at} was told {told:?} of event {event}");
        }
        if at != GONE {
            assert_eq!(ids(one), ids(&got[0]), "endpoint {at} got others than the first did");
        }
    }
    assert_eq!(by_event(&got[0]).len(), EVENTS);
    assert!(daemon.count(DeliveryState::Kept, Some(GONE)) > 0, "410 ends it, and what it misses is kept");
    let repeats: usize = got.iter().map(|one| one.repeats).sum();
    eprintln!(
        "{lives} lives in {killed:.0?}; {repeats} repeats of {} deliveries, each under its id",
        got.iter().map(|one| one.taken.len()).sum::<usize>()
    );
}

fn recover(mut command: Command) {
    let said = command.stderr(Stdio::piped()).output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}
