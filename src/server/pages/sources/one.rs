//! `/sources/{id}`: all of one, and what can be done about it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use url::form_urlencoded;

use super::super::desk::{Desk, button, cut, done, field, foreign, name, span, when, when_in_full};
use super::super::frame::Section;
use super::super::posted::Posted;
use super::super::reader::{Reader, Right};
use super::super::refusal::Refusal;
use super::health::{health, kind, saved};
use crate::model::{Channel, Origin, Source, SourceHealth, SourceId, SourceKind, Story, WebUrl};
use crate::schedule::{Bound, Market, Why, believed_at, why};
use crate::server::conditional::Conditions;
use crate::server::params::{Params, Segment, row};
use crate::server::sources::{beside, find, lift_pause, poll_now, take_out};
use crate::server::state::AppState;
use crate::server::wire::Beside;

/// Stories that are shown of it.
const STORIES: usize = 20;
/// Characters of a headline.
const TITLE_CHARS: usize = 200;

fn number(id: &str) -> Result<SourceId, Refusal> {
    Ok(SourceId(row(id, "source")?))
}

/// `POST /sources/{id}/poll`
pub(super) async fn poll(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    _ours: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    let id = number(&id)?;
    poll_now(&app, id).await?;
    Ok(Redirect::to(&format!("/sources/{id}?done=poll")))
}

/// `POST /sources/{id}/resume`
pub(super) async fn resume(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    _ours: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    let id = number(&id)?;
    lift_pause(&app, id).await?;
    Ok(Redirect::to(&format!("/sources/{id}?done=resumed")))
}

/// `POST /sources/{id}/remove`
pub(super) async fn remove(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    _ours: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    take_out(&app, number(&id)?, Conditions::default()).await?;
    Ok(Redirect::to("/sources?done=removed"))
}

/// What is known of it.
struct Known {
    source: Source,
    beside: Beside,
    why: Why,
    stories: Vec<Story>,
    now: Timestamp,
}

/// `GET /sources/{id}`
pub(super) async fn show(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    mut params: Params,
) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    let said = match params.text("done").as_deref() {
        Some("poll") => Some("It is due now: polled as soon as other requests to its domain leave room."),
        Some("resumed") => Some("It is asked again: all of its domain's sources that waited are due."),
        Some("added") => Some("It was added. Its first poll takes what is there as its past."),
        _ => None,
    };
    params.finish_page()?;
    let (source, now) = (find(&app, number(&id)?).await?, app.clock.now());
    let (id, last) = (source.id, source.state.last_story_at);
    let read = app.keeper.read(move |store| {
        let stories = last.map(|last| store.stories_of(id, last, STORIES)).transpose()?.unwrap_or_default();
        Ok((beside(store, now)?, store.market()?, stories))
    });
    let (beside, market, stories) = read.await?;
    let market = Market::from_bytes(&market).unwrap_or_default();
    let why = why(&source.spec, &source.state, market.quote(), now);
    let known = Known { source, beside, why, stories, now };
    let main = html! {
        p.up { a href="/sources" { "All sources" } }
        h1 { (name(&known.source.spec.name)) }
        (done(said))
        (health(&known.source, &known.beside, now))
        @if reader.may(Right::Write) {
            div.actions {
                @if known.beside.pause(&known.source).is_some() {
                    (button(&format!("/sources/{id}/resume"), "Ask it all the same"))
                } @else {
                    (button(&format!("/sources/{id}/poll"), "Poll now"))
                }
                @if known.source.state.failures > 0 { a href=(elsewhere(&known.source)) { "Look for another address" } }
            }
        }
        (facts(&known))
        (schedule(&known))
        @if let Some(channel) = known.beside.channel(&known.source) { (push(channel, now)) }
        (latest(&known))
        @if reader.may(Right::Write) { (removal(&known.source)) }
    };
    let title = cut(&known.source.spec.name, TITLE_CHARS);
    Ok(Desk { title: &title, here: Section::Sources, reader: &reader }.answer(StatusCode::OK, &main))
}

/// The search for what can be polled where it was.
fn elsewhere(source: &Source) -> String {
    let url = source.spec.url.redacted();
    format!("/sources/add?{}", form_urlencoded::Serializer::new(String::new()).append_pair("url", &url).finish())
}

/// A link to an address of somebody else's, without what may be a secret in it.
fn link(url: &WebUrl) -> Markup {
    let shown = url.redacted();
    html! { a href=(shown) rel="noopener" { bdi { (shown) } } }
}

