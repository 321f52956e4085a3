//! The objects that `--json` prints: the same names and forms as the HTTP API's.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config::Problems;
use crate::model::{
    Arrival, Attempt, Corrected, Decision, Delivery, Event, EventView, Label, LabelView, Origin, Reason, Source,
    SourceKind, Story, StoryState, Subscription, Telling, Topic, WebUrl,
};
use crate::port::{Explained, Revision};
use crate::schedule::Why;
use crate::text::{difference, lead, marked};

use super::explain::COMPARED_CHARS;

fn time(at: Timestamp) -> Value {
    Value::String(at.to_string())
}

fn words<T: ToString>(list: &[T]) -> Vec<String> {
    list.iter().map(T::to_string).collect()
}

/// What is wrong with a configuration or a query.
pub(super) fn problems(problems: &Problems) -> Value {
    let each = problems.told().map(|told| {
        json!({"what": told.what, "found": told.found, "help": told.help, "line": told.line, "column": told.column})
    });
    json!({"file": problems.file(), "problems": each.collect::<Vec<Value>>()})
}

/// The fixed word.
pub(super) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Config => "config",
        Origin::Api => "api",
    }
}

pub(super) fn topic(topic: &Topic) -> Value {
    let spec = &topic.spec;
    json!({
        "id": spec.key.as_str(), "name": spec.name, "query": spec.query, "fresh_hours": spec.fresh.as_secs() / 3_600,
        "stale_days": spec.stale.as_secs() / 86_400, "origin": origin(topic.origin),
    })
}

pub(super) fn source(source: &Source) -> Value {
    let (spec, state) = (&source.spec, &source.state);
    let (kind, select) = match &spec.kind {
        SourceKind::Feed => ("feed", Value::Null),
        SourceKind::List => ("page", Value::Null),
        SourceKind::Page(s) => {
            ("page", json!({"item": s.item, "link": s.link, "title": s.title, "date": s.date, "summary": s.summary}))
        }
    };
    json!({
        "id": source.id.0, "url": spec.url.as_str(), "name": spec.name, "publisher": spec.publisher, "kind": kind,
        "select": select, "lang": spec.lang, "topics": words(&spec.topics),
        "interval_min_minutes": spec.interval_min.as_secs() / 60,
        "interval_max_minutes": spec.interval_max.as_secs() / 60, "priority": spec.priority.label(),
        "full_text": spec.full_text,
        "origin": origin(source.origin), "stories": source.stories,
        "state": {
            "health": state.health.label(), "last_outcome": state.last_outcome, "failures": state.failures,
            "polls": state.polls, "not_modified": state.not_modified, "interval_secs": state.interval.as_secs(),
            "next_poll_at": time(state.next_poll_at), "last_poll_at": state.last_poll_at.map(time),
            "last_good_at": state.last_good_at.map(time), "last_story_at": state.last_story_at.map(time),
        },
    })
}

pub(super) fn subscription(subscription: &Subscription) -> Value {
    let filter = &subscription.spec.filter;
    let types: Vec<_> = filter.types.iter().map(|kind| kind.label()).collect();
    json!({
        "id": subscription.id.0, "name": subscription.spec.name, "url": subscription.spec.endpoint.shown(),
        "topics": words(&filter.topics), "types": types, "updates": filter.updates.to_string(),
        "corrections": filter.corrections.label(), "languages": filter.languages,
        "publishers": filter.publishers, "state": subscription.state.label(),
        "origin": origin(subscription.origin), "created_at": time(subscription.created_at),
    })
}

pub(super) fn event(event: &Event) -> Value {
    json!({
        "id": event.id.0, "topic": event.topic.as_str(), "title": event.title, "first_story": event.first_story.0,
        "opened_at": time(event.opened_at), "changed_at": time(event.changed_at), "told_at": event.told_at.map(time),
        "stories": event.stories, "publishers": event.publishers, "languages": event.languages, "merged_into": event.merged_into.map(|into| into.0),
    })
}

pub(super) fn event_view(view: &EventView) -> Value {
    let stories: Vec<_> =
        view.stories.iter().map(|(s, d)| json!({"story": story(s), "decision": decision(d)})).collect();
    json!({"event": event(&view.event), "stories": stories})
}

/// A source with why it is polled next when it is, and its push channel if it has one.
pub(super) fn source_in_full(of: &Source, why: &Why, paused_until: Option<Timestamp>, push: Option<Value>) -> Value {
    let mut value = source(of);
    if let Some(object) = value.as_object_mut() {
        let schedule = json!({
            "because": why.bound.label(), "stories_per_day": why.per_day, "hour_factor": why.hour,
            "age_factor": why.age, "price_story_minutes": why.price_minutes, "hint_secs": why.hint.as_secs(),
        });
        object.insert("schedule".to_owned(), schedule);
        object.insert("push".to_owned(), push.unwrap_or_default());
        let moving = of.state.moving.as_ref().map(
            |moving| json!({"to": moving.to.as_str(), "since": time(moving.since), "sightings": moving.sightings}),
        );
        object.insert("moving".to_owned(), json!(moving));
        object.insert("moved_from".to_owned(), json!(of.state.moved_from.as_ref().map(WebUrl::as_str)));
        object.insert("paused_until".to_owned(), json!(paused_until.map(time)));
    }
    value
}

