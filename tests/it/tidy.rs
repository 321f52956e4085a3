//! The house's invariants, held by reading its source: the ladder, purity, and each crate in its room.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

mod paths;

use paths::{Named, Scanned, scan};

/// Rooms and their rungs. A file imports from lower rungs and its own room only.
const LADDER: [(&str, u8); 29] = [
    ("model", 0),
    ("url", 1),
    ("text", 1),
    ("charset", 1),
    ("date", 1),
    ("facts", 2),
    ("feed", 2),
    ("page", 2),
    ("topic", 2),
    ("dedup", 2),
    ("encode", 2),
    ("learn", 2),
    ("robots", 2),
    ("schedule", 2),
    ("deliver", 2),
    ("websub", 2),
    ("publish", 2),
    ("discover", 3),
    ("ingest", 3),
    ("port", 4),
    ("net", 5),
    ("mail", 5),
    ("store", 5),
    ("weights", 5),
    ("daemon", 6),
    ("server", 7),
    ("config", 8),
    ("cli", 9),
    ("main", 10),
];

/// The rung whose rooms may see each other.
const SIDEWAYS: u8 = 1;

/// Rooms at or below this rung are pure: no async, no clock, no files, no network, no environment.
const PURE_UP_TO: u8 = 3;

/// What pure rooms never name: a path that begins so.
const IMPURE: [&str; 14] = [
    "tokio",
    "futures_util",
    "tracing",
    "rand",
    "std::fs",
    "std::env",
    "std::process",
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::net::ToSocketAddrs",
    "std::time::SystemTime",
    "std::time::Instant",
    "jiff::Zoned",
];

/// Clocks, whatever they are imported as.
const CLOCKS: [&str; 4] = ["SystemTime", "Instant", "Timestamp", "Zoned"];

/// Crates that are named only in these rooms.
const CRATES: [(&str, &[&str]); 42] = [
    ("reqwest", &["net"]),
    ("hyper", &["server"]),
    ("hyper_util", &["net", "server"]),
    ("lettre", &["mail"]),
    ("rusqlite", &["store"]),
    ("rustix", &["store", "daemon", "cli"]),
    ("tracing_journald", &["cli"]),
    ("axum", &["server"]),
    ("tower", &["server", "net"]),
    ("http", &["server", "net"]),
    ("prometheus_client", &["server"]),
    ("utoipa", &["server"]),
    ("feed_rs", &["feed"]),
    ("scraper", &["page"]),
    ("tantivy_query_grammar", &["topic"]),
    ("rust_stemmers", &["text"]),
    ("similar", &["text"]),
    ("whatlang", &["text"]),
    ("unicode_normalization", &["text"]),
    ("encoding_rs", &["charset"]),
    ("chardetng", &["charset"]),
    ("aws_lc_rs", &["deliver", "websub", "store", "weights", "cli"]),
    ("sd_notify", &["daemon", "cli"]),
    ("listenfd", &["cli"]),
    ("toml", &["config"]),
    ("annotate_snippets", &["config", "cli"]),
    ("strsim", &["config", "server", "topic"]),
    ("flate2", &["page", "cli", "net", "weights"]),
    ("fearless_simd", &["encode"]),
    ("rawzip", &["weights"]),
    ("brotli_decompressor", &["net"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("comfy_table", &["cli"]),
    ("indicatif", &["cli"]),
    ("console", &["cli"]),
    ("tracing_subscriber", &["config", "cli", "main"]),
    ("anyhow", &["daemon", "cli", "main"]),
    ("tokio", &["net", "mail", "store", "daemon", "server", "cli", "main"]),
    ("tracing", &["net", "store", "daemon", "server", "config", "cli", "main"]),
    ("sqlx", &[]),
];

/// Names that say nothing.
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "common", "helpers", "helper", "misc", "types", "manager"];

/// A file of `src`, as its rules see it.
struct House {
    /// Path below `src` with `/`, and text.
    files: BTreeMap<String, String>,
}

impl House {
    fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = BTreeMap::new();
        let mut open: Vec<PathBuf> = vec![root.clone()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).expect("the source is readable") {
                let path = entry.expect("the source is readable").path();
                if path.is_dir() {
                    open.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let below =
                        path.strip_prefix(&root).expect("it was found below").to_string_lossy().replace('\\', "/");
                    files.insert(below, fs::read_to_string(&path).expect("source is UTF-8"));
                }
            }
        }
        Self { files }
    }

    /// Everything that breaks a rule, as `src/FILE:LINE: what`.
    fn complaints(&self) -> Vec<String> {
        let scanned: BTreeMap<&str, Scanned> = self.files.iter().map(|(f, text)| (f.as_str(), scan(text))).collect();
        let tests: Vec<String> = scanned.iter().flat_map(|(file, s)| test_files(file, &s.test_modules)).collect();
        let mut complaints = Vec::new();
        for (file, scanned) in &scanned {
            let is_test = tests.iter().any(|t| *file == format!("{t}.rs") || file.starts_with(&format!("{t}/")));
            complaints.extend(named_emptily(file).map(|what| format!("src/{file}: {what}")));
            if is_test || *file == "lib.rs" {
                continue;
            }
            let Some((room, rung)) = room_of(file) else {
                complaints.push(format!("src/{file}: stands in no room of the ladder (tests/it/tidy.rs lists them)"));
                continue;
            };
            for named in &scanned.named {
                let whys = [arrow(file, room, rung, named), impurity(rung, named), stranger(room, named)];
                complaints.extend(whys.into_iter().flatten().map(|why| format!("src/{file}:{}: {why}", named.line)));
            }
        }
        complaints
    }
}

