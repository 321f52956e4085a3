use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::model::{Stage, TopicKey, TopicSpan};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a timestamp")
}

fn topic() -> TopicSpec {
    TopicSpec {
        key: TopicKey::parse("resolution").expect("a key"),
        name: "UN resolutions".to_owned(),
        query: "resolution".to_owned(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(7 * 24),
        span: TopicSpan::default(),
    }
}

fn story<'a>(id: i64, title: &'a str, summary: &'a str) -> StoryPayload<'a> {
    StoryPayload {
        id: StoryId(id),
        url: "https://press.un.org/en/1",
        link: "https://press.un.org/en/1?utm_source=rss",
        title,
        publisher: "press.un.org",
        lang: Some("en"),
        published: Some(at("2026-11-24T15:00:00Z")),
        seen_at: at("2026-11-24T15:01:02.345678Z"),
        summary,
        ruling: "opened",
    }
}

fn view<'a>(topic: &'a TopicSpec, stories: Vec<StoryPayload<'a>>, reasons: &'a [Reason]) -> EventPayload<'a> {
    EventPayload {
        topic,
        event: EventId(7),
        event_opened_at: at("2026-11-24T15:01:03Z"),
        title: "Council adopts text",
        story: stories.last().expect("a story").clone(),
        stories,
        publishers: 1,
        reasons,
        why: "opened",
        changes: &[],
        merged: &[],
    }
}

fn pretty(body: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(body).expect("JSON");
    serde_json::to_string_pretty(&value).expect("JSON")
}

