//! `/v1/events`: what happened.

use axum::Json;
use axum::extract::State;

use super::notifications::must_be_there;
use super::params::{End, Params, Segment, row};
use super::problem::Problem;
use super::state::AppState;
use super::wire;
use crate::model::{EventId, TopicKey};
use crate::port::EventFilter;

pub(super) async fn list(State(app): State<AppState>, mut params: Params) -> Result<Json<wire::Events>, Problem> {
    let filter = EventFilter {
        topic: params.parsed("topic", "a topic's id", TopicKey::parse),
        since: params.time("since", End::First),
        until: params.time("until", End::Last),
        lang: params.language("lang"),
        publisher: params.publisher("publisher"),
        told_only: params.parsed("told", "true or false", |word| word.parse().ok()).unwrap_or(false),
        before: params.number("before").map(EventId),
        limit: params.limit(),
    };
    if params.text("after").is_some() {
        params.fault("after", "events have no such order; what was told has: /v1/notifications?after=".to_owned());
    }
    params.finish()?;
    // One more than asked tells whether there is a next page.
    let limit = filter.limit;
    let filter = EventFilter { limit: limit + 1, ..filter };
    must_be_there(&app, filter.topic.as_ref()).await?;
    let mut events = app.keeper.read(move |store| store.events(&filter)).await?;
    let more = events.len() > limit;
    events.truncate(limit);
    let next = events.last().filter(|_| more).map(|last| params.next("/v1/events", "before", last.id.0));
    Ok(Json(wire::Events { events: events.iter().map(wire::Event::from).collect(), next }))
}

pub(super) async fn show(
    State(app): State<AppState>,
    Segment(id): Segment,
) -> Result<Json<wire::EventWithStories>, Problem> {
    let id = EventId(row(&id, "event")?);
    let view = app.keeper.read(move |store| store.event(id)).await?;
    let view = view.ok_or_else(|| Problem::not_found(format!("there is no event {id}")))?;
    Ok(Json((&view).into()))
}
