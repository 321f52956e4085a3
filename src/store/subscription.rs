//! Subscriptions.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{Address, Moment, Word};
use super::document::{Document, FilterRow};
use super::fault::Fault;
use super::outbox;
use super::topic::whereabouts;
use crate::model::{Endpoint, Origin, Secret, Subscription, SubscriptionId, SubscriptionSpec, SubscriptionState};

macro_rules! columns {
    () => {
        "id, name, url, secret, filter, origin, state, created_at_ms, retired"
    };
}

/// A subscription as it stands, retired or not.
pub(super) struct HeldSubscription {
    pub(super) subscription: Subscription,
    pub(super) retired: bool,
}

fn read(row: &Row<'_>) -> rusqlite::Result<HeldSubscription> {
    let endpoint =
        Endpoint::Webhook { url: row.get::<_, Address>(2)?.0, secret: Secret::new(row.get::<_, String>(3)?) };
    let filter = row.get::<_, Document<FilterRow>>(4)?.0.into_model()?;
    Ok(HeldSubscription {
        subscription: Subscription {
            id: SubscriptionId(row.get(0)?),
            spec: SubscriptionSpec { name: row.get(1)?, endpoint, filter },
            origin: row.get::<_, Word<Origin>>(5)?.0,
            state: row.get::<_, Word<SubscriptionState>>(6)?.0,
            created_at: row.get::<_, Moment>(7)?.0,
        },
        retired: row.get(8)?,
    })
}

/// All subscriptions, retired ones too, by number.
pub(super) fn all(db: &Connection) -> Result<Vec<HeldSubscription>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM subscription ORDER BY id");
    Ok(db.prepare_cached(SQL)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// Subscriptions in force, by number.
pub(super) fn list(db: &Connection) -> Result<Vec<Subscription>, Fault> {
    Ok(all(db)?.into_iter().filter(|held| !held.retired).map(|held| held.subscription).collect())
}

/// One subscription, retired or not.
pub(super) fn one(db: &Connection, id: SubscriptionId) -> Result<Option<HeldSubscription>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM subscription WHERE id = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([id.0], read).optional()?)
}

/// Writes a new subscription.
pub(super) fn insert(
    db: &Connection,
    spec: &SubscriptionSpec,
    origin: Origin,
    now: Timestamp,
) -> Result<SubscriptionId, Fault> {
    const SQL: &str = "INSERT INTO subscription (name, kind, url, secret, filter, origin, state, created_at_ms)
        VALUES (?1, 'webhook', ?2, ?3, ?4, ?5, 'active', ?6)";
    let Endpoint::Webhook { url, secret } = &spec.endpoint;
    let id = db.prepare_cached(SQL)?.insert(params![
        spec.name,
        url.as_str(),
        secret.reveal(),
        FilterRow::of(&spec.filter),
        Word(origin),
        Moment(now)
    ])?;
    Ok(SubscriptionId(id))
}

/// Writes what is declared of a known subscription and puts it in force. One that was disabled is served again when it
/// comes back or its endpoint changed.
pub(super) fn redeclare(
    db: &Connection,
    held: &HeldSubscription,
    spec: &SubscriptionSpec,
    origin: Origin,
) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET url = ?2, secret = ?3, filter = ?4, origin = ?5, retired = 0,
            state = iif(?6, 'active', state)
        WHERE id = ?1";
    let Endpoint::Webhook { url, secret } = &spec.endpoint;
    let again = held.retired || held.subscription.spec.endpoint != spec.endpoint;
    db.prepare_cached(SQL)?.execute(params![
        held.subscription.id.0,
        url.as_str(),
        secret.reveal(),
        FilterRow::of(&spec.filter),
        Word(origin),
        again
    ])?;
    Ok(())
}

/// Adds a subscription of [`Origin::Api`]; a retired one of this name is taken up again.
pub(super) fn add(db: &Connection, spec: &SubscriptionSpec, now: Timestamp) -> Result<SubscriptionId, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM subscription WHERE name = ?1");
    let Some(held) = db.prepare_cached(SQL)?.query_row([&spec.name], read).optional()? else {
        return insert(db, spec, Origin::Api, now);
    };
    if !held.retired {
        let place = whereabouts(held.subscription.origin);
        return Err(Fault::Taken { what: "subscription", detail: format!("{} ({place})", spec.name) });
    }
    redeclare(db, &held, spec, Origin::Api)?;
    Ok(held.subscription.id)
}

/// Removes a subscription of [`Origin::Api`].
pub(super) fn remove(db: &Connection, id: SubscriptionId) -> Result<bool, Fault> {
    let removable = one(db, id)?.is_some_and(|held| !held.retired && held.subscription.origin == Origin::Api);
    if removable {
        retire(db, id)?;
    }
    Ok(removable)
}

/// Retires a subscription: its pending deliveries are gone.
pub(super) fn retire(db: &Connection, id: SubscriptionId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET retired = 1 WHERE id = ?1";
    db.prepare_cached(SQL)?.execute([id.0])?;
    outbox::give_up_all(db, id)
}

/// Serves a subscription, or no longer.
pub(super) fn set_state(db: &Connection, id: SubscriptionId, state: SubscriptionState) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET state = ?2 WHERE id = ?1";
    db.prepare_cached(SQL)?.execute(params![id.0, Word(state)])?;
    Ok(())
}
