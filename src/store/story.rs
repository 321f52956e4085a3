//! Stories: the log itself, their keys and their revisions.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::claim::limit;
use super::column::{Count, Hash, Keys, Moment, Word, key_bytes};
use super::fault::Fault;
use super::search;
use crate::model::{Arrival, EntryKey, Known, SourceId, Story, StoryDraft, StoryId, StoryState};

/// The columns that [`read`] takes, of a story named `s`.
macro_rules! story_columns {
    () => {
        "s.id, s.source, s.seen_at_ms, s.arrival, s.revision, s.state, s.published_ms, s.fingerprint, s.lang,
         s.publisher, s.keys, s.url, s.link, s.title, s.author, s.text"
    };
}
pub(super) use story_columns;

/// How many columns [`story_columns`] names.
pub(super) const STORY_COLUMNS: usize = 16;

/// Reads a story from the first [`STORY_COLUMNS`] columns.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Story> {
    Ok(Story {
        id: StoryId(row.get(0)?),
        source: SourceId(row.get(1)?),
        seen_at: row.get::<_, Moment>(2)?.0,
        arrival: row.get::<_, Word<Arrival>>(3)?.0,
        revision: row.get(4)?,
        state: row.get::<_, Word<StoryState>>(5)?.0,
        draft: StoryDraft {
            published: row.get::<_, Option<Moment>>(6)?.map(|m| m.0),
            fingerprint: row.get::<_, Hash>(7)?.0,
            lang: row.get(8)?,
            publisher: row.get(9)?,
            keys: row.get::<_, Keys>(10)?.0,
            url: row.get(11)?,
            link: row.get(12)?,
            title: row.get(13)?,
            author: row.get(14)?,
            text: row.get(15)?,
        },
    })
}

/// One story.
pub(super) fn one(db: &Connection, id: StoryId) -> Result<Option<Story>, Fault> {
    const SQL: &str = concat!("SELECT ", story_columns!(), " FROM story s WHERE s.id = ?1");
    Ok(db.prepare_cached(SQL)?.query_row([id.0], read).optional()?)
}

/// The story under the first of `keys` that has one.
pub(super) fn by_keys(db: &Connection, keys: &[EntryKey]) -> Result<Option<StoryId>, Fault> {
    const SQL: &str = "SELECT story FROM story_key WHERE key = ?1";
    let mut statement = db.prepare_cached(SQL)?;
    for key in keys {
        let found = statement.query_row([key_bytes(*key)], |row| row.get(0).map(StoryId)).optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The stories known under any of `keys`, in the order of `keys`; of those that retention deleted, no more than that.
pub(super) fn known(db: &Connection, keys: &[EntryKey]) -> Result<Vec<Known>, Fault> {
    const SQL: &str = "SELECT k.story, s.source, s.url, s.title, s.fingerprint, s.text_chars, s.published_ms
        FROM story_key k LEFT JOIN story s ON s.id = k.story WHERE k.key = ?1";
    let mut statement = db.prepare_cached(SQL)?;
    let mut found = Vec::new();
    for key in keys {
        let read = |row: &Row<'_>| {
            let story = StoryId(row.get(0)?);
            let Some(source) = row.get::<_, Option<i64>>(1)? else { return Ok(Known::buried(*key, story)) };
            Ok(Known {
                key: *key,
                story,
                source: SourceId(source),
                url: row.get(2)?,
                title: row.get(3)?,
                fingerprint: row.get::<_, Hash>(4)?.0,
                text_chars: usize::try_from(row.get::<_, Count>(5)?.0).unwrap_or(usize::MAX),
                published: row.get::<_, Option<Moment>>(6)?.map(|at| at.0),
            })
        };
        found.extend(statement.query_row([key_bytes(*key)], read).optional()?);
    }
    Ok(found)
}

fn chars(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// Where and when a story was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading {
    pub(super) source: SourceId,
    pub(super) seen_at: Timestamp,
    pub(super) arrival: Arrival,
    pub(super) state: StoryState,
}

/// Writes a new story; its keys must be free.
pub(super) fn insert(db: &Connection, draft: &StoryDraft, reading: Reading) -> Result<StoryId, Fault> {
    const SQL: &str = "INSERT INTO story (source, seen_at_ms, arrival, revision, state, published_ms, fingerprint,
            text_chars, lang, publisher, keys, url, link, title, author, text)
        VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    const KEY: &str = "INSERT OR IGNORE INTO story_key (key, story) VALUES (?1, ?2)";
    let id = db.prepare_cached(SQL)?.insert(params![
        reading.source.0,
        Moment(reading.seen_at),
        Word(reading.arrival),
        Word(reading.state),
        draft.published.map(Moment),
        Hash(draft.fingerprint),
        chars(&draft.text),
        draft.lang,
        draft.publisher,
        Keys(draft.keys.clone()),
        draft.url,
        draft.link,
        draft.title,
        draft.author,
        draft.text
    ])?;
    let mut statement = db.prepare_cached(KEY)?;
    for key in &draft.keys {
        statement.execute(params![key_bytes(*key), id])?;
    }
    search::note(db, StoryId(id))?;
    Ok(StoryId(id))
}

