//! A database that can't be opened or read: told clearly, and left exactly as it is.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use super::scene::{Scene, is_root, words};

/// SQLite's pages.
const PAGE: usize = 4096;
/// Who owns nothing.
const NOBODY: u32 = 65_534;

/// A scene whose daemon has told of some items and was stopped.
fn stopped() -> Scene {
    let scene = Scene::new();
    let mut daemon = scene.start();
    scene.publisher.publish(40);
    scene.wait_until_told(&mut daemon);
    assert_eq!(daemon.stop().code(), Some(0));
    scene
}

/// All files of the database with their bytes, but for the lock.
fn files(db: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(db.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| !entry.path().to_string_lossy().ends_with(".lock"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap_or_default()))
        .collect();
    all.sort();
    all
}

/// Starts the daemon on what stands there: it ends with `code`, says all of `expected`, and changes no byte.
fn refuses(scene: &Scene, code: i32, expected: &[&str]) {
    let before = files(scene.db());
    let mut daemon = scene.start();
    assert_eq!(daemon.ends().code(), Some(code), "{}", daemon.said());
    let said = daemon.said();
    for part in expected {
        assert!(said.contains(part), "expected {part:?} in:\n{said}");
    }
    assert!(said.contains(scene.db().to_str().unwrap()), "it names the file:\n{said}");
    assert!(files(scene.db()) == before, "a byte of the database has changed");
}

#[test]
fn a_damaged_beginning_is_told_with_what_to_do_and_the_file_is_left_alone() {
    let scene = stopped();
    let whole = fs::read(scene.db()).unwrap();
    let mut header = whole.clone();
    header[..100].fill(0xAA);
    fs::write(scene.db(), header).unwrap();
    refuses(&scene, 65, &["it is no SQLite file, or its beginning is damaged", "tidings restore COPY"]);
    fs::write(scene.db(), "dear diary, ".repeat(1_000)).unwrap();
    refuses(&scene, 65, &["it is no SQLite file", "tidings restore COPY"]);

    let mut newer = whole;
    newer[60..64].copy_from_slice(&999_u32.to_be_bytes());
    fs::write(scene.db(), newer).unwrap();
    refuses(&scene, 65, &["it has schema version 999", "install a newer tidings"]);
}

#[test]
fn a_file_that_was_cut_short_is_told_with_what_to_do_and_left_alone() {
    let scene = stopped();
    let whole = fs::read(scene.db()).unwrap();
    fs::write(scene.db(), &whole[..whole.len() / PAGE / 2 * PAGE]).unwrap();
    refuses(&scene, 65, &["the database is damaged and was left as it is", "tidings restore COPY"]);
}

#[test]
fn damaged_pages_end_the_daemon_with_the_remedy_and_none_of_them_is_overwritten() {
    let scene = stopped();
    let mut bytes = fs::read(scene.db()).unwrap();
    // All pages but the first, which says what stands where.
    for page in bytes.chunks_mut(PAGE).skip(1) {
        page[..64].fill(0x5A);
    }
    fs::write(scene.db(), &bytes).unwrap();
    scene.publisher.publish(10);
    let mut daemon = scene.start();
    assert_eq!(daemon.ends().code(), Some(65), "{}", daemon.said());
    assert!(daemon.said().contains("tidings restore COPY"), "{}", daemon.said());
    assert!(daemon.said().contains(scene.db().to_str().unwrap()), "{}", daemon.said());
    let now = fs::read(scene.db()).unwrap();
    let changed = bytes.chunks(PAGE).zip(now.chunks(PAGE)).skip(1).filter(|(before, now)| before != now).count();
    assert_eq!(changed, 0, "damaged pages that were overwritten");

    // What it asks for works: an export can't be had, a copy can be put in place.
    assert_eq!(scene.run(&["export"]).status.code(), Some(65));
}

#[test]
fn a_damaged_log_costs_its_end_alone_and_that_is_read_again() {
    let scene = Scene::new();
    let mut daemon = scene.start();
    scene.publisher.publish(40);
    scene.wait_until_told(&mut daemon);
    daemon.kill();
    let log = format!("{}-wal", scene.db().display());
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 2_000].fill(0x5A);
    fs::write(&log, bytes).unwrap();
    let mut daemon = scene.start();
    scene.publisher.publish(10);
    scene.wait_until_told(&mut daemon);
    let (got, _) = scene.holds_promise_of_ids();
    eprintln!("a damaged log: {} repeats under the same id", got.repeats);
}

#[test]
fn a_folder_in_its_place_is_named() {
    let scene = Scene::new();
    fs::create_dir_all(scene.db()).unwrap();
    refuses(&scene, 69, &["it is a folder", "storage.path"]);
}

#[test]
fn a_database_of_another_user_is_told_with_its_owner_and_the_command_that_mends_it() {
    if !is_root() {
        eprintln!("!!! SKIPPED: only root can make a file of another user");
        return;
    }
    let scene = stopped();
    let (folder, data) = (scene.path(""), scene.db().parent().unwrap().to_owned());
    for path in [&folder, &data] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    // The database is root's, and the daemon is nobody.
    let mut command = scene.command(&["run"]);
    command.uid(NOBODY).gid(NOBODY);
    let before = files(scene.db());
    let mut daemon = scene.begin(command);
    assert_eq!(daemon.ends().code(), Some(69), "{}", daemon.said());
    let said = daemon.said();
    assert!(said.contains("belongs to user 0") && said.contains("chown -R"), "{said}");
    assert!(files(scene.db()) == before);

    // The folder is the daemon's, the file can only be read.
    chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
    fs::set_permissions(scene.db(), fs::Permissions::from_mode(0o444)).unwrap();
    fs::set_permissions(format!("{}.lock", scene.db().display()), fs::Permissions::from_mode(0o666)).unwrap();
    let mut command = scene.command(&["run"]);
    command.uid(NOBODY).gid(NOBODY);
    let mut daemon = scene.begin(command);
    assert_eq!(daemon.ends().code(), Some(69), "{}", daemon.said());
    assert!(daemon.said().matches("belongs to user 0").count() > 1, "{}", daemon.said());
}

#[test]
fn commands_beside_the_daemon_say_the_same_of_a_damaged_file() {
    let scene = stopped();
    fs::write(scene.db(), "dear diary").unwrap();
    for command in [&["event", "list"][..], &["export"], &["backup", "/nonexistent/copy.db"]] {
        let told = scene.run(command);
        assert_eq!(told.status.code(), Some(65), "{command:?}");
        assert!(words(&told.stderr).contains("tidings restore COPY"), "{}", words(&told.stderr));
    }
}
