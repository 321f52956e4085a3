//! What a service's answer means in HTTP's common terms, so that one set of rules follows from it.

use serde_json::Value;

use crate::model::Response;

/// How an answer is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// By its status and header.
    AsItSays,
    /// As this status, and to be left alone for so many seconds where it says so.
    Status {
        /// As of RFC 9110.
        status: u16,
        /// As of Retry-After.
        wait_secs: Option<u64>,
    },
}

impl Meaning {
    pub(super) fn status(status: u16) -> Self {
        Self::Status { status, wait_secs: None }
    }

    /// Too many requests.
    pub(super) fn wait(wait_secs: Option<u64>) -> Self {
        Self::Status { status: 429, wait_secs }
    }

    /// The answer as it is meant.
    pub(super) fn of(self, response: &Response) -> Response {
        let mut meant = response.clone();
        let Self::Status { status, wait_secs } = self else { return meant };
        meant.status = status;
        if let Some(wait_secs) = wait_secs {
            // The header may say more than the body: a host's own bound before the service.
            let header = response.headers.first("retry-after").and_then(|text| text.trim().parse::<u64>().ok());
            let wait_secs = header.map_or(wait_secs, |header| header.max(wait_secs));
            meant.headers.0.retain(|(name, _)| name != "retry-after");
            meant.headers.0.push(("retry-after".to_owned(), wait_secs.to_string()));
        }
        meant
    }
}

/// The body as JSON; null where it is none.
pub(super) fn body_json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

/// The body as text without white space around it.
pub(super) fn body_text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).trim().to_owned()
}

/// Whole seconds that hold this many.
pub(super) fn secs(count: f64) -> Option<u64> {
    let whole = std::time::Duration::try_from_secs_f64(count).ok()?;
    Some(whole.as_secs() + u64::from(whole.subsec_nanos() > 0))
}
