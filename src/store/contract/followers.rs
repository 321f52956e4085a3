//! Followers, and the versions of the feeds that they follow.

use std::time::Duration;

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

const DAY: i64 = 86_400;

fn spec(callback: &str) -> FollowerSpec {
    FollowerSpec {
        address: "https://news.example/feeds/a.atom".to_owned(),
        feed: FeedName::parse("a.atom").unwrap(),
        callback: url(callback),
    }
}

fn petition(secs: i64) -> Petition {
    let wish = Wish::Follow { lease: Duration::from_mins(1), secret: Some(Secret::new("hush")) };
    Petition { wish, asked_at: at(secs), due_at: at(secs), failures: 2 }
}

fn asked(secs: i64) -> FollowerState {
    FollowerState { petition: Some(petition(secs)), ..FollowerState::default() }
}

fn version(store: &mut SqliteStore) -> FeedVersion {
    store.feed_version(&TopicKey::parse("a").unwrap()).unwrap()
}

/// An event on topic `a`.
fn open_event(store: &mut SqliteStore, id: i64) {
    let opened = NewEvent {
        id: EventId(id),
        topic: TopicKey::parse("a").unwrap(),
        title: "An event".to_owned(),
        first_story: StoryId(1),
        opened_at: at(id),
        told_at: Some(at(id)),
    };
    store.commit_decisions(&Commit { opened: vec![opened], ..Commit::default() }).unwrap();
}

#[test]
fn a_follower_is_one_of_a_feed_and_a_callback_is_kept_as_it_stands_and_counts_among_as_many_as_may_be() {
    holds(|store| {
        let callback = "https://reader.example/cb?a=1";
        let id = store.begin_follower(&spec(callback), &asked(5), 2).unwrap().unwrap();
        let mut follower = store.follower_at(&spec(callback).address, &url(callback)).unwrap().unwrap();
        assert_eq!((follower.id, &follower.spec, &follower.state), (id, &spec(callback), &asked(5)));
        follower.state = FollowerState {
            lease_until: Some(at(900)),
            secret: Some(Secret::new("old")),
            petition: Some(Petition { wish: Wish::Leave, ..petition(7) }),
            has: FeedVersion(3),
            posted_hash: "abc".to_owned(),
            next_at: at(8),
            failures: 4,
            posts: 5,
            last_post_at: Some(at(6)),
            note: "it answered 500".to_owned(),
        };
        assert!(store.keep_follower(&follower).unwrap());
        assert_eq!(store.follower(id).unwrap(), Some(follower.clone()));
        store.begin_follower(&spec("https://other.example/"), &asked(5), 2).unwrap().unwrap();
        assert_eq!(store.begin_follower(&spec("https://third.example/"), &asked(5), 2).unwrap(), None);
        assert_eq!(store.followers().unwrap().len(), 2);
        store.drop_follower(id).unwrap();
        assert!(!store.keep_follower(&follower).unwrap());
        assert_eq!(store.follower(id).unwrap(), None);
    });
}

#[test]
fn a_followed_feed_has_a_new_version_with_each_change_of_an_event_and_its_followers_are_due() {
    holds(|store| {
        open_event(store, 1);
        assert_eq!(version(store), FeedVersion(0), "nobody follows");
        assert_eq!(store.followers_due(at(0)).unwrap(), None);
        let id = store.begin_follower(&spec("https://reader.example/"), &asked(5), 9).unwrap().unwrap();
        assert_eq!(store.followers_due(at(0)).unwrap(), Some(at(5)));
        assert!(store.due_followers(at(4), 9).unwrap().is_empty());
        assert_eq!(store.due_followers(at(5), 9).unwrap().len(), 1);

        let mut follower = store.follower(id).unwrap().unwrap();
        (follower.state.petition, follower.state.lease_until) = (None, Some(at(900)));
        follower.state.next_at = at(20);
        store.keep_follower(&follower).unwrap();
        assert_eq!(store.followers_due(at(9)).unwrap(), Some(at(900 + DAY)), "a day after the end of its lease");
        open_event(store, 2);
        let grown = EventChange { id: EventId(1), changed_at: at(50), told_at: None, retitled: None };
        store.commit_decisions(&Commit { changed: vec![grown], ..Commit::default() }).unwrap();
        assert!(version(store) > FeedVersion(1), "one opened, one grew");
        assert_eq!(store.followers_due(at(9)).unwrap(), Some(at(20)));
        assert!(store.due_followers(at(900), 9).unwrap().is_empty(), "nothing is posted past its lease");
        let due = store.due_followers(at(20), 9).unwrap();
        assert_eq!((due[0].0.id, due[0].1), (id, version(store)));
        follower.state.has = version(store);
        store.keep_follower(&follower).unwrap();
        assert!(store.due_followers(at(899 + DAY), 9).unwrap().is_empty());
        assert_eq!(store.due_followers(at(900 + DAY), 9).unwrap().len(), 1);
    });
}
