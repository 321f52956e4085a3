//! The daemon under attack from all sides: what a publisher puts into a feed, what a client sends, what a local user leaves
//! where files are written. SECURITY.md says against which threat each stands.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use super::daemon::{Daemon, told};
use super::site::{Answer, Site};

/// What a hostile publisher writes where a title, a name or an address is expected.
const HOSTILE: &str = "harbour \u{1b}]0;owned\u{7}\u{1b}[31m\u{202e}evil\u{2066} &lt;script&gt;alert(1)&lt;/script&gt; ]]&gt; &quot;&gt;&lt;outline xmlUrl=&quot;https://evil.example/&quot;/&gt;\n\
                       data: forged\n\nevent: forged\r\nBcc: all@example.org\r\n2026-01-01T00:00:00Z ERROR tidings: forged";

fn hostile_feed(port: u16) -> String {
    format!(
        "<?xml version='1.0'?><rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel>\
         <title>{HOSTILE}</title><item><title>{HOSTILE}</title><description>{HOSTILE}</description>\
         <author>{HOSTILE}</author><link>http://127.0.0.1:{port}/a%0d%0aX-Forged:%20yes?\u{202e}\u{1b}[2J</link>\
         <guid>1</guid><dc:date>{}</dc:date></item></channel></rss>",
        now()
    )
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// A publisher whose every word is hostile, and a webhook beside it that answers so too.
fn hostile_site() -> Site {
    Site::new(|first, _| match first.split(' ').nth(1).unwrap_or_default() {
        "/feed" => Answer::new("200 OK", hostile_feed(1)).with("ETag: \"\u{1b}[31m\""),
        "/bad" => Answer::new("503 \u{1b}[31mforged\u{202e}", HOSTILE).with("Location: http://a.example/\u{1b}[2J"),
        "/hook" => Answer::new("500 Internal Server Error", HOSTILE),
        _ => Answer::new("404 Not Found", ""),
    })
}

fn with_hostile_site() -> (Daemon, Site) {
    let site = hostile_site();
    let here = format!("http://127.0.0.1:{}", site.port);
    let mut daemon = Daemon::new(&format!(
        "[log]\nformat = \"text\"\n[[sources]]\nurl = \"{here}/feed\"\n[[sources]]\nurl = \"{here}/bad\"\nkind = \"feed\"\n\
         [[subscriptions]]\nname = \"hook\"\nurl = \"{here}/hook\"\nsecret = \"whsec_PLANTEDSECRETPLANTEDSECRETPLANTE\"\n"
    ));
    daemon.start(&["--log", "trace"]);
    daemon.until("the notification", |_| site.asked().iter().any(|request| request.starts_with("POST /hook")));
    daemon.until("the failure", |daemon| daemon.says(&["delivery", "list", "--json"]).1.contains("\"status\":500"));
    (daemon, site)
}

/// Characters that a terminal obeys or that turn a line around.
fn obeyed(text: &str) -> Vec<char> {
    let is_bidi = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| (c.is_control() && *c != '\n' && *c != '\t') || is_bidi(*c)).collect()
}

#[test]
fn a_publisher_can_forge_no_line_of_the_log_and_command_no_terminal() {
    let (daemon, _site) = with_hostile_site();
    let mut heard = vec![("the log".to_owned(), daemon.said())];
    heard.push(("standard output".to_owned(), fs::read_to_string(daemon.path("stdout")).unwrap()));
    for arguments in [
        &["event", "list"][..],
        &["source", "list"],
        &["source", "show", "1"],
        &["source", "show", "2"],
        &["delivery", "list"],
        &["delivery", "show", "1"],
        &["story", "list"],
        &["notification", "list"],
        &["explain", "1"],
        &["event", "list", "--json"],
        &["notification", "list", "--json"],
    ] {
        heard.push((arguments.join(" "), daemon.says(arguments).1));
    }
    for (what, text) in &heard {
        let commands = obeyed(text);
        assert!(commands.is_empty(), "{what}: {commands:?} in {text:?}");
        let forged: Vec<_> = text.lines().filter(|line| line.starts_with("2026-01-01T00:00:00Z ERROR")).collect();
        assert!(forged.is_empty(), "{what}: {forged:?}");
    }
    assert!(heard[2].1.contains("harbour"), "it was told: {}", heard[2].1);
}

