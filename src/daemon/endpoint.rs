//! What an attempt means for all else that its endpoint is sent: it is left alone, served again or given up.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::deliver::{RetryPolicy, after, is_given_up, notification_id, payload, wanted};
use crate::model::{
    After, Attempt, DisabledReason, Endpoint, Heard, HeardOutcome, Notification, NotificationType, Rest, Settlement,
    Subscription, SubscriptionId, SubscriptionState, Trouble, Verdict,
};
use crate::port::{Store, StoreError};

use super::Parts;
use super::lifecycle::until;

/// What an attempt met, for its endpoint.
#[derive(Debug, Clone)]
pub(super) struct Met {
    pub(super) subscription: Arc<Subscription>,
    pub(super) heard: Heard,
    /// When the attempt began and ended.
    pub(super) during: (Timestamp, Timestamp),
    /// By how much the clock was ahead then of what is believed ([`super::Reckoning`]).
    pub(super) lead: SignedDuration,
    /// From 0 to 1.
    pub(super) chance: f64,
}

/// How an endpoint turned by an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turned {
    /// It is left alone from now on, or for longer.
    Rests { rest: Rest, failures: u32 },
    /// It was left alone and is served as ever.
    Well,
    /// Its subscription is disabled.
    Disabled { reason: DisabledReason, takers: usize },
}

/// Settles an attempt with all that follows from it. The endpoint's trouble is read, stepped and written in one job of the
/// store's writer, so that attempts that end together are taken one after another.
pub(super) fn settle(
    store: &mut dyn Store,
    mut settlement: Settlement,
    met: &Met,
    policy: &RetryPolicy,
) -> Result<Option<Turned>, StoreError> {
    let (_began, now) = met.during;
    let before = store.trouble(settlement.subscription)?;
    if settlement.verdict != Verdict::Delivered && has_moved(store, &met.subscription)? {
        // What the old address says is nothing of the new one.
        settlement.after = After { trouble: before, ..After::default() };
        if settlement.verdict == Verdict::Gone {
            settlement.verdict = Verdict::Retry { at: now };
        }
        store.settle(&[settlement])?;
        return Ok(None);
    }
    let mut trouble = after(before.as_ref(), met.heard, met.during, &policy.health, met.chance);
    // Others that were under way when it was disabled turn nothing, and let it rest no more.
    let is_well = before.is_none() && settlement.verdict == Verdict::Delivered;
    let is_served = is_well || is_active(store, settlement.subscription)?;
    if let Some(trouble) = trouble.as_mut().filter(|_| !is_served) {
        trouble.rest = None;
    }
    let reason = disabling(met, settlement.verdict, trouble.as_ref(), policy).filter(|_| is_served);
    let mut takers = 0;
    if let Some(reason) = reason {
        let told = tell(store, met, reason, trouble.as_ref(), &settlement.attempt)?;
        takers = told.iter().map(|(_, to)| to.len()).sum();
        settlement.after.told = told;
    }
    let turned = match reason {
        Some(reason) => Some(Turned::Disabled { reason, takers }),
        None => turned(before.as_ref(), trouble.as_ref()),
    };
    let expired_before = expired_before(trouble.as_ref(), met, policy);
    // A device that is gone leaves no trouble behind.
    let trouble = trouble.filter(|_| settlement.verdict != Verdict::Gone || !is_device(&met.subscription));
    settlement.after = After { trouble, expired_before, disabled: reason, ..settlement.after };
    store.settle(&[settlement])?;
    Ok(turned.filter(|_| is_served))
}

/// Whether a subscription is served.
fn is_active(store: &mut dyn Store, id: SubscriptionId) -> Result<bool, StoreError> {
    Ok(store.subscription(id)?.is_some_and(|held| held.state == SubscriptionState::Active))
}

