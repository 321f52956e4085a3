//! Reload: the configuration is read anew while the loops turn, on SIGHUP or when somebody asks, and whoever asks is told what
//! came of it. What is wrong with the new one leaves the old one in force.

use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use tokio::sync::{mpsc, oneshot, watch};

use crate::port::{Adrift, Declared, Synced, Tally};

use super::{Parts, ReloadOutcome, Terms};

/// Those who wait for a reload at the same time; beyond that one waits for his place.
const WAITING_MAX: usize = 8;

/// What a good reload brings.
#[derive(Debug)]
pub struct Reloaded {
    /// The terms from now on.
    pub terms: Terms,
    /// What is declared from now on.
    pub declared: Declared,
    /// What of it waits for a restart, and other notes, a sentence each.
    pub notes: Vec<String>,
}

/// Reads the configuration anew; the error is what a person reads.
pub type Reload = Box<dyn FnMut() -> anyhow::Result<Reloaded> + Send>;

/// What a reload changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenUp {
    /// Of what is declared.
    pub synced: Synced,
    /// What waits for a restart, and other notes, a sentence each.
    pub notes: Vec<String>,
}

/// Whom an outcome is told to.
pub(super) type Waiting = oneshot::Sender<anyhow::Result<TakenUp>>;

/// Asks the daemon to reload, from another task. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Reloader(mpsc::Sender<Waiting>);

impl Reloader {
    /// Has the configuration read anew, and waits for what comes of it.
    ///
    /// # Errors
    /// Why the old one stays in force.
    pub async fn reload(&self) -> anyhow::Result<TakenUp> {
        let stopping = || anyhow!("the daemon is stopping");
        let (waiting, outcome) = oneshot::channel();
        self.0.send(waiting).await.map_err(|_gone| stopping())?;
        outcome.await.map_err(|_gone| stopping())?
    }
}

/// How the daemon reloads.
pub struct Reloading {
    read: Reload,
    terms: watch::Sender<Arc<Terms>>,
    asked: mpsc::Receiver<Waiting>,
    /// Kept so that `asked` never closes.
    reloader: Reloader,
}

impl Reloading {
    /// Reads by `read`, and puts the terms where the loops see them.
    pub fn new(read: Reload, terms: watch::Sender<Arc<Terms>>) -> Self {
        let (sender, asked) = mpsc::channel(WAITING_MAX);
        Self { read, terms, asked, reloader: Reloader(sender) }
    }

    /// What asks for it.
    pub fn reloader(&self) -> Reloader {
        self.reloader.clone()
    }

    /// Waits until somebody asks. Cancel-safe.
    pub(super) async fn asked(&mut self) -> Option<Waiting> {
        self.asked.recv().await
    }

    /// Reloads, says in the log what came of it, and tells whoever asked.
    pub(super) async fn reload(&mut self, parts: &Parts, asked: Option<Waiting>) {
        let outcome = self.take_up(parts).await;
        match &outcome {
            Err(error) => {
                tracing::error!("the configuration was not reloaded, and the one before stays in force: {error:#}");
            }
            Ok(TakenUp { synced, notes }) => {
                let Tally { added, changed, retired } = synced.all();
                tracing::info!(
                    added,
                    changed,
                    retired,
                    "the configuration was reloaded: {added} topics, sources and subscriptions added, {changed} changed, {retired} retired"
                );
                for note in notes {
                    tracing::warn!("of the configuration that was reloaded: {note}");
                }
            }
        }
        parts.status.reloaded(ReloadOutcome { at: parts.clock.now(), is_good: outcome.is_ok() });
        if let Some(asked) = asked {
            // Whoever asked may have left: the log has it.
            asked.send(outcome).ok();
        }
    }

    async fn take_up(&mut self, parts: &Parts) -> anyhow::Result<TakenUp> {
        let Reloaded { terms, declared, mut notes } = (self.read)()?;
        let now = parts.clock.now();
        let synced = parts.keeper.write(move |store| Ok((store.sync(&declared, now)?, store.adrift()?))).await;
        let (synced, adrift) = synced.context("write what the new configuration declares")?;
        notes.extend(synced.words());
        notes.extend(adrift.words().map(|said| format!("{said}; {}", Adrift::HELP)));
        self.terms.send_replace(Arc::new(terms));
        parts.market.changed();
        parts.bells.poll.ring();
        parts.bells.decide.ring();
        parts.bells.dispatch.ring();
        parts.bells.push.ring();
        Ok(TakenUp { synced, notes })
    }
}
