//! The page's files: style sheet, scripts, manifest and icon, built into the program.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use xxhash_rust::xxh3::xxh3_64;

use crate::server::conditional::Conditions;

/// For an hour a browser need not ask again.
const FOR_AN_HOUR: &str = "public, max-age=3600";
/// Style and scripts must fit the pages and the daemon that they are of: asked for each time, and sent where they are others than the browser
/// has.
const EACH_TIME: &str = "no-cache";

fn file(conditions: &Conditions, content_type: &'static str, kept: &'static str, content: &'static [u8]) -> Response {
    // Weak: it may go out compressed (RFC 9110 section 8.8.1).
    let tag = format!("W/\"{:016x}\"", xxh3_64(content));
    let is_known = conditions.know(&tag);
    let head = [(header::ETAG, tag), (header::CACHE_CONTROL, kept.to_owned())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, head).into_response();
    }
    (head, [(header::CONTENT_TYPE, content_type)], content).into_response()
}

fn css(conditions: &Conditions, text: &'static str) -> Response {
    file(conditions, "text/css; charset=utf-8", EACH_TIME, text.as_bytes())
}

fn javascript(conditions: &Conditions, text: &'static str) -> Response {
    file(conditions, "text/javascript; charset=utf-8", EACH_TIME, text.as_bytes())
}

/// The style sheet.
pub(super) async fn style(conditions: Conditions) -> Response {
    css(&conditions, include_str!("style.css"))
}

/// The style sheet of the operator's pages.
pub(super) async fn desk(conditions: Conditions) -> Response {
    css(&conditions, include_str!("desk.css"))
}

/// The script that subscribes a browser.
pub(super) async fn script(conditions: Conditions) -> Response {
    javascript(&conditions, include_str!("push.js"))
}

/// The script that tries queries as they are typed.
pub(super) async fn workshop(conditions: Conditions) -> Response {
    javascript(&conditions, include_str!("workshop.js"))
}

/// The script that shows what is new on an open page.
pub(super) async fn live(conditions: Conditions) -> Response {
    javascript(&conditions, include_str!("events.js"))
}

/// The service worker, which shows notifications.
pub(super) async fn worker(conditions: Conditions) -> Response {
    javascript(&conditions, include_str!("sw.js"))
}

/// What the page is when it is installed.
pub(super) async fn manifest(conditions: Conditions) -> Response {
    file(&conditions, "application/manifest+json", FOR_AN_HOUR, include_bytes!("manifest.webmanifest"))
}

/// Its icon.
pub(super) async fn icon(conditions: Conditions) -> Response {
    file(&conditions, "image/svg+xml", FOR_AN_HOUR, include_bytes!("icon.svg"))
}

/// The icon of 192 points, for a home screen.
pub(super) async fn icon_small(conditions: Conditions) -> Response {
    file(&conditions, "image/png", FOR_AN_HOUR, include_bytes!("icon-192.png"))
}

/// The icon of 512 points, for a start screen.
pub(super) async fn icon_large(conditions: Conditions) -> Response {
    file(&conditions, "image/png", FOR_AN_HOUR, include_bytes!("icon-512.png"))
}
