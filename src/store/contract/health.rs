//! Endpoints that rest, are given up and come back; rates, shares and strict order.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

/// Trouble with a rest from one second to another.
#[expect(clippy::unnecessary_wraps, reason = "as a settlement takes it")]
fn resting(since: i64, until: i64) -> Option<Trouble> {
    Some(Trouble {
        failures: 1,
        failing_since: Some(at(since)),
        last_failure_at: Some(at(since)),
        rest: Some(Rest { since: at(since), until: at(until), reason: RestReason::Asked }),
        rests: 1,
    })
}

fn settled(store: &mut SqliteStore, claim: &DeliveryClaim, now: i64, verdict: Verdict, trouble: Option<Trouble>) {
    let after = After { trouble, ..After::default() };
    store.settle(&[Settlement { after, ..settlement(claim, at(now), verdict) }]).unwrap();
}

fn claims(store: &mut SqliteStore, now: i64) -> Vec<DeliveryClaim> {
    store.claim_deliveries(&deliveries_due(at(now))).unwrap()
}

fn words(claims: &[DeliveryClaim]) -> Vec<&str> {
    claims.iter().map(|claim| claim.notification.id.0.as_str()).collect()
}

fn paced(name: &str, pacing: Pacing) -> SubscriptionSpec {
    SubscriptionSpec { pacing, ..hook(name) }
}

fn states(store: &mut SqliteStore) -> Vec<(String, DeliveryState)> {
    let filter = everything(store);
    let all = store.deliveries(&filter).unwrap();
    all.into_iter().rev().map(|delivery| (delivery.notification.id.0, delivery.state)).collect()
}

#[test]
fn an_endpoint_that_rests_is_asked_once_and_what_waited_flows_when_that_was_taken() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let other = store.add_subscription(&hook("other"), at(0)).unwrap();
        let some: Vec<_> = ["a", "b", "c", "d", "e"].map(|word| (word, None, to)).to_vec();
        told(store, &some);
        let first = store.claim_deliveries(&ClaimDeliveries { limit: 1, ..deliveries_due(at(2)) }).unwrap().remove(0);
        settled(store, &first, 3, Verdict::Retry { at: at(300) }, resting(3, 6));
        told(store, &[("f", None, to), ("o", None, other)]);
        assert_eq!(claim_words(store, at(5)), ["msg_o"], "it rests, and nobody waits for it");
        let waits = store.health(Some(to)).unwrap().remove(&to).unwrap();
        let oldest = store.delivery(first.id).unwrap().unwrap().created_at;
        assert_eq!((waits.pending, waits.oldest_pending_at), (6, Some(oldest)));
        assert_eq!(store.due().unwrap().delivery_at, Some(at(6)), "a claim of another counts from its lease's end");
        let probe = claims(store, 6);
        assert_eq!(words(&probe), ["msg_b"], "that which is due the longest");
        assert!(claims(store, 50).is_empty(), "one probe at a time");
        let pending = store.health(Some(to)).unwrap().remove(&to).unwrap();
        assert_eq!(
            (pending.pending, pending.breaker(at(5)), pending.breaker(at(6))),
            (6, Breaker::Open, Breaker::HalfOpen)
        );

        settled(store, &probe[0], 7, Verdict::Delivered, None);
        assert_eq!(words(&claims(store, 8)), ["msg_c", "msg_d", "msg_e", "msg_f", "msg_a"], "a before its own time");
        assert_eq!(store.delivery(first.id).unwrap().unwrap().attempts.len(), 1, "none spent while it waited");
        assert_eq!(store.trouble(to).unwrap(), None);
    });
}

