//! Groups and files.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

#[test]
fn a_group_keeps_its_whole_verbs_and_drops_the_failed_one() {
    holds(|store| {
        store.group(Durable::PowerCut).unwrap();
        store.add_topic(&topic(), at(0)).unwrap();
        assert!(store.add_topic(&topic(), at(0)).is_err());
        store.commit_decisions(&Commit { opened: vec![opened(1, 1)], ..Commit::default() }).unwrap();
        let clash = Commit { opened: vec![opened(2, 1), opened(1, 1)], ..Commit::default() };
        assert!(store.commit_decisions(&clash).is_err());
        store.add_source(&source("https://example.org/feed"), at(0)).unwrap();
        store.commit_group().unwrap();
        assert_eq!(store.topics().unwrap().len(), 1);
        assert_eq!(store.events(&EventFilter { limit: 9, ..EventFilter::default() }).unwrap().len(), 1);
        assert_eq!(store.sources(Listed::All).unwrap().len(), 1);
        assert!(store.commit_group().is_err());
    });
}

#[test]
fn a_group_that_is_never_committed_leaves_nothing_and_what_was_committed_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/tidings.db");
    let mut store = SqliteStore::open(&path).unwrap();
    with_stories(&mut store, &["Kept"]);
    store.group(Durable::PowerCut).unwrap();
    store.add_topic(&topic(), at(0)).unwrap();
    drop(store);
    let mut store = SqliteStore::open(&path).unwrap();
    assert!(store.topics().unwrap().is_empty());
    assert_eq!(store.claim_undecided(9).unwrap()[0].draft, draft(1, "Kept"));
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_reader_sees_what_is_committed_and_can_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    assert!(matches!(SqliteStore::open_reader(&path), Err(StoreError::Open { .. })));
    let mut store = SqliteStore::open(&path).unwrap();
    let mut reader = SqliteStore::open_reader(&path).unwrap();
    store.group(Durable::PowerCut).unwrap();
    with_stories(&mut store, &["One"]);
    assert_eq!(reader.counts().unwrap().stories, 0);
    store.commit_group().unwrap();
    assert_eq!(reader.search("one", 9).unwrap().len(), 1);
    assert!(matches!(reader.add_topic(&topic(), at(0)), Err(StoreError::Refused { .. })));
    assert!(reader.check(Duration::from_mins(1)).unwrap().is_empty());
}

#[test]
fn a_copy_is_a_store_of_its_own_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("tidings.db")).unwrap();
    with_stories(&mut store, &["One"]);
    let copy = folder.path().join("copy.db");
    store.backup(&copy).unwrap();
    assert!(matches!(store.backup(&copy), Err(StoreError::Taken { .. })));
    let mut copied = SqliteStore::open(&copy).unwrap();
    assert_eq!(copied.search("one", 9).unwrap().len(), 1);
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
}

/// The message of a failed opening.
fn refusal(path: &std::path::Path) -> String {
    SqliteStore::open(path).unwrap_err().to_string()
}

#[test]
fn a_file_that_is_none_of_ours_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "dear diary, ".repeat(100)).unwrap();
    assert!(refusal(&text).contains("it is no SQLite file"), "{}", refusal(&text));
    assert_eq!(std::fs::read_to_string(&text).unwrap(), "dear diary, ".repeat(100));

    let foreign = folder.path().join("foreign.db");
    rusqlite::Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    assert!(refusal(&foreign).contains("another program"), "{}", refusal(&foreign));

    let newer = folder.path().join("newer.db");
    drop(SqliteStore::open(&newer).unwrap());
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 999).unwrap();
    assert!(matches!(SqliteStore::open(&newer), Err(StoreError::Newer { found: 999, .. })));
}

#[test]
fn a_damaged_file_asks_for_the_latest_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let mut store = SqliteStore::open(&path).unwrap();
    with_stories(&mut store, &["One"]);
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..].fill(0xAA);
    std::fs::write(&path, bytes).unwrap();
    assert!(refusal(&path).contains("tidings backup"), "{}", refusal(&path));
}

