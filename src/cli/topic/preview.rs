//! `tidings topic preview`: what another query would have told.

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::ingest::{Preview, Previewer, STORIES_MAX, Side};
use crate::model::{StoryId, Topic, TopicSpan, TopicSpec};
use crate::port::{Listed, Store};
use crate::server::wire;
use crate::text::counted;

use super::super::exit::Refusal;
use super::super::moment;
use super::super::screen::{Screen, Table};
use super::reading::query;
use super::{Ground, check_query};

/// Stories read in one go.
const PAGE: usize = 500;
/// Clauses that are listed.
const CLAUSES: usize = 10;

/// What is tried.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings topic preview moon --query 'lunar AND (lander OR rover OR probe)'
  tidings topic preview moon --since 7d --json

Stories are decided twice, as by tidings backtest --since: by the query that is saved and by the one that is tried. Nothing is told
or kept. Without --query it shows what the saved one tells, and what it just misses.")]
pub(in crate::cli) struct PreviewArgs {
    /// The topic's id
    pub(in crate::cli) id: String,
    /// The query that is tried
    #[arg(long)]
    pub(in crate::cli) query: Option<String>,
    /// With this first day
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) from: Option<Date>,
    /// With this last day
    #[arg(long, value_name = "DAY")]
    pub(in crate::cli) until: Option<Date>,
    /// Over stories first seen since then: 2021-11-03, 24h, 30d
    #[arg(long, value_name = "WHEN", default_value = "30d")]
    pub(in crate::cli) since: String,
}

/// Looks through what is stored, and shows what is gained and lost.
pub(super) fn run(
    store: &mut dyn Store,
    topic: &Topic,
    args: &PreviewArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let since = moment::parse(&args.since, screen.now()).map_err(Refusal::Usage)?;
    if let Some(query) = &args.query {
        check_query(query, ground)?;
    }
    let held = topic.spec.span;
    let span = TopicSpan::new(args.from.or(held.from()), args.until.or(held.until()))
        .ok_or_else(|| Refusal::Usage("its last day comes before its first: give both".to_owned()))?;
    let tried =
        TopicSpec { query: args.query.clone().unwrap_or_else(|| topic.spec.query.clone()), span, ..topic.spec.clone() };
    let preview = look(store, topic, &tried, (since, ground), screen)?;
    if screen.is_json() {
        return Ok(screen.record(&wire::Preview::from(&preview))?);
    }
    tell(&preview, screen)
}

fn look(
    store: &mut dyn Store,
    topic: &Topic,
    tried: &TopicSpec,
    (since, ground): (Timestamp, &Ground<'_>),
    screen: &Screen,
) -> anyhow::Result<Preview> {
    let parsed = query(&Topic { spec: tried.clone(), origin: topic.origin })?;
    let sources = store.sources(Listed::All)?;
    let mut previewer = Previewer::new(Some(&topic.spec), (tried, parsed), ground.policy).heeding(&sources);
    let (of, mut after) = store.newest_stories(since, STORIES_MAX)?;
    loop {
        let page = store.stories_since(since, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = StoryId(last.id.0);
        for story in page {
            previewer.take(story);
        }
    }
    Ok(previewer.end((since, screen.now()), of))
}

fn tell(preview: &Preview, screen: &mut Screen) -> anyhow::Result<()> {
    let told = preview.told();
    let (gained, lost) = (preview.count(Side::Gained), preview.count(Side::Lost));
    if preview.extent.is_cut() {
        screen.note(&format!(
            "the newest {} of {} stories are looked through; shorten --since",
            preview.extent.looked, preview.extent.of
        ));
    }
    if !preview.changes.is_empty() {
        let mut table = Table::new(["change", "id", "title", "why not by the other"]);
        for one in &preview.changes {
            let row = [one.side.label().to_owned(), one.card.id.to_string(), one.card.title.clone(), one.why.clone()];
            table.row(row);
        }
        screen.table(&table)?;
    }
    screen.line(&format!(
        "{}: {gained} gained, {lost} lost, {} told by both; {} told as saved, {} as tried",
        counted(preview.stories, "story", "stories"),
        preview.both,
        told.saved,
        told.tried
    ))?;
    let near = &preview.near;
    screen.line(&format!("{} a single clause", counted(near.count, "story misses", "stories miss")))?;
    if near.count > 0 {
        let mut table = Table::new(["clause", "stories that miss it alone"]);
        near.clauses.iter().take(CLAUSES).for_each(|(clause, count)| table.row([clause.clone(), count.to_string()]));
        screen.table(&table)?;
    }
    let busy = preview.days.iter().filter(|day| day.told.saved + day.told.tried > 0);
    let mut table = Table::new(["day", "told as saved", "as tried"]);
    busy.for_each(|day| table.row([day.day.to_string(), day.told.saved.to_string(), day.told.tried.to_string()]));
    if preview.earlier.saved + preview.earlier.tried > 0 {
        let earlier = preview.earlier;
        table.row(["before".to_owned(), earlier.saved.to_string(), earlier.tried.to_string()]);
    }
    if told.saved + told.tried > 0 {
        screen.table(&table)?;
    }
    Ok(())
}
