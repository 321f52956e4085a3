//! A form that a page posted: its fields, taken only from our own pages.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use url::{Url, form_urlencoded};

use super::refusal::Refusal;
use crate::server::problem::Problem;
use crate::server::state::AppState;

/// Fields of a form at most.
const FIELDS_MAX: usize = 1_000;

/// The fields of a form.
#[derive(Debug)]
pub(super) struct Posted(Vec<(String, String)>);

impl FromRequest<AppState> for Posted {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Refusal> {
        if !is_ours(request.headers()) {
            return Err(Problem::closed("the form was sent by a page of another site").into());
        }
        let content_type =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_form = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded");
        // A form without fields may come without a type.
        if !is_form && !content_type.is_empty() {
            return Err(Problem::unsupported_media_type("forms are sent as application/x-www-form-urlencoded").into());
        }
        let body = Bytes::from_request(request, app).await.map_err(|refused| {
            let text = refused.body_text();
            match refused.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large("the form is larger than is taken here"),
                _ => Problem::malformed(text),
            }
        })?;
        let fields: Vec<_> = form_urlencoded::parse(&body).into_owned().take(FIELDS_MAX + 1).collect();
        if fields.len() > FIELDS_MAX {
            return Err(Problem::malformed(format!("at most {FIELDS_MAX} fields are read")).into());
        }
        Ok(Self(fields))
    }
}

impl Posted {
    /// A field's text without white space around it; `None` where it is absent or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).map(str::trim).find(|text| !text.is_empty())
    }

    /// Every value of a field, as it was sent.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// Whether a form comes from a page of ours. Browsers say so (`Sec-Fetch-Site`, [Fetch Metadata section
/// 2.3](https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header)); older ones name the page's origin. What says neither is
/// no browser, and no browser's cookies stand behind it.
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => {
            let named = Url::parse(origin).ok();
            let host = named.as_ref().and_then(Url::host_str);
            let port = named.as_ref().and_then(Url::port).map(|port| format!(":{port}")).unwrap_or_default();
            host.is_some_and(|host| {
                text("host").is_some_and(|asked| asked.eq_ignore_ascii_case(&format!("{host}{port}")))
            })
        }
        (None, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_form_of_another_sites_page_is_none_of_ours() {
        let ours = |lines: &[(&'static str, &'static str)]| {
            let line = |(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            is_ours(&lines.iter().map(line).collect())
        };
        assert!(ours(&[("sec-fetch-site", "same-origin")]));
        assert!(!ours(&[("sec-fetch-site", "same-site")]) && !ours(&[("sec-fetch-site", "cross-site")]));
        assert!(ours(&[("origin", "http://news.example:8480"), ("host", "news.example:8480")]));
        assert!(ours(&[("origin", "https://news.example"), ("host", "NEWS.example")]));
        assert!(!ours(&[("origin", "https://evil.example"), ("host", "news.example")]));
        assert!(!ours(&[("origin", "http://news.example:81"), ("host", "news.example")]));
        assert!(!ours(&[("origin", "null"), ("host", "news.example")]));
        assert!(ours(&[("host", "news.example")]));
    }
}
