//! `/v1/topics`: what is watched.

use std::time::Duration;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::access::Granted;
use super::conditional::{Conditions, Tag, found, tagged};
use super::fields::Fields;
use super::params::{Params, Segment};
use super::problem::Problem;
use super::state::{AppState, Change, Checks};
use super::wire;
use crate::model::{Origin, Over, Saving, Topic, TopicKey, TopicSpan, TopicSpec, Unsaved};
use crate::port::{Store, StoreError};

/// Who saves over HTTP.
const BY_API: &str = "the API";

/// Characters of a name that people read at most.
pub(super) const NAME_CHARS_MAX: usize = 100;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
const FRESH_HOURS_DEFAULT: u64 = 24;
const STALE_DAYS_DEFAULT: u64 = 7;
/// A year: beyond it "fresh" means nothing.
const FRESH_HOURS_MAX: u64 = 366 * 24;
/// A century: "never stale".
const STALE_DAYS_MAX: u64 = 36_525;

pub(super) async fn list(State(app): State<AppState>, mut params: Params) -> Result<Json<wire::Topics>, Problem> {
    params.finish()?;
    let topics = app.keeper.read(|store| store.topics()).await?;
    Ok(Json(wire::Topics { topics: topics.iter().map(wire::Topic::from).collect() }))
}

pub(super) async fn show(
    State(app): State<AppState>,
    Segment(id): Segment,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let topic = find(&app, &id).await?;
    Ok(conditions.answer(wire::Topic::from(&topic), &[]))
}

pub(super) async fn add(
    State(app): State<AppState>,
    Extension(granted): Extension<Granted>,
    fields: Fields,
) -> Result<impl IntoResponse, Problem> {
    let spec = read(fields, &app.checks)?;
    save(&app, &spec, saving(granted.by(BY_API), Over::Nothing)).await?;
    let location = format!("/v1/topics/{}", spec.key);
    let topic = wire::Topic::from(&Topic { spec, origin: Origin::Api });
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged(Tag::of(&topic, &[])), Json(topic)))
}

/// Changes a topic: a merge patch. It is a new version of it.
pub(super) async fn change(
    State(app): State<AppState>,
    Extension(granted): Extension<Granted>,
    Segment(id): Segment,
    conditions: Conditions,
    patch: Fields,
) -> Result<impl IntoResponse, Problem> {
    let held = find(&app, &id).await?;
    refuse_declared(held.origin, "topic")?;
    // A query that the patch doesn't name is not judged again: an older version may have taken it.
    let checks = if patch.names("query") { app.checks.clone() } else { app.checks.taking_queries() };
    let spec = read(patched(&held.spec, patch), &checks)?;
    let (saved, now) = (spec.clone(), app.clock.now());
    let job = move |store: &mut dyn Store| {
        let current = found!(find_in(store, &id)?);
        found!(conditions.hold(Tag::of(&wire::Topic::from(&current), &[])));
        if current.spec != held.spec {
            return Ok(Err(Problem::conflict("it was changed at the same moment: get it again")));
        }
        let version = store.save_topic(&saved, &saving(granted.by(BY_API), Over::Newest), now)?;
        Ok(version.map_err(|why| unsaved(&saved, why)))
    };
    let version = app.keeper.write(job).await??;
    tell(&app, &spec, version);
    let topic = wire::Topic::from(&Topic { spec, origin: Origin::Api });
    Ok((tagged(Tag::of(&topic, &[])), Json(topic)))
}

pub(super) async fn versions(
    State(app): State<AppState>,
    Segment(id): Segment,
    mut params: Params,
) -> Result<Json<wire::TopicVersions>, Problem> {
    let limit = params.limit();
    let before = params.number("before").map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    params.finish()?;
    let key = find(&app, &id).await?.spec.key;
    let path = format!("/v1/topics/{key}/versions");
    // One more than asked tells whether there is a next page.
    let mut versions = app.keeper.read(move |store| store.topic_versions(&key, before, limit + 1)).await?;
    let more = versions.len() > limit;
    versions.truncate(limit);
    let last = versions.last().filter(|_| more);
    Ok(Json(wire::TopicVersions {
        next: last.map(|last| params.next(&path, "before", i64::from(last.number))),
        versions: versions.iter().map(wire::TopicVersion::from).collect(),
    }))
}

