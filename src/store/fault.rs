//! What goes wrong inside a verb, before the verb's name is known; and how the database's codes read in our words.

use std::path::Path;

use rusqlite::ErrorCode;

use super::db::SealError;
use crate::port::{StoreError, StoreTrouble};

/// Why a step of a verb failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The database's own error.
    Sql(rusqlite::Error),
    /// A name or address is taken.
    Taken {
        /// What kind of thing.
        what: &'static str,
        /// Which one, and where.
        detail: String,
    },
    /// Something that can't be done as asked.
    Refused(String),
    /// Something that may work later.
    Busy(String),
    /// Something that was decided on what has changed.
    Overtaken(String),
    /// A secret that can't be read or written.
    Sealed(SealError),
}

impl From<SealError> for Fault {
    fn from(error: SealError) -> Self {
        Self::Sealed(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// What a damaged file asks of a person.
pub(super) const DAMAGED: &str = "the database is damaged and was left as it is; put the latest copy made by `tidings backup` \
                                  in its place: stop the daemon, then `tidings restore COPY` (it keeps the damaged file)";

/// What the disk's troubles ask of a person.
const FULL: &str =
    "the disk is full: nothing can be stored until there is room again; make some, and tidings goes on by itself";
const FAILING: &str =
    "the disk fails; look at the kernel's log (dmesg), and make a copy with `tidings backup` elsewhere";
const HELD: &str =
    "another process keeps the database from being written; try again, and if it stays, see which one does: fuser -v";

impl Fault {
    /// The error as the port knows it, under the name of the verb; `file` is named where a person must go to it.
    pub(super) fn of(self, verb: &'static str, file: Option<&Path>) -> StoreError {
        match self {
            Self::Taken { what, detail } => StoreError::Taken { what, detail },
            Self::Refused(why) => StoreError::Refused { verb, why },
            Self::Overtaken(why) => StoreError::Overtaken { verb, why },
            Self::Busy(why) => StoreError::Busy { verb, why },
            Self::Sql(error) => of_sql(verb, &error, file),
            Self::Sealed(error) => of_seal(verb, &error),
        }
    }

    /// Whether the file seems to be damaged.
    pub(super) fn is_damage(&self) -> bool {
        let code = if let Self::Sql(error) = self { error.sqlite_error_code() } else { None };
        matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
    }

    /// Whether the disk failed under the connection, so that its idea of the file may be wrong.
    pub(super) fn is_disk(&self) -> bool {
        matches!(self, Self::Sql(error) if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure))
    }
}

/// What a secret that can't be read or written says to whoever asked.
fn of_seal(verb: &'static str, error: &SealError) -> StoreError {
    match error {
        SealError::Shut(_) | SealError::Wrong { .. } | SealError::Meanwhile => {
            StoreError::Sealed { why: error.to_string() }
        }
        SealError::Broken { .. } => StoreError::Corrupt { verb, what: "secret", detail: error.to_string() },
    }
}

/// Whether the same may work later: it is the disk, another process, or memory.
pub(super) fn is_passing(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
                | ErrorCode::FileLockingProtocolFailed
        )
    )
}

/// The database's own words of what passes, with what a person can do.
pub(super) fn passing_words(error: &rusqlite::Error, file: Option<&Path>) -> String {
    let at = file.map(|file| format!("{}: ", file.display())).unwrap_or_default();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => format!("{at}{FULL} ({error})"),
        Some(ErrorCode::SystemIoFailure) => format!("{at}{FAILING} ({error})"),
        Some(ErrorCode::DatabaseBusy) => match file {
            Some(file) => format!("{HELD} {} ({error})", file.display()),
            None => error.to_string(),
        },
        Some(_) | None => error.to_string(),
    }
}

impl Fault {
    /// What it says of the store as a whole, if anything.
    pub(super) fn trouble(&self, file: Option<&Path>) -> Option<StoreTrouble> {
        let Self::Sql(error) = self else { return None };
        let code = error.sqlite_error_code()?;
        if code == ErrorCode::DiskFull {
            return Some(StoreTrouble::Full);
        }
        if code == ErrorCode::SystemIoFailure {
            return Some(StoreTrouble::Failing);
        }
        if code == ErrorCode::DatabaseBusy {
            return Some(StoreTrouble::Locked);
        }
        self.is_damage().then(|| {
            let path = file.map(|file| file.display().to_string()).unwrap_or_default();
            StoreTrouble::Damaged { path, why: format!("{error}: {DAMAGED}") }
        })
    }
}

fn of_sql(verb: &'static str, error: &rusqlite::Error, file: Option<&Path>) -> StoreError {
    if let rusqlite::Error::FromSqlConversionFailure(_, _, why) = error
        && let Some(why) = why.downcast_ref()
    {
        return of_seal(verb, why);
    }
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => {
            StoreError::Busy { verb, why: passing_words(error, file) }
        }
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::OutOfMemory
            | ErrorCode::CannotOpen
            | ErrorCode::FileLockingProtocolFailed,
        ) => StoreError::Busy { verb, why },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged {
            path: file.map(|file| file.display().to_string()).unwrap_or_default(),
            why: format!("{why}: {DAMAGED}"),
        },
        None if is_conversion(error) => StoreError::Corrupt { verb, what: "value", detail: why },
        Some(_) | None => StoreError::Refused { verb, why },
    }
}

fn is_conversion(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..)
    )
}
