//! Subscriptions' secrets.

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
        assert_eq!(store.claim_deliveries(&deliveries_due(at(2))).unwrap()[0].subscription, rotated);

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
