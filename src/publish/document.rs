//! A feed before it is written in one format or another.

use std::fmt::Write as _;

use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_128;

use crate::model::{EventView, FeedName, FeedPlace, Story, TopicSpec, WebUrl};

/// Stories listed in an entry: the first ones, then it says how many more there are.
const LISTED_MAX: usize = 30;
/// Characters of the first story's text.
const TEXT_CHARS_MAX: usize = 600;

/// A topic's feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// A URN of its own.
    pub id: String,
    /// The topic's name.
    pub title: String,
    /// The page for people.
    pub home: String,
    /// Where the feed itself is.
    pub own: String,
    /// The hub that pushes it, where there is one.
    pub hub: Option<String>,
    /// Where older entries are, if there are any ([RFC 5005 section 3](https://www.rfc-editor.org/rfc/rfc5005#section-3)).
    pub older: Option<String>,
    /// When an entry changed last; `None` where there is none.
    pub changed_at: Option<Timestamp>,
    /// The latest told first.
    pub items: Vec<Item>,
}

/// Where the daemon is, as whoever reads the feed knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Scheme and host, with no slash at the end.
    pub base: String,
    /// Whether the hub beside it pushes feeds.
    pub has_hub: bool,
}

impl Place {
    /// The hub's address, where there is one.
    pub fn hub(&self) -> Option<String> {
        self.has_hub.then(|| format!("{}/websub/hub", self.base))
    }

    /// A feed's own address.
    pub fn own(&self, feed: &FeedName) -> String {
        format!("{}/feeds/{feed}", self.base)
    }

    /// The address of a part of a feed: what was told before.
    pub fn before(&self, feed: &FeedName, place: FeedPlace) -> String {
        format!("{}?before={place}", self.own(feed))
    }
}

/// Which part of a feed a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Part {
    /// What was told before this; `None`: the newest.
    pub before: Option<FeedPlace>,
    /// Behind what older entries stand, if there are any.
    pub older: Option<FeedPlace>,
}

/// An event as an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// A URN that stays, however the event grows.
    pub id: String,
    /// The event's title.
    pub title: String,
    /// The first story's address.
    pub link: Option<String>,
    /// Who told it first.
    pub author: String,
    /// When the event was opened.
    pub published: Timestamp,
    /// When it changed last.
    pub updated: Timestamp,
    /// What is told, as HTML.
    pub html: String,
}

impl Document {
    /// The feed of a topic or a part of it, its events as they are given: the latest told first. Who follows hears of the
    /// newest alone, so no other part names the hub.
    pub fn of(topic: &TopicSpec, views: &[EventView], place: &Place, (feed, part): (&FeedName, Part)) -> Self {
        Self {
            id: urn(&["feed", topic.key.as_str()]),
            title: topic.name.clone(),
            home: format!("{}/?topic={}", place.base, topic.key),
            own: part.before.map_or_else(|| place.own(feed), |before| place.before(feed, before)),
            hub: place.hub().filter(|_| part.before.is_none()),
            older: part.older.map(|older| place.before(feed, older)),
            changed_at: views.iter().map(|view| view.event.changed_at).max(),
            items: views.iter().map(item).collect(),
        }
    }
}

fn item(view: &EventView) -> Item {
    let event = &view.event;
    let stories = || view.stories.iter().map(|(story, _)| story);
    let first = stories().find(|story| story.id == event.first_story).or(stories().next());
    // Numbers begin again in a new database; with the moment of opening they name one event.
    let opened = event.opened_at.as_millisecond().to_string();
    Item {
        id: urn(&["event", event.topic.as_str(), &event.id.to_string(), &opened]),
        title: if event.title.trim().is_empty() { "(untitled)".to_owned() } else { event.title.clone() },
        link: first.and_then(address),
        // Atom has no entry without an author (RFC 4287, section 4.1.2).
        author: first
            .map(|story| story.draft.publisher.trim())
            .filter(|name| !name.is_empty())
            .unwrap_or("unknown")
            .to_owned(),
        published: event.opened_at,
        updated: event.changed_at,
        html: html(first, view),
    }
}

/// A story's address, if a reader may be led there: `javascript:` and the like are no web addresses.
fn address(story: &Story) -> Option<String> {
    WebUrl::parse(&story.draft.link).ok().map(|url| url.as_str().to_owned())
}

/// The first story, then all of them with their publishers.
fn html(first: Option<&Story>, view: &EventView) -> String {
    let text = html_escape::encode_text::<str>;
    let mut html = String::new();
    // Writing to a `String` can't fail.
    if let Some(first) = first.filter(|story| !story.draft.text.trim().is_empty()) {
        let told = first.draft.text.trim();
        let cut: String = told.chars().take(TEXT_CHARS_MAX).collect();
        let rest = if cut.len() < told.len() { "…" } else { "" };
        write!(html, "<p dir=\"auto\">{}{rest}</p>", text(&cut)).ok();
    }
    html.push_str("<ul>");
    for (story, _) in view.stories.iter().take(LISTED_MAX) {
        let (title, publisher) = (text(&story.draft.title), text(&story.draft.publisher));
        match address(story) {
            Some(url) => {
                let url = html_escape::encode_double_quoted_attribute(&url).into_owned();
                write!(html, "<li dir=\"auto\"><a href=\"{url}\">{title}</a> ({publisher})</li>").ok();
            }
            None => {
                write!(html, "<li dir=\"auto\">{title} ({publisher})</li>").ok();
            }
        }
    }
    html.push_str("</ul>");
    if let Some(more) = view.stories.len().checked_sub(LISTED_MAX).filter(|more| *more > 0) {
        write!(html, "<p>and {more} more</p>").ok();
    }
    html
}

/// A URN from what names a thing: a UUID of version 8 (RFC 9562, section 5.8), a hash with its version and variant set.
fn urn(names: &[&str]) -> String {
    let hash = xxh3_128(names.join("\0").as_bytes());
    let hash = hash & !(0xf_u128 << 76) & !(0b11_u128 << 62) | (8_u128 << 76) | (0b10_u128 << 62);
    let digits = format!("{hash:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| digits.get(range).unwrap_or_default());
    format!("urn:uuid:{}", parts.join("-"))
}
