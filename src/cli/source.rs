//! `tidings source`: what is polled, and how it fares.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use jiff::Timestamp;
use serde_json::json;

use crate::config::Checks;
use crate::model::{DomainPause, Limits, Origin, Source, SourceHealth, SourceKind, SourceSpec};
use crate::port::{Declared, Http, Listed, Store};
use crate::schedule::{Bound, Market, Why, believed_at, why};
use crate::server::wire::{self, Beside};

use super::open::Absent;
use super::screen::{Screen, Table, shown};
use super::{channel, lookup};

mod add;
mod backfill;
mod edit;
mod export;
mod find;
mod found;
mod import;
mod known;
mod resume;

pub(super) use add::AddArgs;
pub(super) use backfill::{BackfillArgs, backfill};
pub(super) use edit::EditArgs;
pub(super) use export::ExportArgs;
pub(super) use find::FindArgs;
pub(super) use import::ImportArgs;

#[derive(Debug, Subcommand)]
pub(super) enum SourceCommand {
    /// List sources and how they fare
    List {
        /// Those no longer polled too
        #[arg(long)]
        all: bool,
        /// Only those that are failing or gone
        #[arg(long)]
        failing: bool,
    },
    /// Show all that is known of a source
    Show {
        /// Its number, name or address
        source: String,
    },
    /// Add a source: finds what can be polled at an address, and takes the best
    Add(Box<AddArgs>),
    /// Change how a source that was added here is polled and named
    Edit(Box<EditArgs>),
    /// Ask a host again that asked to be left alone: all of its sources that wait for that
    Resume {
        /// A source of it (number, name or address), or the host
        source: String,
    },
    /// Show what can be polled at an address, and add nothing
    Find(FindArgs),
    /// Add the sources of a list (OPML, or one address a line)
    Import(ImportArgs),
    /// Write all sources as OPML
    Export(ExportArgs),
    /// Read the older pages of a feed into the store
    Backfill(BackfillArgs),
    /// Remove a source that was added here; its stories stay
    Remove {
        /// Its number, name or address
        source: String,
    },
}

/// The same of lists of sources, under the name by which they are known.
#[derive(Debug, Subcommand)]
pub(super) enum OpmlCommand {
    /// Add the sources of a list (OPML, or one address a line)
    Import(ImportArgs),
    /// Write all sources as OPML
    Export(ExportArgs),
}

impl From<OpmlCommand> for SourceCommand {
    fn from(command: OpmlCommand) -> Self {
        match command {
            OpmlCommand::Import(args) => Self::Import(args),
            OpmlCommand::Export(args) => Self::Export(args),
        }
    }
}

/// What commands that add sources stand on, besides the store.
pub(super) struct Ground<'a> {
    pub(super) checks: Checks<'a>,
    /// What the configuration declares: the store has it once a daemon has run.
    pub(super) declared: &'a Declared,
    /// The shortest and longest interval where nothing else is said.
    pub(super) bounds: (Duration, Duration),
    /// The way to the web, built when it is needed.
    pub(super) http: &'a dyn Fn() -> anyhow::Result<Arc<dyn Http>>,
    pub(super) limits: Limits,
    /// Between two requests to one host.
    pub(super) spacing: Duration,
}

/// What a command wants of a store that is not there yet.
pub(super) fn absent(command: &SourceCommand) -> Absent {
    match command {
        SourceCommand::Add(args) if args.dry_run => Absent::Pretend,
        SourceCommand::Import(args) if args.dry_run => Absent::Pretend,
        SourceCommand::Find(_) => Absent::Pretend,
        SourceCommand::Add(_) | SourceCommand::Import(_) => Absent::Create,
        SourceCommand::List { .. }
        | SourceCommand::Show { .. }
        | SourceCommand::Export(_)
        | SourceCommand::Backfill(_)
        | SourceCommand::Edit(_)
        | SourceCommand::Resume { .. }
        | SourceCommand::Remove { .. } => Absent::Refuse,
    }
}

