//! `/topics`: what is watched, and a new topic.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};

use super::draft::Draft;
use super::frame::{Frame, Section, page};
use super::outcome::{Outcome, at};
use super::posted::Posted;
use super::reader::{Reader, Right};
use super::refusal::Refusal;
use super::versions::cut_end;
use super::workshop::{BY_PAGE, SCRIPTS, other_fields, preview_place, query_field, wrong};
use crate::model::{Origin, Over, Topic};
use crate::port::TopicTally;
use crate::server::params::Params;
use crate::server::state::AppState;
use crate::server::topics::{save, saving};
use crate::text::counted;

/// Characters of a query that are shown.
const QUERY_CHARS: usize = 160;

/// `GET /topics`
pub(super) async fn list(State(app): State<AppState>, reader: Reader, mut params: Params) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    params.finish_page()?;
    show_list(&app, &reader, StatusCode::OK, (&Draft::new(), &Outcome::Untried)).await
}

/// `POST /topics`: adds one.
pub(super) async fn add(State(app): State<AppState>, reader: Reader, posted: Posted) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let draft = Draft { topic: None, ..Draft::posted(&posted) };
    let added = match draft.read(&app.checks) {
        Ok(spec) => save(&app, &spec, saving(reader.by(BY_PAGE), Over::Nothing)).await.map(|_version| spec),
        Err(problem) => Err(problem),
    };
    match added {
        Ok(spec) => Ok(Redirect::to(&format!("/topics/{}/edit", spec.key)).into_response()),
        Err(problem) => {
            let faults = draft.faults(&app.checks);
            let outcome = if faults.is_empty() { wrong(&problem) } else { Outcome::Faults(faults) };
            show_list(&app, &reader, problem.status(), (&draft, &outcome)).await
        }
    }
}

/// The page, with a new topic as far as it is written.
pub(super) async fn show_list(
    app: &AppState,
    reader: &Reader,
    status: StatusCode,
    (draft, tried): (&Draft, &Outcome),
) -> Result<Response, Refusal> {
    let (topics, tallies) = app.keeper.read(|store| Ok((store.topics()?, store.topic_tallies()?))).await?;
    let may_write = reader.may(Right::Write);
    let main = html! {
        h1 { "Topics" }
        @if topics.is_empty() { p.empty { "Nothing is watched yet." } }
        ol.topics { @for topic in &topics { (row(topic, &tallies, may_write)) } }
        @if may_write { (new(draft, tried)) }
    };
    let frame = Frame {
        title: "Topics",
        here: Some(Section::Topics),
        scripts: if may_write { SCRIPTS } else { &[] },
        feeds: &[],
    };
    Ok((status, page(&frame, reader, &main)).into_response())
}

fn row(topic: &Topic, tallies: &[TopicTally], may_write: bool) -> Markup {
    let spec = &topic.spec;
    let tally = tallies.iter().find(|tally| tally.topic == spec.key);
    let events = counted(tally.map_or(0, |tally| tally.events), "event", "events");
    let verb = if may_write && topic.origin == Origin::Api { "Edit" } else { "Look at the query" };
    html! {
        li {
            h2 { a href=(format!("/topics/{}", spec.key)) dir="auto" { (spec.name) } }
            p.query dir="auto" { code { (cut_end(spec.query.trim(), QUERY_CHARS)) } }
            p {
                (events)
                @match tally.and_then(|tally| tally.last_told_at) {
                    Some(told) => { ", last told " (at(told)) }
                    None => { ", none told yet" }
                }
                @if topic.origin == Origin::Config { " · from the configuration file" }
                " · " a href=(format!("/topics/{}/edit", spec.key)) { (verb) span.unseen { ": " (spec.name) } }
            }
        }
    }
}

fn new(draft: &Draft, tried: &Outcome) -> Markup {
    html! {
        section.new {
            h2 { "Watch another topic" }
            form.workshop method="post" action="/topics" {
                p.field {
                    label for="id" { "Short name" }
                    input id="id" name="id" value=(draft.id) required maxlength="64" pattern=r"[a-z0-9_\-]+"
                        aria-describedby="id-help" autocapitalize="none";
                }
                p.help id="id-help" { "It stands in addresses: small letters, digits, - and _." }
                (query_field(draft, tried))
                (other_fields(draft, tried))
                p.buttons {
                    button formaction="/workshop/try" formnovalidate { "Try it" }
                    button.main { "Add" }
                }
            }
            (preview_place(&draft.query, tried, None))
        }
    }
}
