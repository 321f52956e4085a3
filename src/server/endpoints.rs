//! `/v1/subscriptions/{id}/enable`, `/disable` and `/recover`: what an operator does about an endpoint.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;

use super::fields::Fields;
use super::params::{Params, Segment, row};
use super::problem::Problem;
use super::state::{AppState, Change};
use super::subscriptions::{find, shown};
use super::wire;
use crate::model::{Replay, SubscriptionId, SubscriptionState};

pub(super) async fn enable(
    State(app): State<AppState>,
    Segment(id): Segment,
    mut params: Params,
) -> Result<Json<wire::Enabled>, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    let replay = params.parsed("replay", "all, none, or a time such as 2026-11-24T12:00:00Z", |word| match word {
        "all" => Some(Replay::All),
        "none" => Some(Replay::Nothing),
        since => since.parse().ok().map(Replay::Since),
    });
    params.finish()?;
    let replayed = serve(&app, id, replay.unwrap_or(Replay::All)).await?;
    Ok(Json(wire::Enabled { subscription: shown(&app, id).await?, replayed }))
}

/// Serves a disabled subscription again, and gives how much of what it missed is sent.
///
/// # Errors
/// Where it is not disabled.
pub(super) async fn serve(app: &AppState, id: SubscriptionId, replay: Replay) -> Result<usize, Problem> {
    find(app, id).await?;
    let now = app.clock.now();
    let Some(replayed) = app.keeper.write(move |store| store.enable_subscription(id, replay, now)).await? else {
        return Err(Problem::conflict(format!("subscription {id} is not disabled")));
    };
    (app.changed)(Change::Subscriptions);
    (app.changed)(Change::Deliveries);
    tracing::info!(
        subscription.id = id.0,
        replayed,
        "subscription {id} was enabled, and {replayed} deliveries that it missed are sent"
    );
    Ok(replayed)
}

pub(super) async fn disable(
    State(app): State<AppState>,
    Segment(id): Segment,
) -> Result<Json<wire::Subscription>, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    stop(&app, id).await?;
    Ok(Json(shown(&app, id).await?))
}

/// Serves a subscription no longer.
///
/// # Errors
/// Where it is disabled already.
pub(super) async fn stop(app: &AppState, id: SubscriptionId) -> Result<(), Problem> {
    find(app, id).await?;
    let now = app.clock.now();
    if !app.keeper.write(move |store| store.disable_subscription(id, now)).await? {
        return Err(Problem::conflict(format!("subscription {id} is disabled already")));
    }
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = id.0, "subscription {id} was disabled by an operator");
    Ok(())
}

pub(super) async fn recover(
    State(app): State<AppState>,
    Segment(id): Segment,
    mut fields: Fields,
) -> Result<Json<wire::Recovered>, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    let since = fields.required("since").and_then(|text| {
        let since = text.parse::<Timestamp>().ok();
        if since.is_none() {
            fields.fault("since", format!("`since` is {text:?}, not a time such as \"2026-11-24T12:00:00Z\""));
        }
        since
    });
    let since = fields.finish(since)?;
    let recovered = make_up(&app, id, since).await?;
    Ok(Json(wire::Recovered { subscription: id.0, recovered }))
}

/// Sends again what was made since a moment and did not end delivered; gives how much.
///
/// # Errors
/// Where the subscription is disabled.
pub(super) async fn make_up(app: &AppState, id: SubscriptionId, since: Timestamp) -> Result<usize, Problem> {
    if find(app, id).await?.state == SubscriptionState::Disabled {
        return Err(Problem::conflict(format!("subscription {id} is disabled: enable it first")));
    }
    let now = app.clock.now();
    let recovered = app.keeper.write(move |store| store.recover(id, since, now)).await?;
    (app.changed)(Change::Deliveries);
    tracing::info!(
        subscription.id = id.0,
        recovered,
        "{recovered} deliveries to subscription {id} are sent again, as an operator asked"
    );
    Ok(recovered)
}
