//! HTTP/2 over TLS, spoken by the byte: that it is used where it is offered, and what floods of its frames come to.
//!
//! Against the binary, as its trusted certificates come from the environment (`SSL_CERT_FILE`).

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::Server;

type Secure = StreamOwned<ServerConnection, TcpStream>;
/// What a server says once it has heard a request (stream 1).
type Speech = fn(&mut Secure) -> io::Result<()>;

/// Frame types and flags (RFC 9113 section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// `:status: 200`, indexed (RFC 7541 appendix A).
const STATUS_200: u8 = 0x88;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The bound on an answer, a busy machine, and the start of a process.
const BOUND: Duration = Duration::from_secs(8);

fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], payload].concat()
}

/// A field with a name and value as they are, which is not to be remembered (RFC 7541 section 6.2.2).
fn field(name: &str, value: &str) -> Vec<u8> {
    // A length of 127 and more goes on in further bytes, seven bits each (section 5.1).
    let mut length = vec![u8::try_from(value.len().min(127)).unwrap()];
    if value.len() >= 127 {
        let mut rest = value.len() - 127;
        while rest >= 128 {
            length.push(u8::try_from(rest % 128).unwrap() | 128);
            rest /= 128;
        }
        length.push(u8::try_from(rest).unwrap());
    }
    [&[0, u8::try_from(name.len()).unwrap()], name.as_bytes(), &length, value.as_bytes()].concat()
}

/// Hears the preface, and frames until a request has come.
fn hear(stream: &mut Secure) -> io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface)?;
    assert_eq!(preface, PREFACE);
    stream.write_all(&frame(SETTINGS, 0, 0, &[]))?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head)?;
        let length = usize::from(head[1]) << 8 | usize::from(head[2]);
        stream.read_exact(&mut vec![0; length])?;
        if head[3] == HEADERS {
            return Ok(());
        }
    }
}

fn flood(stream: &mut Secure, piece: &[u8]) -> io::Result<()> {
    let many = piece.repeat(1 + 16_384 / piece.len());
    loop {
        stream.write_all(&many)?;
    }
}

fn answer(stream: &mut Secure) -> io::Result<()> {
    let feed =
        b"<rss version='2.0'><channel><title>Wire</title><item><title>Harbour reopens</title></item></channel></rss>";
    stream.write_all(&frame(HEADERS, END_HEADERS, 1, &[STATUS_200]))?;
    stream.write_all(&frame(DATA, END_STREAM, 1, feed))?;
    stream.flush()?;
    stream.read(&mut [0; 64]).map(|_| ())
}

/// A name, a speech, and words of the failure. The library counts continuations and empty frames by itself.
const FLOODS: [(&str, Speech, &str); 9] = [
    ("pings", |s| flood(s, &frame(PING, 0, 0, &[7; 8])), "no answer from"),
    ("settings", |s| flood(s, &frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 9])), "no answer from"),
    (
        "empty data",
        |s| flood(s, &[frame(HEADERS, END_HEADERS, 1, &[STATUS_200]), frame(DATA, 0, 1, &[])].concat()),
        "broke in mid-body",
    ),
    (
        "continuations",
        |s| {
            s.write_all(&frame(HEADERS, 0, 1, &[STATUS_200]))?;
            flood(s, &frame(CONTINUATION, 0, 1, &field("x", &"y".repeat(1_000))))
        },
        "no HTTP answer from",
    ),
    (
        "a head of 90 kB",
        |s| {
            let fields: Vec<u8> = (0..15).flat_map(|_| field("x", &"y".repeat(1_000))).collect();
            s.write_all(&frame(HEADERS, 0, 1, &[&[STATUS_200], &fields[..]].concat()))?;
            for _ in 0..4 {
                s.write_all(&frame(CONTINUATION, 0, 1, &fields))?;
            }
            s.write_all(&frame(CONTINUATION, END_HEADERS, 1, &fields))?;
            flood(s, &frame(DATA, 0, 1, b"x"))
        },
        "no HTTP answer from",
    ),
    ("a push", |s| s.write_all(&frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2, STATUS_200])), "no HTTP answer from"),
    ("a window of nothing", |s| s.write_all(&frame(WINDOW_UPDATE, 0, 0, &[0; 4])), "no HTTP answer from"),
    ("going away", |s| s.write_all(&frame(GOAWAY, 0, 0, &[0; 8])), "no HTTP answer from"),
    ("noise", |s| flood(s, b"tidings of noise"), "no HTTP answer from"),
];

/// A certificate for 127.0.0.1 in a file, and servers that have it.
fn configure(folder: &Path) -> Arc<ServerConfig> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.join("trusted.pem"), made.cert.pem()).unwrap();
    let text = "[network]\nallow = [\"127.0.0.1\"]\nconnect_timeout_secs = 2\nanswer_timeout_secs = 2\nslow_secs = 1\ntotal_timeout_secs = 4\n";
    std::fs::write(folder.join("tidings.toml"), text).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = versions.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    Arc::new(config)
}

fn server(config: &Arc<ServerConfig>, speech: Speech) -> Server {
    let config = Arc::clone(config);
    let script = move |stream: &mut TcpStream| {
        let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, stream.try_clone()?);
        hear(&mut stream)?;
        speech(&mut stream)?;
        stream.flush()?;
        stream.read(&mut [0; 64]).map(|_| ())
    };
    Server::new(std::net::Ipv4Addr::LOCALHOST, Arc::new(script))
}

/// What `tidings inspect` says of a server's feed on stdout and stderr.
fn inspect(folder: &Path, server: &Server) -> (String, String) {
    let said = Command::new(env!("CARGO_BIN_EXE_tidings"))
        .args(["inspect", "--json", &format!("https://{}/feed", server.address), "--config"])
        .arg(folder.join("tidings.toml"))
        .env("SSL_CERT_FILE", folder.join("trusted.pem"))
        .output()
        .unwrap();
    (String::from_utf8_lossy(&said.stdout).into_owned(), String::from_utf8_lossy(&said.stderr).into_owned())
}

#[test]
fn http_2_is_spoken_where_a_server_offers_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&configure(folder.path()), answer);
    let (stdout, stderr) = inspect(folder.path(), &server);
    assert!(stdout.contains("Harbour reopens"), "{stdout}{stderr}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the real process goes by the real clock")]
fn floods_of_frames_end_within_their_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let config = configure(folder.path());
    let complaint = |(name, speech, words): (&str, Speech, &str)| {
        let server = server(&config, speech);
        let begun = Instant::now();
        let (stdout, stderr) = inspect(folder.path(), &server);
        let took = begun.elapsed();
        let fits = (stdout.clone() + &stderr).contains(words) && took < BOUND;
        (!fits).then(|| format!("{name}: {stdout}{stderr} after {took:?}"))
    };
    let complaints: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = FLOODS.into_iter().map(|attack| scope.spawn(move || complaint(attack))).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
