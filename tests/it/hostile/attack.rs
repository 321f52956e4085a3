//! What hostile and broken servers do, and what must come of it.

use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::server::{Script, goes_on, hear, says, stalls, wait_for_the_end};

/// A server's behaviour, and how a poll of it ends.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) scheme: &'static str,
    pub(super) script: Script,
    pub(super) end: End,
}

/// How a poll ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    /// With this kind of failure, in words that hold these.
    Fails(&'static str, &'static str),
    /// With an answer of this status and so many bytes.
    Answers(u16, usize),
}

use End::{Answers, Fails};

const OK: &str = "HTTP/1.1 200 OK\r\n";
const GZIP: &str = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n";
/// 64 MB of spaces in brotli.
const BROTLI_BOMB: &str = "cbffff3f002440e2b14072effff8ffff078004401c1680eefd1fffffff00900088c302d0bdffe3ffff1f0012007158\
     00baf77ffcffff034002200e0b40f7fe8fffff7f004800c46101e8defff1ffff0f000980382c00ddfb3ffeffff012001108705a07bff37";
/// `tidings`, in a window of a gigabyte.
const BROTLI_WINDOW: &str = "111e0c0002746964696e677303";

pub(super) fn attacks() -> Vec<Attack> {
    [slow(), heads(), bodies(), compressed(), redirects(), noise(), feeds()].into_iter().flatten().collect()
}

fn attack(name: &'static str, script: Script, end: End) -> Attack {
    Attack { name, scheme: "http", script, end }
}

fn slow() -> Vec<Attack> {
    let silent: Script = Arc::new(wait_for_the_end);
    vec![
        attack("accepts and is silent", Arc::clone(&silent), Fails("timeout", "no answer from")),
        attack("slow-loris head", goes_on(format!("{OK}x: "), "x", 20), Fails("timeout", "no answer from")),
        attack(
            "slow-loris body",
            goes_on(format!("{OK}content-length: 90000\r\n\r\n"), "x", 20),
            Fails("timeout", "came too slowly"),
        ),
        attack("stalls in mid-body", stalls(format!("{OK}\r\n<rss>")), Fails("timeout", "came too slowly")),
        attack(
            "just fast enough, for ever",
            goes_on(format!("{OK}\r\n"), [b'x'; 400], 20),
            Fails("timeout", "not complete"),
        ),
        Attack { name: "no handshake", scheme: "https", script: silent, end: Fails("timeout", "no connection to") },
        attack(
            "promises more than it sends",
            stalls(format!("{OK}content-length: 99\r\n\r\nx")),
            Fails("timeout", "too slowly"),
        ),
    ]
}

fn heads() -> Vec<Attack> {
    let large = "the head of the answer from";
    let line = |n: usize| format!("x-{n}: {}\r\n", "y".repeat(2_000));
    let lines: String = (0..40).map(line).collect();
    vec![
        attack("endless field", goes_on(format!("{OK}x: "), [b'x'; 4096], 0), Fails("too-large", large)),
        attack("endless fields", goes_on(OK, "x: y\r\n".repeat(200), 0), Fails("too-large", large)),
        attack("80 kB of fields", says(format!("{OK}{lines}\r\n")), Fails("too-large", large)),
        attack("101 fields", says(format!("{OK}{}\r\n", "x: y\r\n".repeat(101))), Fails("too-large", large)),
        attack(
            "endless 100 Continue",
            goes_on("", "HTTP/1.1 100 Continue\r\n\r\n", 0),
            Fails("timeout", "no answer from"),
        ),
        attack(
            "endless 103 Early Hints",
            goes_on("", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(50), 0),
            Fails("timeout", "no answer from"),
        ),
        attack(
            "a Retry-After of aeons",
            says("HTTP/1.1 429 Too Many Requests\r\nretry-after: 99999999999999999999\r\ncontent-length: 0\r\n\r\n"),
            Answers(429, 0),
        ),
    ]
}

