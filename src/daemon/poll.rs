//! POLL: claim due sources and article pages, fetch wide but one request at a time for a domain, digest, record.
//!
//! The unit of work is a *lane*: the claimed jobs of one registered domain, done one after another with the configured
//! spacing between them. A domain whose lane has just ended cools for the same span, so the spacing holds between lanes
//! too. A domain that asks to be left alone ends its lane: the jobs left go back to the store, which lets them wait.
//!
//! What ran into a bound on time when it was last tried may hold its lane for a minute again: such lanes are a quarter of all
//! at most, so that however many servers never answer, those that do are asked when they are due.
//!
//! A look at the store takes two threads' hands and a commit, more than a poll that finds nothing new costs otherwise. While
//! most lanes are taken, one look serves several: such polls are written together, and others are claimed in their place.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::model::{ArticleClaim, DomainPause, SourceClaim, SourceId, WebUrl};
use crate::port::{ClaimSources, Store, StoreError};
use crate::schedule::Allowance;
use crate::url::registrable;

use super::lifecycle::{Stop, patiently, patiently_wait, until};
use super::{LoopName, Parts, Prank};
use source::Unwritten;

mod article;
mod reach;
pub(super) mod robots;
pub(super) mod source;

pub use reach::Reach;
pub use robots::RobotsBook;

/// Jobs of one domain that a lane takes at most: with the spacing they must end within the lease.
const LANE_JOBS_MAX: usize = 32;
/// One of so many lanes may be slow.
const SLOW_SHARE: usize = 4;
/// So many requests of the allowance, half of what it holds of the smallest budget, are not for slow lanes.
const SLOW_RESERVE: usize = 32;
/// Where fewer than one of so many lanes is free, others may end before the store is looked at,
const GATHERED_SHARE: usize = 4;
/// for so long.
const GATHER: Duration = Duration::from_millis(5);
/// Polls that lanes have handed in and nobody has taken; a lane beyond that waits.
const HANDED_MAX: usize = 256;
/// A claim lasts this long; a lane is cut to end within half of it.
const LEASE: Duration = Duration::from_mins(5);

/// A domain that is left alone for so long is told of.
const LONG_PAUSE: Duration = Duration::from_hours(24);

/// A claimed piece of work. Boxed where large: jobs wait in queues.
enum Job {
    Source(Box<SourceClaim>),
    Article(Box<ArticleClaim>),
}

impl Job {
    /// Whether it is likely to hold its lane for long.
    fn is_slow(&self) -> bool {
        match self {
            Self::Source(claim) => claim.source.state.is_slow,
            Self::Article(claim) => claim.is_slow,
        }
    }

    fn domain(&self) -> String {
        match self {
            Self::Source(claim) => domain(&claim.source.spec.url),
            Self::Article(claim) => domain(&claim.url),
        }
    }
}

/// The registered domain whose operator a request goes to.
fn domain(url: &WebUrl) -> String {
    registrable(url.host_text()).to_owned()
}

/// Whether a domain is left alone for so long that somebody should know: none of its other sources fails meanwhile.
fn is_long(pause: &DomainPause, now: Timestamp) -> bool {
    until(now, pause.until) >= LONG_PAUSE
}

fn tell_pause(pause: &DomainPause, now: Timestamp) {
    if is_long(pause, now) {
        let DomainPause { domain, until, why } = pause;
        tracing::warn!(domain, "{domain} is left alone until {until:.0}, all sources and pages of it: {why}");
    }
}

/// Whether a lane goes on after a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    GoesOn,
    /// The domain asked to be left alone.
    Ends,
}

/// A lane that has ended: its domain, and its last poll where that found nothing new.
struct Ended {
    domain: String,
    unwritten: Option<Arc<Unwritten>>,
}

