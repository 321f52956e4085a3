//! What the operator's pages have in common: their frame, times, terms, notices.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use maud::{Markup, html};

use super::frame::{Frame, Section, page};
use super::reader::Reader;
use crate::server::problem::Problem;

/// Characters of a name that are shown.
const NAME_CHARS: usize = 120;
/// Characters of a longer text.
const TEXT_CHARS: usize = 400;

/// A page of the operator's.
pub(super) struct Desk<'a> {
    /// What the browser's tab says.
    pub(super) title: &'a str,
    /// Where it stands.
    pub(super) here: Section,
    /// Who reads it.
    pub(super) reader: &'a Reader,
}

impl Desk<'_> {
    /// The whole answer around `main`.
    pub(super) fn answer(&self, status: StatusCode, main: &Markup) -> Response {
        let frame = Frame { title: self.title, here: Some(self.here), scripts: &[], feeds: &[] };
        let main = html! {
            link rel="stylesheet" href="/desk.css";
            div.desk { (main) }
        };
        (status, page(&frame, self.reader, &main)).into_response()
    }
}

/// A text of somebody else's, bounded, in its own direction.
pub(super) fn foreign(text: &str) -> Markup {
    html! { bdi { (cut(text, TEXT_CHARS)) } }
}

/// What somebody can do, as a sentence; commands within it stand between backticks.
pub(super) fn remedy(fragment: &str) -> Markup {
    let sentence = cut(&sentence(fragment), 2 * TEXT_CHARS);
    html! {
        bdi {
            @for (index, part) in sentence.split('`').enumerate() {
                @if index % 2 == 1 { code { (part) } } @else { (part) }
            }
        }
    }
}

/// A name of somebody else's choice.
pub(super) fn name(text: &str) -> Markup {
    let text = if text.trim().is_empty() { "(without a name)" } else { text };
    html! { bdi { (cut(text, NAME_CHARS)) } }
}

/// A fragment as a sentence.
pub(super) fn sentence(fragment: &str) -> String {
    let mut rest = fragment.chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", rest.as_str())
}

/// At most so many characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// How long ago a moment was, or how soon it is; the moment itself for whoever asks.
pub(super) fn when(at: Timestamp, now: Timestamp) -> Markup {
    let (past, ahead) = (span_to(at, now), span_to(now, at));
    let words = match (past.as_secs(), ahead.as_secs()) {
        (0, 0) => "now".to_owned(),
        (0, _) => format!("in {}", span(ahead)),
        (_, _) => format!("{} ago", span(past)),
    };
    html! { time datetime=(at) title=(at.strftime("%-d %b %Y, %H:%M:%S UTC")) { (words) } }
}

/// The same, with the moment beside it.
pub(super) fn when_in_full(at: Timestamp, now: Timestamp) -> Markup {
    html! { (when(at, now)) " " span.quiet { "(" (at.strftime("%-d %b %Y, %H:%M UTC")) ")" } }
}

/// The same of a moment that there may not be.
pub(super) fn when_known(at: Option<Timestamp>, now: Timestamp) -> Markup {
    at.map_or_else(|| html! { span.quiet { "never" } }, |at| when(at, now))
}

fn span_to(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// A span in its largest unit.
pub(super) fn span(span: Duration) -> String {
    match span.as_secs() {
        secs @ 0..120 => format!("{secs} s"),
        secs @ 120..7_200 => format!("{} min", secs / 60),
        secs @ 7_200..172_800 => format!("{} h", secs / 3_600),
        secs => format!("{} days", secs / 86_400),
    }
}

/// A term and what is said of it.
pub(super) fn field(term: &str, said: &Markup) -> Markup {
    html! { div { dt { (term) } dd { (said) } } }
}

/// A word for how something stands; its class gives it its color.
pub(super) fn badge(class: &str, word: &str) -> Markup {
    html! { span.badge.(class) { (word) } }
}

/// What came of a form that was posted, said once at the head of the page that follows.
pub(super) fn done(said: Option<&str>) -> Markup {
    html! { @if let Some(said) = said { p.done role="status" { (said) } } }
}

/// What is wrong with a form.
pub(super) fn faults(problem: Option<&Problem>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            div.faults role="alert" {
                @for detail in problem.details() { p { bdi { (detail) } } }
            }
        }
    }
}

/// A button that posts.
pub(super) fn button(action: &str, words: &str) -> Markup {
    html! { form method="post" action=(action) { button { (words) } } }
}

/// Topics to choose from, none meaning all.
pub(super) fn topic_choice(topics: &[crate::model::Topic], chosen: &[&str], help: &str) -> Markup {
    html! {
        @if !topics.is_empty() {
            fieldset {
                legend { "Topics" }
                p.help { (help) }
                @for topic in topics {
                    @let key = topic.spec.key.as_str();
                    label.choice {
                        input type="checkbox" name="topics" value=(key) checked[chosen.contains(&key)];
                        " " (name(&topic.spec.name))
                    }
                }
            }
        }
    }
}
