//! Matrix: a message in a room (<https://spec.matrix.org/v1.18/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid>).

use serde_json::{Value, json};

use super::meaning::{Meaning, body_json};
use super::message::{Line, Message};
use super::telegram::escaped;
use super::text::{Page, html, plain, utf16};
use crate::model::Response;

/// An event holds 65,536 bytes with all that servers add; both forms of the text stand in it, in
/// up to three bytes a unit.
const TEXT_MAX: usize = 9_000;

pub(super) fn body(message: &Message) -> Value {
    let mut rich = Page::new(TEXT_MAX, utf16);
    rich.add("<p>", &message.heading, "<br>", html);
    match &message.title.link {
        Some(link) => {
            rich.add(
                &format!("<strong><a href=\"{}\">", escaped(link)),
                &message.title.text,
                "</a></strong></p>",
                html,
            );
        }
        None => rich.add("<strong>", &message.title.text, "</strong></p>", html),
    }
    let frame = |line: &Line| match &line.link {
        Some(link) => (format!("<p><a href=\"{}\">", escaped(link)), "</a></p>".to_owned()),
        None => ("<p>".to_owned(), "</p>".to_owned()),
    };
    rich.add_lines(&message.lines, frame, html);
    rich.add("<p><em>", &message.footer, "</em></p>", html);
    // A notice (`m.notice`) makes no sound: whoever subscribes wants to be told.
    json!({
        "msgtype": "m.text",
        "body": lined(message, TEXT_MAX),
        "format": "org.matrix.custom.html",
        "formatted_body": rich.into_text(),
        // Nobody is meant: without this a title with a member's name, or with `@room`, would call them
        // (<https://spec.matrix.org/v1.18/client-server-api/#user-and-room-mentions>).
        "m.mentions": {},
    })
}

/// The message in plain lines, addresses beside what they belong to.
pub(super) fn lined(message: &Message, room: usize) -> String {
    let mut page = Page::new(room, utf16);
    page.add("", &message.heading, "\n", plain);
    page.add("", &message.title.text, "", plain);
    page.add("\n", message.title.link.as_deref().unwrap_or_default(), "", plain);
    let frame = |line: &Line| {
        let link = line.link.as_ref().map_or_else(String::new, |link| format!("\n{link}"));
        ("\n".to_owned(), link)
    };
    page.add_lines(&message.lines, frame, plain);
    page.add("\n", &message.footer, "", plain);
    page.into_text()
}

/// `M_LIMIT_EXCEEDED` says how long to wait in the body, as servers did before they sent Retry-After.
pub(super) fn meaning(response: &Response) -> Meaning {
    let said = body_json(response);
    match said.get("errcode").and_then(Value::as_str) {
        Some("M_LIMIT_EXCEEDED") => {
            let wait_ms = said.get("retry_after_ms").and_then(Value::as_u64);
            Meaning::wait(wait_ms.map(|wait_ms| wait_ms.div_ceil(1_000)))
        }
        Some(_) | None => Meaning::AsItSays,
    }
}
