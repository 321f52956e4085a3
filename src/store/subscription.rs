//! Subscriptions.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::audience;
use super::column::{Address, Count, Moment, Word, Worded};
use super::digest;
use super::document::{Document, FilterRow, MannerRow};
use super::fault::Fault;
use super::subscriber::OldSecretsRow;
use super::topic::whereabouts;
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

fn read(row: &Row<'_>) -> rusqlite::Result<HeldSubscription> {
    let endpoint = endpoint(row)?;
    let filter = row.get::<_, Document<FilterRow>>(4)?.0.into_model()?;
    let mut spec = SubscriptionSpec::new(row.get::<_, String>(1)?, endpoint, filter);
    let old_secrets = row.get::<_, Option<Document<OldSecretsRow>>>(11)?;
    spec.old_secrets = old_secrets.map(|row| row.0.into_model()).unwrap_or_default();
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
            id: SubscriptionId(row.get(0)?),
            spec,
            origin: row.get::<_, Word<Origin>>(5)?.0,
            state: row.get::<_, Word<SubscriptionState>>(6)?.0,
            created_at: row.get::<_, Moment>(7)?.0,
        },
        retired: row.get(8)?,
    })
}

fn endpoint(row: &Row<'_>) -> rusqlite::Result<Endpoint> {
    let url = || row.get::<_, Address>(2).map(|address| address.0);
    let secret = Secret::new(row.get::<_, String>(3)?);
    let target = row.get::<_, Option<String>>(16)?.unwrap_or_default();
    Ok(match row.get::<_, Word<Kind>>(9)?.0 {
        Kind::Webhook(form) => Endpoint::webhook(url()?, secret).formed(form),
        Kind::WebPush => {
            Endpoint::WebPush { url: url()?, p256dh: row.get::<_, Option<_>>(10)?.unwrap_or_default(), auth: secret }
        }
        Kind::Chat(service) => Endpoint::Chat(Chat::restored(service, url()?, secret, target, row.get(17)?)),
        Kind::Email => {
            Endpoint::Email(Mailbox::parse(&target).ok_or_else(|| {
                rusqlite::Error::InvalidColumnType(16, "target".to_owned(), rusqlite::types::Type::Text)
            })?)
        }
    })
}

/// What stands in an endpoint's columns besides its kind and address.
#[derive(Default)]
pub(super) struct Keys<'a> {
    pub(super) secret: &'a str,
    p256dh: Option<&'a str>,
    target: Option<&'a str>,
    priority: Option<u8>,
}

