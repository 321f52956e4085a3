//! Stories, and all that is known of one, as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Delivery, Event, time};
use crate::model::{self, Arrival, StoryState, Telling};
use crate::port;
use crate::text::{difference, lead, marked};

/// Characters of a text that are compared with its next version.
const COMPARED_CHARS: usize = 600;

/// Stories found, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Stories {
    /// This page of them.
    pub(crate) stories: Vec<Story>,
    /// Where the next page is, which may be empty; `null` at the end of what is stored.
    pub(crate) next: Option<String>,
}

/// A story.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Story {
    id: i64,
    source: i64,
    url: String,
    link: String,
    publisher: String,
    title: String,
    text: String,
    author: Option<String>,
    lang: Option<String>,
    published: Option<String>,
    seen_at: String,
    arrival: &'static str,
    revision: u32,
    state: &'static str,
}

/// What was decided of a story on a topic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Decision {
    topic: Option<String>,
    revision: u32,
    ruling: &'static str,
    copy_of: Option<i64>,
    event: Option<i64>,
    score: f64,
    /// The type of the notification that was made; `null` where nobody was told.
    told: Option<&'static str>,
    reasons: Vec<Reason>,
    decided_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Reason {
    stage: &'static str,
    text: String,
    numbers: BTreeMap<&'static str, f64>,
    story: Option<i64>,
}

/// All that is known of a story: why it was told or not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Explained {
    story: Story,
    source: SourceName,
    /// Earlier revisions, oldest first.
    revisions: Vec<Revision>,
    /// What operators said of it.
    labels: Vec<Label>,
    decisions: Vec<Decision>,
    events: Vec<Event>,
    /// The stories that the decisions speak of.
    others: Vec<Other>,
    deliveries: Vec<Delivery>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SourceName {
    id: i64,
    name: String,
    publisher: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Revision {
    #[serde(rename = "revision")]
    number: u32,
    title: String,
    replaced_at: String,
    /// What the next revision changed, as `[-old-]{+new+}`; `null` where nothing, or where retention took the text.
    title_change: Option<String>,
    text_change: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Label {
    said: &'static str,
    topic: String,
    story: i64,
    other: Option<i64>,
    at: String,
}

/// What a correction did.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Corrected {
    /// The event that stories went into.
    event: Option<i64>,
    /// The stories that were moved or taken off the topic, copies included.
    stories: Vec<i64>,
    /// Events that were emptied.
    emptied: Vec<i64>,
    /// Whether the story is to be decided anew.
    undecided: bool,
    /// Subscriptions that are told.
    told: usize,
}

impl From<&model::Corrected> for Corrected {
    fn from(done: &model::Corrected) -> Self {
        Self {
            event: done.event.map(|event| event.0),
            stories: done.stories.iter().map(|story| story.0).collect(),
            emptied: done.emptied.iter().map(|event| event.0).collect(),
            undecided: done.undecided,
            told: done.told,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct Other {
    id: i64,
    url: String,
    title: String,
}

impl From<&model::Story> for Story {
    fn from(story: &model::Story) -> Self {
        let draft = &story.draft;
        Self {
            id: story.id.0,
            source: story.source.0,
            url: draft.url.clone(),
            link: draft.link.clone(),
            publisher: draft.publisher.clone(),
            title: draft.title.clone(),
            text: draft.text.clone(),
            author: draft.author.clone(),
            lang: draft.lang.clone(),
            published: draft.published.map(time),
            seen_at: time(story.seen_at),
            arrival: match story.arrival {
                Arrival::FirstPoll => "first-poll",
                Arrival::Later => "later",
            },
            revision: story.revision,
            state: match story.state {
                StoryState::AwaitingArticle => "awaiting-article",
                StoryState::Undecided => "undecided",
                StoryState::Decided => "decided",
            },
        }
    }
}

impl From<&model::Decision> for Decision {
    fn from(decision: &model::Decision) -> Self {
        Self {
            topic: decision.topic.as_ref().map(ToString::to_string),
            revision: decision.revision,
            ruling: decision.ruling.label(),
            copy_of: decision.ruling.copy_of().map(|story| story.0),
            event: decision.event.map(|event| event.0),
            score: decision.score,
            told: match decision.telling {
                Telling::Told(kind) => Some(kind.label()),
                Telling::Silent => None,
            },
            reasons: decision.reasons.iter().map(Reason::from).collect(),
            decided_at: time(decision.decided_at),
        }
    }
}

impl From<&model::Reason> for Reason {
    fn from(reason: &model::Reason) -> Self {
        Self {
            stage: reason.stage.label(),
            text: reason.text.clone(),
            numbers: reason.numbers.iter().copied().collect(),
            story: reason.story.map(|story| story.0),
        }
    }
}

impl From<&port::Explained> for Explained {
    fn from(known: &port::Explained) -> Self {
        let change = |old: &str, new: &str| (old != new).then(|| marked(&difference(old, new)));
        let revision = |(old, (title, text)): (&port::Revision, (&str, &str))| Revision {
            number: old.number,
            title: old.title.clone(),
            replaced_at: time(old.replaced_at),
            title_change: change(&old.title, title),
            text_change: (!old.text.is_empty() && !text.is_empty())
                .then(|| change(lead(&old.text, COMPARED_CHARS), lead(text, COMPARED_CHARS)))
                .flatten(),
        };
        let label = |label: &model::Label| Label {
            said: label.said.label(),
            topic: label.topic.to_string(),
            story: label.story.0,
            other: label.other.map(|other| other.0),
            at: time(label.at),
        };
        let other = |(id, url, title): &(model::StoryId, String, String)| Other {
            id: id.0,
            url: url.clone(),
            title: title.clone(),
        };
        Self {
            story: (&known.story).into(),
            source: SourceName {
                id: known.source.id.0,
                name: known.source.spec.name.clone(),
                publisher: known.source.spec.publisher.clone(),
            },
            revisions: known.edits().map(revision).collect(),
            labels: known.labels.iter().map(label).collect(),
            decisions: known.decisions.iter().map(Decision::from).collect(),
            events: known.events.iter().map(Event::from).collect(),
            others: known.others.iter().map(other).collect(),
            deliveries: known.deliveries.iter().map(Delivery::from).collect(),
        }
    }
}
