//! The way of a story in time: published, seen, decided, sent, delivered, and how long each step took.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::model::{Decision, Delivery, Story};
use crate::server::pages::markup::{instant, lasted};

/// The steps that a story has come through.
pub(super) fn listed(story: &Story, decisions: &[Decision], deliveries: &[Delivery]) -> Markup {
    let sent = deliveries.iter().filter_map(|delivery| delivery.attempts.first()).map(|attempt| attempt.at).min();
    let delivered = deliveries.iter().filter_map(|delivery| delivery.delivered_at).min();
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
