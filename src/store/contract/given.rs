//! What the sentences begin with: things to write, and ways to ask.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::model::*;
use crate::port::*;
use crate::store::{SealKey, SealKeys, SqliteStore};

pub(super) const T0: i64 = 1_767_225_600_000;

/// The moment so many seconds into the test.
pub(super) fn at(secs: i64) -> Timestamp {
    Timestamp::from_millisecond(T0 + secs * 1000).unwrap()
}

/// Runs a sentence against each kind of store: in memory, in a file, and in a file whose secrets are sealed.
pub(super) fn holds(sentence: impl Fn(&mut SqliteStore)) {
    sentence(&mut SqliteStore::in_memory().unwrap());
    let folder = tempfile::tempdir().unwrap();
    sentence(&mut SqliteStore::open(&folder.path().join("tidings.db")).unwrap());
    let mut sealed = SqliteStore::open_with(&folder.path().join("sealed.db"), &keys(Some(1), None)).unwrap();
    sealed.seal(at(0)).unwrap();
    sentence(&mut sealed);
}

/// Keys by number.
pub(super) fn keys(current: Option<u8>, old: Option<u8>) -> SealKeys {
    let key = |number: u8| Arc::new(SealKey::parse(&SealKey::write(&[number; 32])).unwrap());
    SealKeys { current: current.map(key), old: old.map(key) }
}

pub(super) fn url(text: &str) -> WebUrl {
    WebUrl::parse(text).unwrap()
}

pub(super) fn topic_key() -> TopicKey {
    TopicKey::parse("resolution").unwrap()
}

pub(super) fn topic() -> TopicSpec {
    TopicSpec {
        key: topic_key(),
        name: "Resolution".to_owned(),
        query: "resolution AND council".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(168),
        span: TopicSpan::new(Some("2021-10-01".parse().unwrap()), None).unwrap(),
    }
}

pub(super) fn source(address: &str) -> SourceSpec {
    SourceSpec {
        url: url(address),
        name: "A source".to_owned(),
        publisher: "example.org".to_owned(),
        kind: SourceKind::Feed,
        lang: Some("en".to_owned()),
        topics: vec![topic_key()],
        interval_min: Duration::from_mins(30),
        interval_max: Duration::from_hours(4),
        priority: Priority::Normal,
        full_text: false,
    }
}

pub(super) fn hook(name: &str) -> SubscriptionSpec {
    let endpoint = Endpoint::webhook(url("https://hook.example/in"), Secret::new("whsec_AAAA"));
    SubscriptionSpec::new(name, endpoint, Filter::default())
}

pub(super) fn draft(number: u128, title: &str) -> StoryDraft {
    StoryDraft {
        keys: vec![EntryKey(number * 2), EntryKey(number * 2 + 1)],
        url: format!("https://example.org/{number}"),
        link: format!("https://example.org/{number}?utm_source=feed"),
        publisher: "example.org".to_owned(),
        title: title.to_owned(),
        text: format!("The text below {title}"),
        author: Some("A. Writer".to_owned()),
        lang: Some("en".to_owned()),
        published: Some(at(-60)),
        fingerprint: u64::MAX - 7,
    }
}

pub(super) fn due_by(now: Timestamp) -> ClaimSources {
    ClaimSources {
        only: None,
        now,
        lease_until: now + SignedDuration::from_mins(1),
        limit: 100,
        per_domain: 100,
        slow_domains: 100,
        except_domains: vec![],
    }
}

pub(super) fn record(claim: &SourceClaim, now: Timestamp, stories: Vec<StoryChange>) -> PollRecord {
    PollRecord {
        source: claim.source.id,
        fence: claim.fence,
        at: now,
        outcome: PollOutcome::Read { entries: stories.len() },
        took: Duration::from_millis(20),
        validators: Some(Validators { etag: Some("W/\"1\"".to_owned()), last_modified: None }),
        moved_to: None,
        moving: None,
        layout: None,
        stories: stories.into(),
        first_poll: true,
        next_poll_at: now + SignedDuration::from_mins(30),
        pace: None,
        interval: Duration::from_mins(30),
        failures: 0,
        health: SourceHealth::Well,
        domain_pause: None,
        notices: vec![],
    }
}

