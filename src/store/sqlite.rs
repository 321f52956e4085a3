//! The connection: verbs as transactions or savepoints, groups, views, and what a failing disk leaves of them.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::db::Db;
use super::fault::Fault;
use super::key::SealKeys;
use super::open::{self, Use};
use crate::port::{Durable, StoreError, StoreTrouble};

mod verbs;

/// The store in one SQLite file.
///
/// Times are kept to the millisecond. A store that is dropped in the middle of a group leaves nothing of the group.
#[derive(Debug)]
pub struct SqliteStore {
    pub(super) db: Db,
    /// The file and what it was opened for; `None`: in memory.
    file: Option<(PathBuf, Use)>,
    pub(super) keys: SealKeys,
    grouped: bool,
    /// Within a view: what is read is of one moment.
    viewing: bool,
    until: Durable,
    /// The disk failed under the connection: it is opened anew before the next transaction, as SQLite's own view of
    /// the file may be wrong.
    stale: bool,
    /// What the last verb that failed met, and how much this connection had written then.
    trouble: Option<(StoreTrouble, u64)>,
    /// How often in a row the file seemed damaged and was found whole.
    doubts: u8,
}

/// More often than this in a row is damage, whatever a look at the whole file says.
const DOUBTS_MAX: u8 = 3;

/// How a verb begins its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begin {
    /// Reads only: one view of the store throughout, no lock.
    Read,
    /// Writes, durable at once.
    Write,
    /// Writes with one statement at most, durable at once. SQLite undoes a statement that fails by itself, so within a group it
    /// needs no savepoint, which would copy each page that it changes.
    WriteOnce,
    /// Writes with several statements, durable at once, that fail halfway only where the disk does. Within a group it needs no savepoint
    /// either: where it fails so all the same, nothing of the group is written.
    WriteSure,
    /// Writes what may be lost with the power: a claim that is lost is made again.
    Claim,
}