pub(super) fn story(story: &Story) -> Value {
    let draft = &story.draft;
    let arrival = match story.arrival {
        Arrival::FirstPoll => "first-poll",
        Arrival::Later => "later",
    };
    let state = match story.state {
        StoryState::AwaitingArticle => "awaiting-article",
        StoryState::Undecided => "undecided",
        StoryState::Decided => "decided",
    };
    json!({
        "id": story.id.0, "source": story.source.0, "url": draft.url, "link": draft.link,
        "publisher": draft.publisher, "title": draft.title, "text": draft.text, "author": draft.author,
        "lang": draft.lang, "published": draft.published.map(time), "seen_at": time(story.seen_at),
        "arrival": arrival, "revision": story.revision, "state": state,
    })
}

fn decision(decision: &Decision) -> Value {
    let told = match decision.telling {
        Telling::Told(kind) => Some(kind.label()),
        Telling::Silent => None,
    };
    let reasons: Vec<_> = decision.reasons.iter().map(reason).collect();
    json!({
        "topic": decision.topic.as_ref().map(ToString::to_string), "revision": decision.revision,
        "ruling": decision.ruling.label(), "copy_of": decision.ruling.copy_of().map(|story| story.0),
        "event": decision.event.map(|event| event.0), "score": decision.score, "told": told, "reasons": reasons,
        "decided_at": time(decision.decided_at),
    })
}

fn reason(reason: &Reason) -> Value {
    let numbers: BTreeMap<_, _> = reason.numbers.iter().copied().collect();
    json!({
        "stage": reason.stage.label(), "text": reason.text, "numbers": numbers,
        "story": reason.story.map(|story| story.0),
    })
}

pub(super) fn delivery(delivery: &Delivery) -> Value {
    let notification = &delivery.notification;
    let (id, name) = &delivery.subscription;
    let attempts: Vec<_> = delivery.attempts.iter().map(attempt).collect();
    json!({
        "id": delivery.id.0,
        "notification": {
            "id": notification.id.0, "type": notification.kind.label(),
            "topic": notification.topic.as_ref().map(ToString::to_string),
            "event": notification.event.map(|event| event.0), "story": notification.story.map(|story| story.0),
            "source": notification.source.map(|source| source.0), "created_at": time(notification.created_at),
        },
        "subscription": {"id": id.0, "name": name}, "state": delivery.state.label(),
        "created_at": time(delivery.created_at), "next_attempt_at": delivery.next_attempt_at.map(time),
        "delivered_at": delivery.delivered_at.map(time), "attempts": attempts,
    })
}

/// A delivery with what it sends.
pub(super) fn delivery_with_payload(of: &Delivery) -> Value {
    let mut value = delivery(of);
    let body = &of.notification.body;
    let payload = serde_json::from_str(body).unwrap_or_else(|_not_json| Value::String(body.clone()));
    if let Some(notification) = value.get_mut("notification").and_then(Value::as_object_mut) {
        notification.insert("payload".to_owned(), payload);
    }
    value
}

fn attempt(attempt: &Attempt) -> Value {
    let took_ms = u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX);
    json!({"at": time(attempt.at), "took_ms": took_ms, "status": attempt.status, "detail": attempt.detail})
}

/// An earlier revision, and what the next one changed of it.
fn edit(old: &Revision, (title, text): (&str, &str)) -> Value {
    let change = |old: &str, new: &str| (old != new).then(|| marked(&difference(old, new)));
    let is_kept = !old.text.is_empty() && !text.is_empty();
    let text = is_kept.then(|| change(lead(&old.text, COMPARED_CHARS), lead(text, COMPARED_CHARS))).flatten();
    json!({
        "revision": old.number, "title": old.title, "replaced_at": time(old.replaced_at),
        "title_change": change(&old.title, title), "text_change": text,
    })
}

fn label(label: &Label) -> Value {
    json!({
        "said": label.said.label(), "topic": label.topic.as_str(), "story": label.story.0,
        "other": label.other.map(|other| other.0), "at": time(label.at),
    })
}

/// What an operator said, with what tuning needs of the stories.
pub(super) fn label_view(id: i64, view: &LabelView) -> Value {
    let brief = |story: &Story| {
        let draft = &story.draft;
        json!({
            "id": story.id.0, "url": draft.url, "title": draft.title, "lang": draft.lang,
            "publisher": draft.publisher, "published": draft.published.map(time), "seen_at": time(story.seen_at),
        })
    };
    json!({
        "id": id, "said": view.label.said.label(), "topic": view.label.topic.as_str(), "at": time(view.label.at),
        "story": brief(&view.story), "other": view.other.as_ref().map(brief),
    })
}

pub(super) fn corrected(done: &Corrected) -> Value {
    let stories: Vec<i64> = done.stories.iter().map(|story| story.0).collect();
    let emptied: Vec<i64> = done.emptied.iter().map(|event| event.0).collect();
    json!({
        "event": done.event.map(|event| event.0), "stories": stories, "emptied": emptied,
        "undecided": done.undecided, "told": done.told,
    })
}

pub(super) fn explained(known: &Explained) -> Value {
    let revisions: Vec<_> = known.edits().map(|(old, new)| edit(old, new)).collect();
    let others: Vec<_> =
        known.others.iter().map(|(id, url, title)| json!({"id": id.0, "url": url, "title": title})).collect();
    let source = &known.source;
    json!({
        "story": story(&known.story),
        "source": {"id": source.id.0, "name": source.spec.name, "publisher": source.spec.publisher},
        "revisions": revisions,
        "labels": known.labels.iter().map(label).collect::<Vec<_>>(),
        "decisions": known.decisions.iter().map(decision).collect::<Vec<_>>(),
        "events": known.events.iter().map(event).collect::<Vec<_>>(),
        "others": others,
        "deliveries": known.deliveries.iter().map(delivery).collect::<Vec<_>>(),
    })
}