/// Adds names to a story; one that another story has stays there.
pub(super) fn add_keys(db: &Connection, story: StoryId, keys: &[EntryKey]) -> Result<(), Fault> {
    const KEY: &str = "INSERT OR IGNORE INTO story_key (key, story) VALUES (?1, ?2)";
    const KEYS: &str = "UPDATE story SET keys = CAST(keys || ?2 AS BLOB) WHERE id = ?1";
    let mut insert = db.prepare_cached(KEY)?;
    let mut added = Vec::new();
    for key in keys {
        if insert.execute(params![key_bytes(*key), story.0])? > 0 {
            added.push(*key);
        }
    }
    if !added.is_empty() {
        db.prepare_cached(KEYS)?.execute(params![story.0, Keys(added)])?;
    }
    Ok(())
}

/// Replaces what a story says: names are added, not lost.
pub(super) fn replace(db: &Connection, story: StoryId, draft: &StoryDraft) -> Result<(), Fault> {
    const SQL: &str =
        "UPDATE story SET published_ms = ?2, fingerprint = ?3, text_chars = ?4, lang = ?5, publisher = ?6,
            url = ?7, link = ?8, title = ?9, author = ?10, text = ?11, text_dropped = 0
        WHERE id = ?1";
    search::note_change(db, story)?;
    db.prepare_cached(SQL)?.execute(params![
        story.0,
        draft.published.map(Moment),
        Hash(draft.fingerprint),
        chars(&draft.text),
        draft.lang,
        draft.publisher,
        draft.url,
        draft.link,
        draft.title,
        draft.author,
        draft.text
    ])?;
    add_keys(db, story, &draft.keys)
}

/// Replaces what a story says as a new revision, to be decided; one that waits for its page goes on waiting.
pub(super) fn revise(db: &Connection, story: StoryId, draft: &StoryDraft, at: Timestamp) -> Result<bool, Fault> {
    const KEEP: &str = "INSERT INTO story_revision (story, revision, title, text, replaced_at_ms)
        SELECT id, revision, title, text, ?2 FROM story WHERE id = ?1";
    const NEXT: &str = "UPDATE story SET revision = revision + 1, state = iif(state = 'awaiting', state, 'undecided')
        WHERE id = ?1";
    if db.prepare_cached(KEEP)?.execute(params![story.0, Moment(at)])? == 0 {
        return Ok(false);
    }
    // A list page knows titles alone: the text and date that the article gave stay.
    let mut kept = draft.clone();
    if kept.text.is_empty()
        && let Some(old) = one(db, story)?
    {
        kept.text = old.draft.text;
        kept.published = kept.published.or(old.draft.published);
    }
    replace(db, story, &kept)?;
    db.prepare_cached(NEXT)?.execute([story.0])?;
    Ok(true)
}

/// The oldest undecided stories.
pub(super) fn undecided(db: &Connection, most: usize) -> Result<Vec<Story>, Fault> {
    const SQL: &str =
        concat!("SELECT ", story_columns!(), " FROM story s WHERE s.state = 'undecided' ORDER BY s.id LIMIT ?1");
    Ok(db.prepare_cached(SQL)?.query_map([limit(most)], read)?.collect::<Result<_, _>>()?)
}

