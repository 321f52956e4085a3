//! The commands that documents show are commands of ours.

use std::path::Path;

use super::*;

/// Lines of a document's shell blocks that call tidings, as words.
fn calls(name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)).unwrap();
    let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
    let lines = blocks.flat_map(str::lines).filter(|line| line.starts_with("tidings "));
    lines.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

#[test]
fn every_command_that_the_operators_documents_show_is_understood() {
    let mut count = 0;
    for name in ["operating.md", "reliability.md"] {
        for words in calls(name) {
            let understood = Arguments::try_parse_from(&words);
            assert!(understood.is_ok(), "docs/{name} shows {words:?}: {}", understood.unwrap_err());
            count += 1;
        }
    }
    assert!(count >= 4, "{count} commands were found");
}
