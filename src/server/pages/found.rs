//! What a search finds: stories with the words marked; or where the search can't be read.

use maud::{Markup, html};

use super::asked::Asked;
use super::marks::{marked, sentence_around};
use super::markup::moment;
use crate::model::{StoryDraft, Topic, TopicKey, WebUrl};
use crate::server::search::Found;
use crate::text::counted;
use crate::topic::{Match, Matcher, Query, QueryError, StoryText};

/// Characters of a text around the first word that was found.
const AROUND_CHARS: usize = 240;

/// A search as it was understood.
pub(super) struct Searched {
    pub(super) query: Query,
    /// What is wrong with it as a query, where it was looked for its words alone.
    faults: Vec<QueryError>,
}

impl Searched {
    /// Reads what was typed or pasted: as a query; else its words, as few know that there are queries.
    ///
    /// # Errors
    /// What is wrong with a query in which there is no word.
    pub(super) fn read(words: &str) -> Result<Self, Vec<QueryError>> {
        match Query::search(words) {
            Ok(query) => Ok(Self { query, faults: Vec::new() }),
            Err(faults) => match Query::search_for_words(words) {
                Some(query) => Ok(Self { query, faults }),
                None => Err(faults),
            },
        }
    }
}

/// The stories, newest first, each with its events.
pub(super) fn listed(found: &Found, searched: &Searched, topics: &[Topic], asked: &Asked) -> Markup {
    // The search itself marks the words, as a topic of this name would.
    let key = TopicKey::parse("search");
    let matcher = key.map(|key| Matcher::new(&[(key, searched.query.clone())]));
    let older = found.before.map(|before| Asked { before: Some(before.0), ..asked.clone() });
    html! {
        @if let Some(fault) = searched.faults.first() {
            p.note {
                "Looked for the words alone. As a query it can't be read (" (fault.message) ")"
                @if !fault.help.is_empty() { ": " (fault.help) } "."
            }
        }
        @if found.stories.is_empty() {
            p.empty {
                @if older.is_some() { "Nothing among the latest stories." }
                @else { "No story fits. Words are looked for in any form; write " code { "*" } " behind the start of one." }
            }
        }
        ol.found {
            @for (story, events) in &found.stories {
                @let matched = matcher.as_ref().and_then(|matcher| matcher.matches(&StoryText::from(&story.draft)).pop());
                li {
                    h2 dir="auto" { (title(&story.draft, matched.as_ref())) }
                    p.about {
                        (moment(story.draft.published.unwrap_or(story.seen_at)))
                        " · " bdi { (story.draft.publisher) }
                        @for event in events.iter().filter(|event| event.merged_into.is_none()) {
                            " · " a href={ "/events/" (event.id) } {
                                @if topics.len() > 1 { bdi { (name(&event.topic, topics)) } ", " }
                                "event told by " (counted(event.publishers, "publisher", "publishers"))
                            }
                        }
                        @if events.is_empty() { " · on no topic" }
                        " · " a href={ "/stories/" (story.id) } { "Why" }
                    }
                    (excerpt(&story.draft, matched.as_ref()))
                }
            }
        }
        @if let Some(older) = older {
            p.older { a href=(older.address()) rel="next" { "Look among earlier stories" } }
        }
    }
}

fn name<'a>(key: &'a TopicKey, topics: &'a [Topic]) -> &'a str {
    topics.iter().find(|topic| topic.spec.key == *key).map_or(key.as_str(), |topic| topic.spec.name.as_str())
}

/// A title with its words marked, for a line of its own (`dir="auto"` is that's); a link where it has a web address.
pub(super) fn title(draft: &StoryDraft, matched: Option<&Match>) -> Markup {
    let title = if draft.title.trim().is_empty() { "(untitled)" } else { draft.title.as_str() };
    let marks = matched.map_or(&[][..], |matched| matched.title_marks.as_slice());
    let lang = draft.lang.as_deref();
    html! {
        @match WebUrl::parse(&draft.link) {
            Ok(url) => { a href=(url.as_str()) rel="noopener" lang=[lang] { (marked(title, marks)) } }
            Err(_) => { span lang=[lang] { (marked(title, marks)) } }
        }
    }
}

fn excerpt(draft: &StoryDraft, matched: Option<&Match>) -> Markup {
    let marks = matched.map_or(&[][..], |matched| matched.text_marks.as_slice());
    let (text, marks) = sentence_around(&draft.text, marks, AROUND_CHARS);
    html! {
        @if !text.is_empty() { p.lead dir="auto" lang=[draft.lang.as_deref()] { (marked(text, &marks)) } }
    }
}

/// The faults of a search, each with a caret under its place.
pub(super) fn faults(words: &str, faults: &[QueryError]) -> Markup {
    html! {
        div.fault role="alert" {
            p { "This search can't be read:" }
            @for fault in faults {
                pre dir="ltr" { (words.replace(['\n', '\t'], " ")) "\n" (caret(words, fault)) }
                p { (fault.message) @if !fault.help.is_empty() { ": " (fault.help) } "." }
            }
        }
    }
}

/// Spaces up to a fault, and a caret for each of its characters.
fn caret(words: &str, fault: &QueryError) -> String {
    let chars = |range: std::ops::Range<usize>| words.get(range).map_or(0, |part| part.chars().count());
    let before = chars(0..fault.span.start.min(words.len()));
    let within = chars(fault.span.start.min(words.len())..fault.span.end.min(words.len())).max(1);
    format!("{}{}", " ".repeat(before), "^".repeat(within))
}
