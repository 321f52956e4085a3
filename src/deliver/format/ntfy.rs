//! ntfy: a message published as JSON (<https://docs.ntfy.sh/publish/#publish-as-json>), as header fields hold no Unicode.

use serde_json::{Map, Value, json};

use super::message::{Line, Message};
use super::text::{Page, bytes, fit, plain};
use crate::model::Chat;

/// A longer message becomes a file (<https://docs.ntfy.sh/publish/#limitations>: 4,096 bytes).
const TEXT_BYTES_MAX: usize = 3_900;
const TITLE_BYTES_MAX: usize = 500;

pub(super) fn body(message: &Message, chat: &Chat) -> Value {
    let mut body = Map::new();
    body.insert("topic".to_owned(), chat.topic().unwrap_or_default().into());
    body.insert("title".to_owned(), fit(&message.title.text, TITLE_BYTES_MAX, bytes, plain).into());
    body.insert("message".to_owned(), lines(message, TEXT_BYTES_MAX).into());
    if let Some(link) = &message.title.link {
        body.insert("click".to_owned(), link.as_str().into());
    }
    if let Some(link) = message.news_link() {
        body.insert("actions".to_owned(), json!([{"action": "view", "label": "What is new", "url": link}]));
    }
    if let Some(priority) = chat.priority() {
        body.insert("priority".to_owned(), priority.into());
    }
    body.into()
}

/// All but the title. A tap opens one address; those of a digest stand below its lines, where clients make links of them.
pub(super) fn lines(message: &Message, room: usize) -> String {
    let mut page = Page::new(room, bytes);
    page.add("", &message.heading, "", plain);
    let frame = |line: &Line| {
        let link = line.link.as_ref().filter(|_| message.is_digest);
        ("\n".to_owned(), link.map_or_else(String::new, |link| format!("\n{link}")))
    };
    page.add_lines(&message.lines, frame, plain);
    page.add("\n", &message.footer, "", plain);
    page.into_text()
}
