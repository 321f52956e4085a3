//! Subscriptions.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::audience;
use super::column::{Count, Moment, Word, Worded};
use super::db::{Db, Spot};
use super::digest;
use super::document::{Document, FilterRow, MannerRow};
use super::fault::Fault;
use super::subscriber::OldSecretsRow;
use super::topic::whereabouts;
use super::verification::Missed;
use super::{health, line, outbox, self_service, verification};
use crate::model::{
    Chat, DeliveryOrder, DeliveryState, DisabledReason, Endpoint, Mailbox, Origin, Pacing, Replay, Secret, Service,
    Subscription, SubscriptionId, SubscriptionSpec, SubscriptionState, WebUrl, WebhookForm,
};

macro_rules! columns {
    () => {
        "id, name, url, secret, filter, origin, state, created_at_ms, retired, kind, p256dh, old_secrets, manner,
        max_in_flight, rate_per_minute, line, target, priority, verify"
    };
}

/// The kinds of endpoint.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Webhook(WebhookForm),
    WebPush,
    Chat(Service),
    Email,
}

impl Worded for Kind {
    const WHAT: &'static str = "kind of subscription";
    const ALL: &'static [Self] = &[
        Self::Webhook(WebhookForm::Standard),
        Self::Webhook(WebhookForm::CloudEvents),
        Self::Webhook(WebhookForm::CloudEventsStructured),
        Self::WebPush,
        Self::Chat(Service::Slack),
        Self::Chat(Service::Discord),
        Self::Chat(Service::Teams),
        Self::Chat(Service::Telegram),
        Self::Chat(Service::Matrix),
        Self::Chat(Service::Ntfy),
        Self::Chat(Service::Gotify),
        Self::Email,
    ];
    /// As [`Endpoint::label`].
    fn word(self) -> &'static str {
        match self {
            Self::Webhook(form) => form.label(),
            Self::WebPush => "web-push",
            Self::Chat(service) => service.label(),
            Self::Email => "email",
        }
    }
}

/// A subscription as it stands, retired or not.
pub(super) struct HeldSubscription {
    pub(super) subscription: Subscription,
    pub(super) retired: bool,
}

fn read(db: &Db, row: &Row<'_>) -> rusqlite::Result<HeldSubscription> {
    let id: i64 = row.get(0)?;
    let endpoint = endpoint(db, row, id)?;
    let filter = row.get::<_, Document<FilterRow>>(4)?.0.into_model()?;
    let mut spec = SubscriptionSpec::new(row.get::<_, String>(1)?, endpoint, filter);
    let old_secrets = db.opened_some(row, 11, Spot::SubscriptionOldSecrets, id)?;
    let old_secrets = old_secrets.map(|text| Document::<OldSecretsRow>::read(&text)).transpose()?;
    spec.old_secrets = old_secrets.map(OldSecretsRow::into_model).unwrap_or_default();
    if let Some(manner) = row.get::<_, Option<Document<MannerRow>>>(12)? {
        spec.manner = manner.0.into_model()?;
    }
    spec.pacing = Pacing {
        max_in_flight: row.get(13)?,
        rate_per_minute: row.get(14)?,
        order: row.get::<_, Word<DeliveryOrder>>(15)?.0,
    };
    spec.verify = row.get(18)?;
    Ok(HeldSubscription {
        subscription: Subscription {
            id: SubscriptionId(id),
            spec,
            origin: row.get::<_, Word<Origin>>(5)?.0,
            state: row.get::<_, Word<SubscriptionState>>(6)?.0,
            created_at: row.get::<_, Moment>(7)?.0,
        },
        retired: row.get(8)?,
    })
}

fn endpoint(db: &Db, row: &Row<'_>, id: i64) -> rusqlite::Result<Endpoint> {
    let kind = row.get::<_, Word<Kind>>(9)?.0;
    let url = || {
        let text = match kind {
            Kind::WebPush => row.get(2)?,
            Kind::Webhook(_) | Kind::Chat(_) | Kind::Email => db.opened(row, 2, Spot::SubscriptionUrl, id)?,
        };
        WebUrl::parse(&text).map_err(|why| rusqlite::Error::FromSqlConversionFailure(2, Type::Text, Box::new(why)))
    };
    let secret = Secret::new(db.opened(row, 3, Spot::SubscriptionSecret, id)?);
    let target = db.opened(row, 16, Spot::SubscriptionTarget, id)?;
    Ok(match kind {
        Kind::Webhook(form) => Endpoint::webhook(url()?, secret).formed(form),
        Kind::WebPush => {
            Endpoint::WebPush { url: url()?, p256dh: row.get::<_, Option<_>>(10)?.unwrap_or_default(), auth: secret }
        }
        Kind::Chat(service) => Endpoint::Chat(Chat::restored(service, url()?, secret, target, row.get(17)?)),
        Kind::Email => Endpoint::Email(
            Mailbox::parse(&target)
                .ok_or_else(|| rusqlite::Error::InvalidColumnType(16, "target".to_owned(), Type::Text))?,
        ),
    })
}

