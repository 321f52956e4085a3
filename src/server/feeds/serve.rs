//! Answering for a feed, or saying that nothing changed (RFC 9110, section 13).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_128;

use super::document::Document;
use super::{atom, json, rss};
use crate::model::{EventView, TopicKey, TopicSpec, WebUrl};
use crate::port::{EventFilter, Store, StoreError};
use crate::server::problem::Problem;
use crate::server::state::AppState;

/// Entries of a feed at most.
const ENTRIES_MAX: usize = 40;

/// Answers with a topic's feed in the format that the name ends with.
pub(in crate::server) async fn serve(
    State(app): State<AppState>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let absent =
        || Problem::not_found(format!("there is no feed {name:?}: feeds are TOPIC.atom, TOPIC.rss and TOPIC.json"));
    let (topic, format) = name.rsplit_once('.').ok_or_else(absent)?;
    let (media_type, write): (_, fn(&Document) -> String) = match format {
        "atom" => ("application/atom+xml; charset=utf-8", atom::write),
        "rss" => ("application/rss+xml; charset=utf-8", rss::write),
        "json" => ("application/feed+json; charset=utf-8", json::write),
        _ => return Err(absent()),
    };
    let key = TopicKey::parse(topic).ok_or_else(absent)?;
    let gathered = app.keeper.read(move |store| gather(store, &key)).await?;
    let (topic, views) = gathered.ok_or_else(absent)?;
    let base = base(&headers);
    let document = Document::of(&topic, &views, &base, format!("{base}/feeds/{name}"));
    let body = write(&document);
    let etag = format!("\"{:032x}\"", xxh3_128(body.as_bytes()));
    // Within a second of the change another may follow under the same date.
    let settled = document.changed_at.filter(|at| app.clock.now().as_second() > at.as_second());
    let modified = settled.map(http_date);
    let known = is_known(&headers, &etag, modified.as_deref());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, media_type)], body).into_response()
    };
    let own = [
        (header::ETAG, Some(etag)),
        (header::LAST_MODIFIED, modified),
        (header::CACHE_CONTROL, Some("no-cache".to_owned())),
    ];
    for (name, value) in own {
        let value = value.and_then(|value| HeaderValue::try_from(value).ok());
        response.headers_mut().extend(value.map(|value| (name, value)));
    }
    Ok(response)
}

fn gather(store: &mut dyn Store, key: &TopicKey) -> Result<Option<(TopicSpec, Vec<EventView>)>, StoreError> {
    let Some(topic) = store.topics()?.into_iter().find(|topic| topic.spec.key == *key) else { return Ok(None) };
    let filter =
        EventFilter { topic: Some(key.clone()), told_only: true, limit: ENTRIES_MAX, ..EventFilter::default() };
    let mut views = Vec::new();
    for event in store.events(&filter)? {
        views.extend(store.event(event.id)?);
    }
    Ok(Some((topic.spec, views)))
}

/// Whether the client has this already: its tags decide where it sends any, else the date that it was given.
fn is_known(headers: &HeaderMap, etag: &str, modified: Option<&str>) -> bool {
    let value = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(etags) = value(header::IF_NONE_MATCH) {
        let weak = |given: &str| given.trim().trim_start_matches("W/") == etag;
        return etags.trim() == "*" || etags.split(',').any(weak);
    }
    modified.is_some() && value(header::IF_MODIFIED_SINCE) == modified
}

fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Scheme and host as the client knows them; what is no host is none.
fn base(headers: &HeaderMap) -> String {
    let value = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let is_https = value(HeaderName::from_static("x-forwarded-proto")).is_some_and(|scheme| scheme == "https");
    let scheme = if is_https { "https" } else { "http" };
    let host = value(header::HOST).unwrap_or("localhost");
    let url = WebUrl::parse(&format!("{scheme}://{host}/"));
    let origin = url.map(|url| url.as_url().origin().ascii_serialization());
    origin.unwrap_or_else(|_no_host| format!("{scheme}://localhost"))
}
