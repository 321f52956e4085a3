//! Putting a copy in the place of the store's file: whole or not at all, and nothing is destroyed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};
use rustix::fs::{Mode, OFlags};

use super::fault::Fault;
use super::key::SealKeys;
use super::open::{self, RESTORING, Use, beside};
use super::upkeep;
use crate::port::StoreError;

/// What SQLite keeps beside its file: the log, and its index.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// Opens the lock file beside the store's, made where there is none; root gives what it made the owner of the store's file, else of its
/// folder.
///
/// # Errors
/// When it can't be opened, or a link stands in its place.
pub fn open_lock(path: &Path) -> io::Result<File> {
    let name = lock_name(path);
    match OpenOptions::new().write(true).create_new(true).open(&name) {
        Ok(made) => {
            open::hand_over(&made, owner_of(path));
            Ok(made)
        }
        Err(why) if why.kind() == ErrorKind::AlreadyExists => open_itself(&name, OFlags::WRONLY),
        Err(why) => Err(why),
    }
}

/// Opens what stands under this name, and nothing that it links to; nor does it wait for somebody at the other end of a pipe. The folder
/// is its owner's, who may not be who asks.
fn open_itself(name: &Path, flags: OFlags) -> io::Result<File> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(rustix::fs::open(name, flags, Mode::empty())?.into())
}

/// The lock file beside the store's.
pub fn lock_name(path: &Path) -> PathBuf {
    beside(path, ".lock")
}

/// Who is to own what is made in the place of the file, or beside it: as the file's owner, else as the folder's.
fn owner_of(path: &Path) -> &Path {
    if path.exists() { path } else { folder_of(path) }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What a restore came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the file is that was there before; `None` where there was none.
    pub replaced: Option<PathBuf>,
    /// Stories in what is there now.
    pub stories: u64,
    /// When the last of them was seen.
    pub last_story_at: Option<Timestamp>,
}

/// Puts `copy` in the place of the store `into`. The copy is copied, brought up to date and checked first; then the file that is
/// there is given another name beside it (with its companions), and the checked copy its place.
///
/// Whoever calls this holds the daemon's lock. A kill in between leaves either the old file, or none and a checked copy that
/// [`super::SqliteStore::open`] refuses to overlook; the restore is done again then.
///
/// # Errors
/// When the copy is no store of ours, damaged, newer than this tidings, or can't be copied: nothing has changed then.
pub fn restore(copy: &Path, into: &Path, now: Timestamp) -> Result<Restored, StoreError> {
    let failed = |what: &Path, why: &io::Error| StoreError::Open {
        path: what.display().to_string(),
        why: format!("restore: {why}"),
    };
    let part = beside(into, ".restore-part");
    let checked = duplicate(copy, &part).map_err(|why| failed(copy, &why)).and_then(|()| check(&part, copy, into));
    let (stories, last_story_at) = match checked {
        Ok(found) => found,
        Err(error) => {
            forget(&part);
            return Err(error);
        }
    };
    let ready = beside(into, RESTORING);
    let swap = || -> io::Result<Option<PathBuf>> {
        let made = open_itself(&part, OFlags::RDONLY)?;
        let found = made.metadata()?;
        if !found.is_file() || found.nlink() != 1 {
            return Err(io::Error::other(format!("{} is no longer what was written there", part.display())));
        }
        open::hand_over(&made, owner_of(into));
        made.sync_all()?;
        fs::rename(&part, &ready)?;
        sync_folder(into)?;
        let replaced = set_aside(into, now)?;
        fs::rename(&ready, into)?;
        sync_folder(into)?;
        Ok(replaced)
    };
    let replaced = swap().map_err(|why| failed(into, &why))?;
    Ok(Restored { replaced, stories, last_story_at })
}

/// Copies the file, and the log beside it, if it has one.
fn duplicate(from: &Path, to: &Path) -> io::Result<()> {
    if !fs::metadata(from)?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is no file"));
    }
    forget(to);
    for end in ["", "-wal"] {
        let mut source = match File::open(beside(from, end)) {
            Ok(source) => source,
            Err(why) if why.kind() == ErrorKind::NotFound && !end.is_empty() => continue,
            Err(why) => return Err(why),
        };
        let mut made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside(to, end))?;
        io::copy(&mut source, &mut made)?;
        made.sync_all()?;
    }
    Ok(())
}

