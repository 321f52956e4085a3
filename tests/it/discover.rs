//! Adding a source as a person does: the real binary, given the address of a site served here, finds what can be polled
//! there, shows it and adds the best. What a person reads is held in snapshots.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

/// A site on loopback.
struct Site {
    base: String,
    heard: Arc<Mutex<Vec<String>>>,
    /// The most requests that were under way at once.
    crowd: Arc<AtomicUsize>,
}

impl Site {
    /// Serves `pages` (path, status and fields, body); `BASE` in a body stands for the site's own address.
    fn serving(pages: &[(&str, &str, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let (heard, crowd) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let pages: BTreeMap<String, String> = pages
            .iter()
            .map(|(path, head, body)| {
                let body = body.replace("BASE", &base);
                let answer =
                    format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                ((*path).to_owned(), answer)
            })
            .collect();
        let (ears, most, open) = (Arc::clone(&heard), Arc::clone(&crowd), Arc::new(AtomicUsize::new(0)));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                most.fetch_max(open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                answer(&stream.unwrap(), &pages, &ears);
                open.fetch_sub(1, Ordering::SeqCst);
            }
        });
        Self { base, heard, crowd }
    }

    /// The paths that were asked for, in order.
    fn asked(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        heard.iter().map(|head| head.split(' ').nth(1).unwrap_or_default().to_owned()).collect()
    }
}

fn answer(mut stream: &TcpStream, pages: &BTreeMap<String, String>, ears: &Mutex<Vec<String>>) {
    let lines = BufReader::new(stream).lines().map(Result::unwrap_or_default);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let nothing = "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 9\r\n\r\nNot found".to_owned();
    let answer = pages.get(path).cloned().unwrap_or(nothing);
    ears.lock().unwrap().push(head.join("\n"));
    stream.write_all(answer.as_bytes()).ok();
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// When the entry before `n` others was published: sixty hours ago and a day each.
fn published(n: usize) -> Timestamp {
    now() - SignedDuration::from_hours(60 + 24 * i64::try_from(n).unwrap())
}

const TITLES: [&str; 4] = [
    "Harbour open again after the storm",
    "Council votes on the new bridge",
    "Ferry runs late all week",
    "Harbour dues to rise in spring",
];

fn rss(title: &str, entries: usize) -> String {
    let items: Vec<String> = TITLES
        .iter()
        .take(entries)
        .enumerate()
        .map(|(n, headline)| {
            let date = published(n).strftime("%a, %d %b %Y %H:%M:%S +0000");
            format!("<item><title>{headline}</title><link>BASE/news/{n}</link><pubDate>{date}</pubDate></item>")
        })
        .collect();
    format!(
        "<rss version='2.0'><channel><title>{title}</title><language>en</language>{}</channel></rss>",
        items.concat()
    )
}

fn atom(title: &str) -> String {
    let entries = TITLES.iter().enumerate().map(|(n, headline)| {
        let at = published(n);
        format!("<entry><title>{headline}</title><link href='BASE/news/{n}'/><updated>{at}</updated><id>urn:{n}</id></entry>")
    });
    format!(
        "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><title>{title}</title>{}</feed>",
        entries.collect::<Vec<_>>().concat()
    )
}

fn page(head: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang='en'><head><title>Harbour Gazette</title>{head}</head><body>{body}</body></html>"
    )
}

fn list() -> String {
    let mut items = String::new();
    for (n, headline) in TITLES.iter().chain(&TITLES).enumerate() {
        let at = published(n);
        write!(
            items,
            "<article class='teaser'><h2><a href='/2026/news/{n}-a-headline-of-the-day'>{headline}, part {n} of the story</a></h2>\
             <time datetime='{at}'>a day</time></article>"
        )
        .unwrap();
    }
    format!("<main>{items}</main>")
}

const OK: &str = "200 OK";

