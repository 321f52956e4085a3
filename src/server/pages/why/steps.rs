//! The way of a story in time: published, seen, decided, sent, delivered, and how long each step took.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::model::{Decision, Delivery, Story};
use crate::server::pages::markup::{instant, lasted};

/// When a delivery was taken; what was sent again says nothing of how soon it came.
pub(super) fn first_delivered(delivery: &Delivery) -> Option<Timestamp> {
    delivery.delivered_at.filter(|_| delivery.replayed_at.is_none())
}

/// The steps that a story has come through.
pub(super) fn listed(story: &Story, decisions: &[Decision], deliveries: &[Delivery]) -> Markup {
    let sent = deliveries.iter().filter_map(|delivery| delivery.attempts.first()).map(|attempt| attempt.at).min();
    let delivered = deliveries.iter().filter_map(first_delivered).min();
    let times = [
        ("Published", story.draft.published),
        ("Seen by us", Some(story.seen_at)),
        ("Decided", decisions.first().map(|decision| decision.decided_at)),
        ("First sent", sent),
        ("First delivered", delivered),
    ];
    let mut before: Option<Timestamp> = None;
    let mut steps = Vec::new();
    for (name, at) in times.into_iter().filter_map(|(name, at)| Some((name, at?))) {
        steps.push((name, at, before.map(|before| lasted(before, at))));
        before = Some(at);
    }
    html! {
        ol.steps {
            @if story.draft.published.is_none() { li { b { "Published" } " " span.when { "the publisher gives no date" } } }
            @for (name, at, took) in steps {
                li {
                    b { (name) } " " span.when { (instant(at)) }
                    @if let Some(took) = took { " " span.took { (took) " later" } }
                }
            }
        }
    }
}
