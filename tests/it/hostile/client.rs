//! Each attack against the client alone, all at once.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings::model::{Exchange, Limits, Method, Redirects, Request, WebUrl};
use tidings::net::{Allow, Bounds, Guard, NetPolicy, WebClient};
use tidings::port::Http as _;
use tokio::task::JoinSet;

use super::attack::{Attack, End, attacks};
use super::server::{Server, says};

const ANSWER: Duration = Duration::from_millis(1_500);
const TOTAL: Duration = Duration::from_secs(4);
/// What a busy machine and a debug build may take on top of a bound.
const SLACK: Duration = Duration::from_secs(2);
const BODY_BYTES: usize = 2 << 20;

fn client() -> WebClient {
    let allow = [Allow::parse("127.0.0.1").unwrap()];
    let bounds = Bounds { answer: ANSWER, slow: Duration::from_millis(500), slowest_bytes: 1_000, ..Bounds::default() };
    WebClient::new(&NetPolicy { user_agent: String::new(), guard: Guard::new(false, &allow), bounds }).unwrap()
}

fn get(url: &str) -> Request {
    Request {
        method: Method::Get,
        url: WebUrl::parse(url).unwrap(),
        headers: Vec::new(),
        body: Vec::new(),
        redirects: Redirects::Follow(5),
        limits: Limits { connect: ANSWER / 2, total: TOTAL, body_bytes: BODY_BYTES },
    }
}

#[expect(clippy::disallowed_methods, reason = "real servers are met in real time")]
fn now() -> Instant {
    Instant::now()
}

/// What is wrong with how an exchange ended, if anything is.
fn complaint(attack: &Attack, exchange: &Exchange, took: Duration) -> Option<String> {
    let fits = match (attack.end, exchange) {
        (End::Fails(kind, words), Err(failure)) => failure.kind.label() == kind && failure.detail.contains(words),
        (End::Answers(status, bytes), Ok(response)) => response.status == status && response.body.len() == bytes,
        (End::Fails(..), Ok(_)) | (End::Answers(..), Err(_)) => false,
    };
    let shown = match exchange {
        Ok(response) => format!("answered {} with {} bytes", response.status, response.body.len()),
        Err(failure) => failure.to_string(),
    };
    (!fits || took > TOTAL + SLACK).then(|| format!("{}: {shown} after {took:?}; wanted {:?}", attack.name, attack.end))
}

/// The most memory that a process had, in MB, by its `/proc/PID/status`.
pub(super) fn peak_mb(status: &str) -> u64 {
    let kb = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    kb.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_ends_within_its_bounds_and_says_why_while_another_host_is_asked_without_delay() {
    let (attacks, client) = (attacks(), Arc::new(client()));
    let good = Server::new(Ipv4Addr::LOCALHOST, says("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n<rss>"));
    let mut running = JoinSet::new();
    for attack in attacks {
        let server = Server::new(Ipv4Addr::LOCALHOST, Arc::clone(&attack.script));
        let url = format!("{}://{}/", attack.scheme, server.address);
        let client = Arc::clone(&client);
        running.spawn(async move {
            let begun = now();
            let exchange = client.send(get(&url)).await;
            complaint(&attack, &exchange, begun.elapsed())
        });
    }
    let (mut complaints, mut slowest, mut asked) = (Vec::new(), Duration::ZERO, 0);
    while !running.is_empty() {
        let begun = now();
        let answer = client.send(get(&format!("http://{}/", good.address))).await.unwrap();
        assert_eq!(answer.body, b"<rss>");
        (slowest, asked) = (slowest.max(begun.elapsed()), asked + 1);
        tokio::time::sleep(Duration::from_millis(20)).await;
        while let Some(ended) = running.try_join_next() {
            complaints.extend(ended.unwrap());
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let peak = peak_mb(&std::fs::read_to_string("/proc/self/status").unwrap());
    println!("another host was asked {asked} times meanwhile, at the slowest in {slowest:?}; memory at most {peak} MB");
    assert!(slowest < SLACK, "{slowest:?}");
}
