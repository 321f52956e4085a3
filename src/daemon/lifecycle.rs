//! Start, reload, drain: the life of the daemon around its loops, and the one place where long-lived tasks start.
//!
//! A loop that ends before it is asked to, or panics, ends the process with a failure, for systemd to start it anew: a
//! dead task that nobody sees is the worst of faults. A store that is full or busy is no such fault: loops wait.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::port::StoreError;

use super::reload::{Reloading, Waiting};
use super::{LoopName, Parts, Watchdog, decide, dispatch, hub, market, poll, retention, steady, verify, websub};

/// Attempts and polls under way get this long to end after a stop; what is cut is as if it had not begun.
const DRAIN: Duration = Duration::from_secs(20);
/// A loop that has not turned for this long is stuck: the watchdog is no longer fed.
pub const PATIENCE: Duration = Duration::from_secs(25);
/// How often the loops are looked at where no service manager says how often it wants to be told.
const WATCH_EVERY: Duration = Duration::from_secs(5);
/// How often what a loop holds is written again: a delivery's lease lasts two minutes.
const INSIST_TRIES: u32 = 90;
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

/// Why the daemon ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was asked to (SIGTERM, SIGINT) and drained.
    Stopped,
    /// It was asked to, and something under way had to be cut; it will be done again.
    Cut,
}

/// Runs the loops until SIGTERM or SIGINT, then drains. SIGHUP reloads, as does whoever asks `reloading` to.
///
/// # Errors
/// When a loop or task fails or panics: the caller ends the process with a failure.
pub async fn run(parts: Parts, mut reloading: Reloading, tasks: Vec<(&'static str, Task)>) -> anyhow::Result<Ended> {
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
    let wanted = sd_notify::watchdog_enabled();
    let beat = wanted.map_or(WATCH_EVERY, |timeout| timeout / 3);
    let mut stuck = Vec::new();
    let mut watchdog = tokio::time::interval(beat.max(Duration::from_millis(100)));
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => reload(&parts, &mut reloading, None).await,
            Some(asked) = reloading.asked() => reload(&parts, &mut reloading, Some(asked)).await,
            _ = watchdog.tick() => feed_watchdog(&parts, wanted.is_some(), &mut stuck),
            () = begun(&parts), if !is_ready => {
                is_ready = true;
                let version = env!("CARGO_PKG_VERSION");
                tracing::info!("tidings {version} is ready");
                tell_systemd(&[sd_notify::NotifyState::Ready]);
            }
            // Whatever loop or reader met it: nothing good comes of going on.
            damage = parts.keeper.damaged() => return Err(damage.into()),
            ended = running.join_next() => fail(ended)?,
        }
    }
    tell_systemd(&[sd_notify::NotifyState::Stopping]);
    // Whoever still waits for a reload is told that none comes.
    drop(reloading);
    tracing::info!("tidings is stopping, and what is under way may end");
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
    let (p, s) = (parts.clone(), stop.clone());
    running.spawn(async move { ("clock", steady::turn(p, s).await) });
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

async fn reload(parts: &Parts, reloading: &mut Reloading, asked: Option<Waiting>) {
    tell_systemd(&[sd_notify::NotifyState::Reloading]);
    reloading.reload(parts, asked).await;
    tell_systemd(&[sd_notify::NotifyState::Ready]);
}

/// Feeds systemd's watchdog while every loop turns. `before` are the loops that were stuck at the last beat: what
/// changes is said, once.
fn feed_watchdog(parts: &Parts, is_wanted: bool, before: &mut Vec<LoopName>) {
    let now = parts.clock.now();
    let stuck = parts.status.stuck(now, PATIENCE);
    if stuck.is_empty() {
        tell_systemd(&[sd_notify::NotifyState::Watchdog]);
        parts.status.fed(Watchdog { is_wanted, fed_at: Some(now) });
    }
    if stuck != *before {
        let names: Vec<_> = stuck.iter().map(|name| name.label()).collect();
        let (names, patience) = (names.join(", "), PATIENCE.as_secs());
        if stuck.is_empty() {
            tracing::info!("all loops turn again, and the watchdog is fed");
        } else {
            tracing::error!("these loops have not turned for {patience} s, so the watchdog is not fed: {names}");
        }
    }
    *before = stuck;
}

/// Says that the start takes longer than usual: an hour is left for it.
pub fn ask_for_patience() {
    tell_systemd(&[sd_notify::NotifyState::ExtendTimeoutUsec(3_600_000_000)]);
}

fn tell_systemd(state: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!("the service manager could not be told how we are: {error}");
    }
}

/// Takes the store's passing troubles (a full disk, a busy file) as nothing done, after a wait; anything else as is.
pub(super) async fn patiently(parts: &Parts, name: LoopName, step: anyhow::Result<usize>) -> anyhow::Result<usize> {
    match step {
        Err(error) if error.downcast_ref::<StoreError>().is_some_and(StoreError::is_retryable) => {
            refused(parts, name, &error);
            tokio::time::sleep(STORE_RETRY).await;
            Ok(0)
        }
        Ok(done) => {
            served(parts, name);
            Ok(done)
        }
        other => other,
    }
}

/// Notes that a loop could not do its work, as a rule for the store refused, and says so the first time.
pub(super) fn refused(parts: &Parts, name: LoopName, error: &anyhow::Error) {
    let (label, why) = (name.label(), format!("{error:#}"));
    let is_first = parts.status.refused(name, &why, parts.clock.now());
    if matches!(error.downcast_ref(), Some(StoreError::Busy { .. })) {
        // The keeper tells people of it, once for all loops, sooner or later than this.
        tracing::debug!(task = label, "the {label} loop waits for the store: {why}");
    } else if is_first {
        tracing::error!(task = label, "the {label} loop can't do its work, and tries again each second: {why}");
    }
}

/// Notes that the store did what a loop asked for, and says so where it had refused before.
pub(super) fn served(parts: &Parts, name: LoopName) {
    if let Some(since) = parts.status.served(name) {
        let (label, secs) = (name.label(), until(since, parts.clock.now()).as_secs());
        tracing::info!(task = label, "the {label} loop does its work again, after {secs} s");
    }
}

/// As [`patiently`], of the question how long to wait: a store that can't say is looked at again at once.
pub(super) async fn patiently_wait(
    parts: &Parts,
    name: LoopName,
    wait: anyhow::Result<Duration>,
) -> anyhow::Result<Duration> {
    match wait {
        Ok(wait) => Ok(wait),
        Err(error) => patiently(parts, name, Err(error)).await.map(|_done| Duration::ZERO),
    }
}

/// Writes what a loop holds alone, again and again while the store refuses for now and the work's lease may last: what the web
/// answered is not to be had a second time, and an attempt that isn't settled is made again.
pub(super) async fn insist<T, F: Future<Output = Result<T, StoreError>>>(
    mut write: impl FnMut() -> F,
) -> Result<T, StoreError> {
    for _ in 0..INSIST_TRIES {
        match write().await {
            Err(StoreError::Busy { .. }) => tokio::time::sleep(STORE_RETRY).await,
            done => return done,
        }
    }
    write().await
}

/// The span from now to `at`, nothing when it is past.
pub(super) fn until(now: Timestamp, at: Timestamp) -> Duration {
    at.duration_since(now).try_into().unwrap_or(Duration::ZERO)
}
