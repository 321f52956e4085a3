//! Deliveries.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;

use super::given::*;
use crate::model::*;
use crate::port::*;

#[test]
fn deliveries_of_one_event_are_claimed_one_after_another_and_others_at_once() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", Some(1), to), ("b", Some(1), to), ("c", Some(2), to), ("d", None, to)]);
        let claims = store.claim_deliveries(&deliveries_due(at(2))).unwrap();
        let words: Vec<_> = claims.iter().map(|c| c.notification.id.0.as_str()).collect();
        assert_eq!(words, ["msg_a", "msg_c", "msg_d"]);
        assert!(claim_words(store, at(3)).is_empty(), "b waits for a");
        store.settle(&[settlement(&claims[0], at(4), Verdict::Retry { at: at(100) })]).unwrap();
        assert!(claim_words(store, at(50)).is_empty(), "b still waits");
        assert_eq!(claim_words(store, at(100)), ["msg_c", "msg_d", "msg_a"], "longest due first");
        store.settle(&[settlement(&claims[0], at(101), Verdict::Delivered)]).unwrap();
        assert_eq!(claim_words(store, at(102)), ["msg_b"]);
    });
}

#[test]
fn a_subscription_has_no_more_under_way_than_its_share() {
    holds(|store| {
        let one = store.add_subscription(&hook("one"), at(0)).unwrap();
        let two = store.add_subscription(&hook("two"), at(0)).unwrap();
        told(store, &[("a", None, one), ("b", None, one), ("c", None, one), ("d", None, two)]);
        let claim =
            ClaimDeliveries { per_subscription: 2, in_flight: BTreeMap::from([(one, 1)]), ..deliveries_due(at(2)) };
        let claims = store.claim_deliveries(&claim).unwrap();
        let words: Vec<_> = claims.into_iter().map(|c| c.notification.id.0).collect();
        assert_eq!(words, ["msg_a", "msg_d"]);
    });
}

#[test]
fn a_share_is_kept_among_many_subscriptions_too() {
    holds(|store| {
        let to: Vec<_> = (0..30).map(|n| store.add_subscription(&hook(&format!("s{n:02}")), at(0)).unwrap()).collect();
        let words: Vec<String> = (0..90).map(|n| format!("{n:02}")).collect();
        told(store, &words.iter().zip(to.iter().cycle()).map(|(w, to)| (w.as_str(), None, *to)).collect::<Vec<_>>());
        let claim = ClaimDeliveries {
            limit: 90,
            unproved_limit: 90,
            per_subscription: 2,
            in_flight: BTreeMap::from([(to[0], 1), (to[1], 2)]),
            ..deliveries_due(at(2))
        };
        let claims = store.claim_deliveries(&claim).unwrap();
        let of = |to: SubscriptionId| claims.iter().filter(|claim| claim.subscription.id == to).count();
        assert_eq!((of(to[0]), of(to[1]), of(to[2]), claims.len()), (1, 0, 2, 57));
    });
}

#[test]
fn what_is_settled_together_lets_follow_what_waited_behind_each() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let rested = store.add_subscription(&hook("rested"), at(0)).unwrap();
        told(store, &[("a", Some(1), to), ("b", Some(1), to), ("c", Some(2), to), ("d", Some(2), to), ("e", None, to)]);
        told(store, &[("f", None, rested), ("g", None, rested)]);
        let claims = store.claim_deliveries(&deliveries_due(at(2))).unwrap();
        let words: Vec<_> = claims.iter().map(|c| c.notification.id.0.as_str()).collect();
        assert_eq!(words, ["msg_a", "msg_c", "msg_e", "msg_f", "msg_g"]);
        let rest = Rest { since: at(3), until: at(9), reason: RestReason::Failing };
        let trouble = Trouble {
            failures: 5,
            failing_since: Some(at(2)),
            last_failure_at: Some(at(3)),
            rest: Some(rest),
            rests: 1,
        };
        let after = After { trouble: Some(trouble), ..After::default() };
        let failed = settlement(&claims[3], at(3), Verdict::Retry { at: at(1_000) });
        store.settle(&[Settlement { after, ..failed }]).unwrap();
        let taken = |claim: &DeliveryClaim| settlement(claim, at(4), Verdict::Delivered);
        let all: Vec<_> = [0, 1, 2, 4].into_iter().map(|n| taken(&claims[n])).collect();
        store.settle(&all).unwrap();
        assert!(store.trouble(rested).unwrap().is_none());
        assert_eq!(claim_words(store, at(5)), ["msg_b", "msg_d", "msg_f"], "and what an endpoint's rest held back");
    });
}

