//! PUSH: ask hubs for channels, and examine what they push. The fourth loop: a push goes the way of a poll from here on.
//!
//! What was acknowledged stands in the store's queue until it is examined; so a kill loses nothing. Hubs are asked wide,
//! one request at a time for each.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::model::{ChannelId, WebUrl};
use crate::port::{Store, StoreError};
use crate::websub::{After, Policy, rehomed};

use super::lifecycle::{patiently, until};
use super::{LoopName, Parts};

mod ask;
mod callback;
mod herald;
mod push;

pub use callback::{Callback, Incoming, Taken};
pub(super) use herald::Herald;

/// What the operator settles of push channels, and where their secrets come from.
#[derive(Debug, Clone)]
pub struct WebSub {
    /// The public address, and the lease.
    pub policy: Policy,
    /// Draws 32 random bytes; `None` where the system gives none.
    pub entropy: fn() -> Option<[u8; 32]>,
}

/// A source is polled no sooner than this after its last poll because of a push that only says that there is something
/// new, or than its own shortest wait, if that is shorter.
const THIN_WAIT: Duration = Duration::from_mins(1);

/// Requests to hubs under way.
struct Desk {
    parts: Parts,
    running: JoinSet<String>,
    busy: BTreeSet<String>,
    /// Whether the channels were looked over, and the public address that they all have since.
    moved_in: bool,
    home: Option<WebUrl>,
    /// When a hub is to be asked next.
    next: Option<Timestamp>,
}

/// Turns until `stop` is heard, then lets requests under way end.
pub(super) async fn turn(parts: Parts, stop: super::lifecycle::Stop) -> anyhow::Result<()> {
    let mut desk =
        Desk { parts, running: JoinSet::new(), busy: BTreeSet::new(), moved_in: false, home: None, next: None };
    loop {
        desk.parts.status.turn(LoopName::Push, desk.parts.clock.now());
        // Asked once a turn: a stop that comes in the middle of it is heard below.
        let is_stopping = stop.is_set();
        if is_stopping && desk.running.is_empty() {
            return Ok(());
        }
        let done = if is_stopping {
            0
        } else {
            {
                let step = desk.work().await;
                patiently(&desk.parts, LoopName::Push, step).await?
            }
        };
        if done == 0 {
            let wait = desk.wait();
            desk.parts.waits(LoopName::Push, desk.running.len(), wait);
            tokio::select! {
                biased;
                done = desk.running.join_next(), if !desk.running.is_empty() => desk.ended(done)?,
                () = desk.parts.bells.push.wait(wait) => {}
                () = stop.heard(), if !is_stopping => {}
            }
        }
        while let Some(done) = desk.running.try_join_next() {
            desk.ended(Some(done))?;
        }
    }
}

impl Desk {
    /// Examines the oldest push and asks hubs that are due. Gives how much was done.
    async fn work(&mut self) -> anyhow::Result<usize> {
        self.move_in().await?;
        // On the writer's thread: what a poll under way has begun is committed before this has its turn.
        let due = self.parts.keeper.lease(|store| store.push_due()).await.context("ask the store what is due")?;
        let examined = if due.queued { push::examine_next(&self.parts).await? } else { 0 };
        self.next = due.channel_at.filter(|_| self.parts.terms().websub.is_some());
        let asked = if self.next.is_some_and(|at| at <= self.parts.clock.now()) { self.ask().await? } else { 0 };
        Ok(examined + asked)
    }

    /// Sees to it that no channel waits at an address that is ours no longer. With no address at all they are forgotten:
    /// their leases run out.
    async fn move_in(&mut self) -> anyhow::Result<()> {
        let policy = self.parts.terms().websub.as_ref().map(|websub| websub.policy.clone());
        let address = policy.as_ref().map(|policy| policy.callback.clone());
        if self.moved_in && self.home == address {
            return Ok(());
        }
        let now = self.parts.clock.now();
        let moved = move |store: &mut dyn Store| {
            for channel in store.channels()? {
                let after = policy.as_ref().map_or(After::Drop, |policy| rehomed(&channel, policy, now));
                keep(store, channel.id, after)?;
            }
            Ok(())
        };
        self.parts.keeper.write(moved).await.context("look over the push channels")?;
        (self.moved_in, self.home) = (true, address);
        Ok(())
    }

    fn ended(&mut self, done: Option<Result<String, tokio::task::JoinError>>) -> anyhow::Result<()> {
        let Some(done) = done else { return Ok(()) };
        self.busy.remove(&done.context("a task that asks a hub panicked")?);
        Ok(())
    }

    /// How long to wait for the next hub that is to be asked. What is due already waits for its hub: a request's end wakes
    /// the loop.
    fn wait(&self) -> Duration {
        let now = self.parts.clock.now();
        let next = self.next.filter(|at| *at > now);
        let most = self.parts.max_wait();
        next.map_or(most, |at| until(now, at).clamp(Duration::from_millis(1), most))
    }
}

/// Writes what became of a channel.
fn keep(store: &mut dyn Store, id: ChannelId, after: After) -> Result<(), StoreError> {
    match after {
        After::Same => Ok(()),
        After::Keep(channel) => store.keep_channel(&channel).map(|_stands| ()),
        After::Drop => store.drop_channel(id),
    }
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}
