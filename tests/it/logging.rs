//! The log, held against its documentation: every line at info and above is in docs/logging.md with what it means, and
//! nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Levels that an administrator reads.
const LEVELS: [&str; 3] = ["error", "warn", "info"];

/// A line in the code.
#[derive(Debug)]
struct Line {
    place: String,
    level: &'static str,
    message: String,
    /// The whole call.
    call: String,
}

/// All lines that the code says.
fn said() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open: Vec<PathBuf> = vec![root];
    let mut lines = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                lines.extend(said_in(&path.display().to_string(), &fs::read_to_string(&path).unwrap()));
            }
        }
    }
    lines
}

fn said_in(place: &str, text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for level in LEVELS {
        let begin = format!("tracing::{level}!(");
        for (at, _) in text.match_indices(&begin) {
            let call = balanced(text.split_at(at + begin.len()).1);
            let line = text.split_at(at).0.lines().count();
            lines.push(Line { place: format!("{place}:{line}"), level, message: message(call), call: call.to_owned() });
        }
    }
    lines
}

/// The arguments of a macro, up to the parenthesis that ends it.
fn balanced(text: &str) -> &str {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => return text.split_at(at).0,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    panic!("a call without an end: {text}")
}

/// The message: the text that is no field's value. Its line breaks in the code are none.
fn message(call: &str) -> String {
    let mut before = ',';
    let mut letters = call.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == '"' {
            let rest = call.split_at(at + 1).1;
            let end = rest.char_indices().find(|(at, c)| *c == '"' && !rest.split_at(*at).0.ends_with('\\')).unwrap().0;
            if before == ',' {
                let lines: Vec<_> = rest.split_at(end).0.split("\\\n").collect();
                let text: Vec<_> =
                    lines.iter().enumerate().map(|(n, line)| if n == 0 { line } else { line.trim_start() }).collect();
                return text.concat().replace("\\n", " ").replace("\\\"", "\"");
            }
            while letters.next().is_some_and(|(at, _)| at <= end) {}
        }
        if !letter.is_whitespace() {
            before = letter;
        }
    }
    panic!("a call without a message: {call}")
}

/// What the documentation lists: level and message, with what they mean and what to do.
fn documented() -> Vec<(String, String, String)> {
    let text = include_str!("../../docs/logging.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| {
        let (message, rest) = row.split_once("` | ")?;
        let (level, rest) = rest.split_once(" | ")?;
        let row = (level.to_owned(), message.replace("\\|", "|"), rest.trim_end_matches(" |").to_owned());
        LEVELS.contains(&level).then_some(row)
    });
    rows.collect()
}

#[test]
fn every_line_from_info_on_is_documented_with_its_level_and_nothing_else_is() {
    let said = said();
    assert!(said.len() > 60, "only {} lines were found", said.len());
    let by_message: BTreeMap<_, _> = said.iter().map(|line| ((line.level, line.message.as_str()), line)).collect();
    let documented = documented();
    let listed: BTreeSet<(&str, &str)> = documented.iter().map(|(l, m, _)| (l.as_str(), m.as_str())).collect();
    assert_eq!(listed.len(), documented.len(), "each stands once");
    let missing: Vec<_> = by_message
        .iter()
        .filter(|(key, _)| !listed.contains(*key))
        .map(|((level, message), line)| format!("| `{message}` | {level} | | ({})", line.place))
        .collect();
    assert!(missing.is_empty(), "docs/logging.md lacks:\n{}", missing.join("\n"));
    let vain: Vec<_> = listed.iter().filter(|key| !by_message.contains_key(*key)).collect();
    assert!(vain.is_empty(), "docs/logging.md has what nobody says:\n{vain:#?}");
    for (level, message, meaning) in &documented {
        assert!(meaning.len() > 20, "{message}: says what it means, and what to do");
        assert!(level != "error" || meaning.contains(". "), "{message}: an error says what to do");
    }
}

#[test]
fn a_line_reads_as_a_sentence_and_holds_no_secret() {
    for Line { place, message, call, .. } in said() {
        assert!(message.contains(' ') && !message.ends_with('.'), "{place}: {message:?}");
        assert!(
            !message.starts_with("failed to"),
            "{place}: it says what could not be done and what follows: {message:?}"
        );
        for secret in ["reveal", "spec.url.as_str", "callback.as_str", "?subscription", "?spec", "?request"] {
            assert!(!call.contains(secret), "{place}: {secret} may hold a secret");
        }
    }
}

#[test]
fn an_id_is_a_number_in_each_line_but_a_topics_which_is_a_word() {
    for Line { place, call, .. } in said() {
        for (name, value) in call.split(',').filter_map(|field| field.trim().split_once(" = ")) {
            let is_number = name.rsplit_once('.').is_some_and(|(of, field)| field == "id" && of != "topic");
            assert!(!is_number || !value.starts_with(['%', '?']), "{place}: {name} is a text: {value}");
        }
    }
}

#[test]
fn the_reader_of_calls_takes_the_message_and_no_fields_value() {
    let text = r#"tracing::warn!(a.id = 1, why = "no", b = f("x"), "it \"broke\": {why}")"#;
    let line = &said_in("x.rs", text)[0];
    assert_eq!((line.level, line.message.as_str()), ("warn", "it \"broke\": {why}"));
}