/// Lists, shows, finds, adds or removes.
pub(super) async fn source(
    store: &mut dyn Store,
    command: &SourceCommand,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    match command {
        SourceCommand::List { all, failing } => {
            let mut sources = store.sources(if *all { Listed::All } else { Listed::Current })?;
            sources.retain(|source| !failing || source.state.health != SourceHealth::Well);
            list(sources, &beside(store, screen.now())?, screen)
        }
        SourceCommand::Show { source } => {
            let source = lookup::source(store, source)?;
            show_one(store, &source, screen)
        }
        SourceCommand::Edit(args) => edit::edit(store, args, ground, screen),
        SourceCommand::Resume { source } => resume::resume(store, source, screen),
        SourceCommand::Add(args) => add::add(store, args, ground, screen).await,
        SourceCommand::Find(args) => find::find(store, args, ground, screen).await,
        SourceCommand::Import(args) => import::import(store, args, ground, screen),
        SourceCommand::Export(args) => export::export(store, args, screen),
        SourceCommand::Backfill(_) => anyhow::bail!("backfill is called with parts that run, not with a store alone"),
        SourceCommand::Remove { source } => remove(store, source, screen),
    }
}

/// Shows a source with what stands beside it.
fn show_one(store: &mut dyn Store, source: &Source, screen: &mut Screen) -> anyhow::Result<()> {
    let market = Market::from_bytes(&store.market()?).unwrap_or_default();
    let beside = beside(store, screen.now())?;
    show(source, &why(&source.spec, &source.state, market.quote(), screen.now()), &beside, screen)
}

fn beside(store: &mut dyn Store, now: Timestamp) -> anyhow::Result<Beside> {
    Ok(Beside::new(store.channels()?, store.pauses(now)?, now))
}

pub(super) fn list(sources: Vec<Source>, beside: &Beside, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(sources.iter().try_for_each(|source| screen.record(&wire::Source::new(source, beside)))?);
    }
    if sources.is_empty() {
        screen.note("no sources; add one with: tidings source add URL");
        return Ok(());
    }
    let mut table = Table::new(["ID", "NAME", "HEALTH", "STORIES", "POLLED", "NEXT", "OUTCOME"]);
    let mut names = BTreeMap::<String, usize>::new();
    for source in &sources {
        *names.entry(source.spec.name.clone()).or_default() += 1;
    }
    for source in sources {
        let (health, next_poll) = (health(&source, beside, screen.now()), beside.next_poll(&source));
        let is_alone = names.get(&source.spec.name).is_none_or(|count| *count < 2);
        table.row([
            source.id.to_string(),
            if is_alone { source.spec.name } else { told_apart(&source.spec) },
            health,
            source.stories.to_string(),
            screen.when_known(source.state.last_poll_at),
            screen.when(next_poll),
            source.state.last_outcome,
        ]);
    }
    Ok(screen.table(&table)?)
}

/// A name that several sources have, with what of its address tells it apart; what a query says may be a secret.
fn told_apart(spec: &SourceSpec) -> String {
    let url = spec.url.redacted();
    let place = url.split_once("://").map_or(url.as_str(), |(_, place)| place);
    if spec.name == spec.url.host_text() { place.to_owned() } else { format!("{} ({place})", spec.name) }
}

/// How a source fares, with how its hub stands to it and whether its domain is left alone.
fn health(source: &Source, beside: &Beside, now: Timestamp) -> String {
    let mut words = source.state.health.label().to_owned();
    if let Some(channel) = beside.channel(source) {
        let push =
            if channel.is_relied_upon(now) { "pushed".to_owned() } else { format!("push {}", channel.word(now)) };
        words = format!("{words}, {push}");
    }
    if beside.pause(source).is_some() { format!("{words}, paused") } else { words }
}

