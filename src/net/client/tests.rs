use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;
use crate::net::guard::tests::REFUSED;
use crate::net::{Allow, guard};

/// Serves each connection in turn with its script, keeps what it was sent, and counts connections.
struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

/// What a server does once it has read the head of a request.
#[derive(Clone)]
enum Script {
    /// Sends these bytes, then closes.
    Say(Vec<u8>),
    /// Sends these bytes, then one byte in 20 ms for ever.
    Drip(Vec<u8>),
    /// Sends these bytes after 300 ms, then closes.
    Late(Vec<u8>),
    /// Sends nothing for ever.
    Hang,
    /// Answers 304 to every request on the connection.
    NotModified,
}

impl Server {
    async fn new(script: Script) -> Self {
        Self::at("127.0.0.1", script).await
    }

    async fn at(ip: &str, script: Script) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.expect("a listener");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (mut tasks, log) = (JoinSet::new(), Arc::clone(&seen));
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                log.lock().expect("no panic").push(String::new());
                connections.spawn(serve(stream, script.clone(), Arc::clone(&log)));
            }
        });
        Self { port, seen, _tasks: tasks }
    }

    async fn saying(head: &str, body: &[u8]) -> Self {
        Self::new(Script::Say([head.as_bytes(), b"\r\n\r\n", body].concat())).await
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/feed", self.port)
    }

    fn connections(&self) -> usize {
        self.seen.lock().expect("no panic").len()
    }

    fn heard(&self) -> String {
        self.seen.lock().expect("no panic").concat()
    }
}

async fn serve(mut stream: tokio::net::TcpStream, script: Script, log: Arc<Mutex<Vec<String>>>) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        log.lock().expect("no panic").last_mut().expect("a connection").push_str(&String::from_utf8_lossy(&head));
        let bytes: &[u8] = match &script {
            Script::Say(bytes) | Script::Drip(bytes) | Script::Late(bytes) => bytes,
            Script::Hang => &[],
            Script::NotModified => b"HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\n\r\n",
        };
        if matches!(script, Script::Late(_)) {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        if stream.write_all(bytes).await.is_err() {
            return;
        }
        match script {
            Script::NotModified => {}
            Script::Say(_) | Script::Late(_) => return,
            Script::Hang => std::future::pending().await,
            Script::Drip(_) => loop {
                tokio::time::sleep(Duration::from_millis(20)).await;
                if stream.write_all(b"x").await.is_err() {
                    return;
                }
            },
        }
    }
}

fn policy(rules: &[&str]) -> NetPolicy {
    let allow: Vec<_> = rules.iter().map(|rule| Allow::parse(rule).expect("a rule")).collect();
    NetPolicy { user_agent: "tidings/test".to_owned(), guard: Guard::new(false, &allow), bounds: Bounds::default() }
}

fn client(rules: &[&str]) -> WebClient {
    WebClient::new(&policy(rules)).expect("a client")
}

/// A client that may be redirected to these servers, at whatever ports they are.
fn client_of(servers: &[&Server]) -> WebClient {
    let ports: Vec<u16> = servers.iter().map(|server| server.port).collect();
    let policy = policy(&["127.0.0.1"]);
    WebClient::new(&NetPolicy { guard: policy.guard.clone().with_ports(&ports), ..policy }).expect("a client")
}

fn get(url: &str) -> Request {
    Request {
        method: Method::Get,
        url: WebUrl::parse(url).expect("an address"),
        headers: Vec::new(),
        body: Vec::new(),
        redirects: Redirects::Follow(3),
        limits: Limits { connect: Duration::from_secs(5), total: Duration::from_secs(10), body_bytes: 100_000 },
    }
}

fn post(url: &str) -> Request {
    Request { method: Method::Post, body: b"{}".to_vec(), redirects: Redirects::Refuse, ..get(url) }
}

async fn fetched(url: &str) -> Exchange {
    client(&["127.0.0.1"]).send(get(url)).await
}

