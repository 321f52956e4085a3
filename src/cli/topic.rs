//! `tidings topic`: what is watched.

use std::io;
use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::json;

use crate::config::{Checks, Problems};
use crate::dedup::EventPolicy;
use crate::model::{Origin, Over, Saving, Topic, TopicKey, TopicSpan, TopicSpec, Unsaved};
use crate::port::{Adrift, Store};
use crate::server::wire;
use crate::weights::Model;

use super::exit::Refusal;
use super::lookup;
use super::screen::{Screen, Table, shown};

mod edit;
mod history;
mod preview;
mod reading;
mod show;
mod suggest;
mod train;

use edit::{EditArgs, UndoArgs};
use preview::PreviewArgs;
use suggest::SuggestArgs;
use train::TrainArgs;

#[derive(Debug, Subcommand)]
pub(super) enum TopicCommand {
    /// List topics
    List,
    /// Show a topic: its query, and how alike stories must be now to be one event of it
    Show {
        /// Its id
        id: String,
    },
    /// Add a topic
    Add(TopicAddArgs),
    /// Change a topic that was added here: a new version of it
    Edit(EditArgs),
    /// Show what another query would have told over what is stored, against the saved one
    Preview(PreviewArgs),
    /// Show a topic's versions: when each was saved, by what, and how it differs from the one before
    History {
        /// Its id
        id: String,
    },
    /// Save an older version of a topic anew
    Undo(UndoArgs),
    /// Ask about stories that the query may miss or take wrongly, and propose words for it
    Suggest(SuggestArgs),
    /// Learn from your answers which stories are on it, behind the query
    Train(TrainArgs),
    /// Remove a topic that was added here; its events stay
    Remove {
        /// Its id
        id: String,
    },
}

/// The topic to add.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tidings topic add moon --name 'Back to the Moon' --query 'lunar AND (lander OR rover)'"
)]
pub(super) struct TopicAddArgs {
    /// A short name: 1 to 64 of a-z, 0-9, - and _
    pub(super) id: String,
    /// What to look for: AND, OR, NOT, parentheses, "phrases", prefix*
    #[arg(long)]
    pub(super) query: String,
    /// What people call it
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Its first day: no story published before is on it
    #[arg(long, value_name = "DAY")]
    pub(super) from: Option<Date>,
    /// Its last day
    #[arg(long, value_name = "DAY")]
    pub(super) until: Option<Date>,
    /// Tell entries of a source's first poll published within so many hours
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub(super) fresh_hours: u32,
    /// Tell later entries unless older than so many days
    #[arg(long, value_name = "DAYS", default_value_t = 7)]
    pub(super) stale_days: u32,
}

/// What the commands need besides the store.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) checks: Checks<'a>,
    /// By what events are told apart.
    pub(super) policy: EventPolicy,
    /// Opens the sentence model, where one is installed.
    pub(super) model: &'a dyn Fn() -> anyhow::Result<Option<Model>>,
    /// Reads a line that somebody types; nothing at the end. `None` where no terminal reads.
    pub(super) answer: Option<&'a Answers<'a>>,
}

type Answers<'a> = dyn Fn() -> io::Result<Option<String>> + 'a;

/// Lists, shows, adds or removes.
pub(super) fn topic(
    store: &mut dyn Store,
    command: &TopicCommand,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    match command {
        TopicCommand::List => list(store, screen),
        TopicCommand::Show { id } => {
            let topic = find(store, id)?;
            show::show(store, &topic, ground, screen)
        }
        TopicCommand::Add(args) => add(store, args, ground, screen),
        TopicCommand::Edit(args) => {
            let topic = find(store, &args.id)?;
            edit::edit(store, &topic, args, ground, screen)
        }
        TopicCommand::Preview(args) => {
            let topic = find(store, &args.id)?;
            preview::run(store, &topic, args, ground, screen)
        }
        TopicCommand::History { id } => {
            let topic = find(store, id)?;
            history::show(store, &topic, screen)
        }
        TopicCommand::Undo(args) => {
            let topic = find(store, &args.id)?;
            edit::undo(store, &topic, args, ground, screen)
        }
        TopicCommand::Suggest(args) => {
            let topic = find(store, &args.id)?;
            suggest::run(store, &topic, args, ground, screen)
        }
        TopicCommand::Train(args) => {
            let topic = find(store, &args.id)?;
            train::run(store, &topic, args, ground, screen)
        }
        TopicCommand::Remove { id } => remove(store, id, screen),
    }
}

