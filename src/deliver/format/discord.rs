//! Discord: an embed for a channel's webhook (<https://discord.com/developers/docs/resources/webhook#execute-webhook>).

use serde_json::{Map, Value, json};

use super::meaning::{Meaning, body_json, secs};
use super::message::{Line, Message};
use super::text::{Page, fit, markdown, plain, utf16};
use crate::model::Response;

/// <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>; all of one message: 6,000.
const AUTHOR_MAX: usize = 256;
const TITLE_MAX: usize = 256;
const DESCRIPTION_MAX: usize = 3_500;
const FOOTER_MAX: usize = 500;

pub(super) fn body(message: &Message) -> Value {
    let mut embed = Map::new();
    embed.insert("author".to_owned(), json!({"name": fit(&message.heading, AUTHOR_MAX, utf16, plain)}));
    embed.insert("title".to_owned(), fit(&message.title.text, TITLE_MAX, utf16, markdown).into());
    if let Some(link) = &message.title.link {
        embed.insert("url".to_owned(), link.as_str().into());
    }
    let mut description = Page::new(DESCRIPTION_MAX, utf16);
    let frame = |line: &Line| match &line.link {
        Some(link) => ("[".to_owned(), format!("]({link})\n")),
        None => (String::new(), "\n".to_owned()),
    };
    description.add_lines(&message.lines, frame, markdown);
    if !description.is_empty() {
        embed.insert("description".to_owned(), description.into_text().trim_end().into());
    }
    if !message.footer.is_empty() {
        embed.insert("footer".to_owned(), json!({"text": fit(&message.footer, FOOTER_MAX, utf16, plain)}));
    }
    // Whatever a title says, nobody is called.
    json!({"embeds": [embed], "allowed_mentions": {"parse": []}})
}

/// 429 says in its body, to the millisecond, how long to wait; code 10015 is a webhook that was deleted
/// (<https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>).
pub(super) fn meaning(response: &Response) -> Meaning {
    let said = body_json(response);
    match (response.status, said.get("code").and_then(Value::as_i64)) {
        (429, _) => Meaning::wait(said.get("retry_after").and_then(Value::as_f64).and_then(secs)),
        (404, Some(10_015)) => Meaning::status(410),
        (_, _) => Meaning::AsItSays,
    }
}
