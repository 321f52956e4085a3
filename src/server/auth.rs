//! Who may use `/v1`: the bearer of the one configured token (RFC 6750).

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::problem::Problem;
use super::state::AppState;
use crate::model::Secret;

/// Marks a request that came without a token, where none is needed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stranger;

/// Lets a request with the right token through; to a public stream one without any, too.
pub(super) async fn require_token(
    State(app): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    // Inside the nest: the path begins after `/v1`.
    let is_stream = request.method() == Method::GET && request.uri().path() == "/stream";
    if is_stream && app.openness.stream && !request.headers().contains_key(header::AUTHORIZATION) {
        request.extensions_mut().insert(Stranger);
        return Ok(next.run(request).await);
    }
    let Some(token) = &app.token else {
        return Err(Problem::closed(
            "no token is configured: set `token_file` (or `token_credential`) under [server] and start tidings again, \
             then send `Authorization: Bearer TOKEN`",
        ));
    };
    let given = request.headers().get(header::AUTHORIZATION);
    let Some(given) = given.and_then(|value| value.to_str().ok()).and_then(bearer) else {
        return Err(Problem::unauthorized("send `Authorization: Bearer TOKEN`"));
    };
    // `Secret` compares in constant time.
    if Secret::new(given) != *token {
        return Err(Problem::unauthorized("the token is not the configured one"));
    }
    Ok(next.run(request).await)
}

/// The token of a `Bearer` credential; the scheme's name is case-insensitive (RFC 9110 section 11.1).
pub(super) fn bearer(credentials: &str) -> Option<&str> {
    let (scheme, token) = credentials.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
