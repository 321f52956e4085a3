//! `/stories/{id}`: why a story was told, or was not.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};

use super::{correct, outcome, reasons, steps, told};
use crate::model::{Decision, Said, StoryId, Topic};
use crate::port::Explained;
use crate::server::pages::found::title;
use crate::server::pages::frame::{Frame, page};
use crate::server::pages::marks::{edited, marked};
use crate::server::pages::markup::{instant, moment};
use crate::server::pages::reader::{Reader, Right};
use crate::server::pages::refusal::Refusal;
use crate::server::params::{Params, Segment, row};
use crate::server::problem::Problem;
use crate::server::state::AppState;
use crate::text::{difference, lead};
use crate::topic::{Match, Matcher, Query, StoryText, explain};

/// Characters of a text that are shown, or compared with the next version.
const TEXT_CHARS: usize = 1_500;
/// Topics whose queries are taken apart for a story on none.
const QUERIES_MAX: usize = 8;

/// Answers with all that is known of a story.
pub(in crate::server::pages) async fn story(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    mut params: Params,
) -> Result<Response, Refusal> {
    reader.must(Right::Look)?;
    let id = StoryId(row(&id, "story")?);
    let done = params.text("done");
    params.finish_page()?;
    let found = app.keeper.read(move |store| Ok((store.explain(id)?, store.topics()?))).await?;
    let (Some(known), topics) = found else {
        return Err(Problem::not_found(format!("there is no story {id}")).into());
    };
    let content = content(&known, &topics, &reader, done.as_deref());
    let title = if known.story.draft.title.trim().is_empty() { "A story" } else { known.story.draft.title.as_str() };
    Ok(page(&Frame::plain(title), &reader, &content).into_response())
}

fn content(known: &Explained, topics: &[Topic], reader: &Reader, done: Option<&str>) -> Markup {
    let (story, draft) = (&known.story, &known.story.draft);
    let matches = matches(known, topics);
    let matched = matches.first();
    let text = lead(&draft.text, TEXT_CHARS);
    html! {
        (correct::notice(done))
        h1 dir="auto" { (title(draft, matched)) }
        p.about {
            bdi { (draft.publisher) }
            @if let Some(author) = &draft.author { " · " bdi { (author) } }
            @if let Some(lang) = &draft.lang { " · " (lang) }
            " · " (moment(draft.published.unwrap_or(story.seen_at)))
        }
        (outcome::outcome(known))
        h2 { "When" }
        (steps::listed(story, &known.decisions, &known.deliveries))
        @if !text.is_empty() {
            h2 { "What it says" }
            p.text dir="auto" lang=[draft.lang.as_deref()] {
                (marked(text, matched.map_or(&[][..], |matched| matched.text_marks.as_slice())))
                @if text.len() < draft.text.trim_end().len() { " …" }
            }
            @if matched.is_some() { p.help { "Marked: the words by which the topic's query holds, as it is now." } }
        }
        @for decision in outcome::last_decisions(known) { (decided(decision, known, topics)) }
        @if matches.is_empty() { (queries(known, topics)) }
        (labels(known))
        h2 { "Who was told" }
        @if reader.may(Right::Read) {
            (told::by_name(&known.deliveries, story.seen_at))
        } @else {
            @let (subscriptions, first_at) = told::summed(&known.deliveries);
            (told::by_number(subscriptions, first_at, story.seen_at))
        }
        (earlier(known))
        @if reader.may(Right::Write) { (correct::of_story(known, topics)) }
    }
}

/// How the queries of the topics that the story is on hold, as they are now.
fn matches(known: &Explained, topics: &[Topic]) -> Vec<Match> {
    let on = |topic: &&Topic| {
        outcome::last_decisions(known)
            .iter()
            .any(|decision| decision.event.is_some() && decision.topic.as_ref() == Some(&topic.spec.key))
    };
    let queries: Vec<_> = topics
        .iter()
        .filter(on)
        .filter_map(|topic| Some((topic.spec.key.clone(), Query::parse(&topic.spec.query).ok()?)))
        .collect();
    Matcher::new(&queries).matches(&StoryText::from(&known.story.draft))
}

