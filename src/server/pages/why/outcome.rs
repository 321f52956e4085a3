//! What became of a story, in a sentence or two: told, or plainly why not.

use maud::{Markup, html};

use super::reasons::{Others, sentence, why_not};
use crate::model::{Decision, EventId, NotificationType, Reason, Ruling, Stage, StoryId, StoryState, Telling};
use crate::port::Explained;
use crate::server::pages::markup::headline;

/// The sentences, one a topic; the last decision on each says where the story stands.
pub(super) fn outcome(known: &Explained) -> Markup {
    let last = last_decisions(known);
    html! {
        @match known.story.state {
            StoryState::AwaitingArticle => p.outcome { "Nobody was told yet: its article page is being fetched first." },
            StoryState::Undecided => p.outcome { "Nobody was told of it as it is now: it is not decided yet." },
            StoryState::Decided => {}
        }
        @for decision in &last { p.outcome { (said(decision, known)) } }
    }
}

/// The last decision on each topic, those on none left out where there is one on a topic.
pub(super) fn last_decisions(known: &Explained) -> Vec<&Decision> {
    let mut last: Vec<&Decision> = Vec::new();
    for decision in &known.decisions {
        last.retain(|earlier| earlier.topic != decision.topic);
        last.push(decision);
    }
    let on_some = last.iter().any(|decision| decision.topic.is_some());
    last.retain(|decision| decision.topic.is_some() || !on_some);
    last
}

fn said(decision: &Decision, known: &Explained) -> Markup {
    let topic = decision.topic.as_ref();
    // What an earlier version told stays told.
    let told = known.decisions.iter().filter(|earlier| earlier.topic == decision.topic);
    let told = told.filter_map(|earlier| match earlier.telling {
        Telling::Told(kind) => Some(kind),
        Telling::Silent => None,
    });
    let told = told.min();
    html! {
        @match (told, &decision.ruling) {
            (Some(kind), _) if is_delivered(decision, known) => { strong { "Subscribers were told" } " " (as_what(kind)) }
            (Some(kind), _) => {
                strong { "It was told" } " " (as_what(kind)) " No subscription was to be told, as far as deliveries are kept."
            }
            (None, Ruling::OffTopic) => {
                strong { "Nobody was told" } ": it is on no topic. " (because(decision, &[Stage::Topic, Stage::Operator]))
            }
            (None, Ruling::Copy { of } | Ruling::Again { of }) => {
                strong { "Nobody was told" } ": it is a copy of " (copied(*of, &known.others)) ", and a copy tells nothing new. "
            }
            (None, Ruling::Joined | Ruling::Opened | Ruling::Corrected) => {
                strong { "Nobody was told" } ". " (because(decision, &[Stage::Tell, Stage::Operator]))
            }
        }
        @if let Some(topic) = topic { " Topic: " a href={ "/topics/" (topic) } { (topic) } "." }
        @if let Some(event) = decision.event { " Event: " a href={ "/events/" (event) } { (title(event, known)) } "." }
    }
}

/// Whether a subscription was to be told of a story for the topic of this decision.
fn is_delivered(decision: &Decision, known: &Explained) -> bool {
    known.deliveries.iter().any(|delivery| delivery.notification.topic == decision.topic)
}

fn as_what(kind: NotificationType) -> &'static str {
    match kind {
        NotificationType::EventOpened => "of this story, as the first of its event.",
        NotificationType::EventUpdated => "of this story, as an update of its event.",
        NotificationType::EventMerged => "that its event and another are one.",
        NotificationType::SourceFailing
        | NotificationType::SourceRecovered
        | NotificationType::SubscriptionDisabled
        | NotificationType::SubscriptionTest
        | NotificationType::Digest => "of it.",
    }
}

/// What the last of these stages found.
fn because(decision: &Decision, stages: &[Stage]) -> String {
    let found = decision.reasons.iter().rev().find(|reason: &&Reason| stages.contains(&reason.stage));
    found.map_or_else(String::new, |reason| sentence(why_not(&reason.text)))
}

fn copied(of: StoryId, others: Others<'_>) -> Markup {
    html! {
        @match others.iter().find(|(other, _, _)| *other == of) {
            Some((_, address, title)) => (headline(title, address, None)),
            None => { a href={ "/stories/" (of) } { "story " (of) } }
        }
    }
}

fn title(event: EventId, known: &Explained) -> Markup {
    let title = known.events.iter().find(|known| known.id == event).map(|event| event.title.as_str());
    html! { @match title { Some(title) => bdi { (title) }, None => (event) } }
}