/// A person with a configuration and an empty database.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let configuration = format!(
            "[storage]\npath = {:?}\n[network]\nallow_private = true\n[poll]\ndomain_spacing_secs = 0\n\
             [[topics]]\nid = \"harbour\"\nquery = \"harbour\"\n",
            folder.path().join("tidings.db")
        );
        std::fs::write(folder.path().join("tidings.toml"), configuration).unwrap();
        Self(folder)
    }

    fn runs(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidings"));
        command.args(arguments).arg("--config").arg(self.0.path().join("tidings.toml")).output().unwrap()
    }

    /// What a person reads, both streams, addresses and days made the same for every run; and the exit code.
    fn reads(&self, site: &Site, arguments: &[&str]) -> String {
        let output = self.runs(arguments);
        let mut text = String::from_utf8(output.stderr).unwrap() + &String::from_utf8(output.stdout).unwrap();
        for n in 0..10 {
            for second in [0, 1, 2] {
                // The feed was made moments ago, maybe in the minute before.
                let at = published(n) - SignedDuration::from_mins(second);
                text = text.replace(&at.strftime("%Y-%m-%d %H:%M").to_string(), &format!("DAY-{n}          "));
            }
        }
        text = text.replace(&site.base, "http://SITE");
        format!("{text}exit {}\n", output.status.code().unwrap())
    }
}

#[test]
fn of_the_feeds_that_a_page_names_the_best_is_added_and_its_double_shown_once() {
    let link = |kind: &str, href: &str| format!("<link rel='alternate' type='application/{kind}+xml' href='{href}'>");
    let head = [link("rss", "/comments/feed/"), link("rss", "/rss"), link("atom", "/atom"), link("rss", "/sport.xml")]
        .concat();
    let site = Site::serving(&[
        ("/", OK, page(&head, "<p>Welcome</p>")),
        ("/rss", OK, rss("Harbour Gazette", 3)),
        ("/atom", OK, atom("Harbour Gazette")),
        ("/sport.xml", OK, rss("Sport of the Gazette", 4).replace("/news/", "/sport/")),
    ]);
    let desk = Desk::new();
    insta::assert_snapshot!("named", desk.reads(&site, &["source", "add", &site.base]));
    assert_eq!(site.asked(), ["/", "/rss", "/atom", "/sport.xml"]);
    assert_eq!(site.crowd.load(Ordering::SeqCst), 1);
    for head in site.heard.lock().unwrap().iter() {
        let head = head.to_ascii_lowercase();
        assert!(
            head.contains("user-agent: tidings/") && !head.contains("cookie") && !head.contains("referer"),
            "{head}"
        );
    }

    let again = desk.runs(&["source", "add", &format!("{}/atom", site.base)]);
    assert_eq!(again.status.code(), Some(0), "the double is another address, and was named itself");
    let known = desk.runs(&["source", "add", &format!("{}/rss/", site.base)]);
    let said = String::from_utf8_lossy(&known.stderr).into_owned();
    assert_eq!(known.status.code(), Some(65));
    assert!(said.contains("is polled already: source 1 (Harbour Gazette)"), "{said}");
    assert_eq!(site.asked().len(), 5, "a source that is there already was asked for");
}

#[test]
fn a_page_that_names_nothing_is_looked_for_at_well_known_paths() {
    let site = Site::serving(&[("/", OK, page("", "<p>Welcome</p>")), ("/feed/", OK, rss("Harbour Gazette", 4))]);
    insta::assert_snapshot!("well_known", Desk::new().reads(&site, &["source", "find", &site.base]));
    assert_eq!(site.asked(), ["/", "/feed/"]);
}

#[test]
fn a_news_sitemap_that_robots_txt_names_is_found() {
    let urls: Vec<String> = TITLES
        .iter()
        .enumerate()
        .map(|(n, headline)| {
            let at = published(n);
            format!("<url><loc>BASE/a/{n}</loc><n:news><n:title>{headline}</n:title><n:publication_date>{at}</n:publication_date></n:news></url>")
        })
        .collect();
    let sitemap = format!(
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{}</urlset>",
        urls.concat()
    );
    let site = Site::serving(&[
        ("/", OK, page("", "<p>Welcome</p>")),
        (
            "/robots.txt",
            OK,
            "User-agent: *\nAllow: /\nSitemap: BASE/pages.xml\nSitemap: BASE/news-sitemap.xml\n".to_owned(),
        ),
        ("/news-sitemap.xml", OK, sitemap),
    ]);
    insta::assert_snapshot!("sitemap", Desk::new().reads(&site, &["source", "add", &site.base]));
    assert!(site.asked().len() <= 10, "{:?}", site.asked());
}