pub(super) fn show(source: &Source, why: &Why, beside: &Beside, screen: &mut Screen) -> anyhow::Result<()> {
    let (channel, paused) = (beside.channel(source), beside.pause(source));
    if screen.is_json() {
        return Ok(screen.record(&wire::Source::new(source, beside).with_schedule(why))?);
    }
    let (spec, state) = (&source.spec, &source.state);
    screen.heading(&shown(&spec.name))?;
    screen.field("source", &format!("{} (from {})", source.id, source.origin.label()))?;
    screen.field("address", spec.url.as_str())?;
    if let Some(declared) = &state.moved_from {
        screen.field("moved from", &format!("{declared}, by its publisher's permanent redirect"))?;
    }
    if let Some(moving) = &state.moving {
        screen.field(
            "moving to",
            &format!(
                "{}, seen {} times since {}; believed at the earliest {}",
                moving.to,
                moving.sightings,
                screen.when(moving.since),
                screen.when(believed_at(moving))
            ),
        )?;
    }
    screen.field("publisher", &spec.publisher)?;
    match &spec.kind {
        SourceKind::Feed => screen.field("kind", "feed")?,
        SourceKind::Page(selectors) => screen.field("kind", &format!("page, articles at {}", selectors.item))?,
        SourceKind::List => screen.field("kind", "page, articles found by what repeats")?,
    }
    screen.field("language", spec.lang.as_deref().unwrap_or("found out from the text"))?;
    let topics: Vec<_> = spec.topics.iter().map(ToString::to_string).collect();
    screen.field("topics", &if topics.is_empty() { "all".to_owned() } else { topics.join(", ") })?;
    let minutes = |span: Duration| match span.as_secs_f64() {
        few if few < 120.0 => format!("{few} s"),
        many => format!("{:.0} min", many / 60.0),
    };
    screen.field(
        "interval",
        &format!(
            "{} now, {} to {} allowed",
            minutes(state.interval),
            minutes(spec.interval_min),
            minutes(spec.interval_max)
        ),
    )?;
    screen.field("health", state.health.label())?;
    let last = state.last_poll_at.map(|at| format!("{}: {}", screen.when(at), state.last_outcome));
    screen.field("last poll", last.as_deref().unwrap_or("never"))?;
    if let Some(help) = wire::remedy(source, beside, screen.now()) {
        screen.field("what to do", &help)?;
    }
    screen.field("last good", &screen.when_known(state.last_good_at))?;
    screen.field("last story", &screen.when_known(state.last_story_at))?;
    screen.field("next poll", &screen.when(beside.next_poll(source)))?;
    let relied_upon = channel.is_some_and(|channel| channel.is_relied_upon(screen.now()));
    let backed_up = relied_upon && why.bound == Bound::Moved;
    screen.field("because", if backed_up { "its hub pushes: polled as a back-up" } else { why.bound.label() })?;
    if let Some(DomainPause { domain, until, why }) = paused {
        let reason = if why.is_empty() { String::new() } else { format!(": {}", shown(why)) };
        screen.field("left alone", &format!("all of {domain}, {}{reason}", screen.lasts(*until)))?;
    }
    screen.field(
        "schedule",
        &format!(
            "{:.1} stories a day expected, {:.2} times that at this hour, {:.2} times by the age of its last; a poll is \
             due at {:.1} story-minutes of delay ({} priority)",
            why.per_day,
            why.hour,
            why.age,
            why.price_minutes,
            spec.priority.label()
        ),
    )?;
    if !why.hint.is_zero() {
        screen.field("asked to wait", &format!("{} min, by its publisher", minutes(why.hint)))?;
    }
    screen.field("polls", &format!("{}, {} of them not modified", state.polls, state.not_modified))?;
    screen.field("failures", &format!("{} in a row", state.failures))?;
    screen.field("stories", &source.stories.to_string())?;
    channel.map_or(Ok(()), |channel| channel::fields(channel, screen))
}

fn remove(store: &mut dyn Store, wanted: &str, screen: &mut Screen) -> anyhow::Result<()> {
    let source = lookup::source_in_force(store, wanted)?;
    if source.origin == Origin::Config || !store.remove_source(source.id)? {
        return Err(lookup::declared("source", wanted).into());
    }
    if screen.is_json() {
        return Ok(screen.record(&json!({"id": source.id.0, "removed": true}))?);
    }
    Ok(screen.line(&format!("removed source {}: {}", source.id, shown(&source.spec.name)))?)
}
