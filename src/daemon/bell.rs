//! Bells: a loop rings another when it has left work in the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

/// A bell with one listener. Ringing it while nobody waits is remembered once.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Rings it.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until it rings, at most `patience`. Cancel-safe: a ring that comes while nobody waits is kept.
    pub async fn wait(&self, patience: Duration) {
        // Either way the loop looks at the store next: which of the two it was makes no difference.
        let _rang = tokio::time::timeout(patience, self.0.notified()).await.is_ok();
    }
}

/// The loops' bells.
#[derive(Debug, Clone, Default)]
pub struct Bells {
    /// Sources or article pages are due.
    pub poll: Bell,
    /// Stories are undecided.
    pub decide: Bell,
    /// Deliveries are due.
    pub dispatch: Bell,
    /// Pushes wait to be examined, or hubs to be asked.
    pub push: Bell,
}
