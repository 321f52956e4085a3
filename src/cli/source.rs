//! `tidings source`: what is polled, and how it fares.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use crate::config::Checks;
use crate::model::{
    Channel, Origin, PageSelectors, Priority, Source, SourceHealth, SourceId, SourceKind, SourceSpec, WebUrl,
};
use crate::port::{Listed, Store};
use crate::schedule::{Bound, Market, Why, believed_at, why};
use crate::url::{registrable, site};

use super::exit::Refusal;
use super::screen::{Screen, Table, shown};
use super::{channel, json, lookup};

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
    /// Add a source
    Add(Box<SourceAddArgs>),
    /// Remove a source that was added here; its stories stay
    Remove {
        /// Its number, name or address
        source: String,
    },
}

/// The source to add.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings source add https://press.un.org/en/rss.xml --lang en
  tidings source add https://example.org/news/ --item 'ul.news > li' --date time --topic resolution

Try it first with: tidings inspect URL")]
pub(super) struct SourceAddArgs {
    /// The address of the feed or page
    pub(super) url: String,
    /// What people call it
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Who publishes there
    #[arg(long)]
    pub(super) publisher: Option<String>,
    /// The language of entries that name none
    #[arg(long, value_name = "CODE")]
    pub(super) lang: Option<String>,
    /// Hold its stories against this topic alone (may be repeated)
    #[arg(long = "topic", value_name = "ID")]
    pub(super) topics: Vec<String>,
    /// Poll no sooner than after so many minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 30)]
    pub(super) interval_min: u32,
    /// Poll no later than after so many minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 240)]
    pub(super) interval_max: u32,
    /// How much its stories count: low, normal or high
    #[arg(long, value_name = "WORD", default_value = "normal", value_parser = priority)]
    pub(super) priority: Priority,
    /// Fetch the page of each new story
    #[arg(long)]
    pub(super) full_text: bool,
    /// It is a page, whose articles are found by what repeats
    #[arg(long)]
    pub(super) page: bool,
    /// It is a page: the selector of one article
    #[arg(long, value_name = "CSS")]
    pub(super) item: Option<String>,
    /// Within the item: the link
    #[arg(long, value_name = "CSS", requires = "item")]
    pub(super) link: Option<String>,
    /// Within the item: the title
    #[arg(long, value_name = "CSS", requires = "item")]
    pub(super) title: Option<String>,
    /// Within the item: the date
    #[arg(long, value_name = "CSS", requires = "item")]
    pub(super) date: Option<String>,
    /// Within the item: a summary
    #[arg(long, value_name = "CSS", requires = "item")]
    pub(super) summary: Option<String>,
}

fn priority(word: &str) -> Result<Priority, String> {
    Priority::parse(word).ok_or_else(|| "expected low, normal or high".to_owned())
}

/// Lists, shows, adds or removes.
pub(super) fn source(
    store: &mut dyn Store,
    command: &SourceCommand,
    checks: &Checks<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    match command {
        SourceCommand::List { all, failing } => {
            let mut sources = store.sources(if *all { Listed::All } else { Listed::Current })?;
            sources.retain(|source| !failing || source.state.health != SourceHealth::Well);
            list(sources, &pushed(store, screen.now())?, screen)
        }
        SourceCommand::Show { source } => {
            let source = lookup::source(store, source)?;
            let market = Market::from_bytes(&store.market()?).unwrap_or_default();
            let aside = Aside {
                channel: store.channel_of(source.id)?,
                paused: store.paused_until(registrable(source.spec.url.host_text()), screen.now())?,
            };
            show(&source, &why(&source.spec, &source.state, market.quote(), screen.now()), &aside, screen)
        }
        SourceCommand::Add(args) => add(store, args, checks, screen),
        SourceCommand::Remove { source } => remove(store, source, screen),
    }
}

/// The sources whose hubs are relied upon.
fn pushed(store: &mut dyn Store, now: Timestamp) -> anyhow::Result<BTreeSet<SourceId>> {
    let channels = store.channels()?.into_iter();
    Ok(channels.filter(|channel| channel.is_relied_upon(now)).map(|channel| channel.source).collect())
}

pub(super) fn list(sources: Vec<Source>, pushed: &BTreeSet<SourceId>, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(sources.iter().try_for_each(|source| screen.record(&json::source(source)))?);
    }
    if sources.is_empty() {
        screen.note("no sources; add one with: tidings source add URL");
        return Ok(());
    }
    let mut table = Table::new(["ID", "NAME", "HEALTH", "STORIES", "POLLED", "NEXT", "OUTCOME"]);
    for source in sources {
        let by_push = if pushed.contains(&source.id) { ", pushed" } else { "" };
        table.row([
            source.id.to_string(),
            source.spec.name,
            format!("{}{by_push}", source.state.health.label()),
            source.stories.to_string(),
            screen.when_known(source.state.last_poll_at),
            screen.when(source.state.next_poll_at),
            source.state.last_outcome,
        ]);
    }
    Ok(screen.table(&table)?)
}

