//! A page in place of the one that was asked for: not found, not allowed, not valid, to sign in first.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use url::form_urlencoded;

use super::frame::{Frame, bare};
use super::reader::Right;
use crate::port::StoreError;
use crate::server::problem::Problem;

/// Why the page isn't shown.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Somebody must sign in first, and come back to this page.
    SignIn {
        /// Path and query.
        then: String,
    },
    /// Who is signed in may not do this.
    TooLittle(Right),
    /// A form that is none of our pages', as far as can be told: why.
    Foreign(String),
    /// What the API would say.
    Problem(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Problem(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn { then } => {
                let query = form_urlencoded::Serializer::new(String::new()).append_pair("then", &then).finish();
                Redirect::to(&format!("/sign-in?{query}")).into_response()
            }
            Self::TooLittle(right) => {
                let needed = if right == Right::Write { "write" } else { "read" };
                let detail = format!(
                    "the token that you signed in with may not do this: one with the scope {needed:?} is needed"
                );
                page(StatusCode::FORBIDDEN, "Not allowed", &[&detail])
            }
            Self::Foreign(why) => page(StatusCode::FORBIDDEN, "The form was not taken", &[&why]),
            Self::Problem(problem) => {
                let mut response = page(problem.status(), problem.title(), &problem.details());
                let retry = problem.retry_secs().map(|secs| (header::RETRY_AFTER, secs.into()));
                response.headers_mut().extend(retry);
                response
            }
        }
    }
}

/// The page in place of one that isn't served.
pub(in crate::server) fn refused(problem: Problem) -> Response {
    Refusal::from(problem).into_response()
}

fn page(status: StatusCode, title: &str, details: &[&str]) -> Response {
    let main = html! {
        h1 { (title) }
        @for detail in details {
            p dir="auto" { (sentence(detail)) }
        }
        p { a href="/" { "All events" } }
    };
    (status, bare(&Frame::plain(title), &main)).into_response()
}

/// A problem's fragment as a sentence.
fn sentence(fragment: &str) -> String {
    let mut characters = fragment.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if fragment.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}