/// The files of modules that `file` declares under `#[cfg(test)]`, without `.rs`.
fn test_files(file: &str, modules: &[String]) -> Vec<String> {
    let stem = file.trim_end_matches(".rs");
    let folder = match stem.rsplit_once('/') {
        Some((folder, "mod")) => folder.to_owned(),
        _ if matches!(stem, "lib" | "main") => String::new(),
        _ => stem.to_owned(),
    };
    modules.iter().map(|m| format!("{folder}/{m}").trim_start_matches('/').to_owned()).collect()
}

fn room_of(file: &str) -> Option<(&'static str, u8)> {
    let room = file.split('/').next()?.trim_end_matches(".rs");
    LADDER.into_iter().find(|(name, _)| *name == room)
}

fn named_emptily(file: &str) -> Option<String> {
    let word = file.split('/').map(|part| part.trim_end_matches(".rs")).find(|part| EMPTY_NAMES.contains(part))?;
    Some(format!("the name {word:?} says nothing: name it by the domain's noun"))
}

/// The room that a path leads to, when it leaves the file's own.
fn target<'a>(file: &str, named: &'a Named) -> Option<&'a str> {
    let depth = file.matches('/').count() + usize::from(!file.ends_with("/mod.rs"));
    let ups = named.path.iter().take_while(|segment| *segment == "super").count();
    let place = match named.path.first()?.as_str() {
        "crate" => 1,
        "tidings" if file == "main.rs" => 1,
        "super" if ups == depth => ups,
        _ => return None,
    };
    named.path.get(place).map(String::as_str)
}

fn arrow(file: &str, room: &str, rung: u8, named: &Named) -> Option<String> {
    let to = target(file, named)?;
    let (_, to_rung) = LADDER.into_iter().find(|(name, _)| *name == to)?;
    if to == room || to_rung < rung || (to_rung == rung && rung == SIDEWAYS) {
        return None;
    }
    let way = if to_rung > rung { "up" } else { "sideways" };
    Some(format!("{} points {way}: {room}/ is on rung {rung}, {to}/ on rung {to_rung}", named.path.join("::")))
}

