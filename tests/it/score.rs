//! How a publisher sees us: twelve criteria of good behaviour, after the feed reader score project
//! (rachelbythebay.com/fs/help.html), over 48 simulated hours with restarts, and what a week brings.
//!
//! The publishers' scripts touch their feeds, change a validator alone, hand a new ETag with a 304, refuse with 429 for
//! three days, are busy for an hour, move for good, and write down every request. Where the project wants an hour
//! between polls, ours are five minutes where the publisher asks for nothing, and what it asks where it does.

mod layout;
mod robots;
pub(crate) mod server;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{Limits, Method, Redirects, Request, SourceKind, SourceSpec, WebUrl};
use tidings::net::{Allow, Guard, NetPolicy, WebClient};
use tidings::port::{Declared, Http as _, Listed, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use crate::life::{Life, live};
use server::{Asked, Hit, Said, View, Web};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A Monday, midnight UTC.
fn start() -> Timestamp {
    "2021-12-06T00:00:00Z".parse().unwrap()
}

fn moment(secs: i64) -> Timestamp {
    start() + SignedDuration::from_secs(secs)
}

/// A feed with an entry each six hours; `extra` stands in its head.
fn feed(host: &str, secs: i64, extra: &str) -> String {
    let item = |n: i64| {
        let date = moment(n * 6 * HOUR).strftime("%a, %d %b %Y %H:%M:%S GMT");
        format!("<item><title>Entry {n}</title><link>https://{host}/{n}</link><pubDate>{date}</pubDate></item>")
    };
    let items: String = (-8..=secs / (6 * HOUR)).rev().take(10).map(item).collect();
    format!("<rss version=\"2.0\"><channel><title>{host}</title>{extra}{items}</channel></rss>")
}

/// The validators of the plain feed over time: which of the two changes, and when.
fn plain_validators(secs: i64) -> (String, String) {
    let (tag, date) = match secs / HOUR {
        0..3 => ("one", "Mon, 06 Dec 2021 00:00:00 GMT"),
        // Touched: the same body under new validators.
        3..7 => ("two", "Mon, 06 Dec 2021 03:00:00 GMT"),
        // The ETag alone changes.
        7..11 => ("three", "Mon, 06 Dec 2021 03:00:00 GMT"),
        // Last-Modified alone changes, in a form that nobody parses.
        11..30 => ("three", "monday, noon"),
        _ => ("W/weak", "Tue, 07 Dec 2021 06:00:00 GMT"),
    };
    (format!("\"{tag}\""), date.to_owned())
}

fn plain(secs: i64, asked: &Asked<'_>) -> Said {
    if (20 * HOUR..21 * HOUR).contains(&secs) {
        let wait = (21 * HOUR - secs).to_string();
        return Said { status: 503, fields: vec![("retry-after", wait)], body: String::new() };
    }
    let (etag, date) = plain_validators(secs);
    // From hour 5 to 7 the old tag is still good, and the answer brings a new one: with a 304.
    let renewed = "\"renewed\"".to_owned();
    let (current, also) = if (5 * HOUR..7 * HOUR).contains(&secs) { (renewed, Some(etag)) } else { (etag, None) };
    let matches = asked.etag == Some(current.as_str()) || (also.is_some() && asked.etag == also.as_deref());
    if matches && asked.since == Some(date.as_str()) {
        return Said { status: 304, fields: vec![("etag", current)], body: String::new() };
    }
    let fields = vec![("etag", current), ("last-modified", date)];
    Said { status: 200, fields, body: feed("plain.example", secs, "") }
}

fn script(url: &WebUrl, secs: i64, asked: &Asked<'_>) -> Said {
    let said = |status, fields: Vec<(&'static str, String)>, body: String| Said { status, fields, body };
    let fixed = |fields: &[(&'static str, &str)], body: String| {
        if asked.etag == Some("\"fixed\"") {
            return said(304, fields.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(), String::new());
        }
        let mut all = vec![("etag", "\"fixed\"".to_owned())];
        all.extend(fields.iter().map(|(n, v)| (*n, (*v).to_owned())));
        said(200, all, body)
    };
    match (url.host_text(), url.as_url().path()) {
        ("plain.example", _) => plain(secs, asked),
        ("cached.example", _) => fixed(&[("cache-control", "public, max-age=43200")], feed("cached.example", 0, "")),
        ("ttl.example", _) => fixed(&[], feed("ttl.example", 0, "<ttl>90</ttl>")),
        ("nights.example", _) => fixed(
            &[],
            feed(
                "nights.example",
                0,
                "<skipHours><hour>1</hour><hour>2</hour><hour>3</hour><hour>4</hour></skipHours>",
            ),
        ),
        ("a.busy.example", _) if (2 * HOUR..74 * HOUR).contains(&secs) => {
            said(429, vec![("retry-after", (74 * HOUR - secs).to_string())], String::new())
        }
        ("a.busy.example" | "b.busy.example", _) => fixed(&[], feed(url.host_text(), 0, "")),
        ("old.example", _) => said(301, vec![("location", "https://new.example/feed".to_owned())], String::new()),
        ("new.example", _) => fixed(&[], feed("new.example", 0, "")),
        ("lent.example", _) => said(302, vec![("location", "https://lender.example/feed".to_owned())], String::new()),
        ("lender.example", _) => fixed(&[], feed("lender.example", 0, "")),
        ("dead.example", _) => said(404, vec![], "gone fishing".to_owned()),
        ("page.example", "/robots.txt") => said(200, vec![], "User-agent: *\nDisallow: /private\n".to_owned()),
        ("page.example", path @ ("/news" | "/private/news")) => {
            let topics = [
                "treaty on the seas",
                "railway to the north",
                "vote on the budget",
                "new observatory",
                "wheat harvest",
            ];
            let item = |(n, topic): (usize, &&str)| {
                format!(
                    "<article><h2><a href='{path}/2021/12/0{n}/story'>What the {topic} means for all of us</a></h2>\
                     <time datetime='2021-12-0{n}'>day {n}</time><p>Some words on the {topic} and what comes of it.</p></article>"
                )
            };
            let items: String = (1..).zip(&topics).map(item).collect();
            fixed(&[("content-type", "text/html")], format!("<html><body><main>{items}</main></body></html>"))
        }
        ("page.example", _) => said(
            200,
            vec![("content-type", "text/html".to_owned())],
            format!(
                "<html><title>T</title><article><h1>T</h1><p>{}</p></article></html>",
                "Words of an article. ".repeat(30)
            ),
        ),
        _ => said(404, vec![], String::new()),
    }
}

fn declared() -> Declared {
    let source = |address: &str, kind| {
        let bounds = (Duration::from_mins(5), Duration::from_hours(4));
        SourceSpec { kind, ..SourceSpec::feed(WebUrl::parse(address).unwrap(), bounds) }
    };
    let feeds = [
        "plain.example",
        "cached.example",
        "ttl.example",
        "nights.example",
        "a.busy.example",
        "b.busy.example",
        "old.example",
        "lent.example",
        "dead.example",
    ];
    let pages = ["https://page.example/news", "https://page.example/private/news"];
    let sources = feeds.map(|host| source(&format!("https://{host}/feed?format=rss"), SourceKind::Feed));
    let pages = pages.map(|page| source(page, SourceKind::List));
    Declared { sources: sources.into_iter().chain(pages).collect(), ..Declared::default() }
}

fn web() -> Arc<Web> {
    Arc::new(Web { start: start(), log: Mutex::default(), script })
}

/// Lives from one moment to another with a restart at each of `restarts`.
fn go(web: &Arc<Web>, file: &Path, from: i64, until: i64, restarts: &[i64]) {
    let mut from = from;
    for end in restarts.iter().copied().chain([until]) {
        let declared = declared();
        let life = Life {
            file,
            declared: &declared,
            seed: 7,
            start: moment(from),
            span: Duration::from_secs(u64::try_from(end - from).unwrap()),
            loops: LoopPolicy::default(),
            poll: PollPolicy::default(),
            retry: RetryPolicy::default(),
            websub: None,
        };
        live(life, |clock| Arc::new(View { web: Arc::clone(web), clock }));
        from = end;
    }
}

/// What all publishers wrote down.
struct Logs(Vec<Hit>);

impl Logs {
    fn of(&self, host: &str) -> Vec<&Hit> {
        self.0.iter().filter(|hit| WebUrl::parse(&hit.url).unwrap().host_text() == host).collect()
    }

    fn documents(&self) -> BTreeMap<&str, Vec<&Hit>> {
        let mut by_url: BTreeMap<&str, Vec<&Hit>> = BTreeMap::new();
        for hit in &self.0 {
            by_url.entry(&hit.url).or_default().push(hit);
        }
        by_url
    }

    /// The shortest wait between two requests to a host, in seconds.
    fn shortest_wait(&self, host: &str) -> i64 {
        let hits = self.of(host);
        hits.iter().zip(hits.iter().skip(1)).map(|(one, two)| two.at - one.until).min().unwrap_or(i64::MAX)
    }
}

/// Whether each conditional request repeats the validators of the last answers, byte for byte.
fn repeats_validators(hits: &[&Hit]) -> Result<(), String> {
    let (mut etag, mut date): (Option<&str>, Option<&str>) = (None, None);
    for hit in hits {
        if (hit.field("if-none-match"), hit.field("if-modified-since")) != (etag, date) {
            return Err(format!("second {} of {}: {:?}, expected {etag:?} and {date:?}", hit.at, hit.url, hit.fields));
        }
        match hit.status {
            200 => (etag, date) = (hit.etag.as_deref(), hit.last_modified.as_deref()),
            304 => (etag, date) = (hit.etag.as_deref().or(etag), hit.last_modified.as_deref().or(date)),
            _ => {}
        }
    }
    Ok(())
}

type Criterion = (&'static str, fn(&Logs) -> Result<(), String>);

fn holds(is: bool, but: impl FnOnce() -> String) -> Result<(), String> {
    if is { Ok(()) } else { Err(but()) }
}

fn feeds(logs: &Logs) -> Vec<(&str, Vec<&Hit>)> {
    logs.documents()
        .into_iter()
        .filter(|(url, _)| url.ends_with("/feed?format=rss") || url.ends_with("/feed"))
        .collect()
}

fn each(logs: &Logs, check: impl Fn(&str, &[&Hit]) -> Result<(), String>) -> Result<(), String> {
    feeds(logs).iter().try_for_each(|(url, hits)| check(url, hits))
}

const CRITERIA: [Criterion; 12] = [
    ("1 requests are conditional", |logs| {
        each(logs, |url, hits| {
            let answered = hits.iter().position(|hit| hit.status == 200);
            let later = hits.iter().skip(answered.map_or(hits.len(), |at| at + 1));
            holds(later.clone().all(|hit| hit.is_conditional()), || format!("{url}: one without validators"))
        })
    }),
    ("2 If-Modified-Since is the last Last-Modified, never parsed", |logs| {
        repeats_validators(&logs.of("plain.example"))
    }),
    ("3 If-None-Match is the last ETag, quotes and all", |logs| {
        each(
            logs,
            |url, hits| if url.contains("plain") || url.contains("busy") { repeats_validators(hits) } else { Ok(()) },
        )
    }),
    ("4 both are renewed whenever either changes, with a 304 too", |logs| {
        let sent: BTreeSet<_> = logs
            .of("plain.example")
            .iter()
            .map(|hit| (hit.field("if-none-match"), hit.field("if-modified-since")))
            .collect();
        holds(sent.len() >= 6, || format!("only {sent:?} were sent"))
    }),
    ("5 one unconditional request, at the beginning", |logs| {
        each(logs, |url, hits| {
            let full = hits.iter().filter(|hit| !hit.is_conditional()).count();
            // A redirect and a 404 have no validators to send back.
            let bare = url.contains("old.") || url.contains("lent.") || url.contains("dead.");
            holds(full <= 1 || bare, || format!("{url}: {full} unconditional requests"))
        })
    }),
    ("6 no sooner than five minutes, or than the publisher asks", |logs| {
        for (host, least) in [
            ("plain.example", 5 * MINUTE),
            ("cached.example", 12 * HOUR),
            ("ttl.example", 90 * MINUTE),
            ("nights.example", 5 * MINUTE),
            ("lent.example", 5 * MINUTE),
            ("dead.example", 4 * HOUR),
        ] {
            let wait = logs.shortest_wait(host);
            holds(wait >= least, || format!("{host}: {wait} s between two requests"))?;
        }
        let nights = logs.of("nights.example");
        let asleep = |hit: &&&Hit| (1..5).contains(&(hit.at.rem_euclid(DAY) / HOUR));
        holds(!nights.iter().any(|hit| asleep(&hit)), || "nights.example: asked in an hour to skip".to_owned())
    }),
    ("7 429 and 503 are left alone as long as they ask, with their whole domain", |logs| {
        let busy: Vec<&Hit> =
            logs.0.iter().filter(|hit| hit.url.contains("busy.example") && hit.at >= 2 * HOUR).collect();
        let refused = busy.iter().filter(|hit| hit.status == 429).count();
        let after = busy.iter().skip_while(|hit| hit.status != 429).count();
        holds((refused, after) == (1, 1), || format!("busy.example: {refused} refused, {after} from then on"))?;
        let plain = logs.of("plain.example").into_iter().filter(|hit| hit.status == 503).count();
        holds(plain <= 1, || format!("plain.example: {plain} requests in an hour that it asked for"))
    }),
    ("8 Cache-Control is kept", |logs| {
        let count = logs.of("cached.example").len();
        holds((3..=5).contains(&count), || format!("{count} requests in 48 hours under a max-age of 12"))
    }),
    ("9 no cookies, no Referer, no address that nobody gave", |logs| {
        let odd = logs.0.iter().find(|hit| hit.field("cookie").is_some() || hit.field("referer").is_some());
        holds(odd.is_none(), || format!("{odd:?}"))?;
        let own = |url: &str| {
            url.ends_with("/feed?format=rss") || url.ends_with("/feed") || url.starts_with("https://page.example/")
        };
        let made_up = logs.0.iter().find(|hit| !own(&hit.url));
        holds(made_up.is_none(), || format!("{made_up:?}"))
    }),
    ("10 the User-Agent names us and a contact", |_| {
        wire().and_then(|request| {
            let agent = request.lines().find_map(|line| line.strip_prefix("user-agent: ")).unwrap_or_default();
            holds(agent.starts_with("tidings/") && agent.contains("(+http"), || agent.to_owned())
        })
    }),
    ("11 compression is asked for; nothing is sent that tells on people", |_| {
        wire().and_then(|request| {
            let encodings = request.lines().find_map(|line| line.strip_prefix("accept-encoding: ")).unwrap_or_default();
            holds(encodings.contains("gzip") && encodings.contains("br"), || encodings.to_owned())?;
            holds(!request.contains("cookie:") && !request.contains("referer:"), || request.clone())
        })
    }),
    ("12 one GET a poll, ten seconds between two to a domain", |logs| {
        holds(logs.0.iter().all(|hit| hit.method == Method::Get), || "a request that is no GET".to_owned())?;
        let busy: Vec<&Hit> = logs.0.iter().filter(|hit| hit.url.contains("busy.example")).collect();
        let close = busy.iter().zip(busy.iter().skip(1)).find(|(one, two)| two.at - one.until < 9);
        holds(close.is_none(), || format!("{close:?}"))
    }),
];

/// What the second request of our client to a server that hands out cookies looks like on the wire, in lower case.
fn wire() -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    let server = std::thread::spawn(move || {
        let mut last = String::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"\r\n\r\n") {
                let mut buffer = [0; 1024];
                let read = stream.read(&mut buffer).unwrap();
                bytes.extend(&buffer[..read]);
            }
            last = String::from_utf8_lossy(&bytes).to_lowercase();
            let answer = "HTTP/1.1 200 OK\r\nset-cookie: who=you\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            stream.write_all(answer.as_bytes()).unwrap();
        }
        last
    });
    let guard = Guard::new(true, &Vec::<Allow>::new());
    let client = WebClient::new(&NetPolicy { guard, ..NetPolicy::default() }).map_err(|e| e.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limits = Limits { body_bytes: 1 << 20, ..LoopPolicy::default().feed_limits };
    for _ in 0..2 {
        let request = Request {
            method: Method::Get,
            url: WebUrl::parse(&format!("http://127.0.0.1:{port}/feed")).unwrap(),
            headers: Vec::new(),
            body: Vec::new(),
            redirects: Redirects::Follow(5),
            limits,
        };
        runtime.block_on(client.send(request)).map_err(|failure| failure.to_string())?;
    }
    server.join().map_err(|_panic| "the server panicked".to_owned())
}

#[test]
fn twelve_criteria_of_a_good_feed_reader_hold_over_two_days_with_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let (web, file) = (web(), folder.path().join("score.db"));
    // A restart just after a poll, one in a row of two, one in the middle of the night.
    go(&web, &file, 0, 48 * HOUR, &[2, 5 * HOUR, 5 * HOUR + 40, 20 * HOUR + 30 * MINUTE, 33 * HOUR + 7]);
    let logs = Logs(web.log.lock().unwrap().clone());
    let report: Vec<String> = CRITERIA
        .iter()
        .map(|(name, check)| check(&logs).map_or_else(|why| format!("FAILED {name}: {why}"), |()| format!("ok {name}")))
        .collect();
    eprintln!("{} requests in 48 hours\n{}", logs.0.len(), report.join("\n"));
    assert!(report.iter().all(|line| line.starts_with("ok")), "{}", report.join("\n"));

    // Pages: robots.txt is asked once a day, however many lives it has; what it forbids is never asked for.
    let pages = logs.of("page.example");
    let asked = pages.iter().filter(|hit| hit.url.ends_with("/robots.txt")).count();
    assert!((1..=3).contains(&asked), "robots.txt was asked {asked} times in two days");
    assert!(pages.iter().any(|hit| hit.url.ends_with("/01/story")), "its articles were fetched");
    assert!(!pages.iter().any(|hit| hit.url.contains("/private")), "robots.txt forbids it");
    let sources = SqliteStore::open(&file).unwrap().sources(Listed::Current).unwrap();
    let forbidden = sources.iter().find(|source| source.spec.url.as_str().contains("private")).unwrap();
    assert!(forbidden.state.last_outcome.starts_with("robots: line 2"), "{}", forbidden.state.last_outcome);
}

#[test]
fn over_a_week_a_permanent_move_is_believed_a_temporary_one_never_and_a_pause_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (web, file) = (web(), folder.path().join("week.db"));
    // A look at each day: what lies between is as the hours before.
    for day in 0..9 {
        go(&web, &file, day * DAY, day * DAY + 5 * HOUR, &[]);
    }
    let logs = Logs(web.log.lock().unwrap().clone());
    let sources = SqliteStore::open(&file).unwrap().sources(Listed::Current).unwrap();
    let source = |host: &str| sources.iter().find(|s| s.spec.url.host_text() == host);
    let moved = source("new.example").expect("it was moved");
    assert_eq!(moved.state.moved_from.as_ref().map(WebUrl::host_text), Some("old.example"));
    let last_old = logs.of("old.example").last().unwrap().at;
    assert!((7 * DAY..8 * DAY).contains(&last_old), "believed after {} days", last_old / DAY);
    assert!(logs.of("new.example").iter().any(|hit| hit.at > last_old + HOUR), "it is polled where it went");
    assert!(source("lent.example").is_some(), "a 302 is not believed");
    let resumed = logs.of("a.busy.example").iter().any(|hit| hit.at >= 74 * HOUR && hit.status == 304);
    assert!(resumed, "a pause of three days ends");
    let dead = logs.of("dead.example").len();
    assert!((5..=20).contains(&dead), "{dead} requests for a 404 in nine looks");
}
