//! The request as a push service and then the browser read it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::vectors::read_by_browser;
use super::*;
use crate::model::{
    DeliveryId, Endpoint, EventId, Filter, NotificationId, Origin, Subscription, SubscriptionId, SubscriptionSpec,
    SubscriptionState,
};

const BROWSER: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const PUBLIC: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(secs).unwrap()
}

fn claim(kind: NotificationType, event: Option<i64>) -> DeliveryClaim {
    let endpoint = Endpoint::WebPush {
        url: WebUrl::parse("https://push.example/send/abc").unwrap(),
        p256dh: PUBLIC.to_owned(),
        auth: Secret::new(AUTH),
    };
    DeliveryClaim {
        id: DeliveryId(1),
        notification: Notification {
            id: NotificationId("msg_1".to_owned()),
            kind,
            topic: None,
            event: event.map(EventId),
            story: None,
            source: None,
            created_at: at(0),
            body: json!({"type": kind.label(), "timestamp": "t", "data": {"version": 1, "why": "opened",
                "event": {"id": event, "title": "Резолюция", "publishers": 1},
                "story": {"url": null, "link": "https://press.example/1", "title": "Резолюция принята",
                    "publisher": "press.example", "lang": "ru"}}})
            .to_string(),
        },
        subscription: Arc::new(Subscription {
            id: SubscriptionId(1),
            spec: SubscriptionSpec::new("device", endpoint, Filter::default()),
            origin: Origin::Api,
            state: SubscriptionState::Active,
            created_at: at(0),
        }),
        attempts: 0,
        created_at: at(0),
        fence: 1,
    }
}

fn prepared(claim: &DeliveryClaim, now: Timestamp, room: Room) -> Request {
    let Endpoint::WebPush { url, p256dh, auth } = &claim.subscription.spec.endpoint else { unreachable!() };
    let chance = Chance::of(&[7; 48]);
    let posting = Posting { url, p256dh, auth, authorization: "vapid t=a.b.c, k=d", chance: &chance, room };
    prepare(claim, &posting, now, &RetryPolicy::default()).unwrap()
}

fn field<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
}

#[test]
fn an_event_is_an_encrypted_post_that_wakes_the_device_and_is_kept_until_it_expires() {
    let request = prepared(&claim(NotificationType::EventOpened, Some(7)), at(3_600), Room::Whole);
    assert_eq!((request.method, request.redirects), (Method::Post, Redirects::Refuse));
    assert_eq!(request.url.as_str(), "https://push.example/send/abc");
    assert_eq!(field(&request, "authorization"), Some("vapid t=a.b.c, k=d"));
    assert_eq!(field(&request, "content-encoding"), Some("aes128gcm"));
    assert_eq!(field(&request, "ttl"), Some("270000"), "75 of 76 hours are left");
    assert_eq!(field(&request, "urgency"), Some("high"));
    let shown: Value = serde_json::from_slice(&read_by_browser(BROWSER, AUTH, &request.body)).unwrap();
    assert_eq!(
        shown,
        json!({"v": 1, "type": "event.opened", "title": "Резолюция принята", "body": "press.example",
            "url": "https://press.example/1", "tag": "event-7", "lang": "ru"})
    );
}

#[test]
fn an_update_replaces_its_undelivered_forerunner_and_no_other_events() {
    let topic = |kind, event| {
        let request = prepared(&claim(kind, event), at(0), Room::Whole);
        field(&request, "topic").map(str::to_owned)
    };
    let (opened, updated) = (NotificationType::EventOpened, NotificationType::EventUpdated);
    let first = topic(opened, Some(7)).unwrap();
    assert!(
        first.len() <= 32 && first.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')),
        "{first}"
    );
    assert_eq!(topic(updated, Some(7)).as_ref(), Some(&first));
    assert_ne!(topic(opened, Some(8)).as_ref(), Some(&first));
    assert_eq!(topic(NotificationType::SubscriptionTest, None), None);
}

#[test]
fn a_test_is_not_kept_for_later_and_a_late_message_not_at_all() {
    let ttl = |kind, now| field(&prepared(&claim(kind, None), now, Room::Whole), "ttl").map(str::to_owned);
    assert_eq!(ttl(NotificationType::SubscriptionTest, at(0)).as_deref(), Some("300"));
    assert_eq!(ttl(NotificationType::EventUpdated, at(76 * 3_600 + 1)).as_deref(), Some("0"));
}

#[test]
fn a_message_that_was_too_long_goes_out_shorter() {
    let mut long = claim(NotificationType::EventOpened, Some(7));
    long.notification.body = long.notification.body.replace("press.example\"", &format!("{}\"", "я".repeat(900)));
    let length = |room| prepared(&long, at(0), room).body.len();
    assert!(length(Room::Whole) > 1_100 && length(Room::Whole) <= 4_096);
    assert!(length(Room::Short) <= 1_103 && length(Room::Scant) <= 353);
}

#[test]
fn a_name_of_a_device_is_always_the_same_and_tells_nothing_of_its_endpoint() {
    let name = device_name(&WebUrl::parse("https://push.example/send/abc").unwrap());
    assert_eq!(name, "device-a932cf2c137694bd");
}
