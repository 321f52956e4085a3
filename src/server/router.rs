//! The routes.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::http::{HeaderMap, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Router, http};

use super::problem::Problem;
use super::shared_survey::SharedSurvey;
use super::state::AppState;
use super::{
    auth, corrections, deliveries, devices, discovery, endpoints, events, feeds, health, hub, labels, metrics,
    notifications, openapi, opml, pages, protection, rotation, self_service, sources, status, stories, stream,
    subscriptions, tokens, topics, verification, websub, workshop,
};

/// Bytes of a request's body at most: the longest thing sent is a topic's query.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Everything that the daemon answers.
pub fn router(state: AppState) -> Router {
    let description: Bytes = openapi::document().to_json().unwrap_or_default().into();
    let api = Router::new()
        .route("/status", get(status::show))
        .route("/topics", get(topics::list).post(topics::add))
        .route("/topics/{id}", get(topics::show).patch(topics::change).delete(topics::remove))
        .route("/preview", post(workshop::preview))
        .route("/topics/{id}/versions", get(topics::versions))
        .route("/topics/{id}/undo", post(topics::undo))
        .route("/sources", get(sources::list).post(sources::add))
        .route("/sources/{id}", get(sources::show).patch(sources::change).delete(sources::remove))
        .route("/sources/{id}/poll", post(sources::poll))
        .route("/sources/{id}/resume", post(sources::resume))
        .route("/sources/discover", post(discovery::discover))
        .route("/sources/opml", get(opml::export).post(opml::import).layer(DefaultBodyLimit::max(opml::BYTES_MAX)))
        .route("/events", get(events::list))
        .route("/events/{id}", get(events::show))
        .route("/events/{id}/merge", post(corrections::merge))
        .route("/events/{id}/split", post(corrections::split))
        .route("/stories", get(stories::search))
        .route("/stories/{id}", get(stories::show))
        .route("/stories/{id}/mark", post(corrections::mark))
        .route("/labels", get(labels::list))
        .route("/notifications", get(notifications::list))
        .route("/stream", get(stream::open))
        .route("/deliveries", get(deliveries::list))
        .route("/deliveries/{id}", get(deliveries::show))
        .route("/deliveries/{id}/replay", post(deliveries::replay))
        .route("/subscriptions", get(subscriptions::list).post(subscriptions::add))
        .route("/subscriptions/{id}/rotate", post(rotation::rotate))
        .route(
            "/subscriptions/{id}",
            get(subscriptions::show).patch(subscriptions::change).delete(subscriptions::remove),
        )
        .route("/subscriptions/{id}/verify", post(verification::verify))
        .route("/subscriptions/{id}/test", post(subscriptions::test))
        .route("/subscriptions/{id}/enable", post(endpoints::enable))
        .route("/subscriptions/{id}/disable", post(endpoints::disable))
        .route("/subscriptions/{id}/recover", post(endpoints::recover))
        .route("/tokens", get(tokens::list).post(tokens::add))
        .route("/tokens/{id}", get(tokens::show).delete(tokens::remove))
        .fallback(nothing_there)
        .method_not_allowed_fallback(other_method)
        // Outermost of the API: a stranger learns nothing, not even which routes there are.
        .layer(from_fn_with_state(state.clone(), auth::require_token));
    Router::new()
        .nest("/v1", api)
        .route("/openapi.json", get(|| async { ([(header::CONTENT_TYPE, "application/json")], description) }))
        .merge(pages::routes())
        .route("/feeds/{name}", get(feeds::serve))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::scrape).layer(Extension(SharedSurvey::new())))
        .route("/push", post(devices::subscribe).delete(devices::unsubscribe))
        .route("/push/key", get(devices::key))
        .route("/push/test", post(devices::test))
        .route("/webhooks", post(self_service::subscribe))
        .route("/webhooks/mine", get(self_service::show).patch(self_service::change).delete(self_service::end))
        .route("/webhooks/mine/rotate", post(self_service::rotate))
        .route("/webhooks/mine/verify", post(self_service::verify))
        .route("/websub/hub", post(hub::ask))
        .route("/websub/{token}", get(websub::verify).post(websub::take))
        .fallback(nothing_there)
        .method_not_allowed_fallback(other_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(state.clone(), protection::stand_around))
        .with_state(state)
}

// The address as it was asked for: within `/v1` the other one lacks that.
async fn nothing_there(OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    refused(&uri, &headers, Problem::not_found(format!("nothing is served at {}", uri.path())))
}

async fn other_method(method: http::Method, OriginalUri(uri): OriginalUri, headers: HeaderMap) -> Response {
    refused(&uri, &headers, Problem::method_not_allowed(format!("{method} is not served at {}", uri.path())))
}

/// A page for who asks for pages, as browsers do: an address was mistyped, or is of a page that was. Else, and in the API, what
/// programs read.
fn refused(uri: &http::Uri, headers: &HeaderMap, problem: Problem) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.contains("text/html") && !uri.path().starts_with("/v1/") {
        pages::refused(problem)
    } else {
        problem.into_response()
    }
}
