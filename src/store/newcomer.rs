//! When sources that come into force are polled first: how many places were given away is kept between batches.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::column::Moment;
use super::fault::Fault;
use crate::model::SourceSpec;
use crate::schedule::{Given, Newcomer, first_polls};
use crate::url::registrable;

/// The counters of [`Given`].
const FEW: &str = "first_polls_few_until_ms";
const MANY: &str = "first_polls_many_until_ms";

/// Gives each of `specs` its first poll.
pub(super) fn places(db: &Connection, specs: &[&SourceSpec], now: Timestamp) -> Result<Vec<Timestamp>, Fault> {
    if specs.is_empty() {
        return Ok(Vec::new());
    }
    let mut given = Given { few: kept(db, FEW)?, many: kept(db, MANY)? };
    let newcomers: Vec<Newcomer<'_>> = specs
        .iter()
        .map(|spec| Newcomer {
            url: spec.url.as_str(),
            domain: registrable(spec.url.host_text()),
            interval_max: spec.interval_max,
        })
        .collect();
    let times = first_polls(&newcomers, &mut given, now);
    keep(db, FEW, given.few)?;
    keep(db, MANY, given.many)?;
    Ok(times)
}

fn kept(db: &Connection, name: &str) -> Result<Timestamp, Fault> {
    const SQL: &str = "SELECT value FROM counter WHERE name = ?1";
    let until: Option<Moment> = db.prepare_cached(SQL)?.query_row([name], |row| row.get(0)).optional()?;
    Ok(until.map_or(Timestamp::UNIX_EPOCH, |until| until.0))
}

fn keep(db: &Connection, name: &str, until: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
    db.prepare_cached(SQL)?.execute(params![name, Moment(until)])?;
    Ok(())
}
