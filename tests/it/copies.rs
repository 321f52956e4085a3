//! How well copies are told from what only looks like them: the figures of docs/stories.md, held to by the real binary over
//! edits of real texts, where those are at hand.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What is written down may be off by this.
const SLACK: f64 = 0.01;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The F1 that docs/stories.md gives a half of the texts.
fn written(half: &str) -> f64 {
    let docs = std::fs::read_to_string(root().join("docs/stories.md")).unwrap();
    let row = docs.lines().find(|line| line.starts_with(&format!("| `{half}` |"))).expect("the half has a row");
    row.split('|').nth(2).and_then(|f1| f1.trim().parse().ok()).expect("the row begins with an F1")
}

#[test]
fn copies_are_told_from_other_texts_as_well_as_is_written_down() {
    if !root().join("../shared/dedup").is_dir() {
        eprintln!("!!! SKIPPED: the real texts of ../shared, of which copies are made, are absent");
        return;
    }
    let mut script = Command::new("python3");
    script.arg(root().join("benches/copies.py")).args(["--json", "--binary", env!("CARGO_BIN_EXE_tidings")]);
    let output = script.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<Value> =
        output.stdout.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let half = row["half"].as_str().unwrap();
        let (written, measured) = (written(half), row["f1"].as_f64().unwrap());
        assert!((written - measured).abs() <= SLACK, "{half}: {measured:.3} measured, {written:.3} written down");
        let told_by_others =
            row["kinds"]["tellings"]["wrong"].as_f64().unwrap() / row["kinds"]["tellings"]["pairs"].as_f64().unwrap();
        assert!(told_by_others <= 0.02, "{half}: {told_by_others:.3} of other tellings were called copies");
    }
}
