//! Start, reload, drain: the life of the daemon around its loops, and the one place where long-lived tasks start.
//!
//! A loop that ends before it is asked to, or panics, ends the process with a failure, for systemd to start it anew: a
//! dead task that nobody sees is the worst of faults. A store that is full or busy is no such fault: loops wait.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::port::{Declared, StoreError};

use super::{Parts, Terms, decide, dispatch, hub, market, poll, retention, verify, websub};

/// Attempts and polls under way get this long to end after a stop; what is cut is as if it had not begun.
const DRAIN: Duration = Duration::from_secs(20);
/// A loop that has not turned for this long is stuck: the watchdog is no longer fed.
const PATIENCE: Duration = Duration::from_secs(25);
/// The wait of a loop whose store is full or busy.
const STORE_RETRY: Duration = Duration::from_secs(1);

/// Hears the request to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    pub(super) fn new(receiver: watch::Receiver<bool>) -> Self {
        Self(receiver)
    }

    /// Whether stopping was asked for.
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until stopping is asked for. Cancel-safe.
    pub async fn heard(&self) {
        let mut receiver = self.0.clone();
        // A sender that is gone stops us as well.
        let _heard = receiver.wait_for(|stop| *stop).await.is_ok();
    }
}

/// A long-lived task beside the loops (the HTTP server): is given the stop, ends soon after it.
pub type Task = Box<dyn FnOnce(Stop) -> Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>> + Send>;

/// What a good reload brings.
#[derive(Debug)]
pub struct Reloaded {
    /// The terms from now on.
    pub terms: Terms,
    /// What is declared from now on.
    pub declared: Declared,
}

/// Reads the configuration anew; the error is what a person reads.
pub type Reload = Box<dyn FnMut() -> Result<Reloaded, String> + Send>;

/// Why the daemon ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to (SIGTERM, SIGINT) and drained.
    Stopped,
    /// It was asked to, and something under way had to be cut; it will be done again.
    Cut,
}

/// Runs the loops until SIGTERM or SIGINT, then drains. SIGHUP reloads.
///
/// # Errors
/// When a loop or task fails or panics: the caller ends the process with a failure.
pub async fn run(
    parts: Parts,
    terms: watch::Sender<Arc<Terms>>,
    mut reload: Reload,
    tasks: Vec<(&'static str, Task)>,
) -> anyhow::Result<Ended> {
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for SIGINT")?;
    let mut hangup = signal(SignalKind::hangup()).context("listen for SIGHUP")?;
    let (stop, heard) = watch::channel(false);
    let mut running = start(&parts, &Stop::new(heard.clone()));
    for (name, task) in tasks {
        let work = task(Stop::new(heard.clone()));
        running.spawn(async move { (name, work.await) });
    }
    let mut is_ready = false;
    let beat = sd_notify::watchdog_enabled().map_or(PATIENCE, |timeout| timeout / 3);
    let mut watchdog = tokio::time::interval(beat.max(Duration::from_millis(100)));
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => reload_now(&parts, &terms, &mut reload).await,
            _ = watchdog.tick() => feed_watchdog(&parts),
            () = begun(&parts), if !is_ready => {
                is_ready = true;
                tell_systemd(&[sd_notify::NotifyState::Ready]);
            }
            ended = running.join_next() => fail(ended)?,
        }
    }
    tell_systemd(&[sd_notify::NotifyState::Stopping]);
    tracing::info!("stopping: what is under way may end");
    stop.send_replace(true);
    drain(running).await
}

