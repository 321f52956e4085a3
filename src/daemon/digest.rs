//! Digests are made when they are due: by the dispatch loop, before it claims.

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use crate::model::NotificationType;
use crate::port::Due;

use super::Parts;

/// While deliveries are claimed without a pause, the store is asked this often.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// Transactions in a row, each for a few subscriptions.
const ROUNDS_MAX: usize = 64;

/// When digests are due, as far as the loop knows.
#[derive(Debug, Default)]
pub(super) struct Digests {
    due_at: Option<Timestamp>,
    looked_at: Timestamp,
}

impl Digests {
    /// What the store says is due.
    pub(super) fn heard(&mut self, due: &Due, now: Timestamp) {
        (self.due_at, self.looked_at) = (due.digest_at, now);
    }

    /// Makes those that are due.
    ///
    /// # Errors
    /// When the store refuses.
    pub(super) async fn make(&mut self, parts: &Parts) -> anyhow::Result<()> {
        let now = parts.clock.now();
        let is_known = self.due_at.is_some_and(|at| at <= now);
        if !is_known && now.duration_since(self.looked_at) < LOOK_EVERY {
            return Ok(());
        }
        for _ in 0..ROUNDS_MAX {
            let due = parts.keeper.read(|store| store.due()).await.context("ask the store which digests are due")?;
            self.heard(&due, now);
            if due.digest_at.is_none_or(|at| at > now) {
                break;
            }
            let made = parts.keeper.write(move |store| store.make_digests(now)).await.context("make digests")?;
            (0..made).for_each(|_| parts.status.notified(NotificationType::Digest));
        }
        Ok(())
    }
}
