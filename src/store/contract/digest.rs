//! Digests: what is held back, and told in one.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::Value;

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

fn told_by(name: &str, manner: Manner) -> SubscriptionSpec {
    SubscriptionSpec { manner, ..hook(name) }
}

fn each_minute() -> Manner {
    Manner { digest: Some(DigestPlan::Every(Duration::from_mins(1))), ..Manner::default() }
}

fn tell(store: &mut SqliteStore, word: &str, now: Timestamp, to: SubscriptionId) {
    let told = Notification { created_at: now, ..notification(word, None) };
    store.commit_decisions(&Commit { notifications: vec![(told, vec![to])], ..Commit::default() }).unwrap();
}

fn make(store: &mut SqliteStore, now: Timestamp) {
    while store.due().unwrap().digest_at.is_some_and(|at| at <= now) {
        store.make_digests(now).unwrap();
    }
}

/// The ids within the digests that are claimed, and what was told by itself.
fn claimed(store: &mut SqliteStore, now: Timestamp) -> (Vec<Vec<String>>, Vec<String>) {
    let (mut digests, mut single) = (Vec::new(), Vec::new());
    for claim in store.claim_deliveries(&deliveries_due(now)).unwrap() {
        let told = claim.notification;
        if told.kind == NotificationType::Digest {
            let body: Value = serde_json::from_str(&told.body).unwrap();
            let entries = body["data"]["entries"].as_array().unwrap();
            digests.push(entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect());
        } else {
            single.push(told.id.0);
        }
    }
    (digests, single)
}

#[test]
fn what_failed_before_quiet_hours_waits_for_their_end_and_holds_up_nothing_that_is_told_at_once() {
    let quiet = Quiet::parse("00:02-02:00 UTC").unwrap();
    let manner = Manner { quiet: Some(quiet), at_once: vec![NotificationType::SourceFailing], ..Manner::default() };
    for rate_per_minute in [None, Some(60)] {
        let (manner, pacing) = (manner.clone(), Pacing { rate_per_minute, ..Pacing::default() });
        holds(|store| {
            let to =
                store.add_subscription(&SubscriptionSpec { pacing, ..told_by("desk", manner.clone()) }, at(0)).unwrap();
            tell(store, "a", at(2), to);
            tell(store, "b", at(2), to);
            let claim =
                store.claim_deliveries(&ClaimDeliveries { limit: 1, ..deliveries_due(at(3)) }).unwrap().remove(0);
            store.settle(&[settlement(&claim, at(4), Verdict::Retry { at: at(200) })]).unwrap();
            assert_eq!(store.claim_deliveries(&deliveries_due(at(300))).unwrap(), [], "it is quiet");
            let urgent =
                Notification { created_at: at(301), kind: NotificationType::SourceFailing, ..notification("c", None) };
            store.commit_decisions(&Commit { notifications: vec![(urgent, vec![to])], ..Commit::default() }).unwrap();
            let sent = store.claim_deliveries(&deliveries_due(at(400))).unwrap();
            assert_eq!(sent.iter().map(|claim| claim.notification.id.0.as_str()).collect::<Vec<_>>(), ["msg_c"]);
            store.settle(&[settlement(&sent[0], at(401), Verdict::Delivered)]).unwrap();
            let end = at(86_400);
            assert!(store.due().unwrap().delivery_at.is_some_and(|due| due > at(7_000) && due < end));
            assert!(!store.claim_deliveries(&deliveries_due(end)).unwrap().is_empty());
        });
    }
}

fn tell_of(
    store: &mut SqliteStore,
    word: &str,
    kind: NotificationType,
    event: i64,
    now: Timestamp,
    to: SubscriptionId,
) {
    let told = Notification { created_at: now, kind, ..notification(word, Some(event)) };
    store.commit_decisions(&Commit { notifications: vec![(told, vec![to])], ..Commit::default() }).unwrap();
}

