//! `/subscriptions/add`: a webhook.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value};

use super::super::desk::{Desk, faults, topic_choice};
use super::super::frame::Section;
use super::super::posted::Posted;
use super::super::reader::{Reader, Right};
use super::super::refusal::Refusal;
use super::acts::shown_once;
use crate::model::{NotificationType, Topic};
use crate::server::fields::Fields;
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::state::AppState;
use crate::server::subscriptions::put;

/// What a subscription can hear, and what each type tells. Tests and digests come by themselves.
const TYPES: [(NotificationType, &str); 6] = [
    (NotificationType::EventOpened, "an event begins"),
    (NotificationType::EventUpdated, "more publishers tell of it, or a story is corrected"),
    (NotificationType::EventMerged, "two events turn out to be one"),
    (NotificationType::SourceFailing, "a source fails, or falls silent against its habit"),
    (NotificationType::SourceRecovered, "it is well again"),
    (NotificationType::SubscriptionDisabled, "another subscription is given up"),
];

/// `GET /subscriptions/add`
pub(super) async fn show(State(app): State<AppState>, reader: Reader, mut params: Params) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    params.finish_page()?;
    let topics = app.keeper.read(|store| store.topics()).await?;
    Ok(page(&reader, StatusCode::OK, &form(&topics, None, None)))
}

/// `POST /subscriptions/add`: the page that answers holds its secret, and no address ever does.
pub(super) async fn add(State(app): State<AppState>, reader: Reader, posted: Posted) -> Result<Response, Refusal> {
    reader.must(Right::Write)?;
    let topics = app.keeper.read(|store| store.topics()).await?;
    let list = |name: &str| posted.all(name).map(Value::from).collect::<Vec<_>>();
    let mut object = Map::new();
    for field in ["url", "name"] {
        object.extend(posted.text(field).map(|text| (field.to_owned(), text.into())));
    }
    object.insert("topics".to_owned(), list("topics").into());
    object.insert("types".to_owned(), list("types").into());
    object.insert("verify".to_owned(), posted.text("verify").is_some().into());
    let (id, secret) = match put(&app, Fields::of_form(object)).await {
        Ok(added) => added,
        Err(problem) => {
            return Ok(page(&reader, problem.status(), &form(&topics, Some(&posted), Some(&problem))));
        }
    };
    let main = html! {
        h1 { "It is subscribed" }
        (shown_once(secret.as_deref()))
        p { a.main href={ "/subscriptions/" (id) } { "See the subscription" } }
    };
    Ok(page(&reader, StatusCode::CREATED, &main))
}

fn page(reader: &Reader, status: StatusCode, main: &Markup) -> Response {
    let main = html! {
        p.up { a href="/subscriptions" { "All subscriptions" } }
        (main)
    };
    Desk { title: "Add a webhook", here: Section::Subscriptions, reader }.answer(status, &main)
}

/// The form, filled in as it was.
fn form(topics: &[Topic], posted: Option<&Posted>, problem: Option<&Problem>) -> Markup {
    let given = |name: &str| posted.and_then(|posted| posted.text(name)).unwrap_or_default();
    let chosen = |name: &str| posted.map(|posted| posted.all(name).collect::<Vec<_>>()).unwrap_or_default();
    let types = chosen("types");
    let is_chosen = |kind: NotificationType| match posted {
        Some(_) => types.contains(&kind.label()),
        None => kind == NotificationType::EventOpened,
    };
    html! {
        h1 { "Add a webhook" }
        (faults(problem))
        form.stacked method="post" action="/subscriptions/add" {
            label for="url" { "Address that is posted to" }
            input id="url" name="url" type="url" value=(given("url")) required autocomplete="off";
            label for="name" { "Name " span.quiet { "(its host otherwise)" } }
            input id="name" name="name" value=(given("name")) autocomplete="off";
            (topic_choice(topics, &chosen("topics"), "Events of these alone; of all where none is chosen."))
            fieldset {
                legend { "What it hears" }
                @for (kind, told) in TYPES {
                    label.choice {
                        input type="checkbox" name="types" value=(kind.label()) checked[is_chosen(kind)];
                        " " code { (kind.label()) } " " span.quiet { (told) }
                    }
                }
            }
            label.choice {
                input type="checkbox" name="verify" value="true" checked[!given("verify").is_empty()];
                " Ask the endpoint first whether it wants this"
            }
            button.main { "Subscribe" }
        }
        p.quiet { "Chat and push services and mail are added by command: " code { "tidings subscription add --help" } "." }
    }
}
