//! Article pages: stories that wait for theirs, claimed like sources.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::claim::{self, Bounds, next_fence};
use super::column::{Address, Count, Moment, Span, TopicName};
use super::fault::Fault;
use super::source::earliest;
use super::story;
use crate::model::{
    ArticleClaim, ArticleRecord, DomainPause, ReadFor, SourceId, StoryDraft, StoryId, ToRead, TopicKey, WebUrl,
};
use crate::port::ClaimSources;
use crate::url::registrable;

/// No story waits longer for its page: it is decided on what the list or feed said.
const WAIT_MAX: Duration = Duration::from_hours(1);
/// Pages of a domain that was left alone are asked for so long after its feeds: those say what is new.
const AFTER_FEEDS: Duration = Duration::from_mins(1);

/// The page to be fetched for a story: where the publisher points, else the canonical address. `None`: there is none (a link without
/// an address of its own leads to a file).
pub(super) fn page(draft: &StoryDraft) -> Option<WebUrl> {
    if draft.url.is_empty() {
        return None;
    }
    WebUrl::parse(&draft.link).or_else(|_| WebUrl::parse(&draft.url)).ok()
}

/// The page to be fetched for a story, unless its domain is left alone for longer than a story waits.
pub(super) fn within_reach(db: &Connection, draft: &StoryDraft, now: Timestamp) -> Result<Option<WebUrl>, Fault> {
    const AWAY: &str = "SELECT 1 FROM pause WHERE domain = ?1 AND until_ms > ?2";
    let Some(page) = page(draft) else { return Ok(None) };
    let domain = registrable(page.host_text());
    let is_away = db.prepare_cached(AWAY)?.exists(params![domain, Moment(later(now, WAIT_MAX))])?;
    Ok(Some(page).filter(|_| !is_away))
}

fn later(at: Timestamp, wait: Duration) -> Timestamp {
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// Puts a story's page in line; `topic` is the one that it may be on, where that is why.
pub(super) fn await_page(
    db: &Connection,
    story: StoryId,
    page: &WebUrl,
    topic: Option<&TopicKey>,
    at: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "INSERT INTO article (story, url, domain, at_ms) VALUES (?1, ?2, ?3,
        coalesce((SELECT until_ms + ?5 FROM pause WHERE domain = ?3 AND until_ms > ?4), ?4))";
    let domain = registrable(page.host_text());
    db.prepare_cached(SQL)?.execute(params![story.0, page.as_str(), domain, Moment(at), Span(AFTER_FEEDS)])?;
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
    let page = match story::one(db, *story)? {
        Some(story) => within_reach(db, &story.draft, *at)?,
        None => None,
    };
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
    let read = |row: &Row<'_>| Ok((row.get::<_, TopicName>(0)?.0, row.get::<_, Count>(1)?.0));
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
    const DUE: &str = "SELECT a.story, a.domain, s.source, a.detail LIKE 'timeout: %',
        EXISTS (SELECT 1 FROM source c WHERE c.id = s.source AND c.kind <> 'feed')
        FROM article a JOIN story s ON s.id = a.story
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
        let (is_slow, is_listed) = (row.get(3)?, row.get(4)?);
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
            is_listed,
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
    const AGAIN: &str = "UPDATE article SET at_ms = max(at_ms, ?2), tries = tries + 1, detail = ?3, lease_until_ms = 0
        WHERE story = ?1";
    const OTHERS: &str = "UPDATE article SET tries = tries + 1 WHERE domain = ?1 AND story <> ?2";
    const AGREES: &str = "UPDATE article SET tries = 0
        WHERE tries > 0 AND domain = (SELECT domain FROM article WHERE story = ?1)";
    let (story, fence) = match record {
        ArticleRecord::Read { story, fence, .. } | ArticleRecord::Failed { story, fence, .. } => (*story, *fence),
    };
    if !db.prepare_cached(HOLDS)?.exists([story.0, fence])? {
        return Ok(());
    }
    if let ArticleRecord::Failed { domain_pause: Some(pause), .. } = record {
        // Who refuses one page refuses them all: none is asked for just to hear the same.
        db.prepare_cached(OTHERS)?.execute(params![pause.domain, story.0])?;
        claim::pause(db, pause, now)?;
    }
    match record {
        ArticleRecord::Read { draft, .. } => {
            // Refusals count in a row: a host that gives ten pages a minute gives them all.
            db.prepare_cached(AGREES)?.execute([story.0])?;
            story::replace(db, story, draft)?;
            go_on(db, story)
        }
        ArticleRecord::Failed { retry_at: Some(at), detail, .. } => {
            db.prepare_cached(AGAIN)?.execute(params![story.0, Moment(*at), detail])?;
            give_up_late(db, Late::Story(story))
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

/// Has the pages of a domain wait until it is left alone no longer, and a little more. Stories that would wait too long for that go on.
pub(super) fn put_off(db: &Connection, pause: &DomainPause) -> Result<(), Fault> {
    const SQL: &str = "UPDATE article SET at_ms = ?2 WHERE domain = ?1 AND at_ms < ?2";
    db.prepare_cached(SQL)?.execute(params![pause.domain, Moment(later(pause.until, AFTER_FEEDS))])?;
    give_up_late(db, Late::Domain(&pause.domain))
}

/// Has the pages of a domain that were put off until then wait no longer.
pub(super) fn bring_forward(db: &Connection, domain: &str, until: Timestamp, now: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "UPDATE article SET at_ms = ?2 WHERE domain = ?1 AND at_ms > ?2 AND at_ms <= ?3";
    db.prepare_cached(SQL)?.execute(params![domain, Moment(now), Moment(later(until, AFTER_FEEDS))])?;
    Ok(())
}

/// Whose pages may be late.
#[derive(Clone, Copy)]
enum Late<'a> {
    Story(StoryId),
    Domain(&'a str),
}

/// Lets stories go on whose page is asked for later than they wait, or was asked for, or refused, as often as it is.
fn give_up_late(db: &Connection, which: Late<'_>) -> Result<(), Fault> {
    const STORY: &str = "SELECT a.story FROM article a LEFT JOIN reading r ON r.story = a.story
        WHERE a.story = ?3 AND (a.tries >= ?1 OR a.at_ms > coalesce(r.at_ms, 0) + ?2)";
    const DOMAIN: &str = "SELECT a.story FROM article a LEFT JOIN reading r ON r.story = a.story
        WHERE a.domain = ?3 AND (a.tries >= ?1 OR a.at_ms > coalesce(r.at_ms, 0) + ?2)";
    let (most, wait) = (ArticleClaim::TRIES_MAX, Span(WAIT_MAX + AFTER_FEEDS));
    let id = |row: &Row<'_>| row.get(0);
    let late: Vec<i64> = match which {
        Late::Story(story) => {
            db.prepare_cached(STORY)?.query_map(params![most, wait, story.0], id)?.collect::<Result<_, _>>()?
        }
        Late::Domain(domain) => {
            db.prepare_cached(DOMAIN)?.query_map(params![most, wait, domain], id)?.collect::<Result<_, _>>()?
        }
    };
    late.into_iter().try_for_each(|story| go_on(db, StoryId(story)))
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