/// Checks the part and brings it up to date; afterwards it is one file. What is wrong is told under the copy's own name.
fn check(part: &Path, copy: &Path, into: &Path) -> Result<(u64, Option<Timestamp>), StoreError> {
    let name = || copy.display().to_string();
    let as_copy = |error: StoreError| match error {
        StoreError::Open { why, .. } => StoreError::Open { path: name(), why },
        StoreError::Newer { found, known, .. } => StoreError::Newer { path: name(), found, known },
        StoreError::Damaged { .. } => StoreError::Damaged { path: name(), why: NO_COPY.to_owned() },
        StoreError::Busy { .. }
        | StoreError::Taken { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Overtaken { .. }
        | StoreError::Sealed { .. }
        | StoreError::Refused { .. } => error,
    };
    open::recognize(part).map_err(as_copy)?;
    // Its secrets stay as they are, sealed or not.
    let db = open::file(part, Use::Write, &SealKeys::default()).map_err(as_copy)?;
    let complaints = upkeep::whole_check(&db).map_err(|fault| as_copy(fault.of("restore", Some(copy))))?;
    if let Some(first) = complaints.first() {
        let why = format!("{NO_COPY}; it says: {first} ({} complaints)", complaints.len());
        return Err(StoreError::Damaged { path: name(), why });
    }
    let counted = (|| {
        // The log goes into the file, and leaves with the last connection.
        // Not before the copy is known to be good: a look may leave an empty log beside the file.
        raise(&db, last_given(into))?;
        db.pragma_update_and_check(None, "wal_checkpoint", "TRUNCATE", |_| Ok(()))?;
        db.query_row("SELECT count(*), max(seen_at_ms) FROM story", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
        })
    })();
    let (stories, last): (i64, Option<i64>) = counted.map_err(|error| Fault::Sql(error).of("restore", Some(copy)))?;
    drop(db);
    let last = last.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    Ok((u64::try_from(stories).unwrap_or_default(), last))
}

/// The largest numbers that a store gave: to a notification, and to an event.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    notification: i64,
    event: i64,
}

impl Numbers {
    fn read(db: &Connection) -> rusqlite::Result<Self> {
        const SQL: &str = "SELECT
            max(coalesce((SELECT max(num) FROM notification), 0),
                coalesce((SELECT value FROM counter WHERE name = 'notification_floor'), 0)),
            max(coalesce((SELECT max(id) FROM event), 0),
                coalesce((SELECT value FROM counter WHERE name = 'event_floor'), 0))";
        db.query_row(SQL, [], |row| Ok(Self { notification: row.get(0)?, event: row.get(1)? }))
    }
}

/// What the store that is replaced gave; `None` where there is none that can be read. Nothing is written to it.
fn last_given(into: &Path) -> Option<Numbers> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(into, flags).and_then(|db| Numbers::read(&db)).ok()
}

/// Numbers that were given since the copy was made are not given again: who holds one as a place in the log would take what comes after
/// for what he has. They begin well beyond, so that he is told of the gap.
fn raise(db: &Connection, given: Option<Numbers>) -> rusqlite::Result<()> {
    const SQL: &str =
        "INSERT OR REPLACE INTO counter (name, value) VALUES ('notification_floor', ?1), ('event_floor', ?2)";
    let own = Numbers::read(db)?;
    let step = if given.is_some() { STEP } else { STEP_BLIND };
    let beyond = |own: i64, given: Option<i64>| own.max(given.unwrap_or_default()).saturating_add(step);
    let notification = beyond(own.notification, given.map(|given| given.notification));
    db.execute(SQL, [notification, beyond(own.event, given.map(|given| given.event))]).map(drop)
}

/// Beyond the numbers that are known to be given, a restore leaves out so many; where they aren't known, more than are given in years.
const STEP: i64 = 1_000;
const STEP_BLIND: i64 = 10_000_000;

/// Said of a copy that is damaged itself.
const NO_COPY: &str = "the copy is damaged or no database at all; nothing was changed: try an older copy";

/// Gives the file and its companions other names, of the moment; none that is there is overwritten.
fn set_aside(into: &Path, now: Timestamp) -> io::Result<Option<PathBuf>> {
    let stamp = now.strftime("%Y-%m-%dT%H-%M-%SZ");
    let free = |n: u32| {
        let again = if n == 0 { String::new() } else { format!(".{n}") };
        let name = beside(into, &format!(".replaced-{stamp}{again}"));
        let is_free = std::iter::once("").chain(COMPANIONS).all(|end| !beside(&name, end).exists());
        is_free.then_some(name)
    };
    let Some(aside) = (0..1_000).find_map(free) else {
        return Err(io::Error::new(ErrorKind::AlreadyExists, "there are too many replaced files of this second"));
    };
    let mut moved = false;
    for end in std::iter::once("").chain(COMPANIONS) {
        match fs::rename(beside(into, end), beside(&aside, end)) {
            Ok(()) => moved = true,
            Err(why) if why.kind() == ErrorKind::NotFound => {}
            Err(why) => return Err(why),
        }
    }
    Ok(moved.then_some(aside))
}

/// Removes a copy that is of no use; what can't be removed is overwritten next time, or in the way then.
fn forget(part: &Path) {
    for end in std::iter::once("").chain(COMPANIONS) {
        fs::remove_file(beside(part, end)).ok();
    }
}

/// Makes renames in the file's folder last.
fn sync_folder(file: &Path) -> io::Result<()> {
    File::open(folder_of(file))?.sync_all()
}
