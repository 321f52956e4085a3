//! What goes over the wire: events as text.

use std::fmt::Write as _;
use std::time::Duration;

use crate::model::{EventVersion, Notification, Sequence};
use crate::port::LogPage;

/// The start of a stream: how long to wait before connecting again, and the place to go on from.
///
/// A client that named no place and is cut before its first event would go on from the end of the log, past what came
/// meanwhile: so it is given one, by an event. A block with an id and no data, which is enough by the standard, is passed over
/// by Firefox, its id too.
pub(super) fn start(retry: Duration, place: Sequence, is_named: bool) -> String {
    let mut text = format!("retry: {}\n", retry.as_millis());
    if is_named {
        write!(text, "id: {place}\n\n").ok();
    } else {
        push(&mut text, place, "start", &serde_json::json!({ "after": place.0 }).to_string());
    }
    text
}

/// A sign of life, with the place: what a filter left out need not be looked at again.
pub(super) fn alive(place: Sequence) -> String {
    format!(":\nid: {place}\n\n")
}

/// A notification, as webhooks are given it.
pub(super) fn notification(text: &mut String, seq: Sequence, told: &Notification) {
    push(text, seq, told.kind.label(), &told.body);
}

/// The event that tells of a gap, and the place from which on there is none.
pub(super) fn gap(after: Sequence, page: &LogPage) -> String {
    let data =
        serde_json::json!({ "after": after.0, "complete_after": page.complete_after().0, "detail": page.gap(after) });
    let mut text = String::new();
    push(&mut text, page.complete_after(), "gap", &data.to_string());
    text
}

/// The start of a page's stream: how long to wait before connecting again.
pub(super) fn start_of_page(retry: Duration) -> String {
    format!("retry: {}\n\n", retry.as_millis())
}

/// What became of an event, for an open page: its card as HTML, or its number where it is not to be shown.
pub(super) fn shown(text: &mut String, version: EventVersion, event: &str, data: &str) {
    push(text, Sequence(version.0), event, data);
}

fn push(text: &mut String, id: Sequence, event: &str, data: &str) {
    // Writing to a `String` can't fail.
    write!(text, "id: {id}\nevent: {event}\n").ok();
    // Bodies are one line; one that is not must not end its event early.
    for line in data.split(['\n', '\r']) {
        writeln!(text, "data: {line}").ok();
    }
    text.push('\n');
}
