//! Opening: whose file it is, how the connection is set, and the migrations, forward only.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::fs::Access;

use super::channel::token_hash;
use super::db::{Db, Identity, Seal};
use super::fault::{DAMAGED, is_passing, passing_words};
use super::key::SealKeys;
use super::upkeep;
use crate::model::WebUrl;
use crate::port::StoreError;
use crate::url::registrable;

/// The end of the name under which a checked copy waits to take the file's place.
pub(super) const RESTORING: &str = ".restoring";

/// Marks a SQLite file as ours: the letters "tidi".
const APPLICATION_ID: i64 = 0x7469_6469;

/// How long a statement waits for another process's lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is said of damage that a look at the whole file doesn't find.
pub(super) const PASSING_DAMAGE: &str = "the disk failed within a look, and the file is whole";

/// Looks at a file that seems damaged.
const LOOKS_MAX: u32 = 4;
/// How long one of them may take, on the thread of the store: the watchdog waits for no more than thirty seconds.
const CHECK_PATIENCE: Duration = Duration::from_secs(10);

/// Room for this connection's prepared statements: all verbs together have fewer.
const STATEMENTS: usize = 192;

/// The migrations in order: the file's `user_version` counts those done.
pub(super) const MIGRATIONS: [&str; 28] = [
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
    include_str!("migrations/0023_retention.sql"),
    include_str!("migrations/0024_told.sql"),
    include_str!("migrations/0025_order.sql"),
    include_str!("migrations/0026_retired.sql"),
    include_str!("migrations/0027_counted.sql"),
    include_str!("migrations/0028_patience.sql"),
    include_str!("migrations/0029_walks.sql"),
];

/// Durable at each commit; a cache of 8 MB (the kernel has all of the file that is in use: with 16 MB a round over 1,000 or 5,000 new feeds takes
/// as long); a log that is copied into the file from 4,000 pages (16 MB) on, so that a page that changes often is copied once, and shrinks to
/// 64 MiB again after a large transaction.
const SETTINGS: &str = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000;
    PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;";

/// A reader forgets what it has cached with each commit of the writer: little is worth keeping.
const OF_READER: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -4000;";

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
    // SQLite is content with a file that it can only read, until something is written.
    if purpose == Use::Write && db.is_readonly(rusqlite::MAIN_DB).is_ok_and(|is_readonly| is_readonly) {
        let why = obstacle(path).unwrap_or_else(|| "it can only be read".to_owned());
        return Err(StoreError::Open { path: path.display().to_string(), why });
    }
    match purpose {
        Use::Write => ready_writer(&db, path)?,
        Use::Read => ready_reader(&db, path)?,
    }
    let found = Seal::find(&db, keys).map_err(|e| refused(path, &e))?;
    let seal = found.map_err(|why| StoreError::Sealed { why: format!("open {}: {why}", path.display()) })?;
    Ok(Db { connection: db, seal, identity: Identity::at(path) })
}

/// Opens the file again after the disk failed under it: what fails now may still pass, also what seems to be damage.
pub(super) fn again(path: &Path, purpose: Use, keys: &SealKeys) -> Result<Db, StoreError> {
    const VERB: &str = "reopen";
    file(path, purpose, keys).map_err(|error| {
        if let StoreError::Open { path, why } = error {
            return StoreError::Busy { verb: VERB, why: format!("{path}: {why}") };
        }
        if matches!(error, StoreError::Damaged { .. }) && is_whole(path, keys) {
            return StoreError::Busy { verb: VERB, why: PASSING_DAMAGE.to_owned() };
        }
        error
    })
}

/// Sees that a file is a store of ours, which an empty one isn't, and no newer than this tidings.
pub(super) fn recognize(path: &Path) -> Result<(), StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let stamp = Connection::open_with_flags(path, flags).and_then(|db| Stamp::read(&db));
    let stamp = stamp.map_err(|e| refused(path, &e))?;
    if stamp.is_new() {
        return Err(StoreError::Open { path: path.display().to_string(), why: "it is empty".to_owned() });
    }
    stamp.check(path)
}

/// Whether a file that a connection called damaged may be whole, by others' looks at all of it.
///
/// SQLite calls a read damage that the disk failed (EIO), wherever that was: so a look may fail as well. Against the file speak only the same
/// complaints twice, none of a read that failed, or damage at each look while the disk gives all that is in it. A look that was not
/// to be had, or took too long, says nothing.
pub(super) fn is_whole(path: &Path, keys: &SealKeys) -> bool {
    let mut before = None;
    for _ in 0..LOOKS_MAX {
        match file(path, Use::Read, keys).map(|mut db| upkeep::check(&mut db.connection, CHECK_PATIENCE)) {
            Ok(Ok(complaints)) if complaints.is_empty() || complaints.iter().any(|said| upkeep::is_of_read(said)) => {
                return true;
            }
            Ok(Ok(complaints)) if before.as_ref() == Some(&complaints) => return false,
            Ok(Ok(complaints)) => before = Some(complaints),
            Ok(Err(fault)) if !fault.is_damage() => return true,
            Ok(Err(_)) | Err(StoreError::Damaged { .. }) => {}
            Err(_) => return true,
        }
    }
    !is_readable(path)
}