#[test]
fn a_person_who_asks_for_it_ends_the_rest_and_all_that_waits_is_sent() {
    for one in [true, false] {
        holds(|store| {
            let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
            told(store, &[("a", None, to), ("b", None, to), ("c", None, to)]);
            let first =
                store.claim_deliveries(&ClaimDeliveries { limit: 1, ..deliveries_due(at(2)) }).unwrap().remove(0);
            settled(store, &first, 3, Verdict::Retry { at: at(300) }, resting(3, 200));
            assert!(claims(store, 10).is_empty());
            if one {
                assert!(store.replay(first.id, at(11)).unwrap());
            } else {
                assert_eq!(store.recover(to, at(0), at(11)).unwrap(), 3);
            }
            assert_eq!(claims(store, 11).len(), 3, "those that were held because of it, too");
        });
    }
}

#[test]
fn a_probe_that_fails_waits_for_its_own_time_and_the_endpoint_for_a_longer_one() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", None, to)]);
        let first = claims(store, 2).remove(0);
        settled(store, &first, 3, Verdict::Retry { at: at(300) }, resting(3, 60));
        assert_eq!(store.due().unwrap().delivery_at, Some(at(300)), "the later of the two clocks");
        told(store, &[("b", Some(1), to), ("c", Some(1), to)]);
        assert_eq!(store.due().unwrap().delivery_at, Some(at(60)), "what is new may be asked for sooner");
        let probe = claims(store, 61).remove(0);
        settled(store, &probe, 62, Verdict::Retry { at: at(70) }, resting(62, 200));
        assert_eq!(words(&claims(store, 200)), ["msg_b"], "c waits behind b");
    });
}

#[test]
fn what_was_under_way_when_a_rest_began_is_no_second_probe_and_outlives_a_kill() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", None, to), ("b", None, to)]);
        let both = claims(store, 2);
        settled(store, &both[0], 3, Verdict::Retry { at: at(5) }, resting(3, 6));
        assert_eq!(words(&claims(store, 6)), ["msg_a"]);
        settled(store, &both[1], 7, Verdict::Retry { at: at(9) }, resting(3, 6));
        store.recover(to, at(0), at(19)).unwrap();
        assert!(claims(store, 20).is_empty(), "the probe is still under way");
        store.release_leases(at(21)).unwrap();
        assert_eq!(words(&claims(store, 21)), ["msg_a"]);
        store.release_leases(at(22)).unwrap();
        let probe = claims(store, 22);
        settled(store, &probe[0], 23, Verdict::Delivered, None);
        assert_eq!(words(&claims(store, 23)), ["msg_b"]);
    });
}

#[test]
fn what_waits_for_an_endpoint_longer_than_it_may_expires_and_lets_go_what_is_behind() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", Some(1), to), ("b", Some(2), to)]);
        let young = Notification { created_at: at(50), ..notification("c", Some(2)) };
        store.commit_decisions(&Commit { notifications: vec![(young, vec![to])], ..Commit::default() }).unwrap();
        let probe = claims(store, 2).remove(0);
        let after = After { trouble: resting(3, 60), expired_before: Some(at(10)), ..After::default() };
        let retry = Verdict::Retry { at: at(70) };
        store.settle(&[Settlement { after, ..settlement(&probe, at(55), retry) }]).unwrap();
        let expired = |word: &str| (format!("msg_{word}"), DeliveryState::Expired);
        assert_eq!(states(store)[..2], [expired("a"), expired("b")]);
        assert_eq!(words(&claims(store, 60)), ["msg_c"]);
    });
}

#[test]
fn what_was_given_up_is_told_until_it_is_sent_after_all_or_long_ago_and_a_readers_own_is_not() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let device =
            Endpoint::WebPush { url: url("https://push.example/1"), p256dh: "p".to_owned(), auth: Secret::new("a") };
        let phone = store.add_subscription(&SubscriptionSpec { endpoint: device, ..hook("phone") }, at(0)).unwrap();
        told(store, &[("a", Some(1), to), ("b", Some(2), to), ("c", Some(3), phone)]);
        assert_eq!((store.survey(at(2)).unwrap().lost, store.health(None).unwrap()[&to].expired), (None, 0));
        for claim in claims(store, 3) {
            store.settle(&[settlement(&claim, at(4), Verdict::Expired)]).unwrap();
        }
        let lost = store.survey(at(5)).unwrap().lost.unwrap();
        assert_eq!((lost.count, lost.subscriptions, lost.name.as_str(), lost.newest_at), (2, 1, "newsroom", at(2)));
        let health = store.health(Some(to)).unwrap().remove(&to).unwrap();
        assert_eq!((health.expired, health.kept, health.pending), (2, 0, 0));
        assert_eq!(store.survey(at(15 * 86_400)).unwrap().lost, None);
        store.recover(to, at(0), at(6)).unwrap();
        assert_eq!((store.survey(at(7)).unwrap().lost, store.health(None).unwrap()[&to].expired), (None, 0));
    });
}

