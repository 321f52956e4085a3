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
const MEANT: [(&str, &str); 9] = [
    // From one end on, and no further than to what is wanted: by their order and limit, or as their reader stops.
    ("audience.rs", "OLD"),
    ("glance.rs", "SQL"),
    ("log.rs", "NEWEST"),
    ("outbox.rs", "NEWEST"),
    ("outbox.rs", "OLD"),
    ("page.rs", "SQL"),
    // What waits for its index is soon in it.
    ("search.rs", "ADD"),
    ("search.rs", "WAITING"),
    // When a subscription's filter is another: who hears of the events that are open. It goes through who heard of any.
    ("audience.rs", "SINCE"),
];

/// Statements that can't be planned here, by file and name: of tables of one connection's own.
const UNPLANNED: [(&str, &str); 2] = [("search.rs", "ADD"), ("search.rs", "FIND")];

/// So many are made of pieces (`concat!` and the like), and are not seen here: what they walk over, their own rooms' tests must say.
const IN_PIECES: usize = 61;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
    files.sort();
    files
}

/// The statements of a file that are written in one piece, by name; and how many are not.
fn statements(text: &str) -> (Vec<(String, String)>, usize) {
    let (mut found, mut in_pieces) = (Vec::new(), 0);
    for part in text.split("const ").skip(1) {
        let Some((name, rest)) = part.split_once(": &str =") else { continue };
        if !name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
            continue;
        }
        let Some(literal) = rest.trim_start().strip_prefix('"') else {
            in_pieces += 1;
            continue;
        };
        let Some((sql, _)) = literal.split_once("\";") else { continue };
        let sql = sql.replace("\\\"", "\"");
        if ["SELECT", "UPDATE", "DELETE", "INSERT", "WITH"].iter().any(|verb| sql.starts_with(verb)) {
            found.push((name.to_owned(), sql));
        }
    }
    (found, in_pieces)
}

/// What a statement calls its tables: each name with the table's own.
fn aliases(sql: &str) -> Vec<(String, String)> {
    let words: Vec<&str> =
        sql.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let tables = words.windows(4).filter(|words| ["FROM", "JOIN"].contains(&words[0]));
    tables
        .map(|words| {
            let alias = if words[2] == "AS" { words[3] } else { words[2] };
            (alias.to_owned(), words[1].to_owned())
        })
        .collect()
}

/// The tables that a statement walks over whole; `None` where it can't be planned.
fn walked(db: &Connection, sql: &str) -> Option<Vec<String>> {
    let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).ok()?;
    let aliases = aliases(sql);
    let mut rows = plan.raw_query();
    let mut walked = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let step: String = row.get(3).unwrap();
        // What is walked by an index in part is bounded by what the index holds.
        let Some(name) = step.strip_prefix("SCAN ").filter(|rest| !rest.contains(" USING ")) else { continue };
        let own = aliases.iter().filter(|(alias, _)| alias == name).map(|(_, table)| table.clone());
        walked.extend(own.chain([name.to_owned()]));
    }
    Some(walked)
}

#[test]
fn a_table_that_a_statement_calls_otherwise_is_seen_all_the_same() {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch("CREATE TABLE story (id INTEGER PRIMARY KEY, title TEXT)").unwrap();
    let seen = |sql| walked(&db, sql).is_some_and(|walked| walked.contains(&"story".to_owned()));
    assert!(seen("SELECT s.title FROM story s WHERE s.title = ?1"));
    assert!(seen("SELECT s.title FROM story AS s WHERE s.title = ?1"));
    assert!(!seen("SELECT s.title FROM story AS s WHERE s.id = ?1"));
    assert!(walked(&db, "SELECT 1 FROM elsewhere").is_none());
}

#[test]
fn no_statement_walks_over_a_table_that_grows_but_those_that_are_meant_to() {
    let db = Connection::open_in_memory().unwrap();
    for sql in MIGRATIONS {
        db.execute_batch(sql).unwrap();
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let (mut seen, mut in_pieces, mut walks) = (0, 0, Vec::new());
    for file in files(&folder) {
        let place = file.file_name().unwrap().to_string_lossy().into_owned();
        let (whole, pieced) = statements(&fs::read_to_string(&file).unwrap());
        in_pieces += pieced;
        for (name, sql) in whole {
            let called = (place.as_str(), name.as_str());
            let Some(walked) = walked(&db, &sql) else {
                assert!(UNPLANNED.contains(&called), "{place}, {name} can't be planned");
                continue;
            };
            seen += 1;
            let growing = walked.into_iter().filter(|table| GROWING.contains(&table.as_str()));
            walks.extend(growing.filter(|_| !MEANT.contains(&called)).map(|table| format!("{place}, {name}: {table}")));
        }
    }
    assert!(seen > 200, "{seen} statements were found");
    assert_eq!(walks, Vec::<String>::new());
    assert!(
        in_pieces <= IN_PIECES,
        "{in_pieces} statements are not seen here: write new ones in one piece, or test their plans"
    );
}
