//! `/v1/subscriptions`: who is told what.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use super::deliveries;
use super::fields::Fields;
use super::params::{Params, row};
use super::problem::Problem;
use super::rotation;
use super::sources::{address, is_language};
use super::state::{AppState, Change};
use super::topics::{keys, name, refuse_declared};
use super::{verification, wire};
use crate::deliver::Scheme;
use crate::model::{
    Corrections, Endpoint, Filter, NotificationType, Secret, Subscription, SubscriptionId, SubscriptionSpec,
    SubscriptionState, Topic, Updates,
};

pub(super) async fn list(
    State(app): State<AppState>,
    mut params: Params,
) -> Result<Json<wire::Subscriptions>, Problem> {
    params.finish()?;
    let subscriptions = app.keeper.read(|store| store.subscriptions()).await?;
    Ok(Json(wire::Subscriptions { subscriptions: subscriptions.iter().map(wire::Subscription::from).collect() }))
}

pub(super) async fn show(
    State(app): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<wire::Subscription>, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    Ok(Json((&find(&app, id).await?).into()))
}

pub(super) async fn add(State(app): State<AppState>, fields: Fields) -> Result<impl IntoResponse, Problem> {
    let topics = app.keeper.read(|store| store.topics()).await?;
    let (spec, secret) = read(fields, &app, &topics)?;
    let secret = rotation::to_show(&secret);
    let now = app.clock.now();
    let id = app.keeper.write(move |store| store.add_subscription(&spec, now)).await?;
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = %id, "subscription added");
    let subscription = (&find(&app, id).await?).into();
    let location = [(header::LOCATION, format!("/v1/subscriptions/{id}"))];
    Ok((StatusCode::CREATED, location, Json(wire::NewSubscription { subscription, secret })))
}

pub(super) async fn remove(State(app): State<AppState>, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    refuse_declared(find(&app, id).await?.origin, "subscription")?;
    app.keeper.write(move |store| store.remove_subscription(id)).await?;
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = %id, "subscription removed");
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn test(State(app): State<AppState>, Path(id): Path<String>) -> Result<impl IntoResponse, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    let subscription = find(&app, id).await?;
    match subscription.state {
        SubscriptionState::Active => {}
        SubscriptionState::Disabled => {
            return Err(Problem::conflict("its endpoint answered 410 Gone: the subscription is no longer served"));
        }
        SubscriptionState::Unverified => return Err(verification::unverified()),
    }
    let notification = (app.checks.test)(&subscription, app.clock.now());
    let delivery = app.keeper.write(move |store| store.notify(&notification, id)).await?;
    app.status.notified(NotificationType::SubscriptionTest);
    (app.changed)(Change::Deliveries);
    tracing::info!(subscription.id = %id, delivery.id = %delivery, "test notification made");
    let location = [(header::LOCATION, format!("/v1/deliveries/{delivery}"))];
    let delivery = deliveries::find(&app, delivery).await?;
    Ok((StatusCode::ACCEPTED, location, Json(wire::Delivery::from(&delivery))))
}

pub(super) async fn find(app: &AppState, id: SubscriptionId) -> Result<Subscription, Problem> {
    let subscriptions = app.keeper.read(|store| store.subscriptions()).await?;
    let found = subscriptions.into_iter().find(|subscription| subscription.id == id);
    found.ok_or_else(|| Problem::not_found(format!("there is no subscription {id}")))
}

/// The subscription that is wanted, and its secret once more, to be shown.
fn read(mut fields: Fields, app: &AppState, topics: &[Topic]) -> Result<(SubscriptionSpec, Secret), Problem> {
    let url = address(&mut fields);
    let name = name(&mut fields);
    let secret = rotation::secret(&mut fields, app, Scheme::V1)?;
    let filter = filter(&mut fields, topics);
    let verify = fields.flag("verify").unwrap_or(false);
    let spec = url.map(|url| {
        let name = name.unwrap_or_else(|| url.host_text().to_owned());
        let mut spec = SubscriptionSpec::new(name, Endpoint::webhook(url, secret.clone()), filter);
        spec.verify = verify;
        spec
    });
    fields.finish(spec.map(|spec| (spec, secret)))
}

pub(super) fn filter(fields: &mut Fields, topics: &[Topic]) -> Filter {
    let topics = keys(fields, topics);
    let mut types = Vec::new();
    for word in fields.texts("types") {
        if let Some(kind) = NotificationType::parse(&word) {
            types.push(kind);
        } else {
            let all = NotificationType::ALL.map(NotificationType::label).join(", ");
            fields.fault("types", format!("{word:?} is not a type of notification (there are: {all})"));
        }
    }
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
