//! `/subscriptions`: all of them, trouble first.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use maud::{Markup, html};

use super::super::desk::{Desk, cut, done, name, when};
use super::super::frame::Section;
use super::super::reader::{Reader, Right};
use super::super::refusal::Refusal;
use super::words::{Standing, health, hears, host, manner};
use crate::model::{EndpointHealth, Subscription};
use crate::port::StoreError;
use crate::server::params::Params;
use crate::server::state::AppState;
use crate::text::fold;

/// Characters of what one hears.
const HEARS_CHARS: usize = 200;

/// `GET /subscriptions`
pub(super) async fn show(State(app): State<AppState>, reader: Reader, mut params: Params) -> Result<Response, Refusal> {
    reader.must(Right::Read)?;
    let removed = params.text("done").is_some_and(|word| word == "removed");
    params.finish_page()?;
    let now = app.clock.now();
    let (mut subscriptions, healths) =
        app.keeper.read(|store| Ok::<_, StoreError>((store.subscriptions()?, store.health(None)?))).await?;
    subscriptions.sort_by_cached_key(|subscription| {
        let standing = Standing::of(subscription, healths.get(&subscription.id), now);
        (standing, fold(&subscription.spec.name))
    });
    let main = html! {
        div.head {
            h1 { "Subscriptions" }
            p.actions {
                @if reader.may(Right::Write) { a.main href="/subscriptions/add" { "Add a webhook" } }
                a href="/deliveries" { "All deliveries" }
            }
        }
        (done(removed.then_some("It was removed.")))
        @if subscriptions.is_empty() {
            p.empty { "Nobody is told yet." }
        } @else {
            table.list {
                caption.unseen { "Subscriptions, those in trouble first" }
                thead { tr {
                    th scope="col" { "Subscription" } th scope="col" { "Hears" } th scope="col" { "Health" }
                    th scope="col" { "Waiting" } th scope="col" { "Last taken" }
                } }
                tbody {
                    @for subscription in &subscriptions { (row(subscription, healths.get(&subscription.id), now)) }
                }
            }
        }
    };
    Ok(Desk { title: "Subscriptions", here: Section::Subscriptions, reader: &reader }.answer(StatusCode::OK, &main))
}

fn row(subscription: &Subscription, fares: Option<&EndpointHealth>, now: Timestamp) -> Markup {
    let spec = &subscription.spec;
    let special = manner(&spec.manner);
    html! {
        tr {
            th scope="row" {
                a href={ "/subscriptions/" (subscription.id) } { (name(&spec.name)) }
                p.quiet { (spec.endpoint.label()) " at " bdi { (host(&spec.endpoint)) } }
            }
            td data-label="Hears" {
                bdi { (cut(&hears(&spec.filter), HEARS_CHARS)) }
                @if !special.is_empty() { p.quiet { bdi { (special) } } }
            }
            td.health data-label="Health" { (health(subscription, fares, now)) }
            td data-label="Waiting" { (waiting(fares, now)) }
            td data-label="Last taken" {
                @match fares.and_then(|fares| fares.last_success_at) {
                    Some(at) => { (when(at, now)) }
                    None => span.quiet { "nothing yet" }
                }
            }
        }
    }
}

/// How much waits, and for how long.
pub(super) fn waiting(fares: Option<&EndpointHealth>, now: Timestamp) -> Markup {
    let (pending, kept, expired) = fares.map_or((0, 0, 0), |fares| (fares.pending, fares.kept, fares.expired));
    html! {
        @if pending == 0 && kept == 0 && expired == 0 { span.quiet { "nothing" } }
        @if pending > 0 {
            (pending)
            @if let Some(oldest) = fares.and_then(|fares| fares.oldest_pending_at) {
                p.quiet { "the oldest made " (when(oldest, now)) }
            }
        }
        @if kept > 0 { p { (kept) " kept" } }
        @if expired > 0 { p { (expired) " given up" } }
    }
}