/// The kind and words of a failure, with the port taken out.
fn shown(exchange: Exchange, port: u16) -> String {
    exchange.expect_err("a failure").to_string().replace(&port.to_string(), "PORT")
}

#[tokio::test]
async fn an_answer_is_handed_back_whole() {
    let server = Server::saying("HTTP/1.1 404 Not Found\r\nETag: W/\"x\"\r\nX-Odd: caf\u{e9}", b"none here").await;
    let answer = fetched(&server.url()).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice()), (404, b"none here".as_slice()));
    assert_eq!((answer.headers.first("etag"), answer.headers.first("x-odd")), (Some("W/\"x\""), Some("caf\u{e9}")));
    assert_eq!((answer.url.as_str(), answer.redirects), (server.url().as_str(), vec![]));
}

#[tokio::test]
async fn certificates_are_read_when_an_address_needs_them_and_a_redirect_to_https_does() {
    let server = Server::saying("HTTP/1.1 200 OK", b"here").await;
    let start = Server::saying("HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1:1/", b"").await;
    let policy = policy(&["127.0.0.1"]);
    let policy = NetPolicy { guard: policy.guard.clone().with_ports(&[1]), ..policy };
    let late = WebClient::without_certificates(&policy).expect("a client");
    late.send(get(&server.url())).await.expect("an answer");
    assert!(!late.ways.is_secure());
    let failure = late.send(get(&start.url())).await.expect_err("nothing listens there");
    assert_eq!(failure.kind, FailureKind::Connect, "{failure}");
    assert!(late.ways.is_secure() && WebClient::new(&policy).expect("a client").ways.is_secure());
}

#[tokio::test]
async fn a_request_carries_its_fields_byte_for_byte_and_nothing_that_tells_on_people() {
    let server = Server::saying("HTTP/1.1 304 Not Modified", b"").await;
    let mut request = get(&server.url());
    request.headers = vec![
        ("if-none-match".to_owned(), "W/\"a b\u{e9}\", junk".to_owned()),
        ("if-modified-since".to_owned(), "yesterday, about noon".to_owned()),
    ];
    client(&["127.0.0.1"]).send(request).await.expect("an answer");
    let heard = server.heard();
    assert!(heard.contains("if-none-match: W/\"a b\u{e9}\", junk\r\n"), "{heard}");
    assert!(heard.contains("if-modified-since: yesterday, about noon\r\n"), "{heard}");
    assert!(heard.contains("user-agent: tidings/test\r\n") && heard.contains("accept-encoding: gzip"), "{heard}");
    assert!(!heard.contains("cookie") && !heard.contains("referer"), "{heard}");
}

