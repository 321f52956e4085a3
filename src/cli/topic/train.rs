//! `tidings topic train`: learns a second stage behind the query from the operator's answers, and asks before it is kept.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::ingest::{Answer, Lesson, Shift, Trial, shift, train};
use crate::learn::{Interval, Tally};
use crate::model::{Said, StoryDraft, Topic, TopicKey};
use crate::port::Store;
use crate::topic::Query;

use super::super::exit::Refusal;
use super::super::screen::{Screen, Table};
use super::Ground;
use super::reading::{Reading, Stored, judged, query, stored};

/// Labels read in one go.
const PAGE: usize = 500;
/// Stories that are listed of those that would change.
const SHOWN: usize = 20;

/// From what it is learnt.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings topic suggest resolution              # asks which stories are on the topic
  tidings topic train resolution
  tidings topic train resolution --forget
  tidings topic train resolution --articles judged.jsonl

Without --articles it learns from what was said by tidings topic suggest and tidings story mark. A line of the file is an
object {id, url, publisher, lang, published, title, text, relevant}, the last true or false.")]
pub(in crate::cli) struct TrainArgs {
    /// The topic's id
    pub(in crate::cli) id: String,
    /// Learn from judged articles as JSON Lines
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) articles: Option<PathBuf>,
    /// Show what would change of stories first seen since then: 2021-11-03, 24h, 30d
    #[arg(long, value_name = "WHEN", default_value = "30d")]
    pub(in crate::cli) since: String,
    /// Keep it without asking
    #[arg(long)]
    pub(in crate::cli) yes: bool,
    /// Forget what was learnt: the query alone decides again
    #[arg(long, conflicts_with_all = ["articles", "yes"])]
    pub(in crate::cli) forget: bool,
}

/// Learns, shows how far it is to be trusted and what would change, and keeps it if it is wanted.
pub(super) fn run(
    store: &mut dyn Store,
    topic: &Topic,
    args: &TrainArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let key = &topic.spec.key;
    if args.forget {
        return forget(store, key, screen);
    }
    let model = (ground.model)()?.ok_or_else(|| {
        Refusal::Data(
            "a score is learnt from what stories mean, and no sentence model is installed: tidings model install"
                .to_owned(),
        )
    })?;
    let reading = Reading::of(&model);
    let query = query(topic)?;
    let answers = match &args.articles {
        Some(file) => judged(file)?,
        None => said(store, key)?,
    };
    let answers: Vec<Answer> =
        answers.into_iter().map(|(draft, is_on)| Answer { meaning: reading.meaning(&draft), draft, is_on }).collect();
    reading.finish()?;
    let lesson = train(topic, &query, &answers, screen.now())
        .map_err(|why| Refusal::Data(format!("{why}; answer more with: tidings topic suggest {key}")))?;
    let stories = stored(store, topic, &args.since, screen)?;
    let shifts = shifts(&lesson, &query, (topic, &stories), &reading);
    reading.finish()?;
    let is_wanted = if screen.is_json() {
        screen.record(&to_json(&lesson, &shifts, (key, args.yes)))?;
        args.yes
    } else {
        tell(&lesson, &shifts, stories.len(), screen)?;
        args.yes || asked(&lesson.trial, ground, screen)?
    };
    if !is_wanted {
        screen.note("nothing is kept: the query decides as before");
        return Ok(());
    }
    store.keep_relevance(&lesson.relevance)?;
    if !screen.is_json() {
        screen.line("kept; a running daemon goes by it from its next decision on (take it back: --forget)")?;
    }
    Ok(())
}

fn forget(store: &mut dyn Store, key: &TopicKey, screen: &mut Screen) -> anyhow::Result<()> {
    let was = store.forget_relevance(key)?;
    if screen.is_json() {
        return Ok(screen.record(&json!({"topic": key.as_str(), "forgotten": was}))?);
    }
    let text = if was { "forgotten: the query alone decides" } else { "nothing was learnt of this topic" };
    Ok(screen.line(text)?)
}

/// What operators said of stories on the topic, the latest first.
fn said(store: &mut dyn Store, key: &TopicKey) -> anyhow::Result<Vec<(StoryDraft, bool)>> {
    let mut answers = Vec::new();
    let mut after = 0;
    loop {
        let page = store.labels(after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, view) in page.into_iter().filter(|(_, view)| view.label.topic == *key) {
            match view.label.said {
                Said::OnTopic => answers.push((view.story.draft, true)),
                Said::OffTopic => answers.push((view.story.draft, false)),
                Said::Same | Said::Apart => {}
            }
        }
    }
    answers.reverse();
    Ok(answers)
}

