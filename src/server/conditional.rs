//! Requests that depend on how a thing stands ([RFC 9110 section 13](https://www.rfc-editor.org/rfc/rfc9110#section-13)):
//! `If-None-Match` of what the client has, `If-Match` of what it means to change.
//!
//! A tag has two halves: what can be changed of the thing, and all that is shown of it. A GET is held against the whole. A write is
//! held against the first half alone: a poll or a delivery in between must not keep anybody from changing an interval.

use std::convert::Infallible;
use std::fmt;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use super::problem::Problem;

/// What a client keeps is asked about each time, and kept by nobody in between.
const KEPT: &str = "private, no-cache";

/// A strong entity tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag {
    settings: u128,
    whole: u128,
}

impl Tag {
    /// The tag of a thing as it is shown; `live` names its fields that change without anybody's changing them.
    pub(super) fn of(thing: &impl Serialize, live: &[&str]) -> Self {
        // What is shown can be written as JSON, or it could not be shown.
        let mut shown = serde_json::to_value(thing).unwrap_or_default();
        let whole = xxh3_128(shown.to_string().as_bytes());
        if let Value::Object(fields) = &mut shown {
            fields.retain(|name, _| !live.contains(&name.as_str()));
        }
        Self { settings: xxh3_128(shown.to_string().as_bytes()), whole }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{:032x}.{:032x}\"", self.settings, self.whole)
    }
}

/// What a request makes its answer depend on.
#[derive(Debug, Clone, Default)]
pub(super) struct Conditions {
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Conditions {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let list = |name| list(&parts.headers, &name);
        Ok(Self { if_match: list(header::IF_MATCH), if_none_match: list(header::IF_NONE_MATCH) })
    }
}

/// The lines of a header as one list. A line that is no text is a tag that nothing has.
fn list(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<&str> = headers.get_all(name).iter().map(|line| line.to_str().unwrap_or_default()).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

impl Conditions {
    /// Whether a write may be done to the thing with this tag.
    ///
    /// # Errors
    /// 412 where the client means it as it was.
    pub(super) fn hold(&self, tag: Tag) -> Result<(), Problem> {
        let Some(given) = &self.if_match else { return Ok(()) };
        let own = tag.to_string();
        let settings = |tag: &str| tag.split_once('.').map(|(settings, _)| settings.to_owned());
        // Strong comparison (section 8.8.3.2): a tag that begins with `W/` is none of ours.
        let is_it = |given: &str| given == "*" || (given.starts_with('"') && settings(given) == settings(&own));
        if given.split(',').map(str::trim).any(is_it) {
            return Ok(());
        }
        Err(Problem::stale("it was changed since: `If-Match` names none of what it is now; get it again"))
    }

    /// Whether the client has the thing with this tag, by weak comparison.
    pub(super) fn know(&self, tag: &str) -> bool {
        let bare = |tag: &str| tag.trim_start_matches("W/").to_owned();
        let is_it = |given: &str| given == "*" || bare(given) == bare(tag);
        self.if_none_match.as_ref().is_some_and(|given| given.split(',').map(str::trim).any(is_it))
    }

    /// Answers a GET: 304 where the client has the thing as it is.
    pub(super) fn answer<T: Serialize>(&self, thing: T, live: &[&str]) -> Response {
        let tag = Tag::of(&thing, live);
        if self.know(&tag.to_string()) {
            return (StatusCode::NOT_MODIFIED, tagged(tag)).into_response();
        }
        (tagged(tag), Json(thing)).into_response()
    }
}

/// Within a job of the keeper: what is there, or the problem, with which the job ends before it changed anything. What is looked at
/// and what is changed in one job stand in one transaction, whatever other processes do.
macro_rules! found {
    ($looked:expr) => {
        match $looked {
            Ok(value) => value,
            Err(problem) => return Ok(Err(problem)),
        }
    };
}
pub(super) use found;

/// The headers of a thing with this tag.
pub(super) fn tagged(tag: Tag) -> [(HeaderName, String); 2] {
    [(header::ETAG, tag.to_string()), (header::CACHE_CONTROL, KEPT.to_owned())]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(if_match: &str, tag: Tag) -> bool {
        Conditions { if_match: Some(if_match.to_owned()), if_none_match: None }.hold(tag).is_ok()
    }

    #[test]
    fn a_write_is_held_against_what_can_be_changed_alone() {
        let tag = |name: &str, polls: u32| Tag::of(&json!({"name": name, "polls": polls}), &["polls"]);
        let read = tag("a", 1).to_string();
        assert!(holds(&read, tag("a", 1)) && holds(&read, tag("a", 2)) && !holds(&read, tag("b", 1)));
        assert!(holds(&format!("\"x.y\", {read}"), tag("a", 1)) && holds("*", tag("a", 1)));
        assert!(!holds(&format!("W/{read}"), tag("a", 1)) && !holds("", tag("a", 1)) && !holds("\"\"", tag("a", 1)));
        assert_ne!(tag("a", 1), tag("a", 2));
    }
}