impl SqliteStore {
    /// Opens the store's file for all verbs: makes it (readable by its owner only) with its folder where there is
    /// none, and brings its schema up to date.
    ///
    /// # Errors
    /// When the file can't be made or read, is another program's, is damaged, or was written by a newer tidings.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, &SealKeys::default())
    }

    /// The same with the keys that secrets are sealed under. What is sealed stays shut without them: verbs that need no
    /// secret work.
    ///
    /// # Errors
    /// As [`SqliteStore::open`]; [`StoreError::Sealed`] when secrets are sealed under a key that is none of those given.
    pub fn open_with(path: &Path, keys: &SealKeys) -> Result<Self, StoreError> {
        Self::of_file(path, Use::Write, keys)
    }

    /// Opens a second connection for reading beside a writer; verbs that write are refused.
    ///
    /// # Errors
    /// As [`SqliteStore::open`]; also when there is no file, or its schema is older than this tidings reads.
    pub fn open_reader(path: &Path) -> Result<Self, StoreError> {
        Self::open_reader_with(path, &SealKeys::default())
    }

    /// The same with the keys that secrets are sealed under.
    ///
    /// # Errors
    /// As [`SqliteStore::open_reader`] and [`SqliteStore::open_with`].
    pub fn open_reader_with(path: &Path, keys: &SealKeys) -> Result<Self, StoreError> {
        Self::of_file(path, Use::Read, keys)
    }

    /// Opens a store that lives in memory, for tests and trials.
    ///
    /// # Errors
    /// When memory is short.
    pub fn in_memory() -> Result<Self, StoreError> {
        Ok(Self::of(open::memory()?, None, SealKeys::default()))
    }

    /// The file; `None` in memory.
    pub(super) fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }

    fn of_file(path: &Path, purpose: Use, keys: &SealKeys) -> Result<Self, StoreError> {
        Ok(Self::of(open::file(path, purpose, keys)?, Some((path.to_owned(), purpose)), keys.clone()))
    }

    fn of(db: Db, file: Option<(PathBuf, Use)>, keys: SealKeys) -> Self {
        Self {
            db,
            file,
            keys,
            grouped: false,
            viewing: false,
            until: Durable::PowerCut,
            stale: false,
            trouble: None,
            doubts: 0,
        }
    }

    pub(super) fn read<T>(
        &mut self,
        verb: &'static str,
        act: impl FnOnce(&Db) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.run(verb, Begin::Read, act)
    }

    pub(super) fn write<T>(
        &mut self,
        verb: &'static str,
        act: impl FnOnce(&Db) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.run(verb, Begin::Write, act)
    }

    /// Writes with several statements that fail halfway only where the disk does.
    pub(super) fn write_surely<T>(
        &mut self,
        verb: &'static str,
        act: impl FnOnce(&Db) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.run(verb, Begin::WriteSure, act)
    }

    fn claim<T>(&mut self, verb: &'static str, act: impl FnOnce(&Db) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.run(verb, Begin::Claim, act)
    }

    fn run<T>(
        &mut self,
        verb: &'static str,
        begin: Begin,
        act: impl FnOnce(&Db) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.renew()?;
        let done = if self.viewing {
            look(&self.db, begin, act)
        } else if self.grouped {
            self.step(begin, act)
        } else {
            self.transaction(begin, act)
        };
        if done.is_ok() && !self.grouped {
            self.wrote();
        }
        done.map_err(|fault| self.failed(fault, verb))
    }

    /// The error of a verb; notes whether the connection outlives it.
    fn failed(&mut self, fault: Fault, verb: &'static str) -> StoreError {
        if fault.is_damage() && self.doubts_damage() {
            return Fault::Busy(open::PASSING_DAMAGE.to_owned()).of(verb, None);
        }
        self.stale |= fault.is_disk();
        let file = self.file.as_ref().map(|(path, _)| path.as_path());
        if let Some(met) = fault.trouble(file) {
            self.trouble = Some((met, self.db.total_changes()));
        }
        fault.of(verb, file)
    }

    /// Whether what seems to be damage is none: the file is whole, or this connection is given up already, which may fail each verb
    /// of a group after the one that met the disk's failure. Then the connection is opened anew before the next transaction.
    fn doubts_damage(&mut self) -> bool {
        let Some((path, _)) = &self.file else { return false };
        if self.stale {
            return true;
        }
        if self.doubts == DOUBTS_MAX || !open::is_whole(path, &self.keys) {
            return false;
        }
        self.doubts += 1;
        self.stale = true;
        self.trouble = Some((StoreTrouble::Failing, self.db.total_changes()));
        true
    }

    /// A transaction is over: where it wrote, what kept others from it has passed.
    fn wrote(&mut self) {
        let written = self.db.total_changes();
        self.doubts = 0;
        let passes =
            |(met, then): &(StoreTrouble, u64)| *then != written && !matches!(met, StoreTrouble::Damaged { .. });
        if self.trouble.as_ref().is_some_and(passes) {
            self.trouble = None;
        }
    }

    /// Opens the file again after the disk failed, unless a group or a view is under way.
    ///
    /// The old connection is closed first: it may hold a lock that it can't give back. The in-memory one in its place is never
    /// asked, as every verb comes by here first.
    fn renew(&mut self) -> Result<(), StoreError> {
        if !self.stale || self.grouped || self.viewing {
            return Ok(());
        }
        if let Some((path, purpose)) = &self.file {
            self.db.connection =
                Connection::open_in_memory().map_err(|error| Fault::Sql(error).of("reopen", Some(path)))?;
            self.db = open::again(path, *purpose, &self.keys)?;
            self.until = Durable::PowerCut;
            // This connection counts anew what it writes.
            if let Some((_, written)) = &mut self.trouble {
                *written = self.db.total_changes();
            }
        }
        self.stale = false;
        Ok(())
    }

    /// Begins a view.
    pub(super) fn view(&mut self) -> Result<(), StoreError> {
        const VERB: &str = "begin_view";
        if self.grouped || self.viewing {
            return Err(Fault::Refused("a group or a view is under way already".to_owned()).of(VERB, None));
        }
        self.renew()?;
        // The first look takes the view: until then others' commits would still be seen.
        let begun = run_word(&self.db, "BEGIN")
            .and_then(|()| Ok(self.db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?));
        begun.map_err(|fault| self.failed(fault, VERB))?;
        self.viewing = true;
        Ok(())
    }

    /// Ends the view.
    pub(super) fn view_ends(&mut self) -> Result<(), StoreError> {
        const VERB: &str = "end_view";
        if !std::mem::take(&mut self.viewing) {
            return Err(Fault::Refused("no view is under way".to_owned()).of(VERB, None));
        }
        if self.db.is_autocommit() {
            return Ok(());
        }
        run_word(&self.db, "COMMIT").map_err(|fault| self.failed(fault, VERB))
    }

    /// Chooses what the next transactions outlive. A connection is opened with the stricter choice.
    fn outlive(&mut self, until: Durable) -> Result<(), Fault> {
        if self.until != until {
            self.db.execute_batch(match until {
                Durable::PowerCut => "PRAGMA synchronous = FULL",
                Durable::Kill => "PRAGMA synchronous = NORMAL",
            })?;
            self.until = until;
        }
        Ok(())
    }

    fn transaction<T>(&mut self, begin: Begin, act: impl FnOnce(&Db) -> Result<T, Fault>) -> Result<T, Fault> {
        match begin {
            Begin::Read => whole(&self.db, "BEGIN", act),
            Begin::Write | Begin::WriteOnce | Begin::WriteSure => {
                self.outlive(Durable::PowerCut)?;
                whole(&self.db, "BEGIN IMMEDIATE", act)
            }
            Begin::Claim => {
                self.outlive(Durable::Kill)?;
                whole(&self.db, "BEGIN IMMEDIATE", act)
            }
        }
    }

    fn step<T>(&self, begin: Begin, act: impl FnOnce(&Db) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.db.is_autocommit() {
            return Err(lost_group());
        }
        if matches!(begin, Begin::Read | Begin::WriteOnce) {
            return act(&self.db);
        }
        if begin == Begin::WriteSure {
            let before = self.db.total_changes();
            let done = act(&self.db);
            if done.is_err() && self.db.total_changes() != before && !self.db.is_autocommit() {
                run_word(&self.db, "ROLLBACK")?;
            }
            return done;
        }
        run_word(&self.db, "SAVEPOINT verb")?;
        let done = act(&self.db);
        let ended = match &done {
            Ok(_) => run_word(&self.db, "RELEASE verb"),
            // A full disk or a failing one ends the whole transaction by itself: then there is nothing to roll back.
            Err(_) if self.db.is_autocommit() => Ok(()),
            Err(_) => run_word(&self.db, "ROLLBACK TO verb").and_then(|()| run_word(&self.db, "RELEASE verb")),
        };
        let value = done?;
        ended?;
        Ok(value)
    }
}