/// Which stories that nobody answered for would go on the topic or off it.
fn shifts<'a>(
    lesson: &Lesson,
    query: &Query,
    (topic, stories): (&Topic, &'a [Stored]),
    reading: &Reading<'_>,
) -> Vec<(&'a Stored, Shift)> {
    let open = stories.iter().filter(|one| one.said.is_none() && one.is_in(topic));
    open.filter_map(|one| {
        Some((one, reading.with(one, |read| shift(&lesson.relevance, query, &one.story.draft, read))?))
    })
    .collect()
}

fn tell(lesson: &Lesson, shifts: &[(&Stored, Shift)], of: usize, screen: &mut Screen) -> anyhow::Result<()> {
    let Trial { query, scored, f1, precision, recall, gain, events } = lesson.trial;
    let (yes, no) = lesson.relevance.answers;
    screen.heading(&format!("learned from {} answers: {yes} yes, {no} no, about {events} events", yes + no))?;
    let line = |name: &str, tally: Tally, bounds: [Option<Interval>; 3]| {
        let [f1, precision, recall] =
            bounds.map(|b| b.map_or_else(String::new, |b| format!(" ({:.2} to {:.2})", b.low, b.high)));
        let [a, b, c] = [tally.f1(), tally.precision(), tally.recall()].map(|value| format!("{value:.3}"));
        [name.to_owned(), format!("{a}{f1}"), format!("{b}{precision}"), format!("{c}{recall}")]
    };
    let mut table = Table::new(["", "F1", "precision", "recall"]);
    table.row(line("the query alone", query, [None; 3]));
    table.row(line("with the score", scored, [Some(f1), Some(precision), Some(recall)]));
    screen.table(&table)?;
    screen.line(&format!(
        "what it adds to F1: {:+.2} to {:+.2}; each answer judged by what was learned from answers on other events",
        gain.low, gain.high
    ))?;
    screen.line("")?;
    let gained = shifts.iter().filter(|(_, shift)| shift.would_be_on).count();
    let lost = shifts.len() - gained;
    screen.line(&format!("of {of} stored stories it would take {lost} off the topic and put {gained} on it"))?;
    if shifts.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(["change", "id", "title", "why"]);
    for (one, shift) in shifts.iter().take(SHOWN) {
        let change = if shift.would_be_on { "gained" } else { "lost" };
        let draft = &one.story.draft;
        table.row([change.to_owned(), one.story.id.to_string(), draft.title.clone(), shift.why.text.clone()]);
    }
    screen.table(&table)?;
    if let Some(more) = shifts.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        screen.line(&format!("... and {more} more (--json gives all)"))?;
    }
    Ok(())
}

/// Asks whether it is kept; where nobody can answer, it isn't.
fn asked(trial: &Trial, ground: &Ground<'_>, screen: &mut Screen) -> anyhow::Result<bool> {
    let advice = if trial.gain.low > 0.0 {
        "it does better than the query alone"
    } else if trial.gain.high < 0.0 {
        "it does worse than the query alone: don't keep it"
    } else {
        "it is not surely better than the query alone: more answers may tell"
    };
    screen.line("")?;
    screen.line(advice)?;
    let Some(answer) = ground.answer else {
        screen.note("not asked, as no terminal reads here: run it again with --yes to keep it");
        return Ok(false);
    };
    screen.note("keep it? [y/N]");
    Ok(answer()?.is_some_and(|text| matches!(text.trim(), "y" | "Y" | "yes")))
}

fn to_json(lesson: &Lesson, shifts: &[(&Stored, Shift)], (key, kept): (&TopicKey, bool)) -> Value {
    let Trial { query, scored, f1, precision, recall, gain, events } = lesson.trial;
    let bounds = |bounds: Interval| json!([bounds.low, bounds.high]);
    let figures = |tally: Tally| {
        json!({"f1": tally.f1(), "precision": tally.precision(), "recall": tally.recall(),
            "right": tally.right, "wrong": tally.wrong, "missed": tally.missed})
    };
    let changes = shifts.iter().map(|(one, shift)| {
        json!({"change": if shift.would_be_on { "gained" } else { "lost" }, "story": one.story.id.0,
            "title": one.story.draft.title, "why": shift.why.text})
    });
    let (yes, no) = lesson.relevance.answers;
    json!({
        "topic": key.as_str(), "yes": yes, "no": no, "events": events, "threshold": lesson.relevance.threshold,
        "query": figures(query), "scored": figures(scored),
        "interval_95": {"f1": bounds(f1), "precision": bounds(precision), "recall": bounds(recall), "gain": bounds(gain)},
        "changes": changes.collect::<Vec<_>>(), "kept": kept,
    })
}
