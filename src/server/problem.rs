//! Problems: every answer that is none, as RFC 9457 (`application/problem+json`).

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::Scope;
use crate::port::StoreError;

/// Seconds after which a busy store may be asked again.
const RETRY_SECS: u64 = 5;

/// Why a request was not done.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<FieldError>,
    /// What `WWW-Authenticate` says beyond the realm (RFC 6750 section 3).
    challenge: &'static str,
    /// Seconds after which it may be tried again.
    retry_secs: Option<u64>,
}

/// One thing that is wrong with what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct FieldError {
    /// A JSON pointer (RFC 6901) into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pointer: Option<String>,
    /// The name of a query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parameter: Option<String>,
    /// What was found and what is allowed.
    pub(super) detail: String,
}

/// The kinds of problem; a client may branch on their type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Malformed,
    Unauthorized,
    Closed,
    Misdirected,
    Scope,
    NotFound,
    MethodNotAllowed,
    Conflict,
    Stale,
    Gone,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    TooMany,
    Internal,
    Busy,
    TooSlow,
}

impl Kind {
    /// Its status.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::Closed | Self::Scope => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::Gone => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The last word of the type's URI.
    fn label(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unauthorized => "unauthorized",
            Self::Closed => "closed",
            Self::Misdirected => "misdirected",
            Self::Scope => "scope",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Conflict => "conflict",
            Self::Stale => "stale",
            Self::Gone => "gone",
            Self::TooLarge => "too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::Invalid => "invalid",
            Self::TooMany => "too-many",
            Self::Internal => "internal",
            Self::Busy => "busy",
            Self::TooSlow => "too-slow",
        }
    }

    /// In words.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request can't be read",
            Self::Unauthorized => "A valid bearer token is needed",
            Self::Closed => "The API is closed",
            Self::Misdirected => "Another host was meant",
            Self::Scope => "The token does not reach so far",
            Self::NotFound => "There is no such thing",
            Self::MethodNotAllowed => "This method is not served here",
            Self::Stale => "It is no longer as it was",
            Self::Conflict => "It conflicts with what is there",
            Self::Gone => "It is no longer there",
            Self::TooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body must be JSON",
            Self::Invalid => "What was sent is not valid",
            Self::TooMany => "More than is allowed",
            Self::Internal => "Something went wrong here",
            Self::Busy => "There is no room for it now",
            Self::TooSlow => "The answer took too long",
        }
    }
}

impl Problem {
    fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), challenge: "", retry_secs: None }
    }

    /// Its status.
    pub(super) fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// What kind it is, in words.
    pub(super) fn title(&self) -> &'static str {
        self.kind.title()
    }

    /// Seconds after which it may be tried again, where that can be said.
    pub(super) fn retry_secs(&self) -> Option<u64> {
        let usual = matches!(self.kind, Kind::Busy | Kind::TooSlow).then_some(RETRY_SECS);
        self.retry_secs.or(usual)
    }

    /// The same, where nothing else of it is wanted.
    pub(super) fn into_details(self) -> Vec<String> {
        self.details().into_iter().map(str::to_owned).collect()
    }

    /// What was found and what to do; each of them where there are several.
    pub(super) fn details(&self) -> Vec<&str> {
        match self.errors.as_slice() {
            [] => vec![&self.detail],
            errors => errors.iter().map(|error| error.detail.as_str()).collect(),
        }
    }

    /// 400: the request can't be read at all.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, detail)
    }

    /// 400: query parameters that can't be read.
    pub(super) fn parameters(errors: Vec<FieldError>) -> Self {
        let detail = summary(&errors, "query parameter");
        Self { errors, ..Self::new(Kind::Malformed, detail) }
    }

    /// 422: a body that reads well but isn't right; everything wrong with it at once.
    pub(super) fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = summary(&errors, "field");
        Self { errors, ..Self::new(Kind::Invalid, detail) }
    }

    /// 401: a token that doesn't count.
    pub(super) fn wrong_token(detail: impl Into<String>) -> Self {
        Self { challenge: ", error=\"invalid_token\"", ..Self::new(Kind::Unauthorized, detail) }
    }

    /// 403: a token that doesn't reach so far.
    pub(super) fn out_of_scope(name: &str, has: Scope, needed: Scope) -> Self {
        let (has, word) = (has.label(), needed.label());
        let challenge = match needed {
            Scope::Read => ", error=\"insufficient_scope\", scope=\"read\"",
            Scope::Write => ", error=\"insufficient_scope\", scope=\"write\"",
            Scope::Admin => ", error=\"insufficient_scope\", scope=\"admin\"",
        };
        let detail = format!("this needs the scope `{word}`; the token {name:?} has `{has}`");
        Self { challenge, ..Self::new(Kind::Scope, detail) }
    }

    /// 401: no token, or a wrong one.
    pub(super) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(Kind::Unauthorized, detail)
    }

    /// 403: there is no token, so nobody may.
    pub(super) fn closed(detail: impl Into<String>) -> Self {
        Self::new(Kind::Closed, detail)
    }

    /// 421: the request names a host that this one isn't.
    pub(super) fn misdirected(detail: impl Into<String>) -> Self {
        Self::new(Kind::Misdirected, detail)
    }

    /// 404.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, detail)
    }

    /// 405.
    pub(super) fn method_not_allowed(detail: impl Into<String>) -> Self {
        Self::new(Kind::MethodNotAllowed, detail)
    }

    /// 409.
    pub(super) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, detail)
    }

    /// 412: it isn't as the client knows it.
    pub(super) fn stale(detail: impl Into<String>) -> Self {
        Self::new(Kind::Stale, detail)
    }

    /// 410: what was there is past its retention.
    pub(super) fn gone(detail: impl Into<String>) -> Self {
        Self::new(Kind::Gone, detail)
    }

    /// 413.
    pub(super) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(Kind::TooLarge, detail)
    }

    /// 415.
    pub(super) fn unsupported_media_type(detail: impl Into<String>) -> Self {
        Self::new(Kind::UnsupportedMediaType, detail)
    }

    /// 429.
    pub(super) fn too_many(detail: impl Into<String>) -> Self {
        Self::new(Kind::TooMany, detail)
    }

    /// 429: requests that come too fast; after so long one may be made.
    pub(super) fn too_often(wait: Duration) -> Self {
        Self::too_soon("requests come too fast (`requests_per_minute`, `failures_per_minute` in [server])", wait)
    }

    /// 429: more than `most`, which says how much is allowed; after so long there is room for one more.
    pub(super) fn too_soon(most: &str, wait: Duration) -> Self {
        // A part of a second is a second: whoever waits too short a time is refused again.
        let secs = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self { retry_secs: Some(secs), ..Self::new(Kind::TooMany, format!("{most}; wait {secs} s")) }
    }

    /// 500: what went wrong is in the log, not in the answer.
    pub(super) fn internal() -> Self {
        Self::new(Kind::Internal, "the daemon's log says what")
    }

    /// 503: for the time being.
    pub(super) fn busy(detail: impl Into<String>) -> Self {
        Self::new(Kind::Busy, detail)
    }

    /// 503: the handler took longer than allowed.
    pub(super) fn too_slow(detail: impl Into<String>) -> Self {
        Self::new(Kind::TooSlow, detail)
    }
}

