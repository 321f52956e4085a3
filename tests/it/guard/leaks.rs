//! Secrets of every kind, planted wherever one may stand, while all goes well and while it goes wrong: none is in the
//! logs of any level, on the terminal, in metrics, lists, exports or problems.

use std::fmt::Write as _;
use std::fs;

use super::daemon::{Daemon, TOKEN};
use super::site::{Answer, Site};

const MARK: &str = "PLANTED-SECRET";
/// The same within secrets of webhooks, which are base64.
const MARK_BASE64: &str = "PLANTEDSECRET";

fn site() -> Site {
    Site::new(|first, _| {
        let path = first.split(' ').nth(1).unwrap_or_default();
        let now = now();
        let feed = format!(
            "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Wire</title><item>\
             <title>Harbour reopens after storm</title><link>http://127.0.0.1/harbour</link><guid>harbour</guid>\
             <dc:date>{now}</dc:date></item></channel></rss>"
        );
        match path {
            path if path.starts_with("/feed") => Answer::new("200 OK", feed),
            path if path.starts_with("/robots.txt") => Answer::new("404 Not Found", ""),
            path if path.starts_with("/moved") => Answer::new("302 Found", "")
                .with("Location: http://127.0.0.1:1/gone?token=PLANTED-SECRET-of-a-redirect"),
            path if path.starts_with("/noise") => Answer::new("200 OK", "<html>no feed, but PLANTED-SECRET-of-a-page"),
            path if path.starts_with("/good/") => Answer::new("200 OK", "{\"ok\":true}"),
            // Services quote what they were sent.
            path => Answer::new("500 Internal Server Error", format!("no such thing: {path}")),
        }
    })
}

#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Sources and subscriptions of every kind: well, failing and out of reach.
fn configuration(port: u16) -> String {
    let here = format!("http://127.0.0.1:{port}");
    let mut text = format!(
        "allow = []\n[self_service]\nenabled = true\n[delivery]\nretry_secs = [1]\n\
         [email]\nsmtp = \"smtp://me@127.0.0.1:{port}\"\ninsecure = true\nfrom = \"me@example.org\"\n\
         password = \"PLANTED-SECRET-of-mail\"\n"
    );
    for path in ["feed", "moved", "noise", "absent"] {
        writeln!(text, "[[sources]]\nurl = \"{here}/{path}?key=PLANTED-SECRET-of-a-feed\"\nkind = \"feed\"").unwrap();
    }
    writeln!(text, "[[sources]]\nurl = \"http://127.0.0.1:1/closed?key=PLANTED-SECRET-of-a-feed\"\nkind = \"feed\"")
        .unwrap();
    for (place, at) in
        [("good", format!("{here}/good")), ("bad", format!("{here}/bad")), ("closed", "http://127.0.0.1:1".to_owned())]
    {
        write!(
            text,
            "[[subscriptions]]\nname = \"hook-{place}\"\nurl = \"{at}/PLANTED-SECRET-of-a-path?sig=PLANTED-SECRET-of-a-query\"\n\
             secret = \"whsec_PLANTEDSECRETPLANTEDSECRETPLANTE\"\n\
             old_secrets = [{{ secret = \"whsec_PLANTEDSECRETPLANTEDSECRETPLANT0\", until = \"2099-01-01\" }}]\n\
             [[subscriptions]]\nname = \"slack-{place}\"\nformat = \"slack\"\nurl = \"{at}/services/PLANTED-SECRET-of-slack\"\n\
             [[subscriptions]]\nname = \"discord-{place}\"\nformat = \"discord\"\nurl = \"{at}/PLANTED-SECRET-of-discord\"\n\
             [[subscriptions]]\nname = \"teams-{place}\"\nformat = \"teams\"\nurl = \"{at}/x?sig=PLANTED-SECRET-of-teams\"\n\
             [[subscriptions]]\nname = \"telegram-{place}\"\nformat = \"telegram\"\nurl = \"{at}\"\n\
             token = \"123:PLANTED-SECRET-of-telegram\"\nroom = \"-1001\"\n\
             [[subscriptions]]\nname = \"matrix-{place}\"\nformat = \"matrix\"\nurl = \"{at}\"\n\
             token = \"PLANTED-SECRET-of-matrix\"\nroom = \"!r:here\"\n\
             [[subscriptions]]\nname = \"ntfy-{place}\"\nformat = \"ntfy\"\nurl = \"{at}/PLANTED-SECRET-of-ntfy\"\n\
             token = \"PLANTED-SECRET-of-ntfy-too\"\n\
             [[subscriptions]]\nname = \"gotify-{place}\"\nformat = \"gotify\"\nurl = \"{at}\"\ntoken = \"PLANTED-SECRET-of-gotify\"\n",
        )
        .unwrap();
    }
    text + "[[subscriptions]]\nname = \"mail\"\nemail = \"person@example.org\"\n"
}

