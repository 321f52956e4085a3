//! DISPATCH: claim due deliveries, prepare, send, judge, settle. Wide, but few at a time for one endpoint.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::deliver::format::judge_mail;
use crate::deliver::{attempt, heard, is_expired, judge, policy_for, prepare_formed, shaped, web_push};
use crate::model::{After, Attempt, DeliveryClaim, Endpoint, Exchange, Failure, FailureKind, Settlement, Verdict};
use crate::port::{ClaimDeliveries, Store};

use super::digest::Digests;
use super::endpoint::{self, Met};
use super::lifecycle::{insist, patiently, patiently_wait, until};
use super::posting;
use super::{Happening, LoopName, Parts, Prank, Step, Terms};
use lanes::{Lanes, Place, Room};

mod lanes;

/// A claim lasts this much longer than an attempt's requests may: a letter takes its own time ([`crate::mail`]), and then what came of it
/// is tried to be written down.
const LEASE: Duration = Duration::from_mins(4);
/// An attempt is so many requests at most: a browser's may be sent shorter, and again.
const REQUESTS_MAX: u32 = 3;
/// Deliveries claimed at once.
const CLAIM_MAX: usize = 64;

/// Attempts under way.
struct Desk {
    /// Behind one pointer, as each attempt holds it.
    parts: Arc<Parts>,
    running: JoinSet<Ended>,
    lanes: Lanes,
    digests: Digests,
    /// Deliveries that were taken and are being written down. Their endpoints are free for others meanwhile, so that one
    /// flush of the disk serves many.
    settling: JoinSet<()>,
}

/// An attempt that ended: its place, how long its endpoint took, if it was asked, and what of it is still to be written.
struct Ended {
    place: Place,
    took: Option<Duration>,
    rest: Option<Settling>,
}

type Settling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Deliveries that are being written down at most: so many are repeated, each under its id, where a kill comes between.
const SETTLING_MAX: usize = 256;

/// Turns until `stop` is heard, then lets attempts under way end.
pub(super) async fn turn(parts: Parts, stop: super::lifecycle::Stop) -> anyhow::Result<()> {
    let mut desk = Desk::new(parts);
    loop {
        desk.parts.status.turn(LoopName::Dispatch, desk.parts.clock.now());
        // Asked once a turn: a stop that comes in the middle of it is heard below.
        let is_stopping = stop.is_set();
        if is_stopping && desk.is_idle() {
            return Ok(());
        }
        let claimed = if is_stopping {
            0
        } else {
            let step = desk.claim().await;
            patiently(&desk.parts, LoopName::Dispatch, step).await?
        };
        if claimed == 0 {
            let wait = if is_stopping {
                desk.parts.max_wait()
            } else {
                let wait = desk.wait().await;
                patiently_wait(&desk.parts, LoopName::Dispatch, wait).await?
            };
            desk.parts.waits(LoopName::Dispatch, desk.running.len(), wait);
            tokio::select! {
                done = desk.running.join_next(), if !desk.running.is_empty() => desk.ended(done)?,
                done = desk.settling.join_next(), if !desk.settling.is_empty() => settled(done)?,
                () = desk.parts.bells.dispatch.wait(wait) => {}
                () = stop.heard(), if !is_stopping => {}
            }
        }
        while let Some(done) = desk.running.try_join_next() {
            desk.ended(Some(done))?;
        }
        while let Some(done) = desk.settling.try_join_next() {
            settled(Some(done))?;
        }
    }
}

fn settled(done: Option<Result<(), tokio::task::JoinError>>) -> anyhow::Result<()> {
    done.transpose().context("a settling task panicked").map(|_| ())
}

