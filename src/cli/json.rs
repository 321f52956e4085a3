//! The objects that `--json` prints of what the HTTP API doesn't give: a broken configuration, and labels as tuning needs
//! them. Things of the store are printed as the HTTP API gives them (`server::wire`).

use serde_json::{Value, json};

use crate::config::Problems;
use crate::model::{LabelView, Story};

/// What is wrong with a configuration or a query.
pub(super) fn problems(problems: &Problems) -> Value {
    let each = problems.told().map(|told| {
        json!({"what": told.what, "found": told.found, "help": told.help, "line": told.line, "column": told.column})
    });
    json!({"file": problems.file(), "problems": each.collect::<Vec<Value>>()})
}

/// What an operator said, with what tuning needs of the stories.
pub(super) fn label_view(id: i64, view: &LabelView) -> Value {
    let brief = |story: &Story| {
        let draft = &story.draft;
        json!({
            "id": story.id.0, "url": draft.url, "title": draft.title, "lang": draft.lang,
            "publisher": draft.publisher, "published": draft.published.map(|at| at.to_string()),
            "seen_at": story.seen_at.to_string(),
        })
    };
    json!({
        "id": id, "said": view.label.said.label(), "topic": view.label.topic.as_str(), "at": view.label.at.to_string(),
        "story": brief(&view.story), "other": view.other.as_ref().map(brief),
    })
}