#[test]
fn endpoints_that_are_slow_or_new_have_no_more_than_their_share_and_hide_none_that_answers() {
    holds(|store| {
        let to: Vec<_> = (0..60).map(|n| store.add_subscription(&hook(&format!("s{n:02}")), at(0)).unwrap()).collect();
        let words: Vec<String> = (0..60).map(|n| format!("{n:02}")).collect();
        told(store, &words.iter().zip(&to).map(|(word, to)| (word.as_str(), None, *to)).collect::<Vec<_>>());
        // The first twenty are slow, then come those that nobody knows, and last one that answers.
        let slow = to.iter().take(20).map(|to| (*to, Answers::Slowly));
        let answers = Arc::new(slow.chain([(to[59], Answers::Promptly)]).collect());
        let claim = ClaimDeliveries { limit: 6, unproved_limit: 4, slow_limit: 1, answers, ..deliveries_due(at(2)) };
        let words: Vec<_> = store.claim_deliveries(&claim).unwrap().into_iter().map(|c| c.notification.id.0).collect();
        assert_eq!(words, ["msg_00", "msg_20", "msg_21", "msg_22", "msg_59"]);
    });
}

#[test]
fn a_late_answer_counts_when_it_says_delivered_and_is_only_kept_otherwise() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", None, to)]);
        let slow = store.claim_deliveries(&deliveries_due(at(2))).unwrap().remove(0);
        assert_eq!(claim_words(store, at(62)), ["msg_a"]);
        store.settle(&[settlement(&slow, at(63), Verdict::Gone)]).unwrap();
        let kept = store.delivery(slow.id).unwrap().unwrap();
        assert_eq!((kept.state, kept.attempts.len()), (DeliveryState::Pending, 1));
        assert_eq!(kept.attempts[0], settlement(&slow, at(63), Verdict::Gone).attempt);
        store.settle(&[settlement(&slow, at(64), Verdict::Delivered)]).unwrap();
        let taken = store.delivery(slow.id).unwrap().unwrap();
        assert_eq!(taken.state, DeliveryState::Delivered);
        assert_eq!(taken.delivered_at, Some(at(64) + SignedDuration::from_millis(5)));
        assert_eq!(store.due().unwrap().delivery_at, None);
    });
}

#[test]
fn an_endpoint_that_is_gone_disables_its_subscription_and_a_replay_serves_it_again() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", Some(1), to), ("b", Some(1), to)]);
        let claim = store.claim_deliveries(&deliveries_due(at(2))).unwrap().remove(0);
        store.settle(&[settlement(&claim, at(3), Verdict::Gone)]).unwrap();
        assert_eq!(store.subscriptions().unwrap()[0].state, SubscriptionState::Disabled);
        told(store, &[("c", None, to)]);
        let filter = everything(store);
        let states: Vec<_> = store.deliveries(&filter).unwrap().into_iter().map(|d| d.state).collect();
        assert_eq!(states, [DeliveryState::Kept; 3]);

        assert!(store.replay(claim.id, at(9)).unwrap());
        assert!(!store.replay(claim.id, at(9)).unwrap(), "pending already");
        let again = store.claim_deliveries(&deliveries_due(at(9))).unwrap().remove(0);
        assert_eq!((again.notification.id, again.attempts, again.created_at), (claim.notification.id, 0, at(9)));
    });
}

#[test]
fn a_notification_made_twice_is_one_delivery_even_after_retention() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", None, to)]);
        told(store, &[("a", None, to)]);
        let claims = store.claim_deliveries(&deliveries_due(at(2))).unwrap();
        assert_eq!(claims.len(), 1);
        store.settle(&[settlement(&claims[0], at(3), Verdict::Delivered)]).unwrap();
        assert_eq!(store.retain(at(100), at(100), 10).unwrap(), 1);
        told(store, &[("a", None, to)]);
        let filter = everything(store);
        assert!(store.deliveries(&filter).unwrap().is_empty());
    });
}

#[test]
fn what_an_endpoint_leaves_waiting_does_not_hide_when_the_next_is_due() {
    holds(|store| {
        let [one, other] = ["one", "other"].map(|name| store.add_subscription(&hook(name), at(0)).unwrap());
        told(store, &[("a", None, other)]);
        let claim = store.claim_deliveries(&deliveries_due(at(2))).unwrap().remove(0);
        store.settle(&[settlement(&claim, at(3), Verdict::Retry { at: at(9) })]).unwrap();
        assert_eq!(store.delivery_due_after(at(9)).unwrap(), None);
        told(store, &[("b", None, one), ("c", None, one)]);
        assert!(store.due().unwrap().delivery_at.unwrap() <= at(4), "due, and beyond the endpoint's share perhaps");
        assert_eq!(store.delivery_due_after(at(4)).unwrap(), Some(at(9)));
    });
}

#[test]
fn a_test_reaches_one_subscription() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        store.add_subscription(&hook("desk"), at(0)).unwrap();
        let told = Notification { kind: NotificationType::SubscriptionTest, ..notification("t", None) };
        let delivery = store.notify(&told, to).unwrap();
        assert_eq!(store.delivery(delivery.id).unwrap().unwrap(), delivery);
        assert_eq!((delivery.subscription, delivery.notification), ((to, "newsroom".to_owned()), told.clone()));
        assert_eq!(store.notification(&told.id).unwrap(), Some(told.clone()));
        assert!(store.notify(&told, SubscriptionId(77)).is_err());
    });
}

