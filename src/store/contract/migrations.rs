//! Every schema so far, with rows in every table of it, brought up to date: nothing that it held is lost, all of it can be read,
//! and a kill in the middle of a migration leaves the schema before it whole.
//!
//! Rows are made from the schema's own columns, so that a new table or column is filled without a word here; only columns that
//! hold words, documents or addresses say what stands in them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::types::Value;
use rusqlite::{Batch, Connection, params_from_iter};

use crate::model::*;
use crate::port::*;
use crate::store::SqliteStore;
use crate::store::open::MIGRATIONS;

/// Rows of each table.
const ROWS: i64 = 2;

/// Tables that aren't filled: SQLite's, the index of words', what migrations fill, and the one whose row says that secrets are sealed.
fn is_own(table: &str) -> bool {
    !table.starts_with("sqlite_") && !table.starts_with("story_text") && table != "counter" && table != "seal"
}

/// A column of a table.
#[derive(Debug, Clone)]
struct Column {
    name: String,
    kind: String,
    must: bool,
}

fn tables(db: &Connection) -> Vec<String> {
    let mut names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid").unwrap();
    let all = names.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    all.filter(|name| is_own(name)).collect()
}

fn columns(db: &Connection, table: &str) -> Vec<Column> {
    let mut info = db.prepare(&format!("PRAGMA table_info({table})")).unwrap();
    let read = |row: &rusqlite::Row<'_>| {
        let must = row.get::<_, bool>(3)? || row.get::<_, i64>(5)? > 0;
        Ok(Column { name: row.get(1)?, kind: row.get(2)?, must })
    };
    info.query_map([], read).unwrap().map(Result::unwrap).collect()
}

