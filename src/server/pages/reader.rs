//! Who reads a page: anybody, or the holder of a token that a cookie carries.
//!
//! The cookie is the token itself: what it may do is asked at each request, so a token that is taken back takes its browsers
//! with it, and a restart signs nobody out. It is `HttpOnly` (no script reads it) and `SameSite=Strict` (no other site's
//! page makes a browser send it, [RFC 6265bis section 5.6.7](https://www.rfc-editor.org/rfc/rfc6265bis#section-5.6.7)).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};

use super::refusal::Refusal;
use crate::model::Scope;
use crate::port::StoreError;
use crate::server::access::Granted;
use crate::server::quota::Client;
use crate::server::state::AppState;

/// The cookie's name.
const COOKIE: &str = "tidings";
/// Signed in for so long, unless the token ends sooner: 90 days.
const SIGNED_IN_SECS: u32 = 90 * 24 * 60 * 60;

/// What a reader may do, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Right {
    /// See events and stories.
    Look,
    /// See what the operator sees: sources, subscriptions, deliveries.
    Read,
    /// Change it.
    Write,
}

/// Who asks for a page, and what for.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    /// What may be done.
    right: Option<Right>,
    /// What the token grants that came along.
    granted: Option<Granted>,
    /// The page that is asked for, to come back to after signing in.
    asked: String,
    /// Whether anybody can sign in.
    pub(super) has_door: bool,
}

impl FromRequestParts<AppState> for Reader {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Refusal> {
        let client = Client::from_request_parts(parts, app).await.unwrap_or_else(|never| match never {});
        let granted = match cookie(&parts.headers) {
            Some(token) => granted(app, client, token).await?,
            None => None,
        };
        let has_door = granted.is_some() || app.access.is_open().await?;
        let anybody = app.openness.pages.then_some(Right::Look);
        let asked = match parts.method {
            Method::GET => parts.uri.path_and_query().map_or("/", |asked| asked.as_str()).to_owned(),
            _ => "/".to_owned(),
        };
        Ok(Self { right: granted.as_ref().map(right).or(anybody), granted, asked, has_door })
    }
}

impl Reader {
    /// Whether `right` is had.
    pub(super) fn may(&self, right: Right) -> bool {
        self.right.is_some_and(|had| had >= right)
    }

    /// Whether a token came along.
    pub(super) fn is_signed_in(&self) -> bool {
        self.granted.is_some()
    }

    /// What the token grants that came along.
    pub(super) fn granted(&self) -> Option<&Granted> {
        self.granted.as_ref()
    }

    /// Who does something on a page, for people; `way` names the page.
    pub(super) fn by(&self, way: &str) -> String {
        self.granted.as_ref().map_or_else(|| way.to_owned(), |granted| granted.by(way))
    }

    /// Goes on where `right` is had.
    ///
    /// # Errors
    /// Sends a stranger to sign in, and tells who is signed in that the token doesn't reach so far.
    pub(super) fn must(&self, right: Right) -> Result<(), Refusal> {
        match self.may(right) {
            true => Ok(()),
            false if self.is_signed_in() => Err(Refusal::TooLittle(right)),
            false => Err(Refusal::SignIn { then: self.asked.clone() }),
        }
    }
}

/// What the bearer of `token` is granted; `None` where it is none of ours, or where the client guessed too often to be heard: such a
/// browser reads on as a stranger.
///
/// # Errors
/// When the store can't be asked.
pub(super) async fn granted(app: &AppState, client: Client, token: &str) -> Result<Option<Granted>, StoreError> {
    Ok(app.access.admits_from(client, Some(token)).await?.ok().flatten())
}

fn right(granted: &Granted) -> Right {
    match granted.scope {
        Scope::Read => Right::Read,
        Scope::Write | Scope::Admin => Right::Write,
    }
}

/// What our cookie carries.
pub(in crate::server) fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs =
        headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// The line that signs a browser in with `token`, or out with none; `None` where the token can't stand in a cookie.
pub(super) fn signing(token: Option<&str>, is_secure: bool) -> Option<HeaderValue> {
    let (value, secs) = token.map_or(("", 0), |token| (token, SIGNED_IN_SECS));
    let secure = if is_secure { "; Secure" } else { "" };
    // The characters of a bearer token (RFC 6750 section 2.1) are all allowed in a cookie's value (RFC 6265 section 4.1.1).
    let is_plain = value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte));
    let line = format!("{COOKIE}={value}; Path=/; Max-Age={secs}; HttpOnly; SameSite=Strict{secure}");
    is_plain.then(|| HeaderValue::from_str(&line).ok()).flatten()
}