fn bodies() -> Vec<Attack> {
    let chunked = format!("{OK}transfer-encoding: chunked\r\n\r\n");
    let broke = "broke in mid-body";
    vec![
        attack("endless body", goes_on(format!("{OK}\r\n"), [b'x'; 65_536], 0), Fails("too-large", "larger than")),
        attack(
            "endless body, announced",
            goes_on(format!("{OK}content-length: 999999999999\r\n\r\n"), [b'x'; 65_536], 0),
            Fails("too-large", "larger than"),
        ),
        attack(
            "endless chunks",
            goes_on(&*chunked, b"1000\r\n".iter().copied().chain([b'x'; 4096]).chain(*b"\r\n").collect::<Vec<_>>(), 0),
            Fails("too-large", "larger than"),
        ),
        attack("chunks that are none", says(format!("{chunked}tidings\r\nxx\r\n")), Fails("protocol", broke)),
        attack("a chunk of 2^68 bytes", says(format!("{chunked}100000000000000000\r\nxx")), Fails("protocol", broke)),
        attack("endless chunk extension", goes_on(format!("{chunked}1;"), [b'x'; 4096], 0), Fails("protocol", broke)),
        attack(
            "endless trailer",
            goes_on(format!("{chunked}0\r\n"), "x: y\r\n".repeat(200), 0),
            Fails("protocol", broke),
        ),
        attack(
            "fewer bytes than announced",
            says(format!("{OK}content-length: 99\r\n\r\n<rss>")),
            Fails("protocol", broke),
        ),
        attack(
            "more bytes than announced",
            says(format!("{OK}content-length: 5\r\n\r\n<rss><channel>")),
            Answers(200, 5),
        ),
        attack(
            "two lengths",
            says(format!("{OK}content-length: 5\r\ncontent-length: 6\r\n\r\n<rss>")),
            Fails("protocol", "no HTTP answer"),
        ),
    ]
}

