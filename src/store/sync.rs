//! Making what is in force match the configuration.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::Connection;

use super::db::Db;
use super::fault::Fault;
use super::source::HeldSource;
use super::{SqliteStore, newcomer, source, subscription, topic, version};
use crate::model::{Origin, SourceSpec, TopicSpec, WebUrl};
use crate::port::{Declared, StoreError, Synced, Tally};

/// Makes topics, sources and subscriptions of [`Origin::Config`] match. What was added by API under the same name
/// becomes the configuration's.
pub(super) fn sync(db: &Db, declared: &Declared, now: Timestamp) -> Result<Synced, Fault> {
    let mut synced = Synced::default();
    synced.taken_over += topics(db, &declared.topics, now, &mut synced.topics)?;
    synced.taken_over += sources(db, &declared.sources, now, &mut synced.sources)?;
    subscriptions(db, declared, now, &mut synced)?;
    Ok(synced)
}

impl SqliteStore {
    /// What [`crate::port::Store::sync`] would change; nothing is.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn would_sync(&mut self, declared: &Declared, now: Timestamp) -> Result<Synced, StoreError> {
        self.write("would_sync", |db| {
            db.execute_batch("SAVEPOINT trial")?;
            let synced = sync(db, declared, now)?;
            db.execute_batch("ROLLBACK TO trial; RELEASE trial")?;
            Ok(synced)
        })
    }
}

/// Gives how many were added by command or API, as `sources` does.
fn topics(db: &Connection, specs: &[TopicSpec], now: Timestamp, tally: &mut Tally) -> Result<usize, Fault> {
    let mut taken_over = 0;
    let mut held: BTreeMap<_, _> = topic::all(db)?.into_iter().map(|h| (h.topic.spec.key.clone(), h)).collect();
    for spec in specs {
        match held.remove(&spec.key) {
            Some(h) if !h.retired && h.topic.origin == Origin::Config && h.topic.spec == *spec => continue,
            Some(h) if !h.retired => {
                taken_over += usize::from(h.topic.origin == Origin::Api);
                tally.changed += 1;
            }
            Some(_) | None => tally.added += 1,
        }
        topic::put(db, spec, Origin::Config, (version::BY_FILE, None), now)?;
    }
    for left in held.into_values().filter(|h| !h.retired && h.topic.origin == Origin::Config) {
        topic::retire(db, &left.topic.spec.key)?;
        tally.retired += 1;
    }
    Ok(taken_over)
}

fn sources(db: &Connection, specs: &[SourceSpec], now: Timestamp, tally: &mut Tally) -> Result<usize, Fault> {
    if source::are_as_declared(db, specs)? {
        return Ok(0);
    }
    let mut taken_over = 0;
    let mut held: BTreeMap<String, HeldSource> =
        source::all(db)?.into_iter().map(|h| (h.declared_url.clone(), h)).collect();
    let moved: BTreeMap<String, String> = held
        .values()
        .filter(|h| h.source.spec.url.as_str() != h.declared_url)
        .map(|h| (h.source.spec.url.as_str().to_owned(), h.declared_url.clone()))
        .collect();
    let declared: BTreeSet<&str> = specs.iter().map(|spec| spec.url.as_str()).collect();
    let mut seen = BTreeSet::new();
    let mut newcomers = Vec::new();
    for spec in specs.iter().filter(|spec| seen.insert(spec.url.as_str())) {
        let url = spec.url.as_str();
        // The address that a source moved to is declared: the source itself, unless its old one is declared as well.
        if let Some(old) = moved.get(url) {
            if declared.contains(old.as_str()) {
                give_back(db, &mut held, old)?;
            } else if let Some(h) = held.remove(old) {
                source::settle_address(db, h.source.id)?;
                held.insert(url.to_owned(), h);
            }
        }
        match held.remove(url) {
            Some(h) if is_as_declared(&h, spec) => {}
            Some(h) if !h.retired => {
                taken_over += usize::from(h.source.origin == Origin::Api);
                source::redeclare(db, &h, spec, Origin::Config, now)?;
                tally.changed += 1;
            }
            newcomer => newcomers.push((spec, newcomer)),
        }
    }
    let new: Vec<&SourceSpec> = newcomers.iter().map(|(spec, _)| *spec).collect();
    let places = newcomer::places(db, &new, now)?;
    for ((spec, retired), first_at) in newcomers.into_iter().zip(places) {
        match retired {
            Some(h) => source::redeclare(db, &h, spec, Origin::Config, first_at)?,
            None => source::insert(db, spec, Origin::Config, now, first_at).map(|_id| ())?,
        }
        tally.added += 1;
    }
    for left in held.into_values().filter(|h| !h.retired && h.source.origin == Origin::Config) {
        source::retire(db, left.source.id)?;
        tally.retired += 1;
    }
    Ok(taken_over)
}

/// Polls a moved source at its declared address again, which leaves the other one to a source of its own.
fn give_back(db: &Connection, held: &mut BTreeMap<String, HeldSource>, old: &str) -> Result<(), Fault> {
    // The declared address came from a `WebUrl`, so it parses; one that doesn't is left as it is.
    let Ok(url) = WebUrl::parse(old) else { return Ok(()) };
    let id = match held.get_mut(old) {
        Some(h) => {
            h.source.spec.url = url.clone();
            h.source.id
        }
        None => match source::by_url(db, old)? {
            Some(h) => h.source.id,
            None => return Ok(()),
        },
    };
    source::readdress(db, id, &url)
}

fn is_as_declared(held: &HeldSource, spec: &SourceSpec) -> bool {
    // The address polled may differ after a permanent move; the one declared is the key they met by.
    let polled = held.source.spec.url.clone();
    let declared = SourceSpec { url: polled, ..spec.clone() };
    !held.retired && held.source.origin == Origin::Config && held.source.spec == declared
}

fn subscriptions(db: &Db, declared: &Declared, now: Timestamp, synced: &mut Synced) -> Result<(), Fault> {
    let tally = &mut synced.subscriptions;
    let mut held: BTreeMap<_, _> =
        subscription::all(db)?.into_iter().map(|h| (h.subscription.spec.name.clone(), h)).collect();
    for spec in &declared.subscriptions {
        let mut spec = spec.clone();
        spec.drop_old(now);
        match held.remove(&spec.name) {
            None => {
                subscription::insert(db, &spec, Origin::Config, now)?;
                tally.added += 1;
            }
            Some(h) if !h.retired && h.subscription.origin == Origin::Config && h.subscription.spec == spec => {}
            Some(h) if h.retired => {
                synced.given_back += subscription::take_up(db, &h, &spec, declared.expire, now)?;
                tally.added += 1;
            }
            Some(h) => {
                synced.taken_over += usize::from(h.subscription.origin == Origin::Api);
                subscription::redeclare(db, &h, &spec, Origin::Config, now)?;
                tally.changed += 1;
            }
        }
    }
    for left in held.into_values().filter(|h| !h.retired && h.subscription.origin == Origin::Config) {
        synced.ended += subscription::retire(db, left.subscription.id)?;
        tally.retired += 1;
    }
    Ok(())
}
