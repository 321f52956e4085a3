//! Rung 5: the store in one SQLite file. SQL and rusqlite are named in this room only.
//!
//! [`SqliteStore`] carries out the verbs of [`crate::port::Store`]; a file here holds one group of them. Outside a
//! group each verb is a transaction; inside, a savepoint, so that several share one wait for the disk.
//!
//! Architecture invariants: the schema only moves forward, by numbered files in `migrations/` that are never edited
//! once released; a claim changes no index; of one subscription and event only the oldest pending delivery is due.
//!
//! # Costs
//! CPU-ms, optimized build, 2 cores shared with other work (numbers move by a third), real articles cut to a title and
//! 630 characters, synchronous=FULL, 2026-11-24: `record_poll` with 20 new stories of three keys each 1.25 alone and 0.9
//! in groups of 16, full-text index included; with a 304 0.14 and 0.018. `known` for 60 keys 0.2. Claiming and deciding
//! 20 stories 0.6. Claiming and settling four deliveries 0.6. `due` 0.007. Claiming 64 of 5,000 due sources about 1,
//! whether they are on one host or on 5,000. A search while stories wait to be indexed 7, else 0.25.
//!
//! Adding words to the full-text index within each poll cost 2.6 of 3.3 ms (merging of small segments); so it is done
//! 512 stories at a time, which holds up one poll in 25 by about 10 ms. Claims are committed with synchronous=NORMAL:
//! a claim that the power takes is made again.

mod article;
mod audience;
mod channel;
mod claim;
mod column;
mod db;
mod decision;
mod device;
mod digest;
mod document;
mod event;
mod export;
mod fault;
mod follower;
mod glance;
mod health;
mod key;
mod label;
mod line;
mod log;
mod market;
mod newcomer;
mod open;
mod outbox;
mod page;
mod plan;
mod poll;
mod push;
mod recall;
mod relevance;
mod repeat;
mod restore;
mod retention;
mod robots;
mod seal;
mod search;
mod self_service;
mod settlement;
mod shelf;
mod source;
mod sqlite;
mod story;
mod subscriber;
mod subscription;
mod survey;
mod sync;
mod token;
mod topic;
mod trial;
mod upkeep;
mod verification;
mod version;
mod walk;
mod wants;

#[cfg(test)]
mod contract;

pub use key::{NoKey, SealKey, SealKeys};
pub use restore::{Restored, lock_name, open_lock, restore};
pub use seal::{Sealed, Sealing};
pub use sqlite::SqliteStore;