#[test]
fn a_disabled_subscription_misses_nothing_and_gets_it_in_order_under_the_same_ids() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        let desk = store.add_subscription(&hook("desk"), at(0)).unwrap();
        told(store, &[("old", None, to), ("a", Some(1), to), ("b", Some(1), to)]);
        let failing = |failures| Trouble { failures, rest: None, ..resting(0, 0).unwrap() };
        let mut first = claims(store, 2);
        settled(store, &first.remove(0), 3, Verdict::Expired, Some(failing(1)));
        let notice = Notification { kind: NotificationType::SubscriptionDisabled, ..notification("notice", None) };
        let after = After {
            trouble: Some(failing(5)),
            disabled: Some(DisabledReason::Failing),
            told: vec![(notice, vec![desk])],
            ..After::default()
        };
        store.settle(&[Settlement { after, ..settlement(&first[0], at(9), Verdict::Retry { at: at(20) }) }]).unwrap();
        told(store, &[("c", Some(1), to), ("d", None, to)]);
        let health = store.health(None).unwrap();
        assert_eq!(health[&to].disabled.map(|(_, reason)| reason), Some(DisabledReason::Failing));
        assert_eq!((health[&to].kept, health[&to].pending, health[&desk].disabled), (4, 0, None));
        assert_eq!(claim_words(store, at(30)), ["msg_notice"], "the other one is told");

        assert_eq!(store.enable_subscription(to, Replay::All, at(40)).unwrap(), Some(5), "and what expired meanwhile");
        assert_eq!(store.enable_subscription(to, Replay::All, at(40)).unwrap(), None, "it is enabled");
        let mut got = Vec::new();
        for now in 40..45 {
            for claim in claims(store, now) {
                assert_eq!((claim.attempts, claim.created_at), (0, at(40)), "with all its time before it");
                got.push(claim.notification.id.0.clone());
                settled(store, &claim, now, Verdict::Delivered, None);
            }
        }
        assert_eq!(got, ["msg_old", "msg_a", "msg_d", "msg_b", "msg_c"], "in order within an event");
        let health = store.health(Some(to)).unwrap().remove(&to).unwrap();
        assert_eq!((health.trouble, health.disabled), (None, None));
        assert_eq!(health.last_success_at, Some(at(42) + SignedDuration::from_millis(5)));
    });
}

#[test]
fn what_a_disabled_subscription_missed_stays_kept_where_only_a_part_or_nothing_is_wanted() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        assert!(store.disable_subscription(to, at(1)).unwrap());
        assert!(!store.disable_subscription(to, at(1)).unwrap());
        told(store, &[("a", None, to)]);
        let later = Notification { created_at: at(60), ..notification("b", None) };
        store.commit_decisions(&Commit { notifications: vec![(later, vec![to])], ..Commit::default() }).unwrap();
        assert!(store.recover(to, at(0), at(61)).is_err(), "it is not served");
        assert_eq!(store.enable_subscription(to, Replay::Nothing, at(61)).unwrap(), Some(0));
        assert!(claims(store, 61).is_empty());
        assert!(store.disable_subscription(to, at(62)).unwrap());
        assert_eq!(store.enable_subscription(to, Replay::Since(at(30)), at(63)).unwrap(), Some(1));
        assert_eq!(claim_words(store, at(63)), ["msg_b"]);
        assert_eq!(store.recover(to, at(0), at(64)).unwrap(), 1);
        assert_eq!(claim_words(store, at(64)), ["msg_a"]);
    });
}

