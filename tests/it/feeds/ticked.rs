//! docs/faults.md against the sources: each of its faults stands there once, and each test that it names exists.

use std::fs;
use std::path::{Path, PathBuf};

/// Faults that the table has.
const FAULTS: usize = 36;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The rows of the table: the number, and the tests that it names.
fn rows(table: &str) -> Vec<(usize, Vec<&str>)> {
    let read = |line: &str| line.strip_prefix("| ")?.split(" | ").next()?.parse::<usize>().ok();
    let tests = |line| {
        let cell: &str = str::rsplit(line, " | ").next().unwrap_or_default();
        cell.split('`').skip(1).step_by(2).collect()
    };
    table.lines().filter_map(|line| Some((read(line)?, tests(line)))).collect()
}

/// The file of a module as a test's name begins with it: `feed::tests::faults` is src/feed/tests/faults.rs, and
/// `url::canonical::tests` stands within src/url/canonical.rs.
pub(crate) fn exists(name: &str) -> bool {
    let (root, path) = name.strip_prefix("it ").map_or(("src", name), |path| ("tests/it", path));
    let Some((module, test)) = path.rsplit_once("::") else { return false };
    let inline = module.strip_suffix("::tests").unwrap_or(module);
    [module, inline].iter().any(|module| {
        let file = here(root).join(module.replace("::", "/")).with_extension("rs");
        let text = fs::read_to_string(file).unwrap_or_default();
        // A test has an attribute before it; what only helps one has none.
        let before = text.split_once(&format!("fn {test}(")).map(|(before, _)| before.trim_end());
        before.is_some_and(|before| before.trim_end_matches("async").trim_end().ends_with(']'))
    })
}

#[test]
fn every_fault_is_ticked_by_tests_that_exist() {
    let table = fs::read_to_string(here("docs/faults.md")).expect("docs/faults.md");
    let rows = rows(&table);
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=FAULTS).collect::<Vec<_>>());
    let unticked: Vec<usize> = rows.iter().filter(|(_, tests)| tests.is_empty()).map(|(number, _)| *number).collect();
    assert!(unticked.is_empty(), "no test is named for {unticked:?}");
    let gone: Vec<_> = rows.iter().flat_map(|(number, tests)| tests.iter().map(move |test| (number, test))).collect();
    let gone: Vec<_> = gone.into_iter().filter(|(_, test)| !exists(test)).collect();
    assert!(gone.is_empty(), "docs/faults.md names tests that are not there: {gone:#?}");
}

#[test]
fn a_test_that_is_gone_or_a_file_that_is_none_is_seen() {
    assert!(exists("it feeds::ticked::a_test_that_is_gone_or_a_file_that_is_none_is_seen"));
    assert!(exists("url::canonical::tests::the_tracking_list_is_sorted_for_its_search"));
    for gone in
        ["it feeds::ticked::nothing", "it feeds::ticked::exists", "url::canonical::tests::none", "no::file::at_all"]
    {
        assert!(!exists(gone), "{gone}");
    }
    assert_eq!(rows("| no. | x |\n| 7 | a `b` | c | `d::e`, `f` |"), [(7, vec!["d::e", "f"])]);
}