fn find(store: &mut dyn Store, id: &str) -> anyhow::Result<Topic> {
    let found = store.topics()?.into_iter().find(|topic| topic.spec.key.as_str() == id);
    Ok(found.ok_or_else(|| lookup::absent("topic", id, "tidings topic list"))?)
}

fn list(store: &mut dyn Store, screen: &mut Screen) -> anyhow::Result<()> {
    let topics = store.topics()?;
    if screen.is_json() {
        return Ok(topics.iter().try_for_each(|topic| screen.record(&wire::Topic::from(topic)))?);
    }
    if topics.is_empty() {
        screen.note("no topics; add one with: tidings topic add ID --query 'QUERY'");
        return Ok(());
    }
    let mut table = Table::new(["ID", "NAME", "FROM", "QUERY"]);
    for Topic { spec, origin } in topics {
        table.row([spec.key.to_string(), spec.name, origin.label().to_owned(), spec.query.trim().to_owned()]);
    }
    Ok(screen.table(&table)?)
}

fn add(store: &mut dyn Store, args: &TopicAddArgs, ground: &Ground<'_>, screen: &mut Screen) -> anyhow::Result<()> {
    let key = TopicKey::parse(&args.id).ok_or_else(|| {
        Refusal::Usage(format!("{:?} is no id of a topic (expected 1 to 64 of a-z, 0-9, - and _)", shown(&args.id)))
    })?;
    check_query(&args.query, ground)?;
    let span = TopicSpan::new(args.from, args.until)
        .ok_or_else(|| Refusal::Usage("--until comes before --from: give the first day and the last".to_owned()))?;
    let spec = TopicSpec {
        span,
        name: args.name.clone().unwrap_or_else(|| args.id.clone()),
        query: args.query.clone(),
        fresh: Duration::from_hours(u64::from(args.fresh_hours)),
        stale: Duration::from_hours(24 * u64::from(args.stale_days)),
        key,
    };
    saved(store, &spec, &saving(Over::Nothing), screen)?;
    show::show(store, &Topic { spec, origin: Origin::Api }, ground, screen)
}

/// Holds a query against the grammar.
fn check_query(query: &str, ground: &Ground<'_>) -> anyhow::Result<()> {
    if query.trim().is_empty() {
        return Err(Refusal::Usage("the query is empty".to_owned()).into());
    }
    let mistakes = (ground.checks.query)(query);
    if !mistakes.is_empty() {
        return Err(Refusal::Query(Problems::of_query(query, &mistakes)).into());
    }
    Ok(())
}

/// How a topic is saved here.
fn saving(over: Over) -> Saving {
    Saving { by: "the command line".to_owned(), over, restores: None }
}

/// Saves a topic; gives its version's number.
fn saved(store: &mut dyn Store, spec: &TopicSpec, saving: &Saving, screen: &Screen) -> anyhow::Result<u32> {
    let id = spec.key.as_str();
    store.save_topic(spec, saving, screen.now())?.map_err(|why| match why {
        Unsaved::Absent => lookup::absent("topic", id, "tidings topic list").into(),
        Unsaved::Declared => lookup::declared("topic", id).into(),
        Unsaved::Overtaken { newest, .. } => {
            Refusal::Data(format!("version {newest} of {id} was saved meanwhile: tidings topic history {id}")).into()
        }
    })
}

fn remove(store: &mut dyn Store, id: &str, screen: &mut Screen) -> anyhow::Result<()> {
    let topic = find(store, id)?;
    if topic.origin == Origin::Config || !store.remove_topic(&topic.spec.key)? {
        return Err(lookup::declared("topic", id).into());
    }
    let adrift = store.adrift()?.words();
    if screen.is_json() {
        return Ok(screen.record(&json!({"id": id, "removed": true, "note": adrift}))?);
    }
    screen.line(&format!("removed topic {id}"))?;
    if let Some(said) = adrift {
        screen.note(&format!("note: {said}; {}", Adrift::HELP));
    }
    Ok(())
}
