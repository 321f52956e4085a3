//! How SQLite goes about the statements: none walks over a table that grows for as long as the daemon lives, but for those that are
//! meant to.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::store::open::MIGRATIONS;

/// Tables that grow with what is read and told, or with who subscribed.
const GROWING: [&str; 14] = [
    "story",
    "story_key",
    "story_revision",
    "decision",
    "event",
    "event_facet",
    "audience",
    "notification",
    "delivery",
    "attempt",
    "reading",
    "meaning",
    "subscription",
    "unindexed",
];

/// Statements that walk over all there is, by file and name, and why they may.
const MEANT: [(&str, &str); 7] = [
    // From one end on, and no further than to what is wanted: by their order and limit, or as their reader stops.
    ("audience.rs", "OLD"),
    ("glance.rs", "SQL"),
    ("log.rs", "NEWEST"),
    ("outbox.rs", "NEWEST"),
    ("outbox.rs", "OLD"),
    ("page.rs", "SQL"),
    // What waits for its index is soon in it.
    ("search.rs", "WAITING"),
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
    files.sort();
    files
}

/// The statements of a file that are written in one piece, by name.
fn statements(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in text.split("const ").skip(1) {
        let Some((name, rest)) = part.split_once(": &str =") else { continue };
        let Some(literal) = rest.trim_start().strip_prefix('"') else { continue };
        if !name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            continue;
        }
        let Some((sql, _)) = literal.split_once("\";") else { continue };
        let sql = sql.replace("\\\"", "\"");
        if ["SELECT", "UPDATE", "DELETE", "INSERT", "WITH"].iter().any(|verb| sql.starts_with(verb)) {
            found.push((name.to_owned(), sql));
        }
    }
    found
}

/// The tables that a statement walks over whole.
fn walked(db: &Connection, sql: &str) -> Vec<String> {
    // A table of one connection's own is not there.
    let Ok(mut plan) = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")) else { return Vec::new() };
    let mut rows = plan.raw_query();
    let mut walked = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let step: String = row.get(3).unwrap();
        // What is walked by an index in part is bounded by what the index holds.
        let Some(table) = step.strip_prefix("SCAN ").filter(|rest| !rest.contains(" USING ")) else { continue };
        walked.push(table.to_owned());
    }
    walked
}

#[test]
fn no_statement_walks_over_a_table_that_grows_but_those_that_are_meant_to() {
    let db = Connection::open_in_memory().unwrap();
    for sql in MIGRATIONS {
        db.execute_batch(sql).unwrap();
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let (mut seen, mut walks) = (0, Vec::new());
    for file in files(&folder) {
        let place = file.file_name().unwrap().to_string_lossy().into_owned();
        for (name, sql) in statements(&fs::read_to_string(&file).unwrap()) {
            seen += 1;
            let is_meant = MEANT.contains(&(place.as_str(), name.as_str()));
            for table in walked(&db, &sql).into_iter().filter(|table| GROWING.contains(&table.as_str()) && !is_meant) {
                walks.push(format!("{place}, {name}: {table}"));
            }
        }
    }
    assert!(seen > 200, "{seen} statements were found");
    assert_eq!(walks, Vec::<String>::new());
}