impl<'a> Keys<'a> {
    pub(super) fn of(endpoint: &'a Endpoint) -> Self {
        match endpoint {
            Endpoint::Webhook { secret, .. } => Self { secret: secret.reveal(), ..Self::default() },
            Endpoint::WebPush { auth, p256dh, .. } => {
                Self { secret: auth.reveal(), p256dh: Some(p256dh), ..Self::default() }
            }
            Endpoint::Chat(chat) => Self {
                secret: chat.token().reveal(),
                target: Some(chat.room()),
                priority: chat.priority(),
                ..Self::default()
            },
            Endpoint::Email(to) => Self { target: Some(to.as_str()), ..Self::default() },
        }
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

/// One subscription in force.
pub(super) fn in_force(db: &Connection, id: SubscriptionId) -> Result<Option<Subscription>, Fault> {
    Ok(one(db, id)?.filter(|held| !held.retired).map(|held| held.subscription))
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
    const SQL: &str = "INSERT INTO subscription (name, kind, url, secret, filter, origin, created_at_ms, p256dh,
            old_secrets, manner, max_in_flight, rate_per_minute, line, target, priority, state, verify)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    let keys = Keys::of(&spec.endpoint);
    let id = db.prepare_cached(SQL)?.insert(params![
        spec.name,
        spec.endpoint.label(),
        spec.endpoint.url().map_or("", WebUrl::as_str),
        keys.secret,
        FilterRow::of(&spec.filter),
        Word(origin),
        Moment(now),
        keys.p256dh,
        OldSecretsRow::of(&spec.old_secrets),
        MannerRow::of(&spec.manner),
        spec.pacing.max_in_flight,
        spec.pacing.rate_per_minute,
        Word(spec.pacing.order),
        keys.target,
        keys.priority,
        verification::first_state(spec),
        spec.verify
    ])?;
    let id = SubscriptionId(id);
    digest::replan(db, id, &spec.manner)?;
    if spec.verify {
        verification::begin(db, id, now)?;
    }
    Ok(id)
}

/// Writes what is declared of a known subscription and puts it in force. One that was disabled is served again, with all
/// that it missed, when it comes back or its endpoint changed; unless an operator disabled it.
pub(super) fn redeclare(
    db: &Connection,
    held: &HeldSubscription,
    spec: &SubscriptionSpec,
    origin: Origin,
    now: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET url = ?2, secret = ?3, filter = ?4, origin = ?5, retired = 0,
            kind = ?6, p256dh = ?7, name = ?8, old_secrets = ?9, manner = ?10, max_in_flight = ?11,
            rate_per_minute = ?12, line = ?13, target = ?14, priority = ?15, state = ?16, verify = ?17
        WHERE id = ?1";
    let keys = Keys::of(&spec.endpoint);
    let id = held.subscription.id;
    let again = held.retired || held.subscription.spec.endpoint != spec.endpoint;
    let is_disabled = held.subscription.state == SubscriptionState::Disabled;
    db.prepare_cached(SQL)?.execute(params![
        id.0,
        spec.endpoint.url().map_or("", WebUrl::as_str),
        keys.secret,
        FilterRow::of(&spec.filter),
        Word(origin),
        spec.endpoint.label(),
        keys.p256dh,
        spec.name,
        OldSecretsRow::of(&spec.old_secrets),
        MannerRow::of(&spec.manner),
        spec.pacing.max_in_flight,
        spec.pacing.rate_per_minute,
        Word(spec.pacing.order),
        keys.target,
        keys.priority,
        Word(verification::state_of(held, spec)),
        spec.verify
    ])?;
    if held.retired || held.subscription.spec.manner != spec.manner {
        digest::replan(db, id, &spec.manner)?;
    }
    if held.subscription.spec.filter != spec.filter && spec.filter.is_selective() {
        audience::refilter(db, id)?;
    }
    verification::follow(db, held, spec, now)?;
    let is_wanted = verification::state_of(held, spec) != SubscriptionState::Unverified;
    if is_disabled && again && is_wanted && (held.retired || !health::is_disabled_by_operator(db, id)?) {
        let replay = if held.retired { Replay::Nothing } else { Replay::All };
        health::enable(db, id, replay, now)?;
    }
    if again && !is_disabled {
        health::start_anew(db, id, now)?;
    }
    if held.subscription.spec.pacing == spec.pacing { Ok(()) } else { line::line_up_anew(db, id, now) }
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

/// Retires a subscription: its deliveries that wait are gone. Keys and tokens that others gave us are forgotten.
pub(super) fn retire(db: &Connection, id: SubscriptionId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE subscription SET retired = 1, p256dh = NULL, old_secrets = NULL,
            secret = iif(kind IN ('webhook', 'cloudevents', 'cloudevents-structured'), secret, '')
        WHERE id = ?1";
    db.prepare_cached(SQL)?.execute([id.0])?;
    health::forget_trouble(db, id)?;
    verification::forget(db, id)?;
    self_service::forget(db, id)?;
    outbox::end_all(db, id, DeliveryState::Gone)
}

/// Ends what an endpoint says is gone. A browser's subscription is removed, as it comes back by itself where it is
/// wanted; every other is disabled, for its operator to see.
pub(super) fn end(db: &Connection, id: SubscriptionId, now: Timestamp) -> Result<(), Fault> {
    let Some(held) = one(db, id)? else { return Ok(()) };
    match held.subscription.spec.endpoint {
        Endpoint::Webhook { .. } | Endpoint::Chat(_) | Endpoint::Email(_) => {
            health::disable(db, id, DisabledReason::Gone, now)
        }
        Endpoint::WebPush { .. } => retire(db, id),
    }
}
