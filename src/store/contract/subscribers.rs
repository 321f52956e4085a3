//! Subscriptions' secrets.

use std::time::Duration;

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

fn old(secret: &str, until: i64) -> OldSecret {
    OldSecret { secret: Secret::new(secret), until: at(until) }
}

fn spec(store: &mut SqliteStore) -> SubscriptionSpec {
    store.subscriptions().unwrap().remove(0).spec
}

#[test]
fn a_rotated_secret_signs_the_next_delivery_and_the_old_one_stays_until_its_time_is_over() {
    holds(|store| {
        let id = store.add_subscription(&hook("newsroom"), at(0)).unwrap();
        told(store, &[("a", None, id)]);
        let (rotated, dropped) = store.rotate_secret(id, &Secret::new("new"), at(60), at(0)).unwrap().unwrap();
        let mut expected = hook("newsroom");
        expected.endpoint = Endpoint::webhook(expected.endpoint.url().unwrap().clone(), Secret::new("new"));
        expected.old_secrets = vec![old("whsec_AAAA", 60)];
        assert_eq!((&rotated.spec, dropped), (&expected, 0));
        assert_eq!(store.claim_deliveries(&deliveries_due(at(2))).unwrap()[0].subscription, rotated.into());

        assert_eq!(store.tend_subscriptions(at(59)).unwrap(), 0);
        assert_eq!(spec(store), expected);
        assert_eq!(store.tend_subscriptions(at(60)).unwrap(), 1);
        assert_eq!(spec(store).old_secrets, []);
    });
}

#[test]
fn a_configured_or_removed_webhook_and_a_device_have_no_secret_to_rotate() {
    holds(|store| {
        let declared = Declared { subscriptions: vec![hook("declared")], ..Declared::default() };
        store.sync(&declared, at(0)).unwrap();
        let removed = store.add_subscription(&hook("removed"), at(0)).unwrap();
        store.remove_subscription(removed).unwrap();
        let ids: Vec<_> = store.subscriptions().unwrap().iter().map(|s| s.id).chain([removed]).collect();
        assert_eq!(ids.len(), 2);
        for id in ids {
            assert_eq!(store.rotate_secret(id, &Secret::new("new"), at(60), at(0)).unwrap(), None);
        }
        assert_eq!(spec(store), hook("declared"));
    });
}

#[test]
fn declared_old_secrets_are_taken_over_and_change_nothing_once_their_time_is_over() {
    holds(|store| {
        let mut newsroom = hook("newsroom");
        newsroom.old_secrets = vec![old("one", 60), old("two", 5)];
        let declared = Declared { subscriptions: vec![newsroom], ..Declared::default() };
        store.sync(&declared, at(10)).unwrap();
        assert_eq!(spec(store).old_secrets, [old("one", 60)]);
        store.tend_subscriptions(at(60)).unwrap();
        assert_eq!(store.sync(&declared, at(61)).unwrap(), Synced::default());
    });
}

fn unproved(name: &str) -> SubscriptionSpec {
    SubscriptionSpec { verify: true, ..hook(name) }
}

fn states(store: &mut SqliteStore) -> Vec<DeliveryState> {
    let filter = everything(store);
    store.deliveries(&filter).unwrap().into_iter().map(|delivery| delivery.state).collect()
}

fn asked(subscription: &Subscription, outcome: Result<(), (String, Option<jiff::Timestamp>)>, now: i64) -> Asked {
    Asked { subscription: subscription.id, url: subscription.spec.endpoint.url().cloned(), at: at(now), outcome }
}

fn claim(now: i64, limit: usize) -> ClaimVerifications {
    let (now, lease_until) = (at(now), at(now + 60));
    ClaimVerifications { now, lease_until, limit, per_port: 4, per_domain: 6, under_way: Vec::new() }
}

#[test]
fn endpoints_that_never_answer_keep_nobody_else_from_being_asked() {
    holds(|store| {
        let mut add = |name: &str, address: &str| {
            let spec = unproved(name);
            let endpoint = Endpoint::webhook(url(address), Secret::new("whsec_AAAA"));
            store.add_subscription(&SubscriptionSpec { endpoint, ..spec }, at(0)).unwrap()
        };
        for number in 0..20 {
            add(&format!("hangs-{number}"), &format!("https://{number}.hangs.example/"));
        }
        add("elsewhere", "https://hangs.example:8443/");
        let honest = add("honest", "https://hook.example/in");
        let names = |claims: &[Verification]| -> Vec<String> {
            claims.iter().map(|held| held.subscription.spec.name.clone()).collect()
        };
        let first = store.claim_verifications(&claim(1, 10)).unwrap();
        assert_eq!(names(&first), ["hangs-0", "hangs-1", "hangs-2", "hangs-3", "elsewhere", "honest"]);
        let under_way = first.iter().filter_map(|held| held.subscription.spec.endpoint.url().cloned()).collect();
        let busy = ClaimVerifications { under_way, ..claim(1, 10) };
        assert_eq!(store.claim_verifications(&busy).unwrap(), [], "they have their places");
        assert_eq!(first.last().unwrap().subscription.id, honest);

        // Those that were asked are due again; those that never were go first.
        for held in &first {
            let failed = Err(("it answered 500".to_owned(), Some(at(0))));
            store.settle_verification(&asked(&held.subscription, failed, 2), at(-99)).unwrap();
        }
        let next = ClaimVerifications { per_port: 99, per_domain: 99, ..claim(3, 17) };
        let next = names(&store.claim_verifications(&next).unwrap());
        assert_eq!((next.len(), next.iter().position(|name| name == "hangs-0")), (17, Some(16)));
    });
}