/// The state of the loop: lanes under way, and domains that cool.
struct Lanes {
    parts: Parts,
    running: JoinSet<Ended>,
    /// Polls that found nothing new, to be written at the next look at the store,
    unwritten: Vec<Arc<Unwritten>>,
    /// and the way to here of those whose lanes go on.
    handed: (mpsc::Sender<Arc<Unwritten>>, mpsc::Receiver<Arc<Unwritten>>),
    busy: BTreeMap<String, Option<Timestamp>>,
    /// Domains under way with a job that is slow.
    slow: BTreeSet<String>,
    only: Option<Vec<SourceId>>,
    /// The limit on requests a second; none for a round that somebody asked for.
    allowance: Option<Allowance>,
    /// What lanes listen to between two jobs; nothing in a round.
    stop: Option<Stop>,
}

/// Turns until `stop` is heard, then lets lanes under way end.
pub(super) async fn turn(parts: Parts, stop: Stop) -> anyhow::Result<()> {
    let allowance = Allowance::new(parts.clock.now());
    let mut lanes = Lanes { allowance: Some(allowance), stop: Some(stop.clone()), ..Lanes::new(parts, None) };
    while let Err(error) = lanes.cool_as_left().await {
        patiently(&lanes.parts, LoopName::Poll, Err(error)).await?;
        if stop.is_set() {
            break;
        }
    }
    loop {
        lanes.parts.status.turn(LoopName::Poll, lanes.parts.clock.now());
        let is_stopping = stop.is_set();
        let step = lanes.look(!is_stopping).await;
        let claimed = patiently(&lanes.parts, LoopName::Poll, step).await?;
        if is_stopping && lanes.is_idle() {
            return Ok(());
        }
        if claimed == 0 {
            let wait = lanes.wait().await;
            let wait = patiently_wait(&lanes.parts, LoopName::Poll, wait).await?;
            lanes.parts.waits(LoopName::Poll, lanes.running.len(), wait);
            tokio::select! {
                biased;
                done = lanes.running.join_next(), if !lanes.running.is_empty() => lanes.ended(done)?,
                Some(polled) = lanes.handed.1.recv() => lanes.unwritten.push(polled),
                () = lanes.parts.bells.poll.wait(wait) => {}
                () = stop.heard(), if !is_stopping => {}
            }
        }
        lanes.gather().await?;
    }
}

/// Polls every source that is due (or those named) once, with the article pages that they bring, and returns.
///
/// # Errors
/// When the store refuses; a source's own failure is an outcome, recorded and observed.
pub(super) async fn drain(parts: Parts, only: Option<Vec<SourceId>>) -> anyhow::Result<()> {
    let mut lanes = Lanes::new(parts, only);
    lanes.cool_as_left().await?;
    loop {
        let claimed = lanes.look(true).await?;
        if lanes.is_idle() && claimed == 0 {
            // Domains that cool may have more that is due; where nothing is, nobody waits for them.
            let now = lanes.parts.clock.now();
            let due = lanes.parts.keeper.read(|store| store.due()).await.context("ask the store what is due")?;
            if ![due.source_at, due.article_at].into_iter().flatten().any(|at| at <= now) {
                return Ok(());
            }
            let Some(ready) = lanes.busy.values().flatten().min().copied() else { return Ok(()) };
            tokio::time::sleep(until(now, ready).max(Duration::from_millis(1))).await;
            continue;
        }
        tokio::select! {
            biased;
            done = lanes.running.join_next(), if !lanes.running.is_empty() => lanes.ended(done)?,
            Some(polled) = lanes.handed.1.recv() => lanes.unwritten.push(polled),
        }
        lanes.gather().await?;
    }
}

impl Lanes {
    fn new(parts: Parts, only: Option<Vec<SourceId>>) -> Self {
        Self {
            parts,
            running: JoinSet::new(),
            unwritten: Vec::new(),
            handed: mpsc::channel(HANDED_MAX),
            busy: BTreeMap::new(),
            slow: BTreeSet::new(),
            only,
            allowance: None,
            stop: None,
        }
    }