fn impurity(rung: u8, named: &Named) -> Option<String> {
    if rung > PURE_UP_TO {
        return None;
    }
    let path = named.path.join("::");
    let begins = IMPURE.iter().any(|bad| path == *bad || path.starts_with(&format!("{bad}::")));
    let reads_clock =
        matches!(named.path.as_slice(), [.., clock, now] if now == "now" && CLOCKS.contains(&clock.as_str()));
    (begins || reads_clock).then(|| format!("{path} in a pure room: take what it gives as a parameter"))
}

fn stranger(room: &str, named: &Named) -> Option<String> {
    let first = named.path.first()?;
    let (name, rooms) = CRATES.into_iter().find(|(name, _)| name == first)?;
    (!rooms.contains(&room)).then(|| format!("the crate {name} is named in {room}/, but stands in {rooms:?} only"))
}

#[test]
fn the_house_keeps_its_invariants() {
    let house = House::read();
    assert!(house.files.len() > 30, "only {} files of source were found", house.files.len());
    let complaints = house.complaints();
    assert!(complaints.is_empty(), "{} breaches:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_dependency_is_named_somewhere() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("a manifest");
    let table = manifest.split("\n[dependencies]\n").nth(1).and_then(|rest| rest.split("\n[").next()).expect("a table");
    let source: String = House::read().files.into_values().collect();
    let unused: Vec<String> = table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .filter_map(|line| line.split(' ').next())
        .map(|name| name.replace('-', "_"))
        .filter(|name| !source.contains(&format!("{name}::")))
        .collect();
    assert!(unused.is_empty(), "no file of src names {unused:?}");
}

fn check(file: &str, text: &str, expected: &[&str]) {
    assert_eq!(House::of(&[(file, text)]).complaints(), expected);
}

#[test]
fn an_arrow_up_is_reported() {
    check(
        "feed/parse.rs",
        "use std::fmt;\nuse crate::ingest::Digest;\n",
        &["src/feed/parse.rs:2: crate::ingest::Digest points up: feed/ is on rung 2, ingest/ on rung 3"],
    );
    check(
        "store/rows.rs",
        "fn f() { super::super::server::wire() }",
        &["src/store/rows.rs:1: super::super::server::wire points up: store/ is on rung 5, server/ on rung 7"],
    );
}

#[test]
fn an_arrow_sideways_is_reported_except_on_rung_1() {
    check(
        "net/mod.rs",
        "use crate::{model::Url, store::SqliteStore};",
        &["src/net/mod.rs:1: crate::store::SqliteStore points sideways: net/ is on rung 5, store/ on rung 5"],
    );
    check("text/tokens.rs", "use crate::url::canonical; use crate::model::Story; use super::fold;", &[]);
}

#[test]
fn a_pure_room_that_reads_a_clock_or_a_file_is_reported() {
    check(
        "ingest/decide.rs",
        "use std::{fmt, fs};\nuse jiff::Timestamp;\nfn f() { Timestamp::now(); }",
        &[
            "src/ingest/decide.rs:1: std::fs in a pure room: take what it gives as a parameter",
            "src/ingest/decide.rs:3: Timestamp::now in a pure room: take what it gives as a parameter",
        ],
    );
}

#[test]
fn a_crate_out_of_its_room_is_reported() {
    check(
        "daemon/poll.rs",
        "use reqwest::Client;",
        &["src/daemon/poll.rs:1: the crate reqwest is named in daemon/, but stands in [\"net\"] only"],
    );
}

#[test]
fn tests_and_their_files_are_exempt_and_empty_names_are_not() {
    let house = House::of(&[
        ("feed/mod.rs", "#[cfg(test)]\nmod tests;\n#[cfg(test)] mod inline { use crate::server::X; }"),
        ("feed/tests.rs", "use crate::server::X; use std::fs;"),
        ("feed/utils.rs", ""),
    ]);
    assert_eq!(
        house.complaints(),
        ["src/feed/utils.rs: the name \"utils\" says nothing: name it by the domain's noun"]
    );
}
