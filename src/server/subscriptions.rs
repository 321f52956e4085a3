//! `/v1/subscriptions`: who is told what.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::conditional::{Conditions, Tag, found, tagged};
use super::fields::Fields;
use super::manner;
use super::params::{Params, Segment, row};
use super::places::{self, Wanted};
use super::problem::Problem;
use super::rotation;
use super::sources::address;
use super::state::{AppState, Change, Checks};
use super::topics::{check_query, keys, name, refuse_declared};
use super::{verification, wire};
use crate::deliver::Scheme;
use crate::model::{
    Corrections, Delivery, DeliveryOrder, Endpoint, Filter, Manner, NotificationType, Pacing, Secret, Subscription,
    SubscriptionId, SubscriptionSpec, SubscriptionState, Topic, Updates,
};
use crate::port::{Store, StoreError};
use crate::text::is_language;

pub(super) async fn list(
    State(app): State<AppState>,
    mut params: Params,
) -> Result<Json<wire::Subscriptions>, Problem> {
    let (after, limit) = (params.number("after").unwrap_or_default(), params.limit_or_most());
    params.finish()?;
    let (mut subscriptions, health) =
        app.keeper.read(|store| Ok::<_, StoreError>((store.subscriptions()?, store.health(None)?))).await?;
    let now = app.clock.now();
    let shown = |s: &Subscription| wire::Subscription::faring(s, health.get(&s.id), now);
    subscriptions.retain(|subscription| subscription.id.0 > after);
    let more = subscriptions.len() > limit;
    subscriptions.truncate(limit);
    let next = subscriptions.last().filter(|_| more).map(|last| params.next("/v1/subscriptions", "after", last.id.0));
    Ok(Json(wire::Subscriptions { subscriptions: subscriptions.iter().map(shown).collect(), next }))
}

pub(super) async fn show(
    State(app): State<AppState>,
    Segment(id): Segment,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    Ok(conditions.answer(shown(&app, id).await?, &wire::Subscription::LIVE))
}

pub(super) async fn add(State(app): State<AppState>, fields: Fields) -> Result<impl IntoResponse, Problem> {
    let (id, secret) = put(&app, fields).await?;
    let subscription = shown(&app, id).await?;
    let location = [(header::LOCATION, format!("/v1/subscriptions/{id}"))];
    let tag = tagged(Tag::of(&subscription, &wire::Subscription::LIVE));
    Ok((StatusCode::CREATED, location, tag, Json(wire::NewSubscription { subscription, secret })))
}

/// Changes what a subscription is told, and how: a merge patch.
pub(super) async fn change(
    State(app): State<AppState>,
    Segment(id): Segment,
    conditions: Conditions,
    patch: Fields,
) -> Result<impl IntoResponse, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    let (now, checks) = (app.clock.now(), app.checks.clone());
    // Read, patched and written in one job of the store's writer: of two patches at once none undoes the other.
    let written = app.keeper.write(move |store| {
        let held = found!(find_in(store, id)?);
        let topics = store.topics()?;
        let (filter, manner, pacing) = found!(patched(&held, patch, &topics, &checks));
        found!(conditions.hold(tag(&held)));
        store.change_subscription(id, &filter, &manner, pacing, now).map(|_is_changed| Ok(()))
    });
    written.await??;
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = id.0, "subscription {id} was changed");
    let subscription = shown(&app, id).await?;
    Ok((tagged(Tag::of(&subscription, &wire::Subscription::LIVE)), Json(subscription)))
}

/// What a merge patch makes of what a subscription is told, how, and how fast.
///
/// # Errors
/// What is wrong with the patch, in words.
pub(crate) fn edited_subscription(
    held: &Subscription,
    patch: Map<String, Value>,
    topics: &[Topic],
    checks: &Checks,
) -> Result<(Filter, Manner, Pacing), Vec<String>> {
    patched(held, Fields::of_form(patch), topics, checks).map_err(Problem::into_details)
}

fn patched(
    held: &Subscription,
    patch: Fields,
    topics: &[Topic],
    checks: &Checks,
) -> Result<(Filter, Manner, Pacing), Problem> {
    refuse_declared(held.origin, "subscription")?;
    if let Endpoint::WebPush { .. } = held.spec.endpoint {
        return Err(Problem::conflict("a reader's device says itself what it wants: change it on the readers' page"));
    }
    // Topics and a query that the patch doesn't name are not judged again: a topic may have been removed since, and the query was taken once.
    let kept = (!patch.names("topics")).then(|| held.spec.filter.topics.clone());
    let taking = (!patch.names("query")).then(|| checks.taking_queries());
    let checks = taking.as_ref().unwrap_or(checks);
    let mut fields = manner::patched(held, patch);
    if kept.is_some() {
        fields.skip("topics");
    }
    let (read, manner) = (filter(&mut fields, topics, checks), manner::read(&mut fields));
    let filter = Filter { topics: kept.unwrap_or_else(|| read.topics.clone()), ..read };
    let pacing = pacing(&mut fields);
    fields.finish(Some((filter, manner, pacing)))
}