/// Attempts every delivery that is due once, and returns; what fails waits for its time.
///
/// # Errors
/// When the store refuses.
pub(super) async fn drain(parts: Parts) -> anyhow::Result<()> {
    let mut desk = Desk::new(parts);
    loop {
        let claimed = desk.claim().await?;
        if claimed == 0 && desk.is_idle() {
            return Ok(());
        }
        match desk.running.join_next().await {
            Some(done) => desk.ended(Some(done))?,
            None => settled(desk.settling.join_next().await)?,
        }
    }
}

impl Desk {
    fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
            running: JoinSet::new(),
            lanes: Lanes::default(),
            digests: Digests::default(),
            settling: JoinSet::new(),
        }
    }

    fn is_idle(&self) -> bool {
        self.running.is_empty() && self.settling.is_empty()
    }

    /// How many more attempts may begin now.
    fn room(&mut self, now: Timestamp) -> Room {
        let terms = self.parts.terms();
        let room = self.lanes.room((terms.loops.delivery_concurrency, terms.loops.delivery_connections), now);
        let unwritten = SETTLING_MAX.saturating_sub(self.settling.len());
        Room { all: room.all.min(unwritten).min(CLAIM_MAX), ..room }
    }

    async fn claim(&mut self) -> anyhow::Result<usize> {
        self.digests.make(&self.parts).await?;
        let terms = self.parts.terms();
        let now = self.parts.clock.now();
        let room = self.room(now);
        if room.all == 0 {
            return Ok(0);
        }
        let mischief = &self.parts.mischief;
        let lease = LEASE.saturating_add(terms.retry.timeout.saturating_mul(REQUESTS_MAX));
        let lease = if mischief.strikes(Prank::LeaseRunsOut) { Duration::ZERO } else { lease };
        let claim = ClaimDeliveries {
            now,
            lease_until: now.checked_add(lease).unwrap_or(Timestamp::MAX),
            limit: if mischief.strikes(Prank::ClaimsOne) { 1 } else { room.all },
            unproved_limit: room.unproved,
            slow_limit: room.slow,
            answers: self.lanes.known(),
            per_subscription: terms.loops.per_endpoint,
            in_flight: self.lanes.in_flight().clone(),
            settling: self.settling.len(),
        };
        let claims = self
            .parts
            .keeper
            .lease(move |store| store.claim_deliveries(&claim))
            .await
            .context("claim due deliveries")?;
        let count = claims.len();
        for claim in claims {
            let place = self.lanes.begin(claim.subscription.id, now);
            let parts = Arc::clone(&self.parts);
            self.running.spawn(async move {
                let (took, rest) = deliver(parts, claim).await;
                Ended { place, took, rest }
            });
        }
        Ok(count)
    }

    fn ended(&mut self, done: Option<Result<Ended, tokio::task::JoinError>>) -> anyhow::Result<()> {
        let Some(done) = done else { return Ok(()) };
        let Ended { place, took, rest } = done.context("a delivering task panicked")?;
        if let Some(rest) = rest {
            self.settling.spawn(rest);
        }
        self.lanes.end(place, took);
        Ok(())
    }

    async fn wait(&mut self) -> anyhow::Result<Duration> {
        let most = self.parts.max_wait();
        let now = self.parts.clock.now();
        let look = move |store: &mut dyn Store| Ok((store.due()?, store.delivery_due_after(now)?));
        let (due, later_at) = self.parts.keeper.read(look).await.context("ask the store what is due")?;
        self.digests.heard(&due, now);
        if due.digest_at.is_some_and(|at| at <= now) {
            return Ok(Duration::from_millis(1));
        }
        let more_at = if self.room(now).all == 0 { self.lanes.place_at(now) } else { None };
        // What is due already waits for its endpoint, an attempt's end wakes the loop; or for others, the first of which may be slow. Behind
        // it another endpoint's may be due soon.
        let due_at = due.delivery_at.filter(|at| *at > now).or(later_at);
        Ok(due_at
            .into_iter()
            .chain(more_at)
            .chain(due.digest_at)
            .min()
            .map_or(most, |at| until(now, at).clamp(Duration::from_millis(1), most)))
    }
}

