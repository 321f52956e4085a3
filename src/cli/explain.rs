//! `tidings explain`: why a story was told, or was not.

use clap::Args;

use crate::model::{Decision, Delivery, DeliveryState, Reason, Said, StoryState, Telling};
use crate::port::{Explained, Store};
use crate::server::wire;
use crate::text::lead;

use super::screen::{Screen, shown};
use super::{lookup, moment};

/// Characters of a text that are compared with its next version.
pub(super) const COMPARED_CHARS: usize = 600;

/// What was told to the log and the streams alone, or long ago: deliveries are kept for a while.
const NO_SUBSCRIPTION: &str = "No subscription was told, as far as deliveries are kept.";

/// Which story.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tidings explain https://press.un.org/en/2021/ga12392.doc.htm\n  tidings explain 4711 --json"
)]
pub(super) struct ExplainArgs {
    /// Its address or number
    #[arg(value_name = "URL|ID")]
    pub(super) story: String,
}

/// Shows each stage's decision with its reasons and numbers, and who was told when.
pub(super) fn explain(store: &mut dyn Store, args: &ExplainArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let known = lookup::story(store, &args.story)?;
    if screen.is_json() {
        return Ok(screen.record(&wire::Explained::from(&known))?);
    }
    show(&known, screen)
}

/// The story itself: its publisher, its times, its versions, and what operators said of it.
pub(super) fn head(known: &Explained, screen: &mut Screen) -> anyhow::Result<()> {
    let (story, draft) = (&known.story, &known.story.draft);
    screen.heading(&shown(&draft.title))?;
    screen.field("story", &format!("{}, revision {}", story.id, story.revision))?;
    screen.field("address", if draft.link.is_empty() { &draft.url } else { &draft.link })?;
    screen.field("publisher", &draft.publisher)?;
    screen.field("source", &format!("{} ({})", known.source.spec.name, known.source.id))?;
    screen.field("language", draft.lang.as_deref().unwrap_or("unknown"))?;
    match draft.published {
        Some(at) => screen.field("published", &format!("{at} ({})", screen.when(at)))?,
        None => screen.field("published", "no date given")?,
    }
    // A date may be moved by an edit, or be a wish: then it says nothing about how late the story was seen.
    let delay = draft
        .published
        .filter(|published| *published <= story.seen_at)
        .map_or_else(String::new, |at| format!(", {} after it was published", moment::between(at, story.seen_at)));
    screen.field("seen", &format!("{} ({}){delay}", story.seen_at, screen.when(story.seen_at)))?;
    for (old, (title, text)) in known.edits() {
        screen.field("", &format!("revision {} until {}", old.number, old.replaced_at))?;
        screen.difference("title", &old.title, title)?;
        // A text that retention took can't be compared.
        if !old.text.is_empty() && !text.is_empty() {
            screen.difference("text", lead(&old.text, COMPARED_CHARS), lead(text, COMPARED_CHARS))?;
        }
    }
    for label in &known.labels {
        let other = label.other.map_or_else(|| "another".to_owned(), |other| format!("story {other}"));
        let said = match label.said {
            Said::Same => format!("the same event as {other}"),
            Said::Apart => format!("another event than {other}"),
            Said::OnTopic => "on the topic".to_owned(),
            Said::OffTopic => "off the topic".to_owned(),
        };
        let said = format!("{said} ({}; said {})", label.topic, screen.when(label.at));
        screen.field("operator", &said)?;
    }
    Ok(())
}

pub(super) fn show(known: &Explained, screen: &mut Screen) -> anyhow::Result<()> {
    head(known, screen)?;
    if known.decisions.is_empty() {
        screen.line("")?;
        let waits = known.story.state == StoryState::AwaitingArticle;
        let why = if waits { ": its article page is read first" } else { "" };
        screen.line(&format!("It is not decided yet{why}."))?;
    }
    for decision in &known.decisions {
        show_decision(decision, known, screen)?;
    }
    show_told(known, screen)
}

