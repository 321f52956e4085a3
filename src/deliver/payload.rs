//! The body of a notification: version 1 of the JSON that subscribers parse.
//!
//! `{"type": ..., "timestamp": ..., "data": {"version": 1, ...}}`. Fields are added, never renamed or removed, within
//! a version; the wire types are private to this file, so that nothing else can change them by the way.

mod disabled;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

pub use disabled::{DisabledPayload, disabled};

use crate::model::{Change, EventId, NotificationType, Reason, SourceHealth, SourceId, StoryId, TopicSpec, WebUrl};

/// A body stays below this, as Standard Webhooks advises; what is too much is left out by [`STEPS`].
const BODY_BYTES_MAX: usize = 20_000;
/// A longer address is told as `null`: cut, it would lead elsewhere.
const URL_BYTES_MAX: usize = 2_048;
const TITLE_CHARS_MAX: usize = 500;
const REASON_CHARS_MAX: usize = 300;
/// Changes are listed up to this.
const CHANGES_MAX: usize = 8;
/// Events that went into one are listed up to this.
const MERGED_MAX: usize = 20;
/// Names of topics, publishers and sources.
const NAME_CHARS_MAX: usize = 200;

/// How much is told, from all that is allowed down to what always fits.
const STEPS: [Fill; 5] = [
    Fill { stories: 20, summary_chars: 400, listed_summary_chars: 400, reasons: 20 },
    Fill { stories: 20, summary_chars: 400, listed_summary_chars: 0, reasons: 20 },
    Fill { stories: 10, summary_chars: 400, listed_summary_chars: 0, reasons: 10 },
    Fill { stories: 3, summary_chars: 400, listed_summary_chars: 0, reasons: 5 },
    Fill { stories: 0, summary_chars: 200, listed_summary_chars: 0, reasons: 1 },
];

#[derive(Clone, Copy)]
struct Fill {
    stories: usize,
    summary_chars: usize,
    listed_summary_chars: usize,
    reasons: usize,
}

/// What an event's notification tells.
#[derive(Debug, Clone)]
pub struct EventPayload<'a> {
    /// The topic.
    pub topic: &'a TopicSpec,
    /// The event's number.
    pub event: EventId,
    /// When it was opened.
    pub event_opened_at: Timestamp,
    /// Its title.
    pub title: &'a str,
    /// The story that caused the notification.
    pub story: StoryPayload<'a>,
    /// All its stories so far, oldest first; of more than 20 the first and the newest are listed.
    pub stories: Vec<StoryPayload<'a>>,
    /// How many publishers tell of it.
    pub publishers: u32,
    /// Why the story belongs there.
    pub reasons: &'a [Reason],
    /// Why it is told: `opened`, `publisher` (one more tells it), `story` (the same one tells more), `correction` or
    /// `merged`.
    pub why: &'a str,
    /// What is told otherwise than before.
    pub changes: &'a [Change],
    /// The events that went into this one.
    pub merged: &'a [MergedPayload<'a>],
}

/// An event that went into another.
#[derive(Debug, Clone, Copy)]
pub struct MergedPayload<'a> {
    /// Its number, under which it was told.
    pub event: EventId,
    /// Its title.
    pub title: &'a str,
}

/// A story as told.
#[derive(Debug, Clone)]
pub struct StoryPayload<'a> {
    /// Its number.
    pub id: StoryId,
    /// Its canonical address; empty where it has none.
    pub url: &'a str,
    /// Its address as published; empty where it has none.
    pub link: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Who publishes it.
    pub publisher: &'a str,
    /// Its language.
    pub lang: Option<&'a str>,
    /// When it was published, as the publisher says.
    pub published: Option<Timestamp>,
    /// When tidings saw it first.
    pub seen_at: Timestamp,
    /// Its text or summary; told up to 400 characters, cut between words.
    pub summary: &'a str,
    /// What it is ([`crate::model::Ruling::label`]).
    pub ruling: &'static str,
}

