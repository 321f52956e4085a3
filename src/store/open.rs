//! Opening: whose file it is, how the connection is set, and the migrations, forward only.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::channel::token_hash;
use super::db::{Db, Seal};
use super::fault::DAMAGED;
use super::key::SealKeys;
use crate::model::WebUrl;
use crate::port::StoreError;
use crate::url::registrable;

/// Marks a SQLite file as ours: the letters "tidi".
const APPLICATION_ID: i64 = 0x7469_6469;

/// How long a statement waits for another process's lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// Room for this connection's prepared statements: all verbs together have fewer.
const STATEMENTS: usize = 192;

/// The migrations in order: the file's `user_version` counts those done.
const MIGRATIONS: [&str; 21] = [
    include_str!("migrations/0001_house.sql"),
    include_str!("migrations/0002_schedule.sql"),
    include_str!("migrations/0003_politeness.sql"),
    include_str!("migrations/0004_push.sql"),
    include_str!("migrations/0005_remembered.sql"),
    include_str!("migrations/0006_labels.sql"),
    include_str!("migrations/0007_meanings.sql"),
    include_str!("migrations/0008_merges.sql"),
    include_str!("migrations/0009_readings.sql"),
    include_str!("migrations/0010_topics.sql"),
    include_str!("migrations/0011_web_push.sql"),
    include_str!("migrations/0012_log.sql"),
    include_str!("migrations/0013_signatures.sql"),
    include_str!("migrations/0014_health.sql"),
    include_str!("migrations/0015_wants.sql"),
    include_str!("migrations/0016_formats.sql"),
    include_str!("migrations/0017_hub.sql"),
    include_str!("migrations/0018_tokens.sql"),
    include_str!("migrations/0019_topic_versions.sql"),
    include_str!("migrations/0021_pages.sql"),
    include_str!("migrations/0022_seal.sql"),
];

/// Durable at each commit; a cache of 16 MB (the kernel has the rest of a larger file); a log that is copied into the file from 4,000 pages (16 MB) on, so that a
/// page that changes often is copied once, and shrinks to 64 MiB again after a large transaction.
const SETTINGS: &str = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000;
    PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;";

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// All verbs; the file is made and migrated.
    Write,
    /// Reading beside a writer.
    Read,
}

/// Opens the file for `purpose`.
pub(super) fn file(path: &Path, purpose: Use, keys: &SealKeys) -> Result<Db, StoreError> {
    if purpose == Use::Write {
        make(path)?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags).map_err(|e| refused(path, &e))?;
    match purpose {
        Use::Write => ready_writer(&db, path)?,
        Use::Read => ready_reader(&db, path)?,
    }
    let found = Seal::find(&db, keys).map_err(|e| refused(path, &e))?;
    let seal = found.map_err(|why| StoreError::Sealed { why: format!("open {}: {why}", path.display()) })?;
    Ok(Db { connection: db, seal })
}

/// Opens a store that lives as long as the connection.
pub(super) fn memory() -> Result<Db, StoreError> {
    let path = Path::new(":memory:");
    let db = Connection::open_in_memory().map_err(|e| refused(path, &e))?;
    ready_writer(&db, path)?;
    Ok(Db { connection: db, seal: Seal::Clear })
}

/// Makes the folder and an empty file that only its owner may read: subscriptions' secrets stand in it.
fn make(path: &Path) -> Result<(), StoreError> {
    let failed = |why: std::io::Error| StoreError::Open { path: path.display().to_string(), why: why.to_string() };
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => Ok(()),
        Err(why) if why.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(why) => Err(failed(why)),
    }
}

fn ready_writer(db: &Connection, path: &Path) -> Result<(), StoreError> {
    let done = (|| {
        prepare(db)?;
        let stamp = Stamp::read(db)?;
        if stamp.is_new() {
            // Must stand before the first page is written.
            db.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")?;
        }
        Ok(stamp)
    })();
    let stamp: Stamp = done.map_err(|e| refused(path, &e))?;
    if !stamp.is_new() {
        stamp.check(path)?;
    }
    (|| {
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        db.execute_batch(SETTINGS)?;
        migrate(db, &MIGRATIONS)?;
        name_domains(db)?;
        hash_tokens(db)
    })()
    .map_err(|e| refused(path, &e))
}

fn ready_reader(db: &Connection, path: &Path) -> Result<(), StoreError> {
    let stamp = prepare(db).and_then(|()| Stamp::read(db)).map_err(|e| refused(path, &e))?;
    stamp.check(path)?;
    if stamp.version < known() {
        let why = format!(
            "it has schema version {}, this tidings reads {}; start the daemon once to bring it up to date",
            stamp.version,
            known()
        );
        return Err(StoreError::Open { path: path.display().to_string(), why });
    }
    db.execute_batch(SETTINGS).and_then(|()| db.execute_batch("PRAGMA query_only = ON")).map_err(|e| refused(path, &e))
}