    fn is_idle(&self) -> bool {
        self.running.is_empty() && self.unwritten.is_empty() && self.handed.1.is_empty()
    }

    /// Takes up the spacing of the life before: what it asked a moment ago cools.
    async fn cool_as_left(&mut self) -> anyhow::Result<()> {
        let terms = self.parts.terms();
        if terms.loops.longest_spacing().is_zero() {
            return Ok(());
        }
        let since = self.parts.clock.now().checked_sub(terms.loops.longest_spacing()).unwrap_or(Timestamp::MIN);
        let polled = self.parts.keeper.read(move |store| store.polled_since(since)).await;
        for (domain, last) in polled.context("ask the store what was polled a moment ago")? {
            let ready = last.checked_add(terms.loops.spacing(&domain)).unwrap_or(Timestamp::MAX);
            self.busy.insert(domain, Some(ready));
        }
        Ok(())
    }

    /// A look at the store: writes the polls that found nothing new, and claims what is due on domains that are free where
    /// that is wanted. Starts lanes; gives the number of jobs.
    async fn look(&mut self, claims: bool) -> anyhow::Result<usize> {
        while let Ok(polled) = self.handed.1.try_recv() {
            self.unwritten.push(polled);
        }
        let polls = std::mem::take(&mut self.unwritten);
        let claim = if claims { self.claim() } else { None };
        let jobs = match claim {
            None if polls.is_empty() => return Ok(0),
            Some(claim) if polls.is_empty() => self.parts.keeper.lease(move |store| claim_both(store, claim)).await,
            claim => {
                // With no wait for the disk, as for each poll.
                let handed = polls.clone();
                let work = move |store: &mut dyn Store| {
                    let written: Vec<_> =
                        handed.into_iter().map(|polled| (polled.source(), polled.write(store))).collect();
                    Ok((written, claim.map_or(Ok(Vec::new()), |claim| claim_both(store, claim))))
                };
                let done = self.parts.keeper.note(work).await;
                if matches!(done, Err(StoreError::Busy { .. })) {
                    // Nothing of it is written: it is with the next look.
                    self.unwritten = polls;
                }
                done.and_then(|(written, jobs)| {
                    for (source, written) in written {
                        match written {
                            Ok(written) => drop(written.tell(&self.parts)),
                            Err(error) => tracing::warn!(
                                source.id = source.0,
                                "a poll of source {source} could not be recorded, so it is made again: {error}"
                            ),
                        }
                    }
                    jobs
                })
            }
        };
        Ok(self.start(jobs.context("claim due sources")?))
    }

    /// What may be claimed now.
    fn claim(&mut self) -> Option<ClaimSources> {
        let terms = self.parts.terms();
        let now = self.parts.clock.now();
        // What cools for longer than any spacing does so by a clock that was put back meanwhile.
        let coolest = now.checked_add(terms.loops.longest_spacing()).unwrap_or(Timestamp::MAX);
        self.busy.retain(|_, ready| ready.is_none_or(|at| at > now && at <= coolest));
        let free = terms.loops.poll_concurrency.saturating_sub(self.running.len());
        let allowed = self.allowed(free.saturating_add(SLOW_RESERVE), now);
        let limit = allowed.min(free);
        let limit = if self.parts.mischief.strikes(Prank::ClaimsOne) { limit.min(1) } else { limit };
        let lease = if self.parts.mischief.strikes(Prank::LeaseRunsOut) { Duration::ZERO } else { LEASE };
        (limit > 0).then(|| ClaimSources {
            now,
            lease_until: now.checked_add(lease).unwrap_or(Timestamp::MAX),
            limit,
            per_domain: lane_jobs(terms.loops.longest_spacing()),
            slow_domains: self.slow_lanes(terms.loops.poll_concurrency).min(allowed.saturating_sub(SLOW_RESERVE)),
            except_domains: self.busy.keys().cloned().collect(),
            only: self.only.clone(),
        })
    }

