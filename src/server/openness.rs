//! To whom the daemon is open beyond the bearer of the token: a stream for everybody, and pages of other origins that may
//! read (CORS, [Fetch section 3.3](https://fetch.spec.whatwg.org/#http-cors-protocol)).

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::problem::Problem;
use super::state::AppState;
use crate::net::Allow;

/// To whom the daemon is open. The default: its pages to anybody, all else to the bearer of a token.
#[derive(Debug, Clone)]
pub struct Openness {
    /// Whether `/v1/stream` gives events without a token.
    pub stream: bool,
    /// Origins whose pages may read `/v1` and `/feeds/`, as browsers write them (`https://example.org`); `*` is any.
    pub origins: Arc<[String]>,
    /// Whether events and stories are shown to who has not signed in.
    pub pages: bool,
    /// Names under which browsers reach it, in lower case, besides addresses and `localhost`; empty: any.
    pub hosts: Arc<[String]>,
    /// Reverse proxies besides those on this machine: whom they name as a request's client is believed.
    pub proxies: Arc<[Allow]>,
}

impl Openness {
    /// Whether what connects from `address` is a proxy of ours.
    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        address.to_canonical().is_loopback() || self.proxies.iter().any(|proxy| proxy.holds(address))
    }
}

/// What asks whether the daemon is alive and ready comes by whatever name, and learns no more than that.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// Refuses requests that were meant for another host: a page of an attacker whose name suddenly leads to this machine (DNS
/// rebinding) comes with that name. An address in place of a name can't be rebound.
///
/// # Errors
/// Where it was.
pub(super) fn check_host(app: &AppState, request: &Request) -> Result<(), Problem> {
    let hosts = &app.openness.hosts;
    // HTTP/2 has it in the address.
    let named = request.uri().authority().map(Authority::as_str);
    let named = named.or_else(|| request.headers().get(header::HOST).and_then(|value| value.to_str().ok()));
    match named.map(|named| without_port(named).to_ascii_lowercase()) {
        Some(host) if !hosts.is_empty() && !is_here(&host, hosts) && !PROBES.contains(&request.uri().path()) => {
            Err(Problem::misdirected(format!(
                "{host:?} is not a name of this server: open it under one that is listed in `hosts` under [server], or add it there"
            )))
        }
        Some(_) | None => Ok(()),
    }
}

fn is_here(host: &str, hosts: &[String]) -> bool {
    host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
        || hosts.iter().any(|here| here == host)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) | None => authority,
    }
}

/// What may be read across origins. What writes is not: no page may use another's token for more than reading.
const PATHS: [&str; 2] = ["/v1/", "/feeds/"];
/// Headers that a page may send besides those that it always may.
const HEADERS: &str = "authorization, last-event-id, if-none-match";
/// Seconds for which a browser need not ask again.
const REMEMBERED_SECS: &str = "3600";

impl Default for Openness {
    fn default() -> Self {
        Self { stream: false, origins: Arc::default(), pages: true, hosts: Arc::default(), proxies: Arc::default() }
    }
}

impl Openness {
    /// What `Access-Control-Allow-Origin` is to say to pages of `origin`.
    fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        if self.origins.iter().any(|allowed| allowed == "*") {
            return Some(HeaderValue::from_static("*"));
        }
        self.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }
}

/// A request that a page of another origin may make: what reads.
pub(super) struct Visit {
    /// What the answer says of that origin, if it may read it.
    allowed: Option<HeaderValue>,
    /// Whether a browser asks for it whether it may.
    is_question: bool,
}

impl Visit {
    /// `None` where no page of another origin may ask.
    pub(super) fn of(openness: &Openness, request: &Request) -> Option<Self> {
        let path = request.uri().path();
        if openness.origins.is_empty() || !PATHS.iter().any(|prefix| path.starts_with(prefix)) {
            return None;
        }
        let allowed = request.headers().get(header::ORIGIN).and_then(|origin| openness.allowed(origin));
        let is_question = request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        Some(Self { allowed, is_question })
    }

    /// The answer to a browser's question whether a page of another origin may read.
    pub(super) fn answer(&self) -> Option<Response> {
        (self.is_question && self.allowed.is_some()).then(|| StatusCode::NO_CONTENT.into_response())
    }

    /// Lets it read an answer. Without `Access-Control-Allow-Credentials`: nothing is given to a cookie.
    pub(super) fn allow(self, headers: &mut HeaderMap) {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = self.allowed {
            allow(headers, origin, self.is_question);
        }
    }
}

fn allow(headers: &mut HeaderMap, origin: HeaderValue, is_question: bool) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let more = if is_question {
        vec![
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS),
            (header::ACCESS_CONTROL_MAX_AGE, REMEMBERED_SECS),
        ]
    } else {
        vec![(header::ACCESS_CONTROL_EXPOSE_HEADERS, "etag, link")]
    };
    headers.extend(more.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))));
}