fn prepare(db: &Connection) -> rusqlite::Result<()> {
    db.set_prepared_statement_cache_capacity(STATEMENTS);
    // Else SQLite plans a statement anew each time a value is bound that might change its plan: any in a LIMIT, and many that a column
    // without an index is compared with. It was 29 % of the reader's time and 12 % of the writer's while tests were made over the API.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.busy_timeout(PATIENCE)
}

/// The newest schema version known.
fn known() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// What a file says of itself.
struct Stamp {
    application: i64,
    version: i64,
    objects: i64,
}

impl Stamp {
    fn read(db: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            application: db.pragma_query_value(None, "application_id", |row| row.get(0))?,
            version: db.pragma_query_value(None, "user_version", |row| row.get(0))?,
            objects: db.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?,
        })
    }

    fn is_new(&self) -> bool {
        self.application == 0 && self.version == 0 && self.objects == 0
    }

    fn check(&self, path: &Path) -> Result<(), StoreError> {
        let path = path.display().to_string();
        if self.application != APPLICATION_ID {
            let why = format!(
                "it is the SQLite file of another program (application id {:#x}, expected {APPLICATION_ID:#x}) and is \
                 left alone; name another path under [storage]",
                self.application
            );
            return Err(StoreError::Open { path, why });
        }
        if self.version > known() {
            return Err(StoreError::Newer { path, found: self.version, known: known() });
        }
        Ok(())
    }
}

/// Does the migrations that are not done, each in a transaction of its own.
fn migrate(db: &Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    for (index, sql) in (0_i64..).zip(migrations) {
        let tx = rusqlite::Transaction::new_unchecked(db, rusqlite::TransactionBehavior::Immediate)?;
        // Asked under the lock: another process may have been here first.
        let done: i64 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if done <= index {
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "application_id", APPLICATION_ID)?;
            tx.pragma_update(None, "user_version", index + 1)?;
        }
        tx.commit()?;
    }
    Ok(())
}

/// Names the registered domain where it is not known yet: what SQL can't tell a migration leaves empty.
fn name_domains(db: &Connection) -> rusqlite::Result<()> {
    const UNNAMED: [(&str, &str); 2] = [
        ("SELECT id, url FROM source WHERE domain = ''", "UPDATE source SET domain = ?2 WHERE id = ?1"),
        ("SELECT story, url FROM article WHERE domain = ''", "UPDATE article SET domain = ?2 WHERE story = ?1"),
    ];
    let tx = rusqlite::Transaction::new_unchecked(db, rusqlite::TransactionBehavior::Immediate)?;
    for (unnamed, name) in UNNAMED {
        let rows: Vec<(i64, String)> =
            tx.prepare(unnamed)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let mut named = tx.prepare(name)?;
        for (id, url) in rows {
            // An address that can't be read is never polled: it is its own domain.
            let domain = WebUrl::parse(&url).map_or(url, |url| registrable(url.host_text()).to_owned());
            named.execute(rusqlite::params![id, domain])?;
        }
    }
    tx.commit()
}

/// Hashes the tokens of channels that were begun when they were found by the token itself.
fn hash_tokens(db: &Connection) -> rusqlite::Result<()> {
    const UNHASHED: &str = "SELECT id, token FROM channel WHERE token_hash IS NULL";
    const HASH: &str = "UPDATE channel SET token_hash = ?2 WHERE id = ?1";
    let tx = rusqlite::Transaction::new_unchecked(db, rusqlite::TransactionBehavior::Immediate)?;
    let rows: Vec<(i64, String)> =
        tx.prepare(UNHASHED)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (id, token) in rows {
        tx.execute(HASH, rusqlite::params![id, token_hash(&token)])?;
    }
    tx.commit()
}

fn refused(path: &Path, error: &rusqlite::Error) -> StoreError {
    let code = error.sqlite_error_code();
    let why = if code == Some(ErrorCode::NotADatabase) {
        "it is no SQLite file, or its beginning is damaged; it is left alone: name another path under [storage], or put \
         a copy made by `tidings backup` in its place"
            .to_owned()
    } else if code == Some(ErrorCode::DatabaseCorrupt) {
        format!("{error}: {DAMAGED}")
    } else {
        error.to_string()
    };
    StoreError::Open { path: path.display().to_string(), why }
}
