//! Answering for a feed, or saying that nothing changed (RFC 9110, section 13).

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::daemon::{Extent, page};
use crate::model::{FeedName, FeedPlace, WebUrl};
use crate::publish::Place;
use crate::server::auth::admit_reader;
use crate::server::params::{Params, Segment};
use crate::server::problem::Problem;
use crate::server::quota::Client;
use crate::server::state::AppState;

/// Answers with a topic's feed in the format that the name ends with.
pub(in crate::server) async fn serve(
    State(app): State<AppState>,
    Segment(name): Segment,
    mut params: Params,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    admit_reader(&app, client, &headers).await?;
    let absent =
        || Problem::not_found(format!("there is no feed {name:?}: feeds are TOPIC.atom, TOPIC.rss and TOPIC.json"));
    let feed = FeedName::parse(&name).ok_or_else(absent)?;
    // What else stands in the address (readers add numbers to get past caches) is passed over.
    let misplaced = || Problem::malformed("`before` is a place as the feed itself names it".to_owned());
    let before = params.text("before").map(|text| FeedPlace::parse(&text).ok_or_else(misplaced)).transpose()?;
    let place = Place { base: base(&headers), has_hub: app.hub.as_ref().is_some_and(|desk| desk.hub.is_open()) };
    let links = place
        .hub()
        .filter(|_| before.is_none())
        .map(|hub| format!("<{hub}>; rel=\"hub\", <{}>; rel=\"self\"", place.own(&feed)));
    let page = app
        .keeper
        .read(move |store| page(store, &feed, &place, Extent { before, since: None }))
        .await?
        .ok_or_else(absent)?;
    let etag = format!("\"{}\"", page.hash);
    let mut response = if is_known(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, page.media_type)], page.body).into_response()
    };
    let kept = if app.openness.pages { "no-cache" } else { "private, no-cache" };
    let own = [
        (header::ETAG, Some(etag)),
        // Of a feed without a hub its own address stands in the document, and that is enough.
        (header::LINK, links),
        (header::CACHE_CONTROL, Some(kept.to_owned())),
        // Its own address in it is made of these.
        (header::VARY, Some("host, x-forwarded-proto".to_owned())),
    ];
    for (name, value) in own {
        let value = value.and_then(|value| HeaderValue::try_from(value).ok());
        response.headers_mut().extend(value.map(|value| (name, value)));
    }
    Ok(response)
}

/// Whether the client has this already, which its tags alone say. No date is given: a feed changes without an event of it changing, as one
/// that is taken out leaves nothing behind that has a date.
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let given = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_it = |given: &str| given.trim().trim_start_matches("W/") == etag;
    given.is_some_and(|etags| etags.trim() == "*" || etags.split(',').any(is_it))
}

/// Whether the client came over TLS, as the proxy says. Of several in a row each adds what it was asked by: the first one met the client.
pub(in crate::server) fn is_https(headers: &HeaderMap) -> bool {
    let said = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.split(',').next().is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

/// Scheme and host as the client knows them; what is no host is none.
pub(in crate::server) fn base(headers: &HeaderMap) -> String {
    let scheme = if is_https(headers) { "https" } else { "http" };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or("localhost");
    let url = WebUrl::parse(&format!("{scheme}://{host}/"));
    let origin = url.map(|url| url.as_url().origin().ascii_serialization());
    origin.unwrap_or_else(|_no_host| format!("{scheme}://localhost"))
}
