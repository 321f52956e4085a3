//! Opens the store that the settings name: the one place of the command line that knows which store it is.

use std::sync::Arc;

use anyhow::Context as _;

use crate::config::Settings;
use crate::model::Secret;
use crate::port::Store;
use crate::store::{SealKey, SealKeys, SqliteStore};

use super::exit::Refusal;

/// What to do where there is no database yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// Make it: the command puts something in.
    Create,
    /// Say so: a look should leave nothing behind, least of all a file that the daemon's user may not open.
    Refuse,
    /// Take an empty one in memory: the command only looks, and not at the store alone.
    Pretend,
}

/// Opens the store for reading and writing, beside a daemon that may be running.
pub(super) fn open(settings: &Settings, absent: Absent) -> anyhow::Result<Box<dyn Store>> {
    let path = &settings.storage.path;
    match absent {
        Absent::Refuse if !path.exists() => {
            let said = format!("there is no database at {} yet: start the daemon with tidings run", path.display());
            Err(Refusal::Data(said).into())
        }
        Absent::Pretend if !path.exists() => Ok(Box::new(SqliteStore::in_memory()?)),
        Absent::Refuse | Absent::Pretend | Absent::Create => {
            Ok(Box::new(SqliteStore::open_with(path, &keys(settings)?)?))
        }
    }
}

/// The keys that secrets in the store are sealed under.
pub(super) fn keys(settings: &Settings) -> anyhow::Result<SealKeys> {
    let key = |text: &Option<Secret>| -> anyhow::Result<_> {
        let key = text.as_ref().map(|text| SealKey::parse(text.reveal())).transpose();
        Ok(key.context("read the key under [storage]")?.map(Arc::new))
    };
    Ok(SealKeys { current: key(&settings.storage.key)?, old: key(&settings.storage.old_key)? })
}
