//! The full-text index over titles and texts.
//!
//! Words are added [`BATCH`] stories at a time, as each small batch leaves a segment that the index must merge later.
//! Stories that wait are searched through a small index in memory, so a search misses none. Costs: see the room's docs.

use std::fmt::Write as _;

use rusqlite::{Connection, params};

use super::claim::limit;
use super::fault::Fault;
use super::story;
use crate::model::{Story, StoryId};
use crate::port::Merging;

/// So many stories wait before their words are added.
const BATCH: i64 = 512;

/// Notes that a new story's words are to be added.
pub(super) fn note(db: &Connection, story: StoryId) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO unindexed (story) VALUES (?1)";
    db.prepare_cached(SQL)?.execute([story.0])?;
    Ok(())
}

/// Takes a story's words out before its row changes (the index keeps no copy of them), and notes the new ones.
pub(super) fn note_change(db: &Connection, story: StoryId) -> Result<(), Fault> {
    const NOTE: &str = "INSERT OR IGNORE INTO unindexed (story) SELECT id FROM story WHERE id = ?1";
    const OUT: &str = "INSERT INTO story_text (story_text, rowid, title, text)
        SELECT 'delete', id, title, text FROM story WHERE id = ?1";
    if db.prepare_cached(NOTE)?.execute([story.0])? > 0 {
        db.prepare_cached(OUT)?.execute([story.0])?;
    }
    Ok(())
}

/// Adds the words of stories that wait, once a batch of them does.
pub(super) fn catch_up(db: &Connection) -> Result<(), Fault> {
    const WAITING: &str = "SELECT count(*) FROM unindexed";
    let waiting: i64 = db.prepare_cached(WAITING)?.query_row([], |row| row.get(0))?;
    if waiting >= BATCH { add_all(db) } else { Ok(()) }
}

/// Adds the words of all stories that wait.
pub(super) fn add_all(db: &Connection) -> Result<(), Fault> {
    const ADD: &str = "INSERT INTO story_text (rowid, title, text)
        SELECT s.id, s.title, s.text FROM unindexed u JOIN story s ON s.id = u.story ORDER BY u.story";
    const DONE: &str = "DELETE FROM unindexed";
    db.prepare_cached(ADD)?.execute([])?;
    db.prepare_cached(DONE)?.execute([])?;
    Ok(())
}

/// Pages of the index that are written in one step of a merge.
const MERGED_PAGES: i64 = 100;

/// Merges a part of the index: until then the words that were taken out stand in it twice, as they were and as gone. `true` where there
/// is more to do. (A negative number begins [a merge of everything](https://sqlite.org/fts5.html#the_merge_command).)
pub(super) fn merge(db: &Connection, step: Merging) -> Result<bool, Fault> {
    const SQL: &str = "INSERT INTO story_text (story_text, rank) VALUES ('merge', ?1)";
    let pages = match step {
        Merging::Begins => -MERGED_PAGES,
        Merging::GoesOn => MERGED_PAGES,
    };
    let before = db.total_changes();
    db.prepare_cached(SQL)?.execute([pages])?;
    // One change is the command's own.
    Ok(db.total_changes().saturating_sub(before) >= 2)
}

