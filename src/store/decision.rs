//! Decisions: writing a batch with all that follows, and reading them back.

use std::collections::BTreeSet;

use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};

use super::column::{Moment, Word};
use super::document::{Document, ReasonsRow};
use super::fault::Fault;
use super::{article, audience, event, label, outbox};
use crate::model::{Commit, Decision, EventId, NotificationType, Ruling, StoryId, Telling, TopicKey};

/// The columns that [`read_at`] takes, of a decision named `d`.
macro_rules! decision_columns {
    () => {
        "d.story, d.topic, d.revision, d.ruling, d.copy_of, d.event, d.score, d.told, d.decided_at_ms, d.reasons"
    };
}
pub(super) use decision_columns;

/// Reads a decision from the columns from `first` on.
pub(super) fn read_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Decision> {
    let told: Option<Word<NotificationType>> = row.get(first + 7)?;
    Ok(Decision {
        story: StoryId(row.get(first)?),
        revision: row.get(first + 2)?,
        topic: topic_at(row, first + 1)?,
        ruling: ruling_at(row, first + 3)?,
        event: row.get::<_, Option<i64>>(first + 5)?.map(EventId),
        score: row.get(first + 6)?,
        telling: told.map_or(Telling::Silent, |word| Telling::Told(word.0)),
        reasons: row.get::<_, Document<ReasonsRow>>(first + 9)?.0.into_model()?,
        decided_at: row.get::<_, Moment>(first + 8)?.0,
    })
}

/// Reads a topic; of a story that is on none, nothing.
pub(super) fn topic_at(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<TopicKey>> {
    let topic: String = row.get(at)?;
    if topic.is_empty() {
        return Ok(None);
    }
    TopicKey::parse(&topic).ok_or_else(|| unreadable(at, &topic)).map(Some)
}

/// Reads a ruling from two columns: its word, and what it repeats.
pub(super) fn ruling_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Ruling> {
    let (word, of): (String, Option<i64>) = (row.get(first)?, row.get(first + 1)?);
    ruling_of(&word, of.map(StoryId)).ok_or_else(|| unreadable(first, &word))
}

fn unreadable(column: usize, found: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, format!("{found:?} is not known").into())
}

fn ruling_of(word: &str, of: Option<StoryId>) -> Option<Ruling> {
    let plain = [Ruling::OffTopic, Ruling::Joined, Ruling::Opened, Ruling::Corrected];
    let repeat = of.map_or([None, None], |of| [Some(Ruling::Again { of }), Some(Ruling::Copy { of })]);
    plain.into_iter().chain(repeat.into_iter().flatten()).find(|ruling| ruling.label() == word)
}

/// Writes a batch.
pub(super) fn commit(db: &Connection, commit: &Commit) -> Result<(), Fault> {
    let corrections = label::corrections(db)?;
    if corrections != commit.corrections {
        let why = format!("{corrections} corrections were made, {} known when it was decided", commit.corrections);
        return Err(Fault::Overtaken(why));
    }
    for opened in &commit.opened {
        event::open(db, opened)?;
    }
    let mut touched = BTreeSet::new();
    for decision in &commit.decisions {
        put(db, decision, corrections)?;
        touched.extend(decision.event);
    }
    for change in &commit.changed {
        event::change(db, change)?;
    }
    for decision in &commit.moved {
        touched.extend(put_beside(db, decision)?);
        touched.extend(decision.event);
    }
    tell(db, commit)?;
    for (gone, into) in &commit.merged {
        event::merge(db, *gone, *into)?;
    }
    for event in touched {
        event::recount(db, event)?;
    }
    for wanted in &commit.to_read {
        article::read_first(db, wanted)?;
    }
    for (story, vector) in &commit.meanings {
        const SQL: &str = "INSERT OR REPLACE INTO meaning (story, vector) VALUES (?1, ?2)";
        db.prepare_cached(SQL)?.execute(params![story.0, vector])?;
    }
    Ok(())
}

/// Writes what is told, in the order it was decided, and who hears of what: before events are merged, which moves that.
fn tell(db: &Connection, commit: &Commit) -> Result<(), Fault> {
    let late_after = |count: usize| commit.late.iter().filter(move |late| late.after == count);
    for late in late_after(0) {
        audience::open_late(db, late)?;
    }
    for (count, (notification, to)) in (1..).zip(&commit.notifications) {
        outbox::tell(db, notification, to)?;
        for late in late_after(count) {
            audience::open_late(db, late)?;
        }
    }
    for hearing in &commit.hearings {
        audience::keep(db, hearing)?;
    }
    Ok(())
}