/// Whether a story is undecided.
pub(super) fn any_undecided(db: &Connection) -> Result<bool, Fault> {
    const SQL: &str = "SELECT 1 FROM story WHERE state = 'undecided' LIMIT 1";
    Ok(db.prepare_cached(SQL)?.exists([])?)
}

/// Stories first seen at or after `since`, in the order they were recorded, numbered above `after`.
pub(super) fn since(db: &Connection, since: Timestamp, after: StoryId, most: usize) -> Result<Vec<Story>, Fault> {
    // The first page finds its start by the times; the following ones know it.
    const FIRST: &str = "SELECT min(id) FROM story INDEXED BY story_seen WHERE seen_at_ms >= ?1";
    const PAGE: &str = concat!(
        "SELECT ",
        story_columns!(),
        " FROM story s WHERE s.id >= ?1 AND +s.seen_at_ms >= ?2 ORDER BY s.id LIMIT ?3"
    );
    let first: i64 = if after.0 > 0 {
        after.0.saturating_add(1)
    } else {
        let first: Option<i64> = db.prepare_cached(FIRST)?.query_row([Moment(since)], |row| row.get(0))?;
        let Some(first) = first else { return Ok(Vec::new()) };
        first
    };
    let mut page = db.prepare_cached(PAGE)?;
    Ok(page.query_map(params![first, Moment(since), limit(most)], read)?.collect::<Result<_, _>>()?)
}

/// Where the stories first seen within times lie in the log: from a number on, and below a number.
pub(super) fn span(db: &Connection, since: Option<Timestamp>, until: Option<Timestamp>) -> Result<(i64, i64), Fault> {
    const FROM: &str = "SELECT min(id) FROM story INDEXED BY story_seen WHERE seen_at_ms >= ?1";
    const TO: &str = "SELECT max(id) FROM story INDEXED BY story_seen WHERE seen_at_ms < ?1";
    let bound = |sql: &str, at: Timestamp| -> Result<Option<i64>, Fault> {
        Ok(db.prepare_cached(sql)?.query_row([Moment(at)], |row| row.get(0))?)
    };
    let from = since.map_or(Ok(Some(0)), |at| bound(FROM, at))?.unwrap_or(i64::MAX);
    let below = until.map_or(Ok(Some(i64::MAX - 1)), |at| bound(TO, at))?.unwrap_or(-1).saturating_add(1);
    Ok((from, below))
}

/// The newest stories within a part of the log.
pub(super) fn newest(db: &Connection, (from, below): (i64, i64), most: usize) -> Result<Vec<StoryId>, Fault> {
    const SQL: &str = "SELECT id FROM story WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
    let mut statement = db.prepare_cached(SQL)?;
    let ids = statement.query_map(params![from, below, limit(most)], |row| row.get(0).map(StoryId))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// The latest stories that a source brought, as far as so many of all go back: there is no index by source, which each
/// new story would pay for, and a source that brings little ended with its own last one.
pub(super) fn of(db: &Connection, source: SourceId, until: Timestamp, most: usize) -> Result<Vec<Story>, Fault> {
    const LOOKED_AT: i64 = 5_000;
    const SQL: &str = concat!(
        "SELECT ",
        story_columns!(),
        " FROM (SELECT id FROM story INDEXED BY story_seen WHERE seen_at_ms <= ?2 ORDER BY seen_at_ms DESC, id DESC LIMIT ?4) l
          CROSS JOIN story s ON s.id = l.id WHERE s.source = ?1 LIMIT ?3"
    );
    let mut statement = db.prepare_cached(SQL)?;
    let of = params![source.0, Moment(until), limit(most), LOOKED_AT];
    Ok(statement.query_map(of, read)?.collect::<Result<_, _>>()?)
}

/// A story by one of its names, or by its number.
pub(super) fn find(db: &Connection, keys: &[EntryKey], id: Option<StoryId>) -> Result<Option<StoryId>, Fault> {
    const SQL: &str = "SELECT id FROM story WHERE id = ?1";
    if let Some(story) = by_keys(db, keys)? {
        return Ok(Some(story));
    }
    let Some(id) = id else { return Ok(None) };
    Ok(db.prepare_cached(SQL)?.query_row([id.0], |row| row.get(0).map(StoryId)).optional()?)
}
