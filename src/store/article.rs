//! Article pages: stories that wait for theirs, claimed like sources.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::claim::{self, Bounds, next_fence};
use super::column::{Address, Count, Moment, TopicName};
use super::fault::Fault;
use super::source::earliest;
use super::story;
use crate::model::{ArticleClaim, ArticleRecord, ReadFor, SourceId, StoryDraft, StoryId, ToRead, TopicKey, WebUrl};
use crate::port::ClaimSources;
use crate::url::registrable;

/// The page to be fetched for a story: where the publisher points, else the canonical address. `None`: there is none (a link without
/// an address of its own leads to a file).
pub(super) fn page(draft: &StoryDraft) -> Option<WebUrl> {
    if draft.url.is_empty() {
        return None;
    }
    WebUrl::parse(&draft.link).or_else(|_| WebUrl::parse(&draft.url)).ok()
}

/// Puts a story's page in line; `topic` is the one that it may be on, where that is why.
pub(super) fn await_page(
    db: &Connection,
    story: StoryId,
    page: &WebUrl,
    topic: Option<&TopicKey>,
    at: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO article (story, url, domain, at_ms) VALUES (?1, ?2, ?3, ?4)";
    db.prepare_cached(SQL)?.execute(params![story.0, page.as_str(), registrable(page.host_text()), Moment(at)])?;
    note_reading(db, story, topic, at)
}

/// Notes that a story's page was asked for: it is not asked for again.
fn note_reading(db: &Connection, story: StoryId, topic: Option<&TopicKey>, at: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "INSERT OR REPLACE INTO reading (story, topic, at_ms) VALUES (?1, ?2, ?3)";
    db.prepare_cached(SQL)?.execute(params![story.0, topic.map_or("", |topic| topic.as_str()), Moment(at)])?;
    Ok(())
}

/// Has a story's page read before it is decided; one that has none, or was changed meanwhile, stays undecided.
pub(super) fn read_first(db: &Connection, wanted: &ToRead) -> Result<(), Fault> {
    const WAITS: &str = "UPDATE story SET state = 'awaiting' WHERE id = ?1 AND state = 'undecided'";
    let ToRead { story, topic, at } = wanted;
    let page = story::one(db, *story)?.and_then(|story| page(&story.draft));
    match page {
        Some(page) if db.prepare_cached(WAITS)?.execute([story.0])? > 0 => {
            await_page(db, *story, &page, Some(topic), *at)
        }
        Some(_) => Ok(()),
        None => note_reading(db, *story, Some(topic), *at),
    }
}