#[test]
fn a_change_of_address_enables_what_failed_but_not_what_an_operator_disabled() {
    holds(|store| {
        let moved = |name| {
            let endpoint = Endpoint::webhook(url("https://elsewhere.example/in"), Secret::new("whsec_AAAA"));
            SubscriptionSpec { endpoint, ..hook(name) }
        };
        let declare = |store: &mut SqliteStore, subscriptions| {
            store.sync(&Declared { subscriptions, ..Declared::default() }, at(5)).unwrap();
        };
        declare(store, vec![hook("gone"), hook("off")]);
        let [gone, off] = store.subscriptions().unwrap().iter().map(|s| s.id).collect::<Vec<_>>()[..] else { panic!() };
        told(store, &[("a", None, gone)]);
        let claim = claims(store, 6).remove(0);
        store.settle(&[settlement(&claim, at(7), Verdict::Gone)]).unwrap();
        store.disable_subscription(off, at(7)).unwrap();
        declare(store, vec![moved("gone"), moved("off")]);
        let disabled: Vec<_> =
            store.health(None).unwrap().into_values().map(|health| health.disabled.is_some()).collect();
        assert_eq!(disabled, [false, true]);
        assert_eq!(claim_words(store, at(8)), ["msg_a"], "and it gets what it missed");
    });
}

#[test]
fn another_address_is_not_left_alone_for_the_trouble_of_the_one_before_it() {
    holds(|store| {
        let declare = |store: &mut SqliteStore, spec: SubscriptionSpec, now| {
            let declared = Declared { subscriptions: vec![spec], ..Declared::default() };
            store.sync(&declared, at(now)).unwrap();
            store.subscriptions().unwrap().remove(0).id
        };
        let to = declare(store, hook("newsroom"), 0);
        told(store, &[("a", None, to), ("b", None, to)]);
        let first = claims(store, 2).remove(0);
        settled(store, &first, 3, Verdict::Retry { at: at(300) }, resting(3, 3_600));
        let moved = Endpoint::webhook(url("https://elsewhere.example/in"), Secret::new("whsec_AAAA"));
        declare(store, SubscriptionSpec { endpoint: moved, ..hook("newsroom") }, 4);
        assert_eq!(store.trouble(to).unwrap(), None);
        store.release_leases(at(5)).unwrap();
        assert_eq!(words(&claims(store, 5)).len(), 2);
    });
}

#[test]
fn recovering_makes_what_did_not_end_delivered_pending_again_oldest_first() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", None, to), ("b", Some(1), to), ("c", Some(1), to), ("d", None, to)]);
        for (now, verdict) in [(2, Verdict::Expired), (3, Verdict::Expired), (4, Verdict::Delivered)] {
            for claim in claims(store, now) {
                let verdict = if claim.notification.id.0 == "msg_d" { Verdict::Delivered } else { verdict };
                settled(store, &claim, now, verdict, None);
            }
        }
        assert_eq!(store.recover(to, at(3), at(9)).unwrap(), 0);
        assert_eq!(store.recover(to, at(2), at(9)).unwrap(), 3);
        assert_eq!(words(&claims(store, 9)), ["msg_a", "msg_b"]);
        let filter = DeliveryFilter { since: Some(at(2)), event: Some(EventId(1)), ..everything(store) };
        assert_eq!(store.deliveries(&filter).unwrap().len(), 2);
        let filter = DeliveryFilter { since: Some(at(3)), ..everything(store) };
        assert_eq!(store.deliveries(&filter).unwrap().len(), 0);
    });
}