/// What Python reads of XML: nothing, where it isn't well-formed.
fn read_xml(text: &str) -> String {
    let script = "import sys, xml.etree.ElementTree as E\n\
                  print('\\n'.join(e.tag.split('}')[-1] for e in E.fromstring(sys.stdin.buffer.read()).iter()))";
    let mut python =
        Command::new("python3").args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "it isn't well-formed: {text}");
    String::from_utf8(output.stdout).unwrap()
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn a_publisher_can_forge_nothing_in_feeds_lists_streams_pages_and_webhooks() {
    let (daemon, site) = with_hostile_site();
    for format in ["atom", "rss"] {
        let feed = daemon.get(&format!("/feeds/harbour.{format}"));
        let tags = read_xml(body(&feed));
        assert!(tags.contains(if format == "atom" { "entry" } else { "item" }), "{feed}");
        assert!(!tags.lines().any(|tag| tag == "script" || tag == "outline"), "{tags}");
        let commands: Vec<char> = body(&feed).chars().filter(|c| c.is_control() && !c.is_whitespace()).collect();
        assert!(commands.is_empty(), "{commands:?} in {feed:?}");
    }
    let json: serde_json::Value = serde_json::from_str(body(&daemon.get("/feeds/harbour.json"))).unwrap();
    assert_eq!(json["items"].as_array().unwrap().len(), 1);

    let list = daemon.call("GET", "/v1/sources/opml", "");
    let outlines = read_xml(body(&list)).lines().filter(|tag| *tag == "outline").count();
    assert_eq!(outlines, 2, "{list}");

    // A stream's lines are its own: each begins with a field's name, and what is told is one line of JSON.
    let host = daemon.address().unwrap();
    let stream = daemon.stream(&format!(
        "GET /v1/stream?last_event_id=0 HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\r\n",
        super::daemon::TOKEN
    ));
    assert!(stream.contains("harbour"), "{stream}");
    assert!(!stream.lines().any(|line| line.contains("forged") && !line.starts_with("data: {")), "{stream}");

    for page in ["/", "/sources", "/subscriptions", "/stories/1", "/events/1"] {
        let page = daemon.call("GET", page, "");
        assert!(!page.contains("<script>alert") && !page.to_lowercase().contains("\r\nbcc:"), "{page}");
        let head = page.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    }
    let told = site.asked().into_iter().find(|request| request.starts_with("POST /hook")).unwrap();
    let (head, payload) = told.split_once("\n\n").unwrap();
    assert!(!head.contains("forged") && !head.contains("X-Forged"), "{head}");
    let read: serde_json::Value = serde_json::from_str(payload).expect("one document");
    assert!(read.is_object());
}

#[test]
fn requests_that_two_servers_could_read_two_ways_are_refused_and_end_their_connection() {
    let mut daemon = Daemon::new("");
    daemon.start(&[]);
    let second = "GET /second HTTP/1.1\r\nHost: a\r\n\r\n";
    let both = format!(
        "POST /v1/topics HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{second}"
    );
    for ambiguous in [
        both.as_str(),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n folded: yes\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n",
    ] {
        let answer = daemon.send(ambiguous.as_bytes());
        assert!(!answer.contains("/second"), "a second request was seen in it: {answer}");
        let status: u16 = answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(400);
        assert!((400..500).contains(&status), "{ambiguous:?}: {answer}");
    }
    assert!(daemon.get("/healthz").starts_with("HTTP/1.1 200"));
}

