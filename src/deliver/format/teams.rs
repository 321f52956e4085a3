//! Microsoft Teams: an Adaptive Card for a workflow that begins when a webhook request is received
//! (<https://support.microsoft.com/office/8ae491c7-0394-4861-ba59-055e33f75498>). The connectors of Office 365 are no more.

use serde_json::{Value, json};

use super::message::{Line, Message};
use super::text::{Room, fit, laid, plain, utf16};

/// A message holds 28 KB (<https://learn.microsoft.com/connectors/teams/#known-issues-and-limitations>): these many
/// units of text are 9,000 bytes at most.
const LINES_MAX: usize = 3_000;
/// Bytes of what stands around them, addresses included.
const FRAMES_MAX: usize = 11_000;
/// What stands around a line without an address, and what comes to it with one.
const FRAME: &str = r#",{"inlines":[{"text":"","type":"TextRun"}],"type":"RichTextBlock"}"#;
const ACTION: &str = r#","selectAction":{"type":"Action.OpenUrl","url":""}"#;
const TITLE_MAX: usize = 300;

pub(super) fn body(message: &Message) -> Value {
    let title = fit(&message.title.text, TITLE_MAX, utf16, plain);
    let mut items = vec![
        // Runs have no markup, which blocks of text have.
        run(&message.heading, None, json!({"size": "small", "isSubtle": true})),
        run(&title, message.title.link.as_deref(), json!({"size": "medium", "weight": "bolder"})),
    ];
    let frame = |line: &Line| {
        let action = line.link.as_ref().map_or_else(String::new, |link| format!("{ACTION}{link}"));
        (FRAME.to_owned(), action)
    };
    let room = Room { markup: Some(FRAMES_MAX), ..Room::of(LINES_MAX, utf16) };
    let lines = laid(&message.lines, room, frame, plain);
    items.extend(lines.iter().map(|line| run(&line.text, line.link.as_deref(), json!({}))));
    if !message.footer.is_empty() {
        items.push(run(&message.footer, None, json!({"size": "small", "isSubtle": true})));
    }
    let links: Vec<_> = [("Read the story", message.title.link.as_deref())]
        .into_iter()
        .chain(message.news_link().map(|link| ("Read what is new", Some(link))))
        .filter_map(|(title, link)| Some(json!({"type": "Action.OpenUrl", "title": title, "url": link?})))
        .collect();
    json!({
        "type": "message",
        "summary": fit(&message.headline(), TITLE_MAX, utf16, plain),
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "msteams": {"width": "Full"},
                "body": items,
                "actions": links,
            },
        }],
    })
}

/// A block of one run, which opens its address: that is shown as a link
/// (<https://adaptivecards.io/explorer/TextRun.html>).
fn run(text: &str, link: Option<&str>, look: Value) -> Value {
    let mut run = look;
    if let Some(run) = run.as_object_mut() {
        run.insert("type".to_owned(), "TextRun".into());
        run.insert("text".to_owned(), text.into());
        if let Some(link) = link {
            run.insert("selectAction".to_owned(), json!({"type": "Action.OpenUrl", "url": link}));
        }
    }
    json!({"type": "RichTextBlock", "inlines": [run]})
}
