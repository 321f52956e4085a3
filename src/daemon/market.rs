//! The price of a poll, kept: found anew every ten minutes from a sample of the sources, and stored.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::port::{PaceSample, SampledPace, StoreError};
use crate::schedule::{Market, Quote, Trader};

use super::lifecycle::patiently;
use super::{LoopName, Parts};

/// From one finding of the price to the next.
const EVERY: Duration = Duration::from_mins(10);
/// Sources that are looked at for it: twenty thousand tell the price of a million to half a per cent.
const SAMPLE: usize = 20_000;
/// The price of more sources than this is found on the blocking pool: each takes about two microseconds.
const INLINE_MAX: usize = 400;

/// The market, shared by the polls under way. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Marketplace(Arc<Stall>);

#[derive(Debug, Default)]
struct Stall {
    terms: Mutex<(Arc<Quote>, f64)>,
    requests: AtomicU32,
    is_stale: AtomicBool,
}

impl Marketplace {
    /// The terms in force now.
    pub(super) fn quote(&self) -> Arc<Quote> {
        Arc::clone(&self.0.terms.lock().unwrap_or_else(PoisonError::into_inner).0)
    }

    /// Requests a second that are foreseen; nothing before they were found.
    pub(super) fn foreseen_per_sec(&self) -> Option<f64> {
        Some(self.0.terms.lock().unwrap_or_else(PoisonError::into_inner).1).filter(|rate| *rate > 0.0)
    }

    /// The sources are others now: the price is found anew within seconds.
    pub fn changed(&self) {
        self.0.is_stale.store(true, Ordering::Relaxed);
    }

    /// Counts a request.
    pub(super) fn requested(&self) {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
    }

    fn put(&self, market: &Market) {
        let terms = (Arc::new(market.quote().clone()), market.foreseen_per_sec());
        *self.0.terms.lock().unwrap_or_else(PoisonError::into_inner) = terms;
    }
}

/// Turns until `stop` is heard.
pub(super) async fn turn(parts: Parts, stop: super::lifecycle::Stop) -> anyhow::Result<()> {
    let mut market = None;
    let mut next = parts.clock.now();
    while !stop.is_set() {
        parts.status.turn(LoopName::Market, parts.clock.now());
        let Some(known) = &mut market else {
            // A store that is busy for now is asked again: what it keeps must not be overwritten by a beginner's terms.
            let found = stored(&parts).await.map(|found| usize::from(market.replace(found).is_none()));
            patiently(&parts, LoopName::Market, found).await?;
            continue;
        };
        let now = parts.clock.now();
        // A clock that was put back meanwhile leaves no price standing for as long.
        let latest = now.checked_add(EVERY).unwrap_or(Timestamp::MAX);
        let is_stale = parts.market.0.is_stale.swap(false, Ordering::Relaxed);
        if is_stale || now >= next || next > latest {
            *known = found(&parts, known.clone(), now).await?;
            let bytes = known.to_bytes();
            let kept = parts.keeper.write(move |store| store.keep_market(&bytes)).await;
            patiently(&parts, LoopName::Market, kept.map(|()| 1).context("keep the price of polls")).await?;
            next = latest;
        }
        parts.waits(LoopName::Market, 0, parts.max_wait());
        tokio::select! {
            biased;
            () = tokio::time::sleep(parts.max_wait()) => {}
            () = stop.heard() => {}
        }
    }
    Ok(())
}

/// Takes up the terms last found, for one round: they are found anew by the daemon alone.
pub(super) async fn take_up(parts: &Parts) -> anyhow::Result<()> {
    stored(parts).await.map(|_market| ())
}

async fn stored(parts: &Parts) -> anyhow::Result<Market> {
    let bytes = parts.keeper.read(|store| store.market()).await.context("read the price of polls")?;
    let market = Market::from_bytes(&bytes).unwrap_or_default();
    parts.market.put(&market);
    Ok(market)
}

async fn found(parts: &Parts, mut market: Market, now: Timestamp) -> anyhow::Result<Market> {
    let sample = match parts.keeper.read(|store| store.sample_paces(SAMPLE)).await {
        Ok(sample) => sample,
        Err(error) if StoreError::is_retryable(&error) => return Ok(market),
        Err(error) => return Err(anyhow::Error::new(error).context("read how sources fare")),
    };
    market.tally(parts.market.0.requests.swap(0, Ordering::Relaxed), now);
    let policy = parts.terms().poll.clone();
    let large = sample.sources.len() > INLINE_MAX;
    let work = move || {
        let PaceSample { of, sources } = sample;
        let trader = |row: &SampledPace| {
            // Trouble and a hub settle the wait, whatever the price.
            let settled = (row.failures > 0 || row.pushed).then_some(row.interval);
            Trader::of(&row.pace, row.priority, (row.interval_min, row.interval_max), settled)
        };
        let traders: Vec<Trader> = sources.iter().map(trader).collect();
        market.price(&traders, of, policy.requests_per_sec(of), now);
        market
    };
    let market =
        if large { tokio::task::spawn_blocking(work).await.context("find the price of polls")? } else { work() };
    parts.market.put(&market);
    Ok(market)
}
