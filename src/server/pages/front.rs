//! `/`: events of all topics or of one, or the stories that a search finds.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use maud::{Markup, PreEscaped};

use super::frame::{Frame, Section, page};
use super::markup::{attribute, clock, counted, day, headline, local, moment, text};
use super::reader::{Reader, Right};
use super::refusal::Refusal;
use crate::model::{EventId, EventView, Source, Story, Topic, TopicKey};
use crate::port::{Counts, EventFilter, Listed, Store, StoreError};
use crate::server::params::Params;
use crate::server::state::AppState;
use crate::server::stories::WORDS_CHARS_MAX;

/// Events or stories on a page.
const PAGE_LENGTH: usize = 40;
/// A shorter word begins too many others.
const PREFIX_CHARS_MIN: usize = 3;

/// What a reader asks for.
#[derive(Debug, Clone, Default)]
struct Asked {
    words: Option<String>,
    topic: Option<TopicKey>,
    before: Option<EventId>,
}

/// What the page shows.
#[derive(Debug)]
struct Front {
    topics: Vec<Topic>,
    listing: Listing,
    counts: Counts,
    last_story_at: Option<Timestamp>,
}

#[derive(Debug)]
enum Listing {
    /// Events, newest first, and where older ones begin.
    Events { views: Vec<EventView>, older: Option<EventId> },
    /// Stories that hold the words, newest first.
    Found(Vec<Story>),
}

/// How readers hear of what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// They look.
    Page,
    /// Their devices can subscribe.
    Devices,
}

