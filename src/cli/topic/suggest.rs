//! `tidings topic suggest`: asks which stories are on the topic, and proposes words for its query.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use crate::ingest::{Considered, Doubt, Suggestions, Term, suggest};
use crate::model::{Arrival, Correction, Hush, Mark, SourceId, Story, StoryId, StoryState, Topic};
use crate::port::Store;
use crate::text::{counted, lead};

use super::super::screen::{Screen, Table};
use super::super::{backtest, correction};
use super::Ground;
use super::reading::{Reading, Stored, query, stored};

/// Characters of a text that are shown with a question.
const SHOWN_CHARS: usize = 300;

/// Over what.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings topic suggest resolution
  tidings topic suggest resolution --since 7d --limit 40
  tidings topic suggest resolution --articles articles.jsonl --json

In a terminal each story is asked about: y (on the topic), n (off it), s (skip), q (quit). Answers are kept at once, as by
tidings story mark, and are what tidings topic train learns from. A file's articles are listed, and not asked about.")]
pub(in crate::cli) struct SuggestArgs {
    /// The topic's id
    pub(in crate::cli) id: String,
    /// Articles as JSON Lines, as tidings backtest takes them, in place of what is stored
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) articles: Option<PathBuf>,
    /// Stored stories first seen since then: 2021-11-03, 24h, 30d
    #[arg(long, value_name = "WHEN", default_value = "30d", conflicts_with = "articles")]
    pub(in crate::cli) since: String,
    /// At most so many stories of either kind
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(in crate::cli) limit: usize,
}

/// Looks through stories, asks or lists, and proposes.
pub(super) fn run(
    store: &mut dyn Store,
    topic: &Topic,
    args: &SuggestArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let query = query(topic)?;
    let model = (ground.model)()?;
    let stories = match &args.articles {
        Some(file) => recorded(file, topic, &query, screen.now())?,
        None => stored(store, topic, &args.since, screen)?,
    };
    let stories: Vec<Stored> = stories.into_iter().filter(|one| one.is_in(topic)).collect();
    let reading = model.as_ref().map(Reading::of);
    let considered: Vec<Considered<'_>> = stories
        .iter()
        .map(|one| {
            let read = || reading.as_ref().and_then(|reading| reading.meaning(&one.story.draft));
            let meaning = one.meaning.clone().or_else(read);
            Considered { draft: &one.story.draft, meaning, is_on: one.is_on, mark: one.said }
        })
        .collect();
    reading.as_ref().map_or(Ok(()), Reading::finish)?;
    let mut found = suggest(&query, &considered);
    found.near_misses.truncate(args.limit);
    found.false_hits.truncate(args.limit);
    if screen.is_json() {
        return list_json(&found, &stories, screen);
    }
    let on = stories.iter().filter(|one| one.is_on).count();
    screen.line(&format!("{}, {on} of them on the topic", counted(stories.len(), "story", "stories")))?;
    if model.is_none() {
        screen.note("no sentence model is installed: stories are compared by their words, within a language");
    }
    match ground.answer.filter(|_| args.articles.is_none()) {
        Some(answer) => ask(store, topic, (&found, &stories), answer, screen)?,
        None => list(&found, &stories, screen)?,
    }
    propose(&found.terms, screen)
}

/// A file's articles, on the topic where the query holds.
fn recorded(
    file: &std::path::Path,
    topic: &Topic,
    query: &crate::topic::Query,
    now: Timestamp,
) -> anyhow::Result<Vec<Stored>> {
    let (ids, drafts, judged) = backtest::recorded_with_judgment(file)?;
    let one = |(place, ((name, draft), judged)): (i64, ((String, _), Option<bool>))| {
        let draft: crate::model::StoryDraft = draft;
        let tokens = crate::topic::StoryTokens::of(crate::topic::StoryText::from(&draft));
        let is_on = query.nearness(&tokens).missed == 0 && topic.spec.span.contains(draft.published.unwrap_or(now));
        let story = Story {
            id: StoryId(place),
            source: SourceId(0),
            seen_at: draft.published.unwrap_or(now),
            draft,
            arrival: Arrival::Later,
            revision: 1,
            state: StoryState::Decided,
        };
        let said = judged.map(|is_on| if is_on { Mark::OnTopic } else { Mark::OffTopic });
        Stored { story, name, is_on, said, meaning: None }
    };
    Ok((1..).zip(ids.into_iter().zip(drafts).zip(judged)).map(one).collect())
}