/// Of the stories from one number to another those whose page was asked for, and why.
pub(super) fn read_among(db: &Connection, first: StoryId, last: StoryId) -> Result<BTreeMap<StoryId, ReadFor>, Fault> {
    const SQL: &str = "SELECT story, nullif(topic, '') FROM reading WHERE story BETWEEN ?1 AND ?2";
    let mut statement = db.prepare_cached(SQL)?;
    let rows = statement.query_map([first.0, last.0], |row| {
        let topic = row.get::<_, Option<TopicName>>(1)?;
        Ok((StoryId(row.get(0)?), topic.map_or(ReadFor::Source, |name| ReadFor::Topic(name.0))))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// For how many stories of each topic a page was asked for since.
pub(super) fn readings(db: &Connection, since: Timestamp) -> Result<BTreeMap<TopicKey, usize>, Fault> {
    const SQL: &str = "SELECT topic, count(*) FROM reading WHERE at_ms >= ?1 AND topic <> '' GROUP BY topic";
    let mut statement = db.prepare_cached(SQL)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, TopicName>(0)?.0, row.get::<_, Count>(1)?.0));
    let counts: Vec<(TopicKey, u64)> = statement.query_map([Moment(since)], read)?.collect::<Result<_, _>>()?;
    Ok(counts.into_iter().map(|(topic, count)| (topic, usize::try_from(count).unwrap_or(usize::MAX))).collect())
}

/// Forgets of old stories that their page was asked for.
pub(super) fn forget_readings(db: &Connection, before: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "DELETE FROM reading WHERE story IN
        (SELECT story FROM reading WHERE at_ms < ?1 AND story NOT IN (SELECT story FROM article) LIMIT 1000)";
    db.prepare_cached(SQL)?.execute([Moment(before)])?;
    Ok(())
}

/// Claims due pages, oldest first.
pub(super) fn claim(db: &Connection, claim: &ClaimSources) -> Result<Vec<ArticleClaim>, Fault> {
    const DUE: &str =
        "SELECT a.story, a.domain, s.source, a.detail LIKE 'timeout: %' FROM article a JOIN story s ON s.id = a.story
        WHERE a.at_ms <= ?1 ORDER BY a.at_ms, a.story";
    const TAKE: &str = "UPDATE article SET lease_until_ms = ?2, fence = ?3 WHERE story = ?1 AND lease_until_ms <= ?4
        RETURNING url, tries";
    let mut bounds = Bounds::new(db, claim)?;
    let mut fence = None;
    let mut claims = Vec::new();
    let mut due = db.prepare_cached(DUE)?;
    let mut rows = due.query([Moment(claim.now)])?;
    while !bounds.is_full() {
        let Some(row) = rows.next()? else { break };
        let domain = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let is_slow = row.get(3)?;
        if !bounds.has_room(domain, SourceId(row.get(2)?), is_slow) {
            continue;
        }
        let id = StoryId(row.get(0)?);
        let proof = match fence {
            Some(fence) => fence,
            None => *fence.insert(next_fence(db)?),
        };
        let taken: Option<(Address, u32)> = db
            .prepare_cached(TAKE)?
            .query_row(params![id.0, Moment(claim.lease_until), proof, Moment(claim.now)], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()?;
        let Some((Address(url), tries)) = taken else { continue };
        bounds.take(domain, is_slow);
        claims.extend(story::one(db, id)?.map(|story| ArticleClaim {
            is_slow,
            story: id,
            source: story.source,
            url,
            draft: story.draft,
            tries,
            fence: proof,
        }));
    }
    Ok(claims)
}

/// Writes what fetching a page brought; with a fence that no longer holds, nothing.
pub(super) fn record(db: &Connection, record: &ArticleRecord, now: Timestamp) -> Result<(), Fault> {
    const HOLDS: &str = "SELECT 1 FROM article WHERE story = ?1 AND fence = ?2";
    const AGAIN: &str =
        "UPDATE article SET at_ms = ?2, tries = tries + 1, detail = ?3, lease_until_ms = 0 WHERE story = ?1";
    let (story, fence) = match record {
        ArticleRecord::Read { story, fence, .. } | ArticleRecord::Failed { story, fence, .. } => (*story, *fence),
    };
    if !db.prepare_cached(HOLDS)?.exists([story.0, fence])? {
        return Ok(());
    }
    if let ArticleRecord::Failed { domain_pause: Some(pause), .. } = record {
        claim::pause(db, pause, now)?;
    }
    match record {
        ArticleRecord::Read { draft, .. } => {
            story::replace(db, story, draft)?;
            go_on(db, story)
        }
        ArticleRecord::Failed { retry_at: Some(at), detail, .. } => {
            db.prepare_cached(AGAIN)?.execute(params![story.0, Moment(*at), detail])?;
            Ok(())
        }
        ArticleRecord::Failed { retry_at: None, .. } => go_on(db, story),
    }
}

/// Lets a story go on to be decided.
fn go_on(db: &Connection, story: StoryId) -> Result<(), Fault> {
    const STORY: &str = "UPDATE story SET state = 'undecided' WHERE id = ?1 AND state = 'awaiting'";
    const ROW: &str = "DELETE FROM article WHERE story = ?1";
    db.prepare_cached(STORY)?.execute([story.0])?;
    db.prepare_cached(ROW)?.execute([story.0])?;
    Ok(())
}

/// Lets all waiting stories of a source go on to be decided on what the list said.
pub(super) fn give_up_all(db: &Connection, source: SourceId) -> Result<(), Fault> {
    // Few wait, whatever their source. Not told so, SQLite goes through all stories there are.
    const SQL: &str = "SELECT a.story FROM article a CROSS JOIN story s ON s.id = a.story WHERE s.source = ?1";
    let waiting: Vec<i64> =
        db.prepare_cached(SQL)?.query_map([source.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
    waiting.into_iter().try_for_each(|story| go_on(db, StoryId(story)))
}

/// When a page is due next, claims counted from their lease's end.
pub(super) fn due(db: &Connection) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT at_ms, lease_until_ms FROM article ORDER BY at_ms";
    let mut statement = db.prepare_cached(SQL)?;
    let mut rows = statement.query([])?;
    earliest(&mut rows)
}