#[tokio::test]
async fn redirects_are_followed_up_to_their_bound_without_secrets() {
    let end = Server::saying("HTTP/1.1 200 OK", b"here").await;
    let start = Server::saying(&format!("HTTP/1.1 301 Moved\r\nlocation: {}", end.url()), b"").await;
    let mut request = get(&start.url());
    request.headers =
        vec![("authorization".to_owned(), "Bearer x".to_owned()), ("accept".to_owned(), "a/b".to_owned())];
    let answer = client_of(&[&end]).send(request).await.expect("an answer");
    assert_eq!((answer.body.as_slice(), answer.redirects), (b"here".as_slice(), vec![301]));
    assert_eq!(answer.url.as_str(), end.url());
    assert!(start.heard().contains("authorization: Bearer x") && !end.heard().contains("authorization"));
    assert!(end.heard().contains("accept: a/b"));

    let circle = Server::saying("HTTP/1.1 302 Found\r\nlocation: /feed?again", b"").await;
    insta::assert_snapshot!(shown(fetched(&circle.url()).await, circle.port), @"redirect: the redirects go round in a circle, back to http://127.0.0.1:PORT/feed: it may want a cookie, which no reader of feeds has");
    assert_eq!(circle.connections(), 2, "it is not asked the same a third time");
    let further = Server::saying("HTTP/1.1 302 Found\r\nlocation: /feed/more", b"").await;
    insta::assert_snapshot!(shown(fetched(&further.url().replace("feed", "")).await, further.port), @"redirect: the redirects go round in a circle, back to http://127.0.0.1:PORT/feed/more: it may want a cookie, which no reader of feeds has");
    let nowhere = Server::saying("HTTP/1.1 302 Found\r\nlocation: file:///etc/passwd", b"").await;
    insta::assert_snapshot!(shown(fetched(&nowhere.url()).await, nowhere.port), @r#"redirect: 302 from http://127.0.0.1:PORT/feed leads nowhere: "file:///etc/passwd" is not a web address (scheme "file"; expected http or https)"#);
    let unnamed = Server::saying("HTTP/1.1 308 Permanent", b"").await;
    insta::assert_snapshot!(shown(fetched(&unnamed.url()).await, unnamed.port), @"redirect: 308 from http://127.0.0.1:PORT/feed names no address");
}

#[tokio::test]
async fn a_redirect_that_is_to_be_shown_is_judged_and_not_followed() {
    let end = Server::saying("HTTP/1.1 200 OK", b"here").await;
    let start = Server::saying(&format!("HTTP/1.1 302 Found\r\nlocation: {}", end.url()), b"moved").await;
    let show = || Request { redirects: Redirects::Show, ..get(&start.url()) };
    let answer = client_of(&[&end]).send(show()).await.expect("an answer");
    assert_eq!((answer.status, answer.headers.first("location")), (302, Some(end.url().as_str())));
    assert_eq!((answer.url.as_str(), answer.body.len()), (start.url().as_str(), 0));
    let refused = client(&["127.0.0.1"]).send(show()).await.expect_err("a redirect may not lead to such a port");
    assert_eq!((refused.kind, end.connections()), (FailureKind::Blocked, 0));
}

#[tokio::test]
async fn a_webhook_is_not_redirected() {
    let server = Server::saying("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/", b"").await;
    let answer = client(&["127.0.0.1"]).send(post(&server.url())).await.expect("an answer");
    assert_eq!((answer.status, answer.redirects), (302, vec![]));
}

#[tokio::test]
async fn no_spelling_of_a_forbidden_address_gets_a_connection() {
    let server = Server::saying("HTTP/1.1 200 OK", b"secret").await;
    let guarded = client(&[]);
    for host in ["127.0.0.1", "[::ffff:127.0.0.1]", "0x7f000001", "2130706433", "localhost"] {
        let exchange = guarded.send(get(&format!("http://{host}:{}/", server.port))).await;
        assert_eq!(exchange.expect_err("refused").kind, FailureKind::Blocked, "{host}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_redirect_to_a_forbidden_address_gets_no_connection() {
    let inside = Server::saying("HTTP/1.1 200 OK", b"secret").await;
    let port = inside.port;
    for target in [format!("http://[::ffff:127.0.0.2]:{port}/"), "http://169.254.169.254/latest".to_owned()] {
        let start = Server::saying(&format!("HTTP/1.1 302 Found\r\nlocation: {target}"), b"").await;
        let failure = fetched(&start.url()).await.expect_err("refused");
        assert_eq!(failure.kind, FailureKind::Blocked, "{failure}");
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_redirect_to_any_refused_address_ends_at_its_wall() {
    let mut passed = Vec::new();
    for (target, resolved, wall) in REFUSED {
        let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\n\r\n");
        let start = Server::at("127.0.0.77", Script::Say(redirect.into_bytes())).await;
        let resolved: Vec<&'static str> = Some(resolved).filter(|ip| !ip.is_empty()).into_iter().collect();
        let allowed = policy(&["127.0.0.77"]);
        let client = Scripted::client(&allowed, &[&["127.0.0.77"], &resolved]);
        let from = format!("http://start.example:{}/", start.port);
        let exchange = client.send(get(&from)).await;
        let kind = exchange.as_ref().err().map(|failure| failure.kind);
        let is_refused = match wall {
            guard::tests::Wall::Parser => kind == Some(FailureKind::Redirect),
            guard::tests::Wall::Text | guard::tests::Wall::Resolver => kind == Some(FailureKind::Blocked),
        };
        if !is_refused {
            passed.push((target, exchange));
        }
    }
    assert!(passed.is_empty(), "{passed:#?}");
}

#[tokio::test]
async fn a_name_that_is_allowed_is_reached() {
    let server = Server::saying("HTTP/1.1 200 OK", b"here").await;
    let url = format!("http://localhost:{}/", server.port);
    let answer = client(&["localhost"]).send(get(&url)).await.expect("an answer");
    assert_eq!(answer.body, b"here");
}

/// A resolver that gives these answers, one after the other, and the last one again.
struct Scripted {
    guard: Arc<Guard>,
    answers: Mutex<Vec<Vec<&'static str>>>,
}

impl Scripted {
    fn client(policy: &NetPolicy, answers: &[&[&'static str]]) -> WebClient {
        let guard = Arc::new(policy.guard.clone());
        let answers = Mutex::new(answers.iter().rev().map(|answer| answer.to_vec()).collect());
        WebClient::with(policy, Arc::clone(&guard), Self { guard, answers }).expect("a client")
    }
}

impl Resolve for Scripted {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let mut answers = self.answers.lock().expect("no panic");
        let answer = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() }.expect("an answer");
        let found = answer.iter().map(|ip| (ip.parse::<std::net::IpAddr>().expect("an address"), 0).into()).collect();
        let passed = crate::net::resolve::sieve(&self.guard, name.as_str(), found);
        Box::pin(async move { passed })
    }
}

#[tokio::test]
async fn a_name_that_resolves_anew_to_a_forbidden_address_gets_no_connection() {
    let server = Server::saying("HTTP/1.1 200 OK", b"here").await;
    // 127.0.0.1 stands for the public internet here, whatever else is on loopback for the private one.
    let client = Scripted::client(&policy(&["127.0.0.1"]), &[&["127.0.0.1"], &["127.0.0.2"]]);
    let url = format!("http://rebind.example:{}/", server.port);
    assert_eq!(client.send(get(&url)).await.expect("an answer").body, b"here");
    let failure = client.send(get(&url)).await;
    insta::assert_snapshot!(shown(failure, server.port), @r#"blocked: rebind.example resolves to 127.0.0.2, which is a loopback address; if that is meant, add "127.0.0.2" to allow in [network]"#);
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn of_a_mixed_answer_only_the_allowed_addresses_are_connected_to() {
    let server = Server::saying("HTTP/1.1 200 OK", b"here").await;
    let mixed: &[&str] = &["127.0.0.2", "::1", "169.254.169.254", "127.0.0.1"];
    let client = Scripted::client(&policy(&["127.0.0.1"]), &[mixed]);
    let answer = client.send(get(&format!("http://mixed.example:{}/", server.port))).await.expect("an answer");
    assert_eq!(answer.body, b"here");
    let client = Scripted::client(&policy(&[]), &[mixed]);
    let failure = client.send(get(&format!("http://mixed.example:{}/", server.port))).await.expect_err("refused");
    assert_eq!(failure.kind, FailureKind::Blocked);
    let client = Scripted::client(&policy(&[]), &[&[]]);
    let failure = client.send(get("http://empty.example/")).await.expect_err("a failure");
    assert_eq!(failure.kind, FailureKind::Dns);
}

#[tokio::test]
async fn the_connection_itself_is_refused_where_it_leads_astray() {
    // Below the resolver's wall: a connector that is told nothing of the host trusts no name.
    let guard = Arc::new(Guard::new(false, &[Allow::parse("localhost").expect("a rule")]));
    let server = Server::saying("HTTP/1.1 200 OK", b"secret").await;
    let bare = reqwest::Client::builder()
        .no_proxy()
        .connector_layer(Wall { guard, beyond: Beyond::Used, opened: Arc::default() })
        .build()
        .expect("a client");
    let error = bare.get(format!("http://localhost:{}/", server.port)).send().await.expect_err("refused");
    let Request { url, limits, .. } = get(&server.url());
    let sent = Sent {
        method: Method::Get,
        url: &url,
        limits: &limits,
        bounds: &Bounds::default(),
        apart: &Apart::new().expect("threads"),
    };
    let failure = fault::failure(&error, Phase::Head, &sent);
    assert_eq!(failure.kind, FailureKind::Blocked, "{failure}");
    assert_eq!(server.heard(), "");
}

/// `tidings` in gzip.
const GZIPPED: [u8; 27] = [
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff, 0x2b, 0xc9, 0x4c, 0xc9, 0xcc, 0x4b, 0x2f, 6, 0, 0x1c, 0x27, 0xd5, 0x21, 7,
    0, 0, 0,
];

#[tokio::test]
async fn a_body_is_decompressed_and_a_damaged_one_is_told() {
    let head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip";
    let server = Server::saying(head, &GZIPPED).await;
    assert_eq!(fetched(&server.url()).await.expect("an answer").body, b"tidings");
    let cut = Server::saying(&format!("{head}\r\ncontent-length: 14"), &GZIPPED[..14]).await;
    insta::assert_snapshot!(shown(fetched(&cut.url()).await, cut.port), @"decode: the body from 127.0.0.1:PORT can't be decompressed: cut off or damaged (incomplete deflate stream)");
    let none = Server::saying(head, b"not gzip at all").await;
    assert_eq!(fetched(&none.url()).await.expect("an answer").body, b"not gzip at all");
    let unsaid = Server::saying("HTTP/1.1 200 OK", &GZIPPED).await;
    assert_eq!(fetched(&unsaid.url()).await.expect("an answer").body, b"tidings");
}

#[tokio::test]
async fn what_is_no_document_is_heard_whatever_becomes_of_its_body() {
    let busy = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 600\r\ncontent-length: 100";
    let cut = Server::saying(busy, b"slow do").await;
    let answer = fetched(&cut.url()).await.expect("an answer");
    let said = (answer.status, answer.headers.first("retry-after"), answer.body.as_slice());
    assert_eq!(said, (429, Some("600"), b"slow do".as_slice()));
    let packed = Server::saying(&format!("{busy}\r\ncontent-encoding: zstd"), b"slow do").await;
    assert_eq!(fetched(&packed.url()).await.expect("an answer").status, 429);
    let long =
        Server::saying("HTTP/1.1 503 Busy\r\nretry-after: 9\r\ncontent-length: 200000", &vec![b'x'; 200_000]).await;
    assert_eq!(fetched(&long.url()).await.expect("an answer").headers.first("retry-after"), Some("9"));
    let unchanged = Server::saying("HTTP/1.1 304 Not Modified\r\ncontent-encoding: zstd", b"").await;
    assert_eq!(fetched(&unchanged.url()).await.expect("an answer").status, 304);
}

#[tokio::test]
async fn a_connection_that_breaks_or_speaks_no_http_is_told() {
    let broken = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 100", b"half").await;
    insta::assert_snapshot!(shown(fetched(&broken.url()).await, broken.port), @"protocol: the connection to 127.0.0.1:PORT broke in mid-body (end of file before message length reached)");
    let cut = Server::saying("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 100", &GZIPPED[..14]).await;
    insta::assert_snapshot!(shown(fetched(&cut.url()).await, cut.port), @"protocol: the connection to 127.0.0.1:PORT broke in mid-body (end of file before message length reached)");
    let silent = Server::new(Script::Say(Vec::new())).await;
    insta::assert_snapshot!(shown(fetched(&silent.url()).await, silent.port), @"protocol: no HTTP answer from 127.0.0.1:PORT (connection closed before message completed)");
    let ssh = Server::saying("SSH-2.0-OpenSSH_9.2", b"").await;
    insta::assert_snapshot!(shown(fetched(&ssh.url()).await, ssh.port), @"protocol: no HTTP answer from 127.0.0.1:PORT (invalid HTTP version parsed)");
}

#[tokio::test]
async fn a_server_that_is_not_there_or_speaks_no_tls_is_told() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        listener.local_addr().expect("an address").port()
    };
    insta::assert_snapshot!(shown(fetched(&format!("http://127.0.0.1:{port}/")).await, port), @"connect: 127.0.0.1:PORT refuses connections: nothing listens there, or a firewall");
    let unresolved = client(&[]).send(get("http://no-such-host.invalid/")).await.expect_err("a failure");
    assert_eq!(unresolved.kind, FailureKind::Dns, "{unresolved}");

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("sent");
        tokio::time::sleep(Duration::from_secs(5)).await;
    });
    insta::assert_snapshot!(shown(fetched(&format!("https://127.0.0.1:{port}/")).await, port), @"tls: no secure connection to 127.0.0.1:PORT (received corrupt message of type InvalidContentType): does it speak https on that port?");
}

#[tokio::test]
async fn time_runs_out_for_silence_and_for_a_drip_alike() {
    let limits = Limits { total: Duration::from_millis(300), ..get("http://a/").limits };
    let hang = Server::new(Script::Hang).await;
    let exchange = client(&["127.0.0.1"]).send(Request { limits, ..get(&hang.url()) }).await;
    insta::assert_snapshot!(shown(exchange, hang.port), @"timeout: no answer from 127.0.0.1 within 0.3 s");
    let drip = Server::new(Script::Drip(b"HTTP/1.1 200 OK\r\n\r\n".to_vec())).await;
    let failure = client(&["127.0.0.1"]).send(Request { limits, ..get(&drip.url()) }).await.expect_err("a failure");
    assert_eq!(failure.kind, FailureKind::Timeout);
    assert!(failure.detail.starts_with("the body from 127.0.0.1 was not complete within 0.3 s: "), "{failure}");
}

#[tokio::test]
async fn a_body_past_its_limit_is_refused_announced_or_not() {
    let limits = Limits { body_bytes: 6, ..get("http://a/").limits };
    for head in ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\ncontent-length: 7"] {
        let server = Server::saying(head, b"tidings").await;
        let exchange = client(&["127.0.0.1"]).send(Request { limits, ..get(&server.url()) }).await;
        assert_eq!(exchange.expect_err("a failure").kind, FailureKind::TooLarge, "{head}");
    }
    let small = Server::saying("HTTP/1.1 200 OK\r\ncontent-encoding: gzip", &GZIPPED).await;
    let exchange = client(&["127.0.0.1"]).send(Request { limits, ..get(&small.url()) }).await;
    insta::assert_snapshot!(shown(exchange, small.port), @"too-large: the body from 127.0.0.1 is larger than 6 bytes; if that is meant, raise feed_body_mib or page_body_mib in [network]");
    let fits = Server::saying("HTTP/1.1 200 OK", b"tiding").await;
    assert!(client(&["127.0.0.1"]).send(Request { limits, ..get(&fits.url()) }).await.is_ok());
}

#[tokio::test]
async fn an_endpoints_answer_stands_however_its_body_ends() {
    let limits = Limits { total: Duration::from_millis(300), body_bytes: 6, ..get("http://a/").limits };
    let long = Server::saying("HTTP/1.1 200 OK", b"tidings").await;
    let answer = client(&["127.0.0.1"]).send(Request { limits, ..post(&long.url()) }).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"tiding".as_slice()));
    let drip = Server::new(Script::Drip(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n".to_vec())).await;
    let limits = Limits { body_bytes: 1_000, ..limits };
    let answer = client(&["127.0.0.1"]).send(Request { limits, ..post(&drip.url()) }).await.expect("an answer");
    assert_eq!(answer.status, 200);
    let broken = Server::saying("HTTP/1.1 202 Accepted\r\ncontent-length: 100", b"half").await;
    let answer = client(&["127.0.0.1"]).send(post(&broken.url())).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice()), (202, b"half".as_slice()));
}

