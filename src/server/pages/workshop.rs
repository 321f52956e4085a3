//! `/topics/{id}/edit`: the workshop of a topic: its query, what another would have told, its versions.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use maud::{Markup, html};

use super::declaration::declaration;
use super::draft::Draft;
use super::frame::{Frame, Section, page};
use super::outcome::{Outcome, outcome};
use super::posted::Posted;
use super::reader::{Reader, Right};
use super::refusal::Refusal;
use super::topics::show_list;
use super::versions::{SHOWN, history};
use crate::model::{Origin, Over, Topic, TopicSpec, TopicVersion};
use crate::server::params::{Params, Segment};
use crate::server::problem::Problem;
use crate::server::state::AppState;
use crate::server::topics::{find, restore, save, saving};
use crate::server::workshop::{DAYS_DEFAULT, Trial, look};
use crate::topic::Query;

/// Who saves on a page.
pub(super) const BY_PAGE: &str = "the page";
/// Looks at the query as it is typed.
pub(super) const SCRIPTS: &[&str] = &["/workshop.js"];
/// Lines of the query's field.
const ROWS_MIN: usize = 6;
const ROWS_MAX: usize = 24;

/// `GET /topics/{id}/edit`
pub(super) async fn edit(
    State(app): State<AppState>,
    Segment(id): Segment,
    reader: Reader,
    mut params: Params,
) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    params.finish_page()?;
    let topic = find(&app, &id).await?;
    let versions = versions(&app, &topic).await?;
    let draft = Draft::of(&topic.spec, versions.first().map(|version| version.number));
    Ok(shown(StatusCode::OK, &reader, (&topic, &versions), (&draft, &Outcome::Untried), None))
}

/// `POST /topics/{id}/edit`: saves.
pub(super) async fn keep(
    State(app): State<AppState>,
    Segment(id): Segment,
    reader: Reader,
    posted: Posted,
) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let topic = find(&app, &id).await?;
    let draft = Draft { topic: Some(id), ..Draft::posted(&posted) };
    let over = draft.version.map_or(Over::Newest, Over::Version);
    let checks = draft.checks(&app, Some(&topic.spec));
    let kept = match draft.read(&checks) {
        Ok(spec) => save(&app, &spec, saving(reader.by(BY_PAGE), over)).await,
        Err(problem) => Err(problem),
    };
    let problem = match kept {
        Ok(_version) => return Ok(Redirect::to(&format!("/topics/{}/edit", topic.spec.key)).into_response()),
        Err(problem) => problem,
    };
    let versions = versions(&app, &topic).await?;
    let faults = draft.faults(&checks);
    if problem.status() == StatusCode::CONFLICT {
        // Whoever saves once more has seen what was saved meanwhile.
        let draft = Draft { version: versions.first().map(|version| version.number), ..draft };
        let notice = problem.details().join("; ");
        let untried = (&draft, &Outcome::Untried);
        return Ok(shown(StatusCode::CONFLICT, &reader, (&topic, &versions), untried, Some(&notice)));
    }
    let outcome = if faults.is_empty() { wrong(&problem) } else { Outcome::Faults(faults) };
    Ok(shown(problem.status(), &reader, (&topic, &versions), (&draft, &outcome), None))
}

/// `POST /topics/{id}/undo`
pub(super) async fn undo(
    State(app): State<AppState>,
    Segment(id): Segment,
    reader: Reader,
    posted: Posted,
) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let topic = find(&app, &id).await?;
    let version = posted.text("version").and_then(|number| number.parse().ok());
    restore(&app, &topic, version, reader.by(BY_PAGE)).await?;
    Ok(Redirect::to(&format!("/topics/{}/edit", topic.spec.key)).into_response())
}

/// `POST /workshop/try`: the page again, with what the query would have told. It changes nothing.
pub(super) async fn try_it(State(app): State<AppState>, reader: Reader, posted: Posted) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let draft = Draft::posted(&posted);
    let Some(id) = &draft.topic else {
        let tried = tried(&app, &draft, None).await?;
        return show_list(&app, &reader, StatusCode::OK, (&draft, &tried)).await;
    };
    let topic = find(&app, id).await?;
    let tried = tried(&app, &draft, Some(&topic.spec)).await?;
    let versions = versions(&app, &topic).await?;
    Ok(shown(StatusCode::OK, &reader, (&topic, &versions), (&draft, &tried), None))
}

/// `POST /workshop/preview`: the same alone, for the script.
pub(super) async fn preview(
    State(app): State<AppState>,
    reader: Reader,
    posted: Posted,
) -> Result<Html<String>, Refusal> {
    reader.must(Right::Write)?;
    let draft = Draft::posted(&posted);
    let topic = match &draft.topic {
        Some(id) => Some(find(&app, id).await?),
        None => None,
    };
    let tried = tried(&app, &draft, topic.as_ref().map(|topic| &topic.spec)).await?;
    let declared = topic.filter(|topic| topic.origin == Origin::Config);
    let lines = declared.and_then(|topic| draft.tried(&draft.checks(&app, Some(&topic.spec))).ok());
    Ok(Html(
        html! { (outcome(&draft.query, &tried)) (lines.as_ref().map_or_else(Markup::default, paste)) }.into_string(),
    ))
}

