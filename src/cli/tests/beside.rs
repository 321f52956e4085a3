//! What is said beside a daemon, or of one.

use super::*;
use crate::cli::assembly::{is_at_work, lock};
use crate::cli::open::is_there;
use crate::cli::status::unasked;
use crate::port::Store as _;

use super::corrections::furnished;

#[test]
fn a_tidings_at_work_is_known_by_its_lock_whatever_it_listens_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    assert_eq!(is_at_work(&path), Some(false));
    let held = lock(&path).unwrap();
    assert!(held.is_some());
    assert_eq!(is_at_work(&path), Some(true));
    drop(held);
    assert_eq!(is_at_work(&path), Some(false));
    assert!(!is_there(&path).unwrap());
}

#[test]
fn who_looks_at_the_lock_for_a_moment_keeps_nobody_from_taking_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    drop(lock(&path).unwrap());
    let looking = std::fs::File::open(crate::store::lock_name(&path)).unwrap();
    looking.lock_shared().unwrap();
    let taking = std::thread::spawn(move || lock(&path).unwrap().is_some());
    drop(looking);
    assert!(taking.join().unwrap());
}

#[test]
fn who_is_not_answered_is_told_whether_one_runs_and_what_to_do() {
    let silent = || Some(("http://127.0.0.1:8480/".to_owned(), "refused".to_owned()));
    let said = |silence, runs| {
        let problem = unasked(silence, runs);
        (problem.level, problem.what, problem.help.contains("systemctl start"))
    };
    let (level, what, start) = said(None, Some(true));
    assert_eq!((level.as_str(), start), ("warning", false));
    assert!(what.starts_with("a tidings runs, and can't be asked"), "{what}");
    let (level, what, start) = said(silent(), Some(true));
    assert_eq!((level.as_str(), start), ("error", false));
    assert!(what.starts_with("a tidings runs, but none answers at http://127.0.0.1:8480/"), "{what}");
    assert!(said(None, Some(false)).2 && said(silent(), Some(false)).2);
    let unknown = [said(None, None), said(silent(), None)];
    assert!(unknown.iter().all(|(_, what, start)| what.contains("can't tell whether one runs") && !start));
}

#[test]
fn the_newest_stories_are_listed_first_and_those_left_out_are_counted() {
    let mut store = furnished();
    let [all, two] = on(&mut store, [&["story", "list"], &["story", "list", "--limit", "2"]]);
    let order = |listed: &str| ["Football", "Draft adopted", "Committee"].map(|title| listed.find(title));
    assert!(order(&all).is_sorted() && order(&all).iter().all(Option::is_some), "{all}");
    assert!(two.contains("Football") && two.contains("Draft adopted") && !two.contains("Committee"), "{two}");
}

#[test]
fn a_topic_that_is_removed_names_whom_it_leaves_without_any() {
    let mut store = furnished();
    let [_, _, removed] = on(
        &mut store,
        [
            &["topic", "add", "harbour", "--query", "harbour"],
            &["source", "add", "https://b.example/rss", "--no-fetch", "--topic", "harbour"],
            &["topic", "remove", "harbour", "--json"],
        ],
    );
    let removed: serde_json::Value = serde_json::from_str(&removed).unwrap();
    let said = "source 2 names no topic but harbour, which is gone: no event is told for it";
    assert_eq!(removed["note"], said);
    assert_eq!(store.sources(crate::port::Listed::Current).unwrap().len(), 2);
}
