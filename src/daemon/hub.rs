//! HUB: ask callbacks whether they meant what was asked in their name, and post feeds that changed to those who follow them.
//!
//! What is pending follows from the store alone: a follower has less than its feed's version. So a change in the midst of a
//! post is posted next, and a kill at any moment posts again or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::model::{FeedVersion, Follower, FollowerId};
use crate::port::{Store, StoreError};
use crate::publish::Place;
use crate::websub::hub::{Fate, Next, next, unchanged};

use super::lifecycle::{patiently, until};
use super::{LoopName, Parts, Terms};

mod door;
mod page;
mod visit;

pub use door::{Heard, Hub};
pub use page::{Extent, Page, page};

/// What the operator settles of the hub, and where challenges come from.
#[derive(Debug, Clone)]
pub struct HubTerms {
    /// Followers at the same time.
    pub followers_max: usize,
    /// Draws 32 random bytes; `None` where the system gives none.
    pub entropy: fn() -> Option<[u8; 32]>,
}

/// Callbacks asked or posted to at the same time.
const WIDTH: usize = 32;
/// Of those, of one host.
const WIDTH_PER_HOST: usize = 4;
/// Of those, that failed when they were last posted to, and are likely to take as long again, or were never heard of: strangers
/// that hang hold up none of those who follow.
const WIDTH_TROUBLED: usize = 16;
/// Due followers looked at for some that can be visited now.
const LOOK_MAX: usize = 1_024;
/// A post takes no longer, from the look at the store to what is written of it.
const POST_MAX: Duration = Duration::from_mins(1);
/// Pages kept for the next follower of the same feed.
const PAGES_MAX: usize = 16;

/// Visits under way.
struct Desk {
    parts: Parts,
    running: JoinSet<FollowerId>,
    busy: BTreeMap<FollowerId, Visited>,
    /// Feeds as they were written last, by their own addresses.
    pages: BTreeMap<String, (FeedVersion, Arc<Page>)>,
    /// When something is to be done next.
    next: Option<Timestamp>,
}

/// Who is being visited.
struct Visited {
    host: String,
    in_trouble: bool,
}

/// Turns until `stop` is heard, then lets visits under way end.
pub(super) async fn turn(parts: Parts, stop: super::lifecycle::Stop) -> anyhow::Result<()> {
    let (busy, pages) = (BTreeMap::new(), BTreeMap::new());
    let mut desk = Desk { parts, running: JoinSet::new(), busy, pages, next: None };
    loop {
        desk.parts.status.turn(LoopName::Hub, desk.parts.clock.now());
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
                patiently(&desk.parts, LoopName::Hub, step).await?
            }
        };
        if done == 0 {
            let wait = desk.wait();
            desk.parts.waits(LoopName::Hub, desk.running.len(), wait);
            tokio::select! {
                biased;
                done = desk.running.join_next(), if !desk.running.is_empty() => desk.ended(done)?,
                () = desk.parts.bells.hub.wait(wait) => {}
                () = stop.heard(), if !is_stopping => {}
            }
        }
        while let Some(done) = desk.running.try_join_next() {
            desk.ended(Some(done))?;
        }
    }
}

impl Desk {
    /// Does what is due for followers that can be visited now. Gives for how many.
    async fn work(&mut self) -> anyhow::Result<usize> {
        self.next = None;
        let terms = self.parts.terms();
        if terms.hub.is_none() {
            return Ok(0);
        }
        let now = self.parts.clock.now();
        let look = move |store: &mut dyn Store| Ok((store.due_followers(now, LOOK_MAX)?, store.followers_due(now)?));
        let (due, at) = self.parts.keeper.read(look).await.context("ask the store which followers are due")?;
        self.next = at;
        let mut done = 0;
        for (follower, version) in due {
            if self.is_free_for(&follower, now) {
                done += usize::from(self.attend(follower, version, now, &terms).await?);
            }
        }
        Ok(done)
    }

    fn is_free_for(&self, follower: &Follower, now: Timestamp) -> bool {
        let host = follower.spec.callback.host_text();
        let of_host = || self.busy.values().filter(|visited| visited.host == host).count();
        let troubled = || self.busy.values().filter(|visited| visited.in_trouble).count();
        self.busy.len() < WIDTH
            && !self.busy.contains_key(&follower.id)
            && of_host() < WIDTH_PER_HOST
            && (!is_doubtful(follower, now) || troubled() < WIDTH_TROUBLED)
    }

