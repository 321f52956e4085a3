//! POLL: claim due sources and article pages, fetch wide but one request at a time for a domain, digest, record.
//!
//! The unit of work is a *lane*: the claimed jobs of one registered domain, done one after another with the configured
//! spacing between them. A domain whose lane has just ended cools for the same span, so the spacing holds between lanes
//! too. A domain that asks to be left alone ends its lane: the jobs left go back to the store, which lets them wait.
//!
//! What ran into a bound on time when it was last tried may hold its lane for a minute again: such lanes are a quarter of all
//! at most, so that however many servers never answer, those that do are asked when they are due.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::model::{ArticleClaim, SourceClaim, SourceId, WebUrl};
use crate::port::{ClaimSources, Store, StoreError};
use crate::schedule::Allowance;
use crate::url::registrable;

use super::lifecycle::{patiently, until};
use super::{LoopName, MAX_WAIT, Parts};

mod article;
pub(super) mod robots;
pub(super) mod source;

pub use robots::RobotsBook;

/// Jobs of one domain that a lane takes at most: with the spacing they must end within the lease.
const LANE_JOBS_MAX: usize = 32;
/// One of so many lanes may be slow.
const SLOW_SHARE: usize = 4;
/// So many requests of the allowance, half of what it holds of the smallest budget, are not for slow lanes.
const SLOW_RESERVE: usize = 32;
/// A claim lasts this long; a lane is cut to end within half of it.
const LEASE: Duration = Duration::from_mins(5);

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

/// Whether a lane goes on after a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    GoesOn,
    /// The domain asked to be left alone.
    Ends,
}

/// The state of the loop: lanes under way, and domains that cool.
struct Lanes {
    parts: Parts,
    running: JoinSet<String>,
    busy: BTreeMap<String, Option<Timestamp>>,
    /// Domains under way with a job that is slow.
    slow: BTreeSet<String>,
    only: Option<Vec<SourceId>>,
    /// The limit on requests a second; none for a round that somebody asked for.
    allowance: Option<Allowance>,
}

/// Turns until `stop` is heard, then lets lanes under way end.
pub(super) async fn turn(parts: Parts, stop: super::lifecycle::Stop) -> anyhow::Result<()> {
    let allowance = Allowance::new(parts.clock.now());
    let mut lanes = Lanes::new(parts, None, Some(allowance));
    lanes.cool_as_left().await?;
    loop {
        lanes.parts.status.turn(LoopName::Poll, lanes.parts.clock.now());
        let claimed = if stop.is_set() { 0 } else { patiently(lanes.claim().await).await? };
        if stop.is_set() && lanes.running.is_empty() {
            return Ok(());
        }
        if claimed == 0 {
            let wait = lanes.wait().await?;
            tokio::select! {
                done = lanes.running.join_next(), if !lanes.running.is_empty() => lanes.ended(done)?,
                () = lanes.parts.bells.poll.wait(wait) => {}
                () = stop.heard(), if !stop.is_set() => {}
            }
        }
        while let Some(done) = lanes.running.try_join_next() {
            lanes.ended(Some(done))?;
        }
    }
}

/// Polls every source that is due (or those named) once, with the article pages that they bring, and returns.
///
/// # Errors
/// When the store refuses; a source's own failure is an outcome, recorded and observed.
pub(super) async fn drain(parts: Parts, only: Option<Vec<SourceId>>) -> anyhow::Result<()> {
    let mut lanes = Lanes::new(parts, only, None);
    lanes.cool_as_left().await?;
    loop {
        let claimed = lanes.claim().await?;
        if lanes.running.is_empty() && claimed == 0 {
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
        if let Some(done) = lanes.running.join_next().await {
            lanes.ended(Some(done))?;
        }
        while let Some(done) = lanes.running.try_join_next() {
            lanes.ended(Some(done))?;
        }
    }
}

impl Lanes {
    fn new(parts: Parts, only: Option<Vec<SourceId>>, allowance: Option<Allowance>) -> Self {
        Self { parts, running: JoinSet::new(), busy: BTreeMap::new(), slow: BTreeSet::new(), only, allowance }
    }

    /// Takes up the spacing of the life before: what it asked a moment ago cools.
    async fn cool_as_left(&mut self) -> anyhow::Result<()> {
        let terms = self.parts.terms();
        let since = self.parts.clock.now().checked_sub(terms.loops.longest_spacing()).unwrap_or(Timestamp::MIN);
        let polled = self.parts.keeper.read(move |store| store.polled_since(since)).await;
        for (domain, last) in polled.context("ask the store what was polled a moment ago")? {
            let ready = last.checked_add(terms.loops.spacing(&domain)).unwrap_or(Timestamp::MAX);
            self.busy.insert(domain, Some(ready));
        }
        Ok(())
    }

    /// Claims what is due on domains that are free, and starts lanes. Gives the number of jobs.
    async fn claim(&mut self) -> anyhow::Result<usize> {
        let terms = self.parts.terms();
        let now = self.parts.clock.now();
        self.busy.retain(|_, ready| ready.is_none_or(|at| at > now));
        let free = terms.loops.poll_concurrency.saturating_sub(self.running.len());
        let allowed = self.allowed(free.saturating_add(SLOW_RESERVE), now);
        let limit = allowed.min(free);
        if limit == 0 {
            return Ok(0);
        }
        let claim = ClaimSources {
            now,
            lease_until: now.checked_add(LEASE).unwrap_or(Timestamp::MAX),
            limit,
            per_domain: lane_jobs(terms.loops.longest_spacing()),
            slow_domains: self.slow_lanes(terms.loops.poll_concurrency).min(allowed.saturating_sub(SLOW_RESERVE)),
            except_domains: self.busy.keys().cloned().collect(),
            only: self.only.clone(),
        };
        let jobs = self.parts.keeper.lease(move |store| claim_both(store, claim)).await.context("claim due sources")?;
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
            self.running.spawn(lane(self.parts.clone(), domain, jobs, spacing));
        }
        Ok(count)
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
    fn ended(&mut self, done: Option<Result<String, tokio::task::JoinError>>) -> anyhow::Result<()> {
        let Some(done) = done else { return Ok(()) };
        let domain = done.context("a polling task panicked")?;
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
            .map_or(MAX_WAIT, |at| until(now, at).clamp(Duration::from_millis(1), MAX_WAIT)))
    }
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

/// Does a domain's jobs one after another; gives the domain back.
async fn lane(parts: Parts, domain: String, mut jobs: VecDeque<Job>, spacing: Duration) -> String {
    let mut first = true;
    while let Some(job) = jobs.pop_front() {
        if !first && !spacing.is_zero() {
            tokio::time::sleep(spacing).await;
        }
        first = false;
        let done = match job {
            Job::Source(claim) => source::poll(&parts, *claim).await,
            Job::Article(claim) => article::fetch(&parts, *claim).await,
        };
        match done {
            Ok(Lane::GoesOn) => {}
            // The rest was claimed in vain: its leases run out, and the store lets it wait as the domain asked.
            Ok(Lane::Ends) => break,
            // What could not be recorded is as if it had not happened: the lease runs out and it is done again.
            Err(error) => tracing::error!(domain, "failed to record a poll: {error:#}"),
        }
    }
    domain
}
