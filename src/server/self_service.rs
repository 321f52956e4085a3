//! `/webhooks`: anybody subscribes a webhook, without the API's token; a token of its own changes and ends it.
//!
//! A stranger learns nothing of others: a subscription is found by its token alone, and no answer tells a wrong token from one
//! that has ended.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

use super::auth::bearer;
use super::devices::EndpointCheck;
use super::fields::Fields;
use super::problem::Problem;
use super::quota::{Client, Quota};
use super::sources::address;
use super::state::{AppState, Change};
use super::subscriptions::chosen;
use super::{rotation, verification, wire};
use crate::deliver::{Scheme, SigningSecret};
use crate::model::{
    Endpoint, Filter, NotificationType, Secret, Subscription, SubscriptionSpec, SubscriptionState, Topic, TopicKey,
    WebUrl,
};
use crate::port::TokenHash;

/// What anybody may subscribe to, and within which bounds.
#[derive(Clone)]
pub struct SelfService {
    /// Topics; empty: all.
    pub topics: Vec<TopicKey>,
    /// Such subscriptions in all.
    pub most: usize,
    /// New ones, and endpoints asked because somebody wanted it, by address; of those that have proved themselves, by subscription.
    pub quota: Quota,
    /// What is wrong with an address; it is not asked for.
    pub check: Arc<EndpointCheck>,
    /// Draws what a token is made of; `None` where the system gives no randomness.
    pub chance: fn() -> Option<[u8; 32]>,
    /// What is kept of a token.
    pub hash: fn(&str) -> TokenHash,
}

/// `POST /webhooks`
pub(super) async fn subscribe(
    State(app): State<AppState>,
    client: Client,
    mut fields: Fields,
) -> Result<impl IntoResponse, Problem> {
    let service = service(&app)?;
    let url = checked(service, &mut fields);
    let secret = rotation::secret(&mut fields, &app, Scheme::V1)?;
    let filter = narrowed(&app, service, &mut fields).await?;
    let url = fields.finish(url)?;
    take(service.quota.takes(client, app.clock.now()))?;
    let token = format!("self_{}", BASE64_URL_SAFE_NO_PAD.encode((service.chance)().ok_or_else(Problem::internal)?));
    let hash = (service.hash)(&token);
    let mut spec = SubscriptionSpec::new(name(&hash), Endpoint::webhook(url, secret.clone()), filter);
    spec.verify = true;
    let (most, now) = (service.most, app.clock.now());
    let added = app.keeper.write(move |store| store.add_self_service(&spec, &hash, most, now)).await?;
    let Some(id) = added else {
        tracing::warn!(
            most,
            "a webhook was refused: {most} have subscribed, as many as subscriptions_max in [self_service] allows"
        );
        return Err(Problem::too_many("as many webhooks as are allowed here have subscribed already"));
    };
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = id.0, "somebody subscribed a webhook, as subscription {id}");
    let subscription = of_token(&app, hash).await?;
    let told = wire::NewOwn { subscription: (&subscription).into(), token, secret: rotation::to_show(&secret) };
    Ok((StatusCode::CREATED, [(header::LOCATION, "/webhooks/mine")], Json(told)))
}

/// `GET /webhooks/mine`
pub(super) async fn show(State(app): State<AppState>, headers: HeaderMap) -> Result<Json<wire::Own>, Problem> {
    Ok(Json((&own(&app, &headers).await?).into()))
}

/// `PATCH /webhooks/mine`: what is not named stays, but a filter is taken as a whole.
pub(super) async fn change(
    State(app): State<AppState>,
    client: Client,
    headers: HeaderMap,
    mut fields: Fields,
) -> Result<Json<wire::Own>, Problem> {
    let service = service(&app)?;
    let hash = hash(&app, &headers)?;
    let held = of_token(&app, hash).await?;
    let new_url = if fields.has("url") { checked(service, &mut fields) } else { None };
    let new_filter = if FILTER.iter().any(|name| fields.has(name)) {
        Some(narrowed(&app, service, &mut fields).await?)
    } else {
        None
    };
    fields.finish(Some(()))?;
    take_own(&app, service, (client, &held))?;
    let now = app.clock.now();
    // Read and written in one job of the store's writer: of two patches at once none undoes the other.
    let changed = app.keeper.write(move |store| {
        let Some(Subscription { id, mut spec, .. }) = store.self_service(&hash)? else { return Ok(None) };
        if let (Some(new), Endpoint::Webhook { url, .. }) = (new_url, &mut spec.endpoint) {
            *url = new;
        }
        if let Some(new) = new_filter {
            spec.filter = new;
        }
        store.change_self_service(id, &spec, now)
    });
    let changed = changed.await?;
    (app.changed)(Change::Subscriptions);
    changed.map(|subscription| Json((&subscription).into())).ok_or_else(unknown)
}