/// The same of many attempts whose deliveries were taken, in one verb: all of them, or none. Gives how each turned its endpoint.
pub(super) fn settle_taken<'a>(
    store: &mut dyn Store,
    taken: impl Iterator<Item = (&'a Settlement, &'a Met)>,
    policy: &RetryPolicy,
) -> Result<Vec<Option<Turned>>, StoreError> {
    let mut troubles = BTreeMap::new();
    let (mut settlements, mut all_turned) = (Vec::new(), Vec::new());
    for (settlement, met) in taken {
        let to = settlement.subscription;
        let before = match troubles.remove(&to) {
            Some(before) => before,
            None => store.trouble(to)?,
        };
        let mut trouble = after(before.as_ref(), met.heard, met.during, &policy.health, met.chance);
        let is_served = before.is_none() || is_active(store, to)?;
        if let Some(trouble) = trouble.as_mut().filter(|_| !is_served) {
            trouble.rest = None;
        }
        all_turned.push(turned(before.as_ref(), trouble.as_ref()).filter(|_| is_served));
        let expired_before = expired_before(trouble.as_ref(), met, policy);
        let after = After { trouble: trouble.clone(), expired_before, ..After::default() };
        settlements.push(Settlement { after, ..settlement.clone() });
        troubles.insert(to, trouble);
    }
    store.settle(&settlements)?;
    Ok(all_turned)
}

/// How an endpoint whose subscription goes on turned.
fn turned(before: Option<&Trouble>, now: Option<&Trouble>) -> Option<Turned> {
    match (before.and_then(|trouble| trouble.rest), now) {
        (before, Some(Trouble { rest: Some(rest), failures, .. })) if before != Some(*rest) => {
            Some(Turned::Rests { rest: *rest, failures: *failures })
        }
        (Some(_), None) => Some(Turned::Well),
        (_, _) => None,
    }
}

/// What was made before this is given up where the endpoint rests.
fn expired_before(trouble: Option<&Trouble>, met: &Met, policy: &RetryPolicy) -> Option<Timestamp> {
    // A clock that was put back while the attempt was under way makes nothing old.
    let began = believed(met.during.0.min(met.during.1), met);
    let expire = SignedDuration::try_from(policy.expire).unwrap_or(SignedDuration::MAX);
    let is_resting = trouble.is_some_and(|trouble| trouble.rest.is_some());
    is_resting.then(|| began.checked_sub(expire).unwrap_or(Timestamp::MIN))
}

/// What is believed at a moment of an attempt.
fn believed(at: Timestamp, met: &Met) -> Timestamp {
    at.checked_sub(met.lead).unwrap_or(Timestamp::MIN)
}

/// Whether a subscription has another address than when it was claimed.
fn has_moved(store: &mut dyn Store, claimed: &Subscription) -> Result<bool, StoreError> {
    let current = store.subscription(claimed.id)?;
    Ok(current.is_some_and(|current| match (current.spec.endpoint.url(), claimed.spec.endpoint.url()) {
        (None, None) => current.spec.endpoint != claimed.spec.endpoint,
        (current, claimed) => current != claimed,
    }))
}

/// Whether it is a reader's own device.
fn is_device(subscription: &Subscription) -> bool {
    match subscription.spec.endpoint {
        Endpoint::WebPush { .. } => true,
        Endpoint::Webhook { .. } | Endpoint::Chat(_) | Endpoint::Email(_) => false,
    }
}

/// Whether a subscription ends by this attempt. A reader's device is none that somebody mends: it says itself when it is gone.
fn disabling(met: &Met, verdict: Verdict, trouble: Option<&Trouble>, policy: &RetryPolicy) -> Option<DisabledReason> {
    if is_device(&met.subscription) {
        return None;
    }
    match verdict {
        Verdict::Gone => Some(DisabledReason::Gone),
        Verdict::Delivered => None,
        Verdict::Retry { .. } | Verdict::PutOff { .. } | Verdict::Expired => {
            let is_failure = met.heard.outcome != HeardOutcome::Taken;
            let now = believed(met.during.1, met);
            let given_up = trouble.is_some_and(|trouble| is_given_up(trouble, now, &policy.health));
            (is_failure && given_up).then_some(DisabledReason::Failing)
        }
    }
}