/// What stands in an endpoint's columns besides its kind, as it is written: sealed, where secrets are.
#[derive(Default)]
pub(super) struct Keys<'a> {
    url: String,
    pub(super) secret: String,
    pub(super) old_secrets: Option<String>,
    p256dh: Option<&'a str>,
    target: Option<String>,
    priority: Option<u8>,
}

impl<'a> Keys<'a> {
    pub(super) fn of(db: &Db, id: SubscriptionId, spec: &'a SubscriptionSpec) -> Result<Self, Fault> {
        let secret = |text: &str| db.seal(Spot::SubscriptionSecret, id.0, text);
        let target = |text: &str| db.seal(Spot::SubscriptionTarget, id.0, text).map(Some);
        let old_secrets = OldSecretsRow::of(&spec.old_secrets).map(|row| row.write()).transpose()?;
        let shared = Self {
            url: db.seal(Spot::SubscriptionUrl, id.0, spec.endpoint.url().map_or("", WebUrl::as_str))?,
            old_secrets: db.seal_some(Spot::SubscriptionOldSecrets, id.0, old_secrets.as_deref())?,
            ..Self::default()
        };
        Ok(match &spec.endpoint {
            Endpoint::Webhook { secret: key, .. } => Self { secret: secret(key.reveal())?, ..shared },
            Endpoint::WebPush { url, auth, p256dh } => Self {
                // Devices are found by it.
                url: url.as_str().to_owned(),
                secret: secret(auth.reveal())?,
                p256dh: Some(p256dh),
                ..shared
            },
            Endpoint::Chat(chat) => Self {
                secret: secret(chat.token().reveal())?,
                target: target(chat.room())?,
                priority: chat.priority(),
                ..shared
            },
            Endpoint::Email(to) => Self { target: target(to.as_str())?, ..shared },
        })
    }
}

/// All subscriptions, retired ones too, by number.
pub(super) fn all(db: &Db) -> Result<Vec<HeldSubscription>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM subscription ORDER BY id");
    Ok(db.prepare_cached(SQL)?.query_map([], |row| read(db, row))?.collect::<Result<_, _>>()?)
}

/// Subscriptions in force, by number. The index is named: whatever the planner makes of it, retired ones, which are never deleted, are
/// not walked over.
pub(super) fn list(db: &Db) -> Result<Vec<Subscription>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM subscription INDEXED BY subscription_current WHERE retired = 0 ORDER BY id"
    );
    let held = db.prepare_cached(SQL)?.query_map([], |row| read(db, row))?.collect::<Result<Vec<_>, _>>()?;
    Ok(held.into_iter().map(|held| held.subscription).collect())
}

/// The same, and how many changes of subscriptions there were; `None` where there were as many as are `known`.
pub(super) fn list_unless(db: &Db, known: u64) -> Result<Option<(u64, Vec<Subscription>)>, Fault> {
    const SQL: &str = "SELECT value FROM counter WHERE name = 'subscriptions'";
    let changes = db.prepare_cached(SQL)?.query_row([], |row| row.get::<_, Count>(0))?.0;
    if changes == known { Ok(None) } else { Ok(Some((changes, list(db)?))) }
}

/// One subscription, retired or not.
pub(super) fn one(db: &Db, id: SubscriptionId) -> Result<Option<HeldSubscription>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM subscription WHERE id = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([id.0], |row| read(db, row)).optional()?)
}

/// One subscription in force.
pub(super) fn in_force(db: &Db, id: SubscriptionId) -> Result<Option<Subscription>, Fault> {
    Ok(one(db, id)?.filter(|held| !held.retired).map(|held| held.subscription))
}

/// The subscription of the device with this endpoint, retired or not.
pub(super) fn of_device(db: &Db, endpoint: &WebUrl) -> Result<Option<HeldSubscription>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM subscription INDEXED BY subscription_device WHERE kind = 'web-push' AND url = ?1"
    );
    Ok(db.prepare_cached(SQL)?.query_row([endpoint.as_str()], |row| read(db, row)).optional()?)
}

