//! The objects that `--json` prints of what the HTTP API doesn't give: a broken configuration. Things of the store are printed as the HTTP API gives them (`server::wire`).

use serde_json::{Value, json};

use crate::config::Problems;

/// What is wrong with a configuration or a query.
pub(super) fn problems(problems: &Problems) -> Value {
    let each = problems.told().map(|told| {
        json!({"what": told.what, "found": told.found, "help": told.help, "line": told.line, "column": told.column})
    });
    json!({"file": problems.file(), "problems": each.collect::<Vec<Value>>()})
}
