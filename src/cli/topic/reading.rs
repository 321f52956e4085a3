//! What `suggest` and `train` read: stored stories with what was decided and said of them, articles of a file, and meanings.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressDrawTarget};

use crate::encode::{Compact, WIDTH};
use crate::ingest::Reader;
use crate::model::{Mark, Story, StoryDraft, StoryId, Topic};
use crate::port::Store;
use crate::topic::Query;
use crate::weights::{Model, ModelError};

use super::super::backtest;
use super::super::exit::Refusal;
use super::super::moment;
use super::super::screen::Screen;

/// Stories read in one go.
const PAGE: usize = 500;
/// Stories that are looked through at most: some hundreds of megabytes.
const STORIES_MAX: usize = 100_000;

/// A story with what is known of it on the topic.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    /// The story; of a file, numbered by its place.
    pub(super) story: Story,
    /// What it is called: its number, or its id in the file.
    pub(super) name: String,
    /// Whether it is in an event of the topic.
    pub(super) is_on: bool,
    /// What the operator said.
    pub(super) said: Option<Mark>,
    /// What it means, where that is stored.
    pub(super) meaning: Option<Compact>,
}

impl Stored {
    /// Whether it is of the topic's days.
    pub(super) fn is_in(&self, topic: &Topic) -> bool {
        topic.spec.span.contains(self.story.draft.published.unwrap_or(self.story.seen_at))
    }
}

/// The topic's query, ready.
pub(super) fn query(topic: &Topic) -> anyhow::Result<Query> {
    let parsed = Query::parse(&topic.spec.query);
    Ok(parsed.map_err(|_faults| Refusal::Data(format!("the query of {} can't be read", topic.spec.key)))?)
}

/// Stored stories first seen since then.
pub(super) fn stored(
    store: &mut dyn Store,
    topic: &Topic,
    since: &str,
    screen: &mut Screen,
) -> anyhow::Result<Vec<Stored>> {
    let since = moment::parse(since, screen.now()).map_err(Refusal::Usage)?;
    let (mut found, mut after) = (Vec::new(), StoryId(0));
    loop {
        let page = store.stories_since(since, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(found) };
        after = last.id;
        let ids: Vec<StoryId> = page.iter().map(|story| story.id).collect();
        for (story, stands) in page.into_iter().zip(store.standings(&topic.spec.key, &ids)?) {
            let meaning = stands.meaning.and_then(|bytes| <[u8; WIDTH]>::try_from(bytes).ok());
            found.push(Stored {
                name: story.id.to_string(),
                is_on: stands.is_on,
                said: stands.mark,
                meaning: meaning.map(|bytes| Compact::from_bytes(&bytes)),
                story,
            });
        }
        if found.len() >= STORIES_MAX {
            screen.note(&format!("more than {STORIES_MAX} stories: the oldest of them are looked at; shorten --since"));
            return Ok(found);
        }
    }
}

/// Articles of a file with whether each is on the topic.
pub(super) fn judged(file: &Path) -> anyhow::Result<Vec<(StoryDraft, bool)>> {
    let (_, drafts, judged) = backtest::recorded_with_judgment(file)?;
    let pairs: Vec<_> = drafts.into_iter().zip(judged).filter_map(|(draft, is_on)| Some((draft, is_on?))).collect();
    if pairs.is_empty() {
        let said = format!("{}: no line has \"relevant\": true or false", file.display());
        return Err(Refusal::Data(said).into());
    }
    Ok(pairs)
}

/// Reads what stories mean; the first failure is kept and told at the end.
pub(super) struct Reading<'a> {
    model: &'a Model,
    failed: RefCell<Option<ModelError>>,
    /// Found already, by fingerprint.
    known: RefCell<BTreeMap<u64, Option<Compact>>>,
    bar: ProgressBar,
}

impl<'a> Reading<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        Self { model, failed: RefCell::new(None), known: RefCell::default(), bar }
    }

    /// What a story means.
    pub(super) fn meaning(&self, draft: &StoryDraft) -> Option<Compact> {
        if let Some(known) = self.known.borrow().get(&draft.fingerprint) {
            return known.clone();
        }
        self.bar.inc(1);
        let read = self.model.meaning(draft).unwrap_or_else(|error| {
            self.failed.borrow_mut().get_or_insert(error);
            None
        });
        self.known.borrow_mut().insert(draft.fingerprint, read.clone());
        read
    }

    /// Does something with a reader that takes a story's stored meaning where there is one.
    pub(super) fn with<T>(&self, one: &Stored, ask: impl FnOnce(Reader<'_>) -> T) -> T {
        let read = |draft: &StoryDraft| one.meaning.clone().or_else(|| self.meaning(draft));
        ask(Reader(Some(&read)))
    }

    /// Says what went wrong, if anything did.
    pub(super) fn finish(&self) -> anyhow::Result<()> {
        self.bar.finish_and_clear();
        self.failed.borrow_mut().take().map_or(Ok(()), Err).context("read what a story means")
    }
}