fn facts(known: &Known) -> Markup {
    let (source, now) = (&known.source, known.now);
    let (spec, state) = (&source.spec, &source.state);
    let topics: Vec<String> = spec.topics.iter().map(ToString::to_string).collect();
    html! {
        dl.fields {
            (field("Address", &link(&spec.url)))
            (field("Publisher", &name(&spec.publisher)))
            (field("Kind", &match &spec.kind {
                SourceKind::Page(selectors) => html! { (kind(source)) ": " code { (selectors.item) } },
                SourceKind::Feed | SourceKind::List => html! { (kind(source)) },
            }))
            (field("Language", &html! { (spec.lang.as_deref().unwrap_or("found out from the text")) }))
            (field("Topics", &html! { @if topics.is_empty() { "all" } @else { (topics.join(", ")) } }))
            (field("Declared", &html! {
                @match source.origin {
                    Origin::Config => "in the configuration file",
                    Origin::Api => "by command, page or API",
                }
            }))
            @if let Some(declared) = &state.moved_from {
                (field("Moved from", &html! { (link(declared)) ", by its publisher's permanent redirect" }))
            }
            @if let Some(moving) = &state.moving {
                (field("Moving to", &html! {
                    (link(&moving.to)) ", seen " (moving.sightings) " times since " (when(moving.since, now))
                    "; believed at the earliest " (when(believed_at(moving), now))
                }))
            }
            @if let Some(pause) = known.beside.pause(source) {
                (field("Left alone", &html! {
                    "all of " bdi { (pause.domain) } ", until " (when_in_full(pause.until, now))
                    @if !pause.why.is_empty() { ": " (foreign(&pause.why)) }
                }))
            }
            (field("Stories", &html! { (source.stories) }))
        }
    }
}

fn schedule(known: &Known) -> Markup {
    let (source, why, now) = (&known.source, &known.why, known.now);
    let (spec, state) = (&source.spec, &source.state);
    let relied_upon = known.beside.channel(source).is_some_and(|channel| channel.is_relied_upon(now));
    let never = || html! { "never" };
    html! {
        h2 { "Polls" }
        dl.fields {
            (field("Last poll", &html! {
                (state.last_poll_at.map_or_else(never, |at| when_in_full(at, now)))
                @if !state.last_outcome.is_empty() { ": " (foreign(&state.last_outcome)) }
            }))
            (field("Last good poll", &state.last_good_at.map_or_else(never, |at| when_in_full(at, now))))
            (field("Last new story", &state.last_story_at.map_or_else(never, |at| when_in_full(at, now))))
            @if state.health != SourceHealth::Gone {
                (field("Next poll", &html! {
                    (when_in_full(known.beside.next_poll(source), now)) ": "
                    @if relied_upon && why.bound == Bound::Moved { "its hub pushes, so it is polled as a back-up" }
                    @else { (why.bound.label()) }
                }))
            }
            (field("Interval", &html! {
                (span(state.interval)) " now, " (span(spec.interval_min)) " to " (span(spec.interval_max)) " allowed, "
                (spec.priority.label()) " priority"
            }))
            (field("Its pace", &html! {
                (format!("{:.1}", why.per_day)) " stories a day; at this hour " (format!("{:.2}", why.hour))
                " times as many, by the age of its last one " (format!("{:.2}", why.age)) " times"
            }))
            (field("Its price", &html! {
                "a poll is due once its stories have waited " (format!("{:.1}", why.price_minutes)) " minutes together"
            }))
            @if !why.hint.is_zero() { (field("Asked to wait", &html! { (span(why.hint)) ", by its publisher" })) }
            (field("Requests", &html! {
                (state.polls) " polls"
                @if let Some(percent) = saved(source) { ", " (state.not_modified) " of them (" (percent) " %) answered with 304: nothing new, nothing sent" }
            }))
        }
    }
}

fn push(channel: &Channel, now: Timestamp) -> Markup {
    let (spec, state) = (&channel.spec, &channel.state);
    html! {
        h2 { "Push" }
        dl.fields {
            (field("Hub", &html! { bdi { (spec.hubs.first().map(WebUrl::redacted).unwrap_or_default()) } }))
            (field("State", &html! { (channel.word(now)) @if !state.note.is_empty() { ": " (foreign(&state.note)) } }))
            @if let Some(until) = state.lease_until { (field("Lease", &html! { "until " (when_in_full(until, now)) })) }
            (field("Pushes", &html! {
                (state.pushes) @if state.refused > 0 { ", " (state.refused) " more refused for a wrong signature" }
                @if let Some(at) = state.last_push_at { "; the last " (when(at, now)) }
            }))
            @if let Some(until) = state.distrusted_until.filter(|until| *until > now) {
                (field("Distrusted", &html! { "until " (when_in_full(until, now)) ": a poll found what it had not pushed" }))
            }
        }
    }
}

fn latest(known: &Known) -> Markup {
    html! {
        h2 { "Latest stories" }
        @if known.stories.is_empty() {
            p.quiet { "None yet." }
        } @else {
            ul.stories {
                @for story in &known.stories {
                    @let draft = &story.draft;
                    li {
                        a href={ "/stories/" (story.id) } {
                            bdi lang=[draft.lang.as_deref()] {
                                @if draft.title.trim().is_empty() { "(untitled)" } @else { (cut(&draft.title, TITLE_CHARS)) }
                            }
                        }
                        p.quiet {
                            "read " (when(story.seen_at, known.now))
                            @if let Some(published) = draft.published { ", published " (when(published, known.now)) }
                        }
                    }
                }
            }
        }
    }
}

fn removal(source: &Source) -> Markup {
    html! {
        details.danger {
            summary { "Remove this source" }
            @match source.origin {
                Origin::Config => p { "The configuration file declares it: remove its lines there and reload the daemon." },
                Origin::Api => {
                    p { "It is polled no more. Its stories and events stay." }
                    (button(&format!("/sources/{}/remove", source.id), "Remove it"))
                }
            }
        }
    }
}