fn decided(decision: &Decision, known: &Explained, topics: &[Topic]) -> Markup {
    let name = decision.topic.as_ref().map(|key| {
        let topic = topics.iter().find(|topic| topic.spec.key == *key);
        topic.map_or(key.as_str(), |topic| topic.spec.name.as_str())
    });
    let before = known.decisions.iter().filter(|earlier| earlier.topic == decision.topic && *earlier != decision);
    let before: Vec<&Decision> = before.collect();
    html! {
        h2 { "Why" @if let Some(name) = name { ", for " bdi { (name) } } }
        (reasons::listed(decision, &known.others))
        @if !before.is_empty() {
            details {
                summary { "What was decided before" }
                @for earlier in before {
                    p.about { "Version " (earlier.revision) ", " (instant(earlier.decided_at)) }
                    (reasons::listed(earlier, &known.others))
                }
            }
        }
    }
}

/// Of a story on no topic: which parts of each query hold, and which do not.
fn queries(known: &Explained, topics: &[Topic]) -> Markup {
    let asked: Vec<&Topic> = topics
        .iter()
        .filter(|topic| {
            let of = &known.source.spec.topics;
            of.is_empty() || of.contains(&topic.spec.key)
        })
        .collect();
    html! {
        @if !asked.is_empty() {
            h2 { "What the queries ask for" }
            @for topic in asked.iter().take(QUERIES_MAX) {
                @if let Ok(query) = Query::parse(&topic.spec.query) {
                    h3 { a href={ "/topics/" (topic.spec.key) } dir="auto" { (topic.spec.name) } }
                    ul.parts {
                        @for (part, holds) in explain(&query, &StoryText::from(&known.story.draft)).clauses {
                            @let level = (part.len() - part.trim_start().len()) / 2;
                            li class={ "level-" (level) } {
                                code dir="auto" { (part.trim_start()) } " "
                                @if holds { span.holds { "holds" } } @else { span.lacks { "does not hold" } }
                            }
                        }
                    }
                }
            }
            @if asked.len() > QUERIES_MAX { p { "And " (asked.len() - QUERIES_MAX) " more topics." } }
        }
    }
}

fn labels(known: &Explained) -> Markup {
    html! {
        @if !known.labels.is_empty() {
            h2 { "What operators said" }
            ul {
                @for label in &known.labels {
                    li {
                        @match label.said {
                            Said::Same => "It tells of the same event as ",
                            Said::Apart => "It tells of another event than ",
                            Said::OnTopic => "It is on the topic",
                            Said::OffTopic => "It is off the topic",
                        }
                        @if let Some(other) = label.other {
                            @let other = if other == known.story.id { label.story } else { other };
                            a href={ "/stories/" (other) } { "story " (other) }
                        }
                        " (" (label.topic) ", " (instant(label.at)) ")."
                    }
                }
            }
        }
    }
}

/// Earlier versions, with what the next one changed.
fn earlier(known: &Explained) -> Markup {
    html! {
        @if !known.revisions.is_empty() {
            h2 { "Earlier versions" }
            ol.versions {
                @for (old, (title, text)) in known.edits() {
                    li {
                        p.about { "Version " (old.number) ", until " (instant(old.replaced_at)) }
                        @if old.title != title { p dir="auto" { (edited(&difference(&old.title, title))) } }
                        // A text that retention took can't be compared.
                        @if !old.text.is_empty() && !text.is_empty() && old.text != text {
                            p dir="auto" { (edited(&difference(lead(&old.text, TEXT_CHARS), lead(text, TEXT_CHARS)))) }
                        }
                    }
                }
            }
        }
    }
}