/// Writes a store as schema 1 wrote it, byte for byte. Never edited: a later schema gets a function of its own.
fn write_schema_1(path: &std::path::Path) {
    let db = rusqlite::Connection::open(path).unwrap();
    db.execute_batch(include_str!("../migrations/0001_house.sql")).unwrap();
    db.execute_batch(
        r#"PRAGMA application_id = 1953064041; PRAGMA user_version = 1;
        INSERT INTO source (declared_url, url, host, name, publisher, kind, selectors, topics, interval_min_ms,
            interval_max_ms, full_text, origin, created_at_ms, next_poll_at_ms, interval_ms, stories)
        VALUES ('https://a.example/', 'https://a.example/', 'a.example', 'A', 'a.example', 'page',
            '{"v":1,"item":"li","link":"a","title":null,"date":null,"summary":null}', '{"v":1,"topics":["resolution"]}',
            1800000, 14400000, 0, 'config', 0, 0, 1800000, 1);
        INSERT INTO story (source, seen_at_ms, arrival, revision, state, on_topic, fingerprint, text_chars, publisher,
            keys, url, link, title, text)
        VALUES (1, 1000, 'later', 1, 'decided', 1, -5, 4, 'a.example', x'00000000000000000000000000000007',
            'https://a.example/1', 'https://a.example/1', 'Old title', 'Text');
        INSERT INTO story_key (key, story) VALUES (x'00000000000000000000000000000007', 1);
        INSERT INTO unindexed (story) VALUES (1);
        INSERT INTO event (id, topic, title, first_story, opened_at_ms, changed_at_ms, stories, publishers)
        VALUES (1, 'resolution', 'Old title', 1, 1000, 1000, 1, 1);
        INSERT INTO decision (story, topic, revision, ruling, event, score, told, decided_at_ms, reasons)
        VALUES (1, 'resolution', 1, 'opened', 1, 1.0, 'event.opened', 1000,
            '{"v":1,"reasons":[{"stage":"topic","text":"it matches","numbers":[["score",0.5],["unheard_of",2.0]]}]}');
        INSERT INTO subscription (name, kind, url, secret, filter, origin, state, created_at_ms)
        VALUES ('desk', 'webhook', 'https://hook.example/', 'whsec_A',
            '{"v":1,"topics":[],"types":["event.opened"],"languages":["en"],"publishers":[]}', 'api', 'active', 0);
        INSERT INTO notification (id, kind, topic, event, story, created_at_ms, body)
        VALUES ('msg_1', 'event.opened', 'resolution', 1, 1, 1000, '{}');
        INSERT INTO delivery (notification, subscription, event, state, created_at_ms, next_attempt_at_ms)
        VALUES (1, 1, 1, 'pending', 1000, 1000);"#,
    )
    .unwrap();
}

#[test]
fn a_store_of_schema_1_is_opened_with_all_that_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    write_schema_1(&path);
    let mut store = SqliteStore::open(&path).unwrap();
    let explained = store.explain(StoryId(1)).unwrap().unwrap();
    assert_eq!(explained.story.draft.keys, [EntryKey(7)]);
    assert_eq!(explained.decisions[0].reasons[0].numbers, [("score", 0.5), ("number", 2.0)]);
    assert_eq!(explained.events[0].title, "Old title");
    assert!(matches!(&explained.source.spec.kind, SourceKind::Page(selectors) if selectors.item == "li"));
    assert_eq!(store.search("old title", 9).unwrap().len(), 1);
    let of_publisher = EventFilter { publisher: Some("a.example".to_owned()), limit: 9, ..EventFilter::default() };
    assert_eq!(store.cards(&of_publisher).unwrap().len(), 1, "its event is found by its publisher");
    assert_eq!(store.overview().unwrap().version, EventVersion(1));
    let claim = store.claim_deliveries(&deliveries_due(at(0))).unwrap().remove(0);
    let filter = &claim.subscription.spec.filter;
    assert_eq!(
        (filter.languages[0].as_str(), filter.updates, filter.corrections),
        ("en", Updates::Each, Corrections::Each)
    );
    let left = Correction::Mark { story: StoryId(1), mark: Mark::OffTopic, topic: None, hush: Hush::Quiet };
    assert_eq!(store.correct(&left, at(1)).unwrap().unwrap().emptied, [EventId(1)], "its event was read");
    assert_eq!((explained.source.spec.priority, explained.source.state.pace), (Priority::Normal, Vec::new()));
    let elsewhere = ClaimSources { except_domains: vec!["a.example".to_owned()], ..due_by(at(9)) };
    assert_eq!(store.claim_sources(&elsewhere).unwrap(), [], "its domain was named");
    assert_eq!(store.claim_sources(&due_by(at(9))).unwrap().len(), 1);
}
