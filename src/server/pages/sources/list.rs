//! `/sources`: all of them, trouble first.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};
use url::form_urlencoded;

use super::super::desk::{Desk, done, name, when, when_known};
use super::super::frame::Section;
use super::super::reader::{Reader, Right};
use super::super::refusal::Refusal;
use super::health::{Trouble, health, kind, rhythm, saved};
use crate::model::{Source, SourceHealth};
use crate::port::Listed;
use crate::schedule::{Bound, Market, Quote, why};
use crate::server::params::Params;
use crate::server::sources::beside;
use crate::server::state::AppState;
use crate::server::wire::Beside;
use crate::text::fold;

/// Sources on a page.
const PAGE_LENGTH: usize = 100;

/// What is looked for.
struct Asked {
    health: Option<SourceHealth>,
    words: String,
    page: usize,
}

/// What is shown.
struct Listing<'a> {
    all: &'a [Source],
    shown: Vec<&'a Source>,
    beside: &'a Beside,
    quote: &'a Quote,
    now: Timestamp,
}

/// `GET /sources?health=&q=&page=`
pub(super) async fn show(State(app): State<AppState>, reader: Reader, mut params: Params) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    let asked = Asked {
        health: params.parsed("health", "well, silent, failing or gone", SourceHealth::parse),
        words: params.text("q").unwrap_or_default(),
        page: params
            .parsed("page", "a number from 1 on", |text| text.parse().ok().filter(|page| *page > 0))
            .unwrap_or(1),
    };
    let removed = params.text("done").is_some_and(|word| word == "removed");
    params.finish_page()?;
    let now = app.clock.now();
    let read =
        app.keeper.read(move |store| Ok((store.sources(Listed::Current)?, beside(store, now)?, store.market()?)));
    let (sources, beside, market) = read.await?;
    let market = Market::from_bytes(&market).unwrap_or_default();
    let listing = Listing {
        all: &sources,
        shown: chosen(&sources, &asked, &beside, now),
        beside: &beside,
        quote: market.quote(),
        now,
    };
    let main = html! {
        (head(&listing, &reader))
        (done(removed.then_some("It was removed. Its stories stay.")))
        (filter(&asked))
        (table(&listing, &asked))
    };
    Ok(Desk { title: "Sources", here: Section::Sources, reader: &reader }.answer(StatusCode::OK, &main))
}

/// Those that are looked for, the most troublesome first.
fn chosen<'a>(sources: &'a [Source], asked: &Asked, beside: &Beside, now: Timestamp) -> Vec<&'a Source> {
    let words: Vec<String> = asked.words.split_whitespace().map(fold).collect();
    let has_words = |source: &Source| {
        let spec = &source.spec;
        let text = fold(&format!("{} {} {}", spec.name, spec.publisher, spec.url));
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let mut chosen: Vec<_> = sources
        .iter()
        .filter(|source| asked.health.is_none_or(|health| source.state.health == health) && has_words(source))
        .collect();
    chosen.sort_by_cached_key(|source| {
        let trouble = Trouble::of(source, beside, now);
        // Among those in trouble the one that has been in it longest.
        let since = if trouble < Trouble::Odd { source.state.last_good_at } else { None };
        (trouble, since, fold(&source.spec.name))
    });
    chosen
}

fn head(listing: &Listing<'_>, reader: &Reader) -> Markup {
    let count = |health: SourceHealth| listing.all.iter().filter(|source| source.state.health == health).count();
    let troubled = [SourceHealth::Failing, SourceHealth::Silent, SourceHealth::Gone];
    html! {
        div.head {
            h1 { "Sources" }
            @if reader.may(Right::Write) {
                p.actions {
                    a.main href="/sources/add" { "Add a source" }
                    a href="/sources/opml" { "Import or export" }
                }
            }
        }
        p.quiet {
            (listing.all.len()) " in all"
            @for health in troubled {
                @if count(health) > 0 {
                    ", " a href={ "/sources?health=" (health.label()) } { (count(health)) " " (health.label()) }
                }
            }
            "."
        }
    }
}

fn filter(asked: &Asked) -> Markup {
    html! {
        form.filter method="get" action="/sources" role="search" {
            div {
                label for="q" { "Name, publisher or address" }
                input id="q" name="q" type="search" value=(asked.words);
            }
            div {
                label for="health" { "Health" }
                select id="health" name="health" {
                    option value="" { "any" }
                    @for health in SourceHealth::ALL {
                        option value=(health.label()) selected[asked.health == Some(health)] { (health.label()) }
                    }
                }
            }
            button { "Show" }
        }
    }
}

fn table(listing: &Listing<'_>, asked: &Asked) -> Markup {
    let start = (asked.page - 1).saturating_mul(PAGE_LENGTH);
    let page: Vec<_> = listing.shown.iter().skip(start).take(PAGE_LENGTH).collect();
    html! {
        @if page.is_empty() {
            p.empty { @if listing.all.is_empty() { "Nothing is read yet." } @else { "No source is so." } }
        } @else {
            table.list {
                caption.unseen { "Sources, those in trouble first" }
                thead { tr {
                    th scope="col" { "Source" } th scope="col" { "Health" } th scope="col" { "Last good poll" }
                    th scope="col" { "Last new story" } th scope="col" { "Next poll" } th scope="col" { "Saved by 304" }
                } }
                tbody { @for source in page { (row(listing, source)) } }
            }
        }
        @if asked.page > 1 || listing.shown.len() > start + PAGE_LENGTH {
            nav.pages aria-label="Parts of the list" {
                @if asked.page > 1 { a href=(at_page(asked, asked.page - 1)) rel="prev" { "Previous" } }
                @if listing.shown.len() > start + PAGE_LENGTH { a href=(at_page(asked, asked.page + 1)) rel="next" { "Next" } }
            }
        }
    }
}

fn at_page(asked: &Asked, page: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(health) = asked.health {
        query.append_pair("health", health.label());
    }
    if !asked.words.is_empty() {
        query.append_pair("q", &asked.words);
    }
    query.append_pair("page", &page.to_string());
    format!("/sources?{}", query.finish())
}

fn row(listing: &Listing<'_>, source: &Source) -> Markup {
    let (spec, state, now) = (&source.spec, &source.state, listing.now);
    let why = why(spec, state, listing.quote, now);
    let relied_upon = listing.beside.channel(source).is_some_and(|channel| channel.is_relied_upon(now));
    let has_namesake = listing.all.iter().any(|other| other.id != source.id && other.spec.name == spec.name);
    html! {
        tr {
            th scope="row" {
                a href={ "/sources/" (source.id) } { (name(&spec.name)) }
                @if has_namesake { p.quiet { bdi { (spec.url.redacted()) } } }
                p.quiet { (name(&spec.publisher)) ", " (kind(source)) @if relied_upon { ", pushed" } }
            }
            td.health data-label="Health" { (health(source, listing.beside, now)) }
            td data-label="Last good poll" { (when_known(state.last_good_at, now)) }
            td data-label="Last new story" { (when_known(state.last_story_at, now)) }
            td data-label="Next poll" {
                @if state.health != SourceHealth::Gone { (when(listing.beside.next_poll(source), now)) }
                p.quiet { (rhythm(source, &why, relied_upon && why.bound == Bound::Moved)) }
            }
            td data-label="Saved by 304" {
                @match saved(source) {
                    Some(percent) => { (percent) " %" }
                    None => span.quiet { "not polled yet" }
                }
            }
        }
    }
}
