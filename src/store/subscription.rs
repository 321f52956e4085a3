//! Subscriptions.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{Address, Count, Moment, Word, Worded};
use super::document::{Document, FilterRow};
use super::fault::Fault;
use super::outbox;
use super::self_service;
use super::subscriber::OldSecretsRow;
use super::topic::whereabouts;
use super::verification;
use crate::model::{
    Endpoint, Origin, Secret, Subscription, SubscriptionId, SubscriptionSpec, SubscriptionState, WebUrl,
};

macro_rules! columns {
    () => {
        "id, name, url, secret, filter, origin, state, created_at_ms, retired, kind, p256dh, old_secrets, verify"
    };
}

/// The kinds of endpoint.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Webhook,
    WebPush,
}

impl Worded for Kind {
    const WHAT: &'static str = "kind of subscription";
    const ALL: &'static [Self] = &[Self::Webhook, Self::WebPush];
    /// As [`Endpoint::label`].
    fn word(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::WebPush => "web-push",
        }
    }
}

/// A subscription as it stands, retired or not.
pub(super) struct HeldSubscription {
    pub(super) subscription: Subscription,
    pub(super) retired: bool,
}

fn read(row: &Row<'_>) -> rusqlite::Result<HeldSubscription> {
    let (url, secret) = (row.get::<_, Address>(2)?.0, Secret::new(row.get::<_, String>(3)?));
    let endpoint = match row.get::<_, Word<Kind>>(9)?.0 {
        Kind::Webhook => Endpoint::webhook(url, secret),
        Kind::WebPush => {
            Endpoint::WebPush { url, p256dh: row.get::<_, Option<_>>(10)?.unwrap_or_default(), auth: secret }
        }
    };
    let filter = row.get::<_, Document<FilterRow>>(4)?.0.into_model()?;
    let mut spec = SubscriptionSpec::new(row.get::<_, String>(1)?, endpoint, filter);
    let old_secrets = row.get::<_, Option<Document<OldSecretsRow>>>(11)?;
    spec.old_secrets = old_secrets.map(|row| row.0.into_model()).unwrap_or_default();
    spec.verify = row.get(12)?;
    Ok(HeldSubscription {
        subscription: Subscription {
            id: SubscriptionId(row.get(0)?),
            spec,
            origin: row.get::<_, Word<Origin>>(5)?.0,
            state: row.get::<_, Word<SubscriptionState>>(6)?.0,
            created_at: row.get::<_, Moment>(7)?.0,
        },
        retired: row.get(8)?,
    })
}

/// What stands in the columns of keys.
pub(super) fn keys(endpoint: &Endpoint) -> (&Secret, Option<&str>) {
    match endpoint {
        Endpoint::Webhook { secret, .. } => (secret, None),
        Endpoint::WebPush { auth, p256dh, .. } => (auth, Some(p256dh)),
    }
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

/// The same, and how many changes of subscriptions there were; `None` where there were as many as are `known`.
pub(super) fn list_unless(db: &Connection, known: u64) -> Result<Option<(u64, Vec<Subscription>)>, Fault> {
    const SQL: &str = "SELECT value FROM counter WHERE name = 'subscriptions'";
    let changes = db.prepare_cached(SQL)?.query_row([], |row| row.get::<_, Count>(0))?.0;
    if changes == known { Ok(None) } else { Ok(Some((changes, list(db)?))) }
}

/// One subscription, retired or not.
pub(super) fn one(db: &Connection, id: SubscriptionId) -> Result<Option<HeldSubscription>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM subscription WHERE id = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([id.0], read).optional()?)
}

/// The subscription of the device with this endpoint, retired or not.
pub(super) fn of_device(db: &Connection, endpoint: &WebUrl) -> Result<Option<HeldSubscription>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM subscription INDEXED BY subscription_device WHERE kind = 'web-push' AND url = ?1"
    );
    Ok(db.prepare_cached(SQL)?.query_row([endpoint.as_str()], read).optional()?)
}

/// Writes a new subscription.
pub(super) fn insert(
    db: &Connection,
    spec: &SubscriptionSpec,
    origin: Origin,
    now: Timestamp,
) -> Result<SubscriptionId, Fault> {
    const SQL: &str = "INSERT INTO subscription (name, kind, url, secret, filter, origin, state, created_at_ms, p256dh,
            old_secrets, verify)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?10, ?7, ?8, ?9, ?11)";
    let (secret, p256dh) = keys(&spec.endpoint);
    let id = db.prepare_cached(SQL)?.insert(params![
        spec.name,
        spec.endpoint.label(),
        spec.endpoint.url().as_str(),
        secret.reveal(),
        FilterRow::of(&spec.filter),
        Word(origin),
        Moment(now),
        p256dh,
        OldSecretsRow::of(&spec.old_secrets),
        verification::first_state(spec),
        spec.verify
    ])?;
    let id = SubscriptionId(id);
    if spec.verify {
        verification::begin(db, id, now)?;
    }
    Ok(id)
}

/// Writes what is declared of a known subscription and puts it in force. One that was disabled is served again when it
/// comes back or its endpoint changed.
pub(super) fn redeclare(
    db: &Connection,
    held: &HeldSubscription,
    spec: &SubscriptionSpec,
    origin: Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET url = ?2, secret = ?3, filter = ?4, origin = ?5, retired = 0,
            state = ?6, kind = ?7, p256dh = ?8, name = ?9,
            old_secrets = ?10, verify = ?11
        WHERE id = ?1";
    let (secret, p256dh) = keys(&spec.endpoint);
    db.prepare_cached(SQL)?.execute(params![
        held.subscription.id.0,
        spec.endpoint.url().as_str(),
        secret.reveal(),
        FilterRow::of(&spec.filter),
        Word(origin),
        Word(verification::state_of(held, spec)),
        spec.endpoint.label(),
        p256dh,
        spec.name,
        OldSecretsRow::of(&spec.old_secrets),
        spec.verify
    ])?;
    verification::follow(db, held, spec, now)
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
    redeclare(db, &held, spec, Origin::Api, now)?;
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

/// Retires a subscription: its pending deliveries are gone. A device's keys are forgotten.
pub(super) fn retire(db: &Connection, id: SubscriptionId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET retired = 1, p256dh = NULL, old_secrets = NULL,
            secret = iif(kind = 'web-push', '', secret)
        WHERE id = ?1";
    db.prepare_cached(SQL)?.execute([id.0])?;
    verification::forget(db, id)?;
    self_service::forget(db, id)?;
    outbox::give_up_all(db, id)
}

/// Ends what an endpoint says is gone. A webhook's subscription is disabled, for its operator to see; a browser's is
/// removed, as it comes back by itself where it is wanted.
pub(super) fn end(db: &Connection, id: SubscriptionId) -> Result<(), Fault> {
    let Some(held) = one(db, id)? else { return Ok(()) };
    match held.subscription.spec.endpoint {
        Endpoint::Webhook { .. } => {
            set_state(db, id, SubscriptionState::Disabled)?;
            outbox::give_up_all(db, id)
        }
        Endpoint::WebPush { .. } => retire(db, id),
    }
}

/// Serves a subscription, or no longer.
pub(super) fn set_state(db: &Connection, id: SubscriptionId, state: SubscriptionState) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET state = ?2 WHERE id = ?1";
    db.prepare_cached(SQL)?.execute(params![id.0, Word(state)])?;
    Ok(())
}
