//! `/events/{id}`: an event with its stories, and why each belongs to it.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};

use super::reasons::{sentence, why_not};
use super::{DELIVERIES_MAX, correct, told};
use crate::model::{CardStory, Decision, Event, EventId, EventView, Ruling, Stage, Story, Topic};
use crate::port::{EventFilter, Store, StoreError, TellingsOfEvent};
use crate::server::pages::card::{Size, curve};
use crate::server::pages::frame::{Frame, page};
use crate::server::pages::markup::{instant, lasted, line};
use crate::server::pages::reader::{Reader, Right};
use crate::server::pages::refusal::Refusal;
use crate::server::params::{Params, Segment, row};
use crate::server::problem::Problem;
use crate::server::state::AppState;
use crate::text::counted;

/// Stories shown at most; of more, the first.
const STORIES_MAX: usize = 300;
/// Other events of the topic that this one may be merged with, the newest of them.
const NEIGHBOURS_MAX: usize = 30;

/// What the page shows.
pub(super) struct Known {
    pub(super) view: EventView,
    topic: Option<Topic>,
    /// What it went into, if it did.
    into: Option<Event>,
    told: TellingsOfEvent,
    /// Others of the topic, newest first.
    pub(super) neighbours: Vec<Event>,
}

/// Answers with an event.
pub(in crate::server::pages) async fn event(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    mut params: Params,
) -> Result<Response, Refusal> {
    reader.must(Right::Look)?;
    let id = EventId(row(&id, "event")?);
    let done = params.text("done");
    params.finish_page()?;
    let Some(known) = app.keeper.read(move |store| gather(store, id)).await? else {
        return Err(Problem::not_found(format!("there is no event {id}")).into());
    };
    let content = content(&known, &reader, done.as_deref());
    Ok(page(&Frame::plain(&known.view.event.title), &reader, &content).into_response())
}

fn gather(store: &mut dyn Store, id: EventId) -> Result<Option<Known>, StoreError> {
    let Some(view) = store.event(id)? else { return Ok(None) };
    let topic = store.topics()?.into_iter().find(|topic| topic.spec.key == view.event.topic);
    let into = view.event.merged_into.map(|into| store.event(into)).transpose()?.flatten().map(|into| into.event);
    let told = store.tellings(id, DELIVERIES_MAX + 1)?;
    let filter =
        EventFilter { topic: Some(view.event.topic.clone()), limit: NEIGHBOURS_MAX + 1, ..EventFilter::default() };
    let neighbours = store.events(&filter)?.into_iter().filter(|event| event.id != id).take(NEIGHBOURS_MAX).collect();
    Ok(Some(Known { view, topic, into, told, neighbours }))
}

fn content(known: &Known, reader: &Reader, done: Option<&str>) -> Markup {
    let Known { view, topic, into, told, .. } = known;
    let event = &view.event;
    let first = view.stories.iter().map(|(story, _)| story).find(|story| story.id == event.first_story);
    let (link, lang) = first.map_or(("", None), |story| (story.draft.link.as_str(), story.draft.lang.as_deref()));
    let stories: Vec<CardStory> = view.stories.iter().map(|(story, decision)| brief(story, decision)).collect();
    html! {
        (correct::notice(done))
        h1 dir="auto" { (line(&event.title, link, lang)) }
        p.about {
            a href={ "/topics/" (event.topic) } dir="auto" {
                (topic.as_ref().map_or(event.topic.as_str(), |topic| topic.spec.name.as_str()))
            }
            " · " (counted(event.stories, "story", "stories"))
            " · " (counted(event.publishers, "publisher", "publishers"))
            " · " (counted(event.languages, "language", "languages"))
        }
        @if let Some(into) = into {
            p.outcome { "This event went into " a href={ "/events/" (into.id) } { bdi { (into.title) } } ": the two are one." }
        }
        p.outcome {
            "Opened " (instant(event.opened_at))
            @match event.told_at {
                Some(at) => {
                    ", and " strong { (whom(told)) " told" } " "
                    @if at <= event.opened_at { "at once." } @else { (lasted(event.opened_at, at)) " later." }
                }
                None => { ". " strong { "Nobody was told" } " of it: " (silence(view)) }
            }
        }
        (curve(&stories, Size::Page))
        h2 { "Stories, and why each belongs here" }
        @if reader.may(Right::Write) && view.stories.len() > 1 {
            form method="post" action={ "/events/" (event.id) "/split" } {
                (members(view, Choice::Boxes))
                (correct::split_buttons())
            }
        } @else {
            (members(view, Choice::None))
        }
        h2 { "Who was told" }
        @let seen_at = first.map_or(event.opened_at, |story| story.seen_at);
        @if reader.may(Right::Read) {
            (told::by_name(&told.deliveries, seen_at))
        } @else {
            (told::by_number(told.subscriptions, told.first_at, seen_at))
        }
        @if reader.may(Right::Write) && into.is_none() { (correct::of_event(known)) }
    }
}

