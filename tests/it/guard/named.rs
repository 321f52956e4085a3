//! SECURITY.md against the sources: each test that it names exists, and each threat has an answer.

use std::fs;
use std::path::Path;

use crate::feeds::ticked::exists;

/// Rows of the threat model: what is tried, and the tests that are named.
fn rows(text: &str) -> Vec<(&str, Vec<&str>)> {
    let model = text.split_once("## Threat model").and_then(|(_, rest)| rest.split_once("\n## ")).unwrap().0;
    let cells = |line| str::split(line, " | ").map(|cell| cell.trim_matches(['|', ' '])).collect::<Vec<_>>();
    let read = |line| match cells(line).as_slice() {
        [tries, _, shown] if *tries != "tries" && *tries != "wants" && *tries != "happens" => {
            Some((*tries, shown.split('`').skip(1).step_by(2).collect()))
        }
        _ => None,
    };
    model.lines().filter(|line| line.starts_with("| ")).filter_map(read).collect()
}

#[test]
fn every_test_that_the_threat_model_names_exists() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md")).unwrap();
    let rows = rows(&text);
    assert!(rows.len() > 40, "{} rows were read", rows.len());
    let gone: Vec<_> = rows
        .iter()
        .flat_map(|(tries, tests)| tests.iter().map(move |test| (*tries, *test)))
        .filter(|(_, test)| !exists(test))
        .collect();
    assert!(gone.is_empty(), "SECURITY.md names tests that are not there: {gone:#?}");
    let unshown: Vec<_> = rows.iter().filter(|(_, tests)| tests.is_empty()).map(|(tries, _)| *tries).collect();
    // Held by `cargo deny` and a nightly script.
    assert_eq!(unshown.len(), 2, "no test is named for {unshown:#?}");
}

#[test]
fn nothing_that_holds_a_secret_as_text_can_be_printed_for_debugging() {
    let mut files = Vec::new();
    super::supply::sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    // What an operator types: the name of a token or a subscription, an address.
    let harmless = ["src/cli/token.rs"];
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
        if harmless.contains(&name.as_str()) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for (at, line) in text.lines().enumerate() {
            let field = line
                .trim()
                .trim_start_matches("pub(crate) ")
                .trim_start_matches("pub(super) ")
                .trim_start_matches("pub ");
            let is_secret = ["secret", "token", "password", "auth"]
                .iter()
                .any(|word| field == format!("{word}: String,") || field == format!("{word}: Option<String>,"));
            if is_secret {
                let before: Vec<&str> = text.lines().take(at).collect();
                let derives = before.iter().rev().find(|line| line.contains("#[derive("));
                if derives.is_some_and(|line| line.contains("Debug")) {
                    found.push(format!("{name}:{}", at + 1));
                }
            }
        }
    }
    assert_eq!(found, Vec::<String>::new(), "use `model::Secret`, or leave `Debug` out");
}
