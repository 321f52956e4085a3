//! tidings: a news-feed aggregator daemon that tells each event once, at once, and can say why.
//!
//! The house stands on a ladder of rooms: a file imports from lower rungs and its own room only. ARCHITECTURE.md is the map.

pub mod model;

pub mod charset;
pub mod date;
pub mod text;
pub mod url;

pub mod dedup;
pub mod deliver;
pub mod encode;
pub mod facts;
pub mod feed;
pub mod learn;
pub mod page;
pub mod publish;
pub mod robots;
pub mod schedule;
pub mod topic;
pub mod websub;

pub mod discover;
pub mod ingest;

pub mod port;

pub mod mail;
pub mod net;
pub mod store;
pub mod weights;

pub mod daemon;

pub mod server;

pub mod cli;
pub mod config;
