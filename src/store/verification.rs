//! Subscriptions whose endpoints have not proved yet that they want this.
//!
//! Deliveries to them are kept, as to all that are not served; once one is verified, those made meanwhile are pending.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::claim::limit;
use super::column::{Moment, Word};
use super::db::Db;
use super::fault::Fault;
use super::subscription::{self, HeldSubscription};
use super::{health, outbox};
use crate::model::{Asked, DeliveryState, SubscriptionId, SubscriptionSpec, SubscriptionState, Verification, WebUrl};
use crate::port::ClaimVerifications;
use crate::url::registrable;

/// The state in which a declared subscription stands from now on; one that is disabled may be enabled after this. One that an operator
/// disabled stays so, whatever its endpoint proves.
pub(super) fn state_of(held: &HeldSubscription, spec: &SubscriptionSpec, by_operator: bool) -> SubscriptionState {
    let (was, before) = (held.subscription.state, &held.subscription.spec);
    let is_proved = !held.retired
        && before.verify
        && was != SubscriptionState::Unverified
        && before.endpoint.url() == spec.endpoint.url();
    match was {
        SubscriptionState::Disabled if by_operator && !held.retired => was,
        _ if spec.verify && !is_proved => SubscriptionState::Unverified,
        SubscriptionState::Unverified => SubscriptionState::Active,
        SubscriptionState::Active | SubscriptionState::Disabled => was,
    }
}

/// Carries out what follows from the change to that state.
pub(super) fn follow(
    db: &Connection,
    held: &HeldSubscription,
    spec: &SubscriptionSpec,
    by_operator: bool,
    now: Timestamp,
) -> Result<(), Fault> {
    let (id, was) = (held.subscription.id, held.subscription.state);
    let moved = held.retired || held.subscription.spec.endpoint.url() != spec.endpoint.url();
    let is_unverified = state_of(held, spec, by_operator) == SubscriptionState::Unverified;
    let missed = if was == SubscriptionState::Disabled && !held.retired { Missed::All } else { Missed::Waiting };
    match (was == SubscriptionState::Unverified, is_unverified) {
        // It proves its new address all the same, and is served when it is enabled.
        (false, false) if by_operator && moved && spec.verify => begin(db, id, Missed::Waiting, now),
        (false, true) => begin(db, id, missed, now),
        (true, true) if moved => begin(db, id, Missed::Waiting, now),
        (true, false) => serve(db, id, now, Timestamp::MIN),
        (false, false) if by_operator && !spec.verify => forget(db, id),
        (true, true) | (false, false) => Ok(()),
    }
}

/// What an endpoint is sent once it has proved itself, besides what is made until then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missed {
    /// What waits for it now.
    Waiting,
    /// And what was kept for it while it was disabled.
    All,
}

/// Lets an endpoint prove it, from now on. What waits for it waits until then.
pub(super) fn begin(db: &Connection, id: SubscriptionId, missed: Missed, now: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO verification (subscription, since_ms, tries, next_at_ms)
        VALUES (?1, (SELECT min(?2, ifnull(min(created_at_ms), ?2)) FROM delivery
            WHERE (state IN ('pending', 'held') OR ?3 AND state = 'kept') AND subscription = ?1), 0, ?2)
        ON CONFLICT (subscription) DO UPDATE SET since_ms = min(since_ms, excluded.since_ms), tries = 0,
            next_at_ms = excluded.next_at_ms, failure = NULL";
    db.prepare_cached(SQL)?.execute(params![id.0, Moment(now), missed == Missed::All])?;
    outbox::end_all(db, id, DeliveryState::Kept)
}

/// Forgets what was asked of an endpoint.
pub(super) fn forget(db: &Connection, id: SubscriptionId) -> Result<(), Fault> {
    db.prepare_cached("DELETE FROM verification WHERE subscription = ?1")?.execute([id.0])?;
    Ok(())
}

/// Serves a subscription: what was made for it since it was unverified, and not before `not_before`, is pending again.
fn serve(db: &Connection, id: SubscriptionId, now: Timestamp, not_before: Timestamp) -> Result<(), Fault> {
    const SINCE: &str = "SELECT since_ms FROM verification WHERE subscription = ?1";
    const ACTIVE: &str = "UPDATE subscription SET state = 'active', disabled_at_ms = NULL, disabled_why = NULL
        WHERE id = ?1 AND state = 'unverified'";
    // Of a declaration that asks for no proof any more the state is written already.
    const IS_ACTIVE: &str = "SELECT 1 FROM subscription WHERE id = ?1 AND state = 'active'";
    db.prepare_cached(ACTIVE)?.execute([id.0])?;
    let since: Option<Moment> = db.prepare_cached(SINCE)?.query_row([id.0], |row| row.get(0)).optional()?;
    forget(db, id)?;
    // One that an operator disabled has proved itself, and is served once it is enabled.
    if !db.prepare_cached(IS_ACTIVE)?.exists([id.0])? {
        return Ok(());
    }
    since.map_or(Ok(()), |Moment(since)| health::send_missed(db, id, since, not_before, now))
}