/// Writes a new subscription.
pub(super) fn insert(
    db: &Db,
    spec: &SubscriptionSpec,
    origin: Origin,
    now: Timestamp,
) -> Result<SubscriptionId, Fault> {
    const SQL: &str = "INSERT INTO subscription (name, kind, url, secret, filter, origin, created_at_ms, p256dh,
            old_secrets, manner, max_in_flight, rate_per_minute, line, target, priority, state, verify, id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    // As SQLite would number it, since rows stay; but before it is written, as its secrets are sealed for their row.
    const NEXT: &str = "SELECT coalesce(max(id), 0) + 1 FROM subscription";
    let id = SubscriptionId(db.prepare_cached(NEXT)?.query_row([], |row| row.get(0))?);
    let keys = Keys::of(db, id, spec)?;
    db.prepare_cached(SQL)?.execute(params![
        spec.name,
        spec.endpoint.label(),
        keys.url,
        keys.secret,
        FilterRow::of(&spec.filter),
        Word(origin),
        Moment(now),
        keys.p256dh,
        keys.old_secrets,
        MannerRow::of(&spec.manner),
        spec.pacing.max_in_flight,
        spec.pacing.rate_per_minute,
        Word(spec.pacing.order),
        keys.target,
        keys.priority,
        verification::first_state(spec),
        spec.verify,
        id.0
    ])?;
    digest::replan(db, id, &spec.manner)?;
    if spec.verify {
        verification::begin(db, id, Missed::Waiting, now)?;
    }
    Ok(id)
}

/// Writes what is declared of a known subscription and puts it in force. One that was disabled is served again, with all
/// that it missed, when it comes back or its endpoint changed; unless an operator disabled it.
pub(super) fn redeclare(
    db: &Db,
    held: &HeldSubscription,
    spec: &SubscriptionSpec,
    origin: Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET url = ?2, secret = ?3, filter = ?4, origin = ?5, retired = 0,
            kind = ?6, p256dh = ?7, name = ?8, old_secrets = ?9, manner = ?10, max_in_flight = ?11,
            rate_per_minute = ?12, line = ?13, target = ?14, priority = ?15, state = ?16, verify = ?17
        WHERE id = ?1";
    let id = held.subscription.id;
    let keys = Keys::of(db, id, spec)?;
    let again = held.retired || held.subscription.spec.endpoint != spec.endpoint;
    let is_disabled = held.subscription.state == SubscriptionState::Disabled;
    let by_operator = health::is_disabled_by_operator(db, id)?;
    db.prepare_cached(SQL)?.execute(params![
        id.0,
        keys.url,
        keys.secret,
        FilterRow::of(&spec.filter),
        Word(origin),
        spec.endpoint.label(),
        keys.p256dh,
        spec.name,
        keys.old_secrets,
        MannerRow::of(&spec.manner),
        spec.pacing.max_in_flight,
        spec.pacing.rate_per_minute,
        Word(spec.pacing.order),
        keys.target,
        keys.priority,
        Word(verification::state_of(held, spec, by_operator)),
        spec.verify
    ])?;
    if held.retired || held.subscription.spec.manner != spec.manner {
        digest::replan(db, id, &spec.manner)?;
        line::end_quiet_hours(db, id, &held.subscription.spec.manner, now)?;
    }
    if held.subscription.spec.filter != spec.filter && spec.filter.is_selective() {
        audience::refilter(db, id)?;
    }
    verification::follow(db, held, spec, by_operator, now)?;
    let is_wanted = verification::state_of(held, spec, by_operator) != SubscriptionState::Unverified;
    if is_disabled && again && is_wanted && (held.retired || !by_operator) {
        health::enable(db, id, Replay::All, now)?;
    }
    if again && !is_disabled {
        health::start_anew(db, id, now)?;
    }
    if held.subscription.spec.pacing == spec.pacing { Ok(()) } else { line::line_up_anew(db, id, now) }
}