#[test]
fn an_event_is_told_with_topic_story_stories_and_reasons() {
    let reasons = [Reason {
        stage: Stage::Topic,
        text: "title holds \"adopts\"".to_owned(),
        numbers: vec![("score", 0.1 + 0.2), ("odd", f64::NAN)],
        story: Some(StoryId(3)),
    }];
    let topic = topic();
    let view = view(&topic, vec![story(4, "Council adopts text", "The Security Council today ...")], &reasons);
    let body = event(NotificationType::EventOpened, at("2026-11-24T15:01:04Z"), &view);
    insta::assert_snapshot!(pretty(&body), @r#"
    {
      "data": {
        "event": {
          "id": 7,
          "opened_at": "2026-11-24T15:01:03.000Z",
          "publishers": 1,
          "title": "Council adopts text"
        },
        "reasons": [
          {
            "numbers": {
              "score": 0.3
            },
            "stage": "topic",
            "story": 3,
            "text": "title holds \"adopts\""
          }
        ],
        "stories": [
          {
            "id": 4,
            "lang": "en",
            "link": "https://press.un.org/en/1?utm_source=rss",
            "published": "2026-11-24T15:00:00.000Z",
            "publisher": "press.un.org",
            "ruling": "opened",
            "seen_at": "2026-11-24T15:01:02.345Z",
            "summary": "The Security Council today ...",
            "title": "Council adopts text",
            "url": "https://press.un.org/en/1"
          }
        ],
        "stories_total": 1,
        "story": {
          "id": 4,
          "lang": "en",
          "link": "https://press.un.org/en/1?utm_source=rss",
          "published": "2026-11-24T15:00:00.000Z",
          "publisher": "press.un.org",
          "ruling": "opened",
          "seen_at": "2026-11-24T15:01:02.345Z",
          "summary": "The Security Council today ...",
          "title": "Council adopts text",
          "url": "https://press.un.org/en/1"
        },
        "topic": {
          "id": "resolution",
          "name": "UN resolutions"
        },
        "version": 1,
        "why": "opened"
      },
      "timestamp": "2026-11-24T15:01:04.000Z",
      "type": "event.opened"
    }
    "#);
}

#[test]
fn a_source_is_told_without_its_addresss_keys() {
    let url = WebUrl::parse("https://user:pw@example.org/feed?token=secret#x").expect("an address");
    let view = SourcePayload {
        id: SourceId(2),
        name: "Example",
        url: &url,
        publisher: "example.org",
        health: SourceHealth::Failing,
        failures: 5,
        last_outcome: "timeout: no answer within 60 s",
        last_good_at: None,
        next_poll_at: at("2026-11-24T16:00:00Z"),
    };
    let body = source(NotificationType::SourceFailing, at("2026-11-24T15:00:00Z"), &view);
    insta::assert_snapshot!(pretty(&body), @r#"
    {
      "data": {
        "failures": 5,
        "health": "failing",
        "last_good_at": null,
        "last_outcome": "timeout: no answer within 60 s",
        "next_poll_at": "2026-11-24T16:00:00.000Z",
        "source": {
          "id": 2,
          "name": "Example",
          "publisher": "example.org",
          "url": "https://example.org/feed"
        },
        "version": 1
      },
      "timestamp": "2026-11-24T15:00:00.000Z",
      "type": "source.failing"
    }
    "#);
    let gone = SourcePayload { health: SourceHealth::Gone, ..view };
    assert!(source(NotificationType::SourceFailing, Timestamp::UNIX_EPOCH, &gone).contains("\"next_poll_at\":null"));
}

#[test]
fn a_test_names_its_subscription() {
    insta::assert_snapshot!(test(at("2026-11-24T15:00:00Z"), "newsroom"), @r#"{"type":"subscription.test","timestamp":"2026-11-24T15:00:00.000Z","data":{"version":1,"subscription":"newsroom","message":"a test: this endpoint receives notifications from tidings"}}"#);
}

#[test]
fn of_many_stories_the_first_and_the_newest_are_listed() {
    let topic = topic();
    let view = view(&topic, (1..=30).map(|id| story(id, "Title", "")).collect(), &[]);
    let body = event(NotificationType::EventUpdated, Timestamp::UNIX_EPOCH, &view);
    let value: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let ids: Vec<_> = value["data"]["stories"].as_array().expect("a list").iter().map(|s| s["id"].as_i64()).collect();
    assert_eq!(ids, std::iter::once(1).chain(12..=30).map(Some).collect::<Vec<_>>());
    assert_eq!(value["data"]["stories_total"], 30);
}

#[test]
fn a_summary_is_cut_between_words() {
    assert_eq!(cut("one two three", 13), "one two three");
    assert_eq!(cut("one two three", 12), "one two…");
    assert_eq!(cut("one two three", 7), "one two…");
    assert_eq!(cut("  one\ntwo ", 10), "one two");
    assert_eq!(cut("一二三四五六", 3), "一二三…");
    assert_eq!(cut("anything", 0), "");
}

proptest! {
    #[test]
    fn a_body_is_json_of_bounded_size_whatever_the_texts(
        text in "\\PC{0,900}|[\u{10000}-\u{10FFF}\\\\\"\u{1}]{400,900}",
        stories in 1i64..40,
        reasons in 0usize..40,
    ) {
        let topic = TopicSpec { name: text.clone(), ..topic() };
        let reason = Reason { stage: Stage::Event, text: text.clone(), numbers: vec![("score", 1.0)], story: None };
        let reasons = vec![reason; reasons];
        let story = |id| StoryPayload { url: &text, link: &text, publisher: &text, lang: Some(&text), ..story(id, &text, &text) };
        let view = EventPayload { title: &text, ..view(&topic, (0..stories).map(story).collect(), &reasons) };
        let body = event(NotificationType::EventUpdated, Timestamp::UNIX_EPOCH, &view);
        prop_assert!(body.len() <= BODY_BYTES_MAX, "{}", body.len());
        let value: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        prop_assert_eq!(&value["type"], "event.updated");
        prop_assert_eq!(&value["data"]["version"], 1);
    }
}

#[test]
fn a_disabled_subscription_is_told_without_its_secrets_and_with_what_to_do() {
    use crate::model::{
        DisabledReason, Endpoint, Filter, Origin, Secret, Subscription, SubscriptionId, SubscriptionSpec,
    };
    let url = WebUrl::parse("https://user:pw@example.org/hook?token=hidden").expect("an address");
    let subscription = Subscription {
        id: SubscriptionId(3),
        spec: SubscriptionSpec::new("newsroom", Endpoint::webhook(url, Secret::new("whsec_hidden")), Filter::default()),
        origin: Origin::Config,
        state: crate::model::SubscriptionState::Active,
        created_at: Timestamp::UNIX_EPOCH,
    };
    let view = DisabledPayload {
        subscription: &subscription,
        reason: DisabledReason::Failing,
        failing_since: Some(at("2026-11-19T15:00:00Z")),
        failures: 124,
        last_outcome: "status 500: no such table",
    };
    insta::assert_snapshot!(disabled(at("2026-11-24T15:00:00Z"), &view), @r#"{"type":"subscription.disabled","timestamp":"2026-11-24T15:00:00.000Z","data":{"version":1,"subscription":{"id":3,"name":"newsroom","kind":"webhook","endpoint":"https://example.org/hook"},"reason":"failing","failing_since":"2026-11-19T15:00:00.000Z","failures":124,"last_outcome":"status 500: no such table","help":"what it misses is kept; when the endpoint is well again: tidings subscription enable 3"}}"#);
}