fn put(db: &Connection, decision: &Decision, corrections: u64) -> Result<(), Fault> {
    // Beside what stands there for good (an operator's, a merge's); in the place of what was decided since.
    const STEP: &str = "SELECT coalesce(max(step) + 1, 0) FROM decision
        WHERE story = ?1 AND topic = ?2 AND revision = ?3 AND beside = 1";
    // A story that was revised meanwhile stays undecided.
    const STORY: &str = "UPDATE story SET on_topic = max(on_topic, ?3),
            state = iif(state = 'undecided' AND revision = ?2, 'decided', state)
        WHERE id = ?1";
    // Where no operator ever decided there is nothing to look for.
    let step = match corrections {
        0 => 0,
        _ => db.prepare_cached(STEP)?.query_row(place(decision), |row| row.get(0))?,
    };
    insert(db, decision, step, Stands::UntilDecidedAgain)?;
    db.prepare_cached(STORY)?.execute(params![decision.story.0, decision.revision, decision.event.is_some()])?;
    Ok(())
}

/// How long a decision stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Until its revision is decided again.
    UntilDecidedAgain,
    /// For good, with those after it.
    Beside,
}

fn topic_text(decision: &Decision) -> &str {
    decision.topic.as_ref().map_or("", |t| t.as_str())
}

fn place(decision: &Decision) -> (i64, &str, u32) {
    (decision.story.0, topic_text(decision), decision.revision)
}

fn insert(db: &Connection, decision: &Decision, step: i64, stands: Stands) -> Result<(), Fault> {
    const SQL: &str = "INSERT OR REPLACE INTO decision (story, topic, revision, step, beside, ruling, copy_of, event,
            score, told, decided_at_ms, reasons)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let told = match decision.telling {
        Telling::Told(kind) => Some(Word(kind)),
        Telling::Silent => None,
    };
    db.prepare_cached(SQL)?.execute(params![
        decision.story.0,
        topic_text(decision),
        decision.revision,
        step,
        stands == Stands::Beside,
        decision.ruling.label(),
        decision.ruling.copy_of().map(|s| s.0),
        decision.event.map(|e| e.0),
        decision.score,
        told,
        Moment(decision.decided_at),
        ReasonsRow::of(&decision.reasons)
    ])?;
    Ok(())
}

/// Writes a decision after all of its revision, an operator's or one that follows from a merge: the story belongs there
/// now and nowhere else on the topic. Gives the events that it leaves.
pub(super) fn put_beside(db: &Connection, decision: &Decision) -> Result<Vec<EventId>, Fault> {
    const LEAVES: &str = "SELECT DISTINCT event FROM decision
        WHERE story = ?1 AND topic = ?2 AND event IS NOT NULL AND moved = 0";
    const MOVE: &str = "UPDATE decision SET moved = 1 WHERE story = ?1 AND topic = ?2 AND moved = 0";
    const STEP: &str = "SELECT coalesce(max(step) + 1, 0) FROM decision
        WHERE story = ?1 AND topic = ?2 AND revision = ?3";
    const STORY: &str = "UPDATE story SET on_topic = 1 WHERE id = ?1";
    let of = (decision.story.0, topic_text(decision));
    let left = db.prepare_cached(LEAVES)?.query_map(of, |row| row.get(0).map(EventId))?.collect::<Result<_, _>>()?;
    db.prepare_cached(MOVE)?.execute(of)?;
    let step = db.prepare_cached(STEP)?.query_row(place(decision), |row| row.get(0))?;
    insert(db, decision, step, Stands::Beside)?;
    db.prepare_cached(STORY)?.execute([decision.story.0])?;
    Ok(left)
}

/// Decisions of a story, in the order of revisions.
pub(super) fn of_story(db: &Connection, story: StoryId) -> Result<Vec<Decision>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        decision_columns!(),
        " FROM decision d WHERE d.story = ?1 ORDER BY d.revision, d.step, d.topic"
    );
    Ok(db.prepare_cached(SQL)?.query_map([story.0], |row| read_at(row, 0))?.collect::<Result<_, _>>()?)
}
