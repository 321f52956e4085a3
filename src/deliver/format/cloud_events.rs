//! A webhook's body as a `CloudEvent` 1.0 (<https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>), in the two
//! modes of its HTTP binding. It is signed as every webhook is.

use serde_json::{Map, Value};

use crate::model::{Notification, WebhookForm};

/// Before the notification's own type: names are to be told apart from others'.
const TYPE_PREFIX: &str = "tidings.";

/// A body, and the fields that go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formed {
    /// The type of the body.
    pub content_type: &'static str,
    /// Header fields of the event's attributes.
    pub headers: Vec<(String, String)>,
    /// The body, to be signed.
    pub body: String,
}

/// Writes a notification in this form. The standard form is its body as it is.
pub fn formed(notification: &Notification, form: WebhookForm) -> Formed {
    let json = |headers, body| Formed { content_type: "application/json", headers, body };
    match form {
        WebhookForm::Standard => json(Vec::new(), notification.body.clone()),
        WebhookForm::CloudEvents => {
            let headers = attributes(notification).map(|(name, value)| (format!("ce-{name}"), value)).collect();
            json(headers, data(notification).to_string())
        }
        WebhookForm::CloudEventsStructured => {
            let mut event: Map<String, Value> =
                attributes(notification).map(|(name, value)| (name.to_owned(), value.into())).collect();
            event.insert("datacontenttype".to_owned(), "application/json".into());
            event.insert("data".to_owned(), data(notification));
            Formed {
                content_type: "application/cloudevents+json; charset=UTF-8",
                headers: Vec::new(),
                body: Value::Object(event).to_string(),
            }
        }
    }
}

/// All values are ASCII: ids, fixed words and numbers. So none needs the percent-encoding of header values.
fn attributes(notification: &Notification) -> impl Iterator<Item = (&'static str, String)> {
    let (event, source) = (notification.event, notification.source);
    let from = match (&notification.topic, source) {
        (Some(topic), _) => format!("/tidings/topics/{topic}"),
        (None, Some(source)) => format!("/tidings/sources/{source}"),
        (None, None) => "/tidings".to_owned(),
    };
    let subject = event.map(|id| format!("events/{id}")).or(source.map(|id| format!("sources/{id}")));
    [
        ("specversion", Some("1.0".to_owned())),
        ("id", Some(notification.id.0.clone())),
        ("source", Some(from)),
        ("type", Some(format!("{TYPE_PREFIX}{}", notification.kind.label()))),
        ("time", Some(format!("{:.3}", notification.created_at))),
        ("subject", subject),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
}

/// What the envelope holds: type and time are attributes of the event.
fn data(notification: &Notification) -> Value {
    let body: Value = serde_json::from_str(&notification.body).unwrap_or_default();
    body.get("data").cloned().unwrap_or(body)
}
