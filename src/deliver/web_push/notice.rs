//! What the service worker shows: a few lines and an address, made of the notification's body.

use serde::{Deserialize, Serialize};

use crate::model::{Notification, NotificationType, WebUrl};

/// Plain bytes of a message that every push service takes: its 4096 less head (86), delimiter (1) and tag (16).
pub const PLAIN_BYTES_MAX: usize = 3_993;
/// Of a longer title the rest is cut, of a longer text too: no device shows more.
const TITLE_BYTES_MAX: usize = 500;
const BODY_BYTES_MAX: usize = 1_000;
/// In place of what was cut.
const ELLIPSIS: char = '…';

/// How long a message may be: the most, or less for a push service that refused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// All that push services must take.
    Whole,
    /// A kilobyte.
    Short,
    /// What a headline needs.
    Scant,
}

impl Room {
    /// The next smaller one.
    pub fn less(self) -> Option<Self> {
        match self {
            Self::Whole => Some(Self::Short),
            Self::Short => Some(Self::Scant),
            Self::Scant => None,
        }
    }

    /// Bytes of the plain message at most.
    pub fn bytes(self) -> usize {
        match self {
            Self::Whole => PLAIN_BYTES_MAX,
            Self::Short => 1_000,
            Self::Scant => 250,
        }
    }
}

/// A notification as a device shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The headline.
    pub title: String,
    /// The lines below it.
    pub body: String,
    /// What a click opens; `None`: the readers' page.
    pub url: Option<String>,
    /// A later notice with the same tag takes this one's place.
    pub tag: String,
    /// The language of the title.
    pub lang: Option<String>,
}

/// The parts of `payload`'s version 1 that are shown.
#[derive(Deserialize)]
struct Told {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    why: String,
    event: Option<EventTold>,
    story: Option<StoryTold>,
    #[serde(default)]
    changes: Vec<ChangeTold>,
    #[serde(default)]
    merged: Vec<MergedTold>,
    source: Option<SourceTold>,
    #[serde(default)]
    last_outcome: String,
    #[serde(default)]
    count: usize,
}

#[derive(Deserialize)]
struct EventTold {
    title: String,
    publishers: u32,
}

#[derive(Deserialize)]
struct StoryTold {
    url: Option<String>,
    link: Option<String>,
    title: String,
    publisher: String,
    lang: Option<String>,
    #[serde(default)]
    summary: String,
}

#[derive(Deserialize)]
struct ChangeTold {
    #[serde(default)]
    kind: String,
    now: String,
    before: Option<String>,
}

#[derive(Deserialize)]
struct MergedTold {
    title: String,
}

#[derive(Deserialize)]
struct SourceTold {
    name: String,
}

/// What goes over the wire; the worker in server/pages reads it.
#[derive(Serialize)]
struct Wire<'a> {
    v: u8,
    r#type: &'static str,
    title: &'a str,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    tag: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lang: Option<&'a str>,
}

impl Notice {
    /// Says in few words what a notification tells. A body that can't be read is shown as news without words, never as
    /// nothing: browsers withdraw a permission that brings silent pushes.
    pub fn of(notification: &Notification) -> Self {
        let tag = match (notification.event, notification.source) {
            (Some(event), _) => format!("event-{event}"),
            (None, Some(source)) => format!("source-{source}"),
            (None, None) => "tidings".to_owned(),
        };
        let plain =
            |title: &str, body: String| Self { title: title.to_owned(), body, url: None, tag: tag.clone(), lang: None };
        let told = serde_json::from_str::<Told>(&notification.body).ok().map(|told| told.data);
        match (notification.kind, told) {
            (NotificationType::SubscriptionTest, _) => {
                plain("A test", "This device receives notifications from tidings.".to_owned())
            }
            (NotificationType::Digest, Some(Data { count, .. })) => plain(&format!("News: {count}"), String::new()),
            (NotificationType::SourceFailing, Some(Data { source: Some(source), last_outcome, .. })) => {
                plain(&format!("{} is failing", source.name), last_outcome)
            }
            (NotificationType::SourceRecovered, Some(Data { source: Some(source), .. })) => {
                plain(&format!("{} is well again", source.name), String::new())
            }
            (_, Some(Data { event: Some(event), story: Some(story), why, changes, merged, .. })) => {
                let (title, body) = words(&why, &event, &story, &changes, &merged);
                let link = story.link.or(story.url).filter(|address| WebUrl::parse(address).is_ok());
                Self { url: link, lang: story.lang, ..plain(&title, body) }
            }
            (_, _) => plain("News from tidings", String::new()),
        }
    }

