//! Attempts in simulated time: what an endpoint's answer means for its delivery, and how long it may take.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tidings::daemon::LoopPolicy;
use tidings::deliver::RetryPolicy;
use tidings::model::{
    Chat, ChatParts, Delivery, DeliveryState, Endpoint, EventId, Exchange, Filter, Headers, Notification,
    NotificationId, NotificationType, Request, Response, Secret, Service, SubscriptionId, SubscriptionSpec, WebUrl,
};
use tidings::port::{Declared, DeliveryFilter, ExchangeFuture, Http, Store as _};
use tidings::schedule::PollPolicy;
use tidings::store::SqliteStore;

use crate::life::{Life, live};

/// An endpoint that answers 200 with this body, after a while.
struct Answering {
    after: Duration,
    body: &'static str,
    asked: Arc<Mutex<usize>>,
}

impl Answering {
    async fn answer(&self, request: Request) -> Exchange {
        *self.asked.lock().unwrap() += 1;
        tokio::time::sleep(self.after).await;
        Ok(Response {
            status: 200,
            headers: Headers::default(),
            body: self.body.into(),
            url: request.url,
            redirects: Vec::new(),
        })
    }
}

impl Http for Answering {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(self.answer(request))
    }
}

/// Tells one endpoint of an event, lives for so long, and gives the delivery and how often it was asked.
fn told(endpoint: Endpoint, retry: RetryPolicy, (after, body): (Duration, &'static str)) -> (Delivery, usize) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("attempts.db");
    let start: Timestamp = "2021-12-06T00:00:00Z".parse().unwrap();
    let subscription = SubscriptionSpec::new("desk", endpoint, Filter::default());
    let declared = Declared { subscriptions: vec![subscription], ..Declared::default() };
    let event = Notification {
        id: NotificationId("msg_1".to_owned()),
        kind: NotificationType::EventOpened,
        topic: None,
        event: Some(EventId(1)),
        story: None,
        source: None,
        created_at: start,
        body: "{\"type\":\"event.opened\",\"data\":{}}".to_owned(),
    };
    let mut store = SqliteStore::open(&file).unwrap();
    store.sync(&declared, start).unwrap();
    store.notify(&event, SubscriptionId(1)).unwrap();
    drop(store);
    let asked = Arc::new(Mutex::new(0));
    let life = Life {
        file: Path::new(&file),
        declared: &declared,
        seed: 11,
        start,
        span: after + Duration::from_mins(10),
        loops: LoopPolicy::default(),
        poll: PollPolicy::default(),
        retry,
        websub: None,
    };
    live(life, |_clock| Arc::new(Answering { after, body, asked: Arc::clone(&asked) }));
    let mut store = SqliteStore::open(&file).unwrap();
    let delivery = store.deliveries(&DeliveryFilter { limit: 9, ..DeliveryFilter::default() }).unwrap().remove(0);
    let asked = *asked.lock().unwrap();
    (delivery, asked)
}

#[test]
fn a_service_that_answers_200_without_taking_the_message_is_tried_again() {
    let url = WebUrl::parse("https://hooks.slack.example/services/k3y").unwrap();
    let parts = ChatParts { url: Some(url), token: None, room: None, priority: None };
    let slack = || Endpoint::Chat(Chat::new(Service::Slack, parts.clone()).unwrap());
    let (refused, asked) = told(slack(), RetryPolicy::default(), (Duration::ZERO, "invalid_token"));
    assert_eq!((refused.state, asked), (DeliveryState::Pending, 3), "after 5 s and 5 min");
    let first = &refused.attempts[0];
    assert_eq!((first.status, first.detail.as_str()), (Some(200), "invalid_token"));
    let (taken, asked) = told(slack(), RetryPolicy::default(), (Duration::ZERO, "ok"));
    assert_eq!((taken.state, asked), (DeliveryState::Delivered, 1));
}

#[test]
fn an_endpoint_that_takes_minutes_is_asked_once() {
    let url = WebUrl::parse("https://slow.example/").unwrap();
    let endpoint = Endpoint::webhook(url, Secret::new("whsec_PLANTEDSECRETPLANTEDSECRETPLANTE"));
    let retry = RetryPolicy { timeout: Duration::from_mins(5), ..RetryPolicy::default() };
    let (delivery, asked) = told(endpoint, retry, (Duration::from_secs(290), ""));
    assert_eq!((delivery.state, asked), (DeliveryState::Delivered, 1));
    assert_eq!(delivery.attempts[0].took, Duration::from_secs(290));
}
