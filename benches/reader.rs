//! The readers' pages over a store of 100,000 stories in 20,000 events: how soon each is there, and what it weighs.
//!
//! `cargo bench --bench reader`, or for another binary `cargo bench --bench reader -- target/release/tidings [STORIES]`. The store
//! is made through the store's own verbs, as polls and the decider write it; the pages are asked for over loopback, one after
//! another on one connection, and then by eight clients at once.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench measures time, says what it found, and ends where something is amiss"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tidings::model::{
    Commit, Decision, EntryKey, EventChange, EventId, NewEvent, PollOutcome, PollRecord, Reason, Ruling, SourceClaim,
    SourceHealth, SourceSpec, Stage, StoryChange, StoryDraft, Telling, TopicKey, TopicSpan, TopicSpec, WebUrl,
};
use tidings::port::{ClaimSources, Store as _};
use tidings::store::SqliteStore;

const STORIES: usize = 100_000;
const SOURCES: usize = 200;
/// Sources that tell of the same events.
const TELLERS: usize = 5;
/// Polls of each source, a day apart.
const ROUNDS: usize = 20;
const TOPICS: [&str; 4] = ["harbour", "council", "treaty", "market"];
const LANGS: [&str; 4] = ["en", "uk", "de", "fr"];
const REQUESTS: usize = 500;
const CLIENTS: usize = 8;
const PATIENCE: Duration = Duration::from_mins(5);

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
    let stories = arguments.get(1).map_or(STORIES, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let (stories, events) = fill(&folder.path().join("tidings.db"), stories);
    println!("{stories} stories in {events} events, made in {:.0} s", began.elapsed().as_secs_f64());
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let _daemon = start(&binary, folder.path(), port);

    let event = format!("/events/{}", events - 1);
    let story = format!("/stories/{}", stories - 1);
    for path in [
        "/",
        "/topics/harbour",
        "/?lang=uk",
        "/?publisher=press-7.example",
        "/?since=2020-01-01&until=2030-01-01",
        "/?q=harbour+quay",
        event.as_str(),
        story.as_str(),
    ] {
        let mut client = Client::new(port);
        client.get(path);
        let times = (0..REQUESTS).map(|_| timed(&mut client, path)).collect();
        say(path, times);
    }
    let clients = (0..CLIENTS).map(|_| {
        std::thread::spawn(move || {
            let mut client = Client::new(port);
            (0..REQUESTS / 2).map(|_| timed(&mut client, "/")).collect::<Vec<_>>()
        })
    });
    let clients: Vec<_> = clients.collect();
    let times: Vec<Duration> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    say("/ by eight clients at once", times);
    weigh(port);
}

fn timed(client: &mut Client, path: &str) -> Duration {
    let asked = Instant::now();
    client.get(path);
    asked.elapsed()
}

fn say(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let place = |percent: usize| times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    println!("  {what}: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms", place(50), place(99), place(100));
}

/// What a first visit loads.
fn weigh(port: u16) {
    let mut client = Client::new(port);
    let page = client.get("/").len();
    let assets: Vec<(&str, usize)> =
        ["/style.css", "/push.js", "/events.js", "/manifest.webmanifest", "/icon.svg", "/icon-192.png"]
            .into_iter()
            .map(|path| (path, client.get(path).len()))
            .collect();
    let whole = page + assets.iter().map(|(_, bytes)| bytes).sum::<usize>();
    println!("weight: {whole} bytes with assets; the page {page}, {assets:?}");
}

/// A connection that is kept.
struct Client(BufReader<TcpStream>);

impl Client {
    fn new(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    fn get(&mut self, path: &str) -> Vec<u8> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut length, mut line) = (0, String::new());
        self.0.read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 200"), "{path}: {line}");
        while line != "\r\n" {
            line.clear();
            self.0.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        body
    }
}

