//! What is told once, and what is taken back before it is sent.

use std::time::Duration;

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

fn other_topic() -> TopicKey {
    TopicKey::parse("vetoes").unwrap()
}

/// The first story's event on another topic.
fn elsewhere(word: &str, event: i64) -> Notification {
    Notification { topic: Some(other_topic()), ..notification(word, Some(event)) }
}

fn commit(store: &mut SqliteStore, notifications: Vec<(Notification, Vec<SubscriptionId>)>) {
    store.commit_decisions(&Commit { notifications, ..Commit::default() }).unwrap();
}

fn digested(name: &str) -> SubscriptionSpec {
    let digest = Some(DigestPlan::Every(Duration::from_mins(1)));
    SubscriptionSpec { manner: Manner { digest, ..Manner::default() }, ..hook(name) }
}

/// Of a subscription: what it is told and how that stands, oldest first.
fn stands(store: &mut SqliteStore, to: SubscriptionId) -> Vec<(String, DeliveryState)> {
    let filter = DeliveryFilter { subscription: Some(to), limit: 100, ..DeliveryFilter::default() };
    let mut all = store.deliveries(&filter).unwrap();
    all.retain(|delivery| delivery.notification.kind != NotificationType::Digest);
    all.reverse();
    all.into_iter().map(|delivery| (delivery.notification.id.0, delivery.state)).collect()
}

fn off_topic(store: &mut SqliteStore, story: i64) {
    let (mark, hush) = (Mark::OffTopic, Hush::Quiet);
    let off = Correction::Mark { story: StoryId(story), mark, topic: Some(topic_key()), hush };
    store.correct(&off, at(9)).unwrap().unwrap();
}

/// What the digests told that are made by then.
fn told_in_digests(store: &mut SqliteStore, now: i64) -> Vec<String> {
    while store.due().unwrap().digest_at.is_some_and(|due| due <= at(now)) {
        store.make_digests(at(now)).unwrap();
    }
    let entries = |claim: DeliveryClaim| {
        let body: serde_json::Value = serde_json::from_str(&claim.notification.body).unwrap();
        let entries = body["data"]["entries"].as_array().cloned().unwrap_or_default();
        entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    store.claim_deliveries(&deliveries_due(at(now))).unwrap().into_iter().flat_map(entries).collect()
}

#[test]
fn a_story_on_two_topics_is_told_once_to_whom_has_both_and_to_whom_has_either() {
    use DeliveryState::{Delivered, Pending, Repeat};
    holds(|store| {
        let [both, first, second] =
            ["both", "first", "second"].map(|name| store.add_subscription(&hook(name), at(0)).unwrap());
        let (one, two) = (notification("one", Some(1)), elsewhere("two", 2));
        commit(store, vec![(one, vec![both, first]), (two, vec![both, second])]);
        assert_eq!(stands(store, both), [("msg_one".to_owned(), Pending), ("msg_two".to_owned(), Repeat)]);
        assert_eq!(stands(store, second), [("msg_two".to_owned(), Pending)]);
        assert_eq!(claim_words(store, at(3)), ["msg_one", "msg_one", "msg_two"]);
        let page = store.log(&LogFilter { limit: 9, ..LogFilter::default() }).unwrap();
        assert_eq!(page.entries.len(), 2, "the log has both");
        // What a person asks for is sent all the same.
        let filter = DeliveryFilter { state: Some(Repeat), limit: 9, ..DeliveryFilter::default() };
        let left_out = store.deliveries(&filter).unwrap().remove(0);
        assert!(store.replay(left_out.id, at(200)).unwrap());
        let again = store.claim_deliveries(&deliveries_due(at(201))).unwrap();
        let again = again.iter().find(|claim| claim.id == left_out.id).unwrap();
        store.settle(&[settlement(again, at(202), Verdict::Delivered)]).unwrap();
        assert_eq!(stands(store, both)[1].1, Delivered);
    });
}

#[test]
fn a_story_that_comes_on_a_second_topic_later_is_told_again_only_where_the_first_telling_was_given_up() {
    for (end, state) in [(Verdict::Delivered, DeliveryState::Repeat), (Verdict::Expired, DeliveryState::Pending)] {
        holds(|store| {
            let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
            commit(store, vec![(notification("one", Some(1)), vec![to])]);
            let claim = store.claim_deliveries(&deliveries_due(at(3))).unwrap().remove(0);
            store.settle(&[settlement(&claim, at(4), end)]).unwrap();
            commit(store, vec![(Notification { created_at: at(9), ..elsewhere("two", 2) }, vec![to])]);
            assert_eq!(stands(store, to)[1], ("msg_two".to_owned(), state));
        });
    }
}

#[test]
fn what_is_told_of_a_topics_own_events_is_told_for_each_topic() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let merged = |told: Notification| Notification { kind: NotificationType::EventMerged, ..told };
        commit(store, vec![(merged(notification("one", Some(1))), vec![to]), (merged(elsewhere("two", 2)), vec![to])]);
        assert!(stands(store, to).iter().all(|(_, state)| *state == DeliveryState::Pending));
    });
}