/// What a source's notification tells.
#[derive(Debug, Clone)]
pub struct SourcePayload<'a> {
    /// Its number.
    pub id: SourceId,
    /// What people call it.
    pub name: &'a str,
    /// Its address; told without user, query and fragment, which may hold keys.
    pub url: &'a WebUrl,
    /// Who publishes there.
    pub publisher: &'a str,
    /// How it is, after the poll.
    pub health: SourceHealth,
    /// Failed polls in a row.
    pub failures: u32,
    /// The last poll's outcome in words.
    pub last_outcome: &'a str,
    /// When a poll last succeeded.
    pub last_good_at: Option<Timestamp>,
    /// When it is polled next; told as `null` when it is gone.
    pub next_poll_at: Timestamp,
}

/// Renders `event.opened`, `event.updated` or `event.merged`.
pub fn event(kind: NotificationType, at: Timestamp, view: &EventPayload<'_>) -> String {
    let mut body = String::new();
    for fill in STEPS {
        body = render(kind, at, &event_data(view, fill));
        if body.len() <= BODY_BYTES_MAX {
            break;
        }
    }
    body
}

/// Renders `source.failing` or `source.recovered`.
pub fn source(kind: NotificationType, at: Timestamp, view: &SourcePayload<'_>) -> String {
    let data = SourceData {
        version: 1,
        source: SourceWire {
            id: view.id.0,
            name: cut(view.name, NAME_CHARS_MAX),
            url: cut(&view.url.redacted(), URL_BYTES_MAX),
            publisher: cut(view.publisher, NAME_CHARS_MAX),
        },
        health: view.health.label(),
        failures: view.failures,
        last_outcome: cut(view.last_outcome, TITLE_CHARS_MAX),
        last_good_at: view.last_good_at.map(time),
        next_poll_at: (view.health != SourceHealth::Gone).then(|| time(view.next_poll_at)),
    };
    render(kind, at, &data)
}

/// Renders `subscription.test` for the subscription of that name.
pub fn test(at: Timestamp, subscription: &str) -> String {
    let data = TestData {
        version: 1,
        subscription: cut(subscription, NAME_CHARS_MAX),
        message: "a test: this endpoint receives notifications from tidings",
    };
    render(NotificationType::SubscriptionTest, at, &data)
}

#[derive(Serialize)]
struct Envelope<'a, D> {
    r#type: &'static str,
    timestamp: String,
    data: &'a D,
}

#[derive(Serialize)]
struct EventData<'a> {
    version: u32,
    why: &'a str,
    topic: TopicWire<'a>,
    event: EventWire,
    story: StoryWire<'a>,
    stories: Vec<StoryWire<'a>>,
    stories_total: usize,
    reasons: Vec<ReasonWire>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<ChangeWire>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    merged: Vec<MergedWire>,
}

#[derive(Serialize)]
struct ChangeWire {
    kind: &'static str,
    now: String,
    before: Option<String>,
}

#[derive(Serialize)]
struct MergedWire {
    id: i64,
    title: String,
}

#[derive(Serialize)]
struct TopicWire<'a> {
    id: &'a str,
    name: String,
}

#[derive(Serialize)]
struct EventWire {
    id: i64,
    title: String,
    opened_at: String,
    publishers: u32,
}

#[derive(Serialize)]
struct StoryWire<'a> {
    id: i64,
    url: Option<&'a str>,
    link: Option<&'a str>,
    title: String,
    publisher: String,
    lang: Option<String>,
    published: Option<String>,
    seen_at: String,
    ruling: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    summary: String,
}

#[derive(Serialize)]
struct ReasonWire {
    stage: &'static str,
    text: String,
    numbers: BTreeMap<&'static str, f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    story: Option<i64>,
}

#[derive(Serialize)]
struct SourceData {
    version: u32,
    source: SourceWire,
    health: &'static str,
    failures: u32,
    last_outcome: String,
    last_good_at: Option<String>,
    next_poll_at: Option<String>,
}

#[derive(Serialize)]
struct SourceWire {
    id: i64,
    name: String,
    url: String,
    publisher: String,
}

#[derive(Serialize)]
struct TestData {
    version: u32,
    subscription: String,
    message: &'static str,
}