/// Answers with the page.
pub(super) async fn front(
    State(app): State<AppState>,
    reader: Reader,
    mut params: Params,
) -> Result<Response, Refusal> {
    reader.must(Right::Look)?;
    let words = params.text("q").filter(|words| !words.trim().is_empty());
    let asked = Asked {
        words: words.map(|words| words.chars().take(WORDS_CHARS_MAX).collect()),
        topic: params.parsed("topic", "a topic's id", TopicKey::parse),
        before: params.number("before").map(EventId),
    };
    params.finish()?;
    let wanted = asked.clone();
    let front = app.keeper.read(move |store| gather(store, &wanted)).await?;
    let reach = if app.devices.is_some() { Reach::Devices } else { Reach::Page };
    let known = asked.topic.as_ref().is_none_or(|key| front.topics.iter().any(|topic| topic.spec.key == *key));
    let status = if known { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let scripts: &[&str] = if reach == Reach::Devices { &["/push.js"] } else { &[] };
    let frame = Frame { title: "tidings", here: Some(Section::Events), scripts };
    Ok((status, page(&frame, &reader, &content(&front, &asked, reach))).into_response())
}

fn gather(store: &mut dyn Store, asked: &Asked) -> Result<Front, StoreError> {
    let listing = match &asked.words {
        Some(words) => Listing::Found(store.search(&beginnings(words), PAGE_LENGTH)?),
        None => events(store, asked)?,
    };
    let sources: Vec<Source> = store.sources(Listed::Current)?;
    Ok(Front {
        topics: store.topics()?,
        listing,
        counts: store.counts()?,
        last_story_at: sources.iter().filter_map(|source| source.state.last_story_at).max(),
    })
}

/// The search for stories with words that begin as `words` do: readers type stems, and languages inflect.
fn beginnings(words: &str) -> String {
    let prefix = |word: &str| {
        let is_long = word.chars().count() >= PREFIX_CHARS_MIN && word.chars().all(char::is_alphanumeric);
        if is_long { format!("{word}*") } else { word.to_owned() }
    };
    words.split_whitespace().map(prefix).collect::<Vec<_>>().join(" ")
}

fn events(store: &mut dyn Store, asked: &Asked) -> Result<Listing, StoreError> {
    // One more than is shown tells whether there are older ones.
    let filter = EventFilter {
        topic: asked.topic.clone(),
        before: asked.before,
        limit: PAGE_LENGTH + 1,
        ..EventFilter::default()
    };
    let mut events = store.events(&filter)?;
    let more = events.len() > PAGE_LENGTH;
    events.truncate(PAGE_LENGTH);
    let older = events.last().filter(|_| more).map(|last| last.id);
    let mut views = Vec::with_capacity(events.len());
    for event in events {
        views.extend(store.event(event.id)?);
    }
    Ok(Listing::Events { views, older })
}

fn content(front: &Front, asked: &Asked, reach: Reach) -> Markup {
    let mut html = String::with_capacity(16 * 1024);
    push_search(&mut html, asked);
    push_topics(&mut html, &front.topics, asked);
    if reach == Reach::Devices {
        push_subscribe(&mut html, front, asked);
    }
    match &front.listing {
        Listing::Events { views, older } => {
            push_events(&mut html, views, front);
            if let Some(older) = older {
                push_older(&mut html, *older, asked);
            }
        }
        Listing::Found(stories) => push_found(&mut html, stories, asked.words.as_deref().unwrap_or_default()),
    }
    push_footer(&mut html, front);
    PreEscaped(html)
}

/// Appends formatted text. Writing to a `String` can't fail.
macro_rules! push {
    ($html:expr, $($format:tt)*) => {
        write!($html, $($format)*).ok()
    };
}

fn push_search(html: &mut String, asked: &Asked) {
    let words = attribute(asked.words.as_deref().unwrap_or_default());
    push!(
        html,
        "<form role=\"search\" action=\"/\">\n<label for=\"q\">Search stories</label>\n\
         <input id=\"q\" name=\"q\" type=\"search\" maxlength=\"{WORDS_CHARS_MAX}\" placeholder=\"Search stories\" \
         value=\"{words}\" dir=\"auto\">\n<button>Search</button>\n</form>\n"
    );
}

fn push_topics(html: &mut String, topics: &[Topic], asked: &Asked) {
    if topics.len() < 2 && asked.topic.is_none() {
        return;
    }
    html.push_str("<nav aria-label=\"Topics\">\n");
    let mut push_link = |key: Option<&TopicKey>, name: &str| {
        let here = asked.words.is_none() && asked.topic.as_ref() == key;
        let current = if here { " aria-current=\"page\"" } else { "" };
        let address = key.map_or_else(|| local(&[]), |key| local(&[("topic", key.as_str())]));
        push!(html, "<a href=\"{address}\"{current} dir=\"auto\">{}</a>\n", text(name));
    };
    push_link(None, "All topics");
    for topic in topics {
        push_link(Some(&topic.spec.key), &topic.spec.name);
    }
    html.push_str("</nav>\n");
}

/// The buttons that subscribe this device, to the topic that is shown or to all; the script shows those that fit.
fn push_subscribe(html: &mut String, front: &Front, asked: &Asked) {
    let shown = asked.topic.as_ref().and_then(|key| front.topics.iter().find(|topic| topic.spec.key == *key));
    let key = shown.map_or("", |topic| topic.spec.key.as_str());
    push!(
        html,
        "<section id=\"push\" class=\"push\" data-topic=\"{}\" aria-label=\"Updates on this device\" hidden>\n\
         <button type=\"button\" id=\"push-on\" class=\"main\">Get real-time updates on your device</button>\n\
         <button type=\"button\" id=\"push-test\" hidden>Send a test</button>\n\
         <button type=\"button\" id=\"push-off\" hidden>Stop updates</button>\n\
         <p id=\"push-says\" role=\"status\"></p>\n</section>\n",
        attribute(key)
    );
}

fn push_events(html: &mut String, views: &[EventView], front: &Front) {
    html.push_str("<h1 class=\"unseen\">Events</h1>\n");
    if views.is_empty() {
        push!(
            html,
            "<p class=\"empty\">Nothing has happened yet. {} watched; what is told there shows here.</p>\n",
            counted(front.counts.sources, "source is", "sources are")
        );
        return;
    }
    let mut shown_day = String::new();
    for view in views {
        let day = day(view.event.opened_at);
        if day != shown_day {
            let close = if shown_day.is_empty() { "" } else { "</ol>\n" };
            push!(html, "{close}<h2>{day}</h2>\n<ol>\n");
            shown_day = day;
        }
        push_event(html, view, &front.topics);
    }
    html.push_str("</ol>\n");
}

fn push_event(html: &mut String, view: &EventView, topics: &[Topic]) {
    let event = &view.event;
    let first = view.stories.iter().map(|(story, _)| story).find(|story| story.id == event.first_story);
    let (address, lang) = first.map_or(("", None), |story| (story.draft.link.as_str(), story.draft.lang.as_deref()));
    push!(html, "<li>\n<h3>{}</h3>\n<p>{}", headline(&event.title, address, lang), clock(event.opened_at));
    if topics.len() > 1 {
        let name = topics.iter().find(|topic| topic.spec.key == event.topic).map(|topic| topic.spec.name.as_str());
        push!(html, " · <bdi>{}</bdi>", text(name.unwrap_or(event.topic.as_str())));
    }
    match first {
        Some(story) if event.publishers <= 1 => push!(html, " · <bdi>{}</bdi>", text(&story.draft.publisher)),
        Some(_) | None => push!(html, " · {}", counted(event.publishers.into(), "publisher", "publishers")),
    };
    if event.languages > 1 {
        push!(html, " · {}", counted(event.languages.into(), "language", "languages"));
    }
    html.push_str("</p>\n</li>\n");
}

fn push_older(html: &mut String, older: EventId, asked: &Asked) {
    let before = older.to_string();
    let mut parameters = vec![("before", before.as_str())];
    parameters.extend(asked.topic.as_ref().map(|key| ("topic", key.as_str())));
    push!(html, "<p class=\"older\"><a href=\"{}\" rel=\"next\">Earlier events</a></p>\n", local(&parameters));
}

fn push_found(html: &mut String, stories: &[Story], words: &str) {
    push!(html, "<h1>Stories with <bdi>{}</bdi></h1>\n", text(words));
    if stories.is_empty() {
        html.push_str("<p class=\"empty\">No story holds all of these words.</p>\n");
        return;
    }
    html.push_str("<ol>\n");
    for story in stories {
        let draft = &story.draft;
        push!(
            html,
            "<li>\n<h3>{}</h3>\n<p>{} · <bdi>{}</bdi></p>\n</li>\n",
            headline(&draft.title, &draft.link, draft.lang.as_deref()),
            moment(draft.published.unwrap_or(story.seen_at)),
            text(&draft.publisher)
        );
    }
    html.push_str("</ol>\n");
}

fn push_footer(html: &mut String, front: &Front) {
    let counts = &front.counts;
    push!(html, "<footer>\n<p>{}", counted(counts.sources, "source", "sources"));
    if counts.sources_failing > 0 {
        push!(html, ", <strong>{} failing</strong>", counts.sources_failing);
    }
    push!(html, " · {} read", counted(counts.stories, "story", "stories"));
    if let Some(at) = front.last_story_at {
        push!(html, ", the last on {}", moment(at));
    }
    html.push_str(" · all times UTC</p>\n</footer>\n");
}
