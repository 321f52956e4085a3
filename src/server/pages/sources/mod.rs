//! What is read, and how it fares: `/sources` and all below it.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::server::opml::BYTES_MAX;
use crate::server::state::AppState;

mod add;
mod health;
mod list;
mod one;
mod opml;

/// Bytes that a form adds to the file in it.
const FORM_BYTES: usize = 64 * 1024;

pub(super) fn routes() -> Router<AppState> {
    let lists = get(opml::show).post(opml::import).layer(DefaultBodyLimit::max(BYTES_MAX + FORM_BYTES));
    Router::new()
        .route("/sources", get(list::show))
        .route("/sources/add", get(add::show).post(add::search))
        .route("/sources/add/{search}", get(add::found).post(add::add))
        .route("/sources/opml", lists)
        .route("/sources/opml/file", get(opml::export))
        .route("/sources/{id}", get(one::show))
        .route("/sources/{id}/poll", post(one::poll))
        .route("/sources/{id}/resume", post(one::resume))
        .route("/sources/{id}/remove", post(one::remove))
}
