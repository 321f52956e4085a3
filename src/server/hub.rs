//! `/websub/hub`: where subscribers ask for pushes of our feeds, and for their end
//! ([WebSub, section 5.1](https://www.w3.org/TR/websub/#subscriber-sends-subscription-request)).
//!
//! Answers are text, as the recommendation asks: they are read by whoever writes a subscriber.

use std::fmt;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::auth::admit_reader;
use super::feeds::base;
use super::problem::Problem;
use super::quota::{Client, Quota};
use super::state::AppState;
use crate::daemon::{Heard, Hub};
use crate::model::{WebUrl, Wish};
use crate::websub::hub::petition;

/// What is wrong with a callback's address.
pub type CallbackCheck = dyn Fn(&WebUrl) -> Option<String> + Send + Sync;

/// The hub as it is served.
#[derive(Clone)]
pub struct HubDesk {
    /// Keeps what is asked.
    pub hub: Hub,
    /// How often one address may ask.
    pub quota: Quota,
    /// Says what is wrong with a callback's address.
    pub check: Arc<CallbackCheck>,
}

impl fmt::Debug for HubDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubDesk").field("hub", &self.hub).finish_non_exhaustive()
    }
}

/// Takes what a subscriber asks: 202, and its callback is asked whether it meant it.
pub(super) async fn ask(
    State(app): State<AppState>,
    client: Client,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Some(desk) = app.hub.as_ref().filter(|desk| desk.hub.is_open()) else {
        return Err(Problem::not_found("this daemon is no hub (`enabled` in [hub])"));
    };
    let refused = |status: StatusCode, why: String| Ok((status, format!("{why}\n")).into_response());
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let why = "expected a form: Content-Type application/x-www-form-urlencoded";
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, why.to_owned());
    }
    let body = match body {
        Ok(body) => body,
        Err(why) if why.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, "a form is at most 64 KiB".to_owned());
        }
        Err(_) => return refused(StatusCode::BAD_REQUEST, "the form breaks off".to_owned()),
    };
    let (spec, wish) = match petition(&body, &base(&headers)) {
        Ok(asked) => asked,
        Err(fault) => return refused(StatusCode::BAD_REQUEST, fault.to_string()),
    };
    // Who follows already may end it.
    if wish != Wish::Leave {
        admit_reader(&app, client, &headers).await?;
    }
    if let Some(why) = (desk.check)(&spec.callback) {
        return refused(StatusCode::BAD_REQUEST, format!("hub.callback can't be posted to: {why}"));
    }
    if !desk.quota.takes(client, app.clock.now()) {
        let why = "this address has asked too often in this hour (`hourly_per_address` in [hub])";
        return refused(StatusCode::TOO_MANY_REQUESTS, why.to_owned());
    }
    let feed = spec.feed.clone();
    match desk.hub.hear(spec, wish).await? {
        Heard::Taken => Ok(StatusCode::ACCEPTED.into_response()),
        Heard::NoFeed => refused(StatusCode::NOT_FOUND, format!("there is no feed {feed}")),
        Heard::NoFollower => refused(StatusCode::NOT_FOUND, format!("this callback does not follow {feed}")),
        Heard::Crowded => {
            let why =
                "there are as many followers at this callback's domain as may be (a tenth of `followers_max` in [hub])";
            refused(StatusCode::SERVICE_UNAVAILABLE, why.to_owned())
        }
        Heard::Full => {
            let why = "there are as many followers as may be (`followers_max` in [hub])";
            refused(StatusCode::SERVICE_UNAVAILABLE, why.to_owned())
        }
    }
}