#[test]
fn an_update_waits_until_the_digest_that_tells_its_opening_is_delivered_or_given_up() {
    use NotificationType::{EventOpened, EventUpdated};
    let manner = Manner { quiet: Some(Quiet::parse("00:02-02:00 UTC").unwrap()), ..Manner::default() };
    for (rate_per_minute, end) in
        [(None, Verdict::Delivered), (None, Verdict::Expired), (Some(600), Verdict::Delivered)]
    {
        let (manner, pacing) = (manner.clone(), Pacing { rate_per_minute, ..Pacing::default() });
        holds(|store| {
            let to =
                store.add_subscription(&SubscriptionSpec { pacing, ..told_by("desk", manner.clone()) }, at(0)).unwrap();
            tell_of(store, "opened", EventOpened, 1, at(300), to);
            make(store, at(7_200));
            let digest = store.claim_deliveries(&deliveries_due(at(7_200))).unwrap().remove(0);
            assert_eq!(digest.notification.kind, NotificationType::Digest);
            tell_of(store, "updated", EventUpdated, 1, at(7_210), to);
            tell_of(store, "other", EventOpened, 2, at(7_210), to);
            store.settle(&[settlement(&digest, at(7_220), Verdict::Retry { at: at(7_500) })]).unwrap();
            assert_eq!(claim_words(store, at(7_300)), ["msg_other"], "another event waits for nothing");
            let digest = store
                .claim_deliveries(&deliveries_due(at(7_500)))
                .unwrap()
                .into_iter()
                .find(|claim| claim.notification.kind == NotificationType::Digest)
                .unwrap();
            store.settle(&[settlement(&digest, at(7_501), end)]).unwrap();
            assert!(claim_words(store, at(7_600)).contains(&"msg_updated".to_owned()), "{end:?}");
            tell_of(store, "later", EventUpdated, 3, at(7_610), to);
            assert!(claim_words(store, at(7_700)).contains(&"msg_later".to_owned()));
        });
    }
}

#[test]
fn what_is_told_at_once_waits_for_no_opening_that_quiet_hours_put_off() {
    use NotificationType::{EventOpened, EventUpdated};
    let quiet = Some(Quiet::parse("00:02-02:00 UTC").unwrap());
    let manner = Manner { quiet, at_once: vec![EventUpdated], ..Manner::default() };
    for (told_at, first_at) in [(at(60), at(300)), (at(301), at(302))] {
        holds(|store| {
            let to = store.add_subscription(&told_by("desk", manner.clone()), at(0)).unwrap();
            tell_of(store, "opened", EventOpened, 1, at(2), to);
            let claim = store.claim_deliveries(&deliveries_due(at(3))).unwrap().remove(0);
            store.settle(&[settlement(&claim, at(4), Verdict::Retry { at: at(200) })]).unwrap();
            if told_at > at(120) {
                assert_eq!(claim_words(store, at(300)), Vec::<String>::new(), "it is quiet");
            }
            tell_of(store, "updated", EventUpdated, 1, told_at, to);
            assert_eq!(claim_words(store, at(61)), Vec::<String>::new(), "in order while it is not quiet");
            assert_eq!(claim_words(store, first_at), ["msg_updated"]);
            let filter = everything(store);
            let all = store.deliveries(&filter).unwrap();
            assert!(all.iter().all(|delivery| delivery.notification.event == Some(EventId(1))), "each is its event's");
            assert_eq!(claim_words(store, at(7_300)).len(), 2, "the opening, and the update whose lease ran out");
        });
    }
}