#[test]
fn an_update_that_two_topics_have_is_told_once_and_the_next_one_anew() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let update = |told: Notification, secs| Notification {
            kind: NotificationType::EventUpdated,
            created_at: at(secs),
            ..told
        };
        for (word, secs) in [("a", 3), ("b", 5)] {
            let (one, two) = (notification(&format!("one_{word}"), Some(1)), elsewhere(&format!("two_{word}"), 2));
            commit(store, vec![(update(one, secs), vec![to]), (update(two, secs), vec![to])]);
        }
        let repeats = stands(store, to).into_iter().filter(|(_, state)| *state == DeliveryState::Repeat);
        assert_eq!(repeats.map(|(id, _)| id).collect::<Vec<_>>(), ["msg_two_a", "msg_two_b"]);
    });
}

/// Stories 1 and 2 in event 1, 3 in event 2, and both events' openings held for a digest.
fn held(store: &mut SqliteStore) -> SubscriptionId {
    store.add_topic(&topic(), at(0)).unwrap();
    with_stories(store, &["First", "Second", "Third"]);
    let to = store.add_subscription(&digested("newsroom"), at(0)).unwrap();
    let decisions = vec![
        decision(1, Ruling::Opened, Some(1)),
        decision(2, Ruling::Joined, Some(1)),
        decision(3, Ruling::Opened, Some(2)),
    ];
    let third = Notification { story: Some(StoryId(3)), ..notification("three", Some(2)) };
    let notifications = vec![(notification("one", Some(1)), vec![to]), (third, vec![to])];
    let opened = vec![opened(1, 1), opened(2, 3)];
    store.commit_decisions(&Commit { decisions, opened, notifications, ..Commit::default() }).unwrap();
    to
}

#[test]
fn a_story_that_is_off_the_topic_leaves_the_digest_that_waits() {
    holds(|store| {
        let to = held(store);
        off_topic(store, 3);
        assert_eq!(stands(store, to)[1], ("msg_three".to_owned(), DeliveryState::Withdrawn));
        assert_eq!(told_in_digests(store, 90), ["msg_one"]);
        // What was told is told.
        off_topic(store, 1);
        assert_eq!(stands(store, to)[0].1, DeliveryState::Digested);
    });
}

#[test]
fn an_event_that_goes_on_without_its_first_story_is_told_in_the_digest_all_the_same() {
    holds(|store| {
        held(store);
        off_topic(store, 1);
        assert_eq!(told_in_digests(store, 90), ["msg_one", "msg_three"]);
    });
}

#[test]
fn what_was_taken_back_is_told_when_the_story_is_on_the_topic_after_all() {
    holds(|store| {
        let to = held(store);
        off_topic(store, 3);
        assert_eq!(stands(store, to)[1].1, DeliveryState::Withdrawn);
        let (mark, hush) = (Mark::OnTopic, Hush::Quiet);
        let on = Correction::Mark { story: StoryId(3), mark, topic: Some(topic_key()), hush };
        store.correct(&on, at(10)).unwrap().unwrap();
        assert_eq!(told_in_digests(store, 90), ["msg_one", "msg_three"]);
    });
}

#[test]
fn what_was_left_out_for_a_story_that_is_off_the_topic_is_told_by_its_other_topic() {
    holds(|store| {
        let to = held(store);
        let two = Notification { story: Some(StoryId(3)), ..elsewhere("two", 7) };
        commit(store, vec![(two, vec![to])]);
        assert_eq!(stands(store, to)[2].1, DeliveryState::Repeat);
        off_topic(store, 3);
        assert_eq!(told_in_digests(store, 90), ["msg_one", "msg_two"]);
    });
}