#[tokio::test]
async fn an_endpoint_may_think_longer_than_a_feed() {
    let late = Server::new(Script::Late(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())).await;
    let policy = policy(&["127.0.0.1"]);
    let bounds = Bounds { answer: Duration::from_millis(100), ..Bounds::default() };
    let client = WebClient::new(&NetPolicy { bounds, ..policy }).expect("a client");
    assert_eq!(client.send(post(&late.url())).await.expect("an answer").status, 204);
    insta::assert_snapshot!(shown(client.send(get(&late.url())).await, late.port), @"timeout: no answer from 127.0.0.1 within 0.1 s");
}

#[tokio::test]
async fn connections_are_reused() {
    let server = Server::new(Script::NotModified).await;
    let client = client(&["127.0.0.1"]);
    for _ in 0..20 {
        assert_eq!(client.send(get(&server.url())).await.expect("an answer").status, 304);
        // A connection is handed back by the threads that drive it; asked before that, another one is opened.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(server.connections() <= 5, "{}", server.connections());
}

#[tokio::test]
async fn of_connections_to_many_hosts_few_stay_open() {
    let listener = TcpListener::bind(("0.0.0.0", 0)).await.expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let open = Arc::new(AtomicUsize::new(0));
    let (mut tasks, count) = (JoinSet::new(), Arc::clone(&open));
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let count = Arc::clone(&count);
            connections.spawn(async move {
                count.fetch_add(1, Ordering::Relaxed);
                serve(stream, Script::NotModified, Arc::new(Mutex::new(vec![String::new()]))).await;
                count.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    let kept = 16;
    let policy = policy(&["127.0.0.0/8"]);
    let bounds = Bounds { kept, ..Bounds::default() };
    let client = WebClient::new(&NetPolicy { bounds, ..policy }).expect("a client");
    let hosts = kept * 3;
    for host in 0..hosts {
        let url = format!("http://127.0.{}.{}:{port}/feed", 1 + host / 250, 1 + host % 250);
        client.send(get(&url)).await.expect("an answer");
    }
    let most = kept + 1;
    for _ in 0..100 {
        if open.load(Ordering::Relaxed) <= most {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} of {hosts} connections are open", open.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_field_that_breaks_lines_is_not_sent() {
    let mut request = get("http://127.0.0.1:1/");
    request.headers = vec![("if-none-match".to_owned(), "x\r\nhost: evil".to_owned())];
    let failure = client(&["127.0.0.1"]).send(request).await.expect_err("a failure");
    insta::assert_snapshot!(failure, @r#"protocol: the header field "if-none-match" can't be sent: it holds characters that no field may"#);
    let policy = NetPolicy { user_agent: "a\nb".to_owned(), ..NetPolicy::default() };
    assert!(matches!(WebClient::new(&policy), Err(ClientError::UserAgent { .. })));
}

#[tokio::test]
async fn what_is_only_to_be_reached_is_told_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let mut accepted = JoinSet::new();
    accepted.spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await.expect("its end");
        heard
    });
    let policy = NetPolicy { guard: Guard::new(true, &[]).with_ports(&[port]), ..NetPolicy::default() };
    let client = WebClient::that_only_connects(&policy).expect("a client");
    let Request { url, limits, .. } = get(&format!("http://127.0.0.1:{port}/hook"));
    client.reach(&url, limits).await.expect("it listens");
    assert_eq!(accepted.join_next().await.expect("a task").expect("no panic"), b"");

    let failure = client.reach(&url, limits).await.expect_err("nobody listens any more");
    assert_eq!(failure.kind, FailureKind::Connect);
    let strict = WebClient::that_only_connects(&NetPolicy::default()).expect("a client");
    assert_eq!(strict.reach(&url, limits).await.expect_err("the guard holds").kind, FailureKind::Blocked);
}