/// Adds a subscription of [`Origin::Api`]; a retired one of this name is taken up again.
pub(super) fn add(db: &Db, spec: &SubscriptionSpec, now: Timestamp) -> Result<SubscriptionId, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM subscription WHERE name = ?1");
    let Some(held) = db.prepare_cached(SQL)?.query_row([&spec.name], |row| read(db, row)).optional()? else {
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
pub(super) fn remove(db: &Db, id: SubscriptionId) -> Result<bool, Fault> {
    let removable = one(db, id)?.is_some_and(|held| !held.retired && held.subscription.origin == Origin::Api);
    if removable {
        retire(db, id)?;
    }
    Ok(removable)
}

/// Retires a subscription: its deliveries that wait are gone; gives how many. Keys and tokens that others gave us are forgotten.
pub(super) fn retire(db: &Db, id: SubscriptionId) -> Result<usize, Fault> {
    const SQL: &str = "UPDATE subscription SET retired = 1, p256dh = NULL, old_secrets = NULL,
            secret = iif(kind IN ('webhook', 'cloudevents', 'cloudevents-structured'), secret, '')
        WHERE id = ?1";
    db.prepare_cached(SQL)?.execute([id.0])?;
    health::forget_trouble(db, id)?;
    verification::forget(db, id)?;
    self_service::forget(db, id)?;
    end_waiting(db, id)
}

/// Puts a retired subscription in force again by the configuration; and where it was of that before and goes to the address that it went
/// to, what its retirement ended, but for what is older than its expiry, else than `expire`. Gives how many.
pub(super) fn take_up(
    db: &Db,
    held: &HeldSubscription,
    spec: &SubscriptionSpec,
    expire: Option<Duration>,
    now: Timestamp,
) -> Result<usize, Fault> {
    let (id, before) = (held.subscription.id, &held.subscription);
    let is_same = before.origin == Origin::Config && address(&before.spec.endpoint) == address(&spec.endpoint);
    let oldest = spec.manner.expire_after.or(expire).and_then(|age| now.checked_sub(age).ok());
    let back = if is_same { give_back(db, id, oldest.unwrap_or(Timestamp::MIN))? } else { 0 };
    redeclare(db, held, spec, Origin::Config, now)?;
    if back > 0 {
        match one(db, id)?.map(|held| held.subscription.state) {
            Some(SubscriptionState::Active) => line::line_up_anew(db, id, now)?,
            Some(SubscriptionState::Disabled | SubscriptionState::Unverified) | None => {
                outbox::end_all(db, id, DeliveryState::Kept)?;
            }
        }
    }
    Ok(back)
}

/// Where an endpoint's messages go, whatever they look like and whatever opens its door.
fn address(endpoint: &Endpoint) -> (Option<&WebUrl>, Option<&str>) {
    let receiver = match endpoint {
        Endpoint::Chat(chat) => Some(chat.room()),
        Endpoint::Email(to) => Some(to.as_str()),
        Endpoint::Webhook { .. } | Endpoint::WebPush { .. } => None,
    };
    (endpoint.url(), receiver)
}

/// Ends all deliveries of a retired subscription that wait, in a way that [`give_back`] undoes; gives how many.
fn end_waiting(db: &Connection, subscription: SubscriptionId) -> Result<usize, Fault> {
    const PENDING: &str = "UPDATE delivery INDEXED BY delivery_line SET ended_from = state, state = 'gone',
            next_attempt_at_ms = NULL, held_ms = NULL, lease_until_ms = 0
        WHERE state = 'pending' AND subscription = ?1";
    const OTHERS: &str = "UPDATE delivery INDEXED BY delivery_finished SET ended_from = state, state = 'gone',
            next_attempt_at_ms = NULL
        WHERE state <> 'pending' AND state IN ('kept', 'held') AND subscription = ?1";
    // What an earlier retirement ended for good.
    const OLD: &str = "UPDATE delivery INDEXED BY delivery_finished SET ended_from = NULL
        WHERE state <> 'pending' AND state = 'gone' AND subscription = ?1 AND ended_from IS NOT NULL";
    db.prepare_cached(OLD)?.execute([subscription.0])?;
    let pending = db.prepare_cached(PENDING)?.execute([subscription.0])?;
    Ok(pending + db.prepare_cached(OTHERS)?.execute([subscription.0])?)
}

/// Gives what a subscription's retirement ended, and was made at `oldest` or since, the state back that it had, with the age and the
/// attempts that it had; gives how many. What is pending again stands in no line yet.
fn give_back(db: &Connection, subscription: SubscriptionId, oldest: Timestamp) -> Result<usize, Fault> {
    const SQL: &str = "UPDATE delivery INDEXED BY delivery_finished
        SET state = ended_from, ended_from = NULL, next_attempt_at_ms = iif(ended_from = 'held', 0, NULL)
        WHERE state <> 'pending' AND state = 'gone' AND subscription = ?1 AND ended_from IS NOT NULL
            AND created_at_ms >= ?2";
    Ok(db.prepare_cached(SQL)?.execute(params![subscription.0, Moment(oldest)])?)
}

/// Ends what an endpoint says is gone. A browser's subscription is removed, as it comes back by itself where it is
/// wanted; every other is disabled, for its operator to see.
pub(super) fn end(db: &Db, id: SubscriptionId, now: Timestamp) -> Result<(), Fault> {
    let Some(held) = one(db, id)? else { return Ok(()) };
    match held.subscription.spec.endpoint {
        Endpoint::Webhook { .. } | Endpoint::Chat(_) | Endpoint::Email(_) => {
            health::disable(db, id, DisabledReason::Gone, now)
        }
        Endpoint::WebPush { .. } => retire(db, id).map(drop),
    }
}
