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
        ours(request.headers())?;
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

/// Lets a form of a page of ours by. Browsers say whose it is (`Sec-Fetch-Site`, [Fetch Metadata section
/// 2.3](https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header)); older ones, and all over plain HTTP, name the page's origin. What says
/// neither is no browser, and no browser's cookies stand behind it.
///
/// # Errors
/// When it is of another site's page; or may be one of ours by way of a reverse proxy that asks us by another name.
pub(super) fn ours(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (origin, asked) = match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin" | "none"), _) | (None, None) => return Ok(()),
        (Some(_), _) => return Err(Refusal::Foreign("the form was sent by a page of another site".to_owned())),
        (None, Some(origin)) => (origin, text("host").unwrap_or_default()),
    };
    let named = Url::parse(origin).ok();
    let port = named.as_ref().and_then(Url::port).map(|port| format!(":{port}")).unwrap_or_default();
    let Some(host) = named.as_ref().and_then(Url::host_str).map(|host| format!("{host}{port}")) else {
        return Err(Refusal::Foreign("the browser doesn't say of which site's page the form is".to_owned()));
    };
    if asked.eq_ignore_ascii_case(&host) {
        return Ok(());
    }
    Err(Refusal::Foreign(format!(
        "the form is of a page of {host}, and was sent to {asked}: if you are at {host} by way of a reverse proxy, it must hand that name on \
         (nginx: proxy_set_header Host $http_host; Apache: ProxyPreserveHost On); else it was sent by a page of another site"
    )))
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
            ours(&lines.iter().map(line).collect()).is_ok()
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

    #[test]
    fn a_form_by_way_of_a_proxy_that_asks_by_another_name_is_refused_with_what_to_do() {
        let said = |lines: [(&'static str, &'static str); 2]| {
            let line = |(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
            match ours(&lines.into_iter().map(line).collect()) {
                Err(Refusal::Foreign(said)) => said,
                other => panic!("{other:?}"),
            }
        };
        insta::assert_snapshot!(said([("origin", "http://news.example:81"), ("host", "127.0.0.1:8480")]), @"the form is of a page of news.example:81, and was sent to 127.0.0.1:8480: if you are at news.example:81 by way of a reverse proxy, it must hand that name on (nginx: proxy_set_header Host $http_host; Apache: ProxyPreserveHost On); else it was sent by a page of another site");
        insta::assert_snapshot!(said([("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")]), @"the form was sent by a page of another site");
        insta::assert_snapshot!(said([("origin", "null"), ("host", "news.example")]), @"the browser doesn't say of which site's page the form is");
    }
}
