//! DISPATCH: claim due deliveries, prepare, send, judge, settle. Wide, but few at a time for one endpoint.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use crate::deliver::format::judge_mail;
use crate::deliver::{attempt, heard, is_expired, judge, policy_for, prepare_formed, shaped, web_push};
use crate::model::{
    After, Attempt, DeliveryClaim, Endpoint, Exchange, Failure, FailureKind, HeardOutcome, Settlement, Verdict,
};
use crate::port::{ClaimDeliveries, Store, StoreError};

use super::digest::Digests;
use super::endpoint::Met;
use super::keeper::Left;
use super::lifecycle::{patiently, patiently_wait, until};
use super::posting;
use super::{Happening, LoopName, Parts, Prank, Step, Terms};
use keys::{Keys, Signer};
use lanes::{Lanes, Place, Room};
use settling::Settling;

mod keys;
mod lanes;
mod settling;

/// A claim lasts this much longer than an attempt's requests may: a letter takes its own time ([`crate::mail`]), and then what came of it
/// is tried to be written down.
const LEASE: Duration = Duration::from_mins(4);
/// An attempt is so many requests at most: a browser's may be sent shorter, and again.
const REQUESTS_MAX: u32 = 3;
/// What is said of a claim that failed.
const CLAIMS: &str = "claim due deliveries";
/// Deliveries claimed at once.
const CLAIM_MAX: usize = 64;

/// Attempts under way.
struct Desk {
    /// Behind one pointer, as each attempt holds it.
    parts: Arc<Parts>,
    running: JoinSet<Ended>,
    lanes: Lanes,
    digests: Digests,
    /// Deliveries that were taken, in the order in which they are written down.
    taken: Vec<Settling>,
    /// Those of them that are being written down: one change of the store at a time.
    settling: JoinSet<usize>,
    /// How many they are with those in `taken`.
    unwritten: usize,
    paused: Pause,
    /// A claim that is made with the next commit that makes deliveries due.
    left: Option<Left<Vec<DeliveryClaim>>>,
    keys: Keys,
}

/// An attempt that ended: its place, what its endpoint said and how long it took, if it was asked, and what of it is still to be written.
struct Ended {
    place: Place,
    heard: Option<(HeardOutcome, Duration)>,
    rest: Option<Settling>,
}

/// While many attempts are under way, claims are made so rarely at the most, or once half of the attempts have ended: a claim walks over
/// what is under way and is a change of the store, whether it gives one delivery or thirty.
const CLAIM_EVERY: SignedDuration = SignedDuration::from_millis(2);
/// So few are not many. An endpoint that is usual has four at once.
const FEW: usize = 15;

/// When the last claim was made, and how many young attempts were under way then.
#[derive(Debug, Clone, Copy, Default)]
struct Pause {
    since: Timestamp,
    busy: usize,
}

impl Pause {
    /// How long the next claim is put off.
    fn left(self, busy: usize, now: Timestamp) -> Option<Duration> {
        let passed = now.duration_since(self.since);
        let is_busy = busy > FEW && busy.saturating_mul(2) > self.busy;
        // A clock that was put back puts nothing off.
        let left =
            if is_busy && !passed.is_negative() { CLAIM_EVERY.saturating_sub(passed) } else { SignedDuration::ZERO };
        Duration::try_from(left).ok().filter(|left| !left.is_zero())
    }
}

/// Deliveries that are being written down at most: so many are repeated, each under its id, where a kill comes between.
const SETTLING_MAX: usize = 256;

