//! `/v1/sources/opml`: all sources as OPML, and the sources of a list.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::IntoResponse as _;

use super::params::Params;
use super::problem::Problem;
use super::state::{AppState, Change};
use super::wire;
use crate::discover::{KnownSources, Shelves, Sorted, sort_out};
use crate::feed::opml;
use crate::model::{PageSelectors, SourceId, SourceSpec, TopicKey};
use crate::port::Listed;

/// Bytes of a list at most: some thirty thousand sources. `tidings source import` reads more.
pub(super) const BYTES_MAX: usize = 8 * 1024 * 1024;

/// A file to be kept.
type Download = ([(HeaderName, &'static str); 2], String);

/// A list that was taken in.
pub(super) struct Imported {
    /// What became of each.
    pub(super) sorted: Sorted,
    /// The numbers of those that were added, in their order; `None` where another was quicker. Empty where nothing was to
    /// be added.
    pub(super) ids: Vec<Option<SourceId>>,
    /// What was mended in the list.
    pub(super) mended: Vec<String>,
}

/// Whether an import is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// It is.
    Add,
    /// Only what it would do.
    Try,
}

/// `GET /v1/sources/opml`
pub(super) async fn export(State(app): State<AppState>, mut params: Params) -> Result<Download, Problem> {
    params.finish()?;
    let sources = app.keeper.read(|store| store.sources(Listed::Current)).await?;
    let specs: Vec<SourceSpec> = sources.into_iter().map(|source| source.spec).collect();
    let text = opml::write(&specs, "Sources of tidings", app.clock.now());
    let kept = "attachment; filename=\"tidings.opml\"";
    Ok(([(header::CONTENT_TYPE, "text/x-opml; charset=utf-8"), (header::CONTENT_DISPOSITION, kept)], text))
}

/// `POST /v1/sources/opml?topic=&dry_run=`: OPML of any version, or one address a line.
pub(super) async fn import(
    State(app): State<AppState>,
    mut params: Params,
    request: Request,
) -> Result<Json<wire::Imported>, Problem> {
    let topic = params.parsed("topic", "a topic's id", TopicKey::parse);
    let intent = params.parsed("dry_run", "true or false", |word| match word {
        "true" => Some(Intent::Try),
        "false" => Some(Intent::Add),
        _ => None,
    });
    params.finish()?;
    let list = body(request, &app).await?;
    let intent = intent.unwrap_or(Intent::Add);
    let imported = take_in(&app, &list, topic.as_slice(), intent).await?;
    Ok(Json(wire::Imported::new(&imported.sorted, &imported.ids, imported.mended, intent == Intent::Try)))
}

async fn body(request: Request, app: &AppState) -> Result<Bytes, Problem> {
    Bytes::from_request(request, app).await.map_err(|refused| {
        let text = refused.body_text();
        match refused.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::too_large("a list is at most 8 MiB here; `tidings source import` takes longer ones")
            }
            _ => Problem::malformed(text),
        }
    })
}

/// Adds what is in a list and not there yet; under `wanted`, or as its folders say.
///
/// # Errors
/// Where it is no list of sources, or a topic is not there.
pub(super) async fn take_in(
    app: &AppState,
    list: &[u8],
    wanted: &[TopicKey],
    intent: Intent,
) -> Result<Imported, Problem> {
    let list = opml::read(list, (app.poll_bounds.min, app.poll_bounds.max));
    if let Some(fatal) = list.problems.iter().find(|problem| problem.fatal) {
        return Err(Problem::malformed(format!("it can't be read as a list of sources: {}", fatal.detail)));
    }
    let mended = list.problems.iter().map(|problem| problem.detail.clone()).collect();
    let (topics, sources) = app
        .keeper
        .read(|store| Ok::<_, crate::port::StoreError>((store.topics()?, store.sources(Listed::Current)?)))
        .await?;
    let topics: Vec<_> = topics.into_iter().map(|topic| topic.spec).collect();
    if let Some(absent) = wanted.iter().find(|key| topics.iter().all(|topic| topic.key != **key)) {
        return Err(Problem::not_found(format!("there is no topic {absent}")));
    }
    let sorted = {
        let wrong_selector = |selectors: &PageSelectors| (app.checks.selectors)(selectors).map(|(_, why)| why);
        let shelves = Shelves { topics: &topics, wanted, wrong_selector: &wrong_selector };
        sort_out(list, KnownSources::new(&[], &sources), &shelves)
    };
    let (specs, now) = (sorted.fresh(), app.clock.now());
    if intent == Intent::Try || specs.is_empty() {
        return Ok(Imported { sorted, ids: Vec::new(), mended });
    }
    let ids = app.keeper.write(move |store| store.add_sources(&specs, now)).await?;
    (app.changed)(Change::Sources);
    let added = ids.iter().flatten().count();
    tracing::info!(added, "sources added from a list: {added}");
    Ok(Imported { sorted, ids, mended })
}