#[test]
fn what_is_told_at_once_keeps_its_own_order_while_others_are_held_back() {
    use NotificationType::{EventOpened, EventUpdated};
    let quiet = Some(Quiet::parse("00:02-02:00 UTC").unwrap());
    let at_once = vec![EventOpened, EventUpdated];
    let by_digest = Manner { at_once: at_once.clone(), ..each_minute() };
    let by_night = Manner { quiet, at_once, ..Manner::default() };
    // With a digest; before quiet hours and in them; after them.
    for (manner, opened_at, updated_at) in
        [(&by_digest, 2, 8), (&by_night, 110, 130), (&by_night, 7_190, 7_205), (&by_night, 130, 140)]
    {
        holds(|store| {
            let to = store.add_subscription(&told_by("desk", manner.clone()), at(0)).unwrap();
            tell_of(store, "opened", EventOpened, 1, at(opened_at), to);
            let claim = store.claim_deliveries(&deliveries_due(at(opened_at))).unwrap().remove(0);
            let again = at(updated_at + 100);
            store.settle(&[settlement(&claim, at(opened_at + 1), Verdict::Retry { at: again })]).unwrap();
            tell_of(store, "first", EventUpdated, 1, at(updated_at), to);
            tell_of(store, "second", EventUpdated, 1, at(updated_at), to);
            let slower = Pacing { max_in_flight: Some(5), ..Pacing::default() };
            assert!(store.change_subscription(to, &Filter::default(), manner, slower, at(updated_at)).unwrap());
            for (wait, word) in [(100, "opened"), (110, "first"), (120, "second")] {
                assert_eq!(claim_words(store, at(updated_at + wait - 1)), Vec::<String>::new(), "before {word}");
                let claims = store.claim_deliveries(&deliveries_due(at(updated_at + wait))).unwrap();
                assert_eq!(
                    claims.iter().map(|claim| &claim.notification.id.0).collect::<Vec<_>>(),
                    [&format!("msg_{word}")]
                );
                store.settle(&[settlement(&claims[0], at(updated_at + wait + 9), Verdict::Delivered)]).unwrap();
            }
        });
    }
}

#[test]
fn quiet_hours_that_put_an_opening_off_leave_what_is_told_at_once_in_its_order() {
    use NotificationType::{EventOpened, EventUpdated};
    let quiet = Some(Quiet::parse("00:02-02:00 UTC").unwrap());
    let manner = Manner { quiet, at_once: vec![EventUpdated], ..Manner::default() };
    for rate_per_minute in [None, Some(600)] {
        let (manner, pacing) = (manner.clone(), Pacing { rate_per_minute, ..Pacing::default() });
        holds(|store| {
            let spec = SubscriptionSpec { pacing, ..told_by("desk", manner.clone()) };
            let to = store.add_subscription(&spec, at(0)).unwrap();
            tell_of(store, "opened", EventOpened, 1, at(2), to);
            let claim = store.claim_deliveries(&deliveries_due(at(3))).unwrap().remove(0);
            store.settle(&[settlement(&claim, at(4), Verdict::Retry { at: at(200) })]).unwrap();
            tell_of(store, "first", EventUpdated, 1, at(60), to);
            tell_of(store, "second", EventUpdated, 1, at(61), to);
            let first = store.claim_deliveries(&deliveries_due(at(300))).unwrap().remove(0);
            assert_eq!(first.notification.id.0, "msg_first");
            store.settle(&[settlement(&first, at(301), Verdict::Retry { at: at(400) })]).unwrap();
            tell_of(store, "third", EventUpdated, 1, at(302), to);
            for (now, word) in [(400, "msg_first"), (500, "msg_second"), (600, "msg_third")] {
                let claims = store.claim_deliveries(&deliveries_due(at(now))).unwrap();
                assert_eq!(claims.iter().map(|claim| claim.notification.id.0.as_str()).collect::<Vec<_>>(), [word]);
                store.settle(&[settlement(&claims[0], at(now + 1), Verdict::Delivered)]).unwrap();
            }
            assert_eq!(claim_words(store, at(7_200)), ["msg_opened"]);
        });
    }
}

