//! `tidings topic edit` and `undo`: a new version of a topic.

use std::time::Duration;

use clap::{ArgGroup, Args};
use jiff::civil::Date;

use crate::model::{Origin, Over, Saving, Topic, TopicSpan, TopicSpec};
use crate::port::Store;

use super::super::exit::Refusal;
use super::super::lookup;
use super::super::screen::Screen;
use super::{Ground, check_query, saved, saving, show};

/// What is changed of a topic; what isn't named stays.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings topic preview moon --query 'lunar AND (lander OR rover OR probe)'
  tidings topic edit moon --query 'lunar AND (lander OR rover OR probe)'
  tidings topic edit moon --name 'Back to the Moon' --no-until

A running daemon goes by it from its next decision on; what was decided before stays. What the configuration file declares
is changed there.")]
#[command(group(ArgGroup::new("changes").required(true).multiple(true)
    .args(["query", "name", "from", "no_from", "until", "no_until", "fresh_hours", "stale_days"])))]
pub(in crate::cli) struct EditArgs {
    /// The topic's id
    pub(in crate::cli) id: String,
    /// What to look for
    #[arg(long)]
    pub(in crate::cli) query: Option<String>,
    /// What people call it
    #[arg(long)]
    pub(in crate::cli) name: Option<String>,
    /// Its first day
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) from: Option<Date>,
    /// It has no first day any more
    #[arg(long, conflicts_with = "from")]
    pub(in crate::cli) no_from: bool,
    /// Its last day
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) until: Option<Date>,
    /// It has no last day any more
    #[arg(long, conflicts_with = "until")]
    pub(in crate::cli) no_until: bool,
    /// Tell entries of a source's first poll published within so many hours
    #[arg(long, value_name = "HOURS")]
    pub(in crate::cli) fresh_hours: Option<u32>,
    /// Tell later entries unless older than so many days
    #[arg(long, value_name = "DAYS")]
    pub(in crate::cli) stale_days: Option<u32>,
}

/// Which version is saved anew.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tidings topic undo moon\n  tidings topic undo moon --version 2")]
pub(in crate::cli) struct UndoArgs {
    /// The topic's id
    pub(in crate::cli) id: String,
    /// This version; without it the one before the newest
    #[arg(long, value_name = "N")]
    pub(in crate::cli) version: Option<u32>,
}

/// Saves what is changed.
pub(super) fn edit(
    store: &mut dyn Store,
    topic: &Topic,
    args: &EditArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let held = &topic.spec;
    if let Some(query) = &args.query {
        check_query(query, ground)?;
    }
    let spec = TopicSpec {
        key: held.key.clone(),
        name: args.name.clone().unwrap_or_else(|| held.name.clone()),
        query: args.query.clone().unwrap_or_else(|| held.query.clone()),
        fresh: args.fresh_hours.map_or(held.fresh, |hours| Duration::from_hours(u64::from(hours))),
        stale: args.stale_days.map_or(held.stale, |days| Duration::from_hours(24 * u64::from(days))),
        span: span(held.span, args)?,
    };
    keep(store, topic, &spec, &saving(Over::Newest), ground, screen)
}

/// The topic's days, as they are changed.
fn span(held: TopicSpan, args: &EditArgs) -> anyhow::Result<TopicSpan> {
    let from = if args.no_from { None } else { args.from.or(held.from()) };
    let until = if args.no_until { None } else { args.until.or(held.until()) };
    let span = TopicSpan::new(from, until);
    Ok(span.ok_or_else(|| Refusal::Usage("its last day comes before its first: give both".to_owned()))?)
}

/// Saves an older version anew.
pub(super) fn undo(
    store: &mut dyn Store,
    topic: &Topic,
    args: &UndoArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let id = topic.spec.key.as_str();
    let older = store.version_to_restore(&topic.spec.key, args.version)?.ok_or_else(|| match args.version {
        Some(number) => Refusal::Data(format!("{id} has no version {number}: tidings topic history {id}")),
        None => Refusal::Data(format!("{id} has no earlier version")),
    })?;
    let saving = Saving { restores: Some(older.number), ..saving(Over::Newest) };
    keep(store, topic, &older.spec, &saving, ground, screen)
}

fn keep(
    store: &mut dyn Store,
    topic: &Topic,
    spec: &TopicSpec,
    saving: &Saving,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    if topic.origin == Origin::Config {
        return Err(lookup::declared_to_change("topic", spec.key.as_str()).into());
    }
    let version = saved(store, spec, saving, screen)?;
    screen.note(&format!("version {version}"));
    show::show(store, &Topic { spec: spec.clone(), origin: Origin::Api }, ground, screen)
}
