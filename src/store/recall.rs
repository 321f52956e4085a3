//! What the decider is made of again: what holds of the recent past, and its stories, few at a time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{Moment, Word};
use super::decision::{ruling_at, topic_at};
use super::fault::Fault;
use super::{audience, event, label, relevance, story};
use crate::ingest::{self, Place, Recalled};
use crate::model::{EventId, NotificationType, Story, StoryId, SubscriptionId, TopicKey};
use crate::port::IndexSeed;

/// What the decider's index is rebuilt from, the stories' own words aside.
pub(super) fn seed(db: &Connection, since: Timestamp) -> Result<IndexSeed, Fault> {
    // Without the index named, the order lures the planner to walk all that was ever decided.
    const STORIES: &str =
        "SELECT DISTINCT story FROM decision INDEXED BY decision_on_topic WHERE topic <> '' AND decided_at_ms >= ?1
        ORDER BY story";
    const EVENTS: &str = "SELECT event FROM decision WHERE story = ?1 AND event IS NOT NULL";
    let mut statement = db.prepare_cached(STORIES)?;
    let stories: Vec<StoryId> =
        statement.query_map([Moment(since)], |row| row.get(0).map(StoryId))?.collect::<Result<_, _>>()?;
    let mut statement = db.prepare_cached(EVENTS)?;
    let mut events = BTreeSet::new();
    for story in &stories {
        for event in statement.query_map([story.0], |row| row.get(0).map(EventId))? {
            events.insert(event?);
        }
    }
    Ok(IndexSeed {
        stories,
        events: event::those(db, &events)?,
        next_event: event::next(db)?,
        off_topic: label::off_topic(db)?,
        apart: label::apart(db)?,
        relevances: relevance::list(db)?,
        hearings: audience::of(db, &events)?,
    })
}

/// Stories with where they were put, in the order asked for; those that are gone are left out.
pub(super) fn recall(db: &Connection, stories: &[StoryId]) -> Result<Vec<Recalled>, Fault> {
    const PLACES: &str = "SELECT topic, event, ruling, copy_of, decided_at_ms, revision, told FROM decision
        WHERE story = ?1 ORDER BY revision, step, topic";
    const MEANING: &str = "SELECT vector FROM meaning WHERE story = ?1";
    let (mut places_of, mut meaning_of) = (db.prepare_cached(PLACES)?, db.prepare_cached(MEANING)?);
    let mut recalled = Vec::with_capacity(stories.len());
    for id in stories {
        let Some(mut story) = story::one(db, *id)? else { continue };
        let (mut places, mut decided, mut opened) = (Vec::new(), None, None);
        let mut rows = places_of.query([id.0])?;
        while let Some(row) = rows.next()? {
            let (place, revision) = (place(row)?, Some(row.get(5)?));
            decided = decided.max(revision);
            if opened.is_none() && place.told == Some(NotificationType::EventOpened) {
                opened = revision;
            }
            places.push(place);
        }
        let opened_as = match opened {
            Some(revision) if Some(revision) < decided => as_it_was(db, *id, revision)?,
            Some(_) | None => None,
        };
        let is_update = |place: &Place| place.told == Some(NotificationType::EventUpdated);
        let told_to = if places.iter().any(is_update) { told_to(db, *id)? } else { Vec::new() };
        as_decided(db, &mut story, decided)?;
        let meaning = meaning_of.query_row([id.0], |row| row.get(0)).optional()?;
        recalled.push(Recalled { story, places, told_to, opened_as, meaning });
    }
    Ok(recalled)
}

fn place(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok(Place {
        topic: topic_at(row, 0)?,
        event: row.get::<_, Option<i64>>(1)?.map(EventId),
        ruling: ruling_at(row, 2)?,
        decided_at: row.get::<_, Moment>(4)?.0,
        told: row.get::<_, Option<Word<NotificationType>>>(6)?.map(|word| word.0),
    })
}

/// A story that was edited since it was decided as it was then: what its edition changes is still to be found out.
fn as_decided(db: &Connection, story: &mut Story, decided: Option<u32>) -> Result<(), Fault> {
    let Some(decided) = decided.filter(|last| *last < story.revision) else { return Ok(()) };
    if let Some((title, text)) = as_it_was(db, story.id, decided)? {
        story.draft.fingerprint = ingest::fingerprint(&title, &text);
        (story.draft.title, story.draft.text, story.revision) = (title, text, decided);
    }
    Ok(())
}

/// A story's title and text in an earlier revision.
fn as_it_was(db: &Connection, story: StoryId, revision: u32) -> Result<Option<(String, String)>, Fault> {
    const SQL: &str = "SELECT title, text FROM story_revision WHERE story = ?1 AND revision = ?2";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(db.prepare_cached(SQL)?.query_row(params![story.0, revision], read).optional()?)
}

/// Who was told of a story inside its event.
fn told_to(db: &Connection, story: StoryId) -> Result<Vec<(TopicKey, SubscriptionId)>, Fault> {
    const SQL: &str =
        "SELECT DISTINCT n.topic, d.subscription FROM notification n JOIN delivery d ON d.notification = n.num
        WHERE n.story = ?1 AND n.kind = 'event.updated' AND n.topic <> '' ORDER BY n.topic, d.subscription";
    let mut statement = db.prepare_cached(SQL)?;
    let mut rows = statement.query([story.0])?;
    let mut told = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(topic) = topic_at(row, 0)? {
            told.push((topic, SubscriptionId(row.get(1)?)));
        }
    }
    Ok(told)
}
