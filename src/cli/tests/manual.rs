//! Commands that the documentation shows, held against what the program takes.

use std::path::{Path, PathBuf};

use super::*;

/// The project's pages for people.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let docs = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let front = ["README.md", "SECURITY.md", "CONTRIBUTING.md"].map(|name| root.join(name));
    let mut pages: Vec<_> = docs.chain(front).collect();
    pages.sort();
    pages
}

/// The commands of a page: lines of its blocks of code, without what a shell takes out of them.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fence = None;
    for line in text.lines() {
        if let Some(lang) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(lang.to_owned()) };
            continue;
        }
        let code = match &fence {
            Some(lang) => lang.starts_with("sh").then_some(line),
            None => line.strip_prefix("    "),
        };
        let Some(code) = code.map(|code| code.trim().trim_start_matches("$ ")) else { continue };
        if code.starts_with("tidings ") {
            found.push(code.to_owned());
        }
    }
    found
}

/// Words as a shell parts them, up to a remark, a pipe or a redirection; what is optional counts.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in command.chars().chain([' ']) {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '[' | ']') => {}
            (None, ' ') => words.extend(word.take()),
            (None, '#' | '|' | '<' | '>' | '&' | ';') if word.is_none() => break,
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words
}

#[test]
fn every_command_in_the_documentation_is_one_of_the_program() {
    let mut faults = Vec::new();
    let mut count = 0;
    for page in pages() {
        for command in commands(&std::fs::read_to_string(&page).unwrap()) {
            count += 1;
            if let Err(error) = Arguments::try_parse_from(words(&command)) {
                let told = matches!(
                    error.kind(),
                    clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion
                );
                if !told {
                    faults.push(format!("{}: {command}\n{error}", page.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count >= 40, "{count} commands were found");
}
