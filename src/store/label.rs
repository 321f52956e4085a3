//! What operators said, and what follows from it: one transaction for reading what is there, deciding and writing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::claim::limit;
use super::column::{Count, Moment, TopicName, Word};
use super::db::Db;
use super::fault::Fault;
use super::story::{self, STORY_COLUMNS, story_columns};
use super::{article, audience, decision, event, outbox, repeat, subscription, topic};
use crate::ingest::{self, Scene};
use crate::model::{
    Corrected, Correction, Decision, EventId, EventView, Impossible, Label, LabelView, Repair, Said, Story, StoryId,
    TopicKey, Withdrawn,
};
use crate::port::Past;

macro_rules! columns {
    () => {
        "l.said, l.topic, l.story, l.other, l.tell, l.at_ms"
    };
}

fn read_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Label> {
    Ok(Label {
        said: row.get::<_, Word<Said>>(first)?.0,
        topic: row.get::<_, TopicName>(first + 1)?.0,
        story: StoryId(row.get(first + 2)?),
        other: row.get::<_, Option<i64>>(first + 3)?.map(StoryId),
        tell: row.get(first + 4)?,
        at: row.get::<_, Moment>(first + 5)?.0,
    })
}

/// How many corrections were made.
pub(super) fn corrections(db: &Connection) -> Result<u64, Fault> {
    const SQL: &str = "SELECT value FROM counter WHERE name = 'corrections'";
    Ok(db.prepare_cached(SQL)?.query_row([], |row| row.get::<_, Count>(0))?.0)
}

/// What was said of a story and still holds.
pub(super) fn of_story(db: &Connection, story: StoryId) -> Result<Vec<Label>, Fault> {
    const SQL: &str =
        concat!("SELECT ", columns!(), " FROM label l WHERE l.story = ?1 AND l.withdrawn_at_ms IS NULL ORDER BY l.id");
    Ok(db.prepare_cached(SQL)?.query_map([story.0], |row| read_at(row, 0))?.collect::<Result<_, _>>()?)
}

