//! Copies, and putting one in the place of the store.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::{SqliteStore, lock_name, open_lock, restore};

/// A store with stories of these titles, and a copy of it; the store goes on with one more.
fn with_copy(folder: &Path) -> (PathBuf, PathBuf) {
    let (path, copy) = (folder.join("tidings.db"), folder.join("copy.db"));
    let mut store = SqliteStore::open(&path).unwrap();
    with_stories(&mut store, &["One", "Two"]);
    store.backup(&copy).unwrap();
    store.add_topic(&topic(), at(0)).unwrap();
    (path, copy)
}

fn topics(path: &Path) -> usize {
    SqliteStore::open(path).unwrap().topics().unwrap().len()
}

/// Names in the folder, but for the index of the log.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with("-shm"));
    names.sort();
    names
}

#[test]
fn a_restore_puts_the_copy_in_place_and_keeps_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = with_copy(folder.path());
    let before = fs::read(&copy).unwrap();
    let restored = restore(&copy, &path, at(0)).unwrap();
    assert_eq!(restored.stories, 2);
    assert_eq!(topics(&path), 0, "as the copy was made");
    assert_eq!(fs::read(&copy).unwrap(), before, "the copy is as it was");
    let kept = restored.replaced.unwrap();
    assert!(kept.display().to_string().ends_with("tidings.db.replaced-2026-01-01T00-00-00Z"), "{}", kept.display());
    assert_eq!(topics(&kept), 1, "what was replaced is a store still");
    let again = restore(&copy, &path, at(0)).unwrap().replaced.unwrap();
    assert_ne!(again, kept, "two in one second are both kept");
}

#[test]
fn a_damaged_store_is_replaced_and_kept_with_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = with_copy(folder.path());
    fs::write(&path, "what was a database").unwrap();
    fs::write(folder.path().join("tidings.db-wal"), "what was its log").unwrap();
    let kept = restore(&copy, &path, at(0)).unwrap().replaced.unwrap();
    assert_eq!(fs::read_to_string(&kept).unwrap(), "what was a database");
    assert_eq!(fs::read_to_string(format!("{}-wal", kept.display())).unwrap(), "what was its log");
    assert_eq!(SqliteStore::open(&path).unwrap().search("one", 9).unwrap().len(), 1);
}

#[test]
fn where_there_is_no_store_a_restore_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_, copy) = with_copy(folder.path());
    let fresh = folder.path().join("fresh.db");
    assert_eq!(restore(&copy, &fresh, at(0)).unwrap().replaced, None);
    assert_eq!(SqliteStore::open(&fresh).unwrap().search("two", 9).unwrap().len(), 1);
}

#[test]
fn what_is_no_whole_copy_of_ours_is_refused_and_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = with_copy(folder.path());
    let bytes = fs::read(&copy).unwrap();
    let bad = folder.path().join("bad.db");
    let refuses = |what: &str, contents: &[u8], expected: &str| {
        fs::write(&bad, contents).unwrap();
        let names_before = names(folder.path());
        let error = restore(&bad, &path, at(0)).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("bad.db"), "{what}: {error}");
        assert_eq!(names(folder.path()), names_before, "{what} leaves nothing behind");
        assert_eq!(topics(&path), 1, "{what} changes nothing");
    };
    refuses("a text", b"dear diary, dear diary", "the copy is damaged or no database");
    refuses("nothing", b"", "it is empty");
    refuses("half a copy", &bytes[..bytes.len() / 2], "the copy is damaged");
    let mut torn = bytes.clone();
    // Pages in the middle that say nothing of themselves.
    let middle = bytes.len() / 2 / 4096 * 4096;
    torn[middle..middle + 3 * 4096].fill(0x5A);
    refuses("a copy with a torn page", &torn, "the copy is damaged");

    let foreign = folder.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    refuses("another program's", &fs::read(&foreign).unwrap(), "another program");
    rusqlite::Connection::open(&copy).unwrap().pragma_update(None, "user_version", 999).unwrap();
    refuses("a newer tidings's", &fs::read(&copy).unwrap(), "install a newer tidings");
}

