//! Opens the store that the settings name: the one place of the command line that knows which store it is.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use rustix::fs::{Access, access};

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

/// Opens the store for reading alone, beside a daemon that may be running: nothing is made or brought up to date.
pub(super) fn look(settings: &Settings) -> anyhow::Result<Box<dyn Store>> {
    let path = &settings.storage.path;
    anyhow::ensure!(is_there(path)?, "there is no database at {} yet", path.display());
    Ok(Box::new(SqliteStore::open_reader_with(path, &keys(settings)?)?))
}

/// Opens the store for reading and writing, beside a daemon that may be running.
pub(super) fn open(settings: &Settings, absent: Absent) -> anyhow::Result<Box<dyn Store>> {
    let path = &settings.storage.path;
    match absent {
        Absent::Refuse if !is_there(path)? => Err(no_database(path).into()),
        Absent::Pretend if !is_there(path)? => Ok(Box::new(SqliteStore::in_memory()?)),
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

/// Opens the store for reading alone.
pub(super) fn open_reader(settings: &Settings) -> anyhow::Result<Box<dyn Store>> {
    let path = &settings.storage.path;
    if !is_there(path)? {
        return Err(no_database(path).into());
    }
    Ok(Box::new(SqliteStore::open_reader_with(path, &keys(settings)?)?))
}

/// Whether there is a database that this user may read.
///
/// # Errors
/// Where this user may not look, or may not read it.
pub(super) fn is_there(path: &Path) -> anyhow::Result<bool> {
    // A descriptor that is opened and closed would give up the locks that this process has on the file.
    let readable = || access(path, Access::READ_OK).map_err(io::Error::from);
    let looked = path.try_exists().and_then(|there| if there { readable().map(|()| true) } else { Ok(false) });
    looked.map_err(|why| {
        let shown = path.display();
        if why.kind() == io::ErrorKind::PermissionDenied {
            anyhow!("the database at {shown} is closed to this user: run this as root or as the daemon's user")
        } else {
            anyhow::Error::new(why).context(format!("look for the database at {shown}"))
        }
    })
}

pub(super) fn no_database(path: &Path) -> Refusal {
    Refusal::Data(format!("there is no database at {} yet: start the daemon with tidings run", path.display()))
}