fn lost_group() -> Fault {
    Fault::Busy("the disk failed an earlier verb of this group, and nothing of the group is written".to_owned())
}

/// Does `act` within a view, where it only reads.
fn look<T>(db: &Db, begin: Begin, act: impl FnOnce(&Db) -> Result<T, Fault>) -> Result<T, Fault> {
    if begin != Begin::Read {
        return Err(Fault::Refused("nothing is written within a view".to_owned()));
    }
    if db.is_autocommit() {
        return Err(Fault::Busy("the disk failed an earlier look of this view".to_owned()));
    }
    act(db)
}

fn run_word(db: &Connection, sql: &'static str) -> Result<(), Fault> {
    db.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Does `act` in a transaction of its own.
fn whole<T>(db: &Db, begin: &'static str, act: impl FnOnce(&Db) -> Result<T, Fault>) -> Result<T, Fault> {
    run_word(db, begin)?;
    let done = act(db).and_then(|value| run_word(db, "COMMIT").map(|()| value));
    if done.is_err() && !db.is_autocommit() {
        run_word(db, "ROLLBACK")?;
    }
    done
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use rusqlite::StatementStatus;

    use super::{Db, Fault, SqliteStore};
    use crate::model::{TopicKey, TopicSpan, TopicSpec};
    use crate::port::{Durable, Store as _, StoreError, StoreTrouble, Surveys as _};

    fn topic(name: &str, query_bytes: usize) -> TopicSpec {
        TopicSpec {
            key: TopicKey::parse(name).unwrap(),
            name: name.to_owned(),
            query: "x".repeat(query_bytes),
            fresh: Duration::ZERO,
            stale: Duration::ZERO,
            span: TopicSpan::default(),
        }
    }

    #[test]
    fn statements_are_planned_once_whatever_is_bound_to_them() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tidings.db");
        for store in [SqliteStore::open(&file).unwrap(), SqliteStore::open_reader(&file).unwrap()] {
            let mut statement = store.db.prepare("SELECT key FROM topic WHERE retired = ?1 LIMIT ?2").unwrap();
            for limit in 1..5 {
                assert!(!statement.exists([limit % 2, limit]).unwrap());
            }
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
        }
    }

    #[test]
    fn a_file_that_is_moved_or_deleted_under_the_store_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (file, aside) = (folder.path().join("tidings.db"), folder.path().join("aside.db"));
        let mut stores = [SqliteStore::open(&file).unwrap(), SqliteStore::open_reader(&file).unwrap()];
        let mut seen = || stores.each_mut().map(|store| store.survey(Timestamp::UNIX_EPOCH).unwrap().size.is_elsewhere);
        assert_eq!(seen(), [false, false]);
        std::fs::rename(&file, &aside).unwrap();
        assert_eq!(seen(), [true, true]);
        std::fs::copy(&aside, &file).unwrap();
        assert_eq!(seen(), [true, true], "a copy is another file");
        std::fs::rename(&aside, &file).unwrap();
        assert_eq!(seen(), [false, false]);
        assert!(!SqliteStore::in_memory().unwrap().survey(Timestamp::UNIX_EPOCH).unwrap().size.is_elsewhere);
    }

    #[test]
    fn a_full_disk_is_told_as_retryable_loses_only_what_did_not_fit_and_the_store_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&folder.path().join("tidings.db")).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        store.add_topic(&topic("kept", 10), now).unwrap();
        let pages: i64 = store.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        store.db.pragma_update_and_check(None, "max_page_count", pages + 4, |_| Ok(())).unwrap();
        assert!(store.add_topic(&topic("alone", 1_000_000), now).unwrap_err().is_retryable());

        store.group(Durable::PowerCut).unwrap();
        assert!(store.add_topic(&topic("grouped", 1_000_000), now).unwrap_err().is_retryable());
        let later = store.add_topic(&topic("later", 10), now);
        let committed = store.commit_group();
        assert_eq!(later.is_ok(), committed.is_ok(), "what a verb said is what the group does");

        store.db.pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).unwrap();
        store.add_topic(&topic("alone", 1_000_000), now).unwrap();
        let kept = store.topics().unwrap().iter().filter(|t| t.spec.query.len() == 10).count();
        assert_eq!(kept, 1 + usize::from(committed.is_ok()));
    }

    #[test]
    fn of_a_group_in_which_a_verb_without_a_savepoint_fails_halfway_nothing_is_written() {
        let mut store = SqliteStore::in_memory().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let refused = || Fault::Refused("no".to_owned());
        store.group(Durable::PowerCut).unwrap();
        store.add_topic(&topic("one", 10), now).unwrap();
        store.write_surely::<()>("verb", |_| Err(refused())).unwrap_err();
        store.commit_group().expect("it had written nothing");

        store.group(Durable::PowerCut).unwrap();
        store.add_topic(&topic("two", 10), now).unwrap();
        let halfway = |db: &Db| {
            db.execute("UPDATE topic SET query = 'other'", [])?;
            Err(refused())
        };
        store.write_surely::<()>("verb", halfway).unwrap_err();
        assert!(store.add_topic(&topic("three", 10), now).unwrap_err().is_retryable());
        assert!(store.commit_group().unwrap_err().is_retryable());
        let held: Vec<usize> = store.topics().unwrap().iter().map(|topic| topic.spec.query.len()).collect();
        assert_eq!(held, [10]);
    }

    #[test]
    fn damage_that_the_file_has_not_passes_however_many_verbs_of_a_group_meet_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&folder.path().join("tidings.db")).unwrap();
        let corrupt = || rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT), None);
        for round in ["once", "again"] {
            store.group(Durable::PowerCut).unwrap();
            for _ in 0..10 {
                let met = store.write::<()>("verb", |_| Err(corrupt().into())).unwrap_err();
                assert!(met.is_retryable(), "{met}");
            }
            store.commit_group().ok();
            assert_eq!(store.trouble(), Some(StoreTrouble::Failing));
            store.add_topic(&topic(round, 10), Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(store.trouble(), None);
        }
        let always = (0..10).map(|_| store.read::<()>("verb", |_| Err(corrupt().into())).unwrap_err());
        assert!(always.last().is_some_and(|met| matches!(met, StoreError::Damaged { .. })), "a doubt has an end");
    }
}