/// One sentence over all errors, for those who read no list.
fn summary(errors: &[FieldError], noun: &str) -> String {
    match errors {
        [only] => only.detail.clone(),
        several => format!("{} {noun}s are wrong; `errors` says which", several.len()),
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Taken { .. } => Self::conflict(error.to_string()),
            StoreError::Busy { .. } | StoreError::Overtaken { .. } => {
                tracing::warn!("a request was answered 503, as the store was too busy: {error}");
                Self::new(Kind::Busy, "try again in a few seconds")
            }
            StoreError::Open { .. }
            | StoreError::Newer { .. }
            | StoreError::Damaged { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Sealed { .. }
            | StoreError::Refused { .. } => {
                tracing::error!("a request was answered 500, as the store failed: {error}");
                Self::internal()
            }
        }
    }
}

/// A problem (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Body<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, retry_secs) = (self.kind.status(), self.retry_secs());
        let body = Body {
            r#type: format!("urn:tidings:problem:{}", self.kind.label()),
            title: self.kind.title(),
            status: status.as_u16(),
            detail: &self.detail,
            errors: &self.errors,
        };
        let mut response = (status, axum::Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(self.kind, Kind::Unauthorized | Kind::Scope)
            && let Ok(challenge) = HeaderValue::try_from(format!("Bearer realm=\"tidings\"{}", self.challenge))
        {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(secs) = retry_secs {
            headers.insert(header::RETRY_AFTER, secs.into());
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kind after each, so that no new one is forgotten.
    fn next(kind: Kind) -> Option<Kind> {
        Some(match kind {
            Kind::Malformed => Kind::Unauthorized,
            Kind::Unauthorized => Kind::Closed,
            Kind::Closed => Kind::Misdirected,
            Kind::Misdirected => Kind::Scope,
            Kind::Scope => Kind::NotFound,
            Kind::NotFound => Kind::MethodNotAllowed,
            Kind::MethodNotAllowed => Kind::Conflict,
            Kind::Conflict => Kind::Stale,
            Kind::Stale => Kind::Gone,
            Kind::Gone => Kind::TooLarge,
            Kind::TooLarge => Kind::UnsupportedMediaType,
            Kind::UnsupportedMediaType => Kind::Invalid,
            Kind::Invalid => Kind::TooMany,
            Kind::TooMany => Kind::Internal,
            Kind::Internal => Kind::Busy,
            Kind::Busy => Kind::TooSlow,
            Kind::TooSlow => return None,
        })
    }

    #[test]
    fn the_documentation_lists_every_type_with_its_status() {
        let text = include_str!("../../docs/api.md");
        let (_, table) = text.split_once("| Type | Status | When |").unwrap();
        let mut listed = Vec::new();
        for row in table.lines().take_while(|line| line.is_empty() || line.starts_with('|')).skip(2) {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let status = cells[2].to_owned();
            listed.extend(cells[1].split(", ").map(|label| (label.trim_matches('`').to_owned(), status.clone())));
        }
        let mut kinds: Vec<_> = std::iter::successors(Some(Kind::Malformed), |kind| next(*kind))
            .map(|kind| (kind.label().to_owned(), kind.status().as_str().to_owned()))
            .collect();
        listed.sort();
        kinds.sort();
        assert_eq!(listed, kinds);
    }
}
