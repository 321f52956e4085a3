//! VERIFY: endpoints that must prove that they want what they would be told are asked, and asked again.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::task::{self, JoinSet};

use crate::deliver::verification::{self, Challenge};
use crate::model::{Asked, Subscription, Verification, WebUrl};
use crate::port::{ClaimVerifications, Http, StoreError};

use super::lifecycle::{Stop, patiently};
use super::{LoopName, Parts};

/// An endpoint that takes longer has not answered: somebody may be waiting for it.
const TIMEOUT: Duration = Duration::from_secs(10);
/// A claim lasts this long: several times the longest answer.
const LEASE: Duration = Duration::from_mins(1);
/// From one look at old secrets and forgotten subscriptions to the next.
const TEND_EVERY: Duration = Duration::from_mins(1);
/// From a claim that gave less than there were places to the next: it looked at all that is due, and what is due waits for others of its
/// domain.
const AGAIN: Duration = Duration::from_millis(250);
/// Endpoints asked at the same time; a place is given anew as soon as it is free.
const WIDTH: usize = 64;
/// Of those, at one port of a domain: one that never answers holds a place for ten seconds.
const PER_PORT: usize = 4;
/// And at all ports of a domain.
const PER_DOMAIN: usize = 16;

/// Asks a webhook's endpoint with a challenge made of `chance`.
///
/// # Errors
/// Why it proved nothing, for people.
pub async fn challenge(
    http: &dyn Http,
    subscription: &Subscription,
    chance: Option<[u8; 32]>,
    now: Timestamp,
) -> Result<(), String> {
    let challenge = Challenge::of(&chance.ok_or("the system gives no randomness")?);
    let request = verification::ask(subscription, &challenge, now, TIMEOUT);
    let request = request.map_err(|why| format!("failed to sign: {why}"))?.ok_or("it is no webhook")?;
    verification::judge(&http.send(request).await, &challenge)
}

/// Turns until `stop` is heard.
pub(super) async fn turn(parts: Parts, stop: Stop) -> anyhow::Result<()> {
    let verifier = Verifier::new(&parts);
    let mut asking = JoinSet::new();
    // Of each that asks, whom.
    let mut addresses: BTreeMap<task::Id, WebUrl> = BTreeMap::new();
    let mut tend_at = parts.clock.now();
    while !stop.is_set() {
        let now = parts.clock.now();
        parts.status.turn(LoopName::Verify, now);
        if now >= tend_at || tend_at > now.checked_add(TEND_EVERY).unwrap_or(Timestamp::MAX) {
            let believed = parts.reckoning.of(now);
            let tended = parts.keeper.write(move |store| store.tend_subscriptions(believed)).await;
            patiently(&parts, LoopName::Verify, tended.context("end what has run out of subscriptions")).await?;
            tend_at = now.checked_add(TEND_EVERY).unwrap_or(Timestamp::MAX);
        }
        let places = WIDTH.saturating_sub(asking.len());
        let under_way: Vec<WebUrl> = addresses.values().cloned().collect();
        let claimed = match claim(&parts, (now, places), under_way).await {
            Ok(claimed) => claimed,
            Err(error) => {
                patiently(&parts, LoopName::Verify, Err(error)).await?;
                continue;
            }
        };
        let is_short = claimed.as_ref().is_some_and(|claimed| claimed.len() < places);
        let claimed = claimed.unwrap_or_default();
        let is_idle = claimed.is_empty() || is_short;
        for due in claimed {
            let (verifier, url) = (verifier.clone(), due.subscription.spec.endpoint.url().cloned());
            let asks = asking.spawn(async move { verifier.ask(due).await.map(|_outcome| 1) });
            addresses.extend(url.map(|url| (asks.id(), url)));
        }
        if is_idle {
            parts.waits(LoopName::Verify, asking.len(), parts.max_wait());
            tokio::select! {
                biased;
                Some(asked) = asking.join_next_with_id() => ended(&parts, asked, &mut addresses).await?,
                () = parts.bells.verify.wait(parts.max_wait()) => {}
                () = stop.heard() => {}
            }
            if is_short {
                tokio::select! {
                    biased;
                    () = tokio::time::sleep(AGAIN) => {}
                    () = stop.heard() => {}
                }
            }
        }
        while let Some(asked) = asking.try_join_next_with_id() {
            ended(&parts, asked, &mut addresses).await?;
        }
    }
    while let Some(asked) = asking.join_next_with_id().await {
        ended(&parts, asked, &mut addresses).await?;
    }
    Ok(())
}