fn compressed() -> Vec<Attack> {
    let gzip = |body: Vec<u8>| says([GZIP.as_bytes(), &body].concat());
    let blank = packed(&vec![b' '; 1 << 17]);
    let brotli = |hex: &str| says([b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\n\r\n".to_vec(), bytes(hex)].concat());
    let twice = packed(&packed(b"<rss>"));
    let head = |fields: &str| [OK, fields, "\r\n\r\n"].concat().into_bytes();
    let bomb = "decompression bomb";
    vec![
        attack("gzip bomb", gzip(blank.repeat(512)), Fails("too-large", bomb)),
        attack("endless gzip bomb", goes_on(GZIP, blank.clone(), 0), Fails("too-large", bomb)),
        attack("gzip bomb, unannounced", goes_on(format!("{OK}\r\n"), blank, 0), Fails("too-large", bomb)),
        attack("brotli bomb", brotli(BROTLI_BOMB), Fails("too-large", bomb)),
        attack("brotli's large window", brotli(BROTLI_WINDOW), Fails("decode", "invalid brotli")),
        attack(
            "ten million entries, packed",
            gzip(packed("<item/>".repeat(20_000).as_bytes()).repeat(500)),
            Fails("too-large", bomb),
        ),
        attack(
            "gzip in gzip",
            says([head("content-encoding: gzip, gzip"), twice.clone()].concat()),
            Fails("decode", "compressed twice"),
        ),
        attack(
            "gzip in gzip, in two fields",
            says([head("content-encoding: gzip\r\ncontent-encoding: gzip"), twice].concat()),
            Fails("decode", "compressed twice"),
        ),
        attack("zstd unasked", says(head("content-encoding: zstd")), Fails("decode", "zstd, which was not asked for")),
        attack(
            "truncated gzip",
            gzip(packed(b"<rss><channel><title>A</title></channel></rss>")[..30].to_vec()),
            Fails("decode", "cut off or damaged"),
        ),
    ]
}

fn redirects() -> Vec<Attack> {
    let to = |place: &str| {
        says(format!("HTTP/1.1 302 Found\r\nlocation: {place}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"))
    };
    let nowhere = |place: &str| (to(place), Fails("redirect", "leads nowhere"));
    let inside = |place: &str, what: &'static str| (to(place), Fails("blocked", what));
    let walk: Script = Arc::new(|stream| {
        let head = hear(stream)?;
        let steps = head.split(' ').nth(1).unwrap_or_default().len();
        write!(
            stream,
            "HTTP/1.1 301 Moved\r\nlocation: /{}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            "a".repeat(steps)
        )
    });
    let pair: Script = Arc::new(|stream| {
        let there = if hear(stream)?.starts_with("GET /there") { "/" } else { "/there" };
        write!(stream, "HTTP/1.1 307 Moved\r\nlocation: {there}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
    });
    let cookies: Script = Arc::new(|stream| {
        let head = hear(stream)?.to_ascii_lowercase();
        let answer = match (head.contains("cookie:"), head.starts_with("get /in ")) {
            (true, _) => "HTTP/1.1 400 Bad\r\nset-cookie: a=b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            (_, true) => "HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 5\r\n\r\n<rss>",
            (_, false) => {
                "HTTP/1.1 302 Found\r\nset-cookie: a=b\r\nlocation: /in\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            }
        };
        stream.write_all(answer.as_bytes())
    });
    let pairs = [
        ("endless redirect", (walk, Fails("redirect", "more than 5 redirects"))),
        ("redirect circle", (pair, Fails("redirect", "in a circle"))),
        ("redirect to itself", (to(""), Fails("redirect", "in a circle"))),
        ("redirect to a file", nowhere("file:///etc/passwd")),
        ("redirect to data", nowhere("data:text/xml,<rss/>")),
        ("redirect to a script", nowhere("javascript:alert(1)")),
        ("redirect to nothing", nowhere("http://")),
        (
            "redirect without address",
            (
                says("HTTP/1.1 301 Moved\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"),
                Fails("redirect", "names no address"),
            ),
        ),
        ("redirect to a private network", inside("http://10.0.0.1/", "a private address")),
        ("redirect to loopback in IPv6", inside("http://[::ffff:7f00:2]/", "a loopback address")),
        ("redirect to a cloud's keys", inside("http://169.254.169.254/latest/", "metadata")),
        ("redirect with a password", inside("http://a:b@example.org/", "user or password")),
        ("redirect to a mail server", inside("//example.org:25/", "port 25 of example.org")),
        ("redirect to another port", inside("//example.org:9999/", "port 9999 of example.org")),
        ("cookies all the way", (cookies, Answers(200, 5))),
    ];
    pairs.into_iter().map(|(name, (script, end))| attack(name, script, end)).collect()
}

fn noise() -> Vec<Attack> {
    let hangs_up: Script = Arc::new(|stream| stream.peek(&mut [0]).map(|_| ()));
    let secure = |name, script| Attack { name, scheme: "https", script, end: Fails("tls", "no secure connection") };
    let plain = "HTTP/1.1 400 Bad Request\r\n\r\nThis is a plain port";
    vec![
        attack("resets at once", Arc::clone(&hangs_up), Fails("protocol", "no HTTP answer")),
        attack("closes without a word", says(""), Fails("protocol", "no HTTP answer")),
        attack("HTTP/0.9", says("<rss><channel></channel></rss>"), Fails("protocol", "no HTTP answer")),
        attack(
            "noise",
            says((0..=255).cycle().skip(7).take(9_000).collect::<Vec<u8>>()),
            Fails("protocol", "no HTTP answer"),
        ),
        attack("speaks TLS on a plain port", says([0x15, 3, 1, 0, 2, 2, 0x46]), Fails("protocol", "no HTTP answer")),
        attack(
            "speaks HTTP/2 unasked",
            says([&[0, 0, 0, 4, 0, 0, 0, 0, 0][..], &[0; 64]].concat()),
            Fails("protocol", "no HTTP answer"),
        ),
        secure("speaks HTTP on a secure port", Arc::new(move |stream| stream.write_all(plain.as_bytes()))),
        secure("resets the handshake", hangs_up),
    ]
}

/// Documents that are bombs only once they are read.
fn feeds() -> Vec<Attack> {
    let feed = |name, body: String| {
        let length = body.len();
        attack(
            name,
            says(format!("{OK}content-type: application/rss+xml\r\ncontent-length: {length}\r\n\r\n{body}")),
            Answers(200, length),
        )
    };
    let laughs = "<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>\
         <!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;'>]><rss><channel><item><title>&e;</title></item></channel></rss>";
    vec![
        feed("nested elements", "<rss><channel><item>".to_owned() + &"<media:group>".repeat(20_000)),
        feed("billion laughs", laughs.to_owned()),
        feed("a hundred thousand entries", format!("<rss><channel>{}</channel></rss>", "<item/>".repeat(100_000))),
    ]
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.bytes().map(|digit| u8::try_from(char::from(digit).to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
