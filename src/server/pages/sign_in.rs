//! `/sign-in` and `/sign-out`: a token for a cookie, and back.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::html;

use super::frame::{Frame, page};
use super::posted::Posted;
use super::reader::{Reader, granted, signing};
use super::refusal::Refusal;
use crate::server::feeds::is_https;
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::quota::Client;
use crate::server::state::AppState;

/// `GET /sign-in?then=`
pub(super) async fn show(reader: Reader, mut params: Params) -> Result<Response, Refusal> {
    let then = params.text("then");
    params.finish_page()?;
    Ok(form(&reader, then.as_deref(), None))
}

/// `POST /sign-in`
pub(super) async fn sign_in(
    State(app): State<AppState>,
    reader: Reader,
    client: Client,
    headers: HeaderMap,
    posted: Posted,
) -> Result<Response, Refusal> {
    let then = posted.text("then");
    let token = posted.text("token").unwrap_or_default();
    if granted(&app, client, token).await?.is_none() {
        return Ok(form(&reader, then, Some("This is no token of ours.")));
    }
    let cookie = signing(Some(token), is_https(&headers)).ok_or_else(|| {
        Problem::malformed("the token has characters that a browser can't keep; make it of letters and digits")
    })?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(local(then))).into_response())
}

/// `POST /sign-out`
pub(super) async fn sign_out(headers: HeaderMap, _ours: Posted) -> Response {
    match signing(None, is_https(&headers)) {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
        None => Redirect::to("/").into_response(),
    }
}

fn form(reader: &Reader, then: Option<&str>, fault: Option<&str>) -> Response {
    let main = html! {
        h1 { "Sign in" }
        @if reader.has_door {
            form.stacked method="post" action="/sign-in" {
                input type="hidden" name="then" value=(local(then));
                label for="token" { "Token" }
                input id="token" name="token" type="password" autocomplete="current-password" required autofocus
                    aria-describedby="token-help" aria-invalid=[fault.map(|_| "true")];
                @if let Some(fault) = fault {
                    p.fault role="alert" { (fault) }
                }
                p.help id="token-help" { "The operator makes one with " code { "tidings token add" } "." }
                button.main { "Sign in" }
            }
        } @else {
            p { "Nobody can sign in yet: make a token with " code { "tidings token add" } "." }
        }
    };
    let status = if fault.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    (status, page(&Frame::plain("Sign in"), reader, &main)).into_response()
}

/// A path of ours to go on to. `//host` and `/\host` lead elsewhere.
fn local(then: Option<&str>) -> &str {
    then.filter(|path| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains('\\')
            && path.bytes().all(|byte| byte.is_ascii_graphic())
    })
    .unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_led_to_another_site() {
        assert_eq!(local(Some("/sources?health=failing")), "/sources?health=failing");
        for elsewhere in
            ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", "/a\r\nb"]
        {
            assert_eq!(local(Some(elsewhere)), "/");
        }
    }
}
