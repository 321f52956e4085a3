//! What one answer may cost, whoever sends it.

use std::time::Duration;

/// Bounds on an answer beside those of its request (`model::Limits`): what keeps a hostile or broken server from costing
/// more than a failed poll.
///
/// Times and speed hold for GET alone: an endpoint may think about a notification for as long as its own timeout says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Until the head of an answer has come whole, from the asking on, connecting included; anew for each redirect.
    pub answer: Duration,
    /// How long a body may stay under [`Bounds::slowest_bytes`].
    pub slow: Duration,
    /// Bytes on the wire that must come in each such span until the body has ended.
    pub slowest_bytes: usize,
    /// Bytes of a head's names and values.
    pub head_bytes: usize,
    /// Fields of a head.
    pub head_fields: usize,
    /// How many times its size on the wire a body may become ...
    pub expansion: usize,
    /// ... once it is larger than this, in bytes.
    pub expansion_from: usize,
    /// Connections that are opened before those that are kept are closed and counted anew: what is kept over all hosts.
    pub kept: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(20),
            // 1 kB/s, the pace of a modem of 1985.
            slow: Duration::from_secs(20),
            slowest_bytes: 20_000,
            // Browsers take 256 kB, servers send 8 kB at the most; hyper itself gives up at 408 kB.
            head_bytes: 64 * 1024,
            head_fields: 100,
            // Feeds are packed 3 to 20 to 1. Gzip reaches 1,032 to 1, and brotli has no bound.
            expansion: 200,
            expansion_from: 1024 * 1024,
            // Some 50 kB each; a quarter of the descriptors that a shell gives.
            kept: 512,
        }
    }
}