fn start(binary: &Path, folder: &Path, port: u16) -> Daemon {
    let file = folder.join("tidings.toml");
    let database = folder.join("tidings.db");
    let text = format!(
        "[storage]\npath = \"{}\"\n[server]\nlisten = \"127.0.0.1:{port}\"\n[network]\nallow_private = true\n",
        database.display()
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

/// Fills a store; gives how many stories and events are in it.
fn fill(path: &Path, stories: usize) -> (usize, i64) {
    let mut store = SqliteStore::open(path).unwrap();
    let now = Timestamp::now();
    for topic in TOPICS {
        let spec = TopicSpec {
            key: TopicKey::parse(topic).unwrap(),
            name: format!("The {topic}"),
            query: topic.to_owned(),
            fresh: Duration::from_hours(24),
            stale: Duration::from_hours(72),
            span: TopicSpan::default(),
        };
        store.add_topic(&spec, now).unwrap();
    }
    let address = |n: usize| WebUrl::parse(&format!("https://press-{n}.example/feed")).unwrap();
    let bounds = (Duration::from_mins(30), Duration::from_hours(4));
    let specs: Vec<SourceSpec> = (0..SOURCES).map(|n| SourceSpec::feed(address(n), bounds)).collect();
    store.add_sources(&specs, now - SignedDuration::from_hours(1_000)).unwrap();
    let each = stories / SOURCES / ROUNDS;
    let (mut number, mut next_event) = (0, 1);
    for round in 0..ROUNDS {
        let days = i64::try_from(ROUNDS - round).unwrap();
        let at = now - SignedDuration::from_hours(24 * days);
        store.poll_now(None, at).unwrap();
        let claim = ClaimSources {
            now: at,
            lease_until: at + Duration::from_mins(1),
            limit: SOURCES,
            per_domain: SOURCES,
            slow_domains: SOURCES,
            except_domains: Vec::new(),
            only: None,
        };
        let claims = store.claim_sources(&claim).unwrap();
        assert_eq!(claims.len(), SOURCES);
        for (n, claim) in claims.iter().enumerate() {
            let drafts = (0..each).map(|_| {
                number += 1;
                StoryChange::New { draft: draft(number, n, at), fetch_article: false }
            });
            // Half a minute after one another, so that each event has grown for two minutes.
            let seen_at = at + SignedDuration::from_secs(30 * i64::try_from(n).unwrap());
            let record = poll(claim, drafts.collect(), seen_at, now);
            store.record_poll(&record).unwrap();
        }
        next_event = decide(&mut store, each, next_event, at);
    }
    (number, next_event)
}

/// Five sources after one another tell of the same events.
fn decide(store: &mut SqliteStore, each: usize, first_event: i64, at: Timestamp) -> i64 {
    let mut event_of_group = first_event;
    for _ in 0..SOURCES / TELLERS {
        for teller in 0..TELLERS {
            let batch = store.claim_undecided(each).unwrap();
            let mut commit = Commit::default();
            for (nth, story) in batch.iter().enumerate() {
                let event = EventId(event_of_group + i64::try_from(nth).unwrap());
                let topic = TopicKey::parse(TOPICS[usize::try_from(event.0).unwrap() % TOPICS.len()]).unwrap();
                let ruling = if teller == 0 { Ruling::Opened } else { Ruling::Joined };
                let reason = |stage, text: &str, numbers| Reason { stage, text: text.to_owned(), numbers, story: None };
                commit.decisions.push(Decision {
                    story: story.id,
                    revision: 1,
                    topic: Some(topic.clone()),
                    ruling,
                    event: Some(event),
                    score: 0.7,
                    telling: Telling::Silent,
                    reasons: vec![
                        reason(Stage::Topic, "title has \"harbour\"", Vec::new()),
                        reason(Stage::Event, "tells of it, by its words", vec![("score", 0.7), ("threshold", 0.4)]),
                        reason(Stage::Tell, "not told anew: its event was told already", vec![("age_hours", 1.0)]),
                    ],
                    decided_at: at,
                });
                if teller == 0 {
                    commit.opened.push(NewEvent {
                        id: event,
                        topic,
                        title: story.draft.title.clone(),
                        first_story: story.id,
                        opened_at: at,
                        told_at: Some(at),
                    });
                } else {
                    commit.changed.push(EventChange { id: event, changed_at: at, told_at: None, retitled: None });
                }
            }
            store.commit_decisions(&commit).unwrap();
        }
        event_of_group += i64::try_from(each).unwrap();
    }
    event_of_group
}

const WORDS: [&str; 24] = [
    "quay", "vote", "ship", "crane", "port", "night", "market", "price", "union", "strike", "storm", "bridge", "river",
    "minister", "letter", "report", "budget", "school", "court", "police", "winter", "train", "border", "grain",
];

/// A story of 1,400 characters.
fn draft(number: usize, source: usize, at: Timestamp) -> StoryDraft {
    let word = |n: usize| WORDS[(n * 7 + n / 24) % WORDS.len()];
    let words = |from: usize, count: usize| (from..from + count).map(word).collect::<Vec<_>>().join(" ");
    StoryDraft {
        keys: vec![EntryKey(u128::try_from(number).unwrap())],
        url: format!("https://press-{source}.example/2026/11/24/story-{number}"),
        link: format!("https://press-{source}.example/2026/11/24/story-{number}?utm_source=feed"),
        publisher: format!("press-{source}.example"),
        title: format!("Harbour {number}: {}", words(number, 8)),
        text: format!("What happened at the harbour, number {number}: {}.", words(number, 220)),
        author: None,
        lang: Some(LANGS[source % LANGS.len()].to_owned()),
        published: Some(at - SignedDuration::from_mins(10)),
        fingerprint: u64::try_from(number).unwrap(),
    }
}

fn poll(claim: &SourceClaim, stories: Vec<StoryChange>, at: Timestamp, now: Timestamp) -> PollRecord {
    PollRecord {
        source: claim.source.id,
        fence: claim.fence,
        at,
        outcome: PollOutcome::Read { entries: stories.len() },
        took: Duration::from_millis(20),
        validators: None,
        moved_to: None,
        layout: None,
        stories: stories.into(),
        first_poll: false,
        // The daemon that is measured polls nothing.
        next_poll_at: now + Duration::from_hours(1_000),
        interval: Duration::from_mins(30),
        pace: None,
        failures: 0,
        health: SourceHealth::Well,
        domain_pause: None,
        moving: None,
        notices: Vec::new(),
    }
}
