//! The pages' addresses.

use axum::Router;
use axum::routing::{get, post};

use super::{assets, front, sign_in};
use crate::server::state::AppState;

/// Every page, and the files that they name.
pub(in crate::server) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(front::front))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .merge(super::sources::routes())
        .merge(super::subscriptions::routes())
        .route("/desk.css", get(assets::desk))
        .route("/style.css", get(assets::style))
        .route("/push.js", get(assets::script))
        .route("/sw.js", get(assets::worker))
        .route("/manifest.webmanifest", get(assets::manifest))
        .route("/icon.svg", get(assets::icon))
}