fn claimed_names(store: &mut SqliteStore, now: i64) -> Vec<String> {
    let is_due = store.verification_due().unwrap().is_some_and(|due| due <= at(now));
    let claims = store.claim_verifications(&claim(now, 10)).unwrap();
    assert_eq!(is_due, !claims.is_empty(), "who looks first misses none");
    claims.into_iter().map(|held| held.subscription.spec.name).collect()
}

#[test]
fn an_unverified_subscription_is_sent_nothing_and_what_it_missed_once_it_is_verified() {
    holds(|store| {
        let id = store.add_subscription(&unproved("newsroom"), at(0)).unwrap();
        let subscription = store.subscriptions().unwrap().remove(0);
        assert_eq!(subscription.state, SubscriptionState::Unverified);
        told(store, &[("a", Some(1), id), ("b", Some(1), id), ("c", None, id)]);
        assert!(claim_words(store, at(3)).is_empty());
        let test = Notification { kind: NotificationType::SubscriptionTest, ..notification("t", None) };
        assert!(store.notify(&test, id).is_err(), "nor a test");
        let delivery = store.deliveries(&DeliveryFilter { limit: 1, ..DeliveryFilter::default() }).unwrap()[0].id;
        assert!(store.replay(delivery, at(3)).is_err(), "nor a replay");

        let failed = asked(&subscription, Err(("it answered 404".to_owned(), Some(at(14)))), 4);
        assert!(store.settle_verification(&failed, at(-99)).unwrap());
        let held = store.verification(id).unwrap().unwrap();
        assert_eq!((held.tries, held.next_at, held.failure.as_deref()), (1, Some(at(14)), Some("it answered 404")));

        assert!(store.settle_verification(&asked(&subscription, Ok(()), 15), at(-99)).unwrap());
        assert_eq!(store.subscriptions().unwrap()[0].state, SubscriptionState::Active);
        assert_eq!(store.verification(id).unwrap(), None);
        assert_eq!(claim_words(store, at(15)), ["msg_a", "msg_c"], "those of one event in order");
        assert!(!store.settle_verification(&failed, at(-99)).unwrap(), "nothing is left to prove");
    });
}

#[test]
fn what_was_told_too_long_ago_is_not_sent_when_an_endpoint_is_verified() {
    holds(|store| {
        let id = store.add_subscription(&unproved("newsroom"), at(0)).unwrap();
        let subscription = store.subscriptions().unwrap().remove(0);
        told(store, &[("a", None, id)]);
        store.settle_verification(&asked(&subscription, Ok(()), 500), at(3)).unwrap();
        assert_eq!(states(store), [DeliveryState::Kept]);
    });
}

#[test]
fn an_endpoint_is_asked_when_its_time_has_come_and_by_one_at_a_time() {
    holds(|store| {
        store.add_subscription(&unproved("newsroom"), at(0)).unwrap();
        store.add_subscription(&hook("desk"), at(0)).unwrap();
        assert_eq!(claimed_names(store, 0), ["newsroom"]);
        assert!(claimed_names(store, 59).is_empty());
        assert_eq!(claimed_names(store, 60), ["newsroom"]);
        let id = store.subscriptions().unwrap()[0].id;
        store.remove_subscription(id).unwrap();
        assert!(claimed_names(store, 600).is_empty());
    });
}

