//! The client: one exchange at a time within its bounds, redirects followed by hand.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};
use tokio::time::Sleep;

use super::Guard;
use super::connect::{HOP, Hop, Wall, unknown};
use super::fault::{self, Phase};
use super::resolve::GuardedResolver;
use crate::model::{Exchange, Failure, FailureKind, Headers, Limits, Method, Redirects, Request, Response, WebUrl};
use crate::port::{ExchangeFuture, Http};

/// How the client shows itself, and where it may go.
#[derive(Debug, Clone, Default)]
pub struct NetPolicy {
    /// The User-Agent field; empty stands for `tidings/VERSION (+homepage)`.
    pub user_agent: String,
    /// What may be reached.
    pub guard: Guard,
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
}

const USER_AGENT: &str = concat!("tidings/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");
/// Long enough for several sources of one host in a row, too short to hoard connections until the next poll.
const IDLE: Duration = Duration::from_mins(1);
const IDLE_PER_HOST: usize = 8;
/// A body's buffer begins no larger, whatever length is announced.
const BUFFER_BYTES: usize = 256 * 1024;
/// Fields that are never carried to another origin. Validators and Accept may be: they tell nobody's secrets.
const SECRET_FIELDS: [&str; 6] =
    ["authorization", "cookie", "proxy-authorization", "webhook-id", "webhook-timestamp", "webhook-signature"];

/// The way out to the web: reqwest behind the guard. Built once and shared; connections are reused.
#[derive(Debug, Clone)]
pub struct WebClient {
    client: reqwest::Client,
    guard: Arc<Guard>,
}

impl WebClient {
    /// Builds the client: certificates are those of the system; no proxy, cookies, Referer or redirects of its own.
    ///
    /// # Errors
    /// When the user agent can't be sent, or TLS can't be set up.
    pub fn new(policy: &NetPolicy) -> Result<Self, ClientError> {
        let text = Some(policy.user_agent.as_str()).filter(|t| !t.is_empty()).unwrap_or(USER_AGENT);
        let user_agent =
            HeaderValue::from_str(text).ok().ok_or_else(|| ClientError::UserAgent { text: text.to_owned() })?;
        let guard = Arc::new(policy.guard.clone());
        let client = reqwest::Client::builder()
            .user_agent(user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .dns_resolver(GuardedResolver { guard: Arc::clone(&guard) })
            .connector_layer(Wall { guard: Arc::clone(&guard) })
            .http1_ignore_invalid_headers_in_responses(true)
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .build()
            .map_err(ClientError::Build)?;
        Ok(Self { client, guard })
    }

    async fn exchange(&self, request: Request) -> Exchange {
        let Request { mut method, mut url, headers, mut body, redirects: follow, limits } = request;
        let mut headers = fields(&headers)?;
        let mut time = Box::pin(tokio::time::sleep(limits.total));
        let mut redirects = Vec::new();
        loop {
            self.guard.check_url(&url)?;
            let sent = Sent { method, url: &url, limits: &limits };
            let answer = self.head(&sent, &headers, &body, &mut time).await?;
            let status = answer.status().as_u16();
            let max = match follow {
                Redirects::Follow(max) if matches!(status, 301 | 302 | 303 | 307 | 308) => max,
                Redirects::Follow(_) | Redirects::Refuse => {
                    return finish(answer, &sent, redirects, &mut time).await;
                }
            };
            let next = target(&answer, &url)?;
            redirects.push(status);
            if redirects.len() > usize::from(max) {
                let detail = format!("more than {max} redirects, the last to {}", next.redacted());
                return Err(Failure { kind: FailureKind::Redirect, detail });
            }
            if next.as_url().origin() != url.as_url().origin() {
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
        headers: &HeaderMap,
        body: &[u8],
        time: &mut Pin<Box<Sleep>>,
    ) -> Result<reqwest::Response, Failure> {
        let Sent { method, url, limits } = *sent;
        let method = match method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut request = reqwest::Request::new(method, url.as_url().clone());
        request.headers_mut().clone_from(headers);
        if !body.is_empty() {
            *request.body_mut() = Some(body.to_vec().into());
        }
        let hop = Hop { host: url.host_text().to_owned(), connect: limits.connect };
        let answer = tokio::select! {
            biased;
            answer = HOP.scope(hop, self.client.execute(request)) => answer,
            () = time.as_mut() => {
                let detail = format!("no answer from {} within {} s", url.host_text(), limits.total.as_secs_f64());
                return Err(Failure { kind: FailureKind::Timeout, detail });
            }
        };
        let answer = answer.map_err(|error| fault::failure(&error, Phase::Head, url, limits))?;
        // The resolver and the connector have judged this address; should either ever be passed by, this still holds.
        let reached = answer.remote_addr().ok_or_else(|| unknown(url.host_text()))?;
        self.guard.check_ip(reached.ip(), url.host_text())?;
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
struct Sent<'a> {
    method: Method,
    url: &'a WebUrl,
    limits: &'a Limits,
}

fn fields(headers: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let mut map = HeaderMap::with_capacity(headers.len());
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

/// Reads the body and puts the answer together.
///
/// What answers a POST is only shown to people, and its status has said already what came of it: such a body is cut
/// where it is too long, late or broken, and the answer stands. Otherwise an endpoint that took a notification and
/// then says too much would be sent it again.
async fn finish(
    mut answer: reqwest::Response,
    sent: &Sent<'_>,
    redirects: Vec<u16>,
    time: &mut Pin<Box<Sleep>>,
) -> Exchange {
    let lower = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let headers = Headers(answer.headers().iter().map(lower).collect());
    let status = answer.status().as_u16();
    let mut body = Vec::new();
    match (read(&mut answer, &mut body, sent, time).await, sent.method) {
        (Err(failure), Method::Get) => return Err(failure),
        (Err(_), Method::Post) | (Ok(()), Method::Get | Method::Post) => {}
    }
    Ok(Response { status, headers, body, url: sent.url.clone(), redirects })
}

/// Reads into `body` until its end, its limit or the end of time.
async fn read(
    answer: &mut reqwest::Response,
    body: &mut Vec<u8>,
    sent: &Sent<'_>,
    time: &mut Pin<Box<Sleep>>,
) -> Result<(), Failure> {
    let max = sent.limits.body_bytes;
    let announced = answer.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length > max) && sent.method == Method::Get {
        return Err(too_large(sent));
    }
    body.reserve(announced.unwrap_or(0).min(BUFFER_BYTES).min(max));
    loop {
        let chunk = tokio::select! {
            biased;
            () = time.as_mut() => return Err(too_slow(sent, body.len())),
            chunk = answer.chunk() => chunk,
        };
        let chunk = chunk.map_err(|error| fault::failure(&error, Phase::Body, sent.url, sent.limits))?;
        let Some(chunk) = chunk else { return Ok(()) };
        let room = max.saturating_sub(body.len());
        body.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Err(too_large(sent));
        }
    }
}

fn too_slow(sent: &Sent<'_>, bytes: usize) -> Failure {
    let (host, secs) = (sent.url.host_text(), sent.limits.total.as_secs_f64());
    let detail = format!("the body from {host} was not complete within {secs} s: {bytes} bytes had come");
    Failure { kind: FailureKind::Timeout, detail }
}

fn too_large(sent: &Sent<'_>) -> Failure {
    let (host, max) = (sent.url.host_text(), sent.limits.body_bytes);
    let detail = format!(
        "the body from {host} is larger than {max} bytes; if that is meant, raise feed_body_mib or page_body_mib in [network]"
    );
    Failure { kind: FailureKind::TooLarge, detail }
}

#[cfg(test)]
mod tests;
