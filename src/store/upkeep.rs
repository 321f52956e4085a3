//! Upkeep: copies, and the database's own checks.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode};

use super::fault::Fault;
use super::line;

/// Ends every lease.
pub(super) fn release_leases(db: &Connection, now: Timestamp) -> Result<(), Fault> {
    const SOURCES: &str = "UPDATE source SET lease_until_ms = 0 WHERE lease_until_ms > 0";
    const ARTICLES: &str = "UPDATE article SET lease_until_ms = 0 WHERE lease_until_ms > 0";
    const DELIVERIES: &str = "UPDATE delivery SET lease_until_ms = 0 WHERE state = 'pending' AND lease_until_ms > 0";
    for sql in [SOURCES, ARTICLES, DELIVERIES] {
        db.prepare_cached(sql)?.execute([])?;
    }
    line::offer_paced(db, now)
}

/// Writes a consistent copy: made under another name, flushed to disk, then given its own.
pub(super) fn backup(db: &Connection, file: &Path) -> Result<(), Fault> {
    let failed = |why: std::io::Error| Fault::Refused(format!("write {}: {why}", file.display()));
    if file.try_exists().map_err(failed)? {
        return Err(Fault::Taken { what: "file", detail: file.display().to_string() });
    }
    let mut name = file.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
    name.push(".part");
    let part = file.with_file_name(name);
    match fs::remove_file(&part) {
        Ok(()) => {}
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
        Err(why) => return Err(failed(why)),
    }
    let part_text =
        part.to_str().ok_or_else(|| Fault::Refused(format!("the name {} is not Unicode", part.display())))?;
    drop(OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(failed)?);
    let written = (|| {
        db.execute("VACUUM INTO ?1", [part_text]).map_err(|error| unwritten(error, &part))?;
        File::open(&part).and_then(|f| f.sync_all()).map_err(failed)?;
        fs::rename(&part, file).map_err(failed)
    })();
    if let Err(fault) = written {
        // Half a copy helps nobody, and on a full disk it takes what room there is.
        fs::remove_file(&part).ok();
        return Err(fault);
    }
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).map_err(failed)
}

/// A copy that could not be written: it is the copy's disk that is full or fails, not the store's.
fn unwritten(error: rusqlite::Error, part: &Path) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            Fault::Busy(format!("write {}: {error}; name a file on a disk with room", part.display()))
        }
        Some(_) | None => Fault::Sql(error),
    }
}

/// How many complaints are gathered.
const COMPLAINTS_MAX: i64 = 100;

/// Database steps between two looks at the clock.
const STEPS: i32 = 10_000;

/// Checks structure, full-text index and references; gives what is wrong, in words.
pub(super) fn check(db: &mut Connection, patience: Duration) -> Result<Vec<String>, Fault> {
    let started = now();
    db.progress_handler(STEPS, Some(move || now().duration_since(started) > patience))?;
    let complaints = complaints(db, "quick_check");
    db.progress_handler(STEPS, None::<fn() -> bool>)?;
    match complaints {
        Err(Fault::Sql(why)) if why.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            Err(Fault::Busy(format!("not finished within {} s; nothing wrong was found so far", patience.as_secs())))
        }
        other => other,
    }
}

/// Whether a complaint is of a page that could not be read, by SQLite's own words: `unable to get the page. error code=8458`.
pub(super) fn is_of_read(complaint: &str) -> bool {
    let code = complaint.rsplit_once("error code=").and_then(|(_, code)| code.trim().parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == rusqlite::ffi::SQLITE_IOERR)
}

/// Checks all there is to check, indices against their rows too, however long that takes.
pub(super) fn whole_check(db: &Connection) -> Result<Vec<String>, Fault> {
    complaints(db, "integrity_check")
}

fn complaints(db: &Connection, pragma: &str) -> Result<Vec<String>, Fault> {
    const REFERENCES: &str = "SELECT \"table\", count(*), parent FROM pragma_foreign_key_check GROUP BY 1, 3";
    let mut structure = db.prepare(&format!("PRAGMA {pragma}({COMPLAINTS_MAX})"))?;
    let mut found: Vec<String> = structure.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    found.retain(|line| line != "ok");
    let dangling = |row: &rusqlite::Row<'_>| {
        let (table, count, parent): (String, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(format!("{count} rows of {table} refer to rows of {parent} that are missing"))
    };
    for line in db.prepare(REFERENCES)?.query_map([], dangling)? {
        found.push(line?);
    }
    Ok(found)
}

#[expect(clippy::disallowed_methods, reason = "patience is real time, asked from within SQLite's own loop")]
fn now() -> Instant {
    Instant::now()
}
