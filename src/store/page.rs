//! What the readers' pages ask: events as cards, what changed since, and stories by the words that they have.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rusqlite::{Connection, Row, params};

use super::claim::limit;
use super::column::{Count, Moment};
use super::fault::Fault;
use super::{SqliteStore, decision, event, outbox, search, story, topic};
use crate::model::{CardStory, Event, EventCard, EventId, EventVersion, Story, StoryId, TopicKey};
use crate::port::{ChangedEvents, EventFilter, Overview, Pages, StoreError, StoryFilter, TellingsOfEvent};
use crate::topic::Needed;

/// Stories of one card at most: the growth of an event is clear long before.
const CARD_STORIES_MAX: usize = 300;

impl Pages for SqliteStore {
    fn overview(&mut self) -> Result<Overview, StoreError> {
        self.read("overview", |db| overview(db))
    }

    fn cards(&mut self, filter: &EventFilter) -> Result<Vec<EventCard>, StoreError> {
        self.read("cards", |db| dealt(db, event::list(db, filter)?))
    }

    fn changed_events(
        &mut self,
        after: EventVersion,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<ChangedEvents, StoreError> {
        self.read("changed_events", |db| changed(db, after, filter, limit))
    }

    fn stories_with(&mut self, filter: &StoryFilter) -> Result<Vec<Story>, StoreError> {
        self.read("stories_with", |db| stories_with(db, filter))
    }

    fn knows_topic(&mut self, key: &TopicKey) -> Result<bool, StoreError> {
        self.read("knows_topic", |db| topic::is_known(db, key))
    }

    fn events_of(&mut self, stories: &[StoryId]) -> Result<Vec<Vec<Event>>, StoreError> {
        self.read("events_of", |db| stories.iter().map(|story| events_of(db, *story)).collect())
    }

    fn tellings(&mut self, event: EventId, limit: usize) -> Result<TellingsOfEvent, StoreError> {
        self.read("tellings", |db| outbox::of_event(db, event, limit))
    }
}

fn overview(db: &Connection) -> Result<Overview, Fault> {
    const SQL: &str = "SELECT
        (SELECT count(*) FROM source WHERE retired = 0),
        (SELECT count(*) FROM source WHERE retired = 0 AND health > 'well')
            + (SELECT count(*) FROM source WHERE retired = 0 AND health < 'well'),
        (SELECT coalesce(max(id), 0) FROM story),
        (SELECT seen_at_ms FROM story ORDER BY id DESC LIMIT 1)";
    // A step from language to language, as the index has many rows of each.
    const LANGUAGES: &str = "WITH RECURSIVE known (lang) AS (
            SELECT min(value) FROM event_facet WHERE facet = 'lang'
            UNION ALL
            SELECT (SELECT min(value) FROM event_facet WHERE facet = 'lang' AND value > lang) FROM known
            WHERE lang IS NOT NULL)
        SELECT lang FROM known WHERE lang IS NOT NULL";
    let version = last_version(db)?;
    let languages = db.prepare_cached(LANGUAGES)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let read = |row: &Row<'_>| {
        Ok(Overview {
            sources: row.get::<_, Count>(0)?.0,
            sources_failing: row.get::<_, Count>(1)?.0,
            stories: row.get::<_, Count>(2)?.0,
            last_story_at: row.get::<_, Option<Moment>>(3)?.map(|m| m.0),
            languages,
            version,
        })
    };
    Ok(db.prepare_cached(SQL)?.query_row([], read)?)
}

fn last_version(db: &Connection) -> Result<EventVersion, Fault> {
    const SQL: &str = "SELECT coalesce(max(version), 0) FROM event_change";
    Ok(db.prepare_cached(SQL)?.query_row([], |row| row.get(0).map(EventVersion))?)
}

