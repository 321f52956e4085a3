//! `tidings source import`: the sources of a list.

use std::fs::File;
use std::io::Read as _;

use anyhow::Context as _;
use clap::Args;

use crate::discover::{Shelves, Sorted, sort_out};
use crate::feed::opml;
use crate::model::{PageSelectors, SourceId};
use crate::port::{Listed, Store};
use crate::server::wire;

use super::Ground;
use super::known;
use crate::cli::exit::Refusal;
use crate::cli::screen::{Screen, shown};

/// Bytes of a list that are read: a hundred thousand sources have some twenty million.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Sources left out that are named one by one; `--json` names all.
const NAMED_MAX: usize = 20;

/// The list to import.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings source import subscriptions.opml --dry-run
  tidings source import - < urls.txt

Folders and categories that are called like a topic hold their sources against it alone; others mean nothing here.
First polls are spread: twenty at once, then one a second (thousands within half an hour), those of one domain ten seconds
apart.")]
pub(in crate::cli) struct ImportArgs {
    /// OPML of any version, or one address a line; `-` reads stdin
    pub(super) file: String,
    /// Say what would be added, and add nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Hold all of them against this topic alone, whatever their folders (may be repeated)
    #[arg(long = "topic", value_name = "ID")]
    pub(super) topics: Vec<String>,
}

/// Adds what is not there yet.
pub(super) fn import(
    store: &mut dyn Store,
    args: &ImportArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let list = opml::read(&read(&args.file)?, ground.bounds);
    if let Some(fatal) = list.problems.iter().find(|problem| problem.fatal) {
        return Err(Refusal::Data(format!("read {} as a list of sources: {}", shown(&args.file), fatal.detail)).into());
    }
    for problem in &list.problems {
        let at = problem.offset.map(|at| format!(" (at byte {at})")).unwrap_or_default();
        screen.note(&format!("mended: {}{at}", shown(&problem.detail)));
    }
    let wanted = known::named_topics(store, ground.declared, &args.topics)?;
    let topics = known::topics(store, ground.declared)?;
    let known = known::sources(store, ground.declared)?;
    let wrong = |selectors: &PageSelectors| wrong_selector(selectors, ground);
    let sorted = sort_out(list, known, &Shelves { topics: &topics, wanted: &wanted, wrong_selector: &wrong });
    let specs = sorted.fresh();
    let ids = if args.dry_run { vec![None; specs.len()] } else { store.add_sources(&specs, screen.now())? };
    if screen.is_json() {
        let outcomes = wire::ImportedSource::all(&sorted, &ids, args.dry_run);
        return Ok(outcomes.iter().try_for_each(|outcome| screen.record(outcome))?);
    }
    Told(&sorted, &ids).write(args, screen)?;
    tell_spread(store, &ids, screen)
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == "-" {
        std::io::stdin().lock().take(BYTES_MAX).read_to_end(&mut bytes).context("read stdin")?;
    } else {
        let opened = File::open(file).map_err(|why| Refusal::Data(format!("read {}: {why}", shown(file))))?;
        opened.take(BYTES_MAX).read_to_end(&mut bytes).with_context(|| format!("read {}", shown(file)))?;
    }
    Ok(bytes)
}

fn wrong_selector(selectors: &PageSelectors, ground: &Ground<'_>) -> Option<String> {
    let optional = [&selectors.link, &selectors.title, &selectors.date, &selectors.summary];
    let mut all = std::iter::once(&selectors.item).chain(optional.into_iter().flatten());
    all.find_map(|selector| {
        (ground.checks.selector)(selector).map(|wrong| format!("{:?} is no CSS selector: {wrong}", shown(selector)))
    })
}

/// An outcome as it is told.
struct Told<'a>(&'a Sorted, &'a [Option<SourceId>]);

impl Told<'_> {
    fn write(&self, args: &ImportArgs, screen: &mut Screen) -> anyhow::Result<()> {
        let Self(sorted, ids) = self;
        let new = if args.dry_run { ids.len() } else { ids.iter().flatten().count() };
        let verb = if args.dry_run { "would be added" } else { "added" };
        screen.line(&format!(
            "{}: {new} {verb}, {} known already, {} left out",
            shown(&args.file),
            sorted.sources.len() - new,
            sorted.left_out.len()
        ))?;
        for left_out in sorted.left_out.iter().take(NAMED_MAX) {
            let name = if left_out.name.is_empty() { String::new() } else { format!("{}: ", shown(&left_out.name)) };
            screen.line(&format!("  line {}: {name}{}", left_out.line, shown(&left_out.why)))?;
        }
        if sorted.left_out.len() > NAMED_MAX {
            screen.line(&format!("  and {} more (--json names all)", sorted.left_out.len() - NAMED_MAX))?;
        }
        let counted = |(name, count): (&String, &usize)| format!("{} ({count})", shown(name));
        if !sorted.folders.is_empty() {
            let named: Vec<String> = sorted.folders.iter().take(NAMED_MAX).map(counted).collect();
            let more = sorted.folders.len().saturating_sub(NAMED_MAX);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            screen.line(&format!("folders that are no topic, and mean nothing here: {}{more}", named.join(", ")))?;
        }
        if !sorted.absent_topics.is_empty() {
            let topics: Vec<String> =
                sorted.absent_topics.iter().map(|(key, count)| format!("{key} ({count})")).collect();
            screen.line(&format!(
                "topics that are not there yet, so that nothing is told of their sources: {}; see: tidings topic add",
                topics.join(", ")
            ))?;
        }
        Ok(())
    }
}

/// Says until when the first polls are spread, where they are.
fn tell_spread(store: &mut dyn Store, ids: &[Option<SourceId>], screen: &mut Screen) -> anyhow::Result<()> {
    let added: std::collections::BTreeSet<SourceId> = ids.iter().flatten().copied().collect();
    let sources = store.sources(Listed::Current)?;
    let firsts = sources.iter().filter(|source| added.contains(&source.id)).map(|source| source.state.next_poll_at);
    if let Some(last) = firsts.max().filter(|last| *last > screen.now()) {
        screen.line(&format!("their first polls are spread; the last is due {}", screen.when(last)))?;
    }
    Ok(())
}
