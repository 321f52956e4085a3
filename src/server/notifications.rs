//! `/v1/notifications`: the log of all that was told, to be read on from any place in it.

use axum::Json;
use axum::extract::State;

use super::params::Params;
use super::problem::Problem;
use super::state::AppState;
use super::wire;
use crate::model::{NotificationType, Sequence, TopicKey};
use crate::port::LogFilter;

pub(super) async fn list(State(app): State<AppState>, mut params: Params) -> Result<Json<wire::Log>, Problem> {
    let after = params.number("after").map(Sequence);
    let (topic, types) = (topic(&mut params), types(&mut params));
    let filter = LogFilter { after: after.unwrap_or_default(), topic, types, limit: params.limit() };
    params.finish()?;
    must_be_there(&app, filter.topic.as_ref()).await?;
    let page = app.keeper.read(move |store| store.log(&filter)).await?;
    // Who names no place is given what there is.
    if let Some(after) = after.filter(|after| page.has_gap(*after)) {
        return Err(Problem::gone(page.gap(after)));
    }
    let next = page.has_more().then(|| params.next("/v1/notifications", "after", page.through.0));
    Ok(Json(wire::Log::of(&page, next)))
}

/// Refuses a topic that never was: who mistyped one would hear nothing for ever. One that was removed has its history.
pub(super) async fn must_be_there(app: &AppState, topic: Option<&TopicKey>) -> Result<(), Problem> {
    let Some(key) = topic.cloned() else { return Ok(()) };
    let asked = key.clone();
    let is_known = app.keeper.read(move |store| store.knows_topic(&asked)).await?;
    if is_known { Ok(()) } else { Err(Problem::not_found(format!("there is no topic {key}"))) }
}

/// The parameter `topic`.
pub(super) fn topic(params: &mut Params) -> Option<TopicKey> {
    params.parsed("topic", "a topic's id", TopicKey::parse)
}

/// The parameter `types`: words with commas between them.
pub(super) fn types(params: &mut Params) -> Vec<NotificationType> {
    let allowed = NotificationType::ALL.map(NotificationType::label).join(", ");
    params
        .parsed("types", &format!("one or more of {allowed}, with commas between them"), |text| {
            text.split(',').map(|word| NotificationType::parse(word.trim())).collect()
        })
        .unwrap_or_default()
}
