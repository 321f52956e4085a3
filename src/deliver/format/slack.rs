//! Slack: a message of blocks for an incoming webhook (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>).

use serde_json::{Value, json};

use super::meaning::{Meaning, body_json, body_text};
use super::message::{Line, Message};
use super::text::{Page, Room, fit, laid, mrkdwn, packed, slack_plain, slack_text, utf16};
use crate::model::Response;

/// A section's text holds 3,000 characters (<https://docs.slack.dev/reference/block-kit/blocks/section-block>).
const SECTION_MAX: usize = 3_000;
/// Of all blocks some 13,000 are taken, though no page says so (<https://github.com/slackapi/bolt-js/issues/2509>, and 2867
/// where 11,341 were too many): this leaves room for title, heading and footer.
const LINES_MAX: usize = 8_000;
/// Of the message without its blocks: room for ten lines with long addresses, a fifth of what Slack cuts
/// (<https://docs.slack.dev/reference/methods/chat.postMessage#truncating>) and half of what Mattermost shows in one post.
const TEXT_MAX: usize = 8_000;

pub(super) fn body(message: &Message) -> Value {
    let mut blocks = vec![
        json!({"type": "context", "elements": [plain(&message.heading)]}),
        json!({"type": "section", "text": {"type": "mrkdwn", "text": linked(&message.title, true), "verbatim": true}}),
    ];
    let frame = |line: &Line| match &line.link {
        Some(link) => (format!("<{}|", escaped(link)), ">\n".to_owned()),
        None => (String::new(), "\n".to_owned()),
    };
    let room = Room { line: SECTION_MAX, ..Room::of(LINES_MAX, utf16) };
    for section in packed(&laid(&message.lines, room, frame, mrkdwn), SECTION_MAX, utf16) {
        let text = json!({"type": "mrkdwn", "text": section.trim_end(), "verbatim": true});
        blocks.push(json!({"type": "section", "text": text}));
    }
    if !message.footer.is_empty() {
        blocks.push(json!({"type": "context", "elements": [plain(&message.footer)]}));
    }
    json!({
        "text": text(message),
        "unfurl_links": false,
        "unfurl_media": false,
        "blocks": blocks,
    })
}

/// All of it for those who get no blocks: notifications show how it begins, screen readers read it in the place of blocks, and
/// Mattermost, which passes blocks over (<https://github.com/mattermost/mattermost/issues/14973>), shows it as Markdown.
fn text(message: &Message) -> String {
    let mut page = Page::new(TEXT_MAX, utf16);
    page.add("", &message.heading, " - ", slack_text);
    let frame = |line: &Line| match &line.link {
        Some(link) => (format!("<{}|", escaped(link)), ">".to_owned()),
        None => (String::new(), String::new()),
    };
    let (before, after) = frame(&message.title);
    page.add(&before, &message.title.text, &after, slack_text);
    let on_its_own = |line: &Line| {
        let (before, after) = frame(line);
        (format!("\n{before}"), after)
    };
    page.add_lines(&message.lines, on_its_own, slack_text);
    page.add("\n", &message.footer, "", slack_text);
    page.into_text()
}

fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "text": fit(text, SECTION_MAX, utf16, slack_plain), "emoji": false})
}

fn linked(line: &Line, is_title: bool) -> String {
    let mut page = Page::new(SECTION_MAX, utf16);
    let bold = if is_title { "*" } else { "" };
    match &line.link {
        Some(link) => page.add(&format!("{bold}<{}|", escaped(link)), &line.text, &format!(">{bold}"), mrkdwn),
        None => page.add(bold, &line.text, bold, mrkdwn),
    }
    page.into_text()
}

fn escaped(link: &str) -> String {
    link.replace('&', "&amp;")
}

/// Slack answers `ok`, and those like it JSON; what else comes with a 2xx is a proxy's or a login page. An address whose webhook, channel or
/// workspace is no more is gone.
pub(super) fn meaning(response: &Response) -> Meaning {
    let said = body_text(response);
    match response.status {
        200..=299 if said == "ok" => Meaning::AsItSays,
        200..=299 if said.starts_with('{') => said_in_json(&body_json(response)),
        200..=299 => Meaning::status(500),
        403 | 404 | 410 if GONE.contains(&said.as_str()) => Meaning::status(410),
        _ => Meaning::AsItSays,
    }
}

/// What Slack says of an address that is no more.
const GONE: [&str; 6] =
    ["no_service", "no_service_id", "no_active_hooks", "no_team", "channel_is_archived", "team_disabled"];

/// Receivers that speak as Slack does, and Slack's own methods (<https://docs.slack.dev/apis/web-api/>), say with 200 that they
/// took nothing: `ok` is false then, or `success`.
fn said_in_json(said: &Value) -> Meaning {
    let is_false = |name| said.get(name).and_then(Value::as_bool) == Some(false);
    if !is_false("ok") && !is_false("success") {
        return Meaning::AsItSays;
    }
    let word = |name| said.get(name).and_then(Value::as_str);
    // What people write of an error is no word of Slack's: an address is given up for that alone.
    if word("error").is_some_and(|error| GONE.contains(&error)) {
        return Meaning::status(410);
    }
    let why = word("error").or_else(|| word("message")).unwrap_or_default();
    let why = why.to_ascii_lowercase().replace(['-', '_', ' '], "");
    if why.contains("ratelimited") || why.contains("toomanyrequests") {
        return Meaning::wait(None);
    }
    Meaning::status(500)
}
