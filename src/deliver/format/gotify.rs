//! Gotify: a message of an application (<https://gotify.net/docs/pushmsg>), its link and its Markdown by `extras` (<https://gotify.net/docs/msgextras>).

use serde_json::{Map, Value, json};

use super::message::{Line, Message};
use super::ntfy::lines;
use super::text::{Page, bytes, commonmark, fit, plain};
use crate::model::Chat;

/// Gotify names no bounds: what a telephone shows.
const TEXT_BYTES_MAX: usize = 3_500;
const TITLE_BYTES_MAX: usize = 500;
/// Of a digest, whose addresses aren't shown.
const DIGEST_BYTES_MAX: usize = 12_000;

pub(super) fn body(message: &Message, chat: &Chat) -> Value {
    let mut extras = Map::new();
    // A click opens one address: the lines of a digest have their own.
    let (form, text) = if message.is_digest {
        ("text/markdown", linked(message))
    } else {
        ("text/plain", lines(message, TEXT_BYTES_MAX))
    };
    extras.insert("client::display".to_owned(), json!({"contentType": form}));
    if let Some(link) = &message.title.link {
        extras.insert("client::notification".to_owned(), json!({"click": {"url": link}}));
    }
    let mut body = Map::new();
    body.insert("title".to_owned(), fit(&message.title.text, TITLE_BYTES_MAX, bytes, plain).into());
    body.insert("message".to_owned(), text.into());
    if let Some(priority) = chat.priority() {
        body.insert("priority".to_owned(), priority.into());
    }
    body.insert("extras".to_owned(), extras.into());
    body.into()
}

/// All but the title, in Markdown. Lines begin with a word or a bullet, so no sign that begins a list or a rule stands there.
fn linked(message: &Message) -> String {
    let mut page = Page::new(DIGEST_BYTES_MAX, bytes);
    page.add("", &message.heading, "", commonmark);
    let frame = |line: &Line| match &line.link {
        // An ampersand may begin the name of a sign in an address too.
        Some(link) => ("\n\n[".to_owned(), format!("]({})", link.replace('&', "\\&"))),
        None => ("\n\n".to_owned(), String::new()),
    };
    page.add_lines(&message.lines, frame, commonmark);
    page.into_text()
}
