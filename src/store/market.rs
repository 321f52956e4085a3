//! What the schedule keeps for all sources together, in its own bytes.

use rusqlite::{Connection, OptionalExtension as _};

use super::fault::Fault;

/// What was kept; empty before.
pub(super) fn kept(db: &Connection) -> Result<Vec<u8>, Fault> {
    const SQL: &str = "SELECT bytes FROM market WHERE id = 1";
    Ok(db.prepare_cached(SQL)?.query_row([], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Keeps it.
pub(super) fn keep(db: &Connection, bytes: &[u8]) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO market (id, bytes) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET bytes = ?1";
    db.prepare_cached(SQL)?.execute([bytes])?;
    Ok(())
}
