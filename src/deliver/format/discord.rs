//! Discord: embeds for a channel's webhook (<https://discord.com/developers/docs/resources/webhook#execute-webhook>).

use serde_json::{Map, Value, json};

use super::meaning::{Meaning, body_json, secs};
use super::message::{Line, Message};
use super::text::{Room, fit, laid, markdown, packed, plain, utf16};
use crate::model::Response;

/// <https://discord.com/developers/docs/resources/message#embed-object-embed-limits>.
const AUTHOR_MAX: usize = 256;
const TITLE_MAX: usize = 256;
const DESCRIPTION_MAX: usize = 4_096;
const FOOTER_MAX: usize = 500;
/// All texts of all embeds of a message; addresses in descriptions count.
const ALL_MAX: usize = 6_000;

pub(super) fn body(message: &Message) -> Value {
    let heading = fit(&message.heading, AUTHOR_MAX, utf16, plain);
    let title = fit(&message.title.text, TITLE_MAX, utf16, markdown);
    let footer = fit(&message.footer, FOOTER_MAX, utf16, plain);
    let used: usize = [&heading, &title, &footer].iter().flat_map(|text| text.chars()).map(utf16).sum();
    let frame = |line: &Line| match &line.link {
        Some(link) => ("[".to_owned(), format!("]({link})\n")),
        None => (String::new(), "\n".to_owned()),
    };
    let room = Room { line: DESCRIPTION_MAX, ..Room::of(ALL_MAX.saturating_sub(used), utf16) };
    let mut embed = Map::new();
    embed.insert("author".to_owned(), json!({"name": heading}));
    embed.insert("title".to_owned(), title.into());
    if let Some(link) = &message.title.link {
        embed.insert("url".to_owned(), link.as_str().into());
    }
    // What one description has no room for stands in an embed below it.
    let mut embeds = Vec::new();
    for description in packed(&laid(&message.lines, room, frame, markdown), DESCRIPTION_MAX, utf16) {
        if embed.contains_key("description") {
            embeds.push(std::mem::take(&mut embed));
        }
        embed.insert("description".to_owned(), description.trim_end().into());
    }
    if !footer.is_empty() {
        embed.insert("footer".to_owned(), json!({"text": footer}));
    }
    embeds.push(embed);
    // Whatever a title says, nobody is called.
    json!({"embeds": embeds, "allowed_mentions": {"parse": []}})
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