/// Waits until the first round of polls begins: then the daemon is what `/readyz` calls ready.
async fn begun(parts: &Parts) {
    while !parts.status.begun() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Runs the loops alone until `stop`: for worlds that have no signals (simulation).
///
/// # Errors
/// As [`run`].
pub async fn run_loops(parts: Parts, stop: watch::Receiver<bool>) -> anyhow::Result<Ended> {
    let stop = Stop::new(stop);
    let mut running = start(&parts, &stop);
    tokio::select! {
        ended = running.join_next() => fail(ended)?,
        () = stop.heard() => {}
    }
    drain(running).await
}

type Running = JoinSet<(&'static str, anyhow::Result<()>)>;

fn start(parts: &Parts, stop: &Stop) -> Running {
    let mut running = JoinSet::new();
    let (p, s) = (parts.clone(), stop.clone());
    running.spawn(async move { ("poll", poll::turn(p, s).await) });
    let (p, s) = (parts.clone(), stop.clone());
    running.spawn(async move { ("market", market::turn(p, s).await) });
    let (p, s) = (parts.clone(), stop.clone());
    running.spawn(async move { ("decide", decide::turn(p, s).await) });
    let (p, s) = (parts.clone(), stop.clone());
    running.spawn(async move { ("dispatch", dispatch::turn(p, s).await) });
    let (p, s) = (parts.clone(), stop.clone());
    running.spawn(async move { ("push", websub::turn(p, s).await) });
    let (p, s) = (parts.clone(), stop.clone());
    running.spawn(async move { ("hub", hub::turn(p, s).await) });
    let (p, s) = (parts.clone(), stop.clone());
    running.spawn(async move { ("retention", retention::turn(p, s).await) });
    let (p, s) = (parts.clone(), stop.clone());
    running.spawn(async move { ("verify", verify::turn(p, s).await) });
    running
}

type Joined = Option<Result<(&'static str, anyhow::Result<()>), tokio::task::JoinError>>;

/// A task has ended although nobody asked it to.
fn fail(ended: Joined) -> anyhow::Result<()> {
    match ended {
        None => bail!("no loop is running"),
        Some(Err(panicked)) => Err(anyhow!(panicked).context("a loop panicked")),
        Some(Ok((name, Err(error)))) => Err(error.context(format!("the {name} loop failed"))),
        Some(Ok((name, Ok(())))) => bail!("the {name} loop ended by itself"),
    }
}

async fn drain(mut running: Running) -> anyhow::Result<Ended> {
    let all = async {
        let mut first_error = None;
        while let Some(ended) = running.join_next().await {
            match ended {
                Ok((_, Ok(()))) => {}
                Ok((name, Err(error))) => {
                    first_error.get_or_insert(error.context(format!("the {name} loop failed while stopping")));
                }
                Err(panicked) => {
                    first_error.get_or_insert(anyhow!(panicked).context("a loop panicked while stopping"));
                }
            }
        }
        first_error
    };
    match tokio::time::timeout(DRAIN, all).await {
        Ok(None) => Ok(Ended::Stopped),
        Ok(Some(error)) => Err(error),
        Err(_elapsed) => Ok(Ended::Cut),
    }
}

async fn reload_now(parts: &Parts, terms: &watch::Sender<Arc<Terms>>, reload: &mut Reload) {
    tell_systemd(&[sd_notify::NotifyState::Reloading]);
    match reload() {
        Err(problems) => tracing::error!("kept the old configuration, as the new one has problems:\n{problems}"),
        Ok(Reloaded { terms: fresh, declared }) => {
            let now = parts.clock.now();
            match parts.keeper.write(move |store| store.sync(&declared, now)).await {
                Err(error) => tracing::error!("kept the old configuration: failed to {error}"),
                Ok(synced) => {
                    terms.send_replace(Arc::new(fresh));
                    parts.bells.poll.ring();
                    parts.bells.decide.ring();
                    parts.bells.dispatch.ring();
                    parts.bells.push.ring();
                    tracing::info!(
                        added = synced.added,
                        changed = synced.changed,
                        retired = synced.retired,
                        "took up the new configuration"
                    );
                }
            }
        }
    }
    tell_systemd(&[sd_notify::NotifyState::Ready]);
}

/// Feeds systemd's watchdog while every loop turns.
fn feed_watchdog(parts: &Parts) {
    if parts.status.alive(parts.clock.now(), PATIENCE) {
        tell_systemd(&[sd_notify::NotifyState::Watchdog]);
    } else {
        tracing::error!("a loop has not turned for {} s: the watchdog is not fed", PATIENCE.as_secs());
    }
}

/// Says that the start takes longer than usual: an hour is left for it.
pub fn ask_for_patience() {
    tell_systemd(&[sd_notify::NotifyState::ExtendTimeoutUsec(3_600_000_000)]);
}

fn tell_systemd(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!("failed to tell systemd how we are: {error}");
    }
}

/// Takes the store's passing troubles (a full disk, a busy file) as nothing done, after a wait; anything else as is.
pub(super) async fn patiently(step: anyhow::Result<usize>) -> anyhow::Result<usize> {
    match step {
        Err(error) if error.downcast_ref::<StoreError>().is_some_and(StoreError::is_retryable) => {
            tracing::error!("the store refuses for now: {error:#}");
            tokio::time::sleep(STORE_RETRY).await;
            Ok(0)
        }
        other => other,
    }
}

/// The span from now to `at`, nothing when it is past.
pub(super) fn until(now: Timestamp, at: Timestamp) -> Duration {
    at.duration_since(now).try_into().unwrap_or(Duration::ZERO)
}
