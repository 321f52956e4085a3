//! Telegram: `sendMessage` of a bot (<https://core.telegram.org/bots/api#sendmessage>).

use serde_json::{Value, json};

use super::meaning::{Meaning, body_json};
use super::message::{Line, Message};
use super::text::{Page, html, utf16};
use crate::model::{Chat, Response};

/// A message holds 4,096 characters after its markup was read.
const TEXT_MAX: usize = 4_096;
/// Bytes of markup, addresses included: with the text less than the 32 kB that a server takes before it reads markup.
const MARKUP_MAX: usize = 12_000;

pub(super) fn body(message: &Message, chat: &Chat) -> Value {
    let mut page = Page::new(TEXT_MAX, utf16).with_markup_of(MARKUP_MAX);
    page.add("", &message.heading, "\n", html);
    match &message.title.link {
        Some(link) => {
            page.add(&format!("<b><a href=\"{}\">", escaped(link)), &message.title.text, "</a></b>", html);
        }
        None => page.add("<b>", &message.title.text, "</b>", html),
    }
    let frame = |line: &Line| match &line.link {
        Some(link) => (format!("\n<a href=\"{}\">", escaped(link)), "</a>".to_owned()),
        None => ("\n".to_owned(), String::new()),
    };
    page.add_lines(&message.lines, frame, html);
    page.add("\n<i>", &message.footer, "</i>", html);
    json!({
        "chat_id": chat.room(),
        "text": page.into_text(),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": true},
    })
}

pub(super) fn escaped(link: &str) -> String {
    link.replace('&', "&amp;")
}

/// The status stands in the body too, with how long to wait (<https://core.telegram.org/bots/api#responseparameters>). A
/// bot that was blocked or thrown out has nobody to write to.
pub(super) fn meaning(response: &Response) -> Meaning {
    let said = body_json(response);
    if said.get("ok").and_then(Value::as_bool) == Some(true) {
        return Meaning::AsItSays;
    }
    let code = said.get("error_code").and_then(Value::as_u64).unwrap_or_else(|| u64::from(response.status));
    let why = said.get("description").and_then(Value::as_str).unwrap_or_default();
    match code {
        429 => Meaning::wait(said.pointer("/parameters/retry_after").and_then(Value::as_u64)),
        403 if ["blocked", "kicked", "deactivated"].iter().any(|word| why.contains(word)) => Meaning::status(410),
        200..=299 => Meaning::status(500),
        code => u16::try_from(code).map_or(Meaning::AsItSays, Meaning::status),
    }
}

/// What to do where the chat has another number now: a group that became a supergroup.
pub(super) fn advice(response: &Response) -> Option<String> {
    let number = body_json(response).pointer("/parameters/migrate_to_chat_id").and_then(Value::as_i64)?;
    Some(format!("the group became a supergroup: its chat is {number} now; set room = \"{number}\""))
}
