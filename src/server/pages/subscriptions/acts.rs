//! What is done about a subscription: each a form that leads back to it, as the API does it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::html;
use serde_json::{Map, Value};

use super::super::desk::{Desk, name};
use super::super::frame::Section;
use super::super::posted::Posted;
use super::super::reader::{Reader, Right};
use super::super::refusal::Refusal;
use super::one::number;
use crate::model::{Replay, SubscriptionId};
use crate::server::conditional::Conditions;
use crate::server::fields::Fields;
use crate::server::params::Segment;
use crate::server::problem::Problem;
use crate::server::state::AppState;
use crate::server::{endpoints, rotation, subscriptions, verification};

fn back(id: SubscriptionId, word: &str) -> Redirect {
    Redirect::to(&format!("/subscriptions/{id}?done={word}"))
}

/// `POST /subscriptions/{id}/test`
pub(super) async fn test(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    _ours: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    let id = number(&id)?;
    subscriptions::try_out(&app, id).await?;
    Ok(back(id, "test"))
}

/// `POST /subscriptions/{id}/enable`
pub(super) async fn enable(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    posted: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    let id = number(&id)?;
    let replay = match posted.text("replay") {
        Some("none") => Replay::Nothing,
        Some("all") | None => Replay::All,
        Some(_) => return Err(Problem::malformed("`replay` is neither \"all\" nor \"none\"").into()),
    };
    let replayed = endpoints::serve(&app, id, replay).await?;
    Ok(Redirect::to(&format!("/subscriptions/{id}?done=enabled&count={replayed}")))
}

/// `POST /subscriptions/{id}/disable`
pub(super) async fn disable(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    _ours: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    let id = number(&id)?;
    endpoints::stop(&app, id).await?;
    Ok(back(id, "disabled"))
}

/// `POST /subscriptions/{id}/verify`
pub(super) async fn verify(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    _ours: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    let id = number(&id)?;
    verification::prove(&app, id).await?;
    Ok(back(id, "verified"))
}

/// `POST /subscriptions/{id}/recover`
pub(super) async fn recover(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    posted: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    let id = number(&id)?;
    let since = posted.text("since").and_then(|text| text.parse().ok());
    let since = since.ok_or_else(|| Problem::malformed("since when? give a time such as 2026-11-24T12:00:00Z"))?;
    let recovered = endpoints::make_up(&app, id, since).await?;
    Ok(Redirect::to(&format!("/subscriptions/{id}?done=recovered&count={recovered}")))
}

/// `POST /subscriptions/{id}/remove`
pub(super) async fn remove(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    _ours: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    subscriptions::take_out(&app, number(&id)?, Conditions::default()).await?;
    Ok(Redirect::to("/subscriptions?done=removed"))
}

/// `POST /subscriptions/{id}/rotate`: the page that answers holds the new secret, and no address ever does.
pub(super) async fn rotate(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    posted: Posted,
) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let mut object = Map::new();
    if let Some(hours) = posted.text("keep_hours") {
        object.insert("keep_hours".to_owned(), hours.parse::<u64>().map_or_else(|_| hours.into(), Value::from));
    }
    let (subscription, secret, dropped) = rotation::renew(&app, number(&id)?, Fields::of_form(object)).await?;
    let main = html! {
        p.up { a href={ "/subscriptions/" (subscription.id) } { (name(&subscription.spec.name)) } }
        h1 { "A new secret" }
        (shown_once(secret.as_deref()))
        @if dropped > 0 { p { "Old secrets that sign no more, as there were too many: " (dropped) "." } }
    };
    let desk = Desk { title: "A new secret", here: Section::Subscriptions, reader: &reader };
    Ok(desk.answer(StatusCode::OK, &main).into_response())
}

/// A secret, for this once.
pub(super) fn shown_once(secret: Option<&str>) -> maud::Markup {
    html! {
        @match secret {
            Some(secret) => {
                p { "What is sent is signed with this secret. It is shown this once: give it to the receiver now." }
                p.secret { code { (secret) } }
            }
            None => { p { "Receivers verify what is sent with the public key: the API shows it." } }
        }
    }
}