#[test]
fn an_interrupted_restore_is_not_overlooked() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = with_copy(folder.path());
    // Between setting the old aside and putting the new in its place.
    fs::rename(&path, folder.path().join("tidings.db.replaced-then")).unwrap();
    fs::copy(&copy, folder.path().join("tidings.db.restoring")).unwrap();
    let error = SqliteStore::open(&path).unwrap_err().to_string();
    assert!(error.contains("run `tidings restore COPY` again"), "{error}");
    assert!(!path.exists(), "no empty store is made in its place");
    restore(&copy, &path, at(0)).unwrap();
    assert_eq!(SqliteStore::open(&path).unwrap().search("two", 9).unwrap().len(), 1);
}

#[test]
fn a_copy_that_can_not_be_written_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("tidings.db")).unwrap();
    with_stories(&mut store, &["One"]);
    let before = names(folder.path());
    // A name that is free but can't be taken: its part is in the way as a folder.
    fs::create_dir(folder.path().join("copy.db.part")).unwrap();
    assert!(store.backup(&folder.path().join("copy.db")).is_err());
    assert!(store.backup(Path::new("/dev/full/copy.db")).is_err());
    fs::remove_dir(folder.path().join("copy.db.part")).unwrap();
    assert_eq!(names(folder.path()), before);
}

#[test]
fn a_view_sees_one_moment_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let mut store = SqliteStore::open(&path).unwrap();
    with_stories(&mut store, &["One"]);
    let mut reader = SqliteStore::open_reader(&path).unwrap();
    reader.begin_view().unwrap();
    store.add_topic(&topic(), at(0)).unwrap();
    assert!(reader.topics().unwrap().is_empty());
    assert!(matches!(reader.group(Durable::Kill), Err(StoreError::Refused { .. })));
    assert!(matches!(reader.add_topic(&topic(), at(0)), Err(StoreError::Refused { .. })));
    reader.end_view().unwrap();
    assert_eq!(reader.topics().unwrap().len(), 1);
    assert!(reader.end_view().is_err());
}

#[test]
fn numbers_that_were_given_since_the_copy_are_not_given_again_and_places_before_meet_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = with_copy(folder.path());
    let mut store = SqliteStore::open(&path).unwrap();
    let to = store.add_subscription(&hook("desk"), at(0)).unwrap();
    told(&mut store, &[("a", None, to), ("b", None, to)]);
    store.commit_decisions(&Commit { opened: vec![opened(7, 1)], ..Commit::default() }).unwrap();
    drop(store);
    let whole = || LogFilter { after: Sequence(0), limit: 9, ..LogFilter::default() };

    restore(&copy, &path, at(0)).unwrap();
    let mut store = SqliteStore::open(&path).unwrap();
    let page = store.log(&whole()).unwrap();
    assert_eq!((page.last, page.entries.len()), (Sequence(1_002), 0));
    assert!(
        [1, 2].iter().all(|place| {
            let page = store.log(&LogFilter { after: Sequence(*place), ..whole() }).unwrap();
            page.has_gap(Sequence(*place)) && page.complete_after() == Sequence(1_002)
        }),
        "who read on from there missed something"
    );
    assert!(!page.has_gap(Sequence(0)), "of this life nothing is missing");
    let to = store.add_subscription(&hook("desk"), at(0)).unwrap();
    told(&mut store, &[("c", None, to)]);
    assert_eq!(store.log(&whole()).unwrap().entries[0].0, Sequence(1_003));
    assert_eq!(store.index_seed(at(0)).unwrap().next_event, EventId(1_008));
    drop(store);

    fs::write(&path, "what was a database").unwrap();
    restore(&copy, &path, at(0)).unwrap();
    let page = SqliteStore::open(&path).unwrap().log(&whole()).unwrap();
    assert!(page.last > Sequence(1_000_000), "nobody knows what was given");
}

