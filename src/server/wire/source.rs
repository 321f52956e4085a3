//! Sources as JSON.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::remedy::remedy;
use super::time;
use crate::model::{self, Channel, ChannelPhase, DomainPause, PageSelectors, SourceId, SourceKind, WebUrl};
use crate::schedule::Why;
use crate::url::registrable;

/// What stands beside sources and settles when they are polled: their push channels, and domains that are left alone.
#[derive(Debug)]
pub(crate) struct Beside {
    channels: BTreeMap<SourceId, Channel>,
    pauses: BTreeMap<String, DomainPause>,
    now: Timestamp,
}

impl Beside {
    /// All of both, as the store gives them.
    pub(crate) fn new(channels: Vec<Channel>, pauses: Vec<DomainPause>, now: Timestamp) -> Self {
        let live = channels.into_iter().filter(|channel| channel.state.phase != ChannelPhase::Ending);
        Self {
            channels: live.map(|channel| (channel.source, channel)).collect(),
            pauses: pauses.into_iter().map(|pause| (pause.domain.clone(), pause)).collect(),
            now,
        }
    }

    /// The push channel of a source, one that is ending aside.
    pub(crate) fn channel(&self, of: &model::Source) -> Option<&Channel> {
        self.channels.get(&of.id)
    }

    /// When a source is polled next: not before its domain is left alone no longer, whatever is planned.
    pub(crate) fn next_poll(&self, of: &model::Source) -> Timestamp {
        let planned = of.state.next_poll_at;
        self.pause(of).map_or(planned, |pause| pause.until.max(planned))
    }

    /// The pause of a source's domain.
    pub(crate) fn pause(&self, of: &model::Source) -> Option<&DomainPause> {
        self.pauses.get(registrable(of.spec.url.host_text()))
    }
}

/// Sources.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sources {
    /// By number.
    pub(crate) sources: Vec<Source>,
    /// Where the next page is; `null` at the end.
    pub(crate) next: Option<String>,
}

/// A source and how it fares.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Source {
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
    push: Option<Push>,
    paused: Option<Paused>,
    moving: Option<Moving>,
    moved_from: Option<String>,
    /// What somebody can do about it; `null`: nothing need be done.
    help: Option<String>,
    /// Why the next poll is when it is, only where a single source is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<Schedule>,
}

/// The subscription at the hub that the feed names.
#[derive(Debug, Serialize, ToSchema)]
struct Push {
    hub: Option<String>,
    topic: String,
    /// `asking`, `open`, `lapsed` or `refused`.
    state: &'static str,
    note: String,
    due_at: String,
    failures: u32,
    lease_until: Option<String>,
    pushes: u64,
    refused: u64,
    last_push_at: Option<String>,
    distrusted_until: Option<String>,
    /// Whether the source is polled as a back-up only.
    relied_upon: bool,
}

/// The whole domain is left alone.
#[derive(Debug, Serialize, ToSchema)]
struct Paused {
    domain: String,
    until: String,
    why: String,
}

/// A permanent redirect that is not believed yet.
#[derive(Debug, Serialize, ToSchema)]
struct Moving {
    to: String,
    since: String,
    sightings: u32,
}

/// Why the next poll is when it is.
#[derive(Debug, Serialize, ToSchema)]
struct Schedule {
    because: &'static str,
    stories_per_day: f64,
    hour_factor: f64,
    age_factor: f64,
    price_story_minutes: f64,
    hint_secs: u64,
}

/// CSS selectors of a list page.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Select {
    item: String,
    link: Option<String>,
    title: Option<String>,
    date: Option<String>,
    summary: Option<String>,
}

/// What polling has learnt.
#[derive(Debug, Serialize, ToSchema)]
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

impl Source {
    /// Fields that change without anybody's changing the source.
    pub(crate) const LIVE: [&str; 8] =
        ["url", "stories", "state", "push", "paused", "moving", "moved_from", "schedule"];

    /// A source, with what stands beside it.
    pub(crate) fn new(source: &model::Source, beside: &Beside) -> Self {
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
            origin: source.origin.label(),
            stories: source.stories,
            state: State {
                health: state.health.label(),
                last_outcome: state.last_outcome.clone(),
                failures: state.failures,
                polls: state.polls,
                not_modified: state.not_modified,
                interval_secs: state.interval.as_secs(),
                next_poll_at: time(beside.next_poll(source)),
                last_poll_at: state.last_poll_at.map(time),
                last_good_at: state.last_good_at.map(time),
                last_story_at: state.last_story_at.map(time),
            },
            push: beside.channel(source).map(|channel| Push::new(channel, beside.now)),
            paused: beside.pause(source).map(Paused::from),
            moving: state.moving.as_ref().map(Moving::from),
            moved_from: state.moved_from.as_ref().map(without_credentials),
            help: remedy(source, beside, beside.now),
            schedule: None,
        }
    }

    /// The same with why its next poll is when it is.
    pub(crate) fn with_schedule(self, why: &Why) -> Self {
        let schedule = Schedule {
            because: why.bound.label(),
            stories_per_day: why.per_day,
            hour_factor: why.hour,
            age_factor: why.age,
            price_story_minutes: why.price_minutes,
            hint_secs: why.hint.as_secs(),
        };
        Self { schedule: Some(schedule), ..self }
    }
}

impl Push {
    fn new(channel: &Channel, now: Timestamp) -> Self {
        let state = &channel.state;
        Self {
            hub: channel.spec.hubs.first().map(WebUrl::redacted),
            topic: channel.spec.topic.clone(),
            state: channel.word(now),
            note: state.note.clone(),
            due_at: time(state.due_at),
            failures: state.failures,
            lease_until: state.lease_until.map(time),
            pushes: state.pushes,
            refused: state.refused,
            last_push_at: state.last_push_at.map(time),
            distrusted_until: state.distrusted_until.filter(|until| *until > now).map(time),
            relied_upon: channel.is_relied_upon(now),
        }
    }
}

impl From<&DomainPause> for Paused {
    fn from(pause: &DomainPause) -> Self {
        Self { domain: pause.domain.clone(), until: time(pause.until), why: pause.why.clone() }
    }
}

impl From<&model::Moving> for Moving {
    fn from(moving: &model::Moving) -> Self {
        Self { to: without_credentials(&moving.to), since: time(moving.since), sightings: moving.sightings }
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
