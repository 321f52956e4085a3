//! A disk that is full, and has room again.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::scene::{Scene, is_root, words};

/// A small file system of its own, gone at the end.
struct Disk(PathBuf);

impl Disk {
    /// `None`, said aloud, where this may not be done.
    fn mount(at: PathBuf, megabytes: usize) -> Option<Self> {
        fs::create_dir(&at).unwrap();
        let size = format!("size={megabytes}m,mode=0700");
        let mounted = is_root()
            && Command::new("mount")
                .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
                .arg(&at)
                .status()
                .is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("!!! SKIPPED: a small disk needs root and leave to mount a tmpfs");
            return None;
        }
        Some(Self(at))
    }

    /// Leaves room for nothing.
    fn fill(&self) {
        let mut ballast = fs::OpenOptions::new().create(true).append(true).open(self.0.join("ballast")).unwrap();
        for size in [65_536, 4_096, 1] {
            while ballast.write_all(&vec![0x55; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().ok();
    }
}

fn metric(page: &str, name: &str) -> f64 {
    let line = page.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(f64::NAN)
}

#[test]
fn a_full_disk_stops_writing_alone_and_all_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path().join("disk"), 48) else { return };
    let db = disk.0.join("tidings.db");
    let scene = Scene::with(folder, db, "");
    let mut daemon = scene.start();
    scene.publisher.publish(24);
    scene.wait_until_told(&mut daemon);

    for round in 1..=3 {
        disk.fill();
        scene.publisher.publish(24);
        daemon.until("/readyz says that the disk is full", |daemon| {
            daemon.page("/readyz").is_some_and(|(status, body)| status == 503 && body.contains("the disk is full"))
        });
        let (_, metrics) = daemon.page("/metrics").unwrap();
        let full = "tidings_store_trouble{trouble=\"full\"}";
        assert!((metric(&metrics, full) - 1.0).abs() < 0.1, "{metrics}");
        // Readers are served, the loops turn, and nobody restarts a daemon for it.
        let (status, events) = daemon.page("/feeds/harbour.atom").unwrap();
        assert_eq!(status, 200, "{events}");
        assert!(events.contains("Harbour"), "{events}");
        assert_eq!(daemon.page("/healthz").unwrap().0, 200);
        // A copy to the same disk fails as well, and takes none of its room.
        let copied = scene.run(&["backup", disk.0.join("copy.db").to_str().unwrap()]);
        assert!(!copied.status.success(), "{}", words(&copied.stderr));
        assert!(!has(&disk.0, "copy.db"), "half a copy is left");
        // Deliveries go on as far as they can be written down; what was told is asked for again at the end.
        let turns = || scene.publisher.asked();
        let before = turns();
        disk.make_room();
        daemon.until("/readyz says that it is well", |daemon| daemon.page("/readyz").is_some_and(|(s, _)| s == 200));
        scene.wait_until_told(&mut daemon);
        assert!(turns() > before, "polls go on, round {round}");
        let (_, metrics) = daemon.page("/metrics").unwrap();
        assert!(metric(&metrics, full).abs() < 0.1, "{metrics}");
    }
    assert!(daemon.is_alive());
    let said = daemon.said();
    assert_eq!(said.matches("the disk is full: nothing can be stored").count(), 3, "once a time:\n{said}");
    assert_eq!(said.matches("the store takes writes again").count(), 3, "{said}");
    let got = scene.holds_promise();
    assert_eq!(daemon.stop().code(), Some(0));
    eprintln!("three times full: {} repeats under the same id", got.repeats);
}

fn has(folder: &Path, name: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with(name))
}

#[test]
fn a_daemon_that_starts_on_a_full_disk_says_so_and_asks_to_be_started_later() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path().join("disk"), 4) else { return };
    let scene = Scene::with(folder, disk.0.join("tidings.db"), "");
    disk.fill();
    let mut daemon = scene.start();
    assert_eq!(daemon.ends().code(), Some(75), "{}", daemon.said());
    assert!(daemon.said().contains("the disk is full"), "{}", daemon.said());
    disk.make_room();
    let mut daemon = scene.start();
    scene.publisher.publish(4);
    scene.wait_until_told(&mut daemon);
    scene.holds_promise();
}
