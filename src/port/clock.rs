//! What time it is.

use jiff::Timestamp;

/// Tells the time. Waiting is tokio's, whose own clock the simulation drives along with this one.
pub trait Clock: Send + Sync {
    /// The moment now, in UTC.
    fn now(&self) -> Timestamp;
}