/// What stands in a column of row `n`.
fn value(table: &str, column: &Column, n: i64) -> Value {
    let name = column.name.as_str();
    let text = |text: &str| Value::Text(text.to_owned());
    let second = n > 1;
    match (table, name) {
        ("market" | "vapid", "id") => Value::Integer(n),
        (_, "topics") => text(r#"{"v":1,"topics":["resolution"]}"#),
        ("channel", "topic") | (_, "address") => Value::Text(format!("https://{n}.example/feed")),
        ("topic", "key") | ("topic_version" | "relevance" | "feed_version", "topic") => {
            text(if second { "moon" } else { "resolution" })
        }
        ("reading", "topic") => text(""),
        (_, "topic") => text("resolution"),
        (
            _,
            "selectors" | "manner" | "old_secrets" | "wish" | "moving_to" | "layout" | "merged_into" | "copy_of"
            | "rest_why" | "disabled_why" | "p256dh" | "target" | "expires_at_ms" | "used_on" | "restores",
        )
        | ("subscription", "priority" | "max_in_flight" | "rate_per_minute")
        | ("label", "other")
        | ("delivery", "held_ms") => Value::Null,
        (_, "priority") => text("normal"),
        (_, "filter") => {
            text(r#"{"v":1,"topics":["resolution"],"types":["event.opened"],"languages":["en"],"publishers":[]}"#)
        }
        (_, "reasons") => {
            text(r#"{"v":1,"reasons":[{"stage":"topic","text":"it matches","numbers":[["score",0.5]]}]}"#)
        }
        (_, "hubs") => text(r#"{"v":1,"hubs":["https://hub.example/"]}"#),
        ("robots", "origin") => Value::Text(format!("https://{n}.example")),
        (_, "origin") => text("api"),
        ("source", "kind") => text("feed"),
        ("subscription", "kind") => text("webhook"),
        ("notification", "kind") | ("decision", "told") => text("event.opened"),
        ("story", "state") => text("decided"),
        ("subscription", "state") => text("active"),
        ("delivery", "state") => text(if second { "delivered" } else { "pending" }),
        (_, "health") => text("well"),
        (_, "arrival") => text("later"),
        (_, "phase") => text("open"),
        (_, "ruling") => text("opened"),
        (_, "said") => text("on-topic"),
        (_, "span") => text("../.."),
        (_, "format") => text("atom"),
        (_, "scope") => text("read"),
        (_, "line") => text("event"),
        (_, "facet") => text("lang"),
        (_, "lang") | ("event_facet", "value") => text("en"),
        (_, "domain" | "host") => Value::Text(format!("{n}.example")),
        (_, "url" | "declared_url" | "link" | "callback" | "base") => {
            Value::Text(format!("https://{n}.example/{table}"))
        }
        ("vapid", "secret") => text("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"),
        (_, "secret") => text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        (_, "keys" | "key") => Value::Blob(u128::to_be_bytes(u128::from(n.unsigned_abs())).to_vec()),
        ("notification", "id") => Value::Text(format!("msg_{n}")),
        ("notification", "body") => Value::Text(format!("{{\"n\":{n}}}")),
        (_, "hash" | "token_hash") => Value::Blob(vec![u8::try_from(n).unwrap(); 32]),
        ("meaning", "vector") => Value::Blob(vec![7; 512]),
        ("source", "pace") | ("market", "bytes") | ("relevance", "weights") => Value::Blob(Vec::new()),
        // Flags.
        (_, "retired" | "full_text" | "moved" | "beside" | "by_operator" | "emptied" | "aside" | "slow") => {
            Value::Integer(0)
        }
        ("audience", "told") | (_, "revision" | "number") => Value::Integer(1),
        (_, "text_dropped" | "step" | "verify" | "tell" | "failures") => Value::Integer(0),
        _ if !column.must && column.kind != "INTEGER" && !second => Value::Null,
        _ => match column.kind.as_str() {
            "INTEGER" if name.ends_with("_ms") => Value::Integer(1_700_000_000_000 + n),
            "INTEGER" => Value::Integer(n),
            "REAL" => Value::Real(0.5),
            "BLOB" => Value::Blob(vec![1, 2, 3]),
            _ => Value::Text(format!("{name} {n}")),
        },
    }
}

/// The file as the daemon of schema `version` would have left it, with rows in every table.
fn write(path: &Path, version: usize) {
    let db = Connection::open(path).unwrap();
    db.execute_batch("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF").unwrap();
    for sql in &MIGRATIONS[..version] {
        db.execute_batch(sql).unwrap();
    }
    for table in tables(&db) {
        // Triggers have filled it.
        if table == "event_change" {
            continue;
        }
        let columns = columns(&db, &table);
        let rows = if table == "market" || table == "vapid" { 1 } else { ROWS };
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO {table} ({}) VALUES ({marks})", names.join(", "));
        for n in 1..=rows {
            let values = columns.iter().map(|column| value(&table, column, n));
            db.execute(&sql, params_from_iter(values)).unwrap_or_else(|why| panic!("{table} of {version}: {why}"));
        }
    }
    db.pragma_update(None, "application_id", 0x7469_6469).unwrap();
    db.pragma_update(None, "user_version", i64::try_from(version).unwrap()).unwrap();
}

/// A table's rows: of each, its columns by name.
type Rows = Vec<BTreeMap<String, Value>>;

fn dump(path: &Path) -> BTreeMap<String, Rows> {
    let db = Connection::open(path).unwrap();
    let read = |table: &String| {
        let columns = columns(&db, table);
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let names_text = names.join(", ");
        let mut all = db.prepare(&format!("SELECT {names_text} FROM {table} ORDER BY {names_text}")).unwrap();
        let row = |row: &rusqlite::Row<'_>| {
            names.iter().enumerate().map(|(at, name)| Ok(((*name).to_owned(), row.get(at)?))).collect()
        };
        all.query_map([], row).unwrap().map(Result::unwrap).collect()
    };
    tables(&db).iter().map(|table| (table.clone(), read(table))).collect()
}

/// What a migration changes on purpose, under the old name.
fn is_changed(table: &str, column: &str) -> bool {
    // Schema 3 asks for registered domains, 6 calls the operator's decisions otherwise (7: `beside`).
    matches!((table, column), ("source" | "article", "host" | "domain") | ("decision", "by_operator"))
        // An index of stories that wait for theirs.
        || table == "unindexed"
}

#[test]
fn whatever_a_schema_so_far_held_is_there_after_the_migrations() {
    let folder = tempfile::tempdir().unwrap();
    for version in 1..=MIGRATIONS.len() {
        let path = folder.path().join(format!("schema-{version}.db"));
        write(&path, version);
        let before = dump(&path);
        drop(SqliteStore::open(&path).unwrap());
        let after = dump(&path);
        for (table, rows) in &before {
            if table == "unindexed" {
                continue;
            }
            let now = &after[table];
            assert_eq!(now.len(), rows.len(), "rows of {table} of schema {version}");
            for (old, new) in rows.iter().zip(now) {
                for (column, old) in old.iter().filter(|(column, _)| !is_changed(table, column)) {
                    assert_eq!(new.get(column), Some(old), "{table}.{column} of schema {version}");
                }
            }
        }
    }
}

#[test]
fn a_store_of_any_schema_so_far_is_read_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for version in 1..=MIGRATIONS.len() {
        let path = folder.path().join(format!("schema-{version}.db"));
        write(&path, version);
        let mut store = SqliteStore::open(&path).unwrap();
        let said = |what: &str| format!("{what} of schema {version}");
        assert!(store.check(Duration::from_mins(1)).unwrap().is_empty(), "{}", said("the structure"));

        let epoch = Timestamp::UNIX_EPOCH;
        let stories = store.stories_since(epoch, StoryId(0), 9).unwrap();
        assert_eq!(stories.iter().map(|s| s.draft.title.as_str()).collect::<Vec<_>>(), ["title 1", "title 2"]);
        assert_eq!(stories[1].draft.keys, [EntryKey(2)], "{}", said("keys"));
        for story in &stories {
            let (revisions, decisions) = store.history(story.id).unwrap();
            assert_eq!((revisions.len(), decisions.len()), (1, 1), "{}", said("history"));
            assert_eq!(decisions[0].reasons[0].text, "it matches");
            assert!(store.explain(story.id).unwrap().is_some());
        }
        let events = store.all_events(epoch, EventId(0), 9).unwrap();
        assert_eq!(events.iter().map(|e| e.title.as_str()).collect::<Vec<_>>(), ["title 1", "title 2"]);
        let told = store.all_notifications(epoch, Sequence(0), 9).unwrap();
        assert_eq!(told.iter().map(|(_, n)| n.body.as_str()).collect::<Vec<_>>(), ["{\"n\":1}", "{\"n\":2}"]);
        let deliveries = store.all_deliveries(epoch, DeliveryId(0), 9).unwrap();
        assert_eq!(
            deliveries.iter().map(|d| (d.state, d.attempts.len())).collect::<Vec<_>>(),
            [(DeliveryState::Pending, 1), (DeliveryState::Delivered, 1)],
            "{}",
            said("deliveries")
        );
        assert_eq!(store.sources(Listed::All).unwrap().len(), 2);
        assert_eq!(store.topics().unwrap().len(), 2);
        let versions = store.topic_versions(&TopicKey::parse("moon").unwrap(), None, 9).unwrap();
        assert_eq!(versions.len(), 1, "{}", said("versions of a topic"));
        let subscriptions = store.subscriptions().unwrap();
        let endpoint = subscriptions[0].spec.endpoint.url().unwrap().to_string();
        assert_eq!((subscriptions.len(), endpoint.as_str()), (2, "https://1.example/subscription"));
        assert_eq!(store.search("title", 9).unwrap().len(), 2, "{}", said("the words"));
        rest(&mut store);

        let now = Timestamp::from_millisecond(1_800_000_000_000).unwrap();
        let claims = ClaimSources {
            now,
            lease_until: now,
            limit: 9,
            per_domain: 9,
            slow_domains: 9,
            except_domains: Vec::new(),
            only: None,
        };
        assert_eq!(store.claim_sources(&claims).unwrap().len(), 2, "{}", said("sources that are due"));
        let claims = ClaimDeliveries {
            now,
            lease_until: now,
            limit: 9,
            unproved_limit: 9,
            slow_limit: 9,
            answers: std::sync::Arc::default(),
            per_subscription: 9,
            in_flight: BTreeMap::new(),
            eased: BTreeMap::new(),
            settling: 0,
        };
        assert_eq!(store.claim_deliveries(&claims).unwrap().len(), 1, "{}", said("deliveries that are due"));
    }
}

/// What newer schemas brought can be asked for, whatever is in it.
fn rest(store: &mut SqliteStore) {
    store.labels(0, 9).unwrap();
    store.channels().unwrap();
    store.market().unwrap();
    store.relevances().unwrap();
    store.vapid_key().unwrap();
    store.followers().unwrap();
    store.tokens().unwrap();
    store.overview().unwrap();
    store.pauses(Timestamp::UNIX_EPOCH).unwrap();
    store.counts().unwrap();
    store.index_seed(Timestamp::UNIX_EPOCH).unwrap();
}

/// The store's files as a kill leaves them: what was written so far, by whatever transaction.
fn as_killed(from: &Path, to: &Path) {
    for end in ["", "-wal"] {
        let name = |path: &Path| format!("{}{end}", path.display());
        if Path::new(&name(from)).exists() {
            std::fs::copy(name(from), name(to)).unwrap();
        }
    }
}

#[test]
fn a_kill_in_the_middle_of_a_migration_leaves_the_schema_before_it_whole() {
    let folder = tempfile::tempdir().unwrap();
    for (version, next) in MIGRATIONS.iter().enumerate().skip(1) {
        let path = folder.path().join(format!("from-{version}.db"));
        write(&path, version);
        let whole = dump(&path);
        let db = Connection::open(&path).unwrap();
        // So little memory that a transaction is written to the log before it is committed.
        db.execute_batch("PRAGMA cache_size = 2; PRAGMA cache_spill = 2; BEGIN IMMEDIATE").unwrap();
        let mut steps = Batch::new(&db, next);
        let mut done = 0;
        while let Some(mut step) = steps.next().unwrap() {
            step.raw_execute().map(drop).unwrap();
            done += 1;
        }
        db.pragma_update(None, "user_version", i64::try_from(version + 1).unwrap()).unwrap();
        let killed = folder.path().join(format!("killed-{version}.db"));
        as_killed(&path, &killed);
        assert_eq!(dump(&killed), whole, "schema {version} after {done} statements of the next, uncommitted");
        drop(SqliteStore::open(&killed).unwrap());
        assert!(dump(&killed).len() >= whole.len());
    }
}
