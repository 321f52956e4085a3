//! `tidings explain`: why a story was told, or was not.

use clap::Args;

use crate::ingest::story_keys_of_url;
use crate::model::{Decision, Reason, StoryId, Telling, WebUrl};
use crate::port::{Explained, Store};
use crate::server::wire;

use super::exit::Refusal;
use super::moment;
use super::screen::{Screen, shown};

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
    let wanted = args.story.trim();
    let found = match (wanted.parse::<i64>(), WebUrl::parse(wanted)) {
        (Ok(id), _) => store.find_story(&[], Some(StoryId(id)))?,
        (_, Ok(url)) => store.find_story(&story_keys_of_url(&url), None)?,
        (Err(_), Err(_)) => {
            return Err(Refusal::Usage(format!("{:?} is neither an address nor a number", shown(wanted))).into());
        }
    };
    let known = match found {
        Some(id) => store.explain(id)?,
        None => None,
    };
    let known = known.ok_or_else(|| {
        Refusal::Data(format!(
            "no story is known under {:?}: no source brought it (see tidings source list), or its address differs",
            shown(wanted)
        ))
    })?;
    if screen.is_json() {
        return Ok(screen.record(&wire::Explained::from(&known))?);
    }
    show(&known, screen)
}

pub(super) fn show(known: &Explained, screen: &mut Screen) -> anyhow::Result<()> {
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
    let delay = draft
        .published
        .map_or_else(String::new, |at| format!(", {} after it was published", moment::between(at, story.seen_at)));
    screen.field("seen", &format!("{} ({}){delay}", story.seen_at, screen.when(story.seen_at)))?;
    for (revision, title, replaced_at) in &known.revisions {
        screen.field("", &format!("revision {revision} until {replaced_at}: {title}"))?;
    }
    if known.decisions.is_empty() {
        screen.line("")?;
        screen.line("It is not decided yet.")?;
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
        screen.field("event", &format!("{id}{title} (score {:.3})", decision.score))?;
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
        return Ok(());
    }
    screen.line("")?;
    screen.heading("told")?;
    for delivery in &known.deliveries {
        let (id, name) = &delivery.subscription;
        let how = match delivery.delivered_at {
            Some(at) => format!("{at}, {} after it was seen", moment::between(known.story.seen_at, at)),
            None => format!("{} after {} tries", delivery.state.label(), delivery.attempts.len()),
        };
        let kind = delivery.notification.kind.label();
        screen.field(&delivery.id.to_string(), &format!("{kind} to {name} ({id}): {how}"))?;
    }
    Ok(())
}