/// Saves an older version anew: the one that is named, else the one before the newest.
pub(super) async fn undo(
    State(app): State<AppState>,
    Extension(granted): Extension<Granted>,
    Segment(id): Segment,
    fields: Option<Fields>,
) -> Result<Json<wire::Topic>, Problem> {
    let topic = find(&app, &id).await?;
    let mut fields = fields.unwrap_or_default();
    let version = fields.count("version", u64::from(i32::MAX.unsigned_abs()));
    fields.finish(Some(()))?;
    let version = version.and_then(|number| u32::try_from(number).ok());
    restore(&app, &topic, version, granted.by(BY_API)).await.map(|topic| Json((&topic).into()))
}

pub(super) async fn remove(
    State(app): State<AppState>,
    Segment(id): Segment,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let job = move |store: &mut dyn Store| {
        let topic = found!(find_in(store, &id)?);
        found!(refuse_declared(topic.origin, "topic"));
        found!(conditions.hold(Tag::of(&wire::Topic::from(&topic), &[])));
        store.remove_topic(&topic.spec.key)?;
        Ok(Ok((topic.spec.key, store.adrift()?.words())))
    };
    let (key, adrift) = app.keeper.write(job).await??;
    (app.changed)(Change::Topics);
    tracing::info!(topic.id = %key, "topic {key} was removed");
    if let Some(said) = adrift {
        tracing::warn!(topic.id = %key, "as topic {key} was removed, {said}");
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn find(app: &AppState, id: &str) -> Result<Topic, Problem> {
    let id = id.to_owned();
    app.keeper.read(move |store| find_in(store, &id)).await?
}

fn find_in(store: &mut dyn Store, id: &str) -> Result<Result<Topic, Problem>, StoreError> {
    let found = store.topics()?.into_iter().find(|topic| topic.spec.key.as_str() == id);
    Ok(found.ok_or_else(|| Problem::not_found(format!("there is no topic {id:?}"))))
}

/// How something is saved by hand.
pub(super) fn saving(by: String, over: Over) -> Saving {
    Saving { by, over, restores: None }
}

/// Saves a topic, new or as a new version; the loops go by it from their next decision on.
///
/// # Errors
/// 409 where its id is taken, the configuration declares it, or a newer version was saved meanwhile; 404 where it is gone.
pub(super) async fn save(app: &AppState, spec: &TopicSpec, saving: Saving) -> Result<u32, Problem> {
    let (saved, now) = (spec.clone(), app.clock.now());
    let version = app.keeper.write(move |store| store.save_topic(&saved, &saving, now)).await?;
    let version = version.map_err(|why| unsaved(spec, why))?;
    tell(app, spec, version);
    Ok(version)
}

fn unsaved(spec: &TopicSpec, why: Unsaved) -> Problem {
    match why {
        Unsaved::Absent => Problem::not_found(format!("there is no topic {:?}", spec.key.as_str())),
        Unsaved::Declared => declared("topic"),
        Unsaved::Overtaken { newest, saved_by } => {
            let by = if saved_by.is_empty() { String::new() } else { format!(" by {saved_by}") };
            Problem::conflict(format!("version {newest} was saved{by} meanwhile: look at it first"))
        }
    }
}

fn tell(app: &AppState, spec: &TopicSpec, version: u32) {
    (app.changed)(Change::Topics);
    let key = &spec.key;
    tracing::info!(topic.id = %key, topic.version = version, "topic {key} was saved, as version {version}");
}

/// Saves an older version of a topic anew.
///
/// # Errors
/// 404 where there is no such version; else as [`save`].
pub(super) async fn restore(app: &AppState, topic: &Topic, version: Option<u32>, by: String) -> Result<Topic, Problem> {
    refuse_declared(topic.origin, "topic")?;
    let key = topic.spec.key.clone();
    let older = app.keeper.read(move |store| store.version_to_restore(&key, version)).await?;
    let Some(older) = older else {
        return Err(Problem::not_found(match version {
            Some(number) => format!("the topic {:?} has no version {number}", topic.spec.key.as_str()),
            None => format!("the topic {:?} has no earlier version", topic.spec.key.as_str()),
        }));
    };
    let saving = Saving { restores: Some(older.number), ..saving(by, Over::Newest) };
    save(app, &older.spec, saving).await?;
    Ok(Topic { spec: older.spec, origin: Origin::Api })
}

fn declared(what: &str) -> Problem {
    Problem::conflict(format!("this {what} is declared in the configuration file: change its lines there and reload"))
}

/// What the configuration declares leaves with its lines, or it would come back at the next start.
///
/// # Errors
/// 409 where it is declared there.
pub(super) fn refuse_declared(origin: Origin, what: &str) -> Result<(), Problem> {
    match origin {
        Origin::Api => Ok(()),
        Origin::Config => Err(Problem::conflict(format!(
            "this {what} is declared in the configuration file: change or remove its lines there and reload"
        ))),
    }
}

/// A topic's own fields, with a merge patch laid onto them. Its id stays, as sources and subscriptions name it: another one is a fault.
pub(super) fn patched(spec: &TopicSpec, patch: Fields) -> Fields {
    let held = json!({
        "name": spec.name, "query": spec.query, "fresh_hours": spec.fresh.as_secs() / HOUR.as_secs(),
        "stale_days": spec.stale.as_secs() / DAY.as_secs(), "from": spec.span.from().map(|day| day.to_string()),
        "until": spec.span.until().map(|day| day.to_string()),
    });
    let Value::Object(held) = held else { return patch };
    let key = spec.key.as_str();
    let mut patch = patch;
    if patch.names("id") && patch.text("id").as_deref() != Some(key) {
        patch.fault("id", format!("a topic's id stays {key:?}: add another topic, and remove this one"));
    }
    let mut fields = patch.onto(held);
    fields.set("id", key);
    fields
}

/// Reads a whole topic.
///
/// # Errors
/// 422 with everything that is wrong with it.
pub(super) fn read(mut fields: Fields, checks: &Checks) -> Result<TopicSpec, Problem> {
    let key = fields.required("id").and_then(|id| {
        let key = TopicKey::parse(&id);
        if key.is_none() {
            fields.fault("id", format!("`id` is {id:?}, not 1 to 64 of a-z, 0-9, `-` and `_`"));
        }
        key
    });
    let name = name(&mut fields);
    let query = fields.required("query");
    check_query(&mut fields, query.as_deref(), checks);
    let fresh_hours = fields.bounded("fresh_hours", 0..=FRESH_HOURS_MAX).unwrap_or(FRESH_HOURS_DEFAULT);
    let stale_days = fields.bounded("stale_days", 0..=STALE_DAYS_MAX).unwrap_or(STALE_DAYS_DEFAULT);
    let span = span(&mut fields);
    let spec = key.zip(query).map(|(key, query)| TopicSpec {
        name: name.unwrap_or_else(|| key.to_string()),
        key,
        query,
        span: span.unwrap_or_default(),
        fresh: HOUR.saturating_mul(u32::try_from(fresh_hours).unwrap_or(u32::MAX)),
        stale: DAY.saturating_mul(u32::try_from(stale_days).unwrap_or(u32::MAX)),
    });
    fields.finish(spec)
}

/// The fields `from` and `until`.
pub(super) fn span(fields: &mut Fields) -> Option<TopicSpan> {
    let (from, until) = (fields.day("from"), fields.day("until"));
    let span = TopicSpan::new(from, until);
    if span.is_none() {
        fields.fault("until", "`until` comes before `from`: give the first day and the last");
    }
    span
}

/// Tells what is wrong in the field `query`, each fault with its place.
pub(super) fn check_query(fields: &mut Fields, query: Option<&str>, checks: &Checks) {
    for fault in query.into_iter().flat_map(|query| (checks.query)(query)) {
        let help = if fault.help.is_empty() { String::new() } else { format!("; {}", fault.help) };
        fields.fault("query", format!("at bytes {}..{}: {}{help}", fault.span.start, fault.span.end, fault.message));
    }
}

/// The field `name`, where given: a line that people read.
pub(super) fn name(fields: &mut Fields) -> Option<String> {
    let name = fields.text("name").filter(|name| !name.trim().is_empty())?;
    if name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        fields.fault("name", format!("`name` is longer than {NAME_CHARS_MAX} characters or holds control characters"));
    }
    Some(name.trim().to_owned())
}

/// The field `topics`: ids of topics that there are.
pub(super) fn keys(fields: &mut Fields, topics: &[Topic]) -> Vec<TopicKey> {
    let mut keys = Vec::new();
    for id in fields.texts("topics") {
        match topics.iter().find(|topic| topic.spec.key.as_str() == id) {
            Some(topic) => keys.push(topic.spec.key.clone()),
            None => fields.fault("topics", format!("there is no topic {id:?}")),
        }
    }
    keys
}