/// What one of those that ask gives, and which it was.
type Ended = Result<(task::Id, Result<usize, StoreError>), task::JoinError>;

/// Takes in that an endpoint was asked: its place is free.
async fn ended(parts: &Parts, asked: Ended, addresses: &mut BTreeMap<task::Id, WebUrl>) -> anyhow::Result<()> {
    let (id, asked) = asked.context("a verifying task panicked")?;
    addresses.remove(&id);
    patiently(parts, LoopName::Verify, asked.context("write what an endpoint proved")).await.map(|_written| ())
}

/// Takes those that are to be asked by now, as many as there are places. That none is, the reader knows: the writer is left alone, and
/// nothing is given.
async fn claim(
    parts: &Parts,
    (now, places): (Timestamp, usize),
    under_way: Vec<WebUrl>,
) -> anyhow::Result<Option<Vec<Verification>>> {
    if places == 0 {
        return Ok(None);
    }
    let due_at = parts.keeper.read(|store| store.verification_due()).await;
    if due_at.context("ask the store which endpoints are to prove that they want this")?.is_none_or(|at| at > now) {
        return Ok(None);
    }
    let lease_until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
    let claim =
        ClaimVerifications { now, lease_until, limit: places, per_port: PER_PORT, per_domain: PER_DOMAIN, under_way };
    let claimed = parts.keeper.lease(move |store| store.claim_verifications(&claim)).await;
    claimed.map(Some).context("claim endpoints that are to prove that they want this")
}

/// Asks endpoints on behalf of the loop, and of whoever wants it now. Cheap to clone: everything is shared.
#[derive(Debug, Clone)]
pub struct Verifier {
    parts: Parts,
}

impl Verifier {
    /// With the clock, chance and store of `parts`.
    pub fn new(parts: &Parts) -> Self {
        Self { parts: parts.clone() }
    }

    /// Asks the endpoint of an unverified subscription once, and writes what came of it.
    ///
    /// # Errors
    /// When the store refuses; an endpoint that proved nothing is an outcome, with why.
    pub async fn ask(&self, held: Verification) -> Result<Result<(), String>, StoreError> {
        let parts = &self.parts;
        let terms = parts.terms();
        let Verification { subscription, tries, .. } = held;
        let outcome = challenge(&*terms.http, &subscription, (parts.entropy)(), parts.clock.now()).await;
        let at = parts.clock.now();
        let asked = Asked {
            subscription: subscription.id,
            url: subscription.spec.endpoint.url().cloned(),
            at,
            outcome: outcome.clone().map_err(|why| (why, verification::next_try(tries.saturating_add(1), at))),
        };
        let not_before = parts.reckoning.of(at).checked_sub(terms.retry.expire).unwrap_or(Timestamp::MIN);
        parts.keeper.write(move |store| store.settle_verification(&asked, not_before)).await?;
        let (id, name) = (subscription.id, subscription.spec.name);
        match &outcome {
            Ok(()) => {
                tracing::info!(
                    subscription.id = id.0,
                    "subscription {id} ({name}) is verified, and served from now on"
                );
                parts.bells.dispatch.ring();
            }
            Err(why) => {
                let tries = tries.saturating_add(1);
                tracing::warn!(subscription.id = id.0, tries, "subscription {id} ({name}) is not verified: {why}");
            }
        }
        Ok(outcome)
    }
}
