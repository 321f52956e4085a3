//! `tidings story`: what publishers wrote, and what operators say of it.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use crate::model::{Correction, Mark, Story};
use crate::port::Store;
use crate::server::search::Search;
use crate::server::wire;
use crate::text::{counted, lead};

use super::exit::Refusal;
use super::screen::{Screen, Table};
use super::{correction, explain, lookup, moment};

/// Stories are listed from so long ago on, unless `--since` says otherwise.
const RECENT: Duration = Duration::from_hours(24);
/// Characters of a text that are shown.
const TEXT_CHARS: usize = 600;

#[derive(Debug, Subcommand)]
pub(super) enum StoryCommand {
    /// List the newest stories of the last day, or those that hold words, newest first
    List(StoryListArgs),
    /// Show a story, its versions and what changed between them
    Show {
        /// Its address or number
        #[arg(value_name = "URL|ID")]
        story: String,
    },
    /// Say that a story is off a topic, or on it, whatever the query says
    Mark(StoryMarkArgs),
}

/// Which stories.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tidings story list --words 'arms treaty'\n  tidings story list --since 3h")]
pub(super) struct StoryListArgs {
    /// Whose title or text holds all of these words, or fulfils this query (written as a topic's), newest first
    #[arg(long, value_name = "QUERY")]
    pub(super) words: Option<String>,
    /// Seen since then: 2021-11-03, 24h, 3d
    #[arg(long, value_name = "WHEN")]
    pub(super) since: Option<String>,
    /// Seen before then
    #[arg(long, value_name = "WHEN", requires = "words")]
    pub(super) until: Option<String>,
    /// In an event of this topic
    #[arg(long, value_name = "ID", requires = "words")]
    pub(super) topic: Option<String>,
    /// In this language: en, uk
    #[arg(long, value_name = "LANG", requires = "words")]
    pub(super) lang: Option<String>,
    /// Of this publisher
    #[arg(long, value_name = "NAME", requires = "words")]
    pub(super) publisher: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub(super) limit: usize,
}

/// What a story is.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tidings story mark 4711 off-topic\n  tidings story mark https://example.org/a on-topic --topic resolution"
)]
pub(super) struct StoryMarkArgs {
    /// Its address or number
    #[arg(value_name = "STORY")]
    pub(super) story: String,
    /// Which of the two
    #[arg(value_name = "off-topic|on-topic", hide_possible_values = true)]
    pub(super) mark: MarkWord,
    /// The topic; where none is named, all that the story is on
    #[arg(long, value_name = "ID")]
    pub(super) topic: Option<String>,
    /// Tell subscribers of a story that is on the topic, as of any other
    #[arg(long)]
    pub(super) tell: bool,
}

/// How a mark is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum MarkWord {
    /// Not on the topic
    OffTopic,
    /// On the topic
    OnTopic,
}

/// Lists, shows or marks.
pub(super) fn story(store: &mut dyn Store, command: &StoryCommand, screen: &mut Screen) -> anyhow::Result<()> {
    match command {
        StoryCommand::List(args) => list(store, args, screen),
        StoryCommand::Show { story } => {
            let known = lookup::story(store, story)?;
            if screen.is_json() {
                return Ok(screen.record(&wire::Explained::from(&known))?);
            }
            explain::head(&known, screen)?;
            // Of each topic the last decision holds.
            let last: BTreeMap<_, _> = known.decisions.iter().map(|one| (one.topic.as_ref(), one.event)).collect();
            for event in known.events.iter().filter(|event| last.values().any(|held| *held == Some(event.id))) {
                screen.field("event", &format!("{}: {}", event.id, event.title))?;
            }
            let text = &known.story.draft.text;
            if !text.is_empty() {
                screen.field("text", lead(text, TEXT_CHARS))?;
            }
            Ok(())
        }
        StoryCommand::Mark(args) => {
            let story = lookup::story(store, &args.story)?.story.id;
            let named: Vec<String> = args.topic.iter().cloned().collect();
            let topic = lookup::topics(store, &named)?.pop();
            let mark = match args.mark {
                MarkWord::OffTopic => Mark::OffTopic,
                MarkWord::OnTopic => Mark::OnTopic,
            };
            let hush = correction::hush(args.tell);
            correction::carry_out(store, &Correction::Mark { story, mark, topic, hush }, screen)
        }
    }
}

fn list(store: &mut dyn Store, args: &StoryListArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let moment = |text: &String| moment::parse(text, screen.now()).map_err(Refusal::Usage);
    let since = args.since.as_ref().map(moment).transpose()?;
    let (stories, left_out): (Vec<Story>, Option<String>) = if let Some(words) = &args.words {
        let end = |text: &String| moment::parse_end(text, screen.now()).map_err(Refusal::Usage);
        let until = args.until.as_ref().map(end).transpose()?;
        let topic = lookup::topics(store, &args.topic.iter().cloned().collect::<Vec<_>>())?.pop();
        let search = Search::of(words, args.limit).map_err(|faults| {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Refusal::Usage(format!("--words {words:?}: {}", faults.join("; ")))
        })?;
        let (lang, publisher) = (args.lang.clone(), args.publisher.clone());
        let search = Search { topic, lang, publisher, since, until, ..search };
        let found = search.ask_store(store)?;
        let left_out = found.before.map(|_more| "there may be older ones: --limit, or --until".to_owned());
        (found.stories.into_iter().map(|(story, _)| story).collect(), left_out)
    } else {
        let since = since.map_or_else(|| screen.now().checked_sub(RECENT), Ok)?;
        let (count, after) = store.newest_stories(since, args.limit)?;
        let mut stories = store.stories_since(since, after, args.limit)?;
        stories.reverse();
        let older = count.saturating_sub(stories.len());
        let said = || counted(older, "older story of that time is left out", "older stories of that time are left out");
        (stories, (older > 0).then(|| format!("{}: --limit", said())))
    };
    if let Some(said) = left_out {
        screen.note(&said);
    }
    if screen.is_json() {
        return Ok(stories.iter().try_for_each(|story| screen.record(&wire::Story::from(story)))?);
    }
    if stories.is_empty() {
        screen.note("no stories");
        return Ok(());
    }
    let mut table = Table::new(["ID", "SEEN", "PUBLISHER", "TITLE"]);
    for story in stories {
        let draft = story.draft;
        table.row([story.id.to_string(), screen.when(story.seen_at), draft.publisher, draft.title]);
    }
    Ok(screen.table(&table)?)
}
