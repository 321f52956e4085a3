//! `/` and `/topics/{id}`: what happened, newest first, or the stories that a search finds.

use std::cmp::Reverse;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};

use super::asked::Asked;
use super::card::{card, happened_at};
use super::found::{self, Searched};
use super::frame::{Frame, Section, page};
use super::markup::{day, moment};
use super::narrow;
use super::reader::{Reader, Right};
use super::refusal::Refusal;
use crate::model::{EventCard, Topic, TopicKey, TopicSpec};
use crate::port::{EventFilter, Overview, Store, StoreError};
use crate::server::params::{Params, Segment};
use crate::server::problem::Problem;
use crate::server::quota::Client;
use crate::server::search::{Found, Search};
use crate::server::searches::Searcher;
use crate::server::state::AppState;
use crate::text::counted;
use crate::topic::QueryError;

/// Events or stories on a page.
const PAGE_LENGTH: usize = 25;

/// What the page shows.
struct Shown {
    topics: Vec<Topic>,
    overview: Overview,
    listing: Listing,
}

enum Listing {
    /// Events, newest first, and whether there are older ones.
    Events { cards: Vec<EventCard>, has_older: bool },
    /// Stories that fulfil a search, newest first.
    Found(Found, Searched),
    /// The search can't be read, and has no words.
    Faults(Vec<QueryError>),
}

/// Answers with the events of all topics.
pub(super) async fn all(
    State(app): State<AppState>,
    reader: Reader,
    client: Client,
    params: Params,
) -> Result<Response, Refusal> {
    show(&app, (&reader, client), params, None).await
}

/// Answers with the events of a topic.
pub(super) async fn of_topic(
    State(app): State<AppState>,
    reader: Reader,
    client: Client,
    Segment(id): Segment,
    params: Params,
) -> Result<Response, Refusal> {
    let topic = TopicKey::parse(&id).ok_or_else(|| no_topic(&id))?;
    show(&app, (&reader, client), params, Some(topic)).await
}

fn no_topic(id: &str) -> Problem {
    Problem::not_found(format!("there is no topic {id:?}"))
}

async fn show(
    app: &AppState,
    (reader, client): (&Reader, Client),
    mut params: Params,
    topic: Option<TopicKey>,
) -> Result<Response, Refusal> {
    reader.must(Right::Look)?;
    let asked = Asked::read(&mut params, topic);
    params.finish_page()?;
    if asked.is_long {
        return Ok(Redirect::to(&asked.address()).into_response());
    }
    let searcher = if reader.is_signed_in() { Searcher::Bearer } else { Searcher::Stranger(client) };
    let shown = gather(app, &asked, searcher).await?;
    let topic = asked.topic.as_ref().map(|key| {
        let known = shown.topics.iter().find(|topic| topic.spec.key == *key);
        known.ok_or_else(|| no_topic(key.as_str()))
    });
    let topic = topic.transpose()?;
    let status = match shown.listing {
        Listing::Faults(_) => StatusCode::BAD_REQUEST,
        Listing::Events { .. } | Listing::Found(..) => StatusCode::OK,
    };
    let scripts: &[&str] = match (app.devices.is_some(), asked.is_live()) {
        (true, true) => &["/push.js", "/events.js"],
        (true, false) => &["/push.js"],
        (false, true) => &["/events.js"],
        (false, false) => &[],
    };
    let title = topic.map_or("tidings", |topic| topic.spec.name.as_str());
    let feeds: Vec<&TopicSpec> = match topic {
        Some(topic) => vec![&topic.spec],
        None => shown.topics.iter().map(|topic| &topic.spec).collect(),
    };
    let frame = Frame { title, here: Some(Section::Events), scripts, feeds: &feeds };
    let content = content(&shown, &asked, topic, app.devices.is_some());
    Ok((status, page(&frame, reader, &content)).into_response())
}

async fn gather(app: &AppState, asked: &Asked, searcher: Searcher) -> Result<Shown, Problem> {
    let listing = match &asked.words {
        None => None,
        Some(words) => Some(match Searched::read(words) {
            Err(faults) => Listing::Faults(faults),
            Ok(searched) => {
                let filter = asked.events(PAGE_LENGTH);
                let search = Search {
                    topic: filter.topic,
                    lang: filter.lang,
                    publisher: filter.publisher,
                    since: filter.since,
                    until: filter.until,
                    before: asked.before_story(),
                    ..Search::by(searched.query.clone(), PAGE_LENGTH)
                };
                Listing::Found(app.searches.make(app, searcher, search).await?, searched)
            }
        }),
    };
    let filter = asked.events(PAGE_LENGTH + 1);
    let gathered = app.keeper.read(move |store| {
        // Before the events: what changes between the two is shown, and told once more.
        let overview = store.overview()?;
        let listing = listing.map_or_else(|| events(store, &filter), Ok)?;
        Ok(Shown { topics: store.topics()?, overview, listing })
    });
    Ok(gathered.await?)
}

