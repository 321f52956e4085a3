//! The pages' addresses.

use axum::Router;
use axum::routing::{get, post};

use super::{assets, events, live, sign_in, topics, why, workshop};
use crate::server::state::AppState;

/// Every page, and the files that they name.
pub(in crate::server) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(events::all))
        .route("/topics/{id}", get(events::of_topic))
        .route("/live", get(live::live))
        .route("/events/{id}", get(why::event))
        .route("/events/{id}/split", post(why::split))
        .route("/events/{id}/merge", post(why::merge))
        .route("/stories/{id}", get(why::story))
        .route("/stories/{id}/mark", post(why::mark))
        .route("/labels.jsonl", get(why::labels))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/topics", get(topics::list).post(topics::add))
        .route("/topics/{id}/edit", get(workshop::edit).post(workshop::keep))
        .route("/topics/{id}/undo", post(workshop::undo))
        .route("/workshop/try", post(workshop::try_it))
        .route("/workshop/preview", post(workshop::preview))
        .route("/workshop.js", get(assets::workshop))
        .merge(super::sources::routes())
        .merge(super::subscriptions::routes())
        .route("/desk.css", get(assets::desk))
        .route("/style.css", get(assets::style))
        .route("/push.js", get(assets::script))
        .route("/events.js", get(assets::live))
        .route("/sw.js", get(assets::worker))
        .route("/manifest.webmanifest", get(assets::manifest))
        .route("/icon.svg", get(assets::icon))
        .route("/icon-192.png", get(assets::icon_small))
        .route("/icon-512.png", get(assets::icon_large))
}
