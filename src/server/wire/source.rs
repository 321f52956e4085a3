//! Sources as JSON.

use serde::Serialize;

use super::{origin, time};
use crate::model::{self, PageSelectors, SourceKind, WebUrl};

/// Sources.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Sources {
    /// By number.
    pub(in crate::server) sources: Vec<Source>,
}

/// A source and how it fares.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Source {
    id: i64,
    url: String,
    name: String,
    publisher: String,
    kind: &'static str,
    select: Option<Select>,
    lang: Option<String>,
    topics: Vec<String>,
    interval_min_minutes: u64,
    interval_max_minutes: u64,
    priority: &'static str,
    full_text: bool,
    origin: &'static str,
    stories: u64,
    state: State,
}

/// CSS selectors of a list page.
#[derive(Debug, Serialize)]
struct Select {
    item: String,
    link: Option<String>,
    title: Option<String>,
    date: Option<String>,
    summary: Option<String>,
}

/// What polling has learnt.
#[derive(Debug, Serialize)]
struct State {
    health: &'static str,
    last_outcome: String,
    failures: u32,
    polls: u64,
    not_modified: u64,
    interval_secs: u64,
    next_poll_at: String,
    last_poll_at: Option<String>,
    last_good_at: Option<String>,
    last_story_at: Option<String>,
}

impl From<&model::Source> for Source {
    fn from(source: &model::Source) -> Self {
        let (spec, state) = (&source.spec, &source.state);
        let (kind, select) = match &spec.kind {
            SourceKind::Feed => ("feed", None),
            SourceKind::Page(selectors) => ("page", Some(Select::from(selectors))),
            SourceKind::List => ("page", None),
        };
        Self {
            id: source.id.0,
            url: without_credentials(&spec.url),
            name: spec.name.clone(),
            publisher: spec.publisher.clone(),
            kind,
            select,
            lang: spec.lang.clone(),
            topics: spec.topics.iter().map(ToString::to_string).collect(),
            interval_min_minutes: spec.interval_min.as_secs() / 60,
            interval_max_minutes: spec.interval_max.as_secs() / 60,
            priority: spec.priority.label(),
            full_text: spec.full_text,
            origin: origin(source.origin),
            stories: source.stories,
            state: State {
                health: state.health.label(),
                last_outcome: state.last_outcome.clone(),
                failures: state.failures,
                polls: state.polls,
                not_modified: state.not_modified,
                interval_secs: state.interval.as_secs(),
                next_poll_at: time(state.next_poll_at),
                last_poll_at: state.last_poll_at.map(time),
                last_good_at: state.last_good_at.map(time),
                last_story_at: state.last_story_at.map(time),
            },
        }
    }
}

impl From<&PageSelectors> for Select {
    fn from(selectors: &PageSelectors) -> Self {
        Self {
            item: selectors.item.clone(),
            link: selectors.link.clone(),
            title: selectors.title.clone(),
            date: selectors.date.clone(),
            summary: selectors.summary.clone(),
        }
    }
}

/// The address in full, as it names the source, but for a user and password in it.
fn without_credentials(url: &WebUrl) -> String {
    let mut shown = url.as_url().clone();
    // Neither is refused on a web address, which has a host.
    shown.set_username("").ok();
    shown.set_password(None).ok();
    shown.into()
}