/// Who was told of an event, with the verb: without a subscription that was to be it is the log, the streams and the feeds.
fn whom(told: &TellingsOfEvent) -> &'static str {
    if told.deliveries.is_empty() { "it was" } else { "subscribers were" }
}

/// Why an event was told to nobody: what its first story's decision says of it.
fn silence(view: &EventView) -> String {
    let reasons = view.stories.first().map_or(&[][..], |(_, decision)| decision.reasons.as_slice());
    let found = reasons.iter().rev().find(|reason| reason.stage == Stage::Tell);
    found.map_or_else(|| "it was stored quietly.".to_owned(), |reason| format!("{}.", why_not(&reason.text)))
}

fn brief(story: &Story, decision: &Decision) -> CardStory {
    let draft = &story.draft;
    CardStory {
        id: story.id,
        publisher: draft.publisher.clone(),
        title: draft.title.clone(),
        link: draft.link.clone(),
        lang: draft.lang.clone(),
        published: draft.published,
        seen_at: story.seen_at,
        ruling: decision.ruling,
    }
}

/// Whether stories can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    None,
    Boxes,
}

fn members(view: &EventView, choice: Choice) -> Markup {
    html! {
        ol.members {
            @for (story, decision) in view.stories.iter().take(STORIES_MAX) {
                li {
                    @if choice == Choice::Boxes {
                        input type="checkbox" name="story" value=(story.id) aria-label={ "Choose: " (story.draft.title) };
                    }
                    div {
                        p.title dir="auto" { (line(&story.draft.title, &story.draft.link, story.draft.lang.as_deref())) }
                        p.about {
                            bdi { (story.draft.publisher) } " · " (instant(story.seen_at))
                            @if let Some(lang) = &story.draft.lang { " · " (lang) }
                            @if decision.ruling.copy_of().is_some() { " · " span.copy { "copy" } }
                            " · " a href={ "/stories/" (story.id) } { "Why" span.unseen { ": " (story.draft.title) } }
                        }
                        p.because dir="auto" { (because(decision)) }
                    }
                }
            }
        }
        @if view.stories.len() > STORIES_MAX { p { "And " (view.stories.len() - STORIES_MAX) " more stories." } }
    }
}

/// The reason that put a story here, with its score.
fn because(decision: &Decision) -> String {
    let stages: &[Stage] = match decision.ruling {
        Ruling::Copy { .. } | Ruling::Again { .. } => &[Stage::Operator, Stage::Copy, Stage::Identity],
        Ruling::Opened | Ruling::Joined | Ruling::Corrected | Ruling::OffTopic => &[Stage::Operator, Stage::Event],
    };
    let found = stages.iter().find_map(|stage| decision.reasons.iter().rfind(|reason| reason.stage == *stage));
    let text = found.map_or_else(|| "it opened the event".to_owned(), |reason| reason.text.clone());
    let number = |name: &str| found?.numbers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let score = number("score").or_else(|| number("containment")).zip(number("threshold"));
    let score = score.map_or_else(String::new, |(score, needed)| format!(" Score {score:.2}, needed {needed:.2}."));
    let opened = if decision.ruling == Ruling::Opened { "Opened the event: " } else { "" };
    let text = if opened.is_empty() { sentence(&text) } else { format!("{opened}{text}.") };
    format!("{text}{score}")
}
