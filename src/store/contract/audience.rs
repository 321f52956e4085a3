//! Who hears of which event.

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

fn selective(name: &str) -> SubscriptionSpec {
    let spec = hook(name);
    let filter = Filter { query: Some("veto".to_owned()), ..spec.filter.clone() };
    SubscriptionSpec { filter, ..spec }
}

/// An event of one story, told to nobody yet, or of two.
fn events(store: &mut SqliteStore, count: i64) {
    with_stories(store, &["One", "Two"]);
    let opened: Vec<NewEvent> = (1..=count).map(|n| opened(n, n)).collect();
    let decisions = (1..=count).map(|n| decision(n, Ruling::Opened, Some(n))).collect();
    store.commit_decisions(&Commit { decisions, opened, ..Commit::default() }).unwrap();
}

fn hears(event: i64, subscription: SubscriptionId, told: bool) -> Hearing {
    Hearing { event: EventId(event), subscription, story: StoryId(event), told, counted: false }
}

fn late(word: &str, event: i64, to: SubscriptionId) -> Commit {
    let late = vec![LateOpening { after: 0, notification: notification(word, Some(event)), takers: vec![to] }];
    Commit { late, hearings: vec![hears(event, to, true)], ..Commit::default() }
}

#[test]
fn an_event_is_opened_late_once_and_aside_of_the_log() {
    holds(|store| {
        let to = store.add_subscription(&selective("newsroom"), at(0)).unwrap();
        events(store, 1);
        store.commit_decisions(&Commit { hearings: vec![hears(1, to, false)], ..Commit::default() }).unwrap();
        assert_eq!(store.hearings(at(0)).unwrap(), [hears(1, to, false)]);
        store.commit_decisions(&late("a", 1, to)).unwrap();
        assert_eq!(store.hearings(at(0)).unwrap(), [hears(1, to, true)]);
        // Another process did not know, and found another story.
        store.commit_decisions(&late("b", 1, to)).unwrap();
        assert_eq!(claim_words(store, at(3)), ["msg_a"]);
        assert_eq!(store.notification(&NotificationId("msg_b".to_owned())).unwrap(), None);
        let page = store.log(&LogFilter { limit: 9, ..LogFilter::default() }).unwrap();
        assert!(page.entries.is_empty() && !page.has_more());
        assert_eq!(store.index_seed(at(0)).unwrap().hearings, [hears(1, to, true)]);
    });
}

#[test]
fn what_was_told_of_an_event_that_went_into_another_was_told_of_that_one() {
    holds(|store| {
        let one = store.add_subscription(&selective("one"), at(0)).unwrap();
        let two = store.add_subscription(&selective("two"), at(0)).unwrap();
        events(store, 2);
        let hearings = vec![hears(1, one, false), hears(2, one, true)];
        store.commit_decisions(&Commit { hearings, ..Commit::default() }).unwrap();
        // In the batch that makes them one, somebody was told of the one that is gone.
        let (merged, hearings) = (vec![(EventId(2), EventId(1))], vec![hears(2, two, true)]);
        store.commit_decisions(&Commit { merged, hearings, ..Commit::default() }).unwrap();
        let told: Vec<_> =
            store.hearings(at(0)).unwrap().into_iter().map(|h| (h.event.0, h.subscription, h.told)).collect();
        assert_eq!(told, [(1, one, true), (1, two, true)]);
    });
}

#[test]
fn a_subscription_that_becomes_selective_is_not_told_again_and_one_that_asks_otherwise_waits_anew() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        events(store, 2);
        told(store, &[("a", Some(1), to)]);
        store.commit_decisions(&Commit { hearings: vec![hears(2, to, false)], ..Commit::default() }).unwrap();
        store.remove_subscription(to).unwrap();
        assert_eq!(store.add_subscription(&selective("newsroom"), at(5)).unwrap(), to);
        let held: Vec<_> = store.hearings(at(0)).unwrap().into_iter().map(|h| (h.event.0, h.told)).collect();
        assert_eq!(held, [(1, true)]);
    });
}

#[test]
fn of_one_batch_the_opening_is_told_before_the_update_that_came_after_it() {
    holds(|store| {
        let to = store.add_subscription(&selective("newsroom"), at(0)).unwrap();
        events(store, 1);
        let mut commit = late("opened", 1, to);
        let told = ["before", "after"].map(|word| (notification(word, Some(1)), vec![to]));
        commit.notifications = told.to_vec();
        commit.late[0].after = 1;
        store.commit_decisions(&commit).unwrap();
        let filter = everything(store);
        let told: Vec<_> = store.deliveries(&filter).unwrap().into_iter().rev().map(|d| d.notification.id.0).collect();
        assert_eq!(told, ["msg_before", "msg_opened", "msg_after"]);
    });
}

#[test]
fn who_hears_of_an_event_is_forgotten_with_the_deliveries_of_its_time() {
    holds(|store| {
        let to = store.add_subscription(&selective("newsroom"), at(0)).unwrap();
        events(store, 2);
        let hearings = vec![hears(1, to, false), hears(2, to, true)];
        store.commit_decisions(&Commit { hearings, ..Commit::default() }).unwrap();
        assert_eq!(store.retain(at(0), at(0), 10).unwrap(), 0);
        assert_eq!(store.retain(at(0), at(100), 1).unwrap(), 1);
        assert_eq!(store.hearings(at(0)).unwrap(), [hears(2, to, true)], "a few at a time");
        assert_eq!(store.retain(at(0), at(100), 1).unwrap(), 1);
        assert!(store.hearings(at(0)).unwrap().is_empty());
    });
}