/// What came of a draft.
async fn tried(app: &AppState, draft: &Draft, saved: Option<&TopicSpec>) -> Result<Outcome, Problem> {
    let checks = draft.checks(app, saved);
    let faults = draft.faults(&checks);
    if !faults.is_empty() {
        return Ok(Outcome::Faults(faults));
    }
    let spec = match draft.tried(&checks) {
        Ok(spec) => spec,
        Err(problem) => return Ok(wrong(&problem)),
    };
    let Ok(query) = Query::parse(&spec.query) else {
        return Ok(Outcome::Wrong(vec!["the query can't be read".to_owned()]));
    };
    let trial = Trial { saved: saved.cloned(), tried: spec, query, days: DAYS_DEFAULT };
    Ok(Outcome::Shown(Box::new(look(app, trial).await?)))
}

/// What is wrong beside the query.
pub(super) fn wrong(problem: &Problem) -> Outcome {
    Outcome::Wrong(problem.details().into_iter().map(|detail| detail.replace('`', "")).collect())
}

async fn versions(app: &AppState, topic: &Topic) -> Result<Vec<TopicVersion>, Refusal> {
    let key = topic.spec.key.clone();
    Ok(app.keeper.read(move |store| store.topic_versions(&key, None, SHOWN + 1)).await?)
}

fn shown(
    status: StatusCode,
    reader: &Reader,
    (topic, versions): (&Topic, &[TopicVersion]),
    (draft, tried): (&Draft, &Outcome),
    notice: Option<&str>,
) -> Response {
    let may_write = reader.may(Right::Write);
    let is_declared = topic.origin == Origin::Config;
    let id = topic.spec.key.as_str();
    let main = html! {
        p.way { a href="/topics" { "Topics" } }
        h1 dir="auto" { (topic.spec.name) }
        @if let Some(notice) = notice {
            p.fault role="alert" { "Not saved: " (notice) ". Your text is below; saving again puts it in the place of that version." }
        }
        @if is_declared {
            p.help { "The configuration file declares this topic, so it is changed there: try a query here, put the lines below into the file, and reload." }
        }
        @if may_write {
            form.workshop method="post" action=(format!("/topics/{id}/edit")) {
                input type="hidden" name="topic" value=(id);
                @if let Some(version) = draft.version { input type="hidden" name="version" value=(version); }
                (query_field(draft, tried))
                (other_fields(draft, tried))
                p.buttons {
                    button formaction="/workshop/try" { "Try it" }
                    @if !is_declared { button.main { "Save" } }
                }
            }
            (preview_place(&draft.query, tried, is_declared.then(|| spec_of(topic, draft)).as_ref()))
        } @else {
            pre.query dir="auto" tabindex="0" aria-label="Query" { (topic.spec.query.trim()) }
            p.help { "Published: " (topic.spec.span) ". Only a token with the scope “write” changes it." }
        }
        (history(topic, versions, may_write))
    };
    let frame = Frame {
        title: &topic.spec.name,
        here: Some(Section::Topics),
        scripts: if may_write { SCRIPTS } else { &[] },
        feeds: &[],
    };
    (status, page(&frame, reader, &main)).into_response()
}

/// The topic with the query that is tried.
fn spec_of(topic: &Topic, draft: &Draft) -> TopicSpec {
    TopicSpec { query: draft.query.clone(), ..topic.spec.clone() }
}

/// The query, to be written.
pub(super) fn query_field(draft: &Draft, tried: &Outcome) -> Markup {
    let rows = (draft.query.lines().count() + 1).clamp(ROWS_MIN, ROWS_MAX);
    let is_wrong = matches!(tried, Outcome::Faults(_));
    html! {
        label for="query" { "Query" }
        textarea id="query" name="query" rows=(rows) dir="auto" spellcheck="false" autocapitalize="none" required
            aria-describedby="query-help" aria-invalid=[is_wrong.then_some("true")] { (draft.query) }
        p.help id="query-help" {
            "Words side by side must all be there; " code { "OR" } ", " code { "NOT" } ", parentheses, "
            code { "\"a phrase\"" } ", " code { "prefix*" } ", " code { "title:" } ", " code { "lang:ru" } "."
        }
    }
}

/// Name, days, ages: folded, as they are seldom changed, so that the preview stands near the query.
pub(super) fn other_fields(draft: &Draft, tried: &Outcome) -> Markup {
    // Nothing is checked by the browser here: it can't point to what is folded. What is wrong is told, and unfolded.
    let field = |name: &str, label: &str, kind: &str, value: &str| {
        html! {
            p.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value);
            }
        }
    };
    html! {
        details.more open[matches!(tried, Outcome::Wrong(_))] {
            summary { "Name, days and ages" }
            div.fields {
                (field("name", "Name", "text", &draft.name))
                (field("from", "First day", "date", &draft.from))
                (field("until", "Last day", "date", &draft.until))
                (field("fresh_hours", "From a new source, tell what is newer than (hours)", "number", &draft.fresh_hours))
                (field("stale_days", "Tell nothing older than (days)", "number", &draft.stale_days))
            }
        }
    }
}

/// Where the preview stands: the script puts it here too, and says in a line what came of it.
pub(super) fn preview_place(query: &str, tried: &Outcome, lines: Option<&TopicSpec>) -> Markup {
    html! {
        p.unseen id="said" role="status" {}
        div id="preview" { (outcome(query, tried)) (lines.map_or_else(Markup::default, paste)) }
    }
}

/// The lines for the configuration file.
fn paste(spec: &TopicSpec) -> Markup {
    html! {
        section.paste {
            h2 { "For the configuration file" }
            pre tabindex="0" aria-label="Lines for the configuration file" { (declaration(spec)) }
        }
    }
}