/// Turns until `stop` is heard, then lets attempts under way end.
pub(super) async fn turn(parts: Parts, stop: super::lifecycle::Stop) -> anyhow::Result<()> {
    let mut desk = Desk::new(parts);
    loop {
        desk.parts.status.turn(LoopName::Dispatch, desk.parts.clock.now());
        // Asked once a turn: a stop that comes in the middle of it is heard below.
        let is_stopping = stop.is_set();
        if is_stopping {
            let step = desk.take_back().await;
            patiently(&desk.parts, LoopName::Dispatch, step).await?;
        }
        if is_stopping && desk.is_idle() {
            return Ok(());
        }
        let put_off = desk.put_off();
        let step = if is_stopping || put_off.is_some() { None } else { Some(desk.claim().await) };
        // After the claim, which waits for no disk: what it gave is under way while the disk is. But before a store that refuses is waited for.
        desk.write_down();
        let claimed = match step {
            Some(step) => patiently(&desk.parts, LoopName::Dispatch, step).await?,
            None => 0,
        };
        if claimed == 0 {
            let wait = match put_off {
                Some(left) => left,
                None if is_stopping => desk.parts.max_wait(),
                None => {
                    desk.leave();
                    let wait = desk.wait().await;
                    patiently_wait(&desk.parts, LoopName::Dispatch, wait).await?
                }
            };
            desk.parts.waits(LoopName::Dispatch, desk.running.len(), wait);
            // The bell before the claim that it was rung for: both are answered by one turn. What has ended is gathered below.
            tokio::select! {
                biased;
                () = stop.heard(), if !is_stopping => {}
                () = desk.parts.bells.dispatch.wait(wait) => {}
                claims = made(&mut desk.left) => {
                    let step = desk.begin_left(claims);
                    patiently(&desk.parts, LoopName::Dispatch, step).await?;
                }
                done = desk.settling.join_next(), if !desk.settling.is_empty() => desk.settled(done)?,
                done = desk.running.join_next(), if !desk.running.is_empty() => desk.ended(done)?,
            }
        }
        desk.gather()?;
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
        if claimed == 0 && desk.is_idle() {
            return Ok(());
        }
        desk.write_down();
        if let Some(done) = desk.running.join_next().await {
            desk.ended(Some(done))?;
        } else {
            let done = desk.settling.join_next().await;
            desk.settled(done)?;
        }
        desk.gather()?;
    }
}

