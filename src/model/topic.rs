//! Topics: what is watched.

use std::time::Duration;

use super::{Origin, TopicKey};

/// A topic as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// Its short name.
    pub key: TopicKey,
    /// What people call it.
    pub name: String,
    /// The query, as written (syntax: topic/).
    pub query: String,
    /// An entry of a source's first poll is told when published within this; else it is stored untold.
    pub fresh: Duration,
    /// A later entry is told unless published longer ago than this.
    pub stale: Duration,
}

/// A topic in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// As declared.
    pub spec: TopicSpec,
    /// Where it was declared.
    pub origin: Origin,
}