#[test]
fn what_quiet_hours_put_off_is_due_once_they_are_taken_back_and_put_off_again_by_others() {
    let quiet = |hours| Manner { quiet: Some(Quiet::parse(hours).unwrap()), ..Manner::default() };
    for rate_per_minute in [None, Some(600)] {
        let pacing = Pacing { rate_per_minute, ..Pacing::default() };
        holds(|store| {
            let spec = SubscriptionSpec { pacing, ..told_by("desk", quiet("00:02-02:00 UTC")) };
            let to = store.add_subscription(&spec, at(0)).unwrap();
            tell(store, "a", at(2), to);
            assert_eq!(claim_words(store, at(300)), Vec::<String>::new(), "it is quiet");
            let change = |store: &mut SqliteStore, manner: &Manner, now| {
                assert!(store.change_subscription(to, &Filter::default(), manner, pacing, now).unwrap());
            };
            change(store, &quiet("00:03-01:00 UTC"), at(400));
            assert_eq!(claim_words(store, at(400)), Vec::<String>::new(), "it is quiet still");
            assert_eq!(store.due().unwrap().delivery_at, Some(at(3_600)));
            change(store, &Manner::default(), at(500));
            assert_eq!(claim_words(store, at(500)), ["msg_a"]);
        });
    }
}

#[test]
fn an_update_joins_its_opening_in_a_digest_that_is_due_and_not_made_yet() {
    use NotificationType::{EventMerged, EventOpened, EventUpdated};
    holds(|store| {
        let quiet = Some(Quiet::parse("00:02-02:00 UTC").unwrap());
        let manner = Manner { quiet, at_once: vec![EventMerged], ..Manner::default() };
        let to = store.add_subscription(&told_by("desk", manner), at(0)).unwrap();
        tell_of(store, "opened", EventOpened, 1, at(300), to);
        tell_of(store, "updated", EventUpdated, 1, at(7_300), to);
        tell_of(store, "merged", EventMerged, 1, at(7_300), to);
        tell_of(store, "other", EventOpened, 2, at(7_300), to);
        assert_eq!(claimed(store, at(7_301)), (vec![], vec!["msg_merged".to_owned(), "msg_other".to_owned()]));
        make(store, at(7_302));
        assert_eq!(claimed(store, at(7_302)).0, [["msg_opened", "msg_updated"]]);
    });
}

#[test]
fn what_is_held_back_is_told_in_one_when_its_time_comes_and_aside_of_the_log() {
    holds(|store| {
        let to = store.add_subscription(&told_by("newsroom", each_minute()), at(0)).unwrap();
        tell(store, "a", at(2), to);
        tell(store, "b", at(3), to);
        tell(store, "b", at(4), to);
        assert_eq!(store.due().unwrap().digest_at, Some(at(60)));
        make(store, at(59));
        assert_eq!(claimed(store, at(59)), (vec![], vec![]));
        let states = |store: &mut SqliteStore| -> Vec<DeliveryState> {
            let filter = everything(store);
            store.deliveries(&filter).unwrap().into_iter().map(|d| d.state).collect()
        };
        assert_eq!(states(store), [DeliveryState::Held; 2]);
        assert_eq!(store.retain(at(999), at(999), 10).unwrap(), 0, "it is not finished");
        make(store, at(60));
        assert_eq!(states(store), [DeliveryState::Pending, DeliveryState::Digested, DeliveryState::Digested]);
        assert_eq!(store.due().unwrap().digest_at, None, "an empty one is not sent");
        assert_eq!(claimed(store, at(60)), (vec![vec!["msg_a".to_owned(), "msg_b".to_owned()]], vec![]));
        let page = store.log(&LogFilter { limit: 9, ..LogFilter::default() }).unwrap();
        assert!(page.entries.iter().all(|(_, told)| told.kind == NotificationType::EventOpened));
        tell(store, "a", at(61), to);
        assert_eq!(store.due().unwrap().digest_at, None, "it was told already");
    });
}

#[test]
fn a_digest_of_nothing_is_sent_where_that_was_asked_for() {
    holds(|store| {
        let manner = Manner { digest_empty: true, ..each_minute() };
        let to = store.add_subscription(&told_by("newsroom", manner), at(5)).unwrap();
        make(store, at(5));
        assert_eq!((claimed(store, at(5)), store.due().unwrap().digest_at), ((vec![], vec![]), Some(at(60))));
        make(store, at(60));
        assert_eq!(claimed(store, at(60)).0, [Vec::<String>::new()]);
        tell(store, "a", at(61), to);
        make(store, at(300));
        let (digests, _) = claimed(store, at(300));
        assert!(digests.contains(&vec!["msg_a".to_owned()]) && digests.len() <= 2, "{digests:?}");
        assert_eq!(store.due().unwrap().digest_at, Some(at(360)), "what was missed is not made up for");
        assert!(store.remove_subscription(to).unwrap());
        make(store, at(400));
        assert_eq!(store.due().unwrap().digest_at, None);
    });
}

