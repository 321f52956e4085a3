//! A notification as a person reads it: a heading, a title, a few lines. What every format is made of.

use serde_json::Value;

use super::text::{line, within};
use super::{digest, event};

/// No service shows longer ones whole.
const TITLE_CHARS_MAX: usize = 300;
const LINE_CHARS_MAX: usize = 500;
const HEADING_CHARS_MAX: usize = 120;
/// Lines of the longest digest: some of its entries take two.
const LINES_MAX: usize = 300;
/// A longer address is left out: cut, it would lead elsewhere.
const LINK_BYTES_MAX: usize = 1_500;

/// A line of text, and where it leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Visible text, one line.
    pub(super) text: String,
    /// An absolute web address of ASCII.
    pub(super) link: Option<String>,
}

/// A notification in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// What happened: `Correction`.
    pub(super) what: String,
    /// What happened, and to which topic: `Correction: UN resolutions`.
    pub(super) heading: String,
    /// The event's title, or the source's name; never empty.
    pub(super) title: Line,
    /// What there is to say.
    pub(super) lines: Vec<Line>,
    /// So many of the lines say it in brief.
    pub(super) brief: usize,
    /// How many tell of it, in how many languages; may be empty.
    pub(super) footer: String,
    /// The topic's id, where there is one.
    pub(super) topic: Option<String>,
    /// The topic's name, one short line; empty where there is none.
    pub(super) place: String,
    /// The event, where it is about one: the same text for all that is told of it, of letters, digits and dots.
    pub(super) event: Option<String>,
    /// Whether something was told before of what this is about.
    pub(super) is_update: bool,
    /// Whether it tells of several things, a line each.
    pub(super) is_digest: bool,
}

impl Message {
    /// Reads the body of a notification, of any type and version: what is not known is told by what it holds.
    pub(super) fn read(body: &str) -> Self {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let kind = text(&body, "/type").unwrap_or_default();
        let data = body.get("data").unwrap_or(&Value::Null);
        match digest::entries(kind, data) {
            Some(entries) => digest::message(data, &entries).bounded(),
            None => Self::of(kind, data),
        }
    }

    /// Reads what a notification of type `kind` says in `data`.
    pub(super) fn of(kind: &str, data: &Value) -> Self {
        let message = match kind {
            "event.opened" | "event.updated" | "event.merged" if data.get("event").is_some() => {
                event::message(kind, data)
            }
            "source.failing" | "source.recovered" if data.get("source").is_some() => source(kind, data),
            "subscription.disabled" if data.get("subscription").is_some() => disabled(data),
            "subscription.test" => Self {
                heading: "Test".to_owned(),
                title: Line::of(text(data, "/message").unwrap_or("a test from tidings"), None),
                ..Self::empty()
            },
            _ => other(kind, data),
        };
        message.bounded()
    }

    fn bounded(mut self) -> Self {
        if self.what.is_empty() {
            self.what.clone_from(&self.heading);
        }
        self.heading = capped(&self.heading, HEADING_CHARS_MAX);
        if self.title.text.is_empty() {
            "(untitled)".clone_into(&mut self.title.text);
        }
        self.title.text = capped(&self.title.text, TITLE_CHARS_MAX);
        self.lines.retain(|line| !line.text.is_empty());
        self.lines.truncate(LINES_MAX);
        for line in &mut self.lines {
            line.text = capped(&line.text, LINE_CHARS_MAX);
        }
        self
    }

    pub(super) fn empty() -> Self {
        Self {
            what: String::new(),
            heading: String::new(),
            title: Line::default(),
            lines: Vec::new(),
            brief: 0,
            footer: String::new(),
            topic: None,
            place: String::new(),
            event: None,
            is_update: false,
            is_digest: false,
        }
    }

    /// Where what is new stands, of something that was told before.
    pub(super) fn news_link(&self) -> Option<&str> {
        self.lines.iter().find_map(|line| line.link.as_deref()).filter(|_| self.is_update)
    }

    /// Heading and title in one line, for fields that are one.
    pub(super) fn headline(&self) -> String {
        format!("{} - {}", self.heading, self.title.text)
    }
}

impl Line {
    /// In the place of lines for which there is no room.
    pub(super) fn more(count: usize) -> Self {
        Self { text: format!("and {count} more"), link: None }
    }

    pub(super) fn of(text: &str, link: Option<&str>) -> Self {
        Self { text: line(text), link: link.and_then(address) }
    }

    /// Of what was cleaned part by part: isolates stay.
    pub(super) fn of_trusted(text: String) -> Self {
        Self { text, link: None }
    }
}

