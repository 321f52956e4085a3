//! `/deliveries`: what was told, and what was answered.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use url::form_urlencoded;

use super::super::desk::{Desk, badge, button, cut, done, field, name, span, when, when_in_full};
use super::super::frame::Section;
use super::super::posted::Posted;
use super::super::reader::{Reader, Right};
use super::super::refusal::Refusal;
use super::words::state;
use crate::model::{Attempt, Delivery, DeliveryId, DeliveryState, SubscriptionId};
use crate::port::DeliveryFilter;
use crate::server::deliveries::{find, page, send_again};
use crate::server::params::{Params, Segment, row};
use crate::server::state::AppState;

/// Deliveries on a page.
const PAGE_LENGTH: usize = 50;
/// Characters of an answer that are shown.
const ANSWER_CHARS: usize = 200;
/// Characters of what was sent.
const BODY_CHARS: usize = 20_000;

/// `GET /deliveries?state=&subscription=&before=`
pub(super) async fn list(State(app): State<AppState>, reader: Reader, mut params: Params) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    let allowed = "pending, delivered, expired, gone, held, digested, kept, repeat or withdrawn";
    let filter = DeliveryFilter {
        subscription: params.number("subscription").map(SubscriptionId),
        state: params
            .parsed("state", allowed, |word| DeliveryState::ALL.into_iter().find(|state| state.label() == word)),
        before: params.number("before").map(DeliveryId),
        limit: PAGE_LENGTH,
        ..DeliveryFilter::default()
    };
    params.finish_page()?;
    let (asked, of, now) = (filter.state, filter.subscription, app.clock.now());
    let (deliveries, next) = page(&app, filter).await?;
    let older = next.map(|next| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if let Some(state) = asked {
            query.append_pair("state", state.label());
        }
        if let Some(id) = of {
            query.append_pair("subscription", &id.to_string());
        }
        query.append_pair("before", &next.to_string());
        format!("/deliveries?{}", query.finish())
    });
    let main = html! {
        p.up {
            @match of {
                Some(id) => a href={ "/subscriptions/" (id) } { "The subscription" },
                None => a href="/subscriptions" { "All subscriptions" },
            }
        }
        h1 { "Deliveries" }
        form.filter method="get" action="/deliveries" {
            @if let Some(id) = of { input type="hidden" name="subscription" value=(id); }
            div {
                label for="state" { "State" }
                select id="state" name="state" {
                    option value="" { "any" }
                    @for state in DeliveryState::ALL {
                        option value=(state.label()) selected[asked == Some(state)] { (state.label()) }
                    }
                }
            }
            button { "Show" }
        }
        (table(&deliveries, now))
        @if let Some(older) = older { p.older { a href=(older) rel="next" { "Older" } } }
    };
    Ok(Desk { title: "Deliveries", here: Section::Subscriptions, reader: &reader }.answer(StatusCode::OK, &main))
}

/// Deliveries, with what the last attempt at each met.
pub(super) fn table(deliveries: &[Delivery], now: Timestamp) -> Markup {
    html! {
        @if deliveries.is_empty() { p.empty { "None." } } @else {
            table.list {
                caption.unseen { "Deliveries, newest first" }
                thead { tr {
                    th scope="col" { "Told" } th scope="col" { "Subscription" } th scope="col" { "State" }
                    th scope="col" { "Last attempt" } th scope="col" { "Made" }
                } }
                tbody {
                    @for delivery in deliveries {
                        tr {
                            th scope="row" {
                                a href={ "/deliveries/" (delivery.id) } { (delivery.notification.kind.label()) }
                                @if let Some(topic) = &delivery.notification.topic { p.quiet { (topic) } }
                            }
                            td data-label="Subscription" {
                                a href={ "/subscriptions/" (delivery.subscription.0) } { (name(&delivery.subscription.1)) }
                            }
                            td data-label="State" {
                                (state(delivery.state))
                                @if let Some(next) = delivery.next_attempt_at { p.quiet { "next attempt " (when(next, now)) } }
                            }
                            td data-label="Last attempt" {
                                @match delivery.attempts.last() {
                                    Some(last) => {
                                        (status(last))
                                        @if delivery.tries() > 1 { p.quiet { (delivery.tries()) " attempts" } }
                                    }
                                    None => span.quiet { "none" }
                                }
                            }
                            td data-label="Made" { (when(delivery.created_at, now)) }
                        }
                    }
                }
            }
        }
    }
}

