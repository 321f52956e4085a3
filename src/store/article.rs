//! Article pages: stories that wait for theirs, claimed like sources.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::claim::{self, Bounds, next_fence};
use super::column::{Address, Moment};
use super::fault::Fault;
use super::source::earliest;
use super::story;
use crate::model::{ArticleClaim, ArticleRecord, SourceId, StoryDraft, StoryId, WebUrl};
use crate::port::ClaimSources;
use crate::url::registrable;

/// The page to be fetched for a story: where the publisher points, else the canonical address. `None`: there is none.
pub(super) fn page(draft: &StoryDraft) -> Option<WebUrl> {
    WebUrl::parse(&draft.link).or_else(|_| WebUrl::parse(&draft.url)).ok()
}

/// Puts a story's page in line.
pub(super) fn await_page(db: &Connection, story: StoryId, page: &WebUrl, at: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO article (story, url, domain, at_ms) VALUES (?1, ?2, ?3, ?4)";
    db.prepare_cached(SQL)?.execute(params![story.0, page.as_str(), registrable(page.host_text()), Moment(at)])?;
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
    const SQL: &str = "SELECT a.story FROM article a JOIN story s ON s.id = a.story WHERE s.source = ?1";
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
