//! What another query of a topic would have told: `POST /v1/preview`, and the same for the pages.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use tokio::sync::Semaphore;

use super::fields::Fields;
use super::problem::Problem;
use super::state::AppState;
use super::{topics, wire};
use crate::dedup::EventPolicy;
use crate::ingest::{Preview, Previewer, STORIES_MAX};
use crate::model::{StoryId, Topic, TopicKey, TopicSpec};
use crate::port::{Listed, Store, StoreError};
use crate::topic::Query;

/// Stories that are read in one go: some milliseconds of the reader's thread, between which others are served.
const SLICE: usize = 250;
/// What one preview may take. It then says how far it came.
const TIME_MAX: Duration = Duration::from_secs(12);
/// How long a preview waits for the one before it. With the time of its own it stays under what an answer may take.
const TURN_MAX: Duration = Duration::from_secs(5);
/// Days that are looked through.
pub(super) const DAYS_DEFAULT: u64 = 30;
const DAYS_MAX: u64 = 366;
const DAY: Duration = Duration::from_hours(24);
/// What a topic is called that has no id yet.
const UNNAMED: &str = "preview";

/// What previews are made with; cheap to clone.
#[derive(Clone)]
pub struct Workshop {
    policy: Arc<dyn Fn() -> EventPolicy + Send + Sync>,
    /// One at a time, whoever asks: they are the longest work that the server does.
    turns: Arc<Semaphore>,
}

impl Workshop {
    /// `policy` gives that by which events are told apart at the moment.
    pub fn new(policy: impl Fn() -> EventPolicy + Send + Sync + 'static) -> Self {
        Self { policy: Arc::new(policy), turns: Arc::new(Semaphore::new(1)) }
    }
}

/// What is tried.
#[derive(Debug)]
pub(super) struct Trial {
    /// What is saved, if anything is.
    pub(super) saved: Option<TopicSpec>,
    /// The topic as it would be.
    pub(super) tried: TopicSpec,
    /// Its query, read.
    pub(super) query: Query,
    /// Days that are looked through.
    pub(super) days: u64,
}

/// `POST /v1/preview`
pub(super) async fn preview(State(app): State<AppState>, mut fields: Fields) -> Result<Json<wire::Preview>, Problem> {
    let topics = app.keeper.read(|store| store.topics()).await?;
    let trial = read(&mut fields, &topics, &app);
    let trial = fields.finish(trial)?;
    look(&app, trial).await.map(|preview| Json((&preview).into()))
}

/// What is asked for: a query, with its own days or those of the topic that it would change.
fn read(fields: &mut Fields, topics: &[Topic], app: &AppState) -> Option<Trial> {
    let saved = fields.text("topic").and_then(|id| {
        let saved = topics.iter().find(|topic| topic.spec.key.as_str() == id);
        if saved.is_none() {
            fields.fault("topic", format!("there is no topic {id:?}"));
        }
        saved.map(|topic| topic.spec.clone())
    });
    let days = fields.count("days", DAYS_MAX).unwrap_or(DAYS_DEFAULT);
    let has_days = fields.has("from") || fields.has("until");
    let span = topics::span(fields).filter(|_| has_days);
    let query = fields.required("query")?;
    topics::check_query(fields, Some(&query), &app.checks);
    let parsed = Query::parse(&query).ok()?;
    let mut tried = match &saved {
        Some(spec) => spec.clone(),
        None => unnamed()?,
    };
    tried.span = span.unwrap_or(tried.span);
    Some(Trial { saved, tried: TopicSpec { query, ..tried }, query: parsed, days })
}

/// A topic that nobody has named yet.
fn unnamed() -> Option<TopicSpec> {
    let spec = TopicSpec {
        key: TopicKey::parse(UNNAMED)?,
        name: String::new(),
        query: String::new(),
        fresh: DAY,
        stale: DAY,
        span: crate::model::TopicSpan::default(),
    };
    Some(spec)
}

/// Looks through what is stored, slice by slice: reading on the store's thread, deciding on the blocking pool. Who goes away ends it
/// at the next slice.
///
/// # Errors
/// 503 where others' previews take too long.
pub(super) async fn look(app: &AppState, trial: Trial) -> Result<Preview, Problem> {
    let turn = tokio::time::timeout(TURN_MAX, app.workshop.turns.acquire()).await;
    let Ok(Ok(_turn)) = turn else {
        return Err(Problem::busy("another preview is being made; try again in a moment"));
    };
    let until = app.clock.now();
    let since = until.checked_sub(DAY.saturating_mul(u32::try_from(trial.days).unwrap_or(u32::MAX)));
    let since = since.unwrap_or(jiff::Timestamp::MIN);
    let begin =
        move |store: &mut dyn Store| Ok((store.newest_stories(since, STORIES_MAX)?, store.sources(Listed::All)?));
    let ((of, mut after), sources) = app.keeper.read(begin).await?;
    let policy = (app.workshop.policy)();
    let mut previewer = Previewer::new(trial.saved.as_ref(), (&trial.tried, trial.query), policy).heeding(&sources);
    loop {
        let slice = move |store: &mut dyn Store| -> Result<_, StoreError> { store.stories_since(since, after, SLICE) };
        let stories = app.keeper.read(slice).await?;
        let Some(last) = stories.last() else { break };
        after = StoryId(last.id.0);
        let work = move || {
            for story in stories {
                previewer.take(story);
            }
            previewer
        };
        previewer = tokio::task::spawn_blocking(work).await.map_err(|why| {
            tracing::error!("a preview of a query failed: {why}");
            Problem::internal()
        })?;
        if app.clock.now().duration_since(until).unsigned_abs() > TIME_MAX {
            break;
        }
    }
    let preview = tokio::task::spawn_blocking(move || previewer.end((since, until), of)).await;
    preview.map_err(|why| {
        tracing::error!("a preview of a query failed: {why}");
        Problem::internal()
    })
}
