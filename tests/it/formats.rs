//! Subscriptions of services that people read in, from the command line to what the service gets.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// What a service was sent: its first line and its body.
type Sent = (String, Value);

/// Stands for all services; answers as each does.
fn services() -> (u16, Receiver<Sent>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let mut head = Vec::new();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
                    break;
                }
                head.push(line.trim_end().to_owned());
            }
            let Some(first) = head.first().cloned() else { continue };
            let length =
                head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            reader.read_exact(&mut body).unwrap();
            let (status, answer) = match first.as_str() {
                line if line.contains("/slack/") => ("200 OK", "ok"),
                line if line.contains("/discord/") => {
                    ("404 Not Found", "{\"code\": 10015, \"message\": \"Unknown Webhook\"}")
                }
                line if line.contains("/sendMessage") => ("200 OK", "{\"ok\":true}"),
                _ => ("200 OK", "{}"),
            };
            sender.send((first, serde_json::from_slice(&body).unwrap())).ok();
            let length = answer.len();
            let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{answer}");
            reader.get_mut().write_all(answer.as_bytes()).ok();
        }
    });
    (port, receiver)
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidings"))
        .args(arguments)
        .args(["--config", "tidings.toml"])
        .current_dir(folder)
        .output()
        .unwrap()
}

fn told(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn each_service_is_told_in_its_own_way_and_no_secret_is_shown() {
    let (port, sent) = services();
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let here = format!("http://127.0.0.1:{port}");
    std::fs::write(folder.join("slack.url"), format!("{here}/slack/s3cret\n")).unwrap();
    std::fs::write(folder.join("bot.token"), "12345:s3cret_key\n").unwrap();
    std::fs::write(folder.join("token"), "tk_s3cret\n").unwrap();
    let config = format!(
        "[storage]\npath = 'tidings.db'\n[server]\nlisten = ''\n[network]\nallow_private = true\n\
         [[subscriptions]]\nname = 'slack'\nformat = 'slack'\nurl_file = 'slack.url'\n\
         [[subscriptions]]\nname = 'teams'\nformat = 'teams'\nurl = '{here}/teams/x?sig=s3cret'\n\
         [[subscriptions]]\nname = 'telegram'\nformat = 'telegram'\nurl = '{here}'\ntoken_file = 'bot.token'\nroom = '-100123'\n\
         [[subscriptions]]\nname = 'phone'\nformat = 'ntfy'\nurl = '{here}/desk-s3cret'\npriority = 4\n"
    );
    std::fs::write(folder.join("tidings.toml"), config).unwrap();
    let mut said = String::new();
    let discord = format!("{here}/discord/s3cret");
    said += &told(folder, &["subscription", "add", "discord", "--format", "discord", &discord]);
    let matrix = ["--format", "matrix", "--token-file", "token", "--room", "!r:here"];
    said += &told(folder, &[["subscription", "add", "matrix", &here].as_slice(), &matrix].concat());
    said += &told(folder, &["subscription", "add", "gotify", &here, "--format", "gotify", "--token-file", "token"]);
    said += &told(folder, &["check"]);

    let names = ["slack", "teams", "telegram", "phone", "discord", "matrix", "gotify"];
    // The first look makes the declared subscriptions.
    told(folder, &["poll", "--all"]);
    for name in names {
        said += &told(folder, &["subscription", "test", name]);
    }
    said += &told(folder, &["poll", "--all"]);
    let taken: BTreeMap<String, Value> =
        names.iter().map(|_| sent.recv_timeout(Duration::from_secs(30)).expect("a service is told")).collect();
    let firsts: Vec<_> =
        taken.keys().map(|first| first.split("/msg_").next().unwrap().trim_end_matches(" HTTP/1.1")).collect();
    assert_eq!(
        firsts,
        [
            "POST /",
            "POST /bot12345:s3cret_key/sendMessage",
            "POST /discord/s3cret",
            "POST /message",
            "POST /slack/s3cret",
            "POST /teams/x?sig=s3cret",
            "PUT /_matrix/client/v3/rooms/!r:here/send/m.room.message",
        ]
    );
    assert_eq!(taken["POST / HTTP/1.1"]["topic"], "desk-s3cret");
    assert_eq!(taken["POST /bot12345:s3cret_key/sendMessage HTTP/1.1"]["chat_id"], "-100123");

    let listed = told(folder, &["subscription", "list", "--json"]);
    let state = |name: &str| {
        let line = listed.lines().find(|line| line.contains(&format!("\"name\":\"{name}\""))).unwrap();
        serde_json::from_str::<Value>(line).unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(state("discord"), "disabled", "its webhook is unknown");
    assert!(names.iter().filter(|name| **name != "discord").all(|name| state(name) == "active"), "{listed}");
    said += &listed;
    said += &told(folder, &["delivery", "list", "--json"]);
    for name in names {
        said += &told(folder, &["subscription", "show", name]);
    }
    assert!(!said.contains("s3cret"), "{said}");
}

#[test]
fn what_a_service_lacks_is_told_where_it_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let config = "[[subscriptions]]\nname = 'a'\nformat = 'telegram'\nroom = 'desk'\n\
        [[subscriptions]]\nname = 'b'\nformat = 'slack'\nsecret = 'whsec_x'\nurl = 'hooks.slack.example/s3cret'\n\
        [[subscriptions]]\nname = 'c'\nformat = 'slak'\nurl = 'https://a.example/'\n\
        [[subscriptions]]\nname = 'd'\nemail = 'me'\n\
        [email]\nsmtp = 'smtp://mail.example.org'\nfrom = 'x@example.org'\n";
    std::fs::write(dir.path().join("tidings.toml"), config).unwrap();
    let output = run(dir.path(), &["check"]);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("s3cret"), "{said}");
    insta::assert_snapshot!(said);
    let refused = run(dir.path(), &["subscription", "add", "x", "--format", "matrix", "--room", "#a:b"]);
    assert!(!refused.status.success());
}