#[test]
fn a_page_that_only_lists_articles_is_polled_by_what_repeats() {
    let site = Site::serving(&[("/news", OK, page("", &list()))]);
    let desk = Desk::new();
    let address = format!("{}/news", site.base);
    insta::assert_snapshot!(
        "list",
        desk.reads(&site, &["source", "add", &address, "--name", "Gazette", "--topic", "harbour", "--dry-run"])
    );
    assert!(!desk.0.path().join("tidings.db").exists(), "a dry run left a database behind");
    let added = desk.runs(&["source", "add", &address, "--name", "Gazette", "--json"]);
    let told: Value = serde_json::from_slice(&added.stdout).unwrap();
    assert_eq!((told["id"].as_i64(), told["name"].as_str()), (Some(1), Some("Gazette")), "{told}");
    assert_eq!((told["found"][0]["found"].as_str(), told["found"][0]["best"].as_bool()), (Some("listed"), Some(true)));
    assert_eq!(told["found"][0]["topics"]["harbour"].as_i64(), Some(4), "{told}");
    let listed = desk.runs(&["source", "list", "--json"]);
    let source: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!((source["kind"].as_str(), source["select"].is_null()), (Some("page"), true), "{source}");
}

#[test]
fn where_nothing_is_found_it_says_what_to_do_and_adds_nothing() {
    let site = Site::serving(&[("/about", OK, page("", "<p>We are a harbour.</p>"))]);
    let desk = Desk::new();
    let address = format!("{}/about", site.base);
    insta::assert_snapshot!("nothing", desk.reads(&site, &["source", "add", &address]));
    assert!(desk.runs(&["source", "list", "--json"]).stdout.is_empty());
    let exact = desk.reads(&site, &["source", "add", &address, "--item", "p", "--name", "Told"]);
    assert_eq!(exact, "added source 1: http://SITE/about\nexit 0\n");
}

#[test]
fn a_site_that_refuses_programs_is_told_from_one_that_is_not_there() {
    let site = Site::serving(&[("/closed", "403 Forbidden", page("", "<p>Checking your browser</p>"))]);
    let desk = Desk::new();
    let refused = desk.reads(&site, &["source", "add", &format!("{}/closed", site.base)]);
    assert!(refused.contains("(status 403); it lets no program in") && !refused.contains("--item"), "{refused}");
    let absent = desk.reads(&site, &["source", "add", &format!("{}/nowhere", site.base)]);
    assert!(absent.contains("(status 404); nothing is there") && !absent.contains("--item"), "{absent}");
}

#[test]
fn who_asks_to_be_left_alone_is_asked_once_and_who_is_not_there_is_named() {
    let site = Site::serving(&[("/", "429 Too Many Requests\r\nRetry-After: 3600", String::new())]);
    let desk = Desk::new();
    let told = desk.reads(&site, &["source", "add", &site.base]);
    assert!(told.contains("127.0.0.1 answered 429 and asks to be left alone until 20"), "{told}");
    assert!(told.ends_with("exit 75\n"), "{told}");
    assert_eq!(site.asked(), ["/"]);

    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let told = desk.reads(&site, &["source", "add", &format!("http://127.0.0.1:{closed}/")]);
    assert!(told.contains("connect: ") && told.contains("--no-fetch"), "{told}");
    assert!(told.ends_with("exit 69\n"), "{told}");
    let mistyped = desk.reads(&site, &["source", "add", "htp://x"]);
    assert!(mistyped.contains("expected http or https") && mistyped.ends_with("exit 64\n"), "{mistyped}");
}

#[test]
fn a_round_says_what_it_left_out_and_a_host_is_asked_again_where_somebody_says_so() {
    let busy = ("/busy", "429 Too Many Requests\r\nRetry-After: 3600", String::new());
    let site = Site::serving(&[busy, ("/feed", OK, rss("Harbour", 2))]);
    let desk = Desk::new();
    for path in ["/busy", "/feed"] {
        desk.runs(&["source", "add", &format!("{}{path}", site.base), "--no-fetch"]);
    }
    desk.runs(&["poll", "1"]);
    let round = desk.reads(&site, &["poll", "--all"]);
    assert!(round.contains("2 sources were left out: 127.0.0.1 asked to be left alone, for 60 min"), "{round}");
    assert!(round.contains("to ask it all the same: tidings source resume 127.0.0.1"), "{round}");
    assert!(round.ends_with("exit 75\n"), "{round}");
    assert_eq!(site.asked(), ["/busy"]);
    let resumed = desk.reads(&site, &["source", "resume", "1"]);
    assert!(resumed.contains("127.0.0.1 is left alone no longer: 2 sources of it are due"), "{resumed}");
    let named = desk.reads(&site, &["poll", "2"]);
    assert!(named.contains("2 entries, 2 new") && named.ends_with("exit 0\n"), "{named}");
}