#[test]
fn quiet_hours_hold_back_all_but_tests_and_what_is_told_at_once() {
    holds(|store| {
        // T0 is at midnight in UTC.
        let quiet = Some(Quiet::parse("23:00-01:00 UTC").unwrap());
        let manner = Manner { quiet, at_once: vec![NotificationType::EventMerged], ..Manner::default() };
        let to = store.add_subscription(&told_by("newsroom", manner), at(0)).unwrap();
        tell(store, "night", at(2), to);
        let merged = Notification { kind: NotificationType::EventMerged, ..notification("merged", None) };
        store.commit_decisions(&Commit { notifications: vec![(merged, vec![to])], ..Commit::default() }).unwrap();
        let test = Notification { kind: NotificationType::SubscriptionTest, ..notification("test", None) };
        store.notify(&test, to).unwrap();
        assert_eq!(claimed(store, at(3)), (vec![], vec!["msg_merged".to_owned(), "msg_test".to_owned()]));
        make(store, at(3600));
        tell(store, "day", at(3600), to);
        let (digests, single) = claimed(store, at(3600));
        assert_eq!(digests, [["msg_night"]]);
        assert!(single.contains(&"msg_day".to_owned()));
    });
}

#[test]
fn a_clock_that_is_put_back_ends_no_quiet_hours_before_their_time() {
    holds(|store| {
        let quiet = Some(Quiet::parse("23:00-01:00 UTC").unwrap());
        let to = store.add_subscription(&told_by("newsroom", Manner { quiet, ..Manner::default() }), at(0)).unwrap();
        // Told by a clock that was half an hour ahead.
        tell(store, "night", at(1_800), to);
        store.turn_back_plans(Some(Duration::from_mins(30)), at(1)).unwrap();
        make(store, at(3_599));
        assert_eq!(claimed(store, at(3_599)), (vec![], vec![]));
        make(store, at(3_600));
        assert_eq!(claimed(store, at(3_600)).0, [["msg_night"]]);

        // By one that was a year ahead.
        let year = Duration::from_hours(24 * 365);
        tell(store, "ahead", at(86_400).checked_add(year).unwrap(), to);
        store.turn_back_plans(Some(year), at(86_400)).unwrap();
        make(store, at(89_999));
        let ahead = vec!["msg_ahead".to_owned()];
        assert!(!claimed(store, at(89_999)).0.contains(&ahead));
        make(store, at(90_000));
        assert!(claimed(store, at(90_000)).0.contains(&ahead));
    });
}

#[test]
fn what_is_held_back_is_gone_with_its_subscription_and_can_be_replayed_by_itself() {
    holds(|store| {
        let to = store.add_subscription(&told_by("newsroom", each_minute()), at(0)).unwrap();
        tell(store, "a", at(2), to);
        store.remove_subscription(to).unwrap();
        make(store, at(100));
        assert_eq!(claimed(store, at(100)), (vec![], vec![]));
        let again = store.add_subscription(&told_by("newsroom", each_minute()), at(101)).unwrap();
        assert_eq!(again, to);
        let filter = everything(store);
        let delivery = store.deliveries(&filter).unwrap().remove(0);
        assert_eq!(delivery.state, DeliveryState::Gone);
        assert!(store.replay(delivery.id, at(102)).unwrap());
        assert_eq!(claimed(store, at(102)), (vec![], vec!["msg_a".to_owned()]));
    });
}

