//! `/sources/add`: from an address to a source, by way of what is found there.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Map;

use super::super::desk::{Desk, cut, faults, foreign, name, sentence, topic_choice, when, when_known};
use super::super::frame::Section;
use super::super::posted::Posted;
use super::super::reader::{Reader, Right};
use super::super::refusal::Refusal;
use crate::daemon::Searched;
use crate::discover::{Finding, KnownSources};
use crate::model::{SourceSpec, Topic};
use crate::server::discovery::{self, matcher, sought};
use crate::server::fields::Fields;
use crate::server::params::{Params, Segment};
use crate::server::problem::Problem;
use crate::server::quota::Client;
use crate::server::sources::put;
use crate::server::state::AppState;
use crate::server::topics::{keys, name as line};
use crate::server::wire::{PREVIEWED, View, on_topic, stopped_words};
use crate::text::counted;

/// Characters of an entry's title.
const TITLE_CHARS: usize = 160;
/// Feeds that were not looked at and are named.
const NAMED_MAX: usize = 12;

/// `GET /sources/add`
pub(super) async fn show(reader: Reader, mut params: Params) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let url = params.text("url").unwrap_or_default();
    params.finish_page()?;
    Ok(form(&reader, &url, None))
}

/// `POST /sources/add`: searches, then leads to what was found.
pub(super) async fn search(
    State(app): State<AppState>,
    reader: Reader,
    client: Client,
    posted: Posted,
) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let mut object = Map::new();
    for field in ["url", "lang"] {
        object.extend(posted.text(field).map(|text| (field.to_owned(), text.into())));
    }
    let mut fields = Fields::of_form(object);
    let wanted = sought(&mut fields);
    let searched = match fields.finish(wanted) {
        Ok(sought) => discovery::search(&app, client, sought).await,
        Err(problem) => Err(problem),
    };
    Ok(match searched {
        Ok(searched) => Redirect::to(&format!("/sources/add/{}", searched.id)).into_response(),
        Err(problem) => form(&reader, posted.text("url").unwrap_or_default(), Some(&problem)),
    })
}

fn entry(url: &str) -> Markup {
    html! {
        form.stacked method="post" action="/sources/add" {
            label for="url" { "Address of a feed, a page, a channel or a repository" }
            input id="url" name="url" value=(url) required autocomplete="off" inputmode="url" aria-describedby="url-help";
            p.help id="url-help" {
                "Its site is asked at most ten times, a second apart: this takes up to 16 seconds."
            }
            label for="lang" { "Language to prefer " span.quiet { "(such as en; may stay empty)" } }
            input.short id="lang" name="lang" maxlength="3" autocomplete="off";
            button.main { "Look what is there" }
        }
    }
}

fn form(reader: &Reader, url: &str, problem: Option<&Problem>) -> Response {
    let main = html! {
        p.up { a href="/sources" { "All sources" } }
        h1 { "Add a source" }
        (faults(problem))
        (entry(url))
        p.quiet { "A list of many comes in by " a href="/sources/opml" { "OPML" } "." }
    };
    let status = problem.map_or(StatusCode::OK, Problem::status);
    Desk { title: "Add a source", here: Section::Sources, reader }.answer(status, &main)
}

/// A search that is still known.
fn ended(app: &AppState, id: &str) -> Result<std::sync::Arc<Searched>, Refusal> {
    let searched = id.parse().ok().and_then(|id| app.seeker.as_ref()?.searched(id));
    Ok(searched.ok_or_else(|| Problem::not_found("this search is forgotten: look again, at /sources/add"))?)
}

/// `GET /sources/add/{search}`
pub(super) async fn found(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    mut params: Params,
) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    params.finish_page()?;
    outcome(&app, &reader, &*ended(&app, &id)?, None).await
}

/// `POST /sources/add/{search}`: adds the one that was chosen.
pub(super) async fn add(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    posted: Posted,
) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let searched = ended(&app, &id)?;
    let (topics, sources) = discovery::held(&app).await?;
    let chosen = posted.text("choice").and_then(|choice| choice.parse::<usize>().ok());
    let Some(finding) = chosen.and_then(|choice| searched.found.findings.get(choice)) else {
        return outcome(&app, &reader, &searched, Some(&Problem::malformed("choose what is to be read"))).await;
    };
    if let Some(known) = KnownSources::new(&[], &sources).at(&finding.url) {
        let problem = Problem::conflict(format!("it is polled already: {}", known.words));
        return outcome(&app, &reader, &searched, Some(&problem)).await;
    }
    let spec = match spec(&posted, &app, &topics, finding) {
        Ok(spec) => spec,
        Err(problem) => return outcome(&app, &reader, &searched, Some(&problem)).await,
    };
    let id = put(&app, spec).await?;
    Ok(Redirect::to(&format!("/sources/{id}?done=added")).into_response())
}