/// One attempt, from the claim to its settlement: how long the endpoint took, if it was asked. Where the delivery was taken, to write that
/// down is left to the caller.
async fn deliver(parts: Arc<Parts>, claim: DeliveryClaim) -> (Option<Duration>, Option<Settling>) {
    let terms = parts.terms();
    let begun = parts.clock.now();
    let subscription = claim.subscription.id;
    if is_expired(&claim, begun) {
        expire(&parts, claim, begun).await;
        return (None, None);
    }
    let retry = policy_for(&claim.subscription.spec.manner, &terms.retry);
    let claim = shaped(claim);
    let Some(exchange) = send(&parts, &terms, &claim, begun).await else {
        put_back(&parts, claim).await;
        return (None, None);
    };
    let now = parts.clock.now();
    let took: Duration = now.duration_since(begun).try_into().unwrap_or_default();
    let jitter = parts.dice.unit("delivery", claim.id.0, u64::from(claim.attempts));
    let endpoint = &claim.subscription.spec.endpoint;
    let judge = match endpoint {
        Endpoint::Webhook { .. } | Endpoint::Chat(_) => judge,
        Endpoint::WebPush { .. } => web_push::judge,
        Endpoint::Email(_) => judge_mail,
    };
    let (exchange, meant) = posting::read(endpoint, exchange);
    let heard = heard(meant.as_ref().unwrap_or(&exchange), now);
    let verdict = judge(meant.as_ref().unwrap_or(&exchange), claim.attempts, claim.created_at, now, &retry, jitter);
    let mut attempt = attempt(&exchange, &claim.subscription.spec.endpoint.untold(), begun, took);
    if attempt.detail.is_empty() && verdict != Verdict::Delivered && attempt.status.is_some_and(|s| s < 300) {
        "the service doesn't answer so when it takes a message: the answer is empty".clone_into(&mut attempt.detail);
    }
    tell(&parts, &claim, verdict, (&attempt, took));
    let chance = parts.dice.unit("rest", claim.id.0, u64::from(claim.attempts));
    let met = Met { subscription: claim.subscription.clone(), heard, during: (begun, now), chance };
    let after = After::default();
    let settlement = Settlement { delivery: claim.id, subscription, fence: claim.fence, attempt, verdict, after };
    let settling = async move {
        let (given, policy) = (Arc::new((settlement, met)), Arc::clone(&terms));
        let write = || {
            let (given, policy) = (Arc::clone(&given), Arc::clone(&policy));
            parts.keeper.write(move |store| endpoint::settle(store, given.0.clone(), &given.1, &policy.retry))
        };
        match insist(write).await {
            Ok(Some(turned)) => endpoint::report(&parts, &claim.subscription, turned, now),
            Ok(None) => {}
            // Not settled is as if not sent: the lease runs out and it is sent again under the same id.
            Err(error) => tracing::warn!(
                delivery.id = claim.id.0,
                "delivery {id} is sent again under the same id, as what came of it could not be recorded: {error}",
                id = claim.id
            ),
        }
    };
    if verdict == Verdict::Delivered {
        return (Some(took), Some(Box::pin(settling)));
    }
    // What failed may let its endpoint rest: nothing more is sent there before that is known.
    settling.await;
    (Some(took), None)
}

/// Gives up what its subscription no longer wants to be told of.
async fn expire(parts: &Parts, claim: DeliveryClaim, now: Timestamp) {
    let (id, name, to) = (claim.id, claim.subscription.spec.name.clone(), claim.subscription.id);
    tracing::warn!(
        delivery.id = id.0,
        subscription.id = to.0,
        "delivery {id} to {name} was not sent: it is older than the subscription's expire_after"
    );
    if let Err(error) = parts.keeper.write(move |store| store.expire(&claim, now)).await {
        // It is claimed again when the lease runs out, and is no younger then.
        tracing::warn!(delivery.id = id.0, "that delivery {id} is given up could not be recorded: {error}");
    }
}

