//! Devices: browsers subscribed by Web Push.

use super::given::*;
use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;

fn device(name: &str) -> SubscriptionSpec {
    let endpoint = Endpoint::WebPush {
        url: url(&format!("https://push.example/{name}")),
        p256dh: "BPoint".to_owned(),
        auth: Secret::new("auth"),
    };
    SubscriptionSpec::new(format!("device-{name}"), endpoint, Filter::default())
}

fn subscribe(store: &mut SqliteStore, name: &str) -> SubscriptionId {
    store.subscribe_device(&device(name), None, 10, at(0)).unwrap().unwrap().id
}

#[test]
fn the_first_vapid_key_is_kept_for_good() {
    holds(|store| {
        assert_eq!(store.vapid_key().unwrap(), None);
        assert_eq!(store.keep_vapid_key(&Secret::new("one"), at(0)).unwrap(), Secret::new("one"));
        assert_eq!(store.keep_vapid_key(&Secret::new("two"), at(1)).unwrap(), Secret::new("one"));
        assert_eq!(store.vapid_key().unwrap(), Some(Secret::new("one")));
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        store.backup(&copy).unwrap();
        let copied = SqliteStore::open_with(&copy, &store.keys).unwrap().vapid_key().unwrap();
        assert_eq!(copied, Some(Secret::new("one")), "a backup has it");
    });
}

#[test]
fn a_device_is_one_subscription_however_often_it_subscribes() {
    holds(|store| {
        let one = subscribe(store, "one");
        assert_eq!(subscribe(store, "one"), one);
        let all = store.subscriptions().unwrap();
        assert_eq!((all.len(), &all[0].spec), (1, &device("one")));
        assert_eq!(store.device(&url("https://push.example/one")).unwrap().unwrap().id, one);
        assert_eq!(store.device(&url("https://push.example/two")).unwrap(), None);
        assert!(store.subscribe_device(&device("two"), None, 1, at(0)).unwrap().is_none(), "one is all there may be");
        assert!(store.subscribe_device(&device("one"), None, 1, at(0)).unwrap().is_some());
    });
}

#[test]
fn what_waits_for_a_device_is_sent_to_its_new_endpoint() {
    holds(|store| {
        let one = subscribe(store, "one");
        told(store, &[("a", Some(1), one)]);
        let old = url("https://push.example/one");
        let renewed = store.subscribe_device(&device("two"), Some(&old), 1, at(1)).unwrap().unwrap();
        assert_eq!((renewed.id, &renewed.spec), (one, &device("two")));
        assert_eq!(store.device(&old).unwrap(), None);
        let claims = store.claim_deliveries(&deliveries_due(at(2))).unwrap();
        assert_eq!(claims[0].subscription.spec, device("two"));
    });
}

#[test]
fn a_device_that_is_gone_is_removed_with_its_keys_and_may_come_back() {
    holds(|store| {
        let one = subscribe(store, "one");
        told(store, &[("a", Some(1), one), ("b", Some(2), one)]);
        let claims = store.claim_deliveries(&deliveries_due(at(2))).unwrap();
        store.settle(&[settlement(&claims[0], at(3), Verdict::Gone)]).unwrap();
        assert_eq!(store.subscriptions().unwrap(), []);
        assert_eq!(store.counts().unwrap().pending, 0, "nothing more is sent");
        let kept = store.delivery(claims[1].id).unwrap().unwrap();
        assert_eq!(kept.state, DeliveryState::Gone);
        assert_eq!(subscribe(store, "one"), one);
        assert_eq!(store.subscriptions().unwrap()[0].spec, device("one"));
    });
}

#[test]
fn thousands_of_devices_are_claimed_in_the_order_they_are_due_though_one_endpoint_has_more_than_can_be_seen_past() {
    holds(|store| {
        let hog = store.add_subscription(&hook("hog"), at(0)).unwrap();
        let words: Vec<String> = (0..40).map(|n| format!("h{n:02}")).collect();
        told(store, &words.iter().map(|word| (word.as_str(), None, hog)).collect::<Vec<_>>());
        let devices: Vec<_> = (0..9).map(|n| subscribe(store, &n.to_string())).collect();
        let words: Vec<String> = (0..9).map(|n| format!("d{n}")).collect();
        let all: Vec<_> = words.iter().zip(&devices).map(|(word, to)| (word.as_str(), Some(1), *to)).collect();
        told(store, &all);
        let claim = ClaimDeliveries { limit: 6, per_subscription: 2, ..deliveries_due(at(2)) };
        let mut claimed = Vec::new();
        for _ in 0..2 {
            let claims = store.claim_deliveries(&claim).unwrap();
            claimed.extend(claims.into_iter().map(|c| c.notification.id.0));
        }
        assert!(claimed.contains(&"msg_h00".to_owned()) && claimed.contains(&"msg_d3".to_owned()), "{claimed:?}");
        assert_eq!(claimed.iter().filter(|id| id.starts_with("msg_h")).count(), 4, "its share of each claim");
    });
}

#[test]
fn subscriptions_are_read_again_only_when_one_has_changed() {
    holds(|store| {
        let (none, list) = store.subscriptions_unless(0).unwrap().unwrap();
        assert_eq!((list, store.subscriptions_unless(none).unwrap()), (Vec::new(), None));
        let one = subscribe(store, "one");
        let (added, list) = store.subscriptions_unless(none).unwrap().unwrap();
        assert_eq!(list.len(), 1);
        subscribe(store, "one");
        told(store, &[("a", Some(1), one)]);
        assert_eq!(store.subscriptions_unless(added).unwrap(), None, "nothing changed");
        assert!(store.remove_subscription(one).unwrap());
        assert_eq!(store.subscriptions_unless(added).unwrap().unwrap().1, []);
    });
}
