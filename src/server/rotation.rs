//! Signing secrets: made, taken from who adds a subscription, and replaced.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;

use super::fields::Fields;
use super::params::{Segment, row};
use super::problem::Problem;
use super::state::{AppState, Change};
use super::subscriptions::find;
use super::wire;
use crate::deliver::{Scheme, SigningSecret};
use crate::model::{Endpoint, Origin, Secret, Subscription, SubscriptionId};

/// Hours for which an old secret signs on, where none are named.
const KEEP_HOURS: u64 = 24;
/// And at most.
const KEEP_HOURS_MAX: u64 = 720;

/// `POST /v1/subscriptions/{id}/rotate`: a new secret; the old one signs too for a while.
pub(super) async fn rotate(
    State(app): State<AppState>,
    Segment(id): Segment,
    fields: Option<Fields>,
) -> Result<Json<wire::Rotated>, Problem> {
    let id = SubscriptionId(row(&id, "subscription")?);
    let (subscription, secret, old_secrets_dropped) = renew(&app, id, fields.unwrap_or_default()).await?;
    Ok(Json(wire::Rotated { subscription: (&subscription).into(), secret, old_secrets_dropped }))
}

/// Gives a subscription the secret that the fields name, or a new one: as [`replace`].
///
/// # Errors
/// Where it has none, or the configuration declares it.
pub(super) async fn renew(
    app: &AppState,
    id: SubscriptionId,
    mut fields: Fields,
) -> Result<(Subscription, Option<String>, usize), Problem> {
    let subscription = find(app, id).await?;
    let Endpoint::Webhook { secret: old, .. } = &subscription.spec.endpoint else {
        return Err(Problem::conflict("it has no signing secret: only webhooks do"));
    };
    if subscription.origin == Origin::Config {
        return Err(Problem::conflict(
            "it is declared in the configuration: give it the new secret there, name the one that it has now under \
             `old_secrets` with the last day on which it signs, and reload the daemon",
        ));
    }
    let usual = SigningSecret::parse(old.reveal()).map_or(Scheme::V1, |old| old.scheme());
    let secret = secret(&mut fields, app, usual)?;
    let keep = keep(&mut fields);
    fields.finish(Some(()))?;
    replace(app, id, secret, keep).await
}

/// Hours for which the old secret signs on, as named.
pub(super) fn keep(fields: &mut Fields) -> Option<u64> {
    fields.bounded("keep_hours", 0..=KEEP_HOURS_MAX)
}

/// Writes a new secret; what it took the place of signs on for so many hours. Gives the subscription, what is shown of the
/// secret, and how many old ones went before their time.
pub(super) async fn replace(
    app: &AppState,
    id: SubscriptionId,
    secret: Secret,
    keep_hours: Option<u64>,
) -> Result<(Subscription, Option<String>, usize), Problem> {
    let now = app.clock.now();
    let keep = Duration::from_hours(keep_hours.unwrap_or(KEEP_HOURS));
    let until = now.checked_add(keep).unwrap_or(Timestamp::MAX);
    let shown = to_show(&secret);
    let rotated = app.keeper.write(move |store| store.rotate_secret(id, &secret, until, now)).await?;
    let Some((subscription, dropped)) = rotated else {
        return Err(Problem::not_found(format!("there is no subscription {id}")));
    };
    (app.changed)(Change::Subscriptions);
    tracing::info!(subscription.id = id.0, "the signing secret of subscription {id} was rotated");
    Ok((subscription, shown, dropped))
}

/// The secret that is named, else a new one of the scheme that is named, else of the usual one.
pub(super) fn secret(fields: &mut Fields, app: &AppState, usual: Scheme) -> Result<Secret, Problem> {
    let given = fields.text("secret").map(Secret::new);
    let scheme = fields.text("signing").and_then(|word| {
        let scheme = Scheme::parse(&word);
        if scheme.is_none() {
            fields.fault("signing", format!("{word:?} is neither \"v1\" (HMAC) nor \"v1a\" (ed25519)"));
        }
        scheme
    });
    if given.is_some() && scheme.is_some() {
        fields.fault("signing", "`signing` is for a secret that is made here; the one in `secret` says how it signs");
    }
    let is_given = given.is_some();
    let secret = given.unwrap_or_else(|| (app.checks.new_secret)(scheme.unwrap_or(usual)));
    match (app.checks.secret)(secret.reveal()) {
        Some(why) if is_given => fields.fault("secret", why),
        Some(_) => {
            // The operating system gave no randomness: nothing that the caller could mend.
            tracing::error!("no signing secret was made, as the system gives no randomness");
            return Err(Problem::internal());
        }
        None => {}
    }
    Ok(secret)
}

/// What receivers are given to verify with, where that is the secret itself. A private key is never shown.
pub(super) fn to_show(secret: &Secret) -> Option<String> {
    let is_private = SigningSecret::parse(secret.reveal()).is_ok_and(|secret| secret.public_key().is_some());
    (!is_private).then(|| secret.reveal().to_owned())
}