#[test]
fn another_address_must_prove_it_again_and_what_waits_goes_there_once_it_has() {
    holds(|store| {
        let declare = |store: &mut SqliteStore, spec: SubscriptionSpec, now| {
            let declared = Declared { subscriptions: vec![spec], ..Declared::default() };
            store.sync(&declared, at(now)).unwrap();
            store.subscriptions().unwrap().remove(0)
        };
        let old = declare(store, unproved("newsroom"), 0);
        store.settle_verification(&asked(&old, Ok(()), 1), at(-99)).unwrap();
        assert_eq!(declare(store, unproved("newsroom"), 2).state, SubscriptionState::Active);
        let mut renewed = unproved("newsroom");
        renewed.endpoint = Endpoint::webhook(old.spec.endpoint.url().unwrap().clone(), Secret::new("new"));
        assert_eq!(declare(store, renewed, 2).state, SubscriptionState::Active, "a secret proves nothing");
        told(store, &[("a", Some(1), old.id)]);

        let mut moved = unproved("newsroom");
        moved.endpoint = Endpoint::webhook(url("https://elsewhere.example/"), Secret::new("new"));
        let moved = declare(store, moved, 3);
        assert_eq!((moved.state, states(store)), (SubscriptionState::Unverified, vec![DeliveryState::Kept]));
        assert!(!store.settle_verification(&asked(&old, Ok(()), 4), at(-99)).unwrap(), "the old address answers late");
        assert!(store.settle_verification(&asked(&moved, Ok(()), 5), at(-99)).unwrap());
        assert_eq!(claim_words(store, at(5)), ["msg_a"]);

        let trusted = SubscriptionSpec { verify: false, ..moved.spec.clone() };
        declare(store, SubscriptionSpec { endpoint: hook("n").endpoint, ..moved.spec }, 6);
        assert_eq!(declare(store, trusted, 7).state, SubscriptionState::Active, "it needs to prove nothing any more");
    });
}

/// Declares the newsroom's subscription at another address.
fn moves(store: &mut SqliteStore, address: &str, manner: Manner, now: i64) -> Subscription {
    let endpoint = Endpoint::webhook(url(address), Secret::new("s"));
    let spec = SubscriptionSpec { endpoint, manner, ..unproved("newsroom") };
    store.sync(&Declared { subscriptions: vec![spec], ..Declared::default() }, at(now)).unwrap();
    store.subscriptions().unwrap().remove(0)
}

#[test]
fn what_is_held_for_a_digest_goes_to_another_address_too_once_it_has_proved_itself() {
    holds(|store| {
        let manner = Manner { digest: Some(DigestPlan::Every(Duration::from_mins(1))), ..Manner::default() };
        let before = moves(store, "https://one.example/", manner.clone(), 0);
        store.settle_verification(&asked(&before, Ok(()), 1), at(-99)).unwrap();
        told(store, &[("a", None, before.id)]);
        assert_eq!(states(store), [DeliveryState::Held]);
        let moved = moves(store, "https://two.example/", manner, 50);
        store.settle_verification(&asked(&moved, Ok(()), 55), at(-99)).unwrap();
        assert_eq!(claim_words(store, at(55)), ["msg_a"]);
    });
}

#[test]
fn another_address_gets_what_a_disabled_one_missed_once_it_has_proved_itself_and_none_of_its_trouble() {
    holds(|store| {
        let before = moves(store, "https://one.example/", Manner::default(), 0);
        store.settle_verification(&asked(&before, Ok(()), 1), at(-99)).unwrap();
        told(store, &[("a", None, before.id)]);
        let claim = store.claim_deliveries(&deliveries_due(at(2))).unwrap().remove(0);
        let trouble =
            Trouble { failures: 9, failing_since: Some(at(2)), last_failure_at: Some(at(2)), rest: None, rests: 0 };
        let after = After { disabled: Some(DisabledReason::Failing), trouble: Some(trouble), ..After::default() };
        let verdict = Verdict::Retry { at: at(9) };
        store.settle(&[Settlement { after, ..settlement(&claim, at(2), verdict) }]).unwrap();
        assert_eq!(states(store), [DeliveryState::Kept]);

        let moved = moves(store, "https://two.example/", Manner::default(), 50);
        assert_eq!((moved.state, claim_words(store, at(51))), (SubscriptionState::Unverified, vec![]));
        store.settle_verification(&asked(&moved, Ok(()), 55), at(-99)).unwrap();
        assert_eq!(claim_words(store, at(55)), ["msg_a"]);
        let health = store.health(Some(moved.id)).unwrap().remove(&moved.id).unwrap();
        assert_eq!((health.trouble, health.disabled), (None, None));
    });
}