/// Database files that were read beside SQLite. They stay open for as long as the process lives: to close one would give up all locks that
/// the process has on it, as POSIX has it.
static READ: Mutex<BTreeMap<PathBuf, File>> = Mutex::new(BTreeMap::new());

/// Whether the disk gives all that is in a file, whatever that is.
fn is_readable(path: &Path) -> bool {
    let mut files = READ.lock().unwrap_or_else(PoisonError::into_inner);
    let read = |file: &File| {
        let (mut at, mut buffer) = (0, vec![0; 1 << 16]);
        loop {
            match file.read_at(&mut buffer, at) {
                Ok(0) => return true,
                Ok(bytes) => at += u64::try_from(bytes).unwrap_or_default(),
                Err(why) if why.kind() == ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    };
    // The log has no locks of its own.
    let log = File::open(beside(path, "-wal"));
    let is_log_readable = log.map_or_else(|why| why.kind() == ErrorKind::NotFound, |log| read(&log));
    let file = match files.entry(path.to_owned()) {
        Entry::Occupied(open) => open.into_mut(),
        Entry::Vacant(free) => match File::open(path) {
            Ok(file) => free.insert(file),
            Err(_) => return false,
        },
    };
    is_log_readable && read(file)
}

/// Opens a store that lives as long as the connection.
pub(super) fn memory() -> Result<Db, StoreError> {
    let path = Path::new(":memory:");
    let db = Connection::open_in_memory().map_err(|e| refused(path, &e))?;
    ready_writer(&db, path)?;
    Ok(Db { connection: db, seal: Seal::Clear, identity: None })
}

/// Makes the folder and an empty file that only its owner may read: subscriptions' secrets stand in it.
fn make(path: &Path) -> Result<(), StoreError> {
    let failed = |why: std::io::Error| StoreError::Open { path: path.display().to_string(), why: why.to_string() };
    if beside(path, RESTORING).exists() {
        let why = "a restore was interrupted before it was whole; run `tidings restore COPY` again".to_owned();
        return Err(StoreError::Open { path: path.display().to_string(), why });
    }
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(made) => {
            let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
            hand_over(&made, folder);
            Ok(())
        }
        Err(why) if why.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(why) => Err(failed(why)),
    }
}

/// Gives what root has made the owner of `like`: a daemon of another user has to open it. Root that may not do so keeps it.
///
/// By the open file, not by its name: whose folder it is could put a link to a file of root's there meanwhile.
pub(super) fn hand_over(made: &File, like: &Path) {
    let (Ok(made_by), Ok(owner)) = (made.metadata(), fs::metadata(like)) else { return };
    if made_by.uid() == 0 && owner.uid() != 0 {
        fchown(made, Some(owner.uid()), Some(owner.gid())).ok();
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
        // Versions only grow: who finds the newest finds all done.
        if stamp.version < known() {
            migrate(db, &MIGRATIONS)?;
        }
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
    db.execute_batch(SETTINGS).and_then(|()| db.execute_batch(OF_READER)).map_err(|e| refused(path, &e))
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

/// The file with this at the end of its name.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn refused(path: &Path, error: &rusqlite::Error) -> StoreError {
    let name = path.display().to_string();
    if is_passing(error) {
        return StoreError::Busy { verb: "open the store", why: passing_words(error, Some(path)) };
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::Damaged {
            path: name,
            why: format!("it is no SQLite file, or its beginning is damaged: {DAMAGED}"),
        },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path: name, why: format!("{error}: {DAMAGED}") },
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            StoreError::Open { path: name, why: obstacle(path).unwrap_or_else(|| error.to_string()) }
        }
        Some(_) | None => StoreError::Open { path: name, why: error.to_string() },
    }
}

/// What stands in the way of a file that can't be opened or written, and what to do.
fn obstacle(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for (place, what) in [(folder, "folder"), (path, "file")] {
        let found = match fs::metadata(place) {
            Ok(found) => found,
            Err(why) => return Some(format!("{}: {why}", place.display())),
        };
        if what == "file" && found.is_dir() {
            return Some("it is a folder; name the file in it under storage.path".to_owned());
        }
        let owner = found.uid();
        if let Err(why) = write_to(place, found.is_dir()) {
            let name = place.display();
            if why.kind() == ErrorKind::PermissionDenied {
                return Some(format!(
                    "the {what} {name} belongs to user {owner} and tidings may not write there; \
                     give it to the user that tidings runs as: chown -R USER {}",
                    folder.display()
                ));
            }
            if why.kind() == ErrorKind::ReadOnlyFilesystem {
                return Some(format!("{name} is on a file system that is mounted read-only"));
            }
            return Some(format!("{name}: {why}"));
        }
    }
    None
}

/// Whether a file can be written, or a folder take a file. Asked, not tried: to open the database's file and close it again would
/// give up all locks that this process has on it, as POSIX has it, and with them the log to whoever looks at the store next.
fn write_to(place: &Path, is_folder: bool) -> std::io::Result<()> {
    let wanted = if is_folder { Access::WRITE_OK | Access::EXEC_OK } else { Access::WRITE_OK };
    Ok(rustix::fs::access(place, wanted)?)
}
