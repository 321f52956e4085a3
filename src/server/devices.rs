//! `/push`: a browser subscribes itself by Web Push, without a token. Who knows an endpoint may change and end it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;

use super::auth::admit_reader;
use super::fields::Fields;
use super::problem::Problem;
use super::quota::{Client, Quota};
use super::state::{AppState, Change};
use super::topics::keys;
use super::wire;
use crate::deliver::web_push::{Recipient, device_name};
use crate::model::{Endpoint, NotificationType, Secret, Subscription, SubscriptionSpec, Topic, TopicKey, WebUrl};
use crate::text::is_language;

/// What browsers subscribe to, and within which bounds.
#[derive(Clone)]
pub struct Devices {
    /// The public VAPID key.
    pub public_key: String,
    /// Devices in all.
    pub most: usize,
    /// New devices and tests, by address.
    pub quota: Quota,
    /// What is wrong with an endpoint's address; it is not asked for.
    pub check: Arc<EndpointCheck>,
}

/// Says what is wrong with an endpoint's address.
pub type EndpointCheck = dyn Fn(&WebUrl) -> Option<String> + Send + Sync;

/// What a browser sends.
struct Wanted {
    url: WebUrl,
    endpoint: Endpoint,
    topics: Option<Vec<TopicKey>>,
    languages: Option<Vec<String>>,
    replaces: Option<WebUrl>,
}

pub(super) async fn key(State(app): State<AppState>) -> Result<Json<wire::PushKey>, Problem> {
    Ok(Json(wire::PushKey { key: devices(&app)?.public_key.clone() }))
}

pub(super) async fn subscribe(
    State(app): State<AppState>,
    client: Client,
    headers: HeaderMap,
    fields: Fields,
) -> Result<impl IntoResponse, Problem> {
    let devices = devices(&app)?;
    admit_reader(&app, client, &headers).await?;
    let topics = app.keeper.read(|store| store.topics()).await?;
    let wanted = read(fields, devices, &topics)?;
    let endpoint = wanted.url.clone();
    let held = {
        let (endpoint, old) = (endpoint.clone(), wanted.replaces.clone());
        app.keeper
            .read(move |store| Ok((store.device(&endpoint)?, old.map(|old| store.device(&old)).transpose()?.flatten())))
    };
    let (held, replaced) = held.await?;
    let now = app.clock.now();
    let is_new = held.is_none();
    if is_new && replaced.is_none() && !devices.quota.takes(client, now) {
        return Err(Problem::too_many("this address has subscribed too often within the hour"));
    }
    let spec = spec(&wanted, held.as_ref().or(replaced.as_ref()));
    let (most, replaces) = (devices.most, wanted.replaces);
    let subscribed = app.keeper.write(move |store| store.subscribe_device(&spec, replaces.as_ref(), most, now)).await?;
    let Some(subscription) = subscribed else {
        tracing::warn!(most, "a browser was refused: {most} have subscribed, as many as devices_max in [push] allows");
        return Err(Problem::too_many("as many devices as are allowed here have subscribed already"));
    };
    if held.as_ref() != Some(&subscription) {
        (app.changed)(Change::Subscriptions);
        let id = subscription.id;
        tracing::info!(subscription.id = id.0, is_new, "a browser subscribed to Web Push, as subscription {id}");
    }
    // One that takes another's place is not new: it has what that was subscribed to.
    let status = if is_new && replaced.is_none() { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(wire::Device::from(&subscription))))
}

pub(super) async fn unsubscribe(State(app): State<AppState>, fields: Fields) -> Result<StatusCode, Problem> {
    devices(&app)?;
    let id = find(&app, fields).await?.id;
    app.keeper.write(move |store| store.remove_subscription(id)).await?;
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = id.0, "a browser unsubscribed from Web Push: subscription {id} is removed");
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn test(State(app): State<AppState>, client: Client, fields: Fields) -> Result<StatusCode, Problem> {
    let devices = devices(&app)?;
    let subscription = find(&app, fields).await?;
    let (id, now) = (subscription.id, app.clock.now());
    if !devices.quota.takes(client, now) {
        return Err(Problem::too_many("this address has asked for too many tests within the hour"));
    }
    let notification = (app.checks.test)(&subscription.spec.name, now);
    app.keeper.write(move |store| store.notify(&notification, id)).await?;
    app.status.notified(NotificationType::SubscriptionTest);
    (app.changed)(Change::Deliveries);
    Ok(StatusCode::ACCEPTED)
}

fn devices(app: &AppState) -> Result<&Devices, Problem> {
    app.devices.as_ref().ok_or_else(|| Problem::not_found("Web Push is switched off here (`enabled` in [push])"))
}

async fn find(app: &AppState, mut fields: Fields) -> Result<Subscription, Problem> {
    let endpoint = address(&mut fields, "endpoint");
    let endpoint = fields.finish(endpoint)?;
    let found = app.keeper.read(move |store| store.device(&endpoint)).await?;
    found.ok_or_else(|| Problem::not_found("no device is subscribed with this endpoint"))
}

/// Reads what `PushSubscription.toJSON()` gives, and what is wanted besides.
fn read(mut fields: Fields, devices: &Devices, topics: &[Topic]) -> Result<Wanted, Problem> {
    let url = address(&mut fields, "endpoint");
    if let Some(wrong) = url.as_ref().and_then(|url| (devices.check)(url)) {
        fields.fault("endpoint", wrong);
    }
    fields.skip("expirationTime");
    let given = fields.within("keys", |keys| {
        let (p256dh, auth) = (keys.required("p256dh")?, keys.required("auth")?);
        match Recipient::parse(&p256dh, &auth) {
            Ok(_) => Some((p256dh, Secret::new(auth))),
            Err(wrong) => {
                keys.fault(wrong.field(), wrong.to_string());
                None
            }
        }
    });
    if given.is_none() {
        fields.fault("keys", "`keys` is missing: an object with `p256dh` and `auth`");
    }
    let chosen = fields.has("topics").then(|| keys(&mut fields, topics));
    let languages = fields.has("languages").then(|| fields.texts("languages"));
    if let Some(wrong) = languages.iter().flatten().find(|language| !is_language(language)) {
        fields.fault("languages", format!("{wrong:?} is not a language of two or three small letters, such as `en`"));
    }
    let replaces = fields.has("replaces").then(|| address(&mut fields, "replaces")).flatten();
    let wanted = url.zip(given.flatten()).map(|(url, (p256dh, auth))| Wanted {
        url: url.clone(),
        endpoint: Endpoint::WebPush { url, p256dh, auth },
        topics: chosen,
        languages,
        replaces,
    });
    fields.finish(wanted)
}

/// A web address that must be there. No fault repeats it: it is what gives the right to post.
fn address(fields: &mut Fields, name: &'static str) -> Option<WebUrl> {
    let text = fields.required(name)?;
    let url = WebUrl::parse(&text).ok();
    if url.is_none() {
        fields.fault(name, format!("`{name}` is not a web address"));
    }
    url
}

/// What is to be written; what a browser doesn't say stays as it was chosen before.
fn spec(wanted: &Wanted, before: Option<&Subscription>) -> SubscriptionSpec {
    let mut filter = before.map(|before| before.spec.filter.clone()).unwrap_or_default();
    if let Some(topics) = &wanted.topics {
        filter.topics.clone_from(topics);
    }
    if let Some(languages) = &wanted.languages {
        filter.languages.clone_from(languages);
    }
    SubscriptionSpec::new(device_name(&wanted.url), wanted.endpoint.clone(), filter)
}