/// The two kinds of doubt, with what is asked.
fn doubts<'a>(
    found: &'a Suggestions,
    stories: &'a [Stored],
) -> impl Iterator<Item = (&'static str, &'a Doubt, &'a Stored)> {
    let kinds = [("near miss", &found.near_misses), ("likely false hit", &found.false_hits)];
    kinds
        .into_iter()
        .flat_map(|(kind, doubts)| doubts.iter().map(move |doubt| (kind, doubt)))
        .filter_map(|(kind, doubt)| Some((kind, doubt, stories.get(doubt.place)?)))
}

/// Asks about each, and keeps each answer at once.
fn ask(
    store: &mut dyn Store,
    topic: &Topic,
    (found, stories): (&Suggestions, &[Stored]),
    answer: &super::Answers<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    for (kind, doubt, one) in doubts(found, stories) {
        let draft = &one.story.draft;
        screen.line("")?;
        screen.heading(&super::super::screen::shown(&draft.title))?;
        screen.field(kind, &doubt.why)?;
        screen.field("publisher", &draft.publisher)?;
        screen.field("address", if draft.link.is_empty() { &draft.url } else { &draft.link })?;
        screen.field("text", lead(&draft.text, SHOWN_CHARS))?;
        screen.note(&format!("is it on {}? [y/n/s/q]", topic.spec.name));
        let mark = loop {
            match answer()?.as_deref().map(str::trim) {
                Some("y" | "Y" | "yes") => break Some(Mark::OnTopic),
                Some("n" | "N" | "no") => break Some(Mark::OffTopic),
                Some("s" | "S" | "skip" | "") => break None,
                Some("q" | "Q" | "quit") | None => return Ok(()),
                Some(_) => screen.note("y (on the topic), n (off it), s (skip) or q (quit)"),
            }
        };
        if let Some(mark) = mark {
            let correction =
                Correction::Mark { story: one.story.id, mark, topic: Some(topic.spec.key.clone()), hush: Hush::Quiet };
            // A story that retention or another answer took meanwhile is no reason to ask no more.
            if let Err(why) = correction::carry_out(store, &correction, screen) {
                screen.note(&format!("{why:#}"));
            }
        }
    }
    Ok(())
}

fn list(found: &Suggestions, stories: &[Stored], screen: &mut Screen) -> anyhow::Result<()> {
    let mut table = Table::new(["what", "id", "title", "why"]);
    for (kind, doubt, one) in doubts(found, stories) {
        table.row([kind.to_owned(), one.name.clone(), one.story.draft.title.clone(), doubt.why.clone()]);
    }
    if found.near_misses.is_empty() && found.false_hits.is_empty() {
        return Ok(screen.line("no story is in doubt")?);
    }
    Ok(screen.table(&table)?)
}

fn propose(terms: &[Term], screen: &mut Screen) -> anyhow::Result<()> {
    if terms.is_empty() {
        return Ok(screen.line("no word would add a story on the topic")?);
    }
    screen.line("")?;
    screen.heading("words for the query, by language; what each alone would add")?;
    let mut table = Table::new(["language", "word", "on the topic", "others", "adds on", "adds others", "z"]);
    for term in terms {
        let by = if term.by_meaning { " (by meaning)" } else { "" };
        let counts = [term.here, term.there, term.adds.0, term.adds.1].map(|n| n.to_string());
        let [here, there, on, others] = counts;
        table.row([format!("{}{by}", term.lang), term.word.clone(), here, there, on, others, format!("{:.1}", term.z)]);
    }
    screen.table(&table)?;
    for terms in terms.chunk_by(|a, b| a.lang == b.lang) {
        let words: Vec<&str> = terms.iter().map(|term| term.word.as_str()).collect();
        screen.line(&format!("({})", words.join(" OR ")))?;
    }
    Ok(())
}

fn list_json(found: &Suggestions, stories: &[Stored], screen: &mut Screen) -> anyhow::Result<()> {
    for (kind, doubt, one) in doubts(found, stories) {
        let draft = &one.story.draft;
        screen
            .record(&json!({"what": kind.replace(' ', "-"), "id": one.name, "title": draft.title, "url": draft.url,
            "lang": draft.lang, "likeness": doubt.likeness, "why": doubt.why}))?;
    }
    for term in &found.terms {
        screen.record(
            &json!({"what": "term", "lang": term.lang, "term": term.word, "z": term.z, "on_topic": term.here,
            "others": term.there, "adds_on_topic": term.adds.0, "adds_others": term.adds.1,
            "by_meaning": term.by_meaning}),
        )?;
    }
    Ok(())
}