#[test]
fn a_changed_subscription_is_told_at_once_what_was_held_back() {
    holds(|store| {
        let to = store.add_subscription(&told_by("newsroom", each_minute()), at(0)).unwrap();
        tell(store, "a", at(2), to);
        let thin = Manner { payload: PayloadShape::Thin, ..Manner::default() };
        let filter = Filter { min_publishers: 2, ..Filter::default() };
        assert!(store.change_subscription(to, &filter, &thin, Pacing::default(), at(0)).unwrap());
        let held = store.subscriptions().unwrap().remove(0).spec;
        assert_eq!((held.filter, held.manner), (filter.clone(), thin.clone()));
        make(store, at(3));
        assert_eq!(claimed(store, at(3)).0, [["msg_a"]]);
        tell(store, "b", at(4), to);
        assert_eq!(claimed(store, at(4)).1, ["msg_b"]);
        assert!(!store.change_subscription(SubscriptionId(77), &filter, &thin, Pacing::default(), at(0)).unwrap());
        store.sync(&Declared { subscriptions: vec![hook("desk")], ..Declared::default() }, at(5)).unwrap();
        let declared = store.subscriptions().unwrap().into_iter().find(|s| s.origin == Origin::Config).unwrap();
        assert!(
            !store.change_subscription(declared.id, &filter, &thin, Pacing::default(), at(0)).unwrap(),
            "the configuration's own"
        );
    });
}

#[test]
fn a_delivery_that_is_too_old_is_expired_without_an_attempt_and_lets_the_next_of_its_event_go() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", Some(1), to), ("b", Some(1), to)]);
        let claim = store.claim_deliveries(&deliveries_due(at(2))).unwrap().remove(0);
        store.expire(&DeliveryClaim { fence: claim.fence - 1, ..claim.clone() }, at(9)).unwrap();
        assert_eq!(store.delivery(claim.id).unwrap().unwrap().state, DeliveryState::Pending, "another's claim");
        store.expire(&claim, at(9)).unwrap();
        let kept = store.delivery(claim.id).unwrap().unwrap();
        assert_eq!((kept.state, kept.attempts.len()), (DeliveryState::Expired, 0));
        assert_eq!(claim_words(store, at(9)), ["msg_b"]);
    });
}

#[test]
fn a_delivery_that_is_put_back_is_claimed_again_in_its_time_and_has_spent_no_attempt() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", Some(1), to), ("b", Some(1), to)]);
        let claim = store.claim_deliveries(&deliveries_due(at(2))).unwrap().remove(0);
        store.put_back(&DeliveryClaim { fence: claim.fence - 1, ..claim.clone() }, at(3)).unwrap();
        assert!(store.claim_deliveries(&deliveries_due(at(3))).unwrap().is_empty(), "another's claim");
        store.put_back(&claim, at(9)).unwrap();
        assert!(store.claim_deliveries(&deliveries_due(at(8))).unwrap().is_empty());
        let again = store.claim_deliveries(&deliveries_due(at(9))).unwrap().remove(0);
        assert_eq!((again.id, again.attempts), (claim.id, 0), "and the next of its event behind it");
    });
}

#[derive(Debug, Clone)]
enum Step {
    Tell(u8),
    Wait(i64),
    Make,
    Replan(Option<u64>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0u8..40).prop_map(Step::Tell),
        3 => (1i64..200).prop_map(Step::Wait),
        3 => Just(Step::Make),
        1 => prop::option::of(1u64..200).prop_map(Step::Replan),
    ];
    prop::collection::vec(step, 1..60)
}