/// Stories that are marked as off a topic.
pub(super) fn off_topic(db: &Connection) -> Result<Vec<(StoryId, TopicKey)>, Fault> {
    const SQL: &str = "SELECT story, topic FROM label WHERE withdrawn_at_ms IS NULL AND said = 'off-topic' ORDER BY id";
    let read = |row: &Row<'_>| Ok((StoryId(row.get(0)?), row.get::<_, TopicName>(1)?.0));
    Ok(db.prepare_cached(SQL)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// Stories that are said to tell of different events.
pub(super) fn apart(db: &Connection) -> Result<Vec<(StoryId, StoryId, TopicKey)>, Fault> {
    const SQL: &str = "SELECT story, other, topic FROM label
        WHERE withdrawn_at_ms IS NULL AND said = 'apart' AND other IS NOT NULL ORDER BY id";
    let read = |row: &Row<'_>| Ok((StoryId(row.get(0)?), StoryId(row.get(1)?), row.get::<_, TopicName>(2)?.0));
    Ok(db.prepare_cached(SQL)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// What was decided and said of stories before. One look tells that nothing was said of most of them.
pub(super) fn past(db: &Connection, stories: &[Story]) -> Result<Vec<Past>, Fault> {
    const SAID: &str = "SELECT DISTINCT story FROM label WHERE story BETWEEN ?1 AND ?2 AND withdrawn_at_ms IS NULL";
    let ids = || stories.iter().map(|story| story.id.0);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else { return Ok(Vec::new()) };
    let said: BTreeSet<StoryId> =
        db.prepare_cached(SAID)?.query_map([first, last], |row| row.get(0).map(StoryId))?.collect::<Result<_, _>>()?;
    let read = article::read_among(db, StoryId(first), StoryId(last))?;
    let each = |story: &Story| {
        let labels = if said.contains(&story.id) { of_story(db, story.id)? } else { Vec::new() };
        let was_decided = story.revision > 1 || !labels.is_empty();
        let decisions = if was_decided { decision::of_story(db, story.id)? } else { Vec::new() };
        Ok(Past { decisions, labels, read_for: read.get(&story.id).cloned() })
    };
    stories.iter().map(each).collect()
}

/// What was said and still holds, numbered above `after`.
pub(super) fn list(db: &Connection, after: i64, most: usize) -> Result<Vec<(i64, LabelView)>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        story_columns!(),
        ", l.id, ",
        columns!(),
        " FROM label l JOIN story s ON s.id = l.story
        WHERE l.id > ?1 AND l.withdrawn_at_ms IS NULL ORDER BY l.id LIMIT ?2"
    );
    let read =
        |row: &Row<'_>| Ok((row.get::<_, i64>(STORY_COLUMNS)?, story::read(row)?, read_at(row, STORY_COLUMNS + 1)?));
    let found: Vec<(i64, Story, Label)> =
        db.prepare_cached(SQL)?.query_map(params![after, limit(most)], read)?.collect::<Result<_, _>>()?;
    let with_other = |(id, story, label): (i64, Story, Label)| {
        let other = label.other.map(|other| story::one(db, other)).transpose()?.flatten();
        Ok((id, LabelView { label, story, other }))
    };
    found.into_iter().map(with_other).collect()
}

/// Carries out a correction, or says why it can't be.
pub(super) fn correct(
    db: &Db,
    correction: &Correction,
    now: Timestamp,
) -> Result<Result<Corrected, Impossible>, Fault> {
    let topics = topic::list(db)?;
    let subscriptions = subscription::list(db)?;
    let hearings = match correction {
        Correction::Merge { events } => audience::of(db, &events.iter().copied().collect())?,
        Correction::Split { .. } | Correction::Mark { .. } => Vec::new(),
    };
    let next_event = event::next(db)?;
    let scene = Scene { topics: &topics, subscriptions: &subscriptions, next_event, now, hearings: &hearings };
    let thought = match correction {
        Correction::Merge { events } => views(db, events)?.and_then(|views| ingest::merge(&views, &scene)),
        Correction::Split { event, stories, hush } => views(db, &[*event])?.and_then(|views| {
            let view = views.first().ok_or(Impossible::NoEvent(*event))?;
            ingest::split(view, stories, *hush, &scene)
        }),
        Correction::Mark { story, mark, topic, hush } => match story::one(db, *story)? {
            None => Err(Impossible::NoStory(*story)),
            Some(found) => {
                let past = decision::of_story(db, *story)?;
                let places = views(db, &event::of_story(db, *story)?)?;
                let former = former(db, &past)?;
                places.and_then(|places| {
                    let views = (places.as_slice(), former.as_slice());
                    ingest::mark((&found, &past), views, (*mark, *hush), topic.as_ref(), &scene)
                })
            }
        },
    };
    match thought {
        Err(impossible) => Ok(Err(impossible)),
        Ok((repair, done)) => {
            write(db, &repair, now)?;
            Ok(Ok(done))
        }
    }
}

fn views(db: &Connection, events: &[EventId]) -> Result<Result<Vec<EventView>, Impossible>, Fault> {
    let mut views = Vec::new();
    for id in events {
        match event::view(db, *id)? {
            Some(view) => views.push(view),
            None => return Ok(Err(Impossible::NoEvent(*id))),
        }
    }
    Ok(Ok(views))
}

/// The events that a story was in last, one a topic, or what they went into; none that is forgotten, and none that is empty where another of
/// its topic opened since the story left: that may tell of the same, so the story is decided anew.
fn former(db: &Connection, past: &[Decision]) -> Result<Vec<EventView>, Fault> {
    let last: BTreeMap<&TopicKey, EventId> =
        past.iter().filter_map(|decision| Some((decision.topic.as_ref()?, decision.event?))).collect();
    let mut found = Vec::new();
    for id in last.into_values() {
        let into = event::one(db, id)?.map(|event| event.merged_into.unwrap_or(event.id));
        let Some(view) = into.map(|id| event::view(db, id)).transpose()?.flatten() else { continue };
        // The decision by which the story left: an edit of it since is decided later.
        let was_in =
            |decision: &Decision| decision.event.is_some() && decision.topic.as_ref() == Some(&view.event.topic);
        let left = past.iter().rposition(was_in).and_then(|last| past.get(last + 1));
        let is_overtaken = match left {
            Some(left) if view.stories.is_empty() => event::has_opened(db, &view.event.topic, left.decided_at)?,
            Some(_) | None => false,
        };
        if !is_overtaken {
            found.push(view);
        }
    }
    Ok(found)
}

fn write(db: &Connection, repair: &Repair, now: Timestamp) -> Result<(), Fault> {
    const COUNT: &str = "UPDATE counter SET value = value + 1 WHERE name = 'corrections'";
    const AGAIN: &str = "UPDATE story SET state = 'undecided' WHERE id = ?1 AND state = 'decided'";
    db.prepare_cached(COUNT)?.execute([])?;
    for opened in &repair.opened {
        event::open(db, opened)?;
    }
    let mut touched = BTreeSet::new();
    for decision in &repair.decisions {
        touched.extend(decision::put_beside(db, decision)?);
        touched.extend(decision.event);
    }
    for change in &repair.changed {
        event::change(db, change)?;
    }
    for (id, story, title) in &repair.led {
        event::lead(db, *id, *story, title)?;
    }
    for (gone, into) in &repair.merged {
        event::merge(db, *gone, *into)?;
    }
    for event in touched {
        event::recount(db, event)?;
        event::note_emptied(db, event)?;
    }
    for story in &repair.undecided {
        db.prepare_cached(AGAIN)?.execute([story.0])?;
    }
    for withdrawn in &repair.withdrawn {
        withdraw(db, withdrawn, now)?;
    }
    for label in &repair.labels {
        put(db, label)?;
    }
    repeat::take_back(db, &repair.taken_back)?;
    for label in repair.labels.iter().filter(|label| label.said == Said::OnTopic) {
        repeat::give_back(db, &label.topic, label.story)?;
    }
    for (notification, to) in &repair.notifications {
        outbox::tell(db, notification, to)?;
    }
    for hearing in &repair.hearings {
        audience::keep(db, hearing)?;
    }
    for (from, to) in &repair.heirs {
        audience::inherit(db, *from, *to)?;
    }
    Ok(())
}

fn put(db: &Connection, label: &Label) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO label (said, topic, story, other, tell, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    db.prepare_cached(SQL)?.execute(params![
        Word(label.said),
        label.topic.as_str(),
        label.story.0,
        label.other.map(|s| s.0),
        label.tell,
        Moment(label.at)
    ])?;
    Ok(())
}

fn withdraw(db: &Connection, withdrawn: &Withdrawn, now: Timestamp) -> Result<(), Fault> {
    const OF: &str = "SELECT id, other FROM label
        WHERE story = ?1 AND said = ?2 AND topic = ?3 AND withdrawn_at_ms IS NULL";
    const SQL: &str = "UPDATE label SET withdrawn_at_ms = ?2 WHERE id = ?1";
    let Withdrawn { said, topic, of, with } = withdrawn;
    let mut gone = Vec::new();
    for (stories, others) in [(of, with), (with, of)] {
        for story in stories {
            let mut statement = db.prepare_cached(OF)?;
            let mut rows = statement.query(params![story.0, Word(*said), topic.as_str()])?;
            while let Some(row) = rows.next()? {
                let other = row.get::<_, Option<i64>>(1)?.map(StoryId);
                if other.is_none_or(|other| others.contains(&other)) {
                    gone.push(row.get::<_, i64>(0)?);
                }
            }
        }
    }
    for id in gone {
        db.prepare_cached(SQL)?.execute(params![id, Moment(now)])?;
    }
    Ok(())
}