    /// Writes it as the JSON that the worker reads, in `room`. What is too long loses the end of its text first, then of
    /// its title, at a character's border; an address that leaves no room for words is left out.
    pub fn write(&self, kind: NotificationType, room: Room) -> String {
        let json = |title: &str, body: &str, url: Option<&str>| {
            let lang = self.lang.as_deref().filter(|lang| lang.len() <= 35);
            let wire = Wire { v: 1, r#type: kind.label(), title, body, url, tag: &self.tag, lang };
            // Texts and a number are always JSON.
            serde_json::to_string(&wire).unwrap_or_default()
        };
        let most = room.bytes();
        let left_by = |url: Option<&str>| most.saturating_sub(json("", "", url).len());
        let url = self.url.as_deref().filter(|url| left_by(Some(url)) >= most / 2);
        let left = left_by(url);
        let title = cut(&self.title, left.min(TITLE_BYTES_MAX));
        let body = cut(&self.body, left.saturating_sub(written(&title)).min(BODY_BYTES_MAX));
        json(&title, &body, url)
    }
}

/// Title and text of an event's notification.
fn words(
    why: &str,
    event: &EventTold,
    story: &StoryTold,
    changes: &[ChangeTold],
    merged: &[MergedTold],
) -> (String, String) {
    let publisher = &story.publisher;
    let titled = |title: &str| if title.is_empty() { "(untitled)".to_owned() } else { title.to_owned() };
    let change = changes.first().map(|change| match &change.before {
        // What it is now is the notice's own title.
        Some(before) if change.kind == "title" => format!("before: {before}"),
        Some(before) => format!("now {}, before {before}", change.now),
        None => format!("now {}", change.now),
    });
    let news = |lead: String| match &change {
        Some(change) => format!("{lead} ({change})"),
        None => lead,
    };
    match why {
        "publisher" => {
            let lead = format!("{} publishers tell of it; {publisher}: {}", event.publishers, titled(&story.title));
            (titled(&event.title), news(lead))
        }
        "story" => (titled(&event.title), news(format!("{publisher}: {}", titled(&story.title)))),
        "correction" => (titled(&story.title), news(format!("{publisher} changed its story"))),
        "merged" => {
            let others: Vec<_> = merged.iter().map(|other| other.title.as_str()).collect();
            (titled(&event.title), format!("Told apart before, and the same: {}", others.join("; ")))
        }
        _ if story.summary.is_empty() => (titled(&story.title), publisher.clone()),
        _ => (titled(&story.title), format!("{publisher}: {}", story.summary)),
    }
}

/// The bytes of a text as JSON writes it, quotes aside.
fn written(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(c: char) -> usize {
    match c {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\x1f' => 6,
        _ => c.len_utf8(),
    }
}

/// The text up to `most` bytes as JSON writes it, with an ellipsis in the place of the rest.
fn cut(text: &str, most: usize) -> String {
    if written(text) <= most {
        return text.to_owned();
    }
    let Some(mut left) = most.checked_sub(ELLIPSIS.len_utf8()) else { return String::new() };
    let fits = |c: &char| match left.checked_sub(width(*c)) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let head: String = text.chars().take_while(fits).collect();
    format!("{}{ELLIPSIS}", head.trim_end())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::model::{EventId, NotificationId, SourceId};

    fn told(kind: NotificationType, data: &str) -> Notice {
        let event = data.contains("\"event\"").then_some(EventId(7));
        let source = data.contains("\"source\"").then_some(SourceId(3));
        Notice::of(&Notification {
            id: NotificationId("msg_1".to_owned()),
            kind,
            topic: None,
            event,
            story: None,
            source,
            created_at: Timestamp::UNIX_EPOCH,
            body: format!("{{\"type\": \"x\", \"timestamp\": \"t\", \"data\": {data}}}"),
        })
    }

    fn event(why: &str, rest: &str) -> String {
        let notice = told(
            NotificationType::EventUpdated,
            &format!(
                r#"{{"version": 1, "why": {why:?}, "event": {{"id": 7, "title": "Council votes", "publishers": 3}},
                "story": {{"url": "https://press.example/1", "link": "https://press.example/1?a=b", "title": "Budget passed",
                "publisher": "press.example", "lang": "en", "summary": "By 12 votes."}}{rest}}}"#
            ),
        );
        assert_eq!((notice.tag.as_str(), notice.url.as_deref()), ("event-7", Some("https://press.example/1?a=b")));
        format!("{} / {}", notice.title, notice.body)
    }

