//! Whether an endpoint wants what it would be told: asked now, for whoever waits for it.

use axum::Json;
use axum::extract::State;

use super::params::{Segment, row};
use super::problem::Problem;
use super::state::{AppState, Change};
use super::subscriptions::find;
use super::wire;
use crate::model::SubscriptionId;

/// `POST /v1/subscriptions/{id}/verify`: asks the endpoint now. One that needs to prove nothing is not asked.
pub(super) async fn verify(
    State(app): State<AppState>,
    Segment(id): Segment,
) -> Result<Json<wire::Subscription>, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    prove(&app, id).await?;
    Ok(Json((&find(&app, id).await?).into()))
}

/// Asks an endpoint now, unless it needs to prove nothing.
///
/// # Errors
/// Where it proved nothing.
pub(super) async fn prove(app: &AppState, id: SubscriptionId) -> Result<(), Problem> {
    find(app, id).await?;
    match ask(app, id).await? {
        None | Some(Ok(())) => Ok(()),
        Some(Err(why)) => Err(Problem::conflict(format!("its endpoint didn't prove that it wants this: {why}"))),
    }
}

/// Asks the endpoint of an unverified subscription; `None` where it is not unverified.
pub(super) async fn ask(app: &AppState, id: SubscriptionId) -> Result<Option<Result<(), String>>, Problem> {
    let held = app.keeper.read(move |store| store.verification(id)).await?;
    let (Some(held), Some(verifier)) = (held, &app.verifier) else { return Ok(None) };
    let outcome = verifier.ask(held).await?;
    if outcome.is_ok() {
        (app.changed)(Change::Subscriptions);
    }
    Ok(Some(outcome))
}

pub(super) fn unverified() -> Problem {
    Problem::conflict("its endpoint must prove first that it wants this: POST to /v1/subscriptions/{id}/verify")
}

/// Refuses what is sent to an endpoint that has proved nothing.
pub(super) async fn refuse_unverified(app: &AppState, id: SubscriptionId) -> Result<(), Problem> {
    let held = app.keeper.read(move |store| store.verification(id)).await?;
    held.map_or(Ok(()), |_unverified| Err(unverified()))
}
