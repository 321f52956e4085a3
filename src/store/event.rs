//! Events and who tells of them. Members follow from decisions; the counts are kept beside.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::audience;
use super::claim::limit;
use super::column::{Moment, TopicName};
use super::decision::{self, decision_columns};
use super::fault::Fault;
use super::story::{self, STORY_COLUMNS, story_columns};
use crate::model::{
    Decision, Event, EventChange, EventId, EventView, FeedPlace, NewEvent, SourceId, Story, StoryId, TopicKey,
};
use crate::port::{Crowd, EventFilter};

macro_rules! columns {
    () => {
        "id, topic, title, first_story, opened_at_ms, changed_at_ms, told_at_ms, stories, publishers, languages,
         merged_into"
    };
}
pub(super) use columns as event_columns;

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: EventId(row.get(0)?),
        topic: row.get::<_, TopicName>(1)?.0,
        title: row.get(2)?,
        first_story: StoryId(row.get(3)?),
        opened_at: row.get::<_, Moment>(4)?.0,
        changed_at: row.get::<_, Moment>(5)?.0,
        told_at: row.get::<_, Option<Moment>>(6)?.map(|m| m.0),
        stories: row.get(7)?,
        publishers: row.get(8)?,
        languages: row.get(9)?,
        merged_into: row.get::<_, Option<i64>>(10)?.map(EventId),
    })
}

/// Writes an opened event; its number must be free.
pub(super) fn open(db: &Connection, opened: &NewEvent) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO event (id, topic, title, first_story, opened_at_ms, changed_at_ms, told_at_ms)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)";
    db.prepare_cached(SQL)?.execute(params![
        opened.id.0,
        opened.topic.as_str(),
        opened.title,
        opened.first_story.0,
        Moment(opened.opened_at),
        opened.told_at.map(Moment)
    ])?;
    Ok(())
}

/// Writes what changed of an event.
pub(super) fn change(db: &Connection, change: &EventChange) -> Result<(), Fault> {
    const SQL: &str = "UPDATE event SET changed_at_ms = max(changed_at_ms, ?2), told_at_ms = coalesce(told_at_ms, ?3)
        WHERE id = ?1";
    const RETITLE: &str = "UPDATE event SET title = ?2 WHERE id = ?1";
    db.prepare_cached(SQL)?.execute(params![change.id.0, Moment(change.changed_at), change.told_at.map(Moment)])?;
    if let Some(title) = &change.retitled {
        db.prepare_cached(RETITLE)?.execute(params![change.id.0, title])?;
    }
    Ok(())
}

/// Counts an event's stories, publishers and languages anew: a step a story, over its own members only.
pub(super) fn recount(db: &Connection, event: EventId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE event SET (stories, publishers, languages) = (
            SELECT count(DISTINCT s.id), count(DISTINCT s.publisher), count(DISTINCT s.lang)
            FROM decision d JOIN story s ON s.id = d.story WHERE d.event = ?1 AND d.moved = 0)
        WHERE id = ?1";
    const GONE: &str = "DELETE FROM event_facet WHERE event = ?1 AND (facet, value) NOT IN (
        SELECT 'publisher', s.publisher FROM decision d JOIN story s ON s.id = d.story WHERE d.event = ?1 AND d.moved = 0
        UNION ALL
        SELECT 'lang', s.lang FROM decision d JOIN story s ON s.id = d.story
            WHERE d.event = ?1 AND d.moved = 0 AND s.lang IS NOT NULL)";
    const CAME: &str = "INSERT OR IGNORE INTO event_facet (facet, value, event)
        SELECT 'publisher', s.publisher, ?1 FROM decision d JOIN story s ON s.id = d.story
            WHERE d.event = ?1 AND d.moved = 0
        UNION
        SELECT 'lang', s.lang, ?1 FROM decision d JOIN story s ON s.id = d.story
            WHERE d.event = ?1 AND d.moved = 0 AND s.lang IS NOT NULL";
    db.prepare_cached(SQL)?.execute([event.0])?;
    db.prepare_cached(GONE)?.execute([event.0])?;
    db.prepare_cached(CAME)?.execute([event.0])?;
    Ok(())
}