macro_rules! columns {
    () => {
        "SELECT subscription, tries, next_at_ms, failure FROM verification "
    };
}

type Held = (SubscriptionId, u32, Option<Timestamp>, Option<String>);

fn read(row: &Row<'_>) -> rusqlite::Result<Held> {
    let next_at = row.get::<_, Option<Moment>>(2)?.map(|at| at.0);
    Ok((SubscriptionId(row.get(0)?), row.get(1)?, next_at, row.get(3)?))
}

fn whole(db: &Db, (id, tries, next_at, failure): Held) -> Result<Option<Verification>, Fault> {
    let held = subscription::one(db, id)?.filter(|held| !held.retired);
    Ok(held.map(|held| Verification { subscription: held.subscription, tries, next_at, failure }))
}

/// When an endpoint is to be asked next.
pub(super) fn due(db: &Connection) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT min(next_at_ms) FROM verification WHERE next_at_ms IS NOT NULL";
    let next: Option<Moment> = db.prepare_cached(SQL)?.query_row([], |row| row.get(0))?;
    Ok(next.map(|Moment(at)| at))
}

/// Due ones that are looked at for one claim: each look opens an address.
const LOOK_MAX: usize = 1_000;

/// Takes those whose endpoints are to be asked by now; nobody else does before the lease ends. Who was asked before and didn't prove it
/// waits for those that never were, and no domain has all places: endpoints that never answer keep nobody else from being asked.
pub(super) fn claim(db: &Db, claim: &ClaimVerifications) -> Result<Vec<Verification>, Fault> {
    const SQL: &str = concat!(columns!(), "WHERE next_at_ms <= ?1 ORDER BY tries > 0, next_at_ms LIMIT ?2");
    const TAKE: &str = "UPDATE verification SET next_at_ms = ?2 WHERE subscription = ?1";
    let due: Vec<Held> = db
        .prepare_cached(SQL)?
        .query_map(params![Moment(claim.now), limit(LOOK_MAX)], read)?
        .collect::<Result<_, _>>()?;
    let mut busy = Busy::default();
    for url in &claim.under_way {
        busy.add(url);
    }
    let mut claims = Vec::new();
    for held in due {
        if claims.len() >= claim.limit {
            break;
        }
        let id = held.0;
        let found = whole(db, held)?;
        let url = found.as_ref().and_then(|found| found.subscription.spec.endpoint.url());
        if url.is_some_and(|url| busy.is_full(url, claim)) {
            continue;
        }
        if let Some(url) = url {
            busy.add(url);
        }
        db.prepare_cached(TAKE)?.execute(params![id.0, Moment(claim.lease_until)])?;
        claims.extend(found);
    }
    Ok(claims)
}

/// How many are asked where.
#[derive(Default)]
struct Busy {
    by_port: BTreeMap<(String, u16), usize>,
    by_domain: BTreeMap<String, usize>,
}

impl Busy {
    fn add(&mut self, url: &WebUrl) {
        let domain = registrable(url.host_text()).to_owned();
        *self.by_domain.entry(domain.clone()).or_default() += 1;
        *self.by_port.entry((domain, url.port())).or_default() += 1;
    }

    fn is_full(&self, url: &WebUrl, claim: &ClaimVerifications) -> bool {
        let domain = registrable(url.host_text()).to_owned();
        self.by_domain.get(&domain).is_some_and(|all| *all >= claim.per_domain)
            || self.by_port.get(&(domain, url.port())).is_some_and(|own| *own >= claim.per_port)
    }
}

/// How it stands with one.
pub(super) fn one(db: &Db, id: SubscriptionId) -> Result<Option<Verification>, Fault> {
    const SQL: &str = concat!(columns!(), "WHERE subscription = ?1");
    let held = db.prepare_cached(SQL)?.query_row([id.0], read).optional()?;
    held.map_or(Ok(None), |held| whole(db, held))
}

/// Writes what came of asking, unless another endpoint is to prove it by now; gives whether it did.
pub(super) fn settle(db: &Db, asked: &Asked, not_before: Timestamp) -> Result<bool, Fault> {
    const FAILED: &str =
        "UPDATE verification SET tries = tries + 1, next_at_ms = ?2, failure = ?3 WHERE subscription = ?1";
    let id = asked.subscription;
    let awaited = one(db, id)?.is_some_and(|held| held.subscription.spec.endpoint.url() == asked.url.as_ref());
    if !awaited {
        return Ok(false);
    }
    match &asked.outcome {
        Ok(()) => serve(db, id, asked.at, not_before)?,
        Err((failure, next_at)) => {
            db.prepare_cached(FAILED)?.execute(params![id.0, next_at.map(Moment), failure])?;
        }
    }
    Ok(true)
}

/// The state as it is written.
pub(super) fn first_state(spec: &SubscriptionSpec) -> Word<SubscriptionState> {
    Word(if spec.verify { SubscriptionState::Unverified } else { SubscriptionState::Active })
}