/// What stands beside a source and settles when it is polled.
struct Aside {
    channel: Option<Channel>,
    paused: Option<Timestamp>,
}

fn show(source: &Source, why: &Why, aside: &Aside, screen: &mut Screen) -> anyhow::Result<()> {
    let Aside { channel, paused } = aside;
    if screen.is_json() {
        let push = channel.as_ref().map(|channel| channel::json(channel, screen.now()));
        return Ok(screen.record(&json::source_in_full(source, why, *paused, push))?);
    }
    let (spec, state) = (&source.spec, &source.state);
    screen.heading(&shown(&spec.name))?;
    screen.field("source", &format!("{} (from {})", source.id, json::origin(source.origin)))?;
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
    let minutes = |span: Duration| span.as_secs() / 60;
    screen.field(
        "interval",
        &format!(
            "{} min now, {} to {} allowed",
            minutes(state.interval),
            minutes(spec.interval_min),
            minutes(spec.interval_max)
        ),
    )?;
    screen.field("health", state.health.label())?;
    screen.field("last poll", &format!("{}: {}", screen.when_known(state.last_poll_at), state.last_outcome))?;
    if spec.kind.is_page() && source.stories == 0 && state.last_good_at.is_some() {
        screen
            .field("found", "no article so far: see what is there with `tidings inspect --list`, or give selectors")?;
    }
    screen.field("last good", &screen.when_known(state.last_good_at))?;
    screen.field("last story", &screen.when_known(state.last_story_at))?;
    screen.field("next poll", &screen.when(state.next_poll_at))?;
    let relied_upon = channel.as_ref().is_some_and(|channel| channel.is_relied_upon(screen.now()));
    let backed_up = relied_upon && why.bound == Bound::Moved;
    screen.field("because", if backed_up { "its hub pushes: polled as a back-up" } else { why.bound.label() })?;
    if let Some(until) = *paused {
        let domain = registrable(spec.url.host_text());
        screen.field("left alone", &format!("{domain} asked for it (Retry-After), until {}", screen.when(until)))?;
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
    channel.as_ref().map_or(Ok(()), |channel| channel::fields(channel, screen))
}

fn add(store: &mut dyn Store, args: &SourceAddArgs, checks: &Checks<'_>, screen: &mut Screen) -> anyhow::Result<()> {
    let url = WebUrl::parse(&args.url).map_err(|why| Refusal::Usage(why.to_string()))?;
    if args.interval_min == 0 || args.interval_min > args.interval_max {
        return Err(Refusal::Usage("--interval-min must be at least 1 and at most --interval-max".to_owned()).into());
    }
    let host = url.host_text().to_owned();
    let spec = SourceSpec {
        name: args.name.clone().unwrap_or_else(|| host.clone()),
        publisher: args.publisher.clone().unwrap_or_else(|| site(&host).to_owned()),
        kind: kind(args, checks)?,
        lang: args.lang.clone(),
        topics: lookup::topics(store, &args.topics)?,
        interval_min: Duration::from_mins(u64::from(args.interval_min)),
        interval_max: Duration::from_mins(u64::from(args.interval_max)),
        priority: args.priority,
        full_text: args.full_text,
        url,
    };
    let id = store.add_source(&spec, screen.now())?;
    if screen.is_json() {
        return Ok(screen.record(&json!({"id": id.0, "url": spec.url.as_str()}))?);
    }
    Ok(screen.line(&format!("added source {id}: {}", shown(spec.url.as_str())))?)
}

fn kind(args: &SourceAddArgs, checks: &Checks<'_>) -> Result<SourceKind, Refusal> {
    let Some(item) = &args.item else { return Ok(if args.page { SourceKind::List } else { SourceKind::Feed }) };
    let given = [&args.item, &args.link, &args.title, &args.date, &args.summary];
    for selector in given.into_iter().flatten() {
        if let Some(wrong) = (checks.selector)(selector) {
            return Err(Refusal::Usage(format!("{:?} is no CSS selector: {wrong}", shown(selector))));
        }
    }
    Ok(SourceKind::Page(PageSelectors {
        item: item.clone(),
        link: args.link.clone(),
        title: args.title.clone(),
        date: args.date.clone(),
        summary: args.summary.clone(),
    }))
}

fn remove(store: &mut dyn Store, wanted: &str, screen: &mut Screen) -> anyhow::Result<()> {
    let source = lookup::source(store, wanted)?;
    if source.origin == Origin::Config || !store.remove_source(source.id)? {
        return Err(lookup::declared("source", wanted).into());
    }
    if screen.is_json() {
        return Ok(screen.record(&json!({"id": source.id.0, "removed": true}))?);
    }
    Ok(screen.line(&format!("removed source {}: {}", source.id, shown(&source.spec.name)))?)
}