pub(super) fn new(draft: StoryDraft) -> StoryChange {
    StoryChange::New { draft, fetch_article: false }
}

/// A source that was added and claimed.
pub(super) fn claimed(store: &mut SqliteStore, address: &str, now: Timestamp) -> SourceClaim {
    let id = store.add_source(&source(address), now).unwrap();
    let claims = store.claim_sources(&due_by(now)).unwrap();
    claims.into_iter().find(|c| c.source.id == id).unwrap()
}

/// Stories in the log, numbered from 1.
pub(super) fn with_stories(store: &mut SqliteStore, titles: &[&str]) {
    let claim = claimed(store, "https://example.org/feed", at(0));
    let stories = (1..).zip(titles).map(|(n, title)| new(draft(n, title))).collect();
    store.record_poll(&record(&claim, at(1), stories)).unwrap();
}

pub(super) fn decision(story: i64, ruling: Ruling, event: Option<i64>) -> Decision {
    Decision {
        story: StoryId(story),
        revision: 1,
        topic: event.map(|_| topic_key()),
        ruling,
        event: event.map(EventId),
        score: 0.5,
        telling: if ruling == Ruling::Opened { Telling::Told(NotificationType::EventOpened) } else { Telling::Silent },
        reasons: vec![Reason {
            stage: Stage::Event,
            text: "it is like the first".to_owned(),
            numbers: vec![("similarity", 0.5), ("threshold", 0.25)],
            story: Some(StoryId(1)),
        }],
        decided_at: at(2),
    }
}

pub(super) fn opened(event: i64, story: i64) -> NewEvent {
    NewEvent {
        id: EventId(event),
        topic: topic_key(),
        title: "An event".to_owned(),
        first_story: StoryId(story),
        opened_at: at(2),
        told_at: Some(at(2)),
    }
}

pub(super) fn notification(word: &str, event: Option<i64>) -> Notification {
    Notification {
        id: NotificationId(format!("msg_{word}")),
        kind: NotificationType::EventOpened,
        topic: Some(topic_key()),
        event: event.map(EventId),
        story: Some(StoryId(1)),
        source: None,
        created_at: at(2),
        body: "{\"type\":\"event.opened\"}".to_owned(),
    }
}

/// Puts notifications into the outbox: word, event, whom.
pub(super) fn told(store: &mut SqliteStore, notifications: &[(&str, Option<i64>, SubscriptionId)]) {
    let notifications = notifications.iter().map(|(w, event, to)| (notification(w, *event), vec![*to])).collect();
    store.commit_decisions(&Commit { notifications, ..Commit::default() }).unwrap();
}

pub(super) fn deliveries_due(now: Timestamp) -> ClaimDeliveries {
    ClaimDeliveries {
        now,
        lease_until: now + SignedDuration::from_mins(1),
        limit: 100,
        unproved_limit: 100,
        slow_limit: 100,
        answers: Arc::default(),
        per_subscription: 10,
        in_flight: BTreeMap::new(),
        eased: BTreeMap::new(),
        settling: 0,
    }
}

pub(super) fn claim_words(store: &mut SqliteStore, now: Timestamp) -> Vec<String> {
    store.claim_deliveries(&deliveries_due(now)).unwrap().into_iter().map(|c| c.notification.id.0).collect()
}

pub(super) fn settlement(claim: &DeliveryClaim, now: Timestamp, verdict: Verdict) -> Settlement {
    Settlement {
        delivery: claim.id,
        subscription: claim.subscription.id,
        fence: claim.fence,
        attempt: Attempt {
            at: now,
            took: Duration::from_millis(5),
            status: Some(200),
            detail: "ok".to_owned(),
            times: 1,
        },
        verdict,
        after: After::default(),
    }
}

pub(super) fn everything(store: &mut SqliteStore) -> DeliveryFilter {
    assert!(store.counts().is_ok());
    DeliveryFilter { limit: 100, ..DeliveryFilter::default() }
}