    #[test]
    fn a_notice_says_in_a_line_what_happened() {
        let change = r#", "changes": [{"kind": "number", "now": "14", "before": "12"}]"#;
        assert_eq!(event("opened", ""), "Budget passed / press.example: By 12 votes.");
        assert_eq!(event("publisher", ""), "Council votes / 3 publishers tell of it; press.example: Budget passed");
        assert_eq!(event("story", change), "Council votes / press.example: Budget passed (now 14, before 12)");
        assert_eq!(event("correction", change), "Budget passed / press.example changed its story (now 14, before 12)");
        assert_eq!(
            event("merged", r#", "merged": [{"id": 9, "title": "Vote in council"}]"#),
            "Council votes / Told apart before, and the same: Vote in council"
        );
        let failing = r#"{"source": {"name": "Press"}, "last_outcome": "status: 503"}"#;
        let failing = told(NotificationType::SourceFailing, failing);
        assert_eq!((failing.title.as_str(), failing.body.as_str()), ("Press is failing", "status: 503"));
        assert_eq!(failing.tag, "source-3");
    }

    #[test]
    fn a_notification_that_can_not_be_read_is_shown_all_the_same() {
        let notice = told(NotificationType::EventOpened, "[]");
        assert_eq!(notice.title, "News from tidings");
        let hostile = r#"{"event": {"title": "", "publishers": 1},
            "story": {"url": null, "link": "javascript:alert(1)", "title": "", "publisher": "p", "lang": null}}"#;
        let notice = told(NotificationType::EventOpened, hostile);
        assert_eq!((notice.title.as_str(), notice.url), ("(untitled)", None));
    }

    proptest! {
        #[test]
        fn a_notice_always_fits_and_stays_json(
            title in "\\PC{0,700}|[\"\\\\\u{1}]{0,3000}",
            body in ".{0,2000}",
            path in "[a-z]{0,2500}",
            lang in proptest::option::of(".{0,60}"),
        ) {
            let url = Some(format!("https://press.example/{path}"));
            let notice = Notice { title, body, url, tag: "event-9223372036854775807".to_owned(), lang };
            for room in [Room::Whole, Room::Short, Room::Scant] {
                let json = notice.write(NotificationType::SubscriptionTest, room);
                prop_assert!(json.len() <= room.bytes(), "{} of {}", json.len(), room.bytes());
                let read: serde_json::Value = serde_json::from_str(&json).unwrap();
                let shown = read["title"].as_str().unwrap();
                prop_assert!(!shown.is_empty() || notice.title.is_empty());
                prop_assert!(notice.title.starts_with(shown.trim_end_matches(ELLIPSIS)));
            }
        }
    }
}