/// Lets an event go into another; those that went into it before go on there too.
pub(super) fn merge(db: &Connection, gone: EventId, into: EventId) -> Result<(), Fault> {
    const GONE: &str = "UPDATE event SET merged_into = ?2 WHERE id = ?1";
    const BEFORE: &str = "UPDATE event INDEXED BY event_merged SET merged_into = ?2 WHERE merged_into = ?1";
    db.prepare_cached(GONE)?.execute([gone.0, into.0])?;
    db.prepare_cached(BEFORE)?.execute([gone.0, into.0])?;
    audience::merge(db, gone, into)
}

/// Gives an event another first story.
pub(super) fn lead(db: &Connection, id: EventId, story: StoryId, title: &str) -> Result<(), Fault> {
    const SQL: &str = "UPDATE event SET first_story = ?2, title = ?3 WHERE id = ?1";
    db.prepare_cached(SQL)?.execute(params![id.0, story.0, title])?;
    Ok(())
}

/// Whether an event of a topic that is there still opened since then.
pub(super) fn has_opened(db: &Connection, topic: &TopicKey, since: Timestamp) -> Result<bool, Fault> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM event
        WHERE topic = ?1 AND opened_at_ms > ?2 AND merged_into IS NULL AND emptied = 0)";
    Ok(db.prepare_cached(SQL)?.query_row(params![topic.as_str(), Moment(since)], |row| row.get(0))?)
}

/// Notes whether an event has no story left: then it is not listed.
pub(super) fn note_emptied(db: &Connection, id: EventId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE event SET emptied = (stories = 0) WHERE id = ?1";
    db.prepare_cached(SQL)?.execute([id.0])?;
    Ok(())
}

/// The events that a story is in, one a topic.
pub(super) fn of_story(db: &Connection, story: StoryId) -> Result<Vec<EventId>, Fault> {
    const SQL: &str = "SELECT DISTINCT event FROM decision WHERE story = ?1 AND event IS NOT NULL AND moved = 0
        ORDER BY event";
    Ok(db.prepare_cached(SQL)?.query_map([story.0], |row| row.get(0).map(EventId))?.collect::<Result<_, _>>()?)
}

/// The number for the next event.
pub(super) fn next(db: &Connection) -> Result<EventId, Fault> {
    // A restore leaves out the numbers that were given since its copy was made.
    const SQL: &str = "SELECT max(coalesce((SELECT max(id) FROM event), 0),
        coalesce((SELECT value FROM counter WHERE name = 'event_floor'), 0)) + 1";
    Ok(db.prepare_cached(SQL)?.query_row([], |row| row.get(0).map(EventId))?)
}

/// One event.
pub(super) fn one(db: &Connection, id: EventId) -> Result<Option<Event>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM event WHERE id = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([id.0], read).optional()?)
}

/// Those of these events that are there, by number.
pub(super) fn those(db: &Connection, ids: &BTreeSet<EventId>) -> Result<Vec<Event>, Fault> {
    ids.iter().filter_map(|id| one(db, *id).transpose()).collect()
}

/// Events, newest first.
pub(super) fn list(db: &Connection, filter: &EventFilter) -> Result<Vec<Event>, Fault> {
    let (from, below) = span(db, filter)?;
    between(db, filter, (from, below))
}

/// Event `id`, where it fits `filter`.
pub(super) fn list_one(db: &Connection, filter: &EventFilter, id: EventId) -> Result<Option<Event>, Fault> {
    let only = EventFilter { limit: 1, ..filter.clone() };
    Ok(between(db, &only, (id.0, id.0.saturating_add(1)))?.pop())
}