    /// Starts a lane for each domain. Gives the number of jobs.
    fn start(&mut self, jobs: Vec<Job>) -> usize {
        let terms = self.parts.terms();
        let count = jobs.len();
        if let Some(allowance) = &mut self.allowance {
            allowance.spend(count);
        }
        let mut by_domain: BTreeMap<String, VecDeque<Job>> = BTreeMap::new();
        for job in jobs {
            by_domain.entry(job.domain()).or_default().push_back(job);
        }
        for (domain, jobs) in by_domain {
            self.busy.insert(domain.clone(), None);
            if jobs.iter().any(Job::is_slow) {
                self.slow.insert(domain.clone());
            }
            let spacing = terms.loops.spacing(&domain);
            // A task's future is moved a dozen times from its making to its end, and a lane's is eight kilobytes.
            let way = (self.handed.0.clone(), self.stop.clone());
            let lane = Box::pin(lane(self.parts.clone(), domain, jobs, spacing, way));
            self.running.spawn(lane);
        }
        count
    }

    /// Takes what has ended. While few lanes are free, more may end for a moment: one look at the store then serves them all.
    async fn gather(&mut self) -> anyhow::Result<()> {
        let mut moment = std::pin::pin!(tokio::time::sleep(GATHER));
        let lanes = self.parts.terms().loops.poll_concurrency;
        loop {
            while let Some(done) = self.running.try_join_next() {
                self.ended(Some(done))?;
            }
            if self.running.len() <= lanes - lanes / GATHERED_SHARE {
                return Ok(());
            }
            tokio::select! {
                biased;
                done = self.running.join_next() => self.ended(done)?,
                Some(polled) = self.handed.1.recv() => self.unwritten.push(polled),
                () = moment.as_mut() => return Ok(()),
            }
        }
    }

    /// How many more of `lanes` may be slow ones. A round that somebody asked for and waits for has no such limit: it ends
    /// the sooner.
    fn slow_lanes(&self, lanes: usize) -> usize {
        let most = if self.allowance.is_some() { (lanes / SLOW_SHARE).max(1) } else { lanes };
        most.saturating_sub(self.slow.len())
    }

    /// How many requests may be made now, `most` or fewer.
    fn allowed(&mut self, most: usize, now: Timestamp) -> usize {
        match (&mut self.allowance, self.parts.market.foreseen_per_sec()) {
            (Some(allowance), Some(per_sec)) => allowance.take(per_sec, most, now),
            (Some(_), None) | (None, _) => most,
        }
    }

    /// A lane has ended: its domain cools. A lane that panicked ends the process: a fault of ours must be seen.
    fn ended(&mut self, done: Option<Result<Ended, tokio::task::JoinError>>) -> anyhow::Result<()> {
        let Some(done) = done else { return Ok(()) };
        let Ended { domain, unwritten } = done.context("a polling task panicked")?;
        self.unwritten.extend(unwritten);
        self.slow.remove(&domain);
        let spacing = self.parts.terms().loops.spacing(&domain);
        match self.parts.clock.now().checked_add(spacing) {
            Ok(ready) if !spacing.is_zero() => self.busy.insert(domain, Some(ready)),
            Ok(_) | Err(_) => self.busy.remove(&domain),
        };
        Ok(())
    }

    /// How long to wait for the next due source, article page or cooled domain.
    async fn wait(&self) -> anyhow::Result<Duration> {
        let most = self.parts.max_wait();
        let now = self.parts.clock.now();
        let due = self.parts.keeper.read(|store| store.due()).await.context("ask the store what is due")?;
        // What is due already waits for its domain or for a lane: those wake the loop themselves.
        let next = [due.source_at, due.article_at].into_iter().flatten().filter(|at| *at > now);
        let ready = self.busy.values().flatten().copied();
        let rest = match (&self.allowance, self.parts.market.foreseen_per_sec()) {
            (Some(allowance), Some(per_sec)) => allowance.wait(per_sec),
            (Some(_), None) | (None, _) => Duration::ZERO,
        };
        let rested = (!rest.is_zero()).then(|| now.checked_add(rest).unwrap_or(Timestamp::MAX));
        Ok(next
            .chain(ready)
            .chain(rested)
            .min()
            .map_or(most, |at| until(now, at).clamp(Duration::from_millis(1), most)))
    }
}