    /// Does what is due for one follower, or begins to. `false` where nothing was.
    async fn attend(
        &mut self,
        follower: Follower,
        version: FeedVersion,
        now: Timestamp,
        terms: &Arc<Terms>,
    ) -> anyhow::Result<bool> {
        match next(&follower, version, now) {
            Next::Wait => return Ok(false),
            Next::Drop => self.drop_one(follower.id, now).await.context("forget a follower")?,
            Next::Verify(petition) => {
                self.note(&follower, now);
                self.running.spawn(visit::verify(self.parts.clone(), Arc::clone(terms), follower, petition));
            }
            Next::Post => {
                let (version, page) = self.page(&follower, version).await.context("write a followed feed")?;
                if let Some(page) = page.filter(|page| page.hash != follower.state.posted_hash) {
                    self.note(&follower, now);
                    let parts = self.parts.clone();
                    self.running.spawn(visit::post_to(parts, Arc::clone(terms), follower, (version, page)));
                } else {
                    let id = follower.id;
                    let same = move |store: &mut dyn Store| match store.follower(id)? {
                        Some(current) => keep(store, id, unchanged(&current, version)),
                        None => Ok(()),
                    };
                    self.parts.keeper.note(same).await.context("note that a feed reads as before")?;
                }
            }
        }
        Ok(true)
    }

    fn note(&mut self, follower: &Follower, now: Timestamp) {
        let host = follower.spec.callback.host_text().to_owned();
        self.busy.insert(follower.id, Visited { host, in_trouble: is_doubtful(follower, now) });
    }

    /// The feed that a follower is due, with the version that it shows at least; no feed where its topic has left.
    async fn page(
        &mut self,
        follower: &Follower,
        version: FeedVersion,
    ) -> Result<(FeedVersion, Option<Arc<Page>>), StoreError> {
        let address = &follower.spec.address;
        // It may have been told something while it was posted to last.
        let since = follower.state.last_post_at.and_then(|at| at.checked_sub(POST_MAX).ok());
        let holds = |(kept, page): &&(FeedVersion, Arc<Page>)| *kept >= version && page.holds(since);
        if let Some((kept, page)) = self.pages.get(address).filter(holds) {
            return Ok((*kept, Some(Arc::clone(page))));
        }
        let feed = follower.spec.feed.clone();
        let place = Place { base: visit::base(address), has_hub: true };
        let write = move |store: &mut dyn Store| {
            // First: what changes after it is posted next.
            let version = store.feed_version(&feed.topic)?;
            Ok((version, page(store, &feed, &place, Extent { before: None, since })?))
        };
        let (version, page) = self.parts.keeper.read(write).await?;
        let page = page.map(Arc::new);
        if let Some(page) = &page {
            if self.pages.len() >= PAGES_MAX {
                self.pages.clear();
            }
            self.pages.insert(address.clone(), (version, Arc::clone(page)));
        }
        Ok((version, page))
    }

    /// Forgets a follower whose lease is over, unless it came back meanwhile.
    async fn drop_one(&self, id: FollowerId, now: Timestamp) -> Result<(), StoreError> {
        let job = move |store: &mut dyn Store| {
            let Some(current) = store.follower(id)? else { return Ok(()) };
            let is_over = next(&current, current.state.has, now) == Next::Drop;
            if is_over { store.drop_follower(id) } else { Ok(()) }
        };
        self.parts.keeper.note(job).await
    }

    fn ended(&mut self, done: Option<Result<FollowerId, tokio::task::JoinError>>) -> anyhow::Result<()> {
        let Some(done) = done else { return Ok(()) };
        self.busy.remove(&done.context("a task that visits a follower panicked")?);
        Ok(())
    }

    /// How long to wait. What is due already waits for its host: a visit's end wakes the loop.
    fn wait(&self) -> Duration {
        let now = self.parts.clock.now();
        let next = self.next.filter(|at| *at > now);
        let most = self.parts.max_wait();
        next.map_or(most, |at| until(now, at).clamp(Duration::from_millis(1), most))
    }
}

fn is_doubtful(follower: &Follower, now: Timestamp) -> bool {
    follower.state.failures > 0 || !follower.is_confirmed(now)
}

/// Writes what became of a follower.
fn keep(store: &mut dyn Store, id: FollowerId, fate: Fate) -> Result<(), StoreError> {
    match fate {
        Fate::Same => Ok(()),
        Fate::Keep(follower) => store.keep_follower(&follower).map(|_stands| ()),
        Fate::Drop => store.drop_follower(id),
    }
}