fn show_decision(decision: &Decision, known: &Explained, screen: &mut Screen) -> anyhow::Result<()> {
    screen.line("")?;
    let topic = decision.topic.as_ref().map_or("no topic", |topic| topic.as_str());
    screen.heading(&format!("{topic}, revision {}: {}", decision.revision, decision.ruling.label()))?;
    for reason in &decision.reasons {
        screen.field(reason.stage.label(), &reason_text(reason, known))?;
    }
    if let Some(id) = decision.event {
        let event = known.events.iter().find(|event| event.id == id);
        let title = event.map_or_else(String::new, |event| format!(": {}", event.title));
        let merged = event.and_then(|event| event.merged_into);
        let merged = merged.map_or_else(String::new, |into| format!(", merged into {into}"));
        screen.field("event", &format!("{id}{title} (score {:.3}){merged}", decision.score))?;
    }
    let told = match decision.telling {
        Telling::Told(kind) => kind.label(),
        Telling::Silent => "nobody",
    };
    screen.field("told", told)?;
    let delay = moment::between(known.story.seen_at, decision.decided_at);
    Ok(screen.field("decided", &format!("{}, {delay} after it was seen", decision.decided_at))?)
}

fn reason_text(reason: &Reason, known: &Explained) -> String {
    let numbers: Vec<_> = reason.numbers.iter().map(|(name, value)| format!("{name} {}", number(*value))).collect();
    let numbers = if numbers.is_empty() { String::new() } else { format!(" ({})", numbers.join(", ")) };
    let other = reason.story.map_or_else(String::new, |id| {
        let named = known.others.iter().find(|(other, _, _)| *other == id);
        named.map_or_else(|| format!(" [story {id}]"), |(_, url, title)| format!(" [story {id}: {title} {url}]"))
    });
    format!("{}{numbers}{other}", reason.text)
}

/// Three decimals, without the zeros at the end.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn show_told(known: &Explained, screen: &mut Screen) -> anyhow::Result<()> {
    if known.deliveries.is_empty() {
        let was_told = known.decisions.iter().any(|decision| matches!(decision.telling, Telling::Told(_)));
        return if was_told { screen.line("").and_then(|()| screen.line(NO_SUBSCRIPTION)) } else { Ok(()) }
            .map_err(Into::into);
    }
    screen.line("")?;
    screen.heading("told")?;
    for delivery in &known.deliveries {
        let (id, name) = &delivery.subscription;
        let how = match delivery.delivered_at {
            Some(at) => match delivery.replayed_at {
                Some(again) => format!("{at}, {} after it was sent again", moment::between(again, at)),
                None => format!("{at}, {} after it was seen", moment::between(known.story.seen_at, at)),
            },
            None if delivery.state == DeliveryState::Repeat => repeat(delivery, &known.deliveries),
            None if delivery.state == DeliveryState::Withdrawn => "taken back before it was sent".to_owned(),
            None => format!("{} after {} tries", delivery.state.label(), delivery.tries()),
        };
        let kind = delivery.notification.kind.label();
        screen.field(&delivery.id.to_string(), &format!("{kind} to {name} ({id}): {how}"))?;
    }
    Ok(())
}

/// By which topic a subscription hears of the story, to which it was not told by this one.
fn repeat(left_out: &Delivery, all: &[Delivery]) -> String {
    let is_heard = |other: &&Delivery| {
        other.subscription == left_out.subscription
            && other.notification.kind == left_out.notification.kind
            && !matches!(
                other.state,
                DeliveryState::Repeat | DeliveryState::Withdrawn | DeliveryState::Expired | DeliveryState::Gone
            )
    };
    let heard = all.iter().find(is_heard).and_then(|other| Some((other.id, other.notification.topic.as_ref()?)));
    heard.map_or_else(
        || "not sent, as it was told by another topic".to_owned(),
        |(id, topic)| format!("not sent, as it is told by the topic {topic} (delivery {id})"),
    )
}
