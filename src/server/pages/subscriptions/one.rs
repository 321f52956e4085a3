//! `/subscriptions/{id}`: all of one, its latest deliveries, and what can be done about it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::super::desk::{Desk, button, cut, done, field, foreign, name, when, when_in_full};
use super::super::frame::Section;
use super::super::reader::{Reader, Right};
use super::super::refusal::Refusal;
use super::deliveries;
use super::list::waiting;
use super::words::{health, hears, manner};
use crate::model::{Delivery, Endpoint, EndpointHealth, Origin, Subscription, SubscriptionId, SubscriptionState};
use crate::port::DeliveryFilter;
use crate::server::deliveries::page;
use crate::server::params::{Params, Segment, row};
use crate::server::state::AppState;
use crate::server::subscriptions::find;

/// Deliveries that are shown of it.
const DELIVERIES: usize = 15;
/// Characters of its name in the tab.
const TITLE_CHARS: usize = 80;

pub(super) fn number(id: &str) -> Result<SubscriptionId, Refusal> {
    Ok(SubscriptionId(row(id, "subscription")?))
}

/// What is known of it.
struct Known {
    subscription: Subscription,
    fares: Option<EndpointHealth>,
    deliveries: Vec<Delivery>,
    has_more: bool,
    now: Timestamp,
}

/// `GET /subscriptions/{id}`
pub(super) async fn show(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    mut params: Params,
) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    let (word, count) = (params.text("done"), params.number("count"));
    params.finish_page()?;
    let said = word.as_deref().and_then(|word| outcome(word, count.unwrap_or(0)));
    let (subscription, now) = (find(&app, number(&id)?).await?, app.clock.now());
    let id = subscription.id;
    let mut healths = app.keeper.read(move |store| store.health(Some(id))).await?;
    let filter = DeliveryFilter { subscription: Some(id), limit: DELIVERIES, ..DeliveryFilter::default() };
    let (deliveries, next) = page(&app, filter).await?;
    let known = Known { subscription, fares: healths.remove(&id), deliveries, has_more: next.is_some(), now };
    let main = html! {
        p.up { a href="/subscriptions" { "All subscriptions" } }
        h1 { (name(&known.subscription.spec.name)) }
        (done(said.as_deref()))
        (health(&known.subscription, known.fares.as_ref(), now))
        @if reader.may(Right::Write) { (acts(&known)) }
        (facts(&known))
        h2 { "Deliveries" }
        (deliveries::table(&known.deliveries, now))
        @if known.has_more { p.older { a href={ "/deliveries?subscription=" (id) } { "All its deliveries" } } }
        @if reader.may(Right::Write) { (rarer(&known)) }
    };
    let title = cut(&known.subscription.spec.name, TITLE_CHARS);
    Ok(Desk { title: &title, here: Section::Subscriptions, reader: &reader }.answer(StatusCode::OK, &main))
}

/// What came of a form, by its fixed word.
fn outcome(word: &str, count: i64) -> Option<String> {
    Some(match word {
        "test" => "A test is on its way: it stands below.".to_owned(),
        "enabled" => format!("It is served again; {count} deliveries that it missed are sent."),
        "disabled" => "It is disabled. What it misses is kept until it is enabled.".to_owned(),
        "verified" => "Its endpoint has proved that it wants this.".to_owned(),
        "recovered" => format!("{count} deliveries are sent again."),
        _ => return None,
    })
}

fn acts(known: &Known) -> Markup {
    let id = known.subscription.id;
    let act = |word: &str| format!("/subscriptions/{id}/{word}");
    html! {
        div.actions {
            @match known.subscription.state {
                SubscriptionState::Active => {
                    (button(&act("test"), "Send a test"))
                    (button(&act("disable"), "Disable"))
                }
                SubscriptionState::Unverified => { (button(&act("verify"), "Ask its endpoint now")) }
                SubscriptionState::Disabled => {
                    form method="post" action=(act("enable")) {
                        label for="replay" { "Of what it missed, send " }
                        select id="replay" name="replay" {
                            option value="all" { "all" }
                            option value="none" { "nothing" }
                        }
                        button { "Enable" }
                    }
                }
            }
        }
    }
}

fn facts(known: &Known) -> Markup {
    let (subscription, now) = (&known.subscription, known.now);
    let spec = &subscription.spec;
    let special = manner(&spec.manner);
    html! {
        dl.fields {
            (field("Endpoint", &html! { (spec.endpoint.label()) ", " bdi { (spec.endpoint.shown()) } }))
            (field("Hears", &foreign(&hears(&spec.filter))))
            (field("Updates", &html! { (spec.filter.updates) "; corrections: " (spec.filter.corrections.label()) }))
            @if !special.is_empty() { (field("How", &foreign(&special))) }
            (field("Payload", &html! { (spec.manner.payload.label()) ", version " (spec.manner.payload_version) }))
            (field("Order", &html! {
                (spec.pacing.order.label())
                @if let Some(count) = spec.pacing.max_in_flight { ", at most " (count) " at once" }
                @if let Some(rate) = spec.pacing.rate_per_minute { ", at most " (rate) " a minute" }
            }))
            (field("Waiting", &waiting(known.fares.as_ref(), now)))
            (field("Last taken", &known.fares.as_ref().and_then(|fares| fares.last_success_at)
                .map_or_else(|| html! { "nothing yet" }, |at| when_in_full(at, now))))
            @for old in &spec.old_secrets { (field("Old secret", &html! { "signs too until " (when_in_full(old.until, now)) })) }
            (field("Declared", &html! {
                @match subscription.origin {
                    Origin::Config => "in the configuration file",
                    Origin::Api => "by command, page or API",
                }
                ", " (when(subscription.created_at, now))
            }))
        }
    }
}

/// What is done more rarely: recover, rotate, remove.
fn rarer(known: &Known) -> Markup {
    let subscription = &known.subscription;
    let act = |word: &str| format!("/subscriptions/{}/{word}", subscription.id);
    let yesterday = known.now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(known.now);
    html! {
        @if subscription.state == SubscriptionState::Active {
            details {
                summary { "Send again what it did not get" }
                form.stacked method="post" action=(act("recover")) {
                    label for="since" { "Made since (UTC)" }
                    input id="since" name="since" required value=(yesterday.strftime("%Y-%m-%dT%H:%M:%SZ"))
                        autocomplete="off" aria-describedby="since-help";
                    p.help id="since-help" { "A time such as 2026-11-24T12:00:00Z. What it took is not sent again." }
                    button { "Send again" }
                }
            }
        }
        @if let Endpoint::Webhook { .. } = subscription.spec.endpoint {
            details {
                summary { "Rotate its secret" }
                @match subscription.origin {
                    Origin::Config => p { "The configuration file declares it: give it its new secret there." },
                    Origin::Api => form.stacked method="post" action=(act("rotate")) {
                        label for="keep_hours" { "Hours for which the old one signs too" }
                        input.short id="keep_hours" name="keep_hours" type="number" min="0" max="720" value="24";
                        button { "Make a new secret" }
                    },
                }
            }
        }
        details.danger {
            summary { "Remove this subscription" }
            @match subscription.origin {
                Origin::Config => p { "The configuration file declares it: remove its lines there and reload the daemon." },
                Origin::Api => {
                    p { "It is told nothing more, and what waits for it is not sent." }
                    (button(&act("remove"), "Remove it"))
                }
            }
        }
    }
}
