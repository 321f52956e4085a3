//! Microsoft Teams: an Adaptive Card for a workflow that begins when a webhook request is received
//! (<https://support.microsoft.com/office/8ae491c7-0394-4861-ba59-055e33f75498>). The connectors of Office 365 are no more.

use serde_json::{Value, json};

use super::message::{Line, Message};
use super::text::{Page, fit, plain, utf16};

/// A message holds 28 KB (<https://learn.microsoft.com/connectors/teams/#known-issues-and-limitations>): these many
/// units of text are 12,000 bytes at most.
const LINES_MAX: usize = 3_000;
const TITLE_MAX: usize = 300;

pub(super) fn body(message: &Message) -> Value {
    let title = Line { text: fit(&message.title.text, TITLE_MAX, utf16, plain), link: message.title.link.clone() };
    let mut items = vec![
        // Runs have no markup, which blocks of text have.
        run(&message.heading, json!({"size": "small", "isSubtle": true})),
        run(&title.text, json!({"size": "medium", "weight": "bolder"})),
    ];
    let mut left = LINES_MAX;
    for (at, line) in message.lines.iter().enumerate() {
        let mut page = Page::new(left, utf16);
        page.add("", &line.text, "", plain);
        let text = page.into_text();
        left = left.saturating_sub(text.chars().map(utf16).sum());
        if text.is_empty() {
            items.push(run(&Line::more(message.lines.len() - at).text, json!({})));
            break;
        }
        items.push(run(&text, json!({})));
    }
    if !message.footer.is_empty() {
        items.push(run(&message.footer, json!({"size": "small", "isSubtle": true})));
    }
    let links: Vec<_> = [("Read the story", title.link.as_deref())]
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

fn run(text: &str, look: Value) -> Value {
    let mut run = look;
    if let Some(run) = run.as_object_mut() {
        run.insert("type".to_owned(), "TextRun".into());
        run.insert("text".to_owned(), text.into());
    }
    json!({"type": "RichTextBlock", "inlines": [run]})
}