/// Leaves what could not be tried as if it had not been claimed, behind all that is due.
async fn put_back(parts: &Parts, claim: DeliveryClaim) {
    let id = claim.id;
    let at = parts.clock.now();
    if let Err(error) = parts.keeper.write(move |store| store.put_back(&claim, at)).await {
        tracing::warn!(delivery.id = id.0, "that delivery {id} waits for the relay could not be recorded: {error}");
    }
}

/// One attempt; `None` where it could not be made yet, for no fault of its endpoint.
async fn send(parts: &Parts, terms: &Terms, claim: &DeliveryClaim, now: Timestamp) -> Option<Exchange> {
    let failed = |detail: String| Err(Failure { kind: FailureKind::Protocol, detail });
    Some(match &claim.subscription.spec.endpoint {
        Endpoint::Webhook { url, secret, form } => {
            match prepare_formed(claim, ((url, secret), *form), now, &terms.retry) {
                Ok(request) => terms.http.send(request).await,
                Err(error) => failed(format!("failed to sign: {error}")),
            }
        }
        Endpoint::Chat(chat) => posting::send(claim, chat, terms).await,
        Endpoint::Email(to) => return posting::mail(claim, to, terms).await,
        Endpoint::WebPush { url, p256dh, auth } => match &parts.web_push {
            Some(web_push) => web_push.send(claim, (url, p256dh, auth), now, terms).await,
            None => failed("there is no VAPID key".to_owned()),
        },
    })
}

fn tell(parts: &Parts, claim: &DeliveryClaim, verdict: Verdict, (attempt, took): (&Attempt, Duration)) {
    let label = match verdict {
        Verdict::Delivered => "delivered",
        Verdict::Retry { .. } => "retry",
        Verdict::Expired => "expired",
        Verdict::Gone => "gone",
    };
    let waited = until(claim.created_at, attempt.at);
    parts.status.attempted(verdict, took);
    if claim.attempts == 0 {
        parts.status.stepped(Step::Sent, waited);
    }
    if verdict == Verdict::Delivered {
        parts.status.stepped(Step::Delivered, took);
    }
    let detail = match attempt.status {
        Some(status) if status < 300 && !attempt.detail.is_empty() => format!("status {status}: {}", attempt.detail),
        Some(status) => format!("status {status}"),
        None => attempt.detail.clone(),
    };
    let name = claim.subscription.spec.name.clone();
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let (id, to) = (claim.id, claim.subscription.id.0);
    let (event, topic) = (claim.notification.event.map(|event| event.0), claim.notification.topic.as_ref());
    let topic = topic.map(tracing::field::display);
    match verdict {
        Verdict::Delivered => {
            tracing::debug!(
                delivery.id = id.0,
                subscription.id = to,
                event.id = event,
                topic.id = topic,
                duration_ms,
                "delivery {id} to {name} was taken"
            );
        }
        Verdict::Retry { at } => {
            tracing::warn!(
                delivery.id = id.0,
                subscription.id = to,
                event.id = event,
                topic.id = topic,
                duration_ms,
                "delivery {id} to {name} failed, and is tried again at {at:.0}: {detail}"
            );
        }
        // A reader has unsubscribed, or put the browser away: nobody must act.
        Verdict::Gone if matches!(claim.subscription.spec.endpoint, Endpoint::WebPush { .. }) => {
            tracing::info!(subscription.id = to, duration_ms, "subscription {name} of a browser is no more: {detail}");
        }
        Verdict::Expired | Verdict::Gone => {
            tracing::error!(
                delivery.id = id.0,
                subscription.id = to,
                event.id = event,
                topic.id = topic,
                duration_ms,
                "delivery {id} to {name} is given up ({label}): {detail}"
            );
        }
    }
    parts.happened(&Happening::Attempted { subscription: name, verdict, detail, took });
}