/// Calls of the API that go well and wrong, with a secret in each; what was answered.
fn calls(daemon: &Daemon) -> Vec<(String, String)> {
    let mut heard = Vec::new();
    let mut call = |method: &str, path: &str, body: &str| {
        heard.push((format!("{method} {path} {body}"), daemon.call(method, path, body)));
    };
    for path in [
        "/v1/subscriptions?limit=100",
        "/v1/subscriptions/1",
        "/v1/deliveries?limit=100",
        "/v1/notifications?limit=100",
        "/v1/events",
        "/v1/topics",
        "/v1/tokens",
        "/v1/status",
        "/metrics",
        "/readyz",
        "/",
        "/subscriptions",
        "/sources",
        "/nowhere",
    ] {
        call("GET", path, "");
    }
    for body in [
        r#"{"name": "a", "url": "https://a.example/", "secret": "PLANTED-SECRET-no-whsec"}"#,
        r#"{"name": "a", "url": "https://me:PLANTED-SECRET-of-a-user@a.example/"}"#,
        r#"{"name": "a", "url": "https://a.example/", "secret": "PLANTED-SECRET" oops"#,
        r#"{"name": "a", "url": "https://a.example/", "secret": ["PLANTED-SECRET-in-a-list"]}"#,
        r#"{"name": "a", "format": "telegram", "token": "PLANTED-SECRET-of-no-form", "room": "1"}"#,
        r#"{"name": "a", "format": "slack", "url": "hooks.slack.com/PLANTED-SECRET"}"#,
        r#"{"name": "hook-good", "url": "https://a.example/PLANTED-SECRET-of-a-name-taken"}"#,
        r#"{"name": "gotify", "format": "gotify", "url": "http://127.0.0.1:1/", "token": "PLANTED-SECRET-by-api"}"#,
    ] {
        call("POST", "/v1/subscriptions", body);
    }
    // The one answer that a secret is in.
    let made = daemon.call(
        "POST",
        "/v1/subscriptions",
        r#"{"name": "fine", "url": "http://127.0.0.1:1/PLANTED-SECRET-of-api", "secret": "whsec_PLANTEDSECRETPLANTEDSECRETPLANTE"}"#,
    );
    assert!(made.starts_with("HTTP/1.1 201") && !made.contains("of-api"), "{made}");
    call("POST", "/v1/subscriptions/1/rotate", r#"{"secret": "PLANTED-SECRET-rotated"}"#);
    call("POST", "/v1/subscriptions/1/test", "");
    call("POST", "/v1/sources", r#"{"url": "https://me:PLANTED-SECRET-of-a-user@a.example/feed"}"#);
    let host = daemon.address().unwrap();
    for (path, head, body) in [
        ("/v1/topics", "Authorization: Bearer PLANTED-SECRET-of-another", ""),
        ("/v1/topics", "Authorization: Basic UExBTlRFRC1TRUNSRVQ=", ""),
        ("/v1/topics", "Cookie: tidings=PLANTED-SECRET-in-a-cookie", ""),
        ("/webhooks/mine", "Authorization: Bearer PLANTED-SECRET-of-nobody", ""),
        ("/sign-in", "Content-Type: application/x-www-form-urlencoded", "token=PLANTED-SECRET-of-a-form&next=/"),
    ] {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: close\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        heard.push((format!("{path} with {head}"), daemon.send(request.as_bytes())));
    }
    heard
}

/// Commands that list, show, explain and export; what they said.
fn commands(daemon: &Daemon) -> Vec<(String, String)> {
    let said = |arguments: &[&str]| (arguments.join(" "), daemon.says(arguments).1);
    let mut heard = vec![
        said(&["check"]),
        said(&["subscription", "list"]),
        said(&["subscription", "list", "--json"]),
        said(&["delivery", "list", "--json"]),
        said(&["notification", "list", "--json"]),
        said(&["event", "list", "--json"]),
        said(&["source", "list"]),
        said(&["explain", "http://127.0.0.1/harbour"]),
        said(&["explain", "http://127.0.0.1/harbour", "--json"]),
        said(&["label", "export"]),
        said(&["token", "list", "--json"]),
        said(&["secret", "show", "--json"]),
    ];
    for name in ["hook", "slack", "discord", "teams", "telegram", "matrix", "ntfy", "gotify"] {
        for place in ["good", "bad", "closed"] {
            heard.push(said(&["subscription", "show", &format!("{name}-{place}")]));
        }
    }
    heard
}

#[test]
fn no_secret_is_in_logs_of_any_level_lists_metrics_exports_or_problems() {
    let site = site();
    let mut daemon = Daemon::new(&configuration(site.port));
    daemon.start(&["--log", "trace"]);
    daemon.until("a notification to each that takes one", |_| {
        let asked = site.asked().join("\n");
        [
            "/good/PLANTED-SECRET-of-a-path",
            "of-slack",
            "of-discord",
            "of-teams",
            "bot123:PLANTED",
            "of-matrix",
            "of-gotify",
        ]
        .iter()
        .all(|word| asked.contains(word))
    });
    daemon.until("failures of the others", |daemon| {
        daemon.says(&["delivery", "list", "--json"]).1.matches("\"status\":500").count() > 5
    });
    let mut heard = calls(&daemon);
    heard.extend(commands(&daemon));

    let good = fs::read_to_string(daemon.path("tidings.toml")).unwrap();
    let bad = good
        .replace("whsec_", "whsecret_")
        .replace("password =", "pasword =")
        .replace("format = \"slack\"", "format = \"slak\"");
    fs::write(daemon.path("tidings.toml"), format!("{bad}\nold_secrets = \"PLANTED-SECRET\"")).unwrap();
    daemon.signal("-HUP");
    daemon.until("its refusal", |daemon| daemon.said().contains("the configuration was not reloaded"));
    heard.push(("check of a bad configuration".to_owned(), daemon.says(&["check"]).1));
    heard.push(("check of a bad configuration, JSON".to_owned(), daemon.says(&["check", "--json"]).1));
    fs::write(daemon.path("tidings.toml"), format!("{good}\ntoken = PLANTED-SECRET unquoted\n")).unwrap();
    heard.push(("check of what is no TOML".to_owned(), daemon.says(&["check"]).1));
    fs::write(daemon.path("tidings.toml"), good).unwrap();
    daemon.stop();

    heard.push(("standard output".to_owned(), fs::read_to_string(daemon.path("stdout")).unwrap()));
    let log = daemon.said();
    assert!(log.contains("TRACE"), "the log is at its finest");
    heard.push(("the log".to_owned(), log));
    let leaks: Vec<String> = heard
        .iter()
        .flat_map(|(what, text)| text.lines().map(move |line| (what, line)))
        .filter(|(_, line)| [MARK, MARK_BASE64, TOKEN].iter().any(|mark| line.contains(mark)))
        .map(|(what, line)| format!("{what}:\n    {}", line.chars().take(600).collect::<String>()))
        .collect();
    assert!(leaks.is_empty(), "{} lines tell a secret:\n{}", leaks.len(), leaks.join("\n"));
}