/// The notification of a subscription's end, for the log and all others who want it.
fn tell(
    store: &mut dyn Store,
    met: &Met,
    reason: DisabledReason,
    trouble: Option<&Trouble>,
    attempt: &Attempt,
) -> Result<Vec<(Notification, Vec<SubscriptionId>)>, StoreError> {
    const KIND: NotificationType = NotificationType::SubscriptionDisabled;
    let (_, now) = met.during;
    let subscription = &met.subscription;
    let takers = store
        .subscriptions()?
        .into_iter()
        .filter(|other| other.id != subscription.id && wanted(&other.spec.filter, KIND, None, None, None))
        .map(|other| other.id)
        .collect();
    let last_outcome = outcome_words(attempt);
    let body = payload::disabled(
        now,
        &payload::DisabledPayload {
            subscription,
            reason,
            failing_since: trouble.and_then(|trouble| trouble.failing_since),
            failures: trouble.map_or(0, |trouble| trouble.failures),
            last_outcome: &last_outcome,
        },
    );
    let id = notification_id(KIND, &[&subscription.spec.name, &now.as_millisecond().to_string()]);
    let told =
        Notification { id, kind: KIND, topic: None, event: None, story: None, source: None, created_at: now, body };
    Ok(vec![(told, takers)])
}

/// What an attempt met: `status 503: ...`, or the failure.
pub(super) fn outcome_words(attempt: &Attempt) -> String {
    match attempt.status {
        Some(status) if attempt.detail.is_empty() => format!("status {status}"),
        Some(status) => format!("status {status}: {}", attempt.detail),
        None => attempt.detail.clone(),
    }
}

