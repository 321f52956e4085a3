//! A topic as the configuration file declares it, to be pasted there.

use std::fmt::Write as _;

use crate::model::TopicSpec;

/// Its lines.
pub(super) fn declaration(spec: &TopicSpec) -> String {
    let mut lines = format!("[[topics]]\nid = {}\nname = {}\n", quoted(spec.key.as_str()), quoted(&spec.name));
    // Writing to a string can't fail.
    let query = if spec.query.contains('\n') {
        format!("\"\"\"\n{}\"\"\"", escaped(&spec.query, "\n"))
    } else {
        quoted(&spec.query)
    };
    writeln!(lines, "query = {query}").ok();
    for (key, day) in [("from", spec.span.from()), ("until", spec.span.until())] {
        if let Some(day) = day {
            writeln!(lines, "{key} = \"{day}\"").ok();
        }
    }
    let (fresh_hours, stale_days) = (spec.fresh.as_secs() / 3_600, spec.stale.as_secs() / 86_400);
    writeln!(lines, "fresh_hours = {fresh_hours}\nstale_days = {stale_days}").ok();
    lines
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text, ""))
}

/// As a basic string takes it ([TOML 1.0](https://toml.io/en/v1.0.0#string)): but for `plain`, no control characters.
fn escaped(text: &str, plain: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() && !plain.contains(c) => {
                write!(out, "\\u{:04X}", u32::from(c)).ok();
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{TopicKey, TopicSpan};

    #[test]
    fn what_is_pasted_reads_as_what_was_written() {
        let day = |text: &str| Some(text.parse().unwrap());
        for query in ["moon", "\"a \\ b\" OR 'c'\n# \"\"\" \t\u{7} луна\n  AND d\n", "a\n"] {
            let spec = TopicSpec {
                key: TopicKey::parse("moon").unwrap(),
                name: "The \"Moon\"\u{1}".to_owned(),
                query: query.to_owned(),
                fresh: Duration::from_hours(24),
                stale: Duration::from_hours(48),
                span: TopicSpan::new(day("2026-01-02"), None).unwrap(),
            };
            let table: toml::Table = declaration(&spec).parse().unwrap();
            let topic = &table["topics"][0];
            let text = |key: &str| topic[key].as_str().unwrap().to_owned();
            assert_eq!((text("id"), text("name"), text("query")), ("moon".to_owned(), spec.name, spec.query));
            assert_eq!((text("from"), topic["stale_days"].as_integer()), ("2026-01-02".to_owned(), Some(2)));
            assert!(topic.get("until").is_none());
        }
    }
}
