//! Whom it was told to: by name for who may see that, else how many.

use jiff::Timestamp;
use maud::{Markup, html};

use super::DELIVERIES_MAX;
use super::steps::first_delivered;
use crate::model::{Delivery, DeliveryState};
use crate::server::pages::markup::{lasted, stamp};
use crate::text::counted;

/// Deliveries with names, times and delays since `from`.
pub(super) fn by_name(deliveries: &[Delivery], from: Timestamp) -> Markup {
    html! {
        @if deliveries.is_empty() {
            p { "No subscription was to be told." }
        } @else {
            div.wide tabindex="0" role="region" aria-label="Deliveries" {
                table {
                    thead { tr { th { "Subscription" } th { "What" } th { "State" } th { "Sent" } th { "Delivered" } th { "After" } } }
                    tbody {
                        @for delivery in deliveries.iter().take(DELIVERIES_MAX) { (row(delivery, from)) }
                    }
                }
            }
            @if deliveries.len() > DELIVERIES_MAX {
                p { "And " (deliveries.len() - DELIVERIES_MAX) " more." }
            }
        }
    }
}

fn row(delivery: &Delivery, from: Timestamp) -> Markup {
    let (id, name) = &delivery.subscription;
    let failed = delivery.attempts.iter().rfind(|_| delivery.state != DeliveryState::Delivered);
    html! {
        tr {
            th scope="row" { bdi { (name) } " (" (id) ")" }
            td { (delivery.notification.kind.label()) }
            td {
                (state(delivery.state))
                @if let Some(attempt) = failed.filter(|attempt| !attempt.detail.is_empty()) { ": " bdi { (attempt.detail) } }
            }
            td { @if let Some(attempt) = delivery.attempts.first() { (stamp(attempt.at)) } @else { "not yet" } }
            td { @if let Some(at) = delivery.delivered_at { (stamp(at)) } @else { "no" } }
            td { @if let Some(at) = delivery.delivered_at { (after(delivery, from, at)) } }
        }
    }
}

/// How long it took; of what was sent again, from then on.
fn after(delivery: &Delivery, from: Timestamp, at: Timestamp) -> Markup {
    html! {
        @match delivery.replayed_at {
            Some(again) => { (lasted(again, at)) ", sent again" }
            None => (lasted(from, at))
        }
    }
}

fn state(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Pending => "on its way",
        DeliveryState::Delivered => "delivered",
        DeliveryState::Expired => "given up",
        DeliveryState::Gone => "endpoint gone",
        DeliveryState::Held => "waits for a digest",
        DeliveryState::Digested => "told in a digest",
        DeliveryState::Kept => "kept until the subscription is enabled",
        DeliveryState::Repeat => "not sent: heard by another topic",
        DeliveryState::Withdrawn => "taken back before it was sent",
    }
}

/// How many were told, and when the first of them, for who may not see the names.
pub(super) fn by_number(subscriptions: u64, first_at: Option<Timestamp>, from: Timestamp) -> Markup {
    html! {
        p {
            @match (subscriptions, first_at) {
                (0, _) => "No subscription has taken a notification of it.",
                (_, Some(at)) => {
                    (counted(subscriptions, "subscription was", "subscriptions were")) " told, the first "
                    (lasted(from, at)) " after it was seen."
                }
                (_, None) => { (counted(subscriptions, "subscription was", "subscriptions were")) " told." }
            }
        }
    }
}

/// Of deliveries: how many subscriptions took one, and when the first did.
pub(super) fn summed(deliveries: &[Delivery]) -> (u64, Option<Timestamp>) {
    let taken = deliveries.iter().filter(|delivery| delivery.delivered_at.is_some());
    let mut subscriptions: Vec<_> = taken.clone().map(|delivery| delivery.subscription.0).collect();
    subscriptions.sort_unstable();
    subscriptions.dedup();
    (u64::try_from(subscriptions.len()).unwrap_or(u64::MAX), taken.filter_map(first_delivered).min())
}