pub(super) async fn remove(
    State(app): State<AppState>,
    Segment(id): Segment,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    take_out(&app, SubscriptionId(row(&id, "subscription")?), conditions).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn test(State(app): State<AppState>, Segment(id): Segment) -> Result<impl IntoResponse, Problem> {
    let delivery = try_out(&app, SubscriptionId(row(&id, "subscription")?)).await?;
    let location = [(header::LOCATION, format!("/v1/deliveries/{}", delivery.id))];
    Ok((StatusCode::ACCEPTED, location, Json(wire::Delivery::from(&delivery))))
}

/// Adds what the fields ask for, and gives its secret once more where that is to be shown.
pub(super) async fn put(app: &AppState, fields: Fields) -> Result<(SubscriptionId, Option<String>), Problem> {
    let topics = app.keeper.read(|store| store.topics()).await?;
    let (spec, secret) = read(fields, app, &topics)?;
    let secret = secret.as_ref().and_then(rotation::to_show);
    let now = app.clock.now();
    let id = app.keeper.write(move |store| store.add_subscription(&spec, now)).await?;
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = id.0, "subscription {id} was added");
    Ok((id, secret))
}

/// Removes a subscription, under these conditions.
///
/// # Errors
/// Where the configuration declares it: it would come back at the next start.
pub(super) async fn take_out(app: &AppState, id: SubscriptionId, conditions: Conditions) -> Result<(), Problem> {
    let job = move |store: &mut dyn Store| {
        let current = found!(find_in(store, id)?);
        found!(refuse_declared(current.origin, "subscription"));
        found!(conditions.hold(tag(&current)));
        store.remove_subscription(id)?;
        Ok(Ok(()))
    };
    app.keeper.write(job).await??;
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = id.0, "subscription {id} was removed");
    Ok(())
}

/// Makes a test notification for a subscription.
///
/// # Errors
/// Where it is not served.
pub(super) async fn try_out(app: &AppState, id: SubscriptionId) -> Result<Delivery, Problem> {
    let (now, notice) = (app.clock.now(), Arc::clone(&app.checks.test));
    // All of it in one job of the store's writer: tests that are asked for together share its commit.
    let made = app.keeper.tell(move |store| store.test_subscription(id, &|name| notice(name, now)));
    let delivery = match made.await? {
        Ok(delivery) => delivery,
        Err(None) => return Err(nothing_there(id)),
        Err(Some(SubscriptionState::Unverified)) => return Err(verification::unverified()),
        Err(Some(SubscriptionState::Disabled | SubscriptionState::Active)) => {
            return Err(Problem::conflict("the subscription is disabled: `health` says why; enable it first"));
        }
    };
    app.status.notified(NotificationType::SubscriptionTest);
    (app.changed)(Change::Deliveries);
    let number = delivery.id;
    tracing::info!(
        subscription.id = id.0,
        delivery.id = number.0,
        "a test is sent to subscription {id}, as delivery {number}"
    );
    Ok(delivery)
}

/// A subscription as it is shown, with how its endpoint fares.
pub(super) async fn shown(app: &AppState, id: SubscriptionId) -> Result<wire::Subscription, Problem> {
    let subscription = find(app, id).await?;
    let health = app.keeper.read(move |store| store.health(Some(id))).await?;
    Ok(wire::Subscription::faring(&subscription, health.get(&id), app.clock.now()))
}

/// One subscription.
///
/// # Errors
/// 404 where there is none such.
pub(super) async fn find(app: &AppState, id: SubscriptionId) -> Result<Subscription, Problem> {
    app.keeper.read(move |store| find_in(store, id)).await?
}

fn find_in(store: &mut dyn Store, id: SubscriptionId) -> Result<Result<Subscription, Problem>, StoreError> {
    Ok(store.subscription(id)?.ok_or_else(|| nothing_there(id)))
}

fn nothing_there(id: SubscriptionId) -> Problem {
    Problem::not_found(format!("there is no subscription {id}"))
}

