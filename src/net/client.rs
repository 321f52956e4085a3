//! The client: one exchange at a time within its bounds, redirects followed by hand.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::dns::Resolve;
use tokio::time::Sleep;

use super::apart::Apart;
use super::connect::{Beyond, HOP, Hop, Wall, unknown};
use super::fault::{self, Phase, REACHED};
use super::resolve::GuardedResolver;
use super::ways::{Plan, Ways};
use super::{Bounds, Guard, decode, reading};
use crate::model::{Exchange, Failure, FailureKind, Limits, Method, Redirects, Request, WebUrl};
use crate::port::{ExchangeFuture, Http};

/// How the client shows itself, and where it may go.
#[derive(Debug, Clone, Default)]
pub struct NetPolicy {
    /// The User-Agent field; empty stands for `tidings/VERSION (+homepage)`.
    pub user_agent: String,
    /// What may be reached.
    pub guard: Guard,
    /// What an answer may cost.
    pub bounds: Bounds,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The User-Agent can't be sent.
    #[error("the user agent {text:?} can't be sent as a header field (expected visible ASCII)")]
    UserAgent {
        /// What was given.
        text: String,
    },
    /// The TLS library or the system's certificates are missing or unreadable.
    #[error("the HTTP client can't be built; is the package ca-certificates installed?")]
    Build(#[source] reqwest::Error),
    /// The system refuses threads.
    #[error("no threads can be started for connections")]
    Threads(#[source] io::Error),
}

const USER_AGENT: &str = concat!("tidings/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");
/// Fields that are never carried to another origin. Validators and Accept may be: they tell nobody's secrets.
const SECRET_FIELDS: [&str; 6] =
    ["authorization", "cookie", "proxy-authorization", "webhook-id", "webhook-timestamp", "webhook-signature"];

/// The way out to the web: reqwest behind the guard. Built once and shared; connections are reused.
#[derive(Debug, Clone)]
pub struct WebClient {
    ways: Arc<Ways>,
    guard: Arc<Guard>,
    bounds: Bounds,
    apart: Arc<Apart>,
}

impl WebClient {
    /// Builds the client: certificates are those of the system; no proxy, cookies, Referer or redirects of its own.
    ///
    /// # Errors
    /// When the user agent can't be sent, or TLS can't be set up.
    pub fn new(policy: &NetPolicy) -> Result<Self, ClientError> {
        let client = Self::without_certificates(policy)?;
        client.ways.secure().map_err(ClientError::Build)?;
        Ok(client)
    }

    /// The same, but certificates are read when the first `https` address is asked, which fails where there are none: for a
    /// command that may ask none.
    ///
    /// # Errors
    /// When the user agent can't be sent, or connections can't be set up.
    pub fn without_certificates(policy: &NetPolicy) -> Result<Self, ClientError> {
        let guard = Arc::new(policy.guard.clone());
        Self::with(policy, Arc::clone(&guard), GuardedResolver { guard })
    }

    /// Builds a client that connects, TLS included, and closes the connection before anything is sent over it: for
    /// [`Self::reach`].
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn that_only_connects(policy: &NetPolicy) -> Result<Self, ClientError> {
        let guard = Arc::new(policy.guard.clone());
        let client = Self::beyond(policy, Arc::clone(&guard), GuardedResolver { guard }, Beyond::Closed)?;
        client.ways.secure().map_err(ClientError::Build)?;
        Ok(client)
    }

    /// Connects to where `url` leads, and says nothing there.
    ///
    /// # Errors
    /// Why there is no connection.
    pub async fn reach(&self, url: &WebUrl, limits: Limits) -> Result<(), Failure> {
        let (method, url) = (Method::Get, url.clone());
        let request =
            Request { method, url, headers: Vec::new(), body: Vec::new(), redirects: Redirects::Refuse, limits };
        match self.send(request).await {
            Ok(_answer) => Ok(()),
            Err(failure) if failure.detail == REACHED => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    fn with(policy: &NetPolicy, guard: Arc<Guard>, resolver: impl Resolve + 'static) -> Result<Self, ClientError> {
        Self::beyond(policy, guard, resolver, Beyond::Used)
    }

    fn beyond(
        policy: &NetPolicy,
        guard: Arc<Guard>,
        resolver: impl Resolve + 'static,
        beyond: Beyond,
    ) -> Result<Self, ClientError> {
        let text = Some(policy.user_agent.as_str()).filter(|t| !t.is_empty()).unwrap_or(USER_AGENT);
        let user_agent =
            HeaderValue::from_str(text).ok().ok_or_else(|| ClientError::UserAgent { text: text.to_owned() })?;
        let bounds = policy.bounds;
        let plan = Plan {
            user_agent,
            resolver: Arc::new(resolver),
            wall: Wall { guard: Arc::clone(&guard), beyond, opened: Arc::default() },
            head_bytes: u32::try_from(bounds.head_bytes).unwrap_or(u32::MAX),
            kept: bounds.kept,
        };
        let ways = Arc::new(Ways::new(plan).map_err(ClientError::Build)?);
        let apart = Arc::new(Apart::new().map_err(ClientError::Threads)?);
        Ok(Self { ways, guard, bounds, apart })
    }

    async fn exchange(&self, request: Request) -> Exchange {
        let Request { mut method, mut url, headers, mut body, redirects: follow, limits } = request;
        let mut headers = fields(&headers)?;
        let mut time = Box::pin(tokio::time::sleep(limits.total));
        let mut redirects = Vec::new();
        let mut asked = Vec::new();
        self.guard.check_url(&url)?;
        loop {
            let sent = Sent { method, url: &url, limits: &limits, bounds: &self.bounds, apart: &self.apart };
            // What follows no redirect is sent once.
            let (fields, payload) = match follow {
                Redirects::Refuse => (std::mem::take(&mut headers), std::mem::take(&mut body)),
                Redirects::Show | Redirects::Follow(_) => (headers.clone(), body.clone()),
            };
            let answer = self.head(&sent, fields, payload, &mut time).await?;
            let status = answer.status().as_u16();
            let leads_on = matches!(status, 301 | 302 | 303 | 307 | 308) && follow != Redirects::Refuse;
            if !leads_on {
                return reading::finish(answer, &sent, redirects, &mut time).await;
            }
            let next = target(&answer, &url)?;
            self.guard.check_redirect(&url, &next)?;
            let Redirects::Follow(max) = follow else { return Ok(reading::head(&answer, &sent, redirects)) };
            redirects.push(status);
            asked.push(url);
            // Asked once more, a server that is told nothing else (no cookie, say) answers the same.
            if method == Method::Get && asked.contains(&next) {
                return Err(circle(&next));
            }
            if redirects.len() > usize::from(max) {
                let detail = format!("more than {max} redirects, the last to {}", next.redacted());
                return Err(Failure { kind: FailureKind::Redirect, detail });
            }
            let url_before = asked.last().unwrap_or(&next);
            if next.as_url().origin() != url_before.as_url().origin() {
                for name in SECRET_FIELDS {
                    headers.remove(name);
                }
            }
            // RFC 9110 section 15.4: 303 becomes GET; 301 and 302 do for POST, as browsers have it.
            if matches!(status, 301..=303) {
                (method, body) = (Method::Get, Vec::new());
            }
            url = next;
        }
    }

    /// Sends one request and waits for the head of its answer.
    async fn head(
        &self,
        sent: &Sent<'_>,
        headers: HeaderMap,
        body: Vec<u8>,
        time: &mut Pin<Box<Sleep>>,
    ) -> Result<reqwest::Response, Failure> {
        let Sent { method, url, limits, bounds, apart } = *sent;
        // An endpoint may take its whole timeout to answer.
        let (method, is_bounded) = match method {
            Method::Get => (reqwest::Method::GET, true),
            Method::Post => (reqwest::Method::POST, false),
            Method::Put => (reqwest::Method::PUT, false),
        };
        let way = self.ways.to(url)?;
        let mut request = reqwest::Request::new(method, url.as_url().clone());
        *request.headers_mut() = headers;
        if !body.is_empty() {
            *request.body_mut() = Some(body.into());
        }
        let hop = Hop { host: url.host_text().to_owned(), connect: limits.connect };
        let answer = tokio::select! {
            biased;
            answer = apart.drive(HOP.scope(hop, way.execute(request))) => answer,
            () = time.as_mut() => return Err(silent(url, limits.total)),
            () = tokio::time::sleep(bounds.answer), if is_bounded => return Err(silent(url, bounds.answer)),
        };
        let answer = answer.map_err(|error| fault::failure(&error, Phase::Head, sent))?;
        // The resolver and the connector have judged this address; should either ever be passed by, this still holds.
        let reached = answer.remote_addr().ok_or_else(|| unknown(url.host_text()))?;
        self.guard.check_ip(reached.ip(), url.host_text())?;
        reading::check_head(answer.headers(), bounds, url.host_text())?;
        Ok(answer)
    }
}

impl Http for WebClient {
    fn send(&self, request: Request) -> ExchangeFuture<'_> {
        Box::pin(self.exchange(request))
    }
}

/// What an answer belongs to.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) method: Method,
    pub(super) url: &'a WebUrl,
    pub(super) limits: &'a Limits,
    pub(super) bounds: &'a Bounds,
    pub(super) apart: &'a Apart,
}

fn silent(url: &WebUrl, bound: Duration) -> Failure {
    let detail = format!("no answer from {} within {} s", url.host_text(), bound.as_secs_f64());
    Failure { kind: FailureKind::Timeout, detail }
}

fn circle(next: &WebUrl) -> Failure {
    let detail = format!(
        "the redirects go round in a circle, back to {}: it may want a cookie, which no reader of feeds has",
        next.redacted()
    );
    Failure { kind: FailureKind::Redirect, detail }
}

/// Fields that every request has: ours, and those that reqwest and hyper add (Accept, User-Agent, Host, Content-Length).
const OWN_FIELDS: usize = 5;

fn fields(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::with_capacity(headers.len() + OWN_FIELDS);
    map.insert(ACCEPT_ENCODING, HeaderValue::from_static(decode::ACCEPT_ENCODING));
    for (name, value) in headers {
        let field = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let Some((name, value)) = field else {
            let detail = format!("the header field {name:?} can't be sent: it holds characters that no field may");
            return Err(Failure { kind: FailureKind::Protocol, detail });
        };
        map.append(name, value);
    }
    Ok(map)
}

fn target(answer: &reqwest::Response, url: &WebUrl) -> Result<WebUrl, Failure> {
    let failure = |detail| Failure { kind: FailureKind::Redirect, detail };
    let status = answer.status().as_u16();
    let location = answer.headers().get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let location = location.ok_or_else(|| failure(format!("{status} from {} names no address", url.redacted())))?;
    url.join(&location).map_err(|error| failure(format!("{status} from {} leads nowhere: {error}", url.redacted())))
}

#[cfg(test)]
mod tests;
