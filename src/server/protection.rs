//! What stands around every handler: a bound on its time, and headers that keep a browser from doing harm.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::openness::{self, Visit};
use super::problem::Problem;
use super::state::AppState;

/// A handler that takes longer is given up: it waits for a store that is stuck. Bodies are at most 64 KiB, so a slow
/// sender has no claim to more either.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);

/// Nothing is loaded but files of our own: a style sheet, an icon, and the scripts that subscribe a browser. Nothing within
/// the page is a script.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; \
                                       connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; \
                                       base-uri 'none'; frame-ancestors 'none'";

/// Asks a handler, where the request was meant for this host. All that stands around it is one layer: for each request a layer is made
/// anew, with those that it holds.
pub(super) async fn stand_around(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = match openness::check_host(&app, &request) {
        Ok(()) => admit(&app, request, next).await,
        Err(elsewhere) => elsewhere.into_response(),
    };
    add_headers(response.headers_mut());
    response
}

/// Answers pages of other origins as far as they may ask.
async fn admit(app: &AppState, request: Request, next: Next) -> Response {
    let Some(visit) = Visit::of(&app.openness, &request) else { return bound_time(request, next).await };
    let mut response = match visit.answer() {
        Some(answer) => answer,
        None => bound_time(request, next).await,
    };
    visit.allow(response.headers_mut());
    response
}

/// Bounds the time of `next`.
async fn bound_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER_TIME_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => {
            Problem::too_slow(format!("no answer within {} seconds", ANSWER_TIME_MAX.as_secs())).into_response()
        }
    }
}

/// So many they are.
const HEADERS: usize = 6;

/// Adds the security headers to every answer that has none of its own.
fn add_headers(headers: &mut HeaderMap) {
    // Else it grows twice, as large as it is then.
    headers.reserve(HEADERS);
    put(headers, header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    put(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Nothing is named to others; and forms of our own pages name where they are from, which `no-referrer` keeps from ourselves.
    put(headers, header::REFERRER_POLICY, "same-origin");
    put(headers, header::CACHE_CONTROL, "no-store");
    put(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
