//! Topics as they were and are.

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

fn with(query: &str) -> TopicSpec {
    TopicSpec { query: query.to_owned(), ..topic() }
}

fn by(by: &str, over: Over) -> Saving {
    Saving { by: by.to_owned(), over, restores: None }
}

/// Number, query and by whom, the newest first.
fn history(store: &mut SqliteStore) -> Vec<(u32, String, String)> {
    let versions = store.topic_versions(&topic_key(), None, 999).unwrap();
    versions.into_iter().map(|version| (version.number, version.spec.query, version.saved_by)).collect()
}

fn line(number: u32, query: &str, by: &str) -> (u32, String, String) {
    (number, query.to_owned(), by.to_owned())
}

#[test]
fn each_save_is_a_version_and_what_is_the_same_makes_none() {
    holds(|store| {
        assert_eq!(store.save_topic(&with("a"), &by("Ada", Over::Nothing), at(0)).unwrap(), Ok(1));
        assert_eq!(store.save_topic(&with("b"), &by("Bo", Over::Newest), at(1)).unwrap(), Ok(2));
        assert_eq!(store.save_topic(&with("b"), &by("Bo", Over::Version(2)), at(2)).unwrap(), Ok(2));
        let undo = Saving { restores: Some(1), ..by("Ada", Over::Newest) };
        assert_eq!(store.save_topic(&with("a"), &undo, at(3)).unwrap(), Ok(3));
        assert_eq!(history(store), [line(3, "a", "Ada"), line(2, "b", "Bo"), line(1, "a", "Ada")]);
        let newest = store.topic_versions(&topic_key(), None, 999).unwrap().remove(0);
        assert_eq!((newest.restores, newest.saved_at, &newest.spec), (Some(1), at(3), &with("a")));
        assert_eq!(store.topics().unwrap()[0].spec, with("a"));
    });
}

#[test]
fn a_save_over_a_version_that_is_no_longer_the_newest_changes_nothing() {
    holds(|store| {
        store.save_topic(&with("a"), &by("Ada", Over::Nothing), at(0)).unwrap().unwrap();
        store.save_topic(&with("b"), &by("Bo", Over::Version(1)), at(1)).unwrap().unwrap();
        let late = store.save_topic(&with("c"), &by("Ada", Over::Version(1)), at(2)).unwrap();
        assert_eq!(late, Err(Unsaved::Overtaken { newest: 2, saved_by: "Bo".to_owned() }));
        assert_eq!(store.topics().unwrap()[0].spec.query, "b");
        let taken = store.save_topic(&with("d"), &by("Ada", Over::Nothing), at(3));
        assert!(matches!(taken, Err(StoreError::Taken { .. })));
    });
}

#[test]
fn what_the_file_declares_is_saved_by_the_file_alone_and_its_changes_are_versions() {
    holds(|store| {
        let absent = store.save_topic(&with("a"), &by("Ada", Over::Newest), at(0)).unwrap();
        assert_eq!(absent, Err(Unsaved::Absent));
        store.save_topic(&with("a"), &by("Ada", Over::Nothing), at(0)).unwrap().unwrap();
        let declared = |query| Declared { topics: vec![with(query)], ..Declared::default() };
        store.sync(&declared("b"), at(1)).unwrap();
        store.sync(&declared("b"), at(2)).unwrap();
        let refused = store.save_topic(&with("c"), &by("Ada", Over::Newest), at(3)).unwrap();
        assert_eq!(refused, Err(Unsaved::Declared));
        store.sync(&declared("d"), at(4)).unwrap();
        store.sync(&Declared::default(), at(5)).unwrap();
        store.save_topic(&with("e"), &by("Bo", Over::Nothing), at(6)).unwrap().unwrap();
        let file = "the configuration file";
        let expected = [line(4, "e", "Bo"), line(3, "d", file), line(2, "b", file), line(1, "a", "Ada")];
        assert_eq!(history(store), expected);
    });
}

#[test]
fn very_many_versions_push_the_oldest_out() {
    holds(|store| {
        store.save_topic(&with("0"), &by("", Over::Nothing), at(0)).unwrap().unwrap();
        for number in 1..=502 {
            store.save_topic(&with(&number.to_string()), &by("", Over::Newest), at(number)).unwrap().unwrap();
        }
        let numbers: Vec<u32> = history(store).iter().map(|(number, ..)| *number).collect();
        assert_eq!((numbers.len(), numbers[0], numbers[499]), (500, 503, 4));
        let page = store.topic_versions(&topic_key(), Some(10), 2).unwrap();
        assert_eq!(page.iter().map(|version| version.number).collect::<Vec<_>>(), [9, 8]);
        let restored = |store: &mut SqliteStore, wanted| {
            store.version_to_restore(&topic_key(), wanted).unwrap().map(|version| version.number)
        };
        assert_eq!(
            [None, Some(7), Some(3), Some(504)].map(|wanted| restored(store, wanted)),
            [Some(502), Some(7), None, None]
        );
    });
}

#[test]
fn the_newest_stories_are_counted_and_begin_above_a_number() {
    holds(|store| {
        store.add_source(&source("https://example.org/feed"), at(0)).unwrap();
        for second in 1..=3 {
            let claim = store.claim_sources(&due_by(at(100_000 * second))).unwrap().remove(0);
            let drafts = (0..2).map(|n| draft(u128::try_from(second * 2 + n).unwrap(), "A")).map(new).collect();
            store.record_poll(&record(&claim, at(100_000 * second), drafts)).unwrap();
        }
        assert_eq!(store.newest_stories(at(0), 50).unwrap(), (6, StoryId(0)));
        assert_eq!(store.newest_stories(at(0), 2).unwrap(), (6, StoryId(4)));
        assert_eq!(store.newest_stories(at(200_000), 3).unwrap(), (4, StoryId(3)));
        let newest = store.stories_since(at(0), StoryId(4), 50).unwrap();
        assert_eq!(newest.iter().map(|story| story.id.0).collect::<Vec<_>>(), [5, 6]);
        assert_eq!(store.newest_stories(at(999_999), 2).unwrap(), (0, StoryId(0)));
    });
}
