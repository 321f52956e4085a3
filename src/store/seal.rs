//! Bringing all secrets of a database under one key, at once: from the clear, from the key before it, or back.
//!
//! It is one transaction, so a database is under one key or none, whenever the power goes; who reads it needs to know of
//! no state between. A secret costs microseconds, and there are some hundred thousand at most. What stood in the file
//! before is gone from its rows then, yet not from its bytes: free pages, and the rests of pages, are written anew by
//! `VACUUM`, and the log that comes beside the file is emptied. Whether that was done is kept, so it is done after a kill.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::SqliteStore;
use super::column::Moment;
use super::db::{Db, Seal, SealError, Spot, key_name};
use super::fault::Fault;
use crate::port::StoreError;

/// What became of the secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sealing {
    /// They are as they were: under the key that is given, or in the clear where none is.
    AsTheyWere,
    /// They are sealed under this key now.
    Sealed {
        /// How many.
        secrets: usize,
        /// The key's name.
        key: String,
    },
    /// They stand in the clear now.
    Opened {
        /// How many.
        secrets: usize,
    },
}

/// How secrets stand in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The name of the key that they are sealed under; `None`: they stand in the clear.
    pub key: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// How many there are.
    pub secrets: usize,
    /// Whether nothing of what stood in the file before is left in its bytes.
    pub scrubbed: bool,
}

impl SqliteStore {
    /// Brings all secrets under the current key; into the clear where only an old one is given. Whoever calls this is
    /// the only worker on the file: others notice, and refuse.
    ///
    /// # Errors
    /// [`StoreError::Sealed`] when they are sealed under a key that isn't given: nothing is changed then.
    pub fn seal(&mut self, now: Timestamp) -> Result<Sealing, StoreError> {
        let (current, old) = (self.keys.current.clone(), self.keys.old.clone());
        let before = self.db.seal.clone();
        let after = match (current, &before) {
            (_, Seal::Shut(name)) => return Err(Fault::from(SealError::Shut(name.clone())).of("seal")),
            (Some(key), Seal::Under(held)) if key.name() == held.name() => return Ok(Sealing::AsTheyWere),
            (Some(key), Seal::Under(_) | Seal::Clear) => Seal::Under(key),
            (None, Seal::Under(_)) if old.is_some() => Seal::Clear,
            (None, Seal::Under(_) | Seal::Clear) => return Ok(Sealing::AsTheyWere),
        };
        let secrets = self.write("seal", |db| rewrite(db, &before, &after, now))?;
        self.db.seal = after.clone();
        Ok(match after {
            Seal::Under(key) => Sealing::Sealed { secrets, key: key.name().to_owned() },
            Seal::Clear | Seal::Shut(_) => Sealing::Opened { secrets },
        })
    }

    /// Whether something of what stood in the file before it was sealed is left in its bytes.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn is_to_scrub(&mut self) -> Result<bool, StoreError> {
        self.read("is_to_scrub", |db| {
            Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM seal WHERE scrubbed = 0)", [], |row| row.get(0))?)
        })
    }

    /// Writes the file anew, so that nothing is left in it of what stood there before: a second a gigabyte or ten, and as
    /// much room again while it lasts. Nobody else may have the file open.
    ///
    /// # Errors
    /// When there is no room, or the file is in use: the secrets are sealed all the same.
    pub fn scrub(&mut self) -> Result<(), StoreError> {
        scrub(&self.db).map_err(|fault| fault.of("scrub"))
    }

    /// How secrets stand.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn sealed(&mut self) -> Result<Sealed, StoreError> {
        self.read("sealed", |db| {
            let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, Moment>(0)?.0, row.get::<_, bool>(1)?));
            let held = db.query_row("SELECT sealed_at_ms, scrubbed FROM seal", [], row).optional()?;
            let mut secrets = 0;
            for spot in Spot::ALL {
                secrets += texts(db, spot)?.len();
            }
            let (since, scrubbed) = held.map_or((None, true), |(since, scrubbed)| (Some(since), scrubbed));
            Ok(Sealed { key: key_name(db)?, since, secrets, scrubbed })
        })
    }
}

/// All texts of a place that hold anything, by row.
fn texts(db: &Connection, spot: Spot) -> Result<Vec<(i64, String)>, Fault> {
    let (table, column) = spot.column();
    let but = if spot == Spot::SubscriptionUrl { " AND kind <> 'web-push'" } else { "" };
    let sql = format!("SELECT id, {column} FROM {table} WHERE {column} <> ''{but} ORDER BY id");
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(db.prepare(&sql)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

fn rewrite(db: &Db, before: &Seal, after: &Seal, now: Timestamp) -> Result<usize, Fault> {
    const PUT: &str = "INSERT INTO seal (id, key, sealed_at_ms) VALUES (1, ?1, ?2)";
    // Another process may have been here first.
    let held = key_name(db)?;
    let expected = match before {
        Seal::Under(key) => Some(key.name()),
        Seal::Clear | Seal::Shut(_) => None,
    };
    if held.as_deref() != expected {
        return Err(SealError::Meanwhile.into());
    }
    // First the key: from here on the file takes no secret that isn't under it.
    db.execute("DELETE FROM seal", [])?;
    if let Seal::Under(key) = after {
        db.execute(PUT, params![key.name(), Moment(now)])?;
    }
    let mut count = 0;
    for spot in Spot::ALL {
        let (table, column) = spot.column();
        let mut update = db.prepare(&format!("UPDATE {table} SET {column} = ?2 WHERE id = ?1"))?;
        for (id, text) in texts(db, spot)? {
            let text = before.read(spot, id, &text)?;
            update.execute(params![id, after.write(spot, id, &text)?])?;
            count += 1;
        }
    }
    Ok(count)
}

fn scrub(db: &Connection) -> Result<(), Fault> {
    // SQLite writes the whole file a second time, on the way: not into memory.
    db.execute_batch("PRAGMA temp_store = FILE")?;
    let written = db.execute_batch("VACUUM");
    db.execute_batch("PRAGMA temp_store = MEMORY")?;
    written?;
    let is_busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if is_busy {
        return Err(Fault::Busy("another process has the file open".to_owned()));
    }
    db.execute("UPDATE seal SET scrubbed = 1", [])?;
    Ok(())
}
