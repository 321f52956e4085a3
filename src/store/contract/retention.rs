//! What is dropped when it is old or too much, and what never is.

use std::time::Duration;

use super::given::*;
use crate::ingest::resolve;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

/// Cricket and Weather are on no topic, Council is, Tennis is undecided.
fn four(store: &mut SqliteStore) {
    with_stories(store, &["Cricket", "Council", "Weather", "Tennis"]);
    let off = |story| decision(story, Ruling::OffTopic, None);
    let decisions = vec![off(1), decision(2, Ruling::Opened, Some(1)), off(3)];
    let meanings = vec![(StoryId(2), vec![1; 512])];
    let opened = vec![opened(1, 2)];
    store.commit_decisions(&Commit { decisions, opened, meanings, ..Commit::default() }).unwrap();
}

fn is_sound(store: &mut SqliteStore) {
    assert_eq!(store.check(Duration::from_mins(1)).unwrap(), Vec::<String>::new());
}

#[test]
fn a_story_on_no_topic_is_deleted_when_it_is_old_and_what_goes_on_being_listed_is_not_new_again() {
    holds(|store| {
        four(store);
        assert_eq!(store.bury(at(1), 10).unwrap(), 0, "it is not old");
        assert_eq!(store.bury(at(2), 1).unwrap(), 1, "a step");
        assert_eq!(store.bury(at(2), 10).unwrap(), 1, "what is on a topic or undecided stays");
        assert_eq!(store.explain(StoryId(1)).unwrap(), None);
        assert_eq!(store.search("cricket", 9).unwrap(), []);
        assert_eq!(store.search("tennis", 9).unwrap().len(), 1);
        is_sound(store);

        // The feed lists it still: unchanged, under another title, under a new id.
        let source = store.source(SourceId(1)).unwrap().unwrap();
        let entry = |keys: Vec<EntryKey>, title: &str| StoryDraft { keys, ..draft(1, title) };
        let url = crate::ingest::story_keys_of_url(&WebUrl::parse(&draft(1, "").url).unwrap());
        assert_eq!(store.find_story(&draft(1, "").keys, None).unwrap(), Some(StoryId(1)));
        let known = store.known(&draft(1, "").keys).unwrap();
        assert_eq!(known.len(), 2);
        let by_address = vec![Known { key: url[0], ..known[0].clone() }];
        for title in ["Cricket", "Cricket: rain stops play"] {
            let changes = resolve(vec![entry(url.clone(), title)], &by_address, &source.spec, source.id);
            assert_eq!(changes, [], "{title}");
        }
        // An id alone is not believed: it may have been given to another story by now.
        let used_again =
            StoryDraft { url: "https://example.org/other".to_owned(), ..entry(vec![known[0].key], "News") };
        assert!(matches!(resolve(vec![used_again], &known, &source.spec, source.id)[..], [StoryChange::New { .. }]));

        // However it comes, the store has the last word: under any of its keys it is no new story.
        let claim = store.claim_sources(&due_by(at(5_000))).unwrap().remove(0);
        let recorded = store.record_poll(&record(&claim, at(5_001), vec![new(draft(1, "Cricket"))])).unwrap();
        assert_eq!((recorded.new, recorded.revised), (0, 0));
        let revised = StoryChange::Revised { story: StoryId(1), draft: draft(1, "Cricket, again") };
        let claim = store.claim_sources(&due_by(at(9_000))).unwrap().remove(0);
        assert_eq!(store.record_poll(&record(&claim, at(9_001), vec![revised])).unwrap().revised, 0);
        is_sound(store);
    });
}

#[test]
fn the_number_of_a_deleted_story_is_given_to_no_other() {
    holds(|store| {
        with_stories(store, &["Cricket", "Tennis"]);
        let decisions = vec![decision(1, Ruling::OffTopic, None), decision(2, Ruling::OffTopic, None)];
        store.commit_decisions(&Commit { decisions, ..Commit::default() }).unwrap();
        assert_eq!(store.bury(at(100), 10).unwrap(), 1, "the newest stays");
        let claim = store.claim_sources(&due_by(at(5_000))).unwrap().remove(0);
        store.record_poll(&record(&claim, at(5_001), vec![new(draft(3, "Golf"))])).unwrap();
        assert_eq!(store.find_story(&draft(3, "").keys, None).unwrap(), Some(StoryId(3)));
        assert_eq!(store.bury(at(100), 10).unwrap(), 1);
    });
}

#[test]
fn what_somebody_said_something_of_is_neither_deleted_nor_emptied() {
    holds(|store| {
        four(store);
        let mark = |story, mark| Correction::Mark { story, mark, topic: Some(topic_key()), hush: Hush::Quiet };
        store.add_topic(&topic(), at(0)).unwrap();
        store.correct(&mark(StoryId(1), Mark::OffTopic), at(3)).unwrap().unwrap();
        store.correct(&mark(StoryId(2), Mark::OnTopic), at(3)).unwrap().unwrap();
        assert_eq!((store.bury(at(100), 10).unwrap(), store.drop_told_texts(at(100), 10).unwrap()), (1, 0));
        assert!(store.explain(StoryId(1)).unwrap().is_some());
        is_sound(store);
    });
}