/// The cards of `events`, in their order: the stories of all of them are read in one go, their texts left alone.
fn dealt(db: &Connection, events: Vec<Event>) -> Result<Vec<EventCard>, Fault> {
    const SQL: &str = "SELECT e.id, s.id, s.seen_at_ms, s.published_ms, s.lang, s.publisher, s.link, s.title, d.ruling,
            d.copy_of, iif(s.id = e.first_story, substr(s.text, 1, 600), '')
        FROM json_each(?1) asked JOIN event e ON e.id = asked.value
            JOIN decision d ON d.event = e.id AND d.moved = 0 JOIN story s ON s.id = d.story
        ORDER BY d.event, d.story, d.revision, d.step";
    let mut asked = String::from("[");
    for (at, event) in events.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        // Writing to a String can't fail.
        write!(asked, "{comma}{}", event.id).ok();
    }
    asked.push(']');
    let mut cards: BTreeMap<EventId, (String, Vec<CardStory>)> = BTreeMap::new();
    let mut statement = db.prepare_cached(SQL)?;
    let mut rows = statement.query([asked])?;
    while let Some(row) = rows.next()? {
        let (lead, stories) = cards.entry(EventId(row.get(0)?)).or_default();
        let id = StoryId(row.get(1)?);
        // Of its decisions the first says what the story is in the event.
        if stories.last().is_some_and(|last| last.id == id) || stories.len() >= CARD_STORIES_MAX {
            continue;
        }
        stories.push(card_story(row, id)?);
        let text: String = row.get(10)?;
        if !text.is_empty() {
            *lead = text;
        }
    }
    let card = |event: Event| {
        let (lead, stories) = cards.remove(&event.id).unwrap_or_default();
        EventCard { event, lead, stories }
    };
    Ok(events.into_iter().map(card).collect())
}

fn card_story(row: &Row<'_>, id: StoryId) -> rusqlite::Result<CardStory> {
    Ok(CardStory {
        id,
        seen_at: row.get::<_, Moment>(2)?.0,
        published: row.get::<_, Option<Moment>>(3)?.map(|m| m.0),
        lang: row.get(4)?,
        publisher: row.get(5)?,
        link: row.get(6)?,
        title: row.get(7)?,
        ruling: decision::ruling_at(row, 8)?,
    })
}

fn changed(db: &Connection, after: EventVersion, filter: &EventFilter, most: usize) -> Result<ChangedEvents, Fault> {
    const SQL: &str = "SELECT version, event FROM event_change WHERE version > ?1 ORDER BY version LIMIT ?2";
    let read = |row: &Row<'_>| Ok((EventVersion(row.get(0)?), EventId(row.get(1)?)));
    let rows: Vec<(EventVersion, EventId)> =
        db.prepare_cached(SQL)?.query_map(params![after.0, limit(most)], read)?.collect::<Result<_, _>>()?;
    let last = last_version(db)?;
    let through = rows.last().map_or(last, |(version, _)| *version);
    let mut events = Vec::with_capacity(rows.len());
    for (_, id) in rows {
        let fitting = event::list_one(db, filter, id)?;
        events.push((id, dealt(db, fitting.into_iter().collect())?.pop()));
    }
    Ok(ChangedEvents { events, through, last })
}

fn events_of(db: &Connection, story: StoryId) -> Result<Vec<Event>, Fault> {
    let ids = event::of_story(db, story)?.into_iter().collect();
    event::those(db, &ids)
}

fn stories_with(db: &Connection, filter: &StoryFilter) -> Result<Vec<Story>, Fault> {
    let (from, below) = story::span(db, filter.since, filter.until)?;
    let below = filter.before.map_or(below, |before| below.min(before.0));
    let ids = match phrase(&filter.needed) {
        Some(words) => search::between(db, &words, (from, below), filter.limit)?,
        None => story::newest(db, (from, below), filter.limit)?,
    };
    ids.into_iter().filter_map(|id| story::one(db, id).transpose()).collect()
}

/// What is needed, in the syntax of the index of words; `None` where it can't tell.
fn phrase(needed: &Needed) -> Option<String> {
    let all = |list: &[Needed], word: &str| {
        let parts: Vec<String> = list.iter().filter_map(phrase).collect();
        (!parts.is_empty()).then(|| format!("({})", parts.join(word)))
    };
    match needed {
        Needed::Anything => None,
        Needed::Begins(start) => {
            // In quotes nothing is an operator.
            let start: String = start.chars().filter(|c| c.is_alphanumeric()).collect();
            (!start.is_empty()).then(|| format!("\"{start}\"*"))
        }
        Needed::Initials(letters) => {
            let letters: Vec<String> = letters.chars().filter(|c| c.is_alphanumeric()).map(String::from).collect();
            (!letters.is_empty()).then(|| format!("\"{}\"", letters.join(" ")))
        }
        Needed::Parted(first, second) => {
            let clean = |part: &str| part.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            Some(format!("\"{} {}\"*", clean(first), clean(second)))
        }
        Needed::All(list) => all(list, " AND "),
        // An alternative that the index can't tell may hold anywhere.
        Needed::Any(list) if list.iter().any(|part| phrase(part).is_none()) => None,
        Needed::Any(list) => all(list, " OR "),
    }
}
