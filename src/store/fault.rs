//! What goes wrong inside a verb, before the verb's name is known; and how the database's codes read in our words.

use rusqlite::ErrorCode;

use super::db::SealError;
use crate::port::StoreError;

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
pub(super) const DAMAGED: &str = "the file is damaged; stop tidings, move the file away together with its -wal and -shm \
                                  companions, and put the latest copy made by `tidings backup` in its place";

impl Fault {
    /// The error as the port knows it, under the name of the verb.
    pub(super) fn of(self, verb: &'static str) -> StoreError {
        match self {
            Self::Taken { what, detail } => StoreError::Taken { what, detail },
            Self::Refused(why) => StoreError::Refused { verb, why },
            Self::Overtaken(why) => StoreError::Overtaken { verb, why },
            Self::Busy(why) => StoreError::Busy { verb, why },
            Self::Sql(error) => of_sql(verb, &error),
            Self::Sealed(error) => of_seal(verb, &error),
        }
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

fn of_sql(verb: &'static str, error: &rusqlite::Error) -> StoreError {
    if let rusqlite::Error::FromSqlConversionFailure(_, _, why) = error
        && let Some(why) = why.downcast_ref()
    {
        return of_seal(verb, why);
    }
    let why = error.to_string();
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::OutOfMemory
            | ErrorCode::CannotOpen
            | ErrorCode::FileLockingProtocolFailed,
        ) => StoreError::Busy { verb, why },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt { verb, what: "database", detail: format!("{why}: {DAMAGED}") }
        }
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