/// The tag of a subscription of which only what can be changed counts.
fn tag(subscription: &Subscription) -> Tag {
    Tag::of(&wire::Subscription::from(subscription), &wire::Subscription::LIVE)
}

/// The subscription that is wanted, and its secret once more, to be shown.
fn read(mut fields: Fields, app: &AppState, topics: &[Topic]) -> Result<(SubscriptionSpec, Option<Secret>), Problem> {
    let name = name(&mut fields);
    let filter = filter(&mut fields, topics, &app.checks);
    let manner = manner::read(&mut fields);
    let pacing = pacing(&mut fields);
    let verify = fields.flag("verify").unwrap_or(false);
    let endpoint = match places::read(&mut fields) {
        Wanted::Webhook(form) => {
            webhook(&mut fields, app)?.map(|(endpoint, secret)| (endpoint.formed(form), Some(secret)))
        }
        Wanted::Other(endpoint) => endpoint.map(|endpoint| (endpoint, None)),
    };
    if endpoint.as_ref().is_some_and(|(endpoint, _)| matches!(endpoint, Endpoint::Email(_)))
        && !(app.checks.has_relay)()
    {
        fields.fault(
            "email",
            "no relay takes letters here: set `smtp` and `from` under [email] in the configuration, and reload it",
        );
    }
    if verify && endpoint.as_ref().is_some_and(|(endpoint, _)| !matches!(endpoint, Endpoint::Webhook { .. })) {
        fields.fault("verify", "`verify` is for webhooks: a service or a mailbox can't give a challenge back");
    }
    let spec = endpoint.map(|(endpoint, secret)| {
        let usual = || endpoint.url().map_or_else(|| endpoint.shown(), |url| url.host_text().to_owned());
        let spec = SubscriptionSpec::new(name.unwrap_or_else(usual), endpoint, filter);
        (SubscriptionSpec { manner, pacing, verify, ..spec }, secret)
    });
    fields.finish(spec)
}

/// A signed webhook, and its secret once more.
fn webhook(fields: &mut Fields, app: &AppState) -> Result<Option<(Endpoint, Secret)>, Problem> {
    let url = address(fields);
    let secret = rotation::secret(fields, app, Scheme::V1)?;
    Ok(url.map(|url| (Endpoint::webhook(url, secret.clone()), secret)))
}

fn pacing(fields: &mut Fields) -> Pacing {
    let mut count = |name, bounds: std::ops::RangeInclusive<u32>| {
        fields.count(name, u64::from(*bounds.end())).and_then(|count| u32::try_from(count).ok())
    };
    let (max_in_flight, rate_per_minute) =
        (count("max_in_flight", Pacing::IN_FLIGHT), count("rate_per_minute", Pacing::RATE));
    let order = fields.text("order").and_then(|word| {
        let order = DeliveryOrder::parse(&word);
        if order.is_none() {
            fields.fault("order", format!("{word:?} is neither \"event\" nor \"strict\""));
        }
        order
    });
    Pacing { max_in_flight, rate_per_minute, order: order.unwrap_or_default() }
}

fn filter(fields: &mut Fields, topics: &[Topic], checks: &Checks) -> Filter {
    let chosen = chosen(fields, topics);
    let query = fields.text("query");
    check_query(fields, query.as_deref(), checks);
    let publishers_max = u64::from(Filter::PUBLISHERS_MAX);
    let count = fields.count("min_publishers", publishers_max).and_then(|count| u32::try_from(count).ok());
    Filter { query, min_publishers: count.unwrap_or(1), ..chosen }
}

/// The part of a filter that strangers may have, too: it costs no more than to look at what a notification says.
pub(super) fn chosen(fields: &mut Fields, topics: &[Topic]) -> Filter {
    let topics = keys(fields, topics);
    let types = manner::types(fields, "types");
    let updates = fields.text("updates").and_then(|text| {
        let updates = Updates::parse(&text);
        if updates.is_none() {
            fields.fault("updates", format!("{text:?} is none of {}", Updates::FORMS));
        }
        updates
    });
    let corrections = fields.text("corrections").and_then(|word| {
        let corrections = Corrections::parse(&word);
        if corrections.is_none() {
            fields.fault("corrections", format!("{word:?} is none of \"never\", \"changed\" or \"each\""));
        }
        corrections
    });
    let languages = fields.texts("languages");
    if let Some(wrong) = languages.iter().find(|language| !is_language(language)) {
        fields.fault("languages", format!("{wrong:?} is not a language of two or three small letters, such as `en`"));
    }
    let publishers = fields.texts("publishers");
    Filter { topics, languages, publishers, ..Filter::default() }.choosing(types, updates, corrections)
}