/// The events of a topic that were told last, the latest first.
pub(super) fn told_last(
    db: &Connection,
    topic: &TopicKey,
    before: Option<FeedPlace>,
    most: usize,
) -> Result<Vec<Event>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM event INDEXED BY event_told
        WHERE topic = ?1 AND told_at_ms IS NOT NULL AND merged_into IS NULL AND emptied = 0
            AND (told_at_ms, id) < (?3, ?4)
        ORDER BY told_at_ms DESC, id DESC LIMIT ?2"
    );
    let (told_at_ms, id) = before.map_or((i64::MAX, i64::MAX), |place| (place.told_at.as_millisecond(), place.event.0));
    let values = params![topic.as_str(), limit(most), told_at_ms, id];
    Ok(db.prepare_cached(SQL)?.query_map(values, read)?.collect::<Result<_, _>>()?)
}

/// Where the events of a filter's times lie: from a number on, and below a number. Times grow with numbers but for clocks
/// that were put back, so the times themselves are asked for besides.
fn span(db: &Connection, filter: &EventFilter) -> Result<(i64, i64), Fault> {
    const FROM: &str = "SELECT min(id) FROM event INDEXED BY event_opened WHERE opened_at_ms >= ?1";
    const TO: &str = "SELECT max(id) FROM event INDEXED BY event_opened WHERE opened_at_ms < ?1";
    let bound = |sql: &str, at: Timestamp| -> Result<Option<i64>, Fault> {
        Ok(db.prepare_cached(sql)?.query_row([Moment(at)], |row| row.get(0))?)
    };
    let from = filter.since.map_or(Ok(Some(0)), |at| bound(FROM, at))?.unwrap_or(i64::MAX);
    let below = filter.until.map_or(Ok(Some(i64::MAX - 1)), |at| bound(TO, at))?.unwrap_or(-1).saturating_add(1);
    Ok((from, filter.before.map_or(below, |before| below.min(before.0))))
}

/// A publisher as asked for or, where none is called so, in lower case: most are called by the name of their host, which knows no
/// case, and phones begin a field with a capital.
fn called(db: &Connection, publisher: &str) -> Result<String, Fault> {
    const SQL: &str = "SELECT 1 FROM event_facet WHERE facet = 'publisher' AND value = ?1";
    let is_known = db.prepare_cached(SQL)?.exists([publisher])?;
    Ok(if is_known { publisher.to_owned() } else { publisher.to_lowercase() })
}

fn between(db: &Connection, filter: &EventFilter, (from, below): (i64, i64)) -> Result<Vec<Event>, Fault> {
    macro_rules! fitting {
        ($walk:literal, $order:literal) => {
            concat!(
                "SELECT ",
                columns!(),
                " FROM ",
                $walk,
                " AND merged_into IS NULL AND emptied = 0 AND (NOT ?3 OR told_at_ms IS NOT NULL)
                    AND opened_at_ms >= ?4 AND opened_at_ms < ?5 AND (?6 IS NULL OR topic = ?6)
                    AND (?8 IS NULL OR EXISTS (
                        SELECT 1 FROM event_facet WHERE facet = 'lang' AND value = ?8 AND event = event.id))
                ORDER BY ",
                $order,
                " DESC LIMIT ?9"
            )
        };
    }
    // Walked along the narrowest of what is asked for: a publisher, a language, a topic.
    const ANY: &str = fitting!("event WHERE ?7 IS NULL AND id >= ?1 AND id < ?2", "id");
    const OF_TOPIC: &str = fitting!("event WHERE ?7 IS NULL AND topic = ?6 AND id >= ?1 AND id < ?2", "id");
    const OF_LANGUAGE: &str = fitting!(
        "event_facet w CROSS JOIN event ON event.id = w.event
            WHERE ?7 IS NULL AND w.facet = 'lang' AND w.value = ?8 AND w.event >= ?1 AND w.event < ?2",
        "w.event"
    );
    const OF_PUBLISHER: &str = fitting!(
        "event_facet w CROSS JOIN event ON event.id = w.event
            WHERE w.facet = 'publisher' AND w.value = ?7 AND w.event >= ?1 AND w.event < ?2",
        "w.event"
    );
    let sql = match (&filter.publisher, &filter.lang, &filter.topic) {
        (Some(_), _, _) => OF_PUBLISHER,
        (None, Some(_), _) => OF_LANGUAGE,
        (None, None, Some(_)) => OF_TOPIC,
        (None, None, None) => ANY,
    };
    let publisher = filter.publisher.as_ref().map(|publisher| called(db, publisher)).transpose()?;
    let asked = params![
        from,
        below,
        filter.told_only,
        filter.since.map_or(i64::MIN, Timestamp::as_millisecond),
        filter.until.map_or(i64::MAX, Timestamp::as_millisecond),
        filter.topic.as_ref().map(TopicKey::as_str),
        publisher,
        filter.lang,
        limit(filter.limit)
    ];
    Ok(db.prepare_cached(sql)?.query_map(asked, read)?.collect::<Result<_, _>>()?)
}