impl Desk {
    fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
            running: JoinSet::new(),
            lanes: Lanes::default(),
            digests: Digests::default(),
            taken: Vec::new(),
            settling: JoinSet::new(),
            unwritten: 0,
            paused: Pause::default(),
            left: None,
            keys: Keys::default(),
        }
    }

    fn is_idle(&self) -> bool {
        self.running.is_empty() && self.unwritten == 0
    }

    /// How long the next claim is put off, so that it gives more.
    fn put_off(&self) -> Option<Duration> {
        let now = self.parts.clock.now();
        self.paused.left(self.lanes.busy(now), now)
    }

    /// How many more attempts may begin now.
    fn room(&mut self, now: Timestamp) -> Room {
        let terms = self.parts.terms();
        let room = self.lanes.room((terms.loops.delivery_concurrency, terms.loops.delivery_connections), now);
        let unwritten = SETTLING_MAX.saturating_sub(self.unwritten);
        Room { all: room.all.min(unwritten).min(CLAIM_MAX), ..room }
    }

    /// Claims what is due, by itself or as it was left; gives how many attempts begin.
    async fn claim(&mut self) -> anyhow::Result<usize> {
        self.digests.make(&self.parts).await?;
        let claimed = self.take_back().await?;
        if claimed > 0 {
            return Ok(claimed);
        }
        let Some(claiming) = self.claiming() else { return Ok(0) };
        let claims = self.parts.keeper.lease(claiming).await.context(CLAIMS)?;
        Ok(self.begin(claims))
    }

    /// Leaves a claim to the next commit that tells somebody something, if there is room for any: what is told needs no claim of its own then.
    fn leave(&mut self) {
        if self.left.is_none() {
            self.left = self.claiming().map(|claiming| self.parts.keeper.leave(claiming));
        }
    }

    /// Takes the claim back that was left; where it was made, gives how many attempts begin by it.
    async fn take_back(&mut self) -> anyhow::Result<usize> {
        let Some(left) = self.left.take() else { return Ok(0) };
        let claims = left.take_back().await.context(CLAIMS)?;
        Ok(claims.map_or(0, |claims| self.begin(claims)))
    }

    /// The claim that was left was made; gives how many attempts begin by it.
    fn begin_left(&mut self, claims: Result<Vec<DeliveryClaim>, StoreError>) -> anyhow::Result<usize> {
        self.left = None;
        Ok(self.begin(claims.context(CLAIMS)?))
    }

    /// What claims as many as there is room for, when it is run; `None` where there is no room.
    fn claiming(
        &mut self,
    ) -> Option<impl FnOnce(&mut dyn Store) -> Result<Vec<DeliveryClaim>, StoreError> + Send + use<>> {
        let terms = self.parts.terms();
        let room = self.room(self.parts.clock.now());
        if room.all == 0 {
            return None;
        }
        let mischief = &self.parts.mischief;
        let lease = LEASE.saturating_add(terms.retry.timeout.saturating_mul(REQUESTS_MAX));
        let lease = if mischief.strikes(Prank::LeaseRunsOut) { Duration::ZERO } else { lease };
        let clock = Arc::clone(&self.parts.clock);
        let claim = ClaimDeliveries {
            now: Timestamp::MIN,
            lease_until: Timestamp::MIN,
            limit: if mischief.strikes(Prank::ClaimsOne) { 1 } else { room.all },
            unproved_limit: room.unproved,
            slow_limit: room.slow,
            answers: self.lanes.known(),
            per_subscription: terms.loops.per_endpoint,
            in_flight: self.lanes.in_flight().clone(),
            eased: self.lanes.eased(),
            settling: self.unwritten,
        };
        Some(move |store: &mut dyn Store| {
            let now = clock.now();
            let lease_until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
            store.claim_deliveries(&ClaimDeliveries { now, lease_until, ..claim })
        })
    }

    /// Begins an attempt of each; gives how many they are.
    fn begin(&mut self, claims: Vec<DeliveryClaim>) -> usize {
        let now = self.parts.clock.now();
        let count = claims.len();
        for claim in claims {
            let place = self.lanes.begin(claim.subscription.id, now);
            let signer = self.keys.of(&claim.subscription);
            let parts = Arc::clone(&self.parts);
            self.running.spawn(async move {
                let (heard, rest) = deliver(parts, (claim, signer)).await;
                Ended { place, heard, rest }
            });
        }
        self.paused = Pause { since: now, busy: self.lanes.busy(now) };
        count
    }

    fn ended(&mut self, done: Option<Result<Ended, tokio::task::JoinError>>) -> anyhow::Result<()> {
        let Some(done) = done else { return Ok(()) };
        let Ended { place, heard, rest } = done.context("a delivering task panicked")?;
        if let Some(taken) = rest {
            self.taken.push(taken);
            self.unwritten += 1;
        }
        self.lanes.end(place, heard);
        Ok(())
    }

    /// Has what was taken written down, unless the change before is still on its way.
    fn write_down(&mut self) {
        if self.settling.is_empty() && !self.taken.is_empty() {
            let taken = std::mem::take(&mut self.taken);
            self.settling.spawn(settling::write_all(Arc::clone(&self.parts), taken));
        }
    }

    fn settled(&mut self, done: Option<Result<usize, tokio::task::JoinError>>) -> anyhow::Result<()> {
        let written = done.transpose().context("a settling task panicked")?.unwrap_or_default();
        self.unwritten = self.unwritten.saturating_sub(written);
        Ok(())
    }

    /// Takes in all that has ended by now.
    fn gather(&mut self) -> anyhow::Result<()> {
        while let Some(done) = self.running.try_join_next() {
            self.ended(Some(done))?;
        }
        while let Some(done) = self.settling.try_join_next() {
            self.settled(Some(done))?;
        }
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

/// Waits until the claim that was left is made, if there is one. Cancel-safe.
async fn made(left: &mut Option<Left<Vec<DeliveryClaim>>>) -> Result<Vec<DeliveryClaim>, StoreError> {
    match left {
        Some(left) => left.done().await,
        None => std::future::pending().await,
    }
}

/// One attempt, from the claim to its settlement: what its endpoint said and how long it took, if it was asked. Where the delivery was taken, to write that
/// down is left to the caller.
async fn deliver(
    parts: Arc<Parts>,
    (claim, signer): (DeliveryClaim, Signer),
) -> (Option<(HeardOutcome, Duration)>, Option<Settling>) {
    let terms = parts.terms();
    let begun = parts.clock.now();
    let subscription = claim.subscription.id;
    // What is owed grows no older by a clock that was put forward since. How old is too old to be told of goes by the clock where the
    // subscription says it: after a weekend that a machine was off nobody wants the alert of Friday.
    let is_said = claim.subscription.spec.manner.expire_after.is_some();
    let created_at = claim.created_at;
    let lead_at = |now| if is_said { SignedDuration::ZERO } else { parts.reckoning.lead_since(now, created_at) };
    let believed_begun = begun.checked_sub(lead_at(begun)).unwrap_or(Timestamp::MIN);
    if is_expired(&claim, begun) {
        expire(&parts, claim, begun).await;
        return (None, None);
    }
    let retry = policy_for(&claim.subscription.spec.manner, &terms.retry);
    let claim = shaped(claim);
    let Some(exchange) = send((&parts, &terms), &claim, signer, (begun, believed_begun)).await else {
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
    // How long an endpoint rests is a plan, and kept by the wall clock. By what is believed it is given up, and what waits for it expires.
    let lead = parts.reckoning.lead(now);
    let heard = heard(meant.as_ref().unwrap_or(&exchange), now);
    let made_at = created_at.checked_add(lead_at(now)).unwrap_or(Timestamp::MAX);
    let verdict = judge(meant.as_ref().unwrap_or(&exchange), claim.attempts, made_at, now, &retry, jitter);
    let mut attempt = attempt(&exchange, &claim.subscription.spec.endpoint.untold(), begun, took);
    if attempt.detail.is_empty() && verdict != Verdict::Delivered && attempt.status.is_some_and(|s| s < 300) {
        "the service doesn't answer so when it takes a message: the answer is empty".clone_into(&mut attempt.detail);
    }
    tell(&parts, &claim, verdict, (&attempt, took));
    let chance = parts.dice.unit("rest", claim.id.0, u64::from(claim.attempts));
    let met = Met { subscription: claim.subscription, heard, during: (begun, now), lead, chance };
    let after = After::default();
    let settlement = Settlement { delivery: claim.id, subscription, fence: claim.fence, attempt, verdict, after };
    let settling = Settling { settlement, met };
    if verdict == Verdict::Delivered {
        return (Some((heard.outcome, took)), Some(settling));
    }
    // What failed may let its endpoint rest: nothing more is sent there before that is known.
    settling::write(&parts, settling).await;
    (Some((heard.outcome, took)), None)
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
///
/// It is signed at `now` by the wall clock; a browser's push service keeps it for as long as is left of it by what is `believed`.
async fn send(
    (parts, terms): (&Parts, &Terms),
    claim: &DeliveryClaim,
    signer: Signer,
    (now, believed): (Timestamp, Timestamp),
) -> Option<Exchange> {
    let failed = |detail: String| Err(Failure { kind: FailureKind::Protocol, detail });
    Some(match &claim.subscription.spec.endpoint {
        Endpoint::Webhook { url, secret: _, form } => match signer? {
            Ok(key) => {
                let request = prepare_formed(claim, ((url, &key), *form), now, &terms.retry);
                terms.http.send(request).await
            }
            Err(error) => failed(format!("failed to sign: {error}")),
        },
        Endpoint::Chat(chat) => posting::send(claim, chat, terms).await,
        Endpoint::Email(to) => return posting::mail(claim, to, terms).await,
        Endpoint::WebPush { url, p256dh, auth } => match &parts.web_push {
            Some(web_push) => web_push.send(claim, (url, p256dh, auth), (now, believed), terms).await,
            None => failed("there is no VAPID key".to_owned()),
        },
    })
}

fn tell(parts: &Parts, claim: &DeliveryClaim, verdict: Verdict, (attempt, took): (&Attempt, Duration)) {
    let label = match verdict {
        Verdict::Delivered => "delivered",
        Verdict::Retry { .. } | Verdict::PutOff { .. } => "retry",
        Verdict::Expired => "expired",
        Verdict::Gone => "gone",
    };
    let waited = until(claim.created_at, attempt.at);
    parts.status.attempted(verdict, took);
    // One that is put off is sent for the first time again.
    if claim.attempts == 0 && !matches!(verdict, Verdict::PutOff { .. }) {
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
        Verdict::PutOff { at } => {
            tracing::info!(
                delivery.id = id.0,
                subscription.id = to,
                event.id = event,
                topic.id = topic,
                duration_ms,
                "delivery {id} to {name} waits until {at:.0}, as its endpoint asks: {detail}"
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    /// How long a claim is put off that many milliseconds after one that left 32 under way, of which `busy` are now.
    fn check(busy: usize, passed: i64, expected: Option<u64>) {
        let paused = Pause { since: at(1_000), busy: 32 };
        assert_eq!(paused.left(busy, at(1_000 + passed)), expected.map(Duration::from_millis));
    }

    #[test]
    fn a_claim_is_put_off_while_most_of_many_attempts_are_under_way() {
        check(31, 0, Some(2));
        check(17, 1, Some(1));
        check(31, 2, None);
        check(16, 0, None);
        check(31, -1, None);
    }

    #[test]
    fn a_claim_is_put_off_for_no_few() {
        let paused = Pause { since: at(1_000), busy: 15 };
        assert_eq!(paused.left(15, at(1_000)), None);
    }
}