/// Stories numbered below `before` that hold all the words, newest first.
pub(super) fn find(db: &Connection, words: &str, before: StoryId, most: usize) -> Result<Vec<Story>, Fault> {
    const SQL: &str = "SELECT rowid FROM story_text WHERE story_text MATCH ?1 AND rowid < ?3
        ORDER BY rowid DESC LIMIT ?2";
    let Some(query) = query(words) else { return Ok(Vec::new()) };
    let mut found = find_waiting(db, &query, (i64::MIN, before.0), most)?;
    let mut statement = db.prepare_cached(SQL)?;
    for id in statement.query_map(params![query, limit(most), before.0], |row| row.get(0))? {
        found.push(id?);
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.truncate(most);
    found.into_iter().filter_map(|id| story::one(db, StoryId(id)).transpose()).collect()
}

/// Stories within `span` (from a number on, below a number) that fit a query in the index's own syntax, newest first.
pub(super) fn between(
    db: &Connection,
    query: &str,
    (from, below): (i64, i64),
    most: usize,
) -> Result<Vec<StoryId>, Fault> {
    const SQL: &str = "SELECT rowid FROM story_text WHERE story_text MATCH ?1 AND rowid >= ?2 AND rowid < ?3
        ORDER BY rowid DESC LIMIT ?4";
    let mut found = find_waiting(db, query, (from, below), most)?;
    let mut statement = db.prepare_cached(SQL)?;
    for id in statement.query_map(params![query, from, below, limit(most)], |row| row.get(0))? {
        found.push(id?);
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    found.truncate(most);
    Ok(found.into_iter().map(StoryId).collect())
}

/// Those that fit a query among the stories that wait within `span`, the newest `most` of them or somewhat more, newest first.
///
/// They are indexed newest first, few and then ever more, until there are enough: a search that takes a few at a time comes here
/// again and again, and one for what is rare reads each once.
fn find_waiting(db: &Connection, query: &str, (from, mut below): (i64, i64), most: usize) -> Result<Vec<i64>, Fault> {
    const WAITING: &str = "SELECT s.id, s.title, s.text FROM unindexed u JOIN story s ON s.id = u.story
        WHERE u.story >= ?1 AND u.story < ?2 ORDER BY u.story DESC LIMIT ?3";
    let mut waiting = db.prepare_cached(WAITING)?;
    let mut found = Vec::new();
    let mut batch = WAITING_BATCH.max(most);
    while found.len() < most {
        let rows =
            waiting.query_map(params![from, below, limit(batch)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let stories = rows.collect::<Result<Vec<(i64, String, String)>, _>>()?;
        let Some((oldest, ..)) = stories.last() else { break };
        below = *oldest;
        found.extend(fitting(&stories, query)?);
        if stories.len() < batch {
            break;
        }
        batch = batch.saturating_mul(2);
    }
    Ok(found)
}

/// Stories that wait which are indexed at first.
const WAITING_BATCH: usize = 32;

/// Those of `stories` that fit a query, by an index of them in memory.
fn fitting(stories: &[(i64, String, String)], query: &str) -> Result<Vec<i64>, Fault> {
    const INDEX: &str = "CREATE VIRTUAL TABLE waiting USING fts5 (
        title, text, content = '', columnsize = 0, tokenize = 'unicode61 remove_diacritics 2')";
    const ADD: &str = "INSERT INTO waiting (rowid, title, text) VALUES (?1, ?2, ?3)";
    const FIND: &str = "SELECT rowid FROM waiting WHERE waiting MATCH ?1 ORDER BY rowid DESC";
    let index = Connection::open_in_memory()?;
    index.execute_batch(INDEX)?;
    let batch = index.unchecked_transaction()?;
    for (id, title, text) in stories {
        batch.prepare_cached(ADD)?.execute(params![id, title, text])?;
    }
    batch.commit()?;
    Ok(index.prepare(FIND)?.query_map([query], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// At most so many words are looked for; those beyond are dropped.
const WORDS_MAX: usize = 32;

/// The index's own syntax for "all of these words": each in quotes, so that none is taken for an operator. `None` where
/// nothing is asked.
fn query(words: &str) -> Option<String> {
    let mut query = String::new();
    for word in words.split_whitespace().filter(|w| w.chars().any(char::is_alphanumeric)).take(WORDS_MAX) {
        let (stem, star) = word.strip_suffix('*').map_or((word, ""), |stem| (stem, "*"));
        let stem: String = stem.chars().filter(|c| !c.is_control() && *c != '"').collect();
        let space = if query.is_empty() { "" } else { " " };
        // Writing to a String can't fail.
        write!(query, "{space}\"{stem}\"{star}").ok()?;
    }
    (!query.is_empty()).then_some(query)
}
