//! `/websub/TOKEN`: where hubs verify subscriptions (GET) and push to (POST).
//!
//! Whoever knows a token is a hub; all others get the answer of an address that was never there.

use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::params::Segment;
use super::problem::Problem;
use super::state::AppState;
use crate::daemon::{Incoming, Taken};
use crate::websub::Reply;

/// Answers a hub's question whether a subscription is wanted: its challenge, or 404.
pub(super) async fn verify(
    State(app): State<AppState>,
    Segment(token): Segment,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let Some(callback) = &app.callback else { return Err(nobody()) };
    match callback.answer(token, query.as_deref().unwrap_or_default()).await? {
        Reply::Echo(challenge) => {
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            Ok(([(header::CONTENT_TYPE, plain)], challenge).into_response())
        }
        Reply::Heard => Ok(StatusCode::OK.into_response()),
        Reply::No => Err(nobody()),
    }
}

/// Takes a push: 202 once it is kept. It is examined afterwards, and a wrong signature is told to nobody.
pub(super) async fn take(
    State(app): State<AppState>,
    Segment(token): Segment,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let Some(callback) = &app.callback else { return Err(nobody()) };
    // Before its body is read: a stranger gets no room for one.
    let Some(channel) = callback.channel(token).await? else { return Ok(gone()) };
    let most = callback.body_bytes_max();
    let Some(_seat) = callback.seat(channel.id).await else {
        return Err(Problem::busy("pushes of this channel are still under way; send this one again in a moment"));
    };
    let Ok(body) = to_bytes(body, most).await else {
        let detail = format!("the document breaks off or has more than {most} bytes (network.feed_body_mib)");
        return Err(Problem::too_large(detail));
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let incoming =
        Incoming { signature: text("x-hub-signature"), content_type: text("content-type"), body: body.to_vec() };
    Ok(match callback.take(channel, incoming).await? {
        Taken::Heard => StatusCode::ACCEPTED.into_response(),
        Taken::Unknown => gone(),
    })
}

fn nobody() -> Problem {
    Problem::not_found("nothing is subscribed to here")
}

/// Tells a hub to end what it pushes: nothing is subscribed to here any more.
fn gone() -> Response {
    StatusCode::GONE.into_response()
}
