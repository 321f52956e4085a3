//! `/v1/deliveries`: whom was told what, when, and what they answered.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::params::{End, Params, Segment, row};
use super::problem::Problem;
use super::state::{AppState, Change};
use super::{verification, wire};
use crate::model::{Delivery, DeliveryId, DeliveryState, EventId, SubscriptionId};
use crate::port::DeliveryFilter;

pub(super) async fn list(State(app): State<AppState>, mut params: Params) -> Result<Json<wire::Deliveries>, Problem> {
    let filter = DeliveryFilter {
        subscription: params.number("subscription").map(SubscriptionId),
        state: params.parsed(
            "state",
            "pending, delivered, expired, gone, held, digested, kept, repeat or withdrawn",
            |word| DeliveryState::ALL.into_iter().find(|state| state.label() == word),
        ),
        before: params.number("before").map(DeliveryId),
        limit: params.limit(),
        since: params.time("since", End::First),
        event: params.number("event").map(EventId),
    };
    params.finish()?;
    let (deliveries, before) = page(&app, filter).await?;
    let next = before.map(|before| params.next("/v1/deliveries", "before", before.0));
    Ok(Json(wire::Deliveries { deliveries: deliveries.iter().map(wire::Delivery::from).collect(), next }))
}

/// A page of deliveries, newest first, and before which the next one begins.
pub(super) async fn page(
    app: &AppState,
    filter: DeliveryFilter,
) -> Result<(Vec<Delivery>, Option<DeliveryId>), Problem> {
    // One more than asked tells whether there is a next page.
    let limit = filter.limit;
    let filter = DeliveryFilter { limit: limit + 1, ..filter };
    let mut deliveries = app.keeper.read(move |store| store.deliveries(&filter)).await?;
    let more = deliveries.len() > limit;
    deliveries.truncate(limit);
    let next = deliveries.last().filter(|_| more).map(|last| last.id);
    Ok((deliveries, next))
}

pub(super) async fn show(State(app): State<AppState>, Segment(id): Segment) -> Result<Json<wire::Delivery>, Problem> {
    let id = DeliveryId(row(&id, "delivery")?);
    Ok(Json(wire::Delivery::with_payload(&find(&app, id).await?)))
}

pub(super) async fn replay(State(app): State<AppState>, Segment(id): Segment) -> Result<impl IntoResponse, Problem> {
    let id = DeliveryId(row(&id, "delivery")?);
    send_again(&app, id).await?;
    Ok((StatusCode::ACCEPTED, Json(wire::Delivery::from(&find(&app, id).await?))))
}

/// Makes a delivery that has ended pending again.
///
/// # Errors
/// Where it is pending, or its endpoint has proved nothing.
pub(super) async fn send_again(app: &AppState, id: DeliveryId) -> Result<(), Problem> {
    // For the 404, which the store's `false` doesn't tell from a delivery that is under way or waits for its turn.
    let delivery = find(app, id).await?;
    verification::refuse_unverified(app, delivery.subscription.0).await?;
    let now = app.clock.now();
    if !app.keeper.write(move |store| store.replay(id, now)).await? {
        return Err(Problem::conflict(format!(
            "delivery {id} is under way, or waits for its turn: it will be sent anyway"
        )));
    }
    (app.changed)(Change::Deliveries);
    tracing::info!(delivery.id = id.0, "delivery {id} is sent again, as an operator asked");
    Ok(())
}

/// One delivery.
///
/// # Errors
/// 404 where there is none such.
pub(super) async fn find(app: &AppState, id: DeliveryId) -> Result<Delivery, Problem> {
    let delivery = app.keeper.read(move |store| store.delivery(id)).await?;
    delivery.ok_or_else(|| Problem::not_found(format!("there is no delivery {id}")))
}
