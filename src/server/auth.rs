//! Who may use `/v1`: bearers of tokens (RFC 6750), each as far as its scope reaches.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use super::pages::cookie;
use super::problem::Problem;
use super::quota::Client;
use super::state::AppState;
use crate::model::Scope;

/// Marks a request that came without a token, where none is needed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stranger;

/// Lets a request with a token that reaches so far through; to a public stream one without any, too.
pub(super) async fn require_token(
    State(app): State<AppState>,
    client: Client,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    // Inside the nest: the path begins after `/v1`.
    let is_stream = request.method() == Method::GET && request.uri().path() == "/stream";
    if is_stream && app.openness.stream && !request.headers().contains_key(header::AUTHORIZATION) {
        request.extensions_mut().insert(Stranger);
        return Ok(next.run(request).await);
    }
    let given = request.headers().get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()).and_then(bearer);
    let granted = app.access.admits_from(client, given).await?.map_err(Problem::too_often)?;
    let Some(granted) = granted else {
        if !app.access.is_open().await? {
            return Err(Problem::closed(
                "there is no token: make one with `tidings token add`, or set `token_file` (or `token_credential`) under \
                 [server] and start tidings again; then send `Authorization: Bearer TOKEN`",
            ));
        }
        return Err(match given {
            Some(_) => Problem::wrong_token("the token is none of those that count here; it may have expired"),
            None => Problem::unauthorized("send `Authorization: Bearer TOKEN`"),
        });
    };
    let needed = needed(request.method(), request.uri().path());
    if granted.scope < needed {
        return Err(Problem::out_of_scope(&granted.name, granted.scope, needed));
    }
    request.extensions_mut().insert(granted);
    Ok(next.run(request).await)
}

/// Lets in who may see the pages: anybody where they are public, else who sends a token that counts, as a bearer or in the pages' cookie.
///
/// # Errors
/// 401 to strangers, 429 to an address that has tried too often.
pub(super) async fn admit_reader(app: &AppState, client: Client, headers: &HeaderMap) -> Result<(), Problem> {
    if app.openness.pages {
        return Ok(());
    }
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?));
    // Who sends none guesses none: programs that read feeds ask again and again, perhaps from where a token is used.
    let granted = match sent.or_else(|| cookie(headers)) {
        Some(token) => app.access.admits_from(client, Some(token)).await?.map_err(Problem::too_often)?,
        None => None,
    };
    granted.map(drop).ok_or_else(|| {
        Problem::unauthorized(
            "events are not shown to everybody here (`public_pages` in [server]): sign in, or send `Authorization: Bearer TOKEN`",
        )
    })
}

/// The scope that a request needs. What only looks is told by its method; paths are matched as they are written, so that no other
/// way of writing one leads to tokens.
fn needed(method: &Method, path: &str) -> Scope {
    if path == "/tokens" || path.starts_with("/tokens/") {
        return Scope::Admin;
    }
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) { Scope::Read } else { Scope::Write }
}

/// The token of a `Bearer` credential; the scheme's name is case-insensitive (RFC 9110 section 11.1).
pub(super) fn bearer(credentials: &str) -> Option<&str> {
    let (scheme, token) = credentials.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
