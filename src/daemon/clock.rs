//! The machine's clock.

use jiff::{SignedDuration, Timestamp};

use crate::port::Clock;

/// Tells the machine's time, shifted by a fixed span (none in service; a test may live in another year).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock {
    /// Added to the machine's time.
    pub shift: SignedDuration,
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine for the time")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        now.checked_add(self.shift).unwrap_or(now)
    }
}
