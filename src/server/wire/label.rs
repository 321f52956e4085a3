//! What operators said, as tuning needs it: a line each.

use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::model::{LabelView, Story};

/// A page of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Labels {
    /// In the order in which they were said.
    pub(crate) labels: Vec<LabelLine>,
    /// Where the next page is; `null` at the end.
    pub(crate) next: Option<String>,
}

/// What was said of a story, or of two, on a topic.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelLine {
    at: String,
    id: i64,
    other: Option<Brief>,
    said: &'static str,
    story: Brief,
    topic: String,
}

/// What tuning needs of a story.
#[derive(Debug, Serialize, ToSchema)]
struct Brief {
    id: i64,
    lang: Option<String>,
    published: Option<String>,
    publisher: String,
    seen_at: String,
    title: String,
    url: String,
}

impl LabelLine {
    /// The label numbered `id`.
    pub(crate) fn of(id: i64, view: &LabelView) -> Self {
        let LabelView { label, story, other } = view;
        Self {
            id,
            said: label.said.label(),
            topic: label.topic.to_string(),
            at: time(label.at),
            story: Brief::from(story),
            other: other.as_ref().map(Brief::from),
        }
    }
}

impl From<&Story> for Brief {
    fn from(story: &Story) -> Self {
        let draft = &story.draft;
        Self {
            id: story.id.0,
            url: draft.url.clone(),
            title: draft.title.clone(),
            lang: draft.lang.clone(),
            publisher: draft.publisher.clone(),
            published: draft.published.map(time),
            seen_at: time(story.seen_at),
        }
    }
}
