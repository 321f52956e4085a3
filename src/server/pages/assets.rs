//! The page's files: style sheet, scripts, manifest and icon, built into the program.

use axum::http::{HeaderName, header};

type File = ([(HeaderName, &'static str); 2], &'static str);
type Picture = ([(HeaderName, &'static str); 2], &'static [u8]);

/// For an hour a browser need not ask again.
const FOR_AN_HOUR: &str = "public, max-age=3600";
/// Scripts must fit the daemon that they talk to: asked for each time.
const EACH_TIME: &str = "no-cache";

fn file(content_type: &'static str, kept: &'static str, text: &'static str) -> File {
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, kept)], text)
}

/// The style sheet.
pub(super) async fn style() -> File {
    file("text/css; charset=utf-8", FOR_AN_HOUR, include_str!("style.css"))
}

/// The style sheet of the operator's pages.
pub(super) async fn desk() -> File {
    file("text/css; charset=utf-8", FOR_AN_HOUR, include_str!("desk.css"))
}

/// The script that subscribes a browser.
pub(super) async fn script() -> File {
    file("text/javascript; charset=utf-8", EACH_TIME, include_str!("push.js"))
}

/// The script that tries queries as they are typed.
pub(super) async fn workshop() -> File {
    file("text/javascript; charset=utf-8", EACH_TIME, include_str!("workshop.js"))
}

/// The script that shows what is new on an open page.
pub(super) async fn live() -> File {
    file("text/javascript; charset=utf-8", EACH_TIME, include_str!("events.js"))
}

/// The service worker, which shows notifications.
pub(super) async fn worker() -> File {
    file("text/javascript; charset=utf-8", EACH_TIME, include_str!("sw.js"))
}

/// What the page is when it is installed.
pub(super) async fn manifest() -> File {
    file("application/manifest+json", FOR_AN_HOUR, include_str!("manifest.webmanifest"))
}

/// Its icon.
pub(super) async fn icon() -> File {
    file("image/svg+xml", FOR_AN_HOUR, include_str!("icon.svg"))
}

fn picture(bytes: &'static [u8]) -> Picture {
    ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, FOR_AN_HOUR)], bytes)
}

/// The icon of 192 points, for a home screen.
pub(super) async fn icon_small() -> Picture {
    picture(include_bytes!("icon-192.png"))
}

/// The icon of 512 points, for a start screen.
pub(super) async fn icon_large() -> Picture {
    picture(include_bytes!("icon-512.png"))
}