#[test]
fn a_test_is_made_for_the_name_of_a_subscription_that_is_served_and_shown_as_it_is_kept() {
    holds(|store| {
        let pacing = Pacing { order: DeliveryOrder::Strict, ..Pacing::default() };
        let to = store.add_subscription(&SubscriptionSpec { pacing, ..hook("newsroom") }, at(0)).unwrap();
        let created_at = at(1).checked_add(SignedDuration::from_nanos(5)).unwrap();
        let kind = NotificationType::SubscriptionTest;
        let test = |id: &str| Notification { kind, created_at, ..notification(id, None) };
        let first = store.test_subscription(to, &|name| test(name)).unwrap().unwrap();
        assert_eq!(first.notification.id.0, test("newsroom").id.0);
        assert_eq!(store.delivery(first.id).unwrap(), Some(first.clone()));
        assert_eq!(store.test_subscription(to, &|name| test(name)).unwrap(), Ok(first), "it is there already");
        let behind = store.test_subscription(to, &|_name| test("b")).unwrap().unwrap();
        assert_eq!((behind.next_attempt_at, &behind.subscription.1), (None, &"newsroom".to_owned()));
        assert_eq!(store.delivery(behind.id).unwrap(), Some(behind));
        assert!(store.disable_subscription(to, at(2)).unwrap());
        let disabled = store.test_subscription(to, &|_name| test("c")).unwrap();
        assert_eq!(disabled, Err(Some(SubscriptionState::Disabled)));
        assert_eq!(store.test_subscription(SubscriptionId(77), &|_name| test("d")).unwrap(), Err(None));
    });
}

#[test]
fn what_another_story_was_told_under_hides_no_story() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let told = |event, story| Notification { story: Some(StoryId(story)), ..notification("a", Some(event)) };
        for (event, story) in [(1, 1), (2, 2), (1, 1), (2, 2)] {
            let notifications = vec![(told(event, story), vec![to])];
            store.commit_decisions(&Commit { notifications, ..Commit::default() }).unwrap();
        }
        let claims = store.claim_deliveries(&deliveries_due(at(3))).unwrap();
        let stories: Vec<_> = claims.iter().map(|claim| claim.notification.story.unwrap().0).collect();
        assert_eq!(stories, [1, 2], "each once");
        assert_ne!(claims[0].notification.id, claims[1].notification.id);
    });
}

#[test]
fn an_endpoint_that_asks_for_patience_spends_no_attempt_and_is_asked_by_no_more_than_it_bears() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", None, to), ("b", None, to), ("c", None, to)]);
        let eased = ClaimDeliveries { eased: BTreeMap::from([(to, 1)]), ..deliveries_due(at(2)) };
        let claims = store.claim_deliveries(&eased).unwrap();
        assert_eq!(claims.len(), 1);
        store.settle(&[settlement(&claims[0], at(3), Verdict::PutOff { at: at(9) })]).unwrap();
        let again = store.claim_deliveries(&deliveries_due(at(9))).unwrap();
        let again = again.iter().find(|claim| claim.id == claims[0].id).unwrap();
        assert_eq!(again.attempts, 0);
        assert_eq!(store.delivery(claims[0].id).unwrap().unwrap().attempts.len(), 1, "it is kept all the same");
    });
}

#[test]
fn of_many_answers_that_ask_for_patience_the_first_and_the_last_are_kept_and_all_are_counted() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", Some(1), to)]);
        let patience = |status, detail: &str, secs| Attempt {
            at: at(secs),
            took: std::time::Duration::ZERO,
            status: Some(status),
            detail: detail.to_owned(),
            times: 1,
        };
        let answers =
            [(429, "one"), (429, "two"), (429, "three"), (500, "four"), (429, "five"), (429, "six"), (429, "seven")];
        for (n, (status, said)) in (1..).zip(answers) {
            let claim = store.claim_deliveries(&deliveries_due(at(n * 100))).unwrap().remove(0);
            let next = at(n * 100 + 50);
            let verdict = if status == 429 { Verdict::PutOff { at: next } } else { Verdict::Retry { at: next } };
            let attempt = patience(status, said, n * 100 + 1);
            store.settle(&[Settlement { attempt, ..settlement(&claim, at(n * 100 + 1), verdict) }]).unwrap();
        }
        let all = everything(store);
        let delivery = store.deliveries(&all).unwrap().remove(0);
        let kept: Vec<_> = delivery.attempts.iter().map(|a| (a.detail.as_str(), a.times, a.at)).collect();
        let told = [("one", 1, 101), ("three", 2, 301), ("four", 1, 401), ("five", 1, 501), ("seven", 2, 701)];
        assert_eq!(kept, told.map(|(said, times, secs)| (said, times, at(secs))));
        assert_eq!(delivery.tries(), 7);
    });
}
