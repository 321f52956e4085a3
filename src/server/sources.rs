//! `/v1/sources`: what is polled, and how it fares.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::conditional::{Conditions, Tag, found, tagged};
use super::fields::Fields;
use super::params::{Params, Segment, row};
use super::problem::Problem;
use super::state::{AppState, Change, Checks, PollBounds};
use super::topics::{keys, name, refuse_declared};
use super::wire;
use crate::discover::KnownSources;
use crate::model::{
    INTERVAL_MINUTES_MAX, PageSelectors, Priority, Source, SourceHealth, SourceId, SourceKind, SourceSpec, Topic,
    WebUrl,
};
use crate::port::{Listed, Store, StoreError};
use crate::schedule::{Market, why};
use crate::text::is_language;
use crate::url::{registrable, site};

/// What a source is read against.
#[derive(Clone, Copy)]
pub(crate) struct SourceGround<'a> {
    /// What the pure rooms say of it.
    pub(crate) checks: &'a Checks,
    /// Its intervals where it names none.
    pub(crate) bounds: PollBounds,
    /// The topics that there are.
    pub(crate) topics: &'a [Topic],
}

impl<'a> SourceGround<'a> {
    fn of(app: &'a AppState, topics: &'a [Topic]) -> Self {
        Self { checks: &app.checks, bounds: app.poll_bounds, topics }
    }
}

pub(super) async fn list(State(app): State<AppState>, mut params: Params) -> Result<Json<wire::Sources>, Problem> {
    let health = params.parsed("health", "well, silent, failing or gone", SourceHealth::parse);
    let (after, limit) = (params.number("after").unwrap_or_default(), params.limit_or_most());
    params.finish()?;
    let now = app.clock.now();
    let (mut sources, beside) =
        app.keeper.read(move |store| Ok((store.sources(Listed::Current)?, beside(store, now)?))).await?;
    sources.retain(|source| source.id.0 > after && health.is_none_or(|health| source.state.health == health));
    let more = sources.len() > limit;
    sources.truncate(limit);
    let next = sources.last().filter(|_| more).map(|last| params.next("/v1/sources", "after", last.id.0));
    let sources = sources.iter().map(|source| wire::Source::new(source, &beside)).collect();
    Ok(Json(wire::Sources { sources, next }))
}

pub(super) async fn show(
    State(app): State<AppState>,
    Segment(id): Segment,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let id = SourceId(row(&id, "source")?);
    Ok(conditions.answer(in_full(&app, id).await?, &wire::Source::LIVE))
}

/// A source with what stands beside it, and why its next poll is when it is.
async fn in_full(app: &AppState, id: SourceId) -> Result<wire::Source, Problem> {
    let now = app.clock.now();
    let look = move |store: &mut dyn Store| {
        let source = found!(find_in(store, id)?);
        Ok(Ok((source, beside(store, now)?, store.market()?)))
    };
    let (source, beside, market) = app.keeper.read(look).await??;
    let market = Market::from_bytes(&market).unwrap_or_default();
    let why = why(&source.spec, &source.state, market.quote(), now);
    Ok(wire::Source::new(&source, &beside).with_schedule(&why))
}

/// What stands beside sources.
pub(super) fn beside(store: &mut dyn Store, now: Timestamp) -> Result<wire::Beside, StoreError> {
    Ok(wire::Beside::new(store.channels()?, store.pauses(now)?, now))
}

pub(super) async fn add(State(app): State<AppState>, fields: Fields) -> Result<impl IntoResponse, Problem> {
    let topics = app.keeper.read(|store| store.topics()).await?;
    let spec = read(fields, SourceGround::of(&app, &topics), None)?;
    let id = put(&app, spec).await?;
    let source = in_full(&app, id).await?;
    let tag = Tag::of(&source, &wire::Source::LIVE);
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/v1/sources/{id}"))], tagged(tag), Json(source)))
}

