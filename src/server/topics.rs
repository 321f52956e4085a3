//! `/v1/topics`: what is watched.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::conditional::{Conditions, Tag, found, tagged};
use super::fields::Fields;
use super::params::{Params, Segment};
use super::problem::Problem;
use super::state::{AppState, Change, Checks};
use super::wire;
use crate::model::{Origin, Topic, TopicKey, TopicSpan, TopicSpec};
use crate::port::{Store, StoreError};

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
    let topic = app.keeper.read(move |store| find(store, &id)).await??;
    Ok(conditions.answer(wire::Topic::from(&topic), &[]))
}

pub(super) async fn add(State(app): State<AppState>, fields: Fields) -> Result<impl IntoResponse, Problem> {
    let spec = read(fields, &app.checks)?;
    let now = app.clock.now();
    let added = spec.clone();
    app.keeper.write(move |store| store.add_topic(&added, now)).await?;
    (app.changed)(Change::Topics);
    tracing::info!(topic.id = %spec.key, "topic added");
    let location = format!("/v1/topics/{}", spec.key);
    let topic = wire::Topic::from(&Topic { spec, origin: Origin::Api });
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], tagged(Tag::of(&topic, &[])), Json(topic)))
}

pub(super) async fn remove(
    State(app): State<AppState>,
    Segment(id): Segment,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let job = move |store: &mut dyn Store| {
        let topic = found!(find(store, &id)?);
        found!(refuse_declared(topic.origin, "topic"));
        found!(conditions.hold(Tag::of(&wire::Topic::from(&topic), &[])));
        store.remove_topic(&topic.spec.key)?;
        Ok(Ok(topic.spec.key))
    };
    let key = app.keeper.write(job).await??;
    (app.changed)(Change::Topics);
    tracing::info!(topic.id = %key, "topic removed");
    Ok(StatusCode::NO_CONTENT)
}

fn find(store: &mut dyn Store, id: &str) -> Result<Result<Topic, Problem>, StoreError> {
    let found = store.topics()?.into_iter().find(|topic| topic.spec.key.as_str() == id);
    Ok(found.ok_or_else(|| Problem::not_found(format!("there is no topic {id:?}"))))
}

/// What the configuration declares leaves with its lines, or it would come back at the next start.
///
/// # Errors
/// 409 where it is declared there.
pub(super) fn refuse_declared(origin: Origin, what: &str) -> Result<(), Problem> {
    match origin {
        Origin::Api => Ok(()),
        Origin::Config => Err(Problem::conflict(format!(
            "this {what} is declared in the configuration file: remove its lines there and reload"
        ))),
    }
}

fn read(mut fields: Fields, checks: &Checks) -> Result<TopicSpec, Problem> {
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
    let fresh_hours = fields.count("fresh_hours", FRESH_HOURS_MAX).unwrap_or(FRESH_HOURS_DEFAULT);
    let stale_days = fields.count("stale_days", STALE_DAYS_MAX).unwrap_or(STALE_DAYS_DEFAULT);
    let (from, until) = (fields.day("from"), fields.day("until"));
    let span = TopicSpan::new(from, until);
    if span.is_none() {
        fields.fault("until", "`until` comes before `from`: give the first day and the last");
    }
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