fn render<D: Serialize>(kind: NotificationType, at: Timestamp, data: &D) -> String {
    let envelope = Envelope { r#type: kind.label(), timestamp: time(at), data };
    serde_json::to_string(&envelope).expect("wire types hold no maps with other keys than text and no failing fields")
}

fn event_data<'a>(view: &EventPayload<'a>, fill: Fill) -> EventData<'a> {
    let total = view.stories.len();
    // The first and the newest: what opened the event, and how it stands.
    let newest_from = total.saturating_sub(fill.stories.saturating_sub(1)).max(1);
    let listed = view.stories.iter().enumerate().filter(|(i, _)| fill.stories > 0 && (*i == 0 || *i >= newest_from));
    EventData {
        version: 1,
        why: view.why,
        topic: TopicWire { id: view.topic.key.as_str(), name: cut(&view.topic.name, NAME_CHARS_MAX) },
        event: EventWire {
            id: view.event.0,
            title: cut(view.title, TITLE_CHARS_MAX),
            opened_at: time(view.event_opened_at),
            publishers: view.publishers,
        },
        story: story_wire(&view.story, fill.summary_chars),
        stories: listed.map(|(_, story)| story_wire(story, fill.listed_summary_chars)).collect(),
        stories_total: total,
        reasons: view.reasons.iter().take(fill.reasons).map(reason_wire).collect(),
        changes: view.changes.iter().take(CHANGES_MAX).map(change_wire).collect(),
        merged: view.merged.iter().take(MERGED_MAX).map(merged_wire).collect(),
    }
}

fn change_wire(change: &Change) -> ChangeWire {
    ChangeWire {
        kind: change.kind.label(),
        now: cut(&change.now, NAME_CHARS_MAX),
        before: change.before.as_deref().map(|before| cut(before, NAME_CHARS_MAX)),
    }
}

fn merged_wire(merged: &MergedPayload<'_>) -> MergedWire {
    MergedWire { id: merged.event.0, title: cut(merged.title, NAME_CHARS_MAX) }
}

fn story_wire<'a>(story: &StoryPayload<'a>, summary_chars: usize) -> StoryWire<'a> {
    let address = |text: &'a str| Some(text).filter(|t| !t.is_empty() && t.len() <= URL_BYTES_MAX);
    StoryWire {
        id: story.id.0,
        url: address(story.url),
        link: address(story.link),
        title: cut(story.title, TITLE_CHARS_MAX),
        publisher: cut(story.publisher, NAME_CHARS_MAX),
        lang: story.lang.map(|lang| cut(lang, NAME_CHARS_MAX)),
        published: story.published.map(time),
        seen_at: time(story.seen_at),
        ruling: story.ruling,
        summary: cut(story.summary, summary_chars),
    }
}

fn reason_wire(reason: &Reason) -> ReasonWire {
    // Four decimals tell all that a threshold compares; a number that JSON has no word for is left out.
    let rounded = |n: f64| (n * 10_000.0).round() / 10_000.0;
    let numbers = reason.numbers.iter().filter(|(_, n)| n.is_finite()).map(|(name, n)| (*name, rounded(*n)));
    ReasonWire {
        stage: reason.stage.label(),
        text: cut(&reason.text, REASON_CHARS_MAX),
        numbers: numbers.take(20).collect(),
        story: reason.story.map(|id| id.0),
    }
}

/// RFC 3339 in UTC, to the millisecond.
pub(super) fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// The text up to `chars_max` characters, cut before a word where it is cut, with an ellipsis in the place of the rest.
///
/// Control characters become spaces: they mean nothing here, and escaped they are six bytes each.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    let text = text.trim();
    let mut rest = text.chars();
    let next = rest.nth(chars_max);
    let end = text.len() - rest.as_str().len() - next.map_or(0, char::len_utf8);
    let mut head = text.get(..end).unwrap_or_default().to_owned();
    // The first byte of every one of them is one of few; bytes are gone through faster than characters.
    if head.bytes().any(|byte| matches!(byte, 0..=0x1f | 0x7f | 0xc2)) && head.contains(char::is_control) {
        head = head.replace(char::is_control, " ");
    }
    let Some(next) = next else { return head };
    if chars_max == 0 {
        return String::new();
    }
    let border = if next.is_whitespace() { None } else { head.rsplit_once(char::is_whitespace) };
    // A script without spaces, or one endless word, is cut where it must be.
    let kept = border.map_or(head.as_str(), |(before, _)| before);
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests;