#[test]
fn what_root_makes_belongs_to_whom_the_folder_or_the_file_before_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let (_, copy) = with_copy(folder.path());
    let theirs = folder.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    let owner = |path: &Path| (fs::metadata(path).unwrap().uid(), fs::metadata(path).unwrap().gid());
    // Where the tests don't run as root, everything is ours.
    chown(&theirs, Some(4_711), Some(4_712)).ok();
    let path = theirs.join("tidings.db");
    drop(open_lock(&path).unwrap());
    restore(&copy, &path, at(0)).unwrap();
    assert_eq!([owner(&path), owner(&lock_name(&path))], [owner(&theirs); 2]);
    chown(&path, Some(4_713), Some(4_714)).ok();
    let before = owner(&path);
    restore(&copy, &path, at(0)).unwrap();
    assert_eq!(owner(&path), before);
    let fresh = theirs.join("fresh.db");
    drop(SqliteStore::open(&fresh).unwrap());
    assert_eq!(owner(&fresh), owner(&theirs));
}

#[test]
fn nothing_is_handed_over_or_opened_through_a_link_in_place_of_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = folder.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    // Where the tests don't run as root, everything is ours.
    chown(&theirs, Some(4_711), Some(4_712)).ok();
    let (precious, missing) = (folder.path().join("precious"), folder.path().join("missing"));
    fs::write(&precious, "root's").unwrap();
    let owner = || (fs::metadata(&precious).unwrap().uid(), fs::metadata(&precious).unwrap().gid());
    let before = owner();
    let path = theirs.join("tidings.db");
    for target in [&precious, &missing] {
        symlink(target, lock_name(&path)).unwrap();
        assert!(open_lock(&path).is_err());
        fs::remove_file(lock_name(&path)).unwrap();
    }
    assert!(!missing.exists(), "nothing is made through it either");
    fs::hard_link(&precious, lock_name(&path)).unwrap();
    drop(open_lock(&path).unwrap());
    assert_eq!(owner(), before, "what was there is left to its owner");
}

#[test]
fn what_a_copy_holds_is_read_by_place_after_it_was_restored_and_only_places_of_the_lost_life_meet_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let (path, copy) = (folder.path().join("tidings.db"), folder.path().join("copy.db"));
    let tell = |from: usize, to: usize| {
        let mut store = SqliteStore::open(&path).unwrap();
        let of = |n| (notification(&format!("n{n}"), None), Vec::new());
        store.commit_decisions(&Commit { notifications: (from..to).map(of).collect(), ..Commit::default() }).unwrap();
        store
    };
    let page = |place: i64| {
        let filter = LogFilter { after: Sequence(place), limit: 4, ..LogFilter::default() };
        let page = SqliteStore::open(&path).unwrap().log(&filter).unwrap();
        (page.has_gap(Sequence(place)), page)
    };
    // By `next`, as it is given: numbers, until there are no more.
    let walk = || {
        let (mut place, mut found) = (0, Vec::new());
        loop {
            let (gap, page) = page(place);
            assert!(!gap, "at {place}");
            found.extend(page.entries.iter().map(|(seq, _)| seq.0));
            place = page.through.0;
            if !page.has_more() {
                return found;
            }
        }
    };
    tell(0, 10).backup(&copy).unwrap();
    tell(10, 15);
    restore(&copy, &path, at(0)).unwrap();
    assert_eq!(walk(), (1..=10).collect::<Vec<_>>());
    tell(20, 23);
    let kept = || (1..=10).chain(1_016..=1_018).collect::<Vec<i64>>();
    assert_eq!(walk(), kept());
    let gap = |place: i64| {
        let (gap, page) = page(place);
        gap.then(|| page.complete_after().0)
    };
    assert_eq!([10, 11, 15, 1_014, 1_015].map(gap), [None, Some(1_015), Some(1_015), Some(1_015), None]);

    let copy = folder.path().join("second.db");
    tell(30, 30).backup(&copy).unwrap();
    tell(30, 32);
    restore(&copy, &path, at(0)).unwrap();
    assert_eq!(walk(), kept(), "after a second restore too");
    assert_eq!([15, 1_018, 1_019, 2_019, 2_020].map(gap), [Some(1_015), None, Some(2_020), Some(2_020), None]);
    tell(40, 41);
    assert_eq!(walk().last(), Some(&2_021));
}
