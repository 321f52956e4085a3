//! Bells: a loop rings another when it has left work in the store.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::{Mischief, Prank};

/// A bell with one listener. Ringing it while nobody waits is remembered once.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>, Mischief);

impl Bell {
    /// Rings it.
    pub fn ring(&self) {
        if !self.1.strikes(Prank::BellLost) {
            self.0.notify_one();
        }
    }

    /// Waits until it rings, at most `patience`. Cancel-safe: a ring that comes while nobody waits is kept.
    pub async fn wait(&self, patience: Duration) {
        // Either way the loop looks at the store next: which of the two it was makes no difference.
        let _rang = tokio::time::timeout(patience, self.0.notified()).await.is_ok();
    }
}

/// A bell with any number of listeners, who each hear every ring or the last of several.
#[derive(Debug, Clone, Default)]
pub struct Gong(watch::Sender<()>);

impl Gong {
    /// Rings it.
    pub fn ring(&self) {
        self.0.send_replace(());
    }

    /// Begins to listen.
    pub fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// Hears a gong.
#[derive(Debug)]
pub struct Listener(watch::Receiver<()>);

impl Listener {
    /// Forgets the rings so far: said before a look at the store, so that what comes after the look is heard.
    pub fn attend(&mut self) {
        self.0.mark_unchanged();
    }

    /// Waits for a ring, at most `patience`. Cancel-safe.
    pub async fn wait(&mut self, patience: Duration) {
        // Either way the listener looks at the store next. A gong that is gone is like one that is silent.
        if let Ok(Err(_gone)) = tokio::time::timeout(patience, self.0.changed()).await {
            tokio::time::sleep(patience).await;
        }
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
    /// The log of notifications grew: streams have news.
    pub log: Gong,
    /// Events changed: open pages show it.
    pub events: Gong,
    /// Endpoints are to prove that they want what they would be told.
    pub verify: Bell,
    /// Events changed, so feeds may have, or followers wait to be confirmed.
    pub hub: Bell,
}

impl Bells {
    /// Bells that are lost now and then.
    pub fn amid(mischief: &Mischief) -> Self {
        let bell = || Bell(Arc::default(), mischief.clone());
        Self {
            poll: bell(),
            decide: bell(),
            dispatch: bell(),
            push: bell(),
            log: Gong::default(),
            events: Gong::default(),
            verify: bell(),
            hub: bell(),
        }
    }

    /// Notifications were written: their deliveries are due, and the log grew.
    pub fn told(&self) {
        self.dispatch.ring();
        self.log.ring();
    }
}
