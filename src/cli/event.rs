//! `tidings event`: what happened, as tidings knows it.

use clap::{Args, Subcommand};

use crate::model::{Correction, EventId, EventView, StoryDraft, TopicKey};
use crate::port::{EventFilter, Store};
use crate::server::wire;
use crate::text::counted;

use super::exit::Refusal;
use super::screen::{Screen, Table, shown};
use super::{correction, lookup, moment};

#[derive(Debug, Subcommand)]
pub(super) enum EventCommand {
    /// List events, newest first
    List(EventListArgs),
    /// Show an event with its stories and why each belongs to it
    Show {
        /// Its number
        id: i64,
    },
    /// Say that events are one: the later go into the earliest
    Merge(EventMergeArgs),
    /// Say that stories tell of another event: they go into a new one, with their copies
    Split(EventSplitArgs),
}

/// Which events are one.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tidings event merge 812 815")]
pub(super) struct EventMergeArgs {
    /// Their numbers
    #[arg(value_name = "EVENT", required = true, num_args = 2..)]
    pub(super) events: Vec<i64>,
}

/// What is another event.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tidings event split 812 4711 4713")]
pub(super) struct EventSplitArgs {
    /// The event
    #[arg(value_name = "EVENT")]
    pub(super) event: i64,
    /// The stories' numbers or addresses
    #[arg(value_name = "STORY", required = true)]
    pub(super) stories: Vec<String>,
    /// Tell subscribers of the new event, as of any other
    #[arg(long)]
    pub(super) tell: bool,
}

/// Which events.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tidings event list --topic resolution --since 7d --told")]
pub(super) struct EventListArgs {
    /// Of this topic
    #[arg(long, value_name = "ID")]
    pub(super) topic: Option<String>,
    /// Opened since then: 2021-11-03, 24h, 3d
    #[arg(long, value_name = "WHEN")]
    pub(super) since: Option<String>,
    /// Opened before then
    #[arg(long, value_name = "WHEN")]
    pub(super) until: Option<String>,
    /// With a story in this language: en, uk
    #[arg(long, value_name = "LANG")]
    pub(super) lang: Option<String>,
    /// With a story of this publisher
    #[arg(long, value_name = "NAME")]
    pub(super) publisher: Option<String>,
    /// Only those that subscribers were told of
    #[arg(long)]
    pub(super) told: bool,
    /// Numbered below this
    #[arg(long, value_name = "ID")]
    pub(super) before: Option<i64>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(super) limit: usize,
}

/// Lists or shows.
pub(super) fn event(store: &mut dyn Store, command: &EventCommand, screen: &mut Screen) -> anyhow::Result<()> {
    match command {
        EventCommand::List(args) => list(store, args, screen),
        EventCommand::Show { id } => {
            let view = store.event(EventId(*id))?;
            let view = view.ok_or_else(|| lookup::absent("event", &id.to_string(), "tidings event list"))?;
            let into = view.event.merged_into.map(|into| store.event(into)).transpose()?.flatten();
            show(&view, into.as_ref(), screen)
        }
        EventCommand::Merge(args) => {
            let events = args.events.iter().copied().map(EventId).collect();
            correction::carry_out(store, &Correction::Merge { events }, screen)
        }
        EventCommand::Split(args) => {
            let found = args.stories.iter().map(|wanted| Ok(lookup::story(store, wanted)?.story.id));
            let stories = found.collect::<anyhow::Result<_>>()?;
            let hush = correction::hush(args.tell);
            correction::carry_out(store, &Correction::Split { event: EventId(args.event), stories, hush }, screen)
        }
    }
}

fn list(store: &mut dyn Store, args: &EventListArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let topic = args
        .topic
        .as_deref()
        .map(|id| TopicKey::parse(id).ok_or_else(|| lookup::absent("topic", id, "tidings topic list")));
    let moment = |text: &String| moment::parse(text, screen.now()).map_err(Refusal::Usage);
    let end = |text: &String| moment::parse_end(text, screen.now()).map_err(Refusal::Usage);
    let (since, until) = (args.since.as_ref().map(moment), args.until.as_ref().map(end));
    let filter = EventFilter {
        topic: topic.transpose()?,
        since: since.transpose()?,
        until: until.transpose()?,
        lang: args.lang.clone(),
        publisher: args.publisher.clone(),
        told_only: args.told,
        before: args.before.map(EventId),
        limit: args.limit,
    };
    let events = store.events(&filter)?;
    if screen.is_json() {
        return Ok(events.iter().try_for_each(|event| screen.record(&wire::Event::from(event)))?);
    }
    if events.is_empty() {
        screen.note("no events");
        return Ok(());
    }
    let mut table = Table::new(["ID", "OPENED", "TOLD", "TOPIC", "PUBL", "TITLE"]);
    for event in events {
        table.row([
            event.id.to_string(),
            screen.when(event.opened_at),
            screen.when_known(event.told_at),
            event.topic.to_string(),
            event.publishers.to_string(),
            event.title,
        ]);
    }
    Ok(screen.table(&table)?)
}

fn show(view: &EventView, into: Option<&EventView>, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(screen.record(&wire::EventWithStories::from(view))?);
    }
    let event = &view.event;
    screen.heading(&shown(&event.title))?;
    screen.field("event", &event.id.to_string())?;
    if let Some(into) = into {
        screen.field("merged into", &format!("{}: {}", into.event.id, into.event.title))?;
    }
    screen.field("topic", event.topic.as_str())?;
    screen.field("opened", &screen.when(event.opened_at))?;
    screen.field("changed", &screen.when(event.changed_at))?;
    screen.field("told", &event.told_at.map_or_else(|| "no".to_owned(), |at| screen.when(at)))?;
    screen.field(
        "stories",
        &format!(
            "{} by {} in {}",
            event.stories,
            counted(event.publishers, "publisher", "publishers"),
            counted(event.languages, "language", "languages")
        ),
    )?;
    for (story, decision) in &view.stories {
        screen.line("")?;
        screen.heading(&shown(&story.draft.title))?;
        screen.field("story", &format!("{} by {}", story.id, story.draft.publisher))?;
        let StoryDraft { url, link, .. } = &story.draft;
        screen.field("address", if link.is_empty() { url } else { link })?;
        screen.field("seen", &screen.when(story.seen_at))?;
        screen.field("decided", &format!("{} (score {:.2})", decision.ruling.label(), decision.score))?;
        for reason in &decision.reasons {
            screen.field("", &format!("{}: {}", reason.stage.label(), reason.text))?;
        }
    }
    Ok(())
}