#[test]
fn bodies_that_are_packed_deep_long_or_huge_cost_nothing_and_get_an_answer() {
    let mut daemon = Daemon::new("");
    daemon.start(&[]);
    let deep = "[".repeat(60_000);
    let name = "a".repeat(50_000);
    let parens = format!("{}a{}", "(".repeat(20_000), ")".repeat(20_000));
    let nots = "NOT ".repeat(15_000) + "a";
    let stars = "a*".repeat(20_000);
    let ors = "a OR ".repeat(10_000) + "a";
    let topic = |query: &str| format!(r#"{{"id": "a", "query": "{query}"}}"#);
    let mut bodies =
        vec![deep.clone(), format!(r#"{{"query": {deep}"#), format!(r#"{{"name": "{name}", "query": "a"}}"#)];
    bodies.extend([&parens, &nots, &stars, &ors].map(|query| topic(query)));
    bodies.push(r#"{"id": "a", "query": "a", "fresh_hours": 1e999}"#.to_owned());
    bodies.push(r#"{"id": "a", "query": "a", "fresh_hours": 99999999999999999999999}"#.to_owned());
    bodies.push(r#"{"id": "a", "query": "a", "stale_days": -9223372036854775808}"#.to_owned());
    for body in &bodies {
        for path in ["/v1/topics", "/v1/preview", "/v1/subscriptions", "/v1/sources"] {
            let answer = daemon.call("POST", path, body);
            let shown: String = body.chars().take(40).collect();
            assert!(answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 2"), "{path} {shown}: {answer}");
        }
    }
    // A megabyte of zeros in a kilobyte: nothing unpacks it.
    let host = daemon.address().unwrap();
    let packed = zeros();
    let mut request = format!(
        "POST /v1/topics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        super::daemon::TOKEN,
        packed.len()
    )
    .into_bytes();
    request.extend(packed);
    assert!(daemon.send(&request).starts_with("HTTP/1.1 4"));
    for path in [
        "/v1/stories/99999999999999999999999999",
        "/v1/stories/-1",
        "/v1/events?limit=18446744073709551616",
        "/v1/events?limit=-1",
        "/v1/events?limit=1e9",
        "/v1/notifications?after=9223372036854775808",
        "/v1/stories?q=%00&limit=100",
        "/v1/stories?q=%ff%fe",
    ] {
        let answer = daemon.call("GET", path, "");
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
    }
    assert!(daemon.get("/readyz").starts_with("HTTP/1.1 200"));
}

/// A megabyte of zeros as gzip, by Python.
fn zeros() -> Vec<u8> {
    let script = "import gzip, sys; sys.stdout.buffer.write(gzip.compress(bytes(1 << 20)))";
    Command::new("python3").args(["-c", script]).output().unwrap().stdout
}

#[test]
fn no_path_leads_out_of_what_is_served() {
    let mut daemon = Daemon::new("");
    daemon.start(&[]);
    for path in [
        "/../../../../etc/passwd",
        "/assets/../../etc/passwd",
        "/feeds/..%2f..%2f..%2fetc%2fpasswd",
        "/feeds/%2e%2e/%2e%2e/api.token",
        "/feeds/harbour.atom%00.json",
        "//etc/passwd",
        "/\\..\\..\\etc\\passwd",
        "/v1/topics/..%2f..%2fapi.token",
    ] {
        let answer = daemon.call("GET", path, "");
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
        assert!(!answer.contains("root:") && !answer.contains("PLANTED"), "{path}: {answer}");
    }
    for name in ["../x", "a/b", "a\\u0000b", "..", "\\u202eevil"] {
        let answer = daemon.call("POST", "/v1/topics", &format!(r#"{{"id": "{name}", "query": "a"}}"#));
        assert!(answer.starts_with("HTTP/1.1 4"), "{name}: {answer}");
    }
}

#[test]
fn what_a_client_calls_us_is_repeated_nowhere_that_is_kept() {
    let mut daemon = Daemon::new("");
    daemon.start(&[]);
    for path in ["/", "/sign-in", "/openapi.json", "/nowhere", "/feeds/harbour.atom", "/v1/topics"] {
        let answer = daemon.send(
            format!(
                "GET {path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: worse.example\r\nForwarded: host=worst.example\r\n\
                 X-Original-URL: /v1/tokens\r\nConnection: close\r\n\r\n"
            )
            .as_bytes(),
        );
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        assert!(!answer.contains("worse.example") && !answer.contains("worst.example"), "{path}: {answer}");
        let is_feed = path.starts_with("/feeds/");
        assert!(is_feed || !answer.contains("evil.example"), "{path}: {answer}");
        // A feed says its own address, as its reader knows it: what lies between may keep it only by asking each time, for each name.
        let kept = if is_feed { "cache-control: no-cache" } else { "cache-control: no-store" };
        assert!(head.contains(kept) && (!is_feed || head.contains("vary: host, x-forwarded-proto")), "{path}: {head}");
    }
}

#[test]
fn a_link_that_a_local_user_leaves_where_a_copy_is_written_leads_nothing_astray() {
    let mut daemon = Daemon::new("");
    daemon.start(&[]);
    let (victim, copy) = (daemon.path("victim"), daemon.path("copy.db"));
    fs::write(&victim, "dear diary").unwrap();
    let part = daemon.path("copy.db.part");
    std::os::unix::fs::symlink(&victim, &part).unwrap();
    std::os::unix::fs::symlink(daemon.path("absent"), &copy).unwrap();
    let (code, said) = told(&daemon.tidings(&["backup", copy.to_str().unwrap()]).output().unwrap());
    assert_eq!(fs::read_to_string(&victim).unwrap(), "dear diary");
    assert!(!daemon.path("absent").exists(), "{code:?}: {said}");
    if code == Some(0) {
        assert!(fs::symlink_metadata(&copy).unwrap().is_file(), "the link was replaced, not followed");
    }
    std::os::unix::fs::symlink(&victim, daemon.path("second.db")).unwrap();
    let (code, _) = told(&daemon.tidings(&["backup", daemon.path("second.db").to_str().unwrap()]).output().unwrap());
    assert_eq!((code, fs::read_to_string(&victim).unwrap().as_str()), (Some(64), "dear diary"));
}

#[test]
fn a_subscriber_can_not_have_the_daemon_post_to_itself_or_its_neighbours() {
    let neighbour = Site::new(|_, _| Answer::new("200 OK", ""));
    let mut daemon = Daemon::guarded("[self_service]\nenabled = true\n");
    daemon.start(&[]);
    let own = daemon.address().unwrap().rsplit(':').next().unwrap().to_owned();
    for host in [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "localhost",
        "0x7f.1",
        "2130706433",
        "0",
        "[::]",
    ] {
        for port in [own.as_str(), &neighbour.port.to_string()] {
            let url = format!("http://{host}:{port}/in");
            let name = format!("{host} {port}");
            let body = format!(r#"{{"name": "{name}", "url": "{url}"}}"#);
            let added = daemon.call("POST", "/v1/subscriptions", &body);
            let asked = format!(r#"{{"url": "{url}"}}"#);
            let (here, length) = (daemon.address().unwrap(), asked.len());
            let own_one = daemon.send(
                format!(
                    "POST /webhooks HTTP/1.1\r\nHost: {here}\r\nConnection: close\r\nContent-Type: application/json\r\n\
                     Content-Length: {length}\r\n\r\n{asked}"
                )
                .as_bytes(),
            );
            assert!(own_one.starts_with("HTTP/1.1 4"), "{url}: {own_one}");
            if let Some(id) = added.split("\"id\":").nth(1).and_then(|rest| rest.split(',').next()) {
                daemon.call("POST", &format!("/v1/subscriptions/{id}/test"), "");
            }
        }
    }
    daemon.until("a verdict on each test", |daemon| {
        let listed = daemon.says(&["delivery", "list", "--json"]).1;
        listed.lines().filter(|line| line.contains("\"attempts\":[{")).all(|line| line.contains("blocked"))
            && listed.contains("blocked")
            && !listed.contains("\"attempts\":[]")
    });
    assert_eq!(neighbour.asked(), Vec::<String>::new());
}