fn spec(posted: &Posted, app: &AppState, topics: &[Topic], finding: &Finding) -> Result<SourceSpec, Problem> {
    let mut object = Map::new();
    object.extend(posted.text("name").map(|text| ("name".to_owned(), text.into())));
    let chosen: Vec<&str> = posted.all("topics").collect();
    object.insert("topics".to_owned(), chosen.into());
    let mut fields = Fields::of_form(object);
    let (name, topics) = (line(&mut fields), keys(&mut fields, topics));
    let found = finding.as_source((app.poll_bounds.min, app.poll_bounds.max));
    fields.finish(Some(SourceSpec { name: name.unwrap_or_else(|| found.name.clone()), topics, ..found }))
}

async fn outcome(
    app: &AppState,
    reader: &Reader,
    searched: &Searched,
    problem: Option<&Problem>,
) -> Result<Response, Refusal> {
    let (topics, sources) = discovery::held(app).await?;
    let (known, matcher) = (KnownSources::new(&[], &sources), matcher(&topics, &[]));
    let view = View { found: &searched.found, known: &known, topics: &matcher, now: app.clock.now() };
    let bounds = (app.poll_bounds.min, app.poll_bounds.max);
    let address = searched.sought.url.redacted();
    let main = html! {
        p.up { a href="/sources" { "All sources" } }
        h1 { "What is there" }
        p.quiet { "At " bdi { (cut(&address, TITLE_CHARS)) } ", asked " (searched.found.requests) " times." }
        (faults(problem))
        @if let Some(stopped) = &searched.found.stopped { p.remedy { (foreign(&sentence(&stopped_words(stopped)))) } }
        @if searched.found.findings.is_empty() { (nothing(searched)) } @else {
            form.choice method="post" action={ "/sources/add/" (searched.id) } {
                ol.candidates {
                    @for (index, finding) in searched.found.findings.iter().enumerate() {
                        (candidate(&view, index, finding, &finding.as_source(bounds)))
                    }
                }
                div.stacked {
                    label for="name" { "What you call it " span.quiet { "(its own title otherwise)" } }
                    input id="name" name="name" autocomplete="off";
                    (topic_choice(&topics, &[], "Its stories are held against these alone; against all where none is chosen."))
                    button.main { "Add it" }
                }
            }
            (unasked(searched))
        }
        h2 { "Look elsewhere" }
        (entry(""))
    };
    let status = problem.map_or(StatusCode::OK, Problem::status);
    Ok(Desk { title: "What is there", here: Section::Sources, reader }.answer(status, &main))
}

fn candidate(view: &View<'_>, index: usize, finding: &Finding, spec: &SourceSpec) -> Markup {
    let (stories, known, is_best) = (view.stories(finding, spec), view.source_of(finding), view.is_best(finding));
    let topics: Vec<String> =
        on_topic(&stories).iter().map(|(topic, count)| format!("{topic} {count} of {}", stories.len())).collect();
    let id = format!("candidate-{index}");
    html! {
        li {
            input id=(id) type="radio" name="choice" value=(index) required checked[is_best && known.is_none()]
                disabled[known.is_some()];
            div {
                label for=(id) { (name(&spec.name)) }
                @if is_best { " " span.badge.good { "best" } }
                p.quiet {
                    (finding.what()) ", " (finding.how.words()) ": " bdi { (cut(&finding.url.redacted(), TITLE_CHARS)) }
                }
                p.quiet {
                    (entries(finding.parsed.entries.len())) ", the newest " (when_known(finding.newest, view.now))
                    @if let Some(lang) = finding.lang() { ", in " bdi { (lang) } }
                    @if !topics.is_empty() { "; on topics: " (topics.join(", ")) }
                }
                @if let Some(known) = known {
                    p.remedy {
                        "It is polled already: "
                        @match known.id {
                            Some(id) => { a href={ "/sources/" (id) } { bdi { (known.words) } } }
                            None => { bdi { (known.words) } }
                        }
                    }
                }
                ul.preview {
                    @for story in stories.iter().take(PREVIEWED) {
                        li {
                            bdi lang=[story.draft.lang.as_deref()] { (cut(&story.draft.title, TITLE_CHARS)) }
                            " " span.quiet { (dated(story.draft.published, view.now)) }
                        }
                    }
                }
            }
        }
    }
}

fn entries(count: usize) -> String {
    counted(count, "entry", "entries")
}

fn dated(at: Option<Timestamp>, now: Timestamp) -> Markup {
    at.map_or_else(|| html! { "no date" }, |at| when(at, now))
}

fn nothing(searched: &Searched) -> Markup {
    html! {
        p { "Nothing to poll was found." }
        @if !searched.found.in_vain.is_empty() {
            p.quiet { "Asked in vain:" }
            ul.preview {
                @for (url, why) in &searched.found.in_vain {
                    li { bdi { (cut(&url.redacted(), TITLE_CHARS)) } ": " (foreign(why)) }
                }
            }
        }
        p.quiet {
            "If the page lists articles, say where they stand: " code { "tidings source add ADDRESS --item CSS" } "."
        }
    }
}

fn unasked(searched: &Searched) -> Markup {
    let unasked = &searched.found.unasked;
    html! {
        @if !unasked.is_empty() {
            details {
                summary { "Named as well and not looked at: " (unasked.len()) }
                ul.preview {
                    @for url in unasked.iter().take(NAMED_MAX) { li { bdi { (cut(&url.redacted(), TITLE_CHARS)) } } }
                }
            }
        }
    }
}