/// Changes how a source is polled and named: a merge patch.
pub(super) async fn change(
    State(app): State<AppState>,
    Segment(id): Segment,
    conditions: Conditions,
    patch: Fields,
) -> Result<impl IntoResponse, Problem> {
    let id = SourceId(row(&id, "source")?);
    let look = move |store: &mut dyn Store| Ok((find_in(store, id)?, store.topics()?));
    let (held, topics) = app.keeper.read(look).await?;
    let held = held?;
    refuse_declared(held.origin, "source")?;
    let spec = patched(&held, patch, SourceGround::of(&app, &topics), app.clock.now())?;
    let now = app.clock.now();
    let job = move |store: &mut dyn Store| {
        let source = found!(find_in(store, id)?);
        found!(refuse_declared(source.origin, "source"));
        found!(conditions.hold(tag(&source, now)));
        if source.spec != held.spec {
            return Ok(Err(Problem::conflict("it was changed at the same moment: get it again")));
        }
        store.change_source(id, &spec, now)?;
        Ok(Ok(()))
    };
    app.keeper.write(job).await??;
    (app.changed)(Change::Sources);
    tracing::info!(source.id = id.0, "source {id} was changed");
    let source = in_full(&app, id).await?;
    Ok((tagged(Tag::of(&source, &wire::Source::LIVE)), Json(source)))
}