#[test]
fn strict_order_sends_one_at_a_time_and_the_oldest_blocks_the_rest_until_it_ends() {
    holds(|store| {
        let strict = Pacing { order: DeliveryOrder::Strict, ..Pacing::default() };
        let to = store.add_subscription(&paced("ledger", strict), at(0)).unwrap();
        told(store, &[("a", Some(1), to), ("b", None, to), ("c", Some(2), to)]);
        let first = claims(store, 2);
        assert_eq!(words(&first), ["msg_a"]);
        settled(store, &first[0], 3, Verdict::Retry { at: at(30) }, None);
        assert!(claims(store, 29).is_empty());
        let first = claims(store, 30);
        settled(store, &first[0], 30, Verdict::Expired, None);
        let second = claims(store, 31);
        assert_eq!(words(&second), ["msg_b"]);
        settled(store, &second[0], 31, Verdict::Retry { at: at(40) }, resting(31, 60));
        assert_eq!(store.due().unwrap().delivery_at, Some(at(60)));
        let second = claims(store, 60);
        settled(store, &second[0], 61, Verdict::Delivered, None);
        assert_eq!(words(&claims(store, 62)), ["msg_c"]);
    });
}

#[test]
fn a_change_to_strict_order_and_back_forms_the_lines_anew() {
    holds(|store| {
        let declare = |store: &mut SqliteStore, order| {
            let spec = paced("ledger", Pacing { order, ..Pacing::default() });
            store.sync(&Declared { subscriptions: vec![spec], ..Declared::default() }, at(3)).unwrap();
        };
        declare(store, DeliveryOrder::Event);
        let to = store.subscriptions().unwrap()[0].id;
        told(store, &[("a", None, to), ("b", Some(1), to), ("c", Some(1), to), ("d", None, to)]);
        declare(store, DeliveryOrder::Strict);
        assert_eq!(claim_words(store, at(3)), ["msg_a"]);
        store.release_leases(at(4)).unwrap();
        declare(store, DeliveryOrder::Event);
        assert_eq!(claim_words(store, at(4)), ["msg_a", "msg_b", "msg_d"]);
    });
}

#[test]
fn a_rate_spreads_attempts_evenly_and_outlives_a_restart() {
    holds(|store| {
        let slow = Pacing { rate_per_minute: Some(6), ..Pacing::default() };
        let to = store.add_subscription(&paced("slow", slow), at(0)).unwrap();
        told(store, &[("a", None, to), ("b", Some(1), to), ("c", Some(1), to), ("d", None, to)]);
        assert_eq!(claim_words(store, at(2)), ["msg_a"]);
        assert!(claims(store, 11).is_empty());
        assert_eq!(store.due().unwrap().delivery_at, Some(at(12)));
        let second = claims(store, 12);
        assert_eq!(words(&second), ["msg_b"], "though the first is still under way");
        store.release_leases(at(13)).unwrap();
        assert!(claims(store, 21).is_empty(), "what a kill cut off waits for its turn as well");
        assert_eq!(claim_words(store, at(22)), ["msg_a"]);
        assert_eq!(claim_words(store, at(32)), ["msg_b"]);
    });
}

#[test]
fn a_subscriptions_own_share_takes_the_place_of_the_usual_one() {
    holds(|store| {
        let share = |max_in_flight| Pacing { max_in_flight: Some(max_in_flight), ..Pacing::default() };
        let narrow = store.add_subscription(&paced("narrow", share(1)), at(0)).unwrap();
        let wide = store.add_subscription(&paced("wide", share(3)), at(0)).unwrap();
        let all = |to| ["a", "b", "c", "d"].map(|word| (word, None, to));
        told(store, &all(narrow));
        let more: Vec<_> = ["e", "f", "g", "h"].map(|word| (word, None, wide)).to_vec();
        told(store, &more);
        let claim = ClaimDeliveries { per_subscription: 2, ..deliveries_due(at(2)) };
        let claims = store.claim_deliveries(&claim).unwrap();
        assert_eq!(words(&claims), ["msg_a", "msg_e", "msg_f", "msg_g"]);
        assert_eq!(claims[0].subscription.spec.pacing, share(1));
    });
}

