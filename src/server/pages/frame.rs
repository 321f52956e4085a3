//! What stands around every page: head, the way to the other pages, and the sign-in.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use super::reader::{Reader, Right};
use crate::model::TopicSpec;

/// What is particular to a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    /// What the browser's tab says.
    pub(super) title: &'a str,
    /// Where in the navigation it stands.
    pub(super) here: Option<Section>,
    /// Its scripts, by path; each is a file of `assets`.
    pub(super) scripts: &'a [&'a str],
    /// The topics whose feeds a reader of the page may want to follow.
    pub(super) feeds: &'a [&'a TopicSpec],
}

/// Topics whose feeds a page names at most, for a reader to choose from.
const FEEDS_MAX: usize = 24;
/// The formats of a feed: the end of its address, and its media type (that of JSON Feed since its version 1.1).
const FORMATS: [(&str, &str); 3] =
    [("atom", "application/atom+xml"), ("rss", "application/rss+xml"), ("json", "application/feed+json")];

/// The parts of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// What happened.
    Events,
    /// What is watched.
    Topics,
    /// What is read.
    Sources,
    /// Who is told.
    Subscriptions,
}

/// Each part: its name, its address, and who sees it.
const SECTIONS: [(Section, &str, &str, Right); 4] = [
    (Section::Events, "Events", "/", Right::Look),
    (Section::Topics, "Topics", "/topics", Right::Read),
    (Section::Sources, "Sources", "/sources", Right::Read),
    (Section::Subscriptions, "Subscriptions", "/subscriptions", Right::Read),
];

impl<'a> Frame<'a> {
    /// A page without scripts that stands nowhere in the navigation.
    pub(super) fn plain(title: &'a str) -> Self {
        Self { title, here: None, scripts: &[], feeds: &[] }
    }
}

/// A whole page for `reader`.
pub(super) fn page(frame: &Frame<'_>, reader: &Reader, main: &Markup) -> Html<String> {
    let navigation = html! {
        nav.sections aria-label="Pages" {
            @for (section, name, address, right) in SECTIONS {
                @if reader.may(right) {
                    a href=(address) aria-current=[(frame.here == Some(section)).then_some("page")] { (name) }
                }
            }
        }
        @if reader.is_signed_in() {
            form.sign method="post" action="/sign-out" { button.quiet { "Sign out" } }
        } @else if reader.has_door {
            p.sign { a href="/sign-in" { "Sign in" } }
        }
    };
    whole(frame, &navigation, main)
}

/// A page that knows nothing of who reads it.
pub(super) fn bare(frame: &Frame<'_>, main: &Markup) -> Html<String> {
    whole(frame, &html! {}, main)
}

/// Names feeds to a browser's or reader's search for them: of one topic each format, of several the first.
fn feeds(topics: &[&TopicSpec]) -> Markup {
    let formats = FORMATS.get(..if topics.len() == 1 { FORMATS.len() } else { 1 }).unwrap_or_default();
    html! {
        @for topic in topics.iter().take(FEEDS_MAX) {
            @for (ending, media_type) in formats {
                link rel="alternate" type=(media_type) title=(topic.name) href={ "/feeds/" (topic.key) "." (ending) };
            }
        }
    }
}

fn whole(frame: &Frame<'_>, navigation: &Markup, main: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (frame.title) @if frame.title != "tidings" { " · tidings" } }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="stylesheet" href="/style.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="manifest" href="/manifest.webmanifest";
                (feeds(frame.feeds))
                @for script in frame.scripts {
                    script src=(script) defer {}
                }
            }
            body {
                a.skip href="#main" { "Skip to content" }
                header.top {
                    p.brand { a href="/" { "tidings" } }
                    (navigation)
                }
                main id="main" { (main) }
            }
        }
    };
    Html(page.into_string())
}
