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
    let topic = filter.topic.clone();
    let page = app.keeper.read(move |store| store.log(&filter)).await?;
    must_be_there(&app, topic.as_ref(), !page.entries.is_empty()).await?;
    // Who names no place is given what there is.
    if let Some(after) = after.filter(|after| page.has_gap(*after)) {
        return Err(Problem::gone(page.gap(after)));
    }
    let next = page.has_more().then(|| params.next("/v1/notifications", "after", page.through.0));
    Ok(Json(wire::Log::of(&page, next)))
}

/// Refuses a topic that isn't there, where nothing was ever found of it: who mistyped one would hear nothing for ever.
pub(super) async fn must_be_there(app: &AppState, topic: Option<&TopicKey>, is_found: bool) -> Result<(), Problem> {
    let Some(key) = topic.filter(|_| !is_found) else { return Ok(()) };
    let topics = app.keeper.read(|store| store.topics()).await?;
    let is_there = topics.iter().any(|topic| topic.spec.key == *key);
    if is_there { Ok(()) } else { Err(Problem::not_found(format!("there is no topic {key}"))) }
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
