//! Errors of the disk, injected into the real binary by Debian's libfiu: reads, writes and flushes fail now and then.

use std::process::Command;
use std::time::Duration;

use super::scene::Scene;

/// What fails, and how often: more than a disk that anybody would keep.
const FAULTS: [(&str, &str); 4] = [
    ("posix/io/rw/pwrite", "0.01"),
    ("posix/io/rw/pread", "0.0005"),
    ("posix/io/sync/fsync", "0.05"),
    ("posix/io/sync/fdatasync", "0.05"),
];
/// The longest lease, that of a poll, and some.
const LEASE: Duration = Duration::from_secs(320);
/// How long the disk is away.
const AWAY: Duration = Duration::from_secs(5);
/// Rounds of items, each published while errors come.
const ROUNDS: usize = 15;

fn has_libfiu() -> bool {
    let found = Command::new("fiu-run").arg("true").status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("!!! SKIPPED: no fiu-run (tests/run installs fiu-utils)");
    }
    found
}

#[test]
fn errors_of_the_disk_lose_nothing_and_the_daemon_outlives_them() {
    if !has_libfiu() {
        return;
    }
    let scene = Scene::new();
    let pipes = scene.path("fiu");
    // The wrapper is a script that becomes the daemon.
    let mut daemon = scene.begin(scene.wrapped(&["fiu-run", "-x", "-f", pipes.to_str().unwrap()], &["run"]));
    scene.publisher.publish(8);
    scene.wait_until_told(&mut daemon);
    let id = daemon.id().to_string();
    let control = |order: &str| {
        let told = Command::new("fiu-ctrl").args(["-f", pipes.to_str().unwrap(), "-c", order, &id]).status();
        assert!(told.unwrap().success(), "{order}");
    };
    for (name, probability) in FAULTS {
        control(&format!("enable_random name={name},probability={probability},failinfo=5"));
    }
    for _ in 0..ROUNDS {
        let before = scene.publisher.asked();
        scene.publisher.publish(8);
        daemon.until("it was asked some more", |daemon| {
            assert!(daemon.is_alive(), "errors of the disk ended it:\n{}", daemon.said());
            scene.publisher.asked() >= before + 24
        });
    }
    // For a while it reads nothing at all.
    control("enable name=posix/io/rw/pread,failinfo=5");
    scene.publisher.publish(8);
    std::thread::sleep(AWAY);
    assert!(daemon.is_alive(), "a disk that is away for a while ended it:\n{}", daemon.said());
    let met = daemon.page("/metrics").map(|(_, page)| page).unwrap_or_default();
    for (name, _) in FAULTS {
        control(&format!("disable name={name}"));
    }
    scene.wait_until_told_within(&mut daemon, LEASE);
    let got = scene.holds_promise();
    let said = daemon.said();
    let troubles = said.matches("the disk fails: nothing can be stored").count();
    assert!(troubles > 0, "no error came: {met}\n{said}");
    assert!(daemon.is_alive());
    eprintln!("errors of the disk: {troubles} times in trouble, {} repeats under the same id", got.repeats);
    assert_eq!(daemon.stop().code(), Some(0));
}
