//! The connection, and what it needs to read and write secrets: where each stands, and the key they are sealed under.

use std::fs;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::fault::Fault;
use super::key::{Broken, SEALED, SealKey, SealKeys};

/// What a text in the clear is written behind where it could be taken for a sealed one: a stranger chooses the secret of a
/// follower.
const CLEAR: &str = "clear1:";

/// Why a secret can't be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SealError {
    /// No key is given.
    #[error(
        "the secrets of the database are sealed under the key {0}, and no key is given: name it under [storage] as \
         key_credential or key_file (docs/operating.md, Secrets)"
    )]
    Shut(String),
    /// Another one is.
    #[error(
        "the secrets of the database are sealed under the key {sealed}, and the key given is {given}: name the right one \
         under [storage], or the one before it as old_key_credential or old_key_file, to seal them anew under yours; \
         nothing was changed"
    )]
    Wrong {
        /// Under which they are.
        sealed: String,
        /// Which were given.
        given: String,
    },
    /// They were sealed, or sealed anew, after the file was opened.
    #[error("the secrets of the database were sealed meanwhile: start this command again")]
    Meanwhile,
    /// One doesn't belong where it stands, or was changed.
    #[error("{place}: {why}")]
    Broken {
        /// Where.
        place: String,
        /// What is wrong.
        why: Broken,
    },
}

/// A place where a secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    SubscriptionSecret,
    SubscriptionOldSecrets,
    /// But for devices, which are found by theirs.
    SubscriptionUrl,
    SubscriptionTarget,
    VapidSecret,
    ChannelToken,
    ChannelSecret,
    FollowerSecret,
    FollowerWishSecret,
}

impl Spot {
    pub(super) const ALL: [Self; 9] = [
        Self::SubscriptionSecret,
        Self::SubscriptionOldSecrets,
        Self::SubscriptionUrl,
        Self::SubscriptionTarget,
        Self::VapidSecret,
        Self::ChannelToken,
        Self::ChannelSecret,
        Self::FollowerSecret,
        Self::FollowerWishSecret,
    ];

    /// Its table and column.
    pub(super) fn column(self) -> (&'static str, &'static str) {
        match self {
            Self::SubscriptionSecret => ("subscription", "secret"),
            Self::SubscriptionOldSecrets => ("subscription", "old_secrets"),
            Self::SubscriptionUrl => ("subscription", "url"),
            Self::SubscriptionTarget => ("subscription", "target"),
            Self::VapidSecret => ("vapid", "secret"),
            Self::ChannelToken => ("channel", "token"),
            Self::ChannelSecret => ("channel", "secret"),
            Self::FollowerSecret => ("follower", "secret"),
            Self::FollowerWishSecret => ("follower", "wish_secret"),
        }
    }

    /// Its name in one row: what a value is bound to.
    fn place(self, id: i64) -> String {
        let (table, column) = self.column();
        format!("{table}.{column} {id}")
    }
}

/// How secrets stand in a file, as far as the keys at hand go.
#[derive(Debug, Clone)]
pub(super) enum Seal {
    /// In the clear.
    Clear,
    /// Under a key that is there.
    Under(Arc<SealKey>),
    /// Under the key of this name, which isn't.
    Shut(String),
}

impl Seal {
    /// Finds how they stand.
    pub(super) fn find(db: &Connection, keys: &SealKeys) -> rusqlite::Result<Result<Self, SealError>> {
        let Some(sealed) = key_name(db)? else { return Ok(Ok(Self::Clear)) };
        let given: Vec<&Arc<SealKey>> = [&keys.current, &keys.old].into_iter().flatten().collect();
        Ok(match given.iter().find(|key| key.name() == sealed) {
            Some(key) => Ok(Self::Under(Arc::clone(key))),
            None if given.is_empty() => Ok(Self::Shut(sealed)),
            None => {
                let given = given.iter().map(|key| key.name()).collect::<Vec<_>>().join(" and ");
                Err(SealError::Wrong { sealed, given })
            }
        })
    }

    /// Writes a text as it stands in the file.
    pub(super) fn write(&self, spot: Spot, id: i64, text: &str) -> Result<String, SealError> {
        if text.is_empty() {
            return Ok(String::new());
        }
        match self {
            Self::Clear if text.starts_with(SEALED) || text.starts_with(CLEAR) => Ok(format!("{CLEAR}{text}")),
            Self::Clear => Ok(text.to_owned()),
            Self::Under(key) => {
                let place = spot.place(id);
                key.seal(&place, text).map_err(|why| SealError::Broken { place, why })
            }
            Self::Shut(name) => Err(SealError::Shut(name.clone())),
        }
    }

    /// Reads a text as it stands in the file.
    pub(super) fn read(&self, spot: Spot, id: i64, text: &str) -> Result<String, SealError> {
        if text.is_empty() {
            return Ok(String::new());
        }
        match self {
            Self::Clear if text.starts_with(SEALED) => Err(SealError::Meanwhile),
            Self::Clear => Ok(text.strip_prefix(CLEAR).unwrap_or(text).to_owned()),
            Self::Under(key) => {
                let place = spot.place(id);
                match key.open(&place, text) {
                    Ok(text) => Ok(text),
                    Err(_other) if is_under_another(text, key) => Err(SealError::Meanwhile),
                    Err(why) => Err(SealError::Broken { place, why }),
                }
            }
            Self::Shut(name) => Err(SealError::Shut(name.clone())),
        }
    }
}

/// Whether a value bears another key's name: it was sealed anew by another process.
fn is_under_another(text: &str, key: &SealKey) -> bool {
    text.strip_prefix(SEALED).is_some_and(|rest| !rest.starts_with(key.name()))
}

/// The name of the key that the file's secrets are sealed under.
pub(super) fn key_name(db: &Connection) -> rusqlite::Result<Option<String>> {
    db.query_row("SELECT key FROM seal", [], |row| row.get(0)).optional()
}

/// The connection.
#[derive(Debug)]
pub(super) struct Db {
    pub(super) connection: Connection,
    pub(super) seal: Seal,
    /// The file that was opened, whatever its name is now; `None` in memory.
    pub(super) identity: Option<Identity>,
}

/// A file's device and number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

impl Identity {
    /// The file that stands at `path`, if one does.
    pub(super) fn at(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|metadata| Self(metadata.dev(), metadata.ino()))
    }
}

impl Deref for Db {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Db {
    /// Writes a secret's text for its column.
    pub(super) fn seal(&self, spot: Spot, id: i64, text: &str) -> Result<String, Fault> {
        Ok(self.seal.write(spot, id, text)?)
    }

    /// The same of one that may be missing.
    pub(super) fn seal_some(&self, spot: Spot, id: i64, text: Option<&str>) -> Result<Option<String>, Fault> {
        text.map(|text| self.seal(spot, id, text)).transpose()
    }

    /// Reads a secret of the row `id`, in the place of a column.
    pub(super) fn opened(&self, row: &Row<'_>, column: usize, spot: Spot, id: i64) -> rusqlite::Result<String> {
        self.opened_some(row, column, spot, id).map(Option::unwrap_or_default)
    }

    /// The same of one that may be missing.
    pub(super) fn opened_some(
        &self,
        row: &Row<'_>,
        column: usize,
        spot: Spot,
        id: i64,
    ) -> rusqlite::Result<Option<String>> {
        let Some(text) = row.get::<_, Option<String>>(column)? else { return Ok(None) };
        let read = self.seal.read(spot, id, &text);
        read.map(Some).map_err(|why| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(why)))
    }
}