/// Counts and logs how an endpoint turned.
pub(super) fn report(parts: &Parts, subscription: &Subscription, turned: Turned, now: Timestamp) {
    let (id, name) = (subscription.id.0, subscription.spec.name.as_str());
    match turned {
        Turned::Rests { rest, failures } => {
            parts.status.endpoint_turned("rests");
            let (rests_secs, why) = (until(now, rest.until).as_secs(), rest.reason.label());
            tracing::warn!(
                subscription.id = id,
                failures,
                rests_secs,
                "the endpoint of {name} is left alone for {rests_secs} s ({why}); it failed {failures} times in a row"
            );
        }
        Turned::Well => {
            parts.status.endpoint_turned("well");
            tracing::info!(subscription.id = id, "the endpoint of {name} is well again, and what waited is sent");
        }
        Turned::Disabled { reason, takers } => {
            let why = reason.words();
            parts.status.endpoint_turned("disabled");
            parts.status.notified(NotificationType::SubscriptionDisabled);
            parts.bells.told();
            tracing::error!(
                subscription.id = id,
                takers,
                "subscription {name} is disabled, as {why}; what it misses is kept until: tidings subscription enable {id}"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{DeliveryState, Filter, NotificationId, Origin, RestReason, Secret, SubscriptionSpec, WebUrl};
    use crate::port::ClaimDeliveries;
    use crate::store::SqliteStore;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).unwrap()
    }

    fn hook(url: &str) -> Endpoint {
        Endpoint::webhook(WebUrl::parse(url).unwrap(), Secret::new("whsec_AAAA"))
    }

    fn test(id: &str) -> Notification {
        Notification {
            id: NotificationId(id.to_owned()),
            kind: NotificationType::SubscriptionTest,
            topic: None,
            event: None,
            story: None,
            source: None,
            created_at: at(0),
            body: "{}".to_owned(),
        }
    }

    /// An attempt from second 1 to 2, while the clock is believed.
    fn met(subscription: Arc<Subscription>, heard: Heard) -> Met {
        Met { subscription, heard, during: (at(1), at(2)), lead: SignedDuration::ZERO, chance: 0.5 }
    }

    fn due() -> ClaimDeliveries {
        ClaimDeliveries {
            now: at(1),
            lease_until: at(99),
            limit: 9,
            unproved_limit: 9,
            slow_limit: 9,
            answers: Arc::default(),
            per_subscription: 9,
            in_flight: BTreeMap::new(),
            eased: BTreeMap::new(),
            settling: 0,
        }
    }

    /// What becomes of a delivery that was posted to `posted_to` and answered 410, of a subscription that has another address.
    fn gone_at(posted_to: &str) -> (DeliveryState, Option<Timestamp>, bool) {
        let folder = tempfile::tempdir().unwrap();
        let mut opened = SqliteStore::open(&folder.path().join("tidings.db")).unwrap();
        let store: &mut dyn Store = &mut opened;
        let spec = SubscriptionSpec::new("desk".to_owned(), hook("https://hook.example/new"), Filter::default());
        let subscription = store.add_subscription(&spec, at(0)).unwrap();
        store.notify(&test("msg_1"), subscription).unwrap();
        let mut claim = store.claim_deliveries(&due()).unwrap().remove(0);
        Arc::make_mut(&mut claim.subscription).spec.endpoint = hook(posted_to);
        let attempt =
            Attempt { at: at(1), took: Duration::from_secs(1), status: Some(410), detail: String::new(), times: 1 };
        let (verdict, after) = (Verdict::Gone, After::default());
        let settlement = Settlement { delivery: claim.id, subscription, fence: claim.fence, attempt, verdict, after };
        let heard = Heard { outcome: HeardOutcome::Failed, asked: None };
        let met = met(claim.subscription, heard);
        settle(store, settlement, &met, &RetryPolicy::default()).unwrap();
        let delivery = store.delivery(claim.id).unwrap().unwrap();
        (delivery.state, delivery.next_attempt_at, store.trouble(subscription).unwrap().is_some())
    }

    #[test]
    fn of_attempts_that_end_after_their_subscription_was_disabled_none_turns_it_again() {
        let mut opened = SqliteStore::in_memory().unwrap();
        let store: &mut dyn Store = &mut opened;
        let spec = SubscriptionSpec::new("desk".to_owned(), hook("https://hook.example/new"), Filter::default());
        let subscription = store.add_subscription(&spec, at(0)).unwrap();
        for id in ["msg_1", "msg_2"] {
            store.notify(&test(id), subscription).unwrap();
        }
        let mut turned = Vec::new();
        for claim in store.claim_deliveries(&due()).unwrap() {
            let attempt =
                Attempt { at: at(1), took: Duration::from_secs(1), status: Some(410), detail: String::new(), times: 1 };
            let (verdict, after) = (Verdict::Gone, After::default());
            let settlement =
                Settlement { delivery: claim.id, subscription, fence: claim.fence, attempt, verdict, after };
            let asked = Some(at(900));
            let heard = Heard { outcome: HeardOutcome::Overloaded, asked };
            let met = met(claim.subscription, heard);
            turned.push(settle(store, settlement, &met, &RetryPolicy::default()).unwrap());
        }
        assert_eq!(turned, [Some(Turned::Disabled { reason: DisabledReason::Gone, takers: 0 }), None]);
        assert_eq!(store.counts().unwrap().endpoints_resting, 0, "it is disabled, and not left alone for now");
        assert!(store.trouble(subscription).unwrap().is_none_or(|trouble| trouble.rest.is_none()));
    }

    #[test]
    fn an_address_that_is_gone_ends_no_subscription_that_has_another_by_now() {
        assert_eq!(gone_at("https://hook.example/old"), (DeliveryState::Pending, Some(at(2)), false));
        assert_eq!(gone_at("https://hook.example/new").0, DeliveryState::Kept);
    }

    #[test]
    fn of_attempts_that_are_settled_together_each_finds_the_trouble_that_the_one_before_it_left() {
        let mut opened = SqliteStore::in_memory().unwrap();
        let store: &mut dyn Store = &mut opened;
        let spec = SubscriptionSpec::new("desk".to_owned(), hook("https://hook.example/"), Filter::default());
        let to = store.add_subscription(&spec, at(0)).unwrap();
        let rest = Rest { since: at(1), until: at(9), reason: RestReason::Failing };
        let trouble = Trouble {
            failures: 5,
            failing_since: Some(at(1)),
            last_failure_at: Some(at(1)),
            rest: Some(rest),
            rests: 1,
        };
        let subscription = Arc::new(store.subscription(to).unwrap().unwrap());
        let mut settlements = Vec::new();
        for word in ["a", "b"] {
            store.notify(&test(word), to).unwrap();
        }
        for claim in store.claim_deliveries(&due()).unwrap() {
            let attempt = Attempt {
                at: at(10),
                took: Duration::from_secs(1),
                status: Some(204),
                detail: String::new(),
                times: 1,
            };
            let (verdict, after) = (Verdict::Delivered, After::default());
            settlements.push(Settlement {
                delivery: claim.id,
                subscription: to,
                fence: claim.fence,
                attempt,
                verdict,
                after,
            });
        }
        let after = After { trouble: Some(trouble), ..After::default() };
        let failed = Attempt { at: at(1), took: Duration::ZERO, status: Some(500), detail: String::new(), times: 1 };
        let held =
            Settlement { attempt: failed, verdict: Verdict::Retry { at: at(2) }, after, ..settlements[0].clone() };
        store.settle(&[held]).unwrap();
        let heard = Heard { outcome: HeardOutcome::Taken, asked: None };
        let met = Met { subscription, heard, during: (at(10), at(11)), lead: SignedDuration::ZERO, chance: 0.5 };
        let taken = settlements.iter().map(|settlement| (settlement, &met));
        assert_eq!(settle_taken(store, taken, &RetryPolicy::default()).unwrap(), [Some(Turned::Well), None]);
        assert!(store.trouble(to).unwrap().is_none());
    }

    /// What an attempt at that second, while the clock is ahead by `lead`, leaves of an endpoint that asks to be left alone for an hour:
    /// until when it rests, and whether its subscription is served.
    fn asked(store: &mut dyn Store, to: SubscriptionId, secs: i64, lead: SignedDuration) -> (Option<Rest>, bool) {
        let claim = store.claim_deliveries(&ClaimDeliveries { now: at(secs), ..due() }).unwrap().remove(0);
        let attempt =
            Attempt { at: at(secs), took: Duration::ZERO, status: Some(429), detail: String::new(), times: 1 };
        let verdict = Verdict::Retry { at: at(secs + 10) };
        let (delivery, fence, after) = (claim.id, claim.fence, After::default());
        let settlement = Settlement { delivery, subscription: to, fence, attempt, verdict, after };
        let heard = Heard { outcome: HeardOutcome::Overloaded, asked: Some(at(secs + 3_600)) };
        let met = Met { subscription: claim.subscription, heard, during: (at(secs), at(secs)), lead, chance: 0.5 };
        settle(store, settlement, &met, &RetryPolicy::default()).unwrap();
        let is_active = is_active(store, to).unwrap();
        (store.trouble(to).unwrap().and_then(|trouble| trouble.rest), is_active)
    }

    #[test]
    fn while_the_clock_is_ahead_an_endpoint_rests_by_it_and_what_waits_is_given_up_by_what_is_believed() {
        let mut opened = SqliteStore::in_memory().unwrap();
        let store: &mut dyn Store = &mut opened;
        let spec = SubscriptionSpec::new("desk".to_owned(), hook("https://hook.example/"), Filter::default());
        let to = store.add_subscription(&spec, at(0)).unwrap();
        store.notify(&test("msg_1"), to).unwrap();
        let year = 400 * 86_400;
        let (rest, is_active) = asked(store, to, year + 10, SignedDuration::from_secs(year));
        assert_eq!(rest.map(|rest| rest.until), Some(at(year + 10 + 3_600)), "as long as it asked, by the clock");
        assert!(is_active);
        assert_eq!(store.counts().unwrap().pending, 1, "by what is believed it is ten seconds old");
    }

    #[test]
    fn an_endpoint_that_fails_while_the_clock_is_ahead_is_not_given_up_for_the_time_that_was_skipped() {
        let trouble = |since| Trouble {
            failures: 1_000,
            failing_since: Some(at(since)),
            last_failure_at: Some(at(since)),
            rest: None,
            rests: 0,
        };
        let subscription = Arc::new(Subscription {
            id: SubscriptionId(1),
            spec: SubscriptionSpec::new("desk".to_owned(), hook("https://hook.example/"), Filter::default()),
            origin: Origin::Api,
            state: SubscriptionState::Active,
            created_at: at(0),
        });
        let heard = Heard { outcome: HeardOutcome::Failed, asked: None };
        let year = 400 * 86_400;
        let ended = |lead| {
            let during = (at(year), at(year));
            let met = Met { subscription: Arc::clone(&subscription), heard, during, lead, chance: 0.5 };
            disabling(&met, Verdict::Retry { at: at(year) }, Some(&trouble(0)), &RetryPolicy::default())
        };
        assert_eq!(ended(SignedDuration::from_secs(year - 60)), None, "it fails for a minute");
        assert_eq!(ended(SignedDuration::ZERO), Some(DisabledReason::Failing));
    }
}