#[test]
fn of_an_old_story_on_a_topic_the_text_goes_and_title_event_and_reasons_stay() {
    holds(|store| {
        four(store);
        let edited = StoryChange::Revised { story: StoryId(2), draft: draft(2, "Council votes") };
        let claim = store.claim_sources(&due_by(at(5_000))).unwrap().remove(0);
        store.record_poll(&record(&claim, at(5_001), vec![edited])).unwrap();
        assert_eq!(store.drop_told_texts(at(100), 10).unwrap(), 0, "it is to be decided anew");
        let decided = Decision { revision: 2, ..decision(2, Ruling::Joined, Some(1)) };
        store.commit_decisions(&Commit { decisions: vec![decided], ..Commit::default() }).unwrap();
        assert_eq!(store.drop_told_texts(at(100), 10).unwrap(), 1);
        assert_eq!(store.drop_told_texts(at(100), 10).unwrap(), 0);
        let explained = store.explain(StoryId(2)).unwrap().unwrap();
        assert_eq!((explained.story.draft.title.as_str(), explained.story.draft.text.as_str()), ("Council votes", ""));
        assert_eq!((explained.revisions[0].title.as_str(), explained.revisions[0].text.as_str()), ("Council", ""));
        assert_eq!((explained.decisions.len(), explained.events.len()), (2, 1));
        assert_eq!(store.standings(&topic_key(), &[StoryId(2)]).unwrap()[0].meaning, None);
        assert_eq!(store.search("council", 9).unwrap().len(), 1);
        is_sound(store);
    });
}

#[test]
fn a_database_that_is_too_large_sheds_what_is_old_and_nothing_that_is_owed() {
    holds(|store| {
        four(store);
        let [desk, night] = ["desk", "night"].map(|name| store.add_subscription(&hook(name), at(0)).unwrap());
        told(store, &[("taken", None, desk), ("owed", None, desk), ("kept", None, night)]);
        assert!(store.disable_subscription(night, at(3)).unwrap());
        let claims = store.claim_deliveries(&deliveries_due(at(3))).unwrap();
        store.settle(&[settlement(&claims[0], at(4), Verdict::Delivered)]).unwrap();

        let shed = Shed { before: at(100), told_before: at(0) };
        // Two texts, two stories, one delivery and the body that nobody needs any more.
        assert_eq!(store.shed(shed, 10).unwrap(), 5);
        assert_eq!(store.shed(shed, 10).unwrap(), 0);
        let filter = everything(store);
        let left: Vec<_> = store.deliveries(&filter).unwrap().into_iter().map(|d| d.state).collect();
        assert_eq!(left, [DeliveryState::Kept, DeliveryState::Pending]);
        assert_eq!(store.explain(StoryId(2)).unwrap().unwrap().story.draft.text, "The text below Council");
        assert_eq!(store.claim_undecided(9).unwrap().len(), 1);
        assert_eq!(store.enable_subscription(night, Replay::All, at(9)).unwrap(), Some(1));
        told(store, &[("taken", None, desk)]);
        assert_eq!(store.deliveries(&filter).unwrap().len(), 2, "what was told is not told again");
        is_sound(store);
    });
}

#[test]
fn what_is_deleted_leaves_room_that_is_given_back_a_little_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidings.db");
    let mut store = SqliteStore::open(&path).unwrap();
    let claim = claimed(&mut store, "https://example.org/feed", at(0));
    let long = |n| StoryDraft { text: "word ".repeat(10_000), ..draft(n, "Cricket") };
    store.record_poll(&record(&claim, at(1), (1..=40).map(|n| new(long(n))).collect())).unwrap();
    let decisions = (1..=40).map(|story| decision(story, Ruling::OffTopic, None)).collect();
    store.commit_decisions(&Commit { decisions, ..Commit::default() }).unwrap();
    let before = store.room().unwrap();
    assert_eq!(store.retain(at(100), at(0), 100).unwrap(), 40);

    let after = store.room().unwrap();
    assert!(before.used_bytes - after.used_bytes > 1_500_000, "{before:?}, {after:?}");
    assert!(after.free_bytes > 1_500_000, "{after:?}");
    let left = store.give_back(400_000).unwrap();
    assert!((1..=after.free_bytes - 390_000).contains(&left), "{after:?}, then {left}");
    assert_eq!(store.give_back(u64::MAX).unwrap(), 0);
    drop(store);
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(size < after.used_bytes + 100_000, "{size} bytes of a file that needs {}", after.used_bytes);

    // A file that another program wrote anew without that ability: its room is used again, and never given back.
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM").unwrap();
    drop(db);
    let mut store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.bury(at(100), 100).unwrap(), 39);
    assert_eq!(store.give_back(u64::MAX).unwrap(), 0);
    assert!(store.room().unwrap().free_bytes > 0);
    drop(store);
    // As docs/operating.md says.
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; VACUUM;").unwrap();
    assert_eq!(db.pragma_query_value(None, "auto_vacuum", |row| row.get::<_, i64>(0)).unwrap(), 2);
}