proptest! {
    // A store is made for each case: an eighth of the usual number takes some seconds.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8), ..ProptestConfig::default() })]
    #[test]
    fn each_notification_is_told_once_by_itself_or_in_one_digest(steps in steps()) {
        let mut store = SqliteStore::in_memory().unwrap();
        let plan = |secs: Option<u64>| Manner {
            digest: secs.map(|secs| DigestPlan::Every(Duration::from_secs(secs))),
            ..Manner::default()
        };
        let to = store.add_subscription(&told_by("newsroom", plan(Some(60))), at(0)).unwrap();
        let (mut now, mut asked, mut heard) = (at(1), BTreeSet::new(), Vec::new());
        for step in steps.into_iter().chain([Step::Wait(400), Step::Make]) {
            match step {
                Step::Tell(word) => {
                    let word = word.to_string();
                    tell(&mut store, &word, now, to);
                    asked.insert(format!("msg_{word}"));
                }
                Step::Wait(secs) => now += SignedDuration::from_secs(secs),
                Step::Make => make(&mut store, now),
                Step::Replan(secs) => {
                    store.change_subscription(to, &Filter::default(), &plan(secs), Pacing::default(), at(0)).unwrap();
                }
            }
            let claims = store.claim_deliveries(&ClaimDeliveries { lease_until: at(99_999), ..deliveries_due(now) }).unwrap();
            for claim in &claims {
                let body: Value = serde_json::from_str(&claim.notification.body).unwrap();
                match body["data"]["entries"].as_array() {
                    Some(entries) => {
                        prop_assert!(!entries.is_empty());
                        heard.extend(entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()));
                    }
                    None => heard.push(claim.notification.id.0.clone()),
                }
                store.settle(&[settlement(claim, now, Verdict::Delivered)]).unwrap();
            }
        }
        let once: BTreeSet<String> = heard.iter().cloned().collect();
        prop_assert_eq!(once.len(), heard.len(), "told twice");
        prop_assert_eq!(once, asked);
    }
}

#[test]
fn what_quiet_hours_put_off_is_not_late_and_what_waits_besides_is() {
    holds(|store| {
        let night = Manner { quiet: Some(Quiet::parse("00:01-07:00 UTC").unwrap()), ..Manner::default() };
        let quiet = store.add_subscription(&told_by("night", night), at(0)).unwrap();
        let awake = store.add_subscription(&told_by("day", Manner::default()), at(0)).unwrap();
        tell(store, "early", at(0), quiet);
        tell(store, "later", at(30), awake);
        let oldest = |store: &mut SqliteStore, now: Timestamp| {
            let survey = store.survey(now).unwrap();
            (survey.counts.oldest_pending_at, survey.behind.map(|behind| behind.name))
        };
        assert_eq!(oldest(store, at(40)), (Some(at(0)), Some("night".to_owned())), "the night has not begun");
        assert_eq!(claim_words(store, at(120)), ["msg_later"]);
        assert_eq!(oldest(store, at(120)), (Some(at(30)), Some("day".to_owned())));
        assert_eq!(oldest(store, at(7 * 3_600)), (Some(at(0)), Some("night".to_owned())), "it is over");
    });
}

#[test]
fn parts_of_a_digest_follow_each_other_and_one_that_fails_holds_up_none() {
    let refused = Verdict::Retry { at: at(9_000) };
    for (first, then) in
        [(Verdict::Delivered, 1), (Verdict::PutOff { at: at(9_000) }, 0), (refused, 1), (Verdict::Expired, 1)]
    {
        holds(|store| {
            let to = store.add_subscription(&told_by("desk", each_minute()), at(0)).unwrap();
            for n in 0..250 {
                tell(store, &format!("{n:03}"), at(2), to);
            }
            make(store, at(60));
            let mut parts = store.claim_deliveries(&deliveries_due(at(61))).unwrap();
            assert_eq!(parts.len(), 1, "three parts, of which one is under way");
            store.settle(&[settlement(&parts.remove(0), at(62), first)]).unwrap();
            let next = store.claim_deliveries(&deliveries_due(at(63))).unwrap();
            assert_eq!(next.len(), then);
            // A digest is none of another's parts.
            tell(store, "late", at(64), to);
            make(store, at(120));
            let late = store.claim_deliveries(&deliveries_due(at(121))).unwrap();
            assert_eq!(late.iter().filter(|claim| claim.notification.body.contains("msg_late")).count(), 1);
            if let Some(part) = next.first() {
                store.put_back(part, at(124)).unwrap();
                let (digests, _) = claimed(store, at(125));
                assert_eq!(
                    (digests.len(), digests[0][0].as_str()),
                    (1, "msg_100"),
                    "the same part again, and the third waits"
                );
            }
        });
    }
}
