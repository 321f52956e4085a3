//! What narrows a page of events: the topics, the search, the filters, and how to take each away again.

use jiff::civil::Date;
use maud::{Markup, html};

use super::asked::{Asked, Written};
use crate::model::Topic;
use crate::port::Overview;
use crate::server::search::SEARCH_CHARS_MAX;

/// The topics, where there is more than one.
pub(super) fn topics(topics: &[Topic], asked: &Asked) -> Markup {
    let link = |name: &str, asked_there: Asked| {
        let is_here = asked.words.is_none() && asked.topic == asked_there.topic;
        html! {
            a href=(asked_there.address()) aria-current=[is_here.then_some("page")] dir="auto" { (name) }
        }
    };
    // The filters stay; words and the place in the list are of the page that they were asked on.
    let there = |topic| Asked { topic, words: None, before: None, ..asked.clone() };
    html! {
        @if topics.len() > 1 || asked.topic.is_some() {
            nav.topics aria-label="Topics" {
                (link("All topics", there(None)))
                @for topic in topics { (link(&topic.spec.name, there(Some(topic.spec.key.clone())))) }
            }
        }
    }
}

/// The search, and the filters folded beneath.
pub(super) fn form(overview: &Overview, asked: &Asked, publishers: &[&str]) -> Markup {
    let place = Asked { topic: asked.topic.clone(), ..Asked::default() };
    let written = |written: &Option<Written>| written.as_ref().map_or_else(String::new, |w| w.text.clone());
    html! {
        form.narrow role="search" action=(place.address()) {
            div.words {
                label for="q" { "Search stories" }
                input #q name="q" type="search" maxlength=(SEARCH_CHARS_MAX) placeholder="Search stories" dir="auto"
                    value=(asked.words.as_deref().unwrap_or_default()) aria-describedby="q-help";
                button { "Search" }
            }
            details.filters open[asked.is_filtered()] {
                summary { "Filters" }
                p.help #q-help {
                    "Words in any form; or a query: " code { "veto OR abstain" } ", " code { "\"joint resolution\"" } ", "
                    code { "cyber*" } ", " code { "-draft" } ", " code { "title:vote" } ", " code { "lang:uk" } "."
                }
                div.fields {
                    p {
                        label for="lang" { "Language" }
                        select #lang name="lang" {
                            option value="" { "Any" }
                            @for lang in languages(overview, asked) {
                                option value=(lang) selected[asked.lang.as_deref() == Some(lang)] { (lang) }
                            }
                        }
                    }
                    p {
                        label for="publisher" { "Publisher" }
                        input #publisher name="publisher" list="publishers" dir="auto" autocomplete="off" autocapitalize="off"
                            value=(asked.publisher.as_deref().unwrap_or_default());
                        datalist #publishers { @for name in publishers { option value=(name) {} } }
                    }
                    p {
                        label for="since" { "From day" }
                        @let text = written(&asked.since);
                        input #since name="since" type=(kind(&text)) value=(text);
                    }
                    p {
                        label for="until" { "To day" }
                        @let text = written(&asked.until);
                        input #until name="until" type=(kind(&text)) value=(text);
                    }
                }
                button { "Apply filters" }
            }
        }
    }
}

/// A day has a calendar of the browser's own; a time of an address is shown as it is.
fn kind(text: &str) -> &'static str {
    if text.is_empty() || text.parse::<Date>().is_ok() { "date" } else { "text" }
}

/// Those of the stories in events, and the one that is asked for.
fn languages<'a>(overview: &'a Overview, asked: &'a Asked) -> Vec<&'a str> {
    let mut languages: Vec<&str> = overview.languages.iter().map(String::as_str).collect();
    languages.extend(asked.lang.as_deref());
    languages.sort_unstable();
    languages.dedup();
    languages
}

/// What narrows the page, each to be taken away.
pub(super) fn chips(asked: &Asked) -> Markup {
    let filters = asked.filters();
    html! {
        @if !filters.is_empty() {
            ul.chips aria-label="What narrows this page" {
                @for (name, value, without) in filters {
                    li {
                        a href=(without.address()) {
                            span.unseen { "Take away: " }
                            (name) ": " bdi { (value) }
                            span aria-hidden="true" { " ×" }
                        }
                    }
                }
            }
        }
    }
}
