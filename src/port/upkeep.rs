//! The store's verbs of keeping it small: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::StoreError;

/// How much room the database takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Room {
    /// Bytes in use.
    pub used_bytes: u64,
    /// Bytes of the file that are free: new rows use them, or they are given back.
    pub free_bytes: u64,
}

/// What is dropped before its time, as the database is too large: what is older than these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shed {
    /// Stories on no topic, finished deliveries, what the log of notifications says.
    pub before: Timestamp,
    /// Texts of stories on a topic.
    pub told_before: Timestamp,
}

/// A step of a merge of the whole index of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merging {
    /// The first: all that there is is to be merged into one.
    Begins,
    /// Any later one.
    GoesOn,
}

/// The verbs; each is one transaction, as all of [`super::Store`].
///
/// None of them drops what is undecided, undelivered or kept for somebody, what an operator said something of, or what a story is
/// known by: an entry that a feed goes on listing is never new again.
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Upkeep {
    /// Deletes decided stories on no topic that were first seen before `before`, at most `limit`, the oldest first. Their keys
    /// stay ([`crate::model::Known::buried`]). Gives how many.
    fn bury(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
    /// Drops the texts of stories on a topic that were first seen before `before`, earlier versions and meanings with them, at
    /// most `limit`, the oldest first; titles, decisions and events stay. Gives how many.
    fn drop_told_texts(&mut self, before: Timestamp, limit: usize) -> Result<usize, StoreError>;
    /// Drops what is older than `shed` says, at most `limit` of each kind; gives how many of all.
    fn shed(&mut self, shed: Shed, limit: usize) -> Result<usize, StoreError>;
    /// Merges a part of the index of words, whose deleted words take room until then. `true` where there is more to do.
    fn merge_words(&mut self, step: Merging) -> Result<bool, StoreError>;
    /// How much room the database takes.
    fn room(&mut self) -> Result<Room, StoreError>;
    /// Gives at most `bytes` of what is free back to the file system; gives how much is free still. A database that was not made
    /// for it (`auto_vacuum`) gives nothing back, and says that nothing is free.
    fn give_back(&mut self, bytes: u64) -> Result<u64, StoreError>;
}