#[test]
fn a_list_goes_out_and_comes_in_again_as_it_was() {
    let (desk, other) = (Desk::new(), Desk::new());
    let site = Site::serving(&[]);
    desk.runs(&["source", "add", "https://a.example/rss", "--no-fetch", "--name", "A & \"B\"", "--priority", "high"]);
    desk.runs(&[
        "source",
        "add",
        "https://p.example/news",
        "--item",
        "ul > li",
        "--date",
        "time",
        "--interval-max",
        "90",
    ]);
    let list = desk.0.path().join("list.opml");
    let list = list.to_str().unwrap();
    assert_eq!(desk.runs(&["opml", "export", list]).status.code(), Some(0));
    assert!(other.reads(&site, &["opml", "import", list]).contains("2 added, 0 known already, 0 left out"));
    let sources = |desk: &Desk| {
        let listed = String::from_utf8(desk.runs(&["source", "list", "--json"]).stdout).unwrap();
        let values = listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        values
            .map(|v| ["url", "name", "publisher", "select", "interval_max_minutes"].map(|key| v[key].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(sources(&desk), sources(&other));
    let looked_at = other.reads(&site, &["inspect", list]);
    assert!(
        looked_at.contains(&format!("a list of 2 sources; to add them: tidings source import {list}")),
        "{looked_at}"
    );
    let broken = desk.0.path().join("broken.opml");
    std::fs::write(&broken, "{}").unwrap();
    let refused = other.runs(&["source", "import", broken.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(65));
}

#[test]
fn the_older_pages_of_a_feed_are_read_one_by_one_as_its_past() {
    let paged = |entries: std::ops::Range<usize>, older: &str| {
        let older = if older.is_empty() { String::new() } else { format!("<link rel='next' href='{older}'/>") };
        let entry = |n| {
            format!(
                "<entry><title>Old news {n}</title><link href='BASE/old/{n}'/><id>urn:{n}</id><updated>2020-01-0{n}T00:00:00Z</updated></entry>"
            )
        };
        let entries: String = entries.map(entry).collect();
        format!("<feed xmlns='http://www.w3.org/2005/Atom'><title>Archive</title>{older}{entries}</feed>")
    };
    let site = Site::serving(&[
        ("/feed", OK, paged(7..9, "/feed?page=2")),
        ("/feed?page=2", OK, paged(4..8, "BASE/feed?page=3")),
        // The last names the first again.
        ("/feed?page=3", OK, paged(1..4, "/feed")),
        ("/robots.txt", OK, "User-agent: *\nDisallow: /private".to_owned()),
    ]);
    let desk = Desk::new();
    let address = format!("{}/feed", site.base);
    desk.runs(&["source", "add", "--no-fetch", "--as", "feed", &address]);
    let said = desk.reads(&site, &["source", "backfill", &address]);
    assert!(said.contains("feed?page=2: 4 entries, 4 new") && said.contains("feed?page=3: 3 entries, 3 new"), "{said}");
    assert!(said.contains("2 older pages of 127.0.0.1: 7 new stories\nexit 0"), "{said}");
    assert_eq!(site.asked(), ["/feed", "/robots.txt", "/feed?page=2", "/feed?page=3"]);
    // What is on both is one story, and a second time brings nothing.
    assert!(
        desk.reads(&site, &["source", "backfill", "1", "--pages", "1"]).contains("1 older pages of 127.0.0.1: 0 new")
    );
    let shown: Value = serde_json::from_slice(&desk.runs(&["source", "show", "1", "--json"]).stdout).unwrap();
    assert_eq!(shown.get("stories").and_then(Value::as_u64), Some(7), "{shown}");
}
