//! DISPATCH: claim due deliveries, prepare, send, judge, settle. Wide, but few at a time for one endpoint.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::deliver::format::judge_mail;
use crate::deliver::{attempt, judge, prepare_formed, web_push};
use crate::model::{
    Attempt, DeliveryClaim, Endpoint, Exchange, Failure, FailureKind, Settlement, SubscriptionId, Verdict,
};
use crate::port::ClaimDeliveries;

use super::lifecycle::{patiently, until};
use super::posting;
use super::{Happening, LoopName, MAX_WAIT, Parts, Terms};

/// A claim lasts this long: several times the longest attempt.
const LEASE: Duration = Duration::from_mins(2);
/// Deliveries claimed at once.
const CLAIM_MAX: usize = 64;

/// Attempts under way.
struct Desk {
    parts: Parts,
    running: JoinSet<SubscriptionId>,
    in_flight: BTreeMap<SubscriptionId, usize>,
}

/// Turns until `stop` is heard, then lets attempts under way end.
pub(super) async fn turn(parts: Parts, stop: super::lifecycle::Stop) -> anyhow::Result<()> {
    let mut desk = Desk::new(parts);
    loop {
        desk.parts.status.turn(LoopName::Dispatch, desk.parts.clock.now());
        if stop.is_set() && desk.running.is_empty() {
            return Ok(());
        }
        let claimed = if stop.is_set() { 0 } else { patiently(desk.claim().await).await? };
        if claimed == 0 {
            let wait = desk.wait().await?;
            tokio::select! {
                done = desk.running.join_next(), if !desk.running.is_empty() => desk.ended(done)?,
                () = desk.parts.bells.dispatch.wait(wait) => {}
                () = stop.heard(), if !stop.is_set() => {}
            }
        }
        while let Some(done) = desk.running.try_join_next() {
            desk.ended(Some(done))?;
        }
    }
}

/// Attempts every delivery that is due once, and returns; what fails waits for its time.
///
/// # Errors
/// When the store refuses.
pub(super) async fn drain(parts: Parts) -> anyhow::Result<()> {
    let mut desk = Desk::new(parts);
    loop {
        let claimed = desk.claim().await?;
        if claimed == 0 && desk.running.is_empty() {
            return Ok(());
        }
        if let Some(done) = desk.running.join_next().await {
            desk.ended(Some(done))?;
        }
    }
}

impl Desk {
    fn new(parts: Parts) -> Self {
        Self { parts, running: JoinSet::new(), in_flight: BTreeMap::new() }
    }

    async fn claim(&mut self) -> anyhow::Result<usize> {
        let terms = self.parts.terms();
        let free = terms.loops.delivery_concurrency.saturating_sub(self.running.len()).min(CLAIM_MAX);
        if free == 0 {
            return Ok(0);
        }
        let now = self.parts.clock.now();
        let claim = ClaimDeliveries {
            now,
            lease_until: now.checked_add(LEASE).unwrap_or(Timestamp::MAX),
            limit: free,
            per_subscription: terms.loops.per_endpoint,
            in_flight: self.in_flight.clone(),
        };
        let claims = self
            .parts
            .keeper
            .lease(move |store| store.claim_deliveries(&claim))
            .await
            .context("claim due deliveries")?;
        let count = claims.len();
        for claim in claims {
            *self.in_flight.entry(claim.subscription.id).or_default() += 1;
            self.running.spawn(deliver(self.parts.clone(), claim));
        }
        Ok(count)
    }

    fn ended(&mut self, done: Option<Result<SubscriptionId, tokio::task::JoinError>>) -> anyhow::Result<()> {
        let Some(done) = done else { return Ok(()) };
        let subscription = done.context("a delivering task panicked")?;
        if let Some(count) = self.in_flight.get_mut(&subscription) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.in_flight.remove(&subscription);
            }
        }
        Ok(())
    }

    async fn wait(&self) -> anyhow::Result<Duration> {
        let now = self.parts.clock.now();
        let due = self.parts.keeper.read(|store| store.due()).await.context("ask the store what is due")?;
        // What is due already waits for its endpoint: an attempt's end wakes the loop.
        Ok(due
            .delivery_at
            .filter(|at| *at > now)
            .map_or(MAX_WAIT, |at| until(now, at).clamp(Duration::from_millis(1), MAX_WAIT)))
    }
}

/// One attempt, from the claim to its settlement.
async fn deliver(parts: Parts, claim: DeliveryClaim) -> SubscriptionId {
    let terms = parts.terms();
    let begun = parts.clock.now();
    let exchange = send(&parts, &terms, &claim, begun).await;
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
    let verdict =
        judge(meant.as_ref().unwrap_or(&exchange), claim.attempts, claim.created_at, now, &terms.retry, jitter);
    let attempt = attempt(&exchange, begun, took);
    tell(&parts, &claim, verdict, (&attempt, took));
    let subscription = claim.subscription.id;
    let settlement = Settlement { delivery: claim.id, subscription, fence: claim.fence, attempt, verdict };
    if let Err(error) = parts.keeper.write(move |store| store.settle(&[settlement])).await {
        // Not settled is as if not sent: the lease runs out and it is sent again under the same id.
        tracing::error!(delivery.id = claim.id.0, "failed to settle a delivery: {error}");
    }
    subscription
}

async fn send(parts: &Parts, terms: &Terms, claim: &DeliveryClaim, now: Timestamp) -> Exchange {
    let failed = |detail: String| Err(Failure { kind: FailureKind::Protocol, detail });
    match &claim.subscription.spec.endpoint {
        Endpoint::Webhook { url, secret, form } => {
            match prepare_formed(claim, ((url, secret), *form), now, &terms.retry) {
                Ok(request) => terms.http.send(request).await,
                Err(error) => failed(format!("failed to sign: {error}")),
            }
        }
        Endpoint::Chat(chat) => posting::send(claim, chat, terms).await,
        Endpoint::Email(to) => posting::mail(claim, to, terms).await,
        Endpoint::WebPush { url, p256dh, auth } => match &parts.web_push {
            Some(web_push) => web_push.send(claim, (url, p256dh, auth), now, terms).await,
            None => failed("there is no VAPID key".to_owned()),
        },
    }
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
        parts.status.told_after(waited);
    }
    let detail = match attempt.status {
        Some(status) => format!("status {status}"),
        None => attempt.detail.clone(),
    };
    let name = claim.subscription.spec.name.clone();
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match verdict {
        Verdict::Delivered => {
            tracing::debug!(delivery.id = claim.id.0, subscription = name, duration_ms, "delivered");
        }
        Verdict::Retry { at } => {
            tracing::warn!(delivery.id = claim.id.0, subscription = name, duration_ms, retry_at = %at, "failed to deliver: {detail}");
        }
        // A reader has unsubscribed, or put the browser away: nobody must act.
        Verdict::Gone if matches!(claim.subscription.spec.endpoint, Endpoint::WebPush { .. }) => {
            tracing::info!(
                subscription = name,
                duration_ms,
                "dropped a device's subscription, which is no more: {detail}"
            );
        }
        Verdict::Expired | Verdict::Gone => {
            tracing::error!(
                delivery.id = claim.id.0,
                subscription = name,
                duration_ms,
                "gave up delivering ({label}): {detail}"
            );
        }
    }
    parts.happened(&Happening::Attempted { subscription: name, verdict, detail, took });
}