fn events(store: &mut dyn Store, filter: &EventFilter) -> Result<Listing, StoreError> {
    // One more than is shown tells whether there are older ones.
    let mut cards = store.cards(filter)?;
    let has_older = cards.len() > PAGE_LENGTH;
    cards.truncate(PAGE_LENGTH);
    // What is told of an archive stands below what is new, under its own day.
    cards.sort_by_key(|card| Reverse(happened_at(card).strftime("%Y-%m-%d").to_string()));
    Ok(Listing::Events { cards, has_older })
}

fn content(shown: &Shown, asked: &Asked, topic: Option<&Topic>, has_devices: bool) -> Markup {
    let heading = match (topic, &asked.words) {
        (Some(topic), None) => html! { h1 dir="auto" { (topic.spec.name) } },
        (None, None) => html! { h1.unseen { "Events" } },
        (_, Some(words)) => html! { h1 { "Stories that hold " bdi { (words) } } },
    };
    html! {
        (narrow::topics(&shown.topics, asked))
        (narrow::form(&shown.overview, asked, &publishers(&shown.listing)))
        (narrow::chips(asked))
        (heading)
        @if has_devices { (subscribe(topic)) }
        @match &shown.listing {
            Listing::Events { cards, has_older } => (listed(cards, *has_older, shown, asked)),
            Listing::Found(found, searched) => (found::listed(found, searched, &shown.topics, asked)),
            Listing::Faults(faults) => (found::faults(asked.words.as_deref().unwrap_or_default(), faults)),
        }
        (footer(&shown.overview, topic))
    }
}

/// Those who tell of what the page shows, to choose from.
fn publishers(listing: &Listing) -> Vec<&str> {
    let mut names: Vec<&str> = match listing {
        Listing::Events { cards, .. } => {
            cards.iter().flat_map(|card| &card.stories).map(|story| story.publisher.as_str()).collect()
        }
        Listing::Found(found, _) => found.stories.iter().map(|(story, _)| story.draft.publisher.as_str()).collect(),
        Listing::Faults(_) => Vec::new(),
    };
    names.sort_unstable();
    names.dedup();
    names
}

/// The buttons that subscribe this device, to the topic that is shown or to all; the script shows those that fit.
fn subscribe(topic: Option<&Topic>) -> Markup {
    html! {
        section #push .push data-topic=(topic.map_or("", |topic| topic.spec.key.as_str()))
            aria-label="Updates on this device" hidden {
            button #push-on .main type="button" { "Get real-time updates on your device" }
            button #push-test type="button" hidden { "Send a test" }
            button #push-off type="button" hidden { "Stop updates" }
            p #push-says role="status" {}
        }
    }
}

fn listed(cards: &[EventCard], has_older: bool, shown: &Shown, asked: &Asked) -> Markup {
    let version = shown.overview.version.to_string();
    let stream = asked.is_live().then(|| asked.stream(&version));
    let days = cards.chunk_by(|one, next| day(happened_at(one)) == day(happened_at(next)));
    let oldest = cards.iter().map(|card| card.event.id).min();
    html! {
        @if stream.is_some() {
            p.live #live role="status" hidden {}
            p.fresh #fresh hidden { button.main type="button" { "Show new events" } }
        }
        @if cards.is_empty() { (empty(shown, asked)) }
        div #events data-stream=[stream] data-older=[has_older.then_some("yes")] {
            @for cards in days {
                @if let Some(first) = cards.first() {
                    section.day data-day=(happened_at(first).strftime("%Y-%m-%d")) {
                        h2 { (day(happened_at(first))) }
                        ol { @for each in cards { (card(each, &shown.topics)) } }
                    }
                }
            }
        }
        @if let Some(oldest) = oldest.filter(|_| has_older) {
            @let older = Asked { before: Some(oldest.0), ..asked.clone() };
            p.older { a href=(older.address()) rel="next" { "Earlier events" } }
        }
    }
}

fn empty(shown: &Shown, asked: &Asked) -> Markup {
    html! {
        p.empty #empty {
            @if asked.is_filtered() {
                "No event fits these filters. Take one away to see more."
            } @else if asked.before.is_some() {
                "There are no earlier events."
            } @else {
                "Nothing has happened yet. "
                (counted(shown.overview.sources, "source is", "sources are")) " watched; what is told there shows here."
            }
        }
    }
}

fn footer(overview: &Overview, topic: Option<&Topic>) -> Markup {
    html! {
        footer {
            p {
                (counted(overview.sources, "source", "sources"))
                @if overview.sources_failing > 0 { ", " strong { (overview.sources_failing) " failing" } }
                " · " (counted(overview.stories, "story", "stories")) " read"
                @if let Some(at) = overview.last_story_at { ", the last on " (moment(at)) }
                " · all times UTC"
                @if let Some(topic) = topic {
                    " · " a href={ "/feeds/" (topic.spec.key) ".atom" } { "Feed of this topic" }
                }
            }
        }
    }
}
