//! Gotify: a message of an application (<https://gotify.net/docs/pushmsg>), its link by `extras` (<https://gotify.net/docs/msgextras>).

use serde_json::{Map, Value, json};

use super::message::Message;
use super::ntfy::lines;
use super::text::{bytes, fit, plain};
use crate::model::Chat;

/// Gotify names no bounds: what a telephone shows.
const TEXT_BYTES_MAX: usize = 3_500;
const TITLE_BYTES_MAX: usize = 500;

pub(super) fn body(message: &Message, chat: &Chat) -> Value {
    let mut extras = Map::new();
    extras.insert("client::display".to_owned(), json!({"contentType": "text/plain"}));
    if let Some(link) = &message.title.link {
        extras.insert("client::notification".to_owned(), json!({"click": {"url": link}}));
    }
    let mut body = Map::new();
    body.insert("title".to_owned(), fit(&message.title.text, TITLE_BYTES_MAX, bytes, plain).into());
    body.insert("message".to_owned(), lines(message, TEXT_BYTES_MAX).into());
    if let Some(priority) = chat.priority() {
        body.insert("priority".to_owned(), priority.into());
    }
    body.insert("extras".to_owned(), extras.into());
    body.into()
}
