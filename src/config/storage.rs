//! `[storage]`: where the data is, and the key that secrets in it are sealed under.

use std::path::PathBuf;

use crate::model::Secret;

use super::problem::{Findings, Problem};
use super::reader::Table;
use super::schema::STORAGE;
use super::secrets::{Place, SecretKeys, SecretSource, Secrets, Sought, seek};
use super::settings::{Checks, StorageSettings};

/// Reads `[storage]`.
pub(super) fn read(top: &Table<'_>, place: Place<'_>, checks: &Checks<'_>, found: &mut Findings) -> StorageSettings {
    let table = top.table("storage", &STORAGE, found);
    let path = path(&table, place, found);
    if path.is_none() {
        found.push(
            Problem::new("nothing says where the database is")
                .help("set `path` in [storage], or one of $STATE_DIRECTORY, $XDG_DATA_HOME and $HOME"),
        );
    }
    let from = SecretSource { place, check: checks.storage_key };
    let key = seal_key(&table, ("key_file", "key_credential"), from, found);
    let old_key = seal_key(&table, ("old_key_file", "old_key_credential"), from, found);
    StorageSettings { path: path.unwrap_or_default(), key, old_key }
}

/// Where the database is, as far as the table and the environment tell.
pub(super) fn path(table: &Table<'_>, place: Place<'_>, found: &mut Findings) -> Option<PathBuf> {
    let given = table.text("path", found).filter(|at| !at.value.is_empty()).map(|at| place.folder.join(at.value));
    given.or_else(|| place.environment.database())
}

/// Reads a key that secrets are sealed under. A command that looks at the store takes it where it can be read: not all
/// that may be looked at is sealed, and the store tells what is.
fn seal_key(
    table: &Table<'_>,
    (file, credential): (&'static str, &'static str),
    from: SecretSource<'_>,
    found: &mut Findings,
) -> Option<Secret> {
    let keys = SecretKeys { inline: None, file, credential };
    let sought = match from.place.need {
        Secrets::Required | Secrets::Checked => seek(table, keys, from, found),
        Secrets::Skipped => {
            // What is written wrongly is told all the same; that it can't be read isn't.
            seek(table, keys, from, found);
            let place = Place { need: Secrets::Required, ..from.place };
            seek(table, keys, SecretSource { place, ..from }, &mut Findings::default())
        }
    };
    match sought {
        Sought::Read(key) => Some(key),
        Sought::Unnamed | Sought::Unread => None,
    }
}