/// An event with its stories, each with the decision that first put it there.
pub(super) fn view(db: &Connection, id: EventId) -> Result<Option<EventView>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        story_columns!(),
        ", ",
        decision_columns!(),
        " FROM decision d JOIN story s ON s.id = d.story WHERE d.event = ?1 AND d.moved = 0
        ORDER BY d.story, d.revision, d.step"
    );
    let Some(event) = one(db, id)? else { return Ok(None) };
    let mut statement = db.prepare_cached(SQL)?;
    let mut rows = statement.query([id.0])?;
    let mut stories: Vec<(Story, Decision)> = Vec::new();
    while let Some(row) = rows.next()? {
        let story = story::read(row)?;
        if stories.last().is_none_or(|(last, _)| last.id != story.id) {
            stories.push((story, decision::read_at(row, STORY_COLUMNS)?));
        }
    }
    Ok(Some(EventView { event, stories }))
}

/// Who tells of the topic's events, seen from one of them.
pub(super) fn crowd(db: &Connection, event: EventId, since: Timestamp) -> Result<Option<Crowd>, Fault> {
    const TOPIC: &str = "SELECT topic FROM event WHERE id = ?1";
    const TELLERS: &str = "SELECT DISTINCT s.source FROM decision d JOIN story s ON s.id = d.story
        WHERE d.event = ?1 AND d.moved = 0 ORDER BY s.source";
    const EVENTS: &str = "SELECT count(*) FROM event
        WHERE topic = ?1 AND opened_at_ms >= ?2 AND publishers >= 2 AND id <> ?3";
    const OTHERS: &str = "SELECT s.source, count(DISTINCT e.id) FROM event e
            JOIN decision d ON d.event = e.id AND d.moved = 0 JOIN story s ON s.id = d.story
        WHERE e.topic = ?1 AND e.opened_at_ms >= ?2 AND e.publishers >= 2 AND e.id <> ?3
        GROUP BY s.source ORDER BY s.source";
    const WAITING: &str = "SELECT source FROM story WHERE state = 'undecided'
        UNION SELECT s.source FROM article a JOIN story s ON s.id = a.story";
    let topic: Option<String> = db.prepare_cached(TOPIC)?.query_row([event.0], |row| row.get(0)).optional()?;
    let Some(topic) = topic else { return Ok(None) };
    let id = |row: &Row<'_>| Ok(SourceId(row.get(0)?));
    let tellers: Vec<SourceId> = db.prepare_cached(TELLERS)?.query_map([event.0], id)?.collect::<Result<_, _>>()?;
    let events = db.prepare_cached(EVENTS)?.query_row(params![topic, Moment(since), event.0], |row| row.get(0))?;
    let told = |row: &Row<'_>| Ok((SourceId(row.get(0)?), row.get(1)?));
    let mut others: Vec<(SourceId, u32)> = db
        .prepare_cached(OTHERS)?
        .query_map(params![topic, Moment(since), event.0], told)?
        .collect::<Result<_, _>>()?;
    let waiting: BTreeSet<SourceId> = db.prepare_cached(WAITING)?.query_map([], id)?.collect::<Result<_, _>>()?;
    others.retain(|(source, _)| !tellers.contains(source) && !waiting.contains(source));
    Ok(Some(Crowd { tellers, events, others }))
}