#[test]
fn a_device_that_is_gone_or_a_removed_subscription_leaves_no_trouble() {
    holds(|store| {
        let to = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", None, to)]);
        let claim = claims(store, 2).remove(0);
        settled(store, &claim, 3, Verdict::Retry { at: at(9) }, resting(3, 6));
        assert_eq!(store.counts().unwrap().endpoints_resting, 1);
        assert!(store.remove_subscription(to).unwrap());
        let counts = store.counts().unwrap();
        assert_eq!((counts.endpoints_resting, counts.endpoints_failing, counts.pending), (0, 0, 0));
        assert_eq!(store.due().unwrap().delivery_at, None);
    });
}

mod worlds {
    use proptest::prelude::*;

    use super::*;

    /// A step of the worker, of an operator or of time.
    #[derive(Debug, Clone)]
    enum Step {
        Tell { event: Option<i64>, to: usize },
        Wait(i64),
        Claim,
        Settle { pick: usize, outcome: u8 },
        Kill,
        Disable(usize),
        Enable(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            3 => (prop::option::of(1..3_i64), 0..4_usize).prop_map(|(event, to)| Step::Tell { event, to }),
            2 => (1..50_i64).prop_map(Step::Wait),
            3 => Just(Step::Claim),
            4 => (any::<usize>(), 0..6_u8).prop_map(|(pick, outcome)| Step::Settle { pick, outcome }),
            1 => Just(Step::Kill),
            1 => (0..4_usize).prop_map(Step::Disable),
            1 => (0..4_usize).prop_map(Step::Enable),
        ];
        prop::collection::vec(step, 1..80)
    }

    struct World {
        store: SqliteStore,
        subscriptions: Vec<SubscriptionId>,
        now: i64,
        told: usize,
        under_way: Vec<(DeliveryClaim, i64)>,
        rests: BTreeMap<SubscriptionId, Rest>,
        last_paced: Option<i64>,
    }

    const STRICT: usize = 1;
    const PACED: usize = 2;
    const GAP: i64 = 10;

    impl World {
        fn new() -> Self {
            let mut store = SqliteStore::in_memory().unwrap();
            let pacings = [
                Pacing::default(),
                Pacing { order: DeliveryOrder::Strict, ..Pacing::default() },
                Pacing { rate_per_minute: Some(6), ..Pacing::default() },
                Pacing { max_in_flight: Some(1), ..Pacing::default() },
            ];
            let add = |(name, pacing)| store.add_subscription(&paced(name, pacing), at(0)).unwrap();
            let subscriptions = ["usual", "strict", "paced", "narrow"].into_iter().zip(pacings).map(add).collect();
            let rests = BTreeMap::new();
            Self { store, subscriptions, now: 10, told: 0, under_way: vec![], rests, last_paced: None }
        }

        fn step(&mut self, step: &Step) {
            match step {
                Step::Wait(secs) => self.now += secs,
                Step::Tell { event, to } => {
                    let id = format!("{}", self.told);
                    let told = Notification { created_at: at(self.now), ..notification(&id, *event) };
                    let notifications = vec![(told, vec![self.subscriptions[*to]])];
                    self.store.commit_decisions(&Commit { notifications, ..Commit::default() }).unwrap();
                    self.told += 1;
                }
                Step::Claim => self.claim(),
                Step::Settle { pick, outcome } if !self.under_way.is_empty() => {
                    let (claim, began) = self.under_way.remove(pick % self.under_way.len());
                    self.settle(&claim, began, *outcome);
                }
                Step::Settle { .. } => {}
                Step::Kill => {
                    self.under_way.clear();
                    self.store.release_leases(at(self.now)).unwrap();
                }
                Step::Disable(which) => {
                    let to = self.subscriptions[*which];
                    if self.store.disable_subscription(to, at(self.now)).unwrap() {
                        self.rests.remove(&to);
                    }
                }
                Step::Enable(which) => {
                    let to = self.subscriptions[*which];
                    self.store.enable_subscription(to, Replay::All, at(self.now)).unwrap();
                }
            }
        }

