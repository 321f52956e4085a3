//! "This was wrong": what an operator says of stories and events, by the same corrections as the API and the command line.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};

use super::event::Known;
use super::outcome::last_decisions;
use crate::model::{Correction, EventId, Hush, Mark, StoryId, Topic, TopicKey};
use crate::port::Explained;
use crate::server::corrections::apply;
use crate::server::labels;
use crate::server::pages::posted::Posted;
use crate::server::pages::reader::{Reader, Right};
use crate::server::pages::refusal::Refusal;
use crate::server::params::{Segment, row};
use crate::server::problem::Problem;
use crate::server::state::AppState;
use crate::text::lead;

/// Characters of a title to choose by.
const TITLE_CHARS: usize = 80;

/// What was done, in the words of the page that shows it.
pub(super) fn notice(done: Option<&str>) -> Markup {
    let words = match done {
        Some("split") => "Done: these stories are an event of their own now, and will stay apart from the other.",
        Some("merge") => "Done: the events are one now, and what joins either will join this one.",
        Some("off-topic") => "Done: this story is off the topic, and so are copies of it.",
        Some("on-topic") => {
            "Done: this story is on the topic. It is being decided anew; load this page again in a moment."
        }
        Some("back") => "Done: this story is on the topic, in its event again.",
        Some(_) | None => return html! {},
    };
    html! { p.notice role="status" { (words) } }
}

/// What stands beneath the stories of an event, to split some of them off.
pub(super) fn split_buttons() -> Markup {
    html! {
        fieldset.wrong {
            legend { "This was wrong?" }
            p { "Choose the stories above that tell of another event; copies of them go along." }
            p.choice { input #tell type="checkbox" name="tell" value="yes"; label for="tell" { "Tell subscribers of the new event" } }
            button { "Split them off" }
        }
    }
}

/// The ways to put an event right, but for the split.
pub(super) fn of_event(known: &Known) -> Markup {
    let event = &known.view.event;
    html! {
        section.wrong aria-label="Corrections" {
            @if !known.neighbours.is_empty() {
                form.stacked method="post" action={ "/events/" (event.id) "/merge" } {
                    label for="with" { "The same event as" }
                    select #with name="with" {
                        @for other in &known.neighbours {
                            option value=(other.id) { (lead(&other.title, TITLE_CHARS)) " (" (other.id) ")" }
                        }
                    }
                    p.help { "The later event goes into the earlier. Newest first; any other by its number:" }
                    label for="number" { "Or the event's number" }
                    input #number name="number" inputmode="numeric" autocomplete="off";
                    button { "Merge the two" }
                }
            }
            p.help {
                "What you say is kept, obeyed from now on, and "
                a href="/labels.jsonl" { "exported for tuning" } "."
            }
        }
    }
}

/// The ways to put a story right.
pub(super) fn of_story(known: &Explained, topics: &[Topic]) -> Markup {
    let on: Vec<&TopicKey> = last_decisions(known)
        .into_iter()
        .filter(|decision| decision.event.is_some())
        .filter_map(|decision| decision.topic.as_ref())
        .collect();
    let off: Vec<&Topic> = topics.iter().filter(|topic| !on.contains(&&topic.spec.key)).collect();
    let action = format!("/stories/{}/mark", known.story.id);
    html! {
        section.wrong aria-labelledby="wrong" {
            h2 #wrong { "This was wrong?" }
            @for topic in on {
                form method="post" action=(action) {
                    input type="hidden" name="mark" value="off-topic";
                    input type="hidden" name="topic" value=(topic);
                    button { "It is not about " (name(topic, topics)) }
                }
            }
            @for event in known.events.iter().filter(|event| event.merged_into.is_none() && event.stories > 1) {
                p { "It tells of another event than " a href={ "/events/" (event.id) } { bdi { (event.title) } } "? Split it off on that event's page." }
            }
            @if !off.is_empty() {
                form.stacked method="post" action=(action) {
                    input type="hidden" name="mark" value="on-topic";
                    label for="topic" { "It is about" }
                    select #topic name="topic" {
                        @for topic in off { option value=(topic.spec.key) { (topic.spec.name) } }
                    }
                    p.choice { input #tell type="checkbox" name="tell" value="yes"; label for="tell" { "Tell subscribers of it" } }
                    button { "Put it on the topic" }
                }
            }
            p.help {
                "What you say is kept, obeyed from now on, and "
                a href="/labels.jsonl" { "exported for tuning" } "."
            }
        }
    }
}

fn name<'a>(key: &'a TopicKey, topics: &'a [Topic]) -> &'a str {
    topics.iter().find(|topic| topic.spec.key == *key).map_or(key.as_str(), |topic| topic.spec.name.as_str())
}

fn hush(posted: &Posted) -> Hush {
    if posted.text("tell").is_some() { Hush::Tell } else { Hush::Quiet }
}

/// `POST /events/{id}/split`
pub(in crate::server::pages) async fn split(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    posted: Posted,
) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let event = EventId(row(&id, "event")?);
    let stories = posted.all("story").map(|id| row(id, "story").map(StoryId)).collect::<Result<Vec<_>, _>>()?;
    let done = apply(&app, Correction::Split { event, stories, hush: hush(&posted) }).await?;
    Ok(to_event(done.event.unwrap_or(event), "split"))
}

/// `POST /events/{id}/merge`
pub(in crate::server::pages) async fn merge(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    posted: Posted,
) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let event = EventId(row(&id, "event")?);
    let with = posted.text("number").or_else(|| posted.text("with"));
    let with = with.ok_or_else(|| Problem::malformed("say which event it is one with"))?;
    let events = vec![event, EventId(row(with, "event")?)];
    let done = apply(&app, Correction::Merge { events }).await?;
    Ok(to_event(done.event.unwrap_or(event), "merge"))
}

fn to_event(event: EventId, done: &str) -> Response {
    Redirect::to(&format!("/events/{event}?done={done}")).into_response()
}

/// `POST /stories/{id}/mark`
pub(in crate::server::pages) async fn mark(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    posted: Posted,
) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let story = StoryId(row(&id, "story")?);
    let (mark, word) = match posted.text("mark") {
        Some("off-topic") => (Mark::OffTopic, "off-topic"),
        Some("on-topic") => (Mark::OnTopic, "on-topic"),
        Some(_) | None => return Err(Problem::malformed("say whether it is on the topic or off it").into()),
    };
    let topic = posted
        .text("topic")
        .map(|id| TopicKey::parse(id).ok_or_else(|| Problem::malformed(format!("{id:?} is no topic's id"))));
    let done = apply(&app, Correction::Mark { story, mark, topic: topic.transpose()?, hush: hush(&posted) }).await?;
    let word = if done.event.is_some() { "back" } else { word };
    Ok(Redirect::to(&format!("/stories/{story}?done={word}")).into_response())
}

/// `GET /labels.jsonl`: what operators said, for tuning.
pub(in crate::server::pages) async fn labels(State(app): State<AppState>, reader: Reader) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    let lines = labels::lines(&app.keeper).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/jsonl; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"labels.jsonl\""),
    ];
    Ok((headers, lines).into_response())
}
