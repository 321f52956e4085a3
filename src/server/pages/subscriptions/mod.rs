//! Who is told, and what became of it: `/subscriptions`, `/deliveries` and all below them.

use axum::Router;
use axum::routing::{get, post};

use crate::server::state::AppState;

mod acts;
mod add;
mod deliveries;
mod list;
mod one;
mod words;

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/subscriptions", get(list::show))
        .route("/subscriptions/add", get(add::show).post(add::add))
        .route("/subscriptions/{id}", get(one::show))
        .route("/subscriptions/{id}/test", post(acts::test))
        .route("/subscriptions/{id}/enable", post(acts::enable))
        .route("/subscriptions/{id}/disable", post(acts::disable))
        .route("/subscriptions/{id}/verify", post(acts::verify))
        .route("/subscriptions/{id}/recover", post(acts::recover))
        .route("/subscriptions/{id}/rotate", post(acts::rotate))
        .route("/subscriptions/{id}/remove", post(acts::remove))
        .route("/deliveries", get(deliveries::list))
        .route("/deliveries/{id}", get(deliveries::show))
        .route("/deliveries/{id}/replay", post(deliveries::replay))
}
