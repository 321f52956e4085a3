//! `/sources/opml`: lists of sources, out and in.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};

use super::super::desk::{Desk, cut, faults, foreign, name};
use super::super::frame::Section;
use super::super::reader::{Reader, Right};
use super::super::refusal::Refusal;
use super::super::upload::Upload;
use crate::discover::Fate;
use crate::model::{Topic, TopicKey};
use crate::server::opml::{self, Imported, Intent, take_in};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::state::AppState;

/// Outcomes of one kind that are named one by one; the API and the command line name all.
const NAMED_MAX: usize = 500;
/// Characters of an address.
const URL_CHARS: usize = 200;

/// `GET /sources/opml`
pub(super) async fn show(State(app): State<AppState>, reader: Reader, mut params: Params) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    params.finish_page()?;
    let topics = app.keeper.read(|store| store.topics()).await?;
    Ok(page(&reader, StatusCode::OK, &html! { (forms(&reader, &topics)) }))
}

/// `GET /sources/opml/file`
pub(super) async fn export(state: State<AppState>, reader: Reader, params: Params) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    Ok(opml::export(state, params).await?.into_response())
}

/// `POST /sources/opml`: what came of it is shown at once. To send it again changes nothing: all is known then.
pub(super) async fn import(State(app): State<AppState>, reader: Reader, upload: Upload) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let topics = app.keeper.read(|store| store.topics()).await?;
    let intent = if upload.text("try").is_some() { Intent::Try } else { Intent::Add };
    let wanted = upload.text("topic").and_then(TopicKey::parse);
    let imported = match upload.content("file").or_else(|| upload.content("list")) {
        Some(list) => take_in(&app, list, wanted.as_slice(), intent).await,
        None => Err(Problem::malformed("choose a file, or paste a list")),
    };
    Ok(match imported {
        Ok(imported) => page(
            &reader,
            StatusCode::OK,
            &html! {
                (outcome(&imported, intent))
                (forms(&reader, &topics))
            },
        ),
        Err(problem) => page(
            &reader,
            problem.status(),
            &html! {
                (faults(Some(&problem)))
                (forms(&reader, &topics))
            },
        ),
    })
}

fn page(reader: &Reader, status: StatusCode, main: &Markup) -> Response {
    let main = html! {
        p.up { a href="/sources" { "All sources" } }
        h1 { "Lists of sources" }
        (main)
    };
    Desk { title: "Lists of sources", here: Section::Sources, reader }.answer(status, &main)
}

fn forms(reader: &Reader, topics: &[Topic]) -> Markup {
    html! {
        h2 { "Export" }
        p { a href="/sources/opml/file" download="tidings.opml" { "All sources as OPML" } }
        @if reader.may(Right::Write) {
            h2 { "Import" }
            form.stacked method="post" action="/sources/opml" enctype="multipart/form-data" {
                label for="file" { "A file: OPML, or one address a line" }
                input id="file" name="file" type="file" accept=".opml,.xml,.txt,text/xml,text/plain";
                label for="list" { "Or pasted here" }
                textarea id="list" name="list" rows="4" spellcheck="false" autocomplete="off" {}
                @if !topics.is_empty() {
                    label for="topic" { "Topic" }
                    select id="topic" name="topic" aria-describedby="topic-help" {
                        option value="" { "as the list's folders say" }
                        @for topic in topics { option value=(topic.spec.key) { (cut(&topic.spec.name, 80)) } }
                    }
                    p.help id="topic-help" { "A folder that is called like a topic holds its sources against it alone." }
                }
                label.choice { input type="checkbox" name="try" value="true"; " Only say what would be added" }
                button.main { "Import" }
            }
        }
    }
}

fn outcome(imported: &Imported, intent: Intent) -> Markup {
    let sorted = &imported.sorted;
    let new: Vec<_> = sorted.sources.iter().filter(|(_, fate)| *fate == Fate::New).map(|(source, _)| source).collect();
    let verb = if intent == Intent::Try { "would be added" } else { "added" };
    html! {
        div.done role="status" {
            p {
                (new.len()) " " (verb) ", " (sorted.sources.len() - new.len()) " known already, "
                (sorted.left_out.len()) " refused."
            }
        }
        @if !sorted.left_out.is_empty() {
            h2 { "Refused" }
            ul.outcomes {
                @for left_out in sorted.left_out.iter().take(NAMED_MAX) {
                    li { "Line " (left_out.line) ": " @if !left_out.name.is_empty() { (name(&left_out.name)) ": " } (foreign(&left_out.why)) }
                }
                (more(sorted.left_out.len()))
            }
        }
        @if !new.is_empty() {
            h2 { @if intent == Intent::Try { "Would be added" } @else { "Added" } }
            ul.outcomes {
                @for (index, source) in new.iter().take(NAMED_MAX).enumerate() {
                    li {
                        @match imported.ids.get(index).copied().flatten() {
                            Some(id) => { a href={ "/sources/" (id) } { (name(&source.spec.name)) } }
                            None => { (name(&source.spec.name)) }
                        }
                        " " span.quiet { bdi { (cut(&source.spec.url.redacted(), URL_CHARS)) } }
                    }
                }
                (more(new.len()))
            }
        }
        @if sorted.sources.len() > new.len() {
            details {
                summary { "Known already: " (sorted.sources.len() - new.len()) }
                ul.outcomes {
                    @for (source, fate) in sorted.sources.iter().take(NAMED_MAX) {
                        @if let Fate::Known(there) = fate {
                            li { (name(&source.spec.name)) ": " bdi { (there.words) } }
                        }
                    }
                }
            }
        }
        @if !sorted.folders.is_empty() {
            p.quiet {
                "Folders that are no topic, and mean nothing here: "
                @for (index, (folder, count)) in sorted.folders.iter().take(20).enumerate() {
                    @if index > 0 { ", " } (name(folder)) " (" (count) ")"
                }
                "."
            }
        }
        @if !sorted.absent_topics.is_empty() {
            p.remedy {
                "Topics that are not there yet, so that nothing is told of their sources: "
                @for (index, (topic, count)) in sorted.absent_topics.iter().enumerate() {
                    @if index > 0 { ", " } (topic) " (" (count) ")"
                }
                "."
            }
        }
    }
}

fn more(count: usize) -> Markup {
    html! { @if count > NAMED_MAX { li.quiet { "and " (count - NAMED_MAX) " more" } } }
}
