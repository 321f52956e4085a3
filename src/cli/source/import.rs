//! `tidings source import`: the sources of a list.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use crate::feed::opml::{self, LeftOut, ListedSource, SourceList};
use crate::model::{SourceId, SourceKind, SourceSpec, TopicKey, TopicSpec};
use crate::port::{Listed, Store};

use super::Ground;
use super::known::{self, KnownSources};
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
    /// OPML of any version, or one address a line; \"-\" reads stdin
    pub(super) file: String,
    /// Say what would be added, and add nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Hold all of them against this topic alone, whatever their folders (may be repeated)
    #[arg(long = "topic", value_name = "ID")]
    pub(super) topics: Vec<String>,
}

/// What becomes of a listed source.
enum Fate {
    /// To be added.
    New,
    /// There is one at its address already.
    Known(String),
}

/// A list, sorted out.
#[derive(Default)]
struct Sorted {
    sources: Vec<(ListedSource, Fate)>,
    left_out: Vec<LeftOut>,
    /// Folders that are no topic, and how many sources stand in each.
    folders: BTreeMap<String, usize>,
    /// Topics that are not there, and how many sources are for them.
    absent_topics: BTreeMap<TopicKey, usize>,
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
    let known = KnownSources::read(store, ground.declared)?;
    let sorted = sort_out(list, known, &topics, &wanted, ground);
    let specs: Vec<SourceSpec> = sorted.fresh().map(|source| source.spec.clone()).collect();
    let ids = if args.dry_run { vec![None; specs.len()] } else { store.add_sources(&specs, screen.now())? };
    if screen.is_json() {
        return sorted.write_json(args, &ids, screen);
    }
    sorted.write(args, screen)?;
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

fn sort_out(
    list: SourceList,
    mut known: KnownSources,
    topics: &[TopicSpec],
    wanted: &[TopicKey],
    ground: &Ground<'_>,
) -> Sorted {
    let mut sorted = Sorted { left_out: list.left_out, ..Sorted::default() };
    for mut source in list.sources {
        if let Some(why) = wrong_selector(&source.spec, ground) {
            sorted.left_out.push(LeftOut { line: source.line, name: source.spec.name, why });
            continue;
        }
        if let Some(there) = known.at(&source.spec.url) {
            let there = there.to_owned();
            sorted.sources.push((source, Fate::Known(there)));
            continue;
        }
        known.put(&source.spec.url, format!("the one on line {}", source.line));
        if wanted.is_empty() {
            sorted.file(&mut source, topics);
        } else {
            source.spec.topics = wanted.to_vec();
        }
        sorted.sources.push((source, Fate::New));
    }
    sorted.left_out.sort_by_key(|left_out| left_out.line);
    sorted
}

fn wrong_selector(spec: &SourceSpec, ground: &Ground<'_>) -> Option<String> {
    let SourceKind::Page(selectors) = &spec.kind else { return None };
    let optional = [&selectors.link, &selectors.title, &selectors.date, &selectors.summary];
    let mut all = std::iter::once(&selectors.item).chain(optional.into_iter().flatten());
    all.find_map(|selector| {
        (ground.checks.selector)(selector).map(|wrong| format!("{:?} is no CSS selector: {wrong}", shown(selector)))
    })
}

impl Sorted {
    /// Puts a source under the topics that its folders are called like.
    fn file(&mut self, source: &mut ListedSource, topics: &[TopicSpec]) {
        for topic in &source.spec.topics {
            if topics.iter().all(|known| known.key != *topic) {
                *self.absent_topics.entry(topic.clone()).or_default() += 1;
            }
        }
        for folder in &source.filed {
            match known::topic_of_folder(topics, folder) {
                Some(topic) if source.spec.topics.contains(topic) => {}
                Some(topic) => source.spec.topics.push(topic.clone()),
                None => *self.folders.entry(folder.clone()).or_default() += 1,
            }
        }
    }

    fn fresh(&self) -> impl Iterator<Item = &ListedSource> {
        self.sources.iter().filter(|(_, fate)| matches!(fate, Fate::New)).map(|(source, _)| source)
    }

    fn write(&self, args: &ImportArgs, screen: &mut Screen) -> anyhow::Result<()> {
        let new = self.fresh().count();
        let verb = if args.dry_run { "would be added" } else { "added" };
        screen.line(&format!(
            "{}: {new} {verb}, {} known already, {} left out",
            shown(&args.file),
            self.sources.len() - new,
            self.left_out.len()
        ))?;
        for left_out in self.left_out.iter().take(NAMED_MAX) {
            let name = if left_out.name.is_empty() { String::new() } else { format!("{}: ", shown(&left_out.name)) };
            screen.line(&format!("  line {}: {name}{}", left_out.line, shown(&left_out.why)))?;
        }
        if self.left_out.len() > NAMED_MAX {
            screen.line(&format!("  and {} more (--json names all)", self.left_out.len() - NAMED_MAX))?;
        }
        let counted = |(name, count): (&String, &usize)| format!("{} ({count})", shown(name));
        if !self.folders.is_empty() {
            let named: Vec<String> = self.folders.iter().take(NAMED_MAX).map(counted).collect();
            let more = self.folders.len().saturating_sub(NAMED_MAX);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            screen.line(&format!("folders that are no topic, and mean nothing here: {}{more}", named.join(", ")))?;
        }
        if !self.absent_topics.is_empty() {
            let topics: Vec<String> =
                self.absent_topics.iter().map(|(key, count)| format!("{key} ({count})")).collect();
            screen.line(&format!(
                "topics that are not there yet, so that nothing is told of their sources: {}; see: tidings topic add",
                topics.join(", ")
            ))?;
        }
        Ok(())
    }

    fn write_json(&self, args: &ImportArgs, ids: &[Option<SourceId>], screen: &mut Screen) -> anyhow::Result<()> {
        let added = if args.dry_run { "would-add" } else { "added" };
        let mut ids = ids.iter();
        for (source, fate) in &self.sources {
            let topics: Vec<String> = source.spec.topics.iter().map(ToString::to_string).collect();
            let (outcome, id, why) = match fate {
                Fate::New => (added, ids.next().copied().flatten().map(|id| id.0), Value::Null),
                Fate::Known(there) => ("known", None, json!(there)),
            };
            screen.record(&json!({"line": source.line, "name": source.spec.name, "url": source.spec.url.as_str(),
                "topics": topics, "outcome": outcome, "id": id, "why": why}))?;
        }
        for left_out in &self.left_out {
            screen.record(&json!({"line": left_out.line, "name": left_out.name, "url": null, "topics": [],
                "outcome": "left-out", "id": null, "why": left_out.why}))?;
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