        fn claim(&mut self) {
            let in_flight = self.under_way.iter().fold(BTreeMap::new(), |mut counts, (claim, _)| {
                *counts.entry(claim.subscription.id).or_insert(0) += 1;
                counts
            });
            let ask = ClaimDeliveries { in_flight, lease_until: at(self.now + 10_000), ..deliveries_due(at(self.now)) };
            for claim in self.store.claim_deliveries(&ask).unwrap() {
                let to = claim.subscription.id;
                let beside = |since: Timestamp| {
                    self.under_way
                        .iter()
                        .filter(|(other, began)| other.subscription.id == to && at(*began) > since)
                        .count()
                };
                if let Some(rest) = self.rests.get(&to) {
                    assert!(rest.until <= at(self.now), "it rests");
                    assert_eq!(beside(rest.since), 0, "one probe at a time");
                }
                if to == self.subscriptions[PACED] {
                    assert!(self.last_paced.is_none_or(|last| last + GAP <= self.now), "too fast");
                    self.last_paced = Some(self.now);
                }
                self.under_way.push((claim, self.now));
            }
        }

        fn settle(&mut self, claim: &DeliveryClaim, began: i64, outcome: u8) {
            let to = claim.subscription.id;
            let retry = Verdict::Retry { at: at(self.now + 40) };
            let straggled = self.rests.get(&to).copied().filter(|rest| at(began) <= rest.since);
            let (verdict, rest) = match outcome {
                0..3 => (Verdict::Delivered, None),
                3 => (retry, straggled.or_else(|| self.rests.get(&to).copied())),
                4 => (Verdict::Expired, None),
                _ => {
                    let fresh = Rest { since: at(self.now), until: at(self.now + 25), reason: RestReason::Asked };
                    (retry, straggled.or(Some(fresh)))
                }
            };
            let trouble = rest.map(|rest| Trouble { rest: Some(rest), ..resting(began, 0).unwrap() });
            settled(&mut self.store, claim, self.now, verdict, trouble);
            let is_served = self.store.health(Some(to)).unwrap()[&to].disabled.is_none();
            match rest.filter(|_| is_served) {
                Some(rest) => drop(self.rests.insert(to, rest)),
                None => drop(self.rests.remove(&to)),
            }
        }

        /// All endpoints are well and all subscriptions served: everything must be delivered.
        fn drain(&mut self) {
            self.step(&Step::Kill);
            self.now += 1_000;
            for to in self.subscriptions.clone() {
                self.store.enable_subscription(to, Replay::All, at(self.now)).unwrap();
            }
            for _ in 0..=self.told {
                self.now += GAP;
                for claim in self.store.claim_deliveries(&deliveries_due(at(self.now))).unwrap() {
                    settled(&mut self.store, &claim, self.now, Verdict::Delivered, None);
                }
            }
            assert_eq!(self.store.counts().unwrap().pending, 0);
            assert_eq!(self.store.due().unwrap().delivery_at, None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn endpoints_are_asked_within_their_bounds_and_nothing_is_stranded(steps in steps()) {
            let mut world = World::new();
            for step in &steps {
                world.step(step);
            }
            world.drain();
        }

        #[test]
        fn strict_order_is_kept_whatever_happens(steps in steps()) {
            let mut world = World::new();
            for step in &steps {
                world.step(step);
                let to = world.subscriptions[STRICT];
                let filter = DeliveryFilter {
                    subscription: Some(to),
                    state: Some(DeliveryState::Pending),
                    ..everything(&mut world.store)
                };
                let pending = world.store.deliveries(&filter).unwrap();
                let oldest = pending.last().map(|delivery| delivery.id);
                let due: Vec<_> = pending.iter().filter(|d| d.next_attempt_at.is_some()).map(|d| d.id).collect();
                prop_assert!(due.iter().all(|id| Some(*id) == oldest));
            }
        }
    }
}
