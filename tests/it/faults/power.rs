//! Power cuts. The daemon runs with a shim (`power.c`) that keeps beside its folder what it has flushed; at a cut it is killed,
//! and its files are made what a disk may hold then: of what was flushed all, of the rest any sector or none.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tidings::port::{Listed, Store as _};

use super::scene::{Daemon, Scene};

/// What a disk writes whole.
const SECTOR: usize = 512;
/// Cuts of a run.
const CUTS: usize = 12;

/// The shim, compiled; `None`, said aloud, without a compiler.
fn shim(folder: &Path) -> Option<PathBuf> {
    let made = folder.join("power.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults/power.c");
    let compiled =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&made).args([source, "-ldl"]).status();
    if compiled.is_ok_and(|status| status.success()) {
        return Some(made);
    }
    eprintln!("!!! SKIPPED: no C compiler for the shim of power cuts");
    None
}

/// Chance of one's own, so that a run repeats.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// How a disk treats what was not flushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// It forgets all of it.
    Forgotten,
    /// Sectors of it are there, any of them.
    Torn,
}

/// Makes the folder what the disk holds after a cut.
fn cut(data: &Path, disk: &Path, rest: Rest, chance: &mut Chance) {
    for entry in fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_owned();
        let kept = fs::read(disk.join(&name)).ok();
        let Some(mut holds) = kept else {
            fs::remove_file(&path).unwrap();
            continue;
        };
        let written = fs::read(&path).unwrap();
        if rest == Rest::Torn {
            for at in (0..written.len()).step_by(SECTOR) {
                let end = written.len().min(at + SECTOR);
                if chance.below(2) == 0 {
                    if holds.len() < end {
                        holds.resize(end, 0);
                    }
                    holds[at..end].copy_from_slice(&written[at..end]);
                }
            }
        }
        fs::write(&path, &holds).unwrap();
        // What is there after the cut stays there.
        fs::write(disk.join(&name), &holds).unwrap();
    }
}

/// Adds a source over the API; whether it was acknowledged.
fn adds_source(daemon: &Daemon, url: &str) -> bool {
    let said = daemon.said();
    let Some(address) = said.rsplit("\"page\":\"http://").next().and_then(|rest| rest.split('/').next()) else {
        return false;
    };
    let body = format!("{{\"url\":\"{url}\",\"kind\":\"feed\",\"name\":\"Wire\"}}");
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "POST /v1/sources HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = asked().unwrap_or_default();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 201"), "{answer}");
    !answer.is_empty()
}

const TOKEN: &str = "a-token-of-the-test-that-is-long-enough";

/// What was acknowledged before a cut and is not there after it.
#[derive(Debug, Default, Clone, Copy)]
struct Lost {
    sources: usize,
    told: usize,
}

/// Cuts the power again and again while items come out and sources are added.
fn cuts(rest: Rest, lies: bool, cuts: usize) -> Option<(Scene, Lost)> {
    let folder = tempfile::tempdir().unwrap();
    let shim = shim(folder.path())?;
    // As the shim sees it.
    let root = fs::canonicalize(folder.path()).unwrap();
    let (data, disk) = (root.join("data"), root.join("disk"));
    fs::create_dir(&disk).unwrap();
    fs::create_dir(&data).unwrap();
    let scene = Scene::with(folder, data.join("tidings.db"), &format!("token = \"{TOKEN}\""));
    let (mut chance, mut lost) = (Chance(0x2545_f491_4f6c_dd1d), Lost::default());
    let mut acknowledged: BTreeSet<String> = BTreeSet::new();
    let start = || {
        let mut command = scene.command(&["run"]);
        command.env("LD_PRELOAD", &shim).env("POWER_DATA", &data).env("POWER_DISK", &disk);
        if lies {
            command.env("POWER_LIES", "1");
        }
        scene.begin(command)
    };
    for round in 0..cuts {
        fs::remove_file(scene.path("stderr")).ok();
        let mut daemon = start();
        daemon.until("it answers", |daemon| {
            assert!(daemon.is_alive(), "{}", daemon.said());
            daemon.page("/readyz").is_some_and(|(status, _)| status == 200)
        });
        let until = Instant::now() + Duration::from_millis(200 + chance.below(600));
        let mut number = 0;
        while Instant::now() < until {
            scene.publisher.publish(1);
            let url = format!("http://127.0.0.1:9/feed/{round}/{number}");
            if adds_source(&daemon, &url) {
                acknowledged.insert(url);
            }
            number += 1;
        }
        daemon.kill();
        let told: BTreeSet<String> = scene.sink.got().bodies.into_keys().collect();
        cut(&data, &disk, rest, &mut chance);
        let (sources, ids) = after(&scene);
        lost.sources += acknowledged.iter().filter(|url| !sources.contains(*url)).count();
        lost.told += told.iter().filter(|id| !ids.contains(*id)).count();
    }
    if !lies {
        let mut daemon = start();
        scene.wait_until_told(&mut daemon);
    }
    Some((scene, lost))
}

/// Sources and ids of notifications that are there after a cut, seen in a copy: looking mends what the daemon is to find.
fn after(scene: &Scene) -> (BTreeSet<String>, BTreeSet<String>) {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(scene.db().parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let mut store = tidings::store::SqliteStore::open(&copy.path().join("tidings.db")).unwrap();
    assert_eq!(store.check(Duration::from_mins(1)).unwrap(), Vec::<String>::new(), "the database is whole");
    let sources = store.sources(Listed::All).unwrap().into_iter().map(|source| source.spec.url.to_string()).collect();
    let epoch = jiff::Timestamp::UNIX_EPOCH;
    let told =
        tidings::port::Exports::all_notifications(&mut store, epoch, tidings::model::Sequence(0), 100_000).unwrap();
    (sources, told.into_iter().map(|(_, notification)| notification.id.to_string()).collect())
}

#[test]
fn a_power_cut_takes_nothing_that_was_acknowledged() {
    for rest in [Rest::Forgotten, Rest::Torn] {
        let Some((scene, lost)) = cuts(rest, false, CUTS) else { return };
        assert_eq!((lost.sources, lost.told), (0, 0), "acknowledged and lost, {rest:?}");
        let got = scene.holds_promise();
        eprintln!(
            "{CUTS} power cuts, {rest:?}: {} items, {} repeats under the same id",
            scene.publisher.out(),
            got.repeats
        );
    }
}

#[test]
fn the_test_of_power_cuts_fails_where_flushes_are_lies() {
    let Some((_scene, lost)) = cuts(Rest::Forgotten, true, 2) else { return };
    assert!(lost.sources > 0 && lost.told > 0, "{lost:?}");
}