pub(super) async fn remove(
    State(app): State<AppState>,
    Segment(id): Segment,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    take_out(&app, SourceId(row(&id, "source")?), conditions).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/sources/{id}/poll`: it is due at once.
pub(super) async fn poll(State(app): State<AppState>, Segment(id): Segment) -> Result<impl IntoResponse, Problem> {
    let id = SourceId(row(&id, "source")?);
    poll_now(&app, id).await?;
    Ok((StatusCode::ACCEPTED, Json(in_full(&app, id).await?)))
}

/// `POST /v1/sources/{id}/resume`: its domain is left alone no longer.
pub(super) async fn resume(State(app): State<AppState>, Segment(id): Segment) -> Result<impl IntoResponse, Problem> {
    let id = SourceId(row(&id, "source")?);
    lift_pause(&app, id).await?;
    Ok(Json(in_full(&app, id).await?))
}

/// Adds a source.
///
/// # Errors
/// Where there is one at its address, in whatever spelling.
pub(super) async fn put(app: &AppState, spec: SourceSpec) -> Result<SourceId, Problem> {
    let now = app.clock.now();
    // Not in the writer's job, which it would hold up: two that come at once are judged by the address as it is written alone.
    let known = app.keeper.read(|store| Ok(KnownSources::new(&[], &store.sources(Listed::Current)?))).await?;
    if let Some(there) = known.at(&spec.url) {
        let (url, words) = (spec.url.redacted(), &there.words);
        return Err(Problem::conflict(format!("{url} is polled already: {words}")));
    }
    let id = app.keeper.write(move |store| store.add_source(&spec, now)).await?;
    (app.changed)(Change::Sources);
    tracing::info!(source.id = id.0, "source {id} was added");
    Ok(id)
}

/// Removes a source, under these conditions.
///
/// # Errors
/// Where the configuration declares it: it would come back at the next start.
pub(super) async fn take_out(app: &AppState, id: SourceId, conditions: Conditions) -> Result<(), Problem> {
    let now = app.clock.now();
    let job = move |store: &mut dyn Store| {
        let source = found!(find_in(store, id)?);
        found!(refuse_declared(source.origin, "source"));
        found!(conditions.hold(tag(&source, now)));
        store.remove_source(id)?;
        Ok(Ok(()))
    };
    app.keeper.write(job).await??;
    (app.changed)(Change::Sources);
    tracing::info!(source.id = id.0, "source {id} was removed");
    Ok(())
}

/// Makes a source due at once. The poll itself keeps its distance from others of its domain.
///
/// # Errors
/// Where its domain asked to be left alone: it would not be polled before that is over.
pub(super) async fn poll_now(app: &AppState, id: SourceId) -> Result<(), Problem> {
    let (source, now) = (find(app, id).await?, app.clock.now());
    let beside = app.keeper.read(move |store| beside(store, now)).await?;
    if let Some(pause) = beside.pause(&source) {
        let until = pause.until;
        let domain = &pause.domain;
        let help = format!("POST /v1/sources/{id}/resume asks it all the same");
        return Err(Problem::conflict(format!("{domain} asked to be left alone until {until:.0}; {help}")));
    }
    app.keeper.write(move |store| store.poll_now(Some(&[id]), now)).await?;
    (app.changed)(Change::Sources);
    tracing::info!(source.id = id.0, "source {id} is polled at once, as an operator asked");
    Ok(())
}

/// Has a source's domain left alone no longer: all of its sources that waited for that are due.
///
/// # Errors
/// Where it is not left alone.
pub(super) async fn lift_pause(app: &AppState, id: SourceId) -> Result<(), Problem> {
    let (source, now) = (find(app, id).await?, app.clock.now());
    let domain = registrable(source.spec.url.host_text()).to_owned();
    let wanted = domain.clone();
    if !app.keeper.write(move |store| store.resume(&wanted, now)).await? {
        return Err(Problem::conflict(format!("{domain} is not left alone: there is nothing to resume")));
    }
    (app.changed)(Change::Sources);
    tracing::info!(source.id = id.0, domain, "{domain} is left alone no longer, as an operator asked");
    Ok(())
}

/// One source in force.
///
/// # Errors
/// 404 where there is none such.
pub(super) async fn find(app: &AppState, id: SourceId) -> Result<Source, Problem> {
    app.keeper.read(move |store| find_in(store, id)).await?
}

fn find_in(store: &mut dyn Store, id: SourceId) -> Result<Result<Source, Problem>, StoreError> {
    let found = store.sources(Listed::Current)?.into_iter().find(|source| source.id == id);
    Ok(found.ok_or_else(|| Problem::not_found(format!("there is no source {id}"))))
}

/// The tag of a source of which only what can be changed counts.
fn tag(source: &Source, now: Timestamp) -> Tag {
    let nothing = wire::Beside::new(Vec::new(), Vec::new(), now);
    Tag::of(&wire::Source::new(source, &nothing), &wire::Source::LIVE)
}

/// The source that a merge patch makes of one that was added by command or API.
///
/// # Errors
/// What is wrong with the patch, in words.
pub(crate) fn edited_source(
    held: &Source,
    patch: Map<String, Value>,
    ground: SourceGround<'_>,
    now: Timestamp,
) -> Result<SourceSpec, Vec<String>> {
    patched(held, Fields::of_form(patch), ground, now).map_err(Problem::into_details)
}

/// The source that a patch makes of one. What it doesn't name stays as it is, whatever would be read of it today; but kind and
/// selectors are one thing, and so are the two intervals.
fn patched(held: &Source, patch: Fields, ground: SourceGround<'_>, now: Timestamp) -> Result<SourceSpec, Problem> {
    const TOGETHER: [&[&str]; 2] = [&["kind", "select"], &["interval_min_minutes", "interval_max_minutes"]];
    let nothing = wire::Beside::new(Vec::new(), Vec::new(), now);
    let now = serde_json::to_value(wire::Source::new(held, &nothing)).unwrap_or_default();
    let mut fields = Map::new();
    for names in TOGETHER.iter().filter(|names| names.iter().any(|name| patch.names(name))) {
        // An interval of less than a minute, which the configuration allows, is none here: it stays, and isn't judged.
        let held =
            names.iter().filter_map(|name| Some((*name, now.get(name)?))).filter(|(_, held)| held.as_u64() != Some(0));
        fields.extend(held.map(|(name, held)| (name.to_owned(), held.clone())));
    }
    let old = held.spec.clone();
    let named = |name: &str| patch.names(name);
    let (name, publisher, lang, topic) = (named("name"), named("publisher"), named("lang"), named("topics"));
    let (priority, full_text) = (named("priority"), named("full_text"));
    let kind = TOGETHER[0].iter().any(|name| patch.names(name));
    let [min, max] = ["interval_min_minutes", "interval_max_minutes"].map(named);
    let new = read(patch.onto(fields), ground, Some(old.url.clone()))?;
    // Minutes are a rounding of what is stored: what isn't named stays to the second.
    let interval_min = if min { new.interval_min } else { old.interval_min };
    let interval_max = if max { new.interval_max } else { old.interval_max };
    if interval_min > interval_max {
        let mut fields = Fields::default();
        let named = if max { "interval_max_minutes" } else { "interval_min_minutes" };
        fields.fault(named, "`interval_max_minutes` is less than `interval_min_minutes`");
        fields.finish(None::<()>)?;
    }
    Ok(SourceSpec {
        name: if name { new.name } else { old.name },
        publisher: if publisher { new.publisher } else { old.publisher },
        kind: if kind { new.kind } else { old.kind },
        lang: if lang { new.lang } else { old.lang },
        topics: if topic { new.topics } else { old.topics },
        interval_min,
        interval_max,
        priority: if priority { new.priority } else { old.priority },
        full_text: if full_text { new.full_text } else { old.full_text },
        url: old.url,
    })
}

/// Reads a source; its address too, where it is not `known`.
fn read(mut fields: Fields, ground: SourceGround<'_>, known: Option<WebUrl>) -> Result<SourceSpec, Problem> {
    let url = known.or_else(|| address(&mut fields));
    let name = name(&mut fields);
    let publisher = fields.text("publisher").filter(|publisher| !publisher.trim().is_empty());
    let kind = kind(&mut fields, ground.checks);
    let lang = fields.text("lang");
    if lang.as_ref().is_some_and(|lang| !is_language(lang)) {
        fields.fault("lang", "`lang` is not a language of two or three small letters, such as `en`");
    }
    let topics = keys(&mut fields, ground.topics);
    let (interval_min, interval_max) = intervals(&mut fields, ground.bounds);
    let priority = priority(&mut fields);
    let full_text = fields.flag("full_text").unwrap_or(false);
    let spec = url.zip(kind).map(|(url, kind)| {
        let host = url.host_text();
        SourceSpec {
            name: name.unwrap_or_else(|| host.to_owned()),
            publisher: publisher.unwrap_or_else(|| site(host).to_owned()),
            kind,
            lang,
            topics,
            interval_min,
            interval_max,
            priority,
            full_text,
            url,
        }
    });
    fields.finish(spec)
}

fn priority(fields: &mut Fields) -> Priority {
    let Some(word) = fields.text("priority") else { return Priority::Normal };
    Priority::parse(&word).unwrap_or_else(|| {
        fields.fault("priority", format!("`priority` is {word:?}, not \"low\", \"normal\" or \"high\""));
        Priority::Normal
    })
}

/// The field `url`: a web address. (Whether it may be fetched is said when it is: names resolve anew each time.)
pub(super) fn address(fields: &mut Fields) -> Option<WebUrl> {
    let text = fields.required("url")?;
    match WebUrl::parse(&text) {
        Ok(url) => match url.user_fault() {
            None => Some(url),
            Some(fault) => {
                fields.fault("url", fault);
                None
            }
        },
        Err(why) => {
            fields.fault("url", why.to_string());
            None
        }
    }
}

/// Feed or page, and the selectors of one.
fn kind(fields: &mut Fields, checks: &Checks) -> Option<SourceKind> {
    let word = fields.text("kind");
    let selectors = fields.within("select", |select| {
        let item = select.required("item").unwrap_or_default();
        let selectors = PageSelectors {
            item,
            link: select.text("link"),
            title: select.text("title"),
            date: select.text("date"),
            summary: select.text("summary"),
        };
        if !selectors.item.is_empty()
            && let Some((which, why)) = (checks.selectors)(&selectors)
        {
            select.fault(which, why);
        }
        selectors
    });
    match (word.as_deref(), selectors) {
        (None | Some("feed"), None) => Some(SourceKind::Feed),
        (Some("page"), Some(selectors)) => Some(SourceKind::Page(selectors)),
        (Some("page"), None) => Some(SourceKind::List),
        (None | Some("feed"), Some(_)) => {
            fields.fault("select", "`select` is for pages: set `kind` to \"page\"");
            None
        }
        (Some(other), _) => {
            fields.fault("kind", format!("`kind` is {other:?}, not \"feed\" or \"page\""));
            None
        }
    }
}

fn intervals(fields: &mut Fields, usual: PollBounds) -> (Duration, Duration) {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    let min = fields.count("interval_min_minutes", INTERVAL_MINUTES_MAX.into()).map(minutes);
    let max = fields.count("interval_max_minutes", INTERVAL_MINUTES_MAX.into()).map(minutes);
    // A bound that is given moves the other's default with it.
    let (min, max) = match (min, max) {
        (None, None) => (usual.min, usual.max),
        (Some(min), None) => (min, usual.max.max(min)),
        (None, Some(max)) => (usual.min.min(max), max),
        (Some(min), Some(max)) => (min, max),
    };
    if min > max {
        fields.fault("interval_max_minutes", "`interval_max_minutes` is less than `interval_min_minutes`");
    }
    (min, max)
}