/// `DELETE /webhooks/mine`
pub(super) async fn end(State(app): State<AppState>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    let id = own(&app, &headers).await?.id;
    app.keeper.write(move |store| store.remove_subscription(id)).await?;
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = id.0, "subscription {id} was ended by its own token");
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /webhooks/mine/rotate`
pub(super) async fn rotate(
    State(app): State<AppState>,
    headers: HeaderMap,
    fields: Option<Fields>,
) -> Result<Json<wire::OwnRotated>, Problem> {
    let subscription = own(&app, &headers).await?;
    let mut fields = fields.unwrap_or_default();
    let usual = match &subscription.spec.endpoint {
        Endpoint::Webhook { secret, .. } => {
            SigningSecret::parse(secret.reveal()).map_or(Scheme::V1, |old| old.scheme())
        }
        Endpoint::WebPush { .. } | Endpoint::Chat(_) | Endpoint::Email(_) => Scheme::V1,
    };
    let secret: Secret = rotation::secret(&mut fields, &app, usual)?;
    let keep = rotation::keep(&mut fields);
    fields.finish(Some(()))?;
    let (subscription, secret, old_secrets_dropped) = rotation::replace(&app, subscription.id, secret, keep).await?;
    Ok(Json(wire::OwnRotated { subscription: (&subscription).into(), secret, old_secrets_dropped }))
}

/// `POST /webhooks/mine/verify`: asks the endpoint now. Why it proved nothing is told in general words: what lies behind an
/// address is not a stranger's to find out. One that was disabled for how its endpoint fared is asked as a new one is.
pub(super) async fn verify(
    State(app): State<AppState>,
    client: Client,
    headers: HeaderMap,
) -> Result<Json<wire::Own>, Problem> {
    let service = service(&app)?;
    let held = own(&app, &headers).await?;
    take_own(&app, service, (client, &held))?;
    let (id, now) = (held.id, app.clock.now());
    if !app.keeper.write(move |store| store.revive_self_service(id, now)).await? {
        return Err(Problem::conflict("an operator has disabled it, and enables it or not"));
    }
    match verification::ask(&app, id).await? {
        Some(Err(_why)) => Err(Problem::conflict(
            "the endpoint didn't prove that it wants this: it must answer 2xx with the challenge in its body",
        )),
        Some(Ok(())) | None => Ok(Json((&own(&app, &headers).await?).into())),
    }
}

/// The fields of a filter.
const FILTER: [&str; 6] = ["topics", "types", "updates", "corrections", "languages", "publishers"];

fn service(app: &AppState) -> Result<&SelfService, Problem> {
    let off = "webhooks are not subscribed here without the API's token (`enabled` in [self_service])";
    app.self_service.as_ref().ok_or_else(|| Problem::not_found(off))
}

fn take(takes: bool) -> Result<(), Problem> {
    takes
        .then_some(())
        .ok_or_else(|| Problem::too_many("this address has asked for as much as is allowed within a day"))
}

/// Who has proved that their endpoint wants this is counted by themselves: what others at their address ask is not in their way. Who has
/// not may name any endpoint to be asked, and is a stranger.
fn take_own(app: &AppState, service: &SelfService, (client, held): (Client, &Subscription)) -> Result<(), Problem> {
    let now = app.clock.now();
    match held.state {
        SubscriptionState::Unverified => take(service.quota.takes(client, now)),
        SubscriptionState::Active | SubscriptionState::Disabled => service
            .quota
            .takes_own(held.id, now)
            .then_some(())
            .ok_or_else(|| Problem::too_many("this webhook has asked for as much as is allowed within a day")),
    }
}

/// What an operator sees: it tells such subscriptions apart, and gives nothing away of the token.
fn name(hash: &TokenHash) -> String {
    let number = hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    format!("webhook-{number:016x}")
}

fn checked(service: &SelfService, fields: &mut Fields) -> Option<WebUrl> {
    let url = address(fields)?;
    if let Some(wrong) = (service.check)(&url) {
        fields.fault("url", wrong);
    }
    Some(url)
}

/// The filter that is wanted, within what strangers may hear: topics that are open to them, and events alone.
async fn narrowed(app: &AppState, service: &SelfService, fields: &mut Fields) -> Result<Filter, Problem> {
    let topics = app.keeper.read(|store| store.topics()).await?;
    let is_open = |topic: &Topic| service.topics.is_empty() || service.topics.contains(&topic.spec.key);
    let open: Vec<Topic> = topics.into_iter().filter(is_open).collect();
    let mut filter = chosen(fields, &open);
    if filter.topics.is_empty() {
        filter.topics.clone_from(&service.topics);
    }
    let is_event = |kind: &NotificationType| match kind {
        NotificationType::EventOpened | NotificationType::EventUpdated | NotificationType::EventMerged => true,
        NotificationType::SourceFailing
        | NotificationType::SourceRecovered
        | NotificationType::SubscriptionDisabled
        | NotificationType::SubscriptionTest
        | NotificationType::Digest => false,
    };
    if let Some(other) = filter.types.iter().find(|kind| !is_event(kind)) {
        fields.fault("types", format!("{:?} is told to operators alone", other.label()));
    }
    Ok(filter)
}

fn unknown() -> Problem {
    Problem::unauthorized(
        "send `Authorization: Bearer TOKEN` with the token that the webhook was given; it may have ended",
    )
}

async fn of_token(app: &AppState, hash: TokenHash) -> Result<Subscription, Problem> {
    app.keeper.read(move |store| store.self_service(&hash)).await?.ok_or_else(unknown)
}

/// The subscription whose token is sent.
async fn own(app: &AppState, headers: &HeaderMap) -> Result<Subscription, Problem> {
    of_token(app, hash(app, headers)?).await
}

/// What is kept of the token that is sent.
fn hash(app: &AppState, headers: &HeaderMap) -> Result<TokenHash, Problem> {
    let service = service(app)?;
    let token = headers.get(header::AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?));
    Ok((service.hash)(token.ok_or_else(unknown)?))
}