fn source(kind: &str, data: &Value) -> Message {
    let failing = kind == "source.failing";
    let health = text(data, "/health").unwrap_or_default();
    let mut lines = Vec::new();
    if failing {
        let failures = data.get("failures").and_then(Value::as_u64).unwrap_or(0);
        lines.push(Line::of(text(data, "/last_outcome").unwrap_or_default(), None));
        if health != "silent" {
            lines.push(Line::of(&format!("{failures} failed polls in a row"), None));
        }
        if let Some(good) = text(data, "/last_good_at") {
            lines.push(Line::of(&format!("last good poll: {good}"), None));
        }
        if let Some(next) = text(data, "/next_poll_at") {
            lines.push(Line::of(&format!("next poll: {next}"), None));
        }
    }
    let heading = match (failing, health) {
        (true, "gone") => "Source gone",
        (true, "silent") => "Source silent",
        (true, _) => "Source failing",
        (false, _) => "Source well again",
    };
    Message {
        heading: heading.to_owned(),
        title: Line::of(text(data, "/source/name").unwrap_or_default(), text(data, "/source/url")),
        lines,
        brief: 1,
        footer: within(text(data, "/source/publisher").unwrap_or_default()),
        is_update: !failing,
        ..Message::empty()
    }
}

fn disabled(data: &Value) -> Message {
    let failures = data.get("failures").and_then(Value::as_u64).unwrap_or(0);
    let reason = match text(data, "/reason").unwrap_or_default() {
        "gone" => "its endpoint says that it is gone".to_owned(),
        "failing" => match text(data, "/failing_since") {
            Some(since) => format!("failing since {since}, {failures} attempts in a row"),
            None => "its endpoint fails".to_owned(),
        },
        other => other.to_owned(),
    };
    let lines = [text(data, "/last_outcome").unwrap_or_default(), &reason, text(data, "/help").unwrap_or_default()];
    Message {
        heading: "Subscription disabled".to_owned(),
        title: Line::of(text(data, "/subscription/name").unwrap_or_default(), None),
        lines: lines.iter().map(|said| Line::of(said, None)).collect(),
        brief: 1,
        footer: within(text(data, "/subscription/endpoint").unwrap_or_default()),
        ..Message::empty()
    }
}

/// Fields that hold what a type that is not known here is about, most telling first.
const TITLES: [&str; 9] = [
    "/title",
    "/subject",
    "/event/title",
    "/story/title",
    "/source/name",
    "/topic/name",
    "/subscription/name",
    "/subscription",
    "/name",
];
const LINKS: [&str; 7] = ["/link", "/url", "/event/url", "/story/link", "/story/url", "/stories/0/link", "/source/url"];

fn other(kind: &str, data: &Value) -> Message {
    let title_of = |value: &Value| TITLES.iter().find_map(|at| text(value, at)).map(str::to_owned);
    let words = kind.replace(['.', '_'], " ");
    let mut heading = words.trim().to_owned();
    if let Some(first) = heading.get(..1).map(str::to_uppercase) {
        heading.replace_range(..1, &first);
    }
    let mut lines: Vec<Line> = ["/message", "/detail", "/summary", "/reason", "/text"]
        .iter()
        .filter_map(|at| text(data, at))
        .map(|said| Line::of(said, None))
        .collect();
    // A list may hold events, stories or sources; each is told by its title.
    let lists = data.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_array());
    for item in lists.flatten() {
        let item = item.get("data").unwrap_or(item);
        if let Some(title) = title_of(item) {
            lines.push(Line { text: line(&title), link: link_of(item) });
        }
    }
    let title = title_of(data).unwrap_or_else(|| heading.clone());
    Message {
        heading,
        title: Line { text: line(&title), link: link_of(data) },
        lines,
        topic: text(data, "/topic/id").map(str::to_owned),
        ..Message::empty()
    }
}

fn link_of(value: &Value) -> Option<String> {
    LINKS.iter().find_map(|at| text(value, at).and_then(address))
}

pub(super) fn text<'a>(value: &'a Value, at: &str) -> Option<&'a str> {
    value.pointer(at)?.as_str().filter(|text| !text.trim().is_empty())
}

pub(super) fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// A story's address as published, else the canonical one.
pub(super) fn link(story: &Value) -> Option<String> {
    ["/link", "/url"].iter().find_map(|at| text(story, at).and_then(address))
}

/// An address that any of the services takes: of the web, and of visible ASCII without the signs that end one in a markup.
fn address(text: &str) -> Option<String> {
    let url = crate::model::WebUrl::parse(text).ok()?;
    let mut out = String::new();
    for c in url.as_str().chars() {
        match c {
            '|' => out.push_str("%7C"),
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '\'' => out.push_str("%27"),
            '*' => out.push_str("%2A"),
            '<' | '>' | '"' | '\\' | '`' => return None,
            c if c.is_ascii_graphic() => out.push(c),
            _ => return None,
        }
    }
    (out.len() <= LINK_BYTES_MAX).then_some(out)
}

/// The text up to `chars_max` characters, with what sets writing from right to left apart ended where it was cut off.
pub(super) fn capped(text: &str, chars_max: usize) -> String {
    let mut text = super::text::fit(text, chars_max, |_| 1, super::text::plain);
    let open = text.matches('\u{2068}').count().saturating_sub(text.matches('\u{2069}').count());
    text.extend(std::iter::repeat_n('\u{2069}', open));
    text
}