/// What an attempt met, in a word.
fn status(attempt: &Attempt) -> Markup {
    match attempt.status {
        Some(status) => {
            let class = if (200..300).contains(&status) { "good" } else { "bad" };
            badge(class, &status.to_string())
        }
        None => badge("bad", "no answer"),
    }
}

/// `GET /deliveries/{id}`
pub(super) async fn show(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    mut params: Params,
) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    let replayed = params.text("done").is_some_and(|word| word == "replayed");
    params.finish_page()?;
    let (delivery, now) = (find(&app, DeliveryId(row(&id, "delivery")?)).await?, app.clock.now());
    let told = &delivery.notification;
    let to = &delivery.subscription;
    let main = html! {
        p.up { a href={ "/subscriptions/" (to.0) } { (name(&to.1)) } }
        h1 { "Delivery " (delivery.id) }
        (done(replayed.then_some("It is sent again.")))
        p.state { (state(delivery.state)) }
        @if reader.may(Right::Write) && delivery.state != DeliveryState::Pending {
            div.actions { (button(&format!("/deliveries/{}/replay", delivery.id), "Send it again")) }
        }
        dl.fields {
            (field("Tells", &html! { (told.kind.label()) }))
            @if let Some(event) = told.event { (field("Event", &html! { a href={ "/events/" (event) } { (event) } })) }
            @if let Some(story) = told.story { (field("Story", &html! { a href={ "/stories/" (story) } { (story) } })) }
            @if let Some(source) = told.source { (field("Source", &html! { a href={ "/sources/" (source) } { (source) } })) }
            (field("Its id", &html! { code { (told.id) } }))
            (field("Made", &when_in_full(delivery.created_at, now)))
            @if let Some(at) = delivery.replayed_at { (field("Sent again", &when_in_full(at, now))) }
            @if let Some(next) = delivery.next_attempt_at { (field("Next attempt", &when_in_full(next, now))) }
            @if let Some(at) = delivery.delivered_at { (field("Taken", &when_in_full(at, now))) }
        }
        h2 { "Attempts" }
        (attempts(&delivery.attempts, now))
        details {
            summary { "What is sent" }
            pre tabindex="0" { code { bdi { (cut(&pretty(&told.body), BODY_CHARS)) } } }
        }
    };
    Ok(Desk { title: "Delivery", here: Section::Subscriptions, reader: &reader }.answer(StatusCode::OK, &main))
}

/// JSON as people read it.
fn pretty(body: &str) -> String {
    let value = serde_json::from_str::<serde_json::Value>(body);
    value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or_else(|_| body.to_owned())
}

fn attempts(attempts: &[Attempt], now: Timestamp) -> Markup {
    html! {
        @if attempts.is_empty() { p.quiet { "None yet." } } @else {
            ol.attempts {
                @for attempt in attempts.iter().rev() {
                    li {
                        p.state {
                            (status(attempt)) " " (when_in_full(attempt.at, now)) ", took "
                            @if attempt.took.as_millis() < 2_000 { (attempt.took.as_millis()) " ms" } @else { (span(attempt.took)) }
                            @if attempt.times > 1 { ", the last of " (attempt.times) " in a row" }
                        }
                        @if !attempt.detail.is_empty() { p.said { bdi { (cut(&attempt.detail, ANSWER_CHARS)) } } }
                    }
                }
            }
        }
    }
}

/// `POST /deliveries/{id}/replay`
pub(super) async fn replay(
    State(app): State<AppState>,
    reader: Reader,
    Segment(id): Segment,
    _ours: Posted,
) -> Result<Redirect, Refusal> {
    reader.must(Right::Write)?;
    let id = DeliveryId(row(&id, "delivery")?);
    send_again(&app, id).await?;
    Ok(Redirect::to(&format!("/deliveries/{id}?done=replayed")))
}