#[test]
fn whom_an_operator_disabled_stays_so_whatever_address_proves_itself_until_the_operator_enables_it() {
    holds(|store| {
        let before = moves(store, "https://one.example/", Manner::default(), 0);
        store.settle_verification(&asked(&before, Ok(()), 1), at(-99)).unwrap();
        store.disable_subscription(before.id, at(2)).unwrap();
        told(store, &[("a", None, before.id)]);
        let moved = moves(store, "https://two.example/", Manner::default(), 3);
        assert_eq!(moved.state, SubscriptionState::Disabled);
        assert_eq!(store.enable_subscription(moved.id, Replay::All, at(4)).unwrap(), Some(0), "it has to prove itself");
        assert_eq!(store.subscriptions().unwrap()[0].state, SubscriptionState::Unverified);
        assert!(claim_words(store, at(4)).is_empty());
        store.settle_verification(&asked(&moved, Ok(()), 5), at(-99)).unwrap();
        assert_eq!(claim_words(store, at(5)), ["msg_a"]);

        store.disable_subscription(moved.id, at(6)).unwrap();
        let moved = moves(store, "https://three.example/", Manner::default(), 7);
        store.settle_verification(&asked(&moved, Ok(()), 8), at(-99)).unwrap();
        assert_eq!(store.subscriptions().unwrap()[0].state, SubscriptionState::Disabled, "proof enables nobody");
        assert!(store.enable_subscription(moved.id, Replay::All, at(9)).unwrap().is_some());
        assert_eq!(store.subscriptions().unwrap()[0].state, SubscriptionState::Active);
    });
}

#[test]
fn one_that_was_given_up_proves_itself_anew_and_is_sent_what_it_missed_unless_an_operator_disabled_it() {
    holds(|store| {
        let id = store.add_self_service(&unproved("one"), &[1; 32], 2, at(0)).unwrap().unwrap();
        let state = |store: &mut SqliteStore| store.subscription(id).unwrap().map(|held| held.state);
        let prove = |store: &mut SqliteStore, now| {
            let held = store.self_service(&[1; 32]).unwrap().unwrap();
            assert!(store.settle_verification(&asked(&held, Ok(()), now), at(-99)).unwrap());
        };
        prove(store, 1);
        assert!(store.revive_self_service(id, at(2)).unwrap());
        assert_eq!(state(store), Some(SubscriptionState::Active), "nothing is to be proved by one that is served");

        told(store, &[("a", None, id)]);
        let claim = store.claim_deliveries(&deliveries_due(at(2))).unwrap().remove(0);
        store.settle(&[settlement(&claim, at(3), Verdict::Gone)]).unwrap();
        told(store, &[("b", None, id)]);
        assert_eq!(state(store), Some(SubscriptionState::Disabled));
        assert!(store.revive_self_service(id, at(9000)).unwrap());
        assert_eq!(state(store), Some(SubscriptionState::Unverified));
        assert_eq!(store.tend_subscriptions(at(9060)).unwrap(), 0, "it has an hour from then on");
        prove(store, 9070);
        assert_eq!(
            (state(store), claim_words(store, at(9070))),
            (Some(SubscriptionState::Active), vec!["msg_a".to_owned(), "msg_b".to_owned()])
        );

        store.disable_subscription(id, at(9080)).unwrap();
        assert!(!store.revive_self_service(id, at(9081)).unwrap());
        assert_eq!(state(store), Some(SubscriptionState::Disabled));
    });
}

#[test]
fn a_subscription_of_its_own_token_is_found_by_it_alone_and_ends_unless_its_endpoint_proves_itself_within_the_hour() {
    holds(|store| {
        let add = |store: &mut SqliteStore, name: &str, token: u8, now| {
            store.add_self_service(&unproved(name), &[token; 32], 2, at(now)).unwrap()
        };
        let one = add(store, "one", 1, 0).unwrap();
        let two = add(store, "two", 2, 60).unwrap();
        assert_eq!(add(store, "three", 3, 60), None, "there are as many as are allowed");
        assert_eq!(store.self_service(&[1; 32]).unwrap().unwrap().id, one);
        assert_eq!(store.self_service(&[3; 32]).unwrap(), None);
        let proved = store.self_service(&[2; 32]).unwrap().unwrap();
        assert!(store.settle_verification(&asked(&proved, Ok(()), 61), at(-99)).unwrap());

        assert_eq!(store.tend_subscriptions(at(3599)).unwrap(), 0);
        assert_eq!(store.tend_subscriptions(at(3600)).unwrap(), 1);
        assert_eq!(store.self_service(&[1; 32]).unwrap(), None, "its token is forgotten with it");
        let left: Vec<_> = store.subscriptions().unwrap().iter().map(|left| left.id).collect();
        assert_eq!(left, [two]);

        let mut moved = unproved("two");
        moved.endpoint = Endpoint::webhook(url("https://elsewhere.example/"), Secret::new("whsec_AAAA"));
        let changed = store.change_self_service(two, &moved, at(9000)).unwrap().unwrap();
        assert_eq!((changed.state, &changed.spec), (SubscriptionState::Unverified, &moved));
        assert_eq!(store.tend_subscriptions(at(9060)).unwrap(), 0, "it has an hour from then on");
        assert!(store.remove_subscription(two).unwrap());
        assert_eq!(store.self_service(&[2; 32]).unwrap(), None);
        assert_eq!(store.change_self_service(two, &moved, at(9061)).unwrap(), None);
        assert!(add(store, "three", 3, 9062).is_some(), "there is room again");
    });
}