/// Waits, unless a stop is heard; whether it was.
async fn is_stopped_within(wait: Duration, stop: Option<&Stop>) -> bool {
    let Some(stop) = stop else {
        tokio::time::sleep(wait).await;
        return false;
    };
    let _heard = tokio::time::timeout(wait, stop.heard()).await.is_ok();
    stop.is_set()
}

/// As many jobs as end, with their spacing, within half the lease.
fn lane_jobs(spacing: Duration) -> usize {
    if spacing.is_zero() {
        return LANE_JOBS_MAX;
    }
    let fit = LEASE.as_millis() / 2 / spacing.as_millis().max(1);
    usize::try_from(fit).unwrap_or(LANE_JOBS_MAX).clamp(1, LANE_JOBS_MAX)
}

fn claim_both(store: &mut dyn Store, claim: ClaimSources) -> Result<Vec<Job>, StoreError> {
    let mut jobs: Vec<Job> = Vec::new();
    // Article pages first: their stories are known already and wait to be told.
    let articles = store.claim_articles(&claim)?;
    jobs.extend(articles.into_iter().map(|claim| Job::Article(Box::new(claim))));
    let mut claim = claim;
    claim.limit = claim.limit.saturating_sub(jobs.len());
    claim.except_domains.extend(jobs.iter().map(Job::domain));
    let slow: BTreeSet<String> = jobs.iter().filter(|job| job.is_slow()).map(Job::domain).collect();
    claim.slow_domains = claim.slow_domains.saturating_sub(slow.len());
    if claim.limit > 0 {
        jobs.extend(store.claim_sources(&claim)?.into_iter().map(|claim| Job::Source(Box::new(claim))));
    }
    Ok(jobs)
}

/// Does a domain's jobs one after another, until a stop is heard; gives the domain back. What may wait to be written goes to the
/// loop.
async fn lane(
    parts: Parts,
    domain: String,
    mut jobs: VecDeque<Job>,
    spacing: Duration,
    (handed, stop): (mpsc::Sender<Arc<Unwritten>>, Option<Stop>),
) -> Ended {
    let mut first = true;
    while let Some(job) = jobs.pop_front() {
        // What a stop leaves over is claimed by the next life.
        if !first && is_stopped_within(spacing, stop.as_ref()).await {
            break;
        }
        first = false;
        if parts.mischief.strikes(Prank::LaneStalls) {
            tokio::time::sleep(LEASE).await;
        }
        let done = match job {
            Job::Source(claim) => match source::poll(&parts, *claim).await {
                Ok(polled) if polled.can_wait() && jobs.is_empty() => {
                    return Ended { domain, unwritten: Some(polled) };
                }
                // A loop that is gone has no lanes.
                Ok(polled) if polled.can_wait() => handed.send(polled).await.map(|()| Lane::GoesOn).context("hand in"),
                Ok(polled) => source::write(&parts, polled).await,
                Err(error) => Err(error),
            },
            Job::Article(claim) => article::fetch(&parts, *claim).await,
        };
        match done {
            Ok(Lane::GoesOn) => {}
            // The rest was claimed in vain: its leases run out, and the store lets it wait as the domain asked.
            Ok(Lane::Ends) => break,
            // What could not be recorded is as if it had not happened: the lease runs out and it is done again.
            Err(error) => {
                tracing::warn!(domain, "a poll at {domain} could not be recorded, so it is made again: {error:#}");
            }
        }
    }
    Ended { domain, unwritten: None }
}
