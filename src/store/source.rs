//! Sources: reading, declaring, claiming.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params};

use super::article;
use super::channel;
use super::claim::{Bounds, next_fence};
use super::column::{Address, Count, Moment, Span, Word};
use super::document::{Document, SelectorsRow, TopicsRow};
use super::fault::Fault;
use super::newcomer;
use super::topic::whereabouts;
use crate::model::{
    Moving, Origin, Priority, Source, SourceClaim, SourceHealth, SourceId, SourceKind, SourceSpec, SourceState,
    Validators, WebUrl,
};
use crate::port::{ClaimSources, Listed, PaceSample, SampledPace};
use crate::url::registrable;

macro_rules! columns {
    () => {
        "id, url, name, publisher, kind, selectors, lang, topics, interval_min_ms, interval_max_ms, full_text, origin,
         etag, last_modified, next_poll_at_ms, last_poll_at_ms, last_good_at_ms, last_story_at_ms, failures, polls,
         not_modified, interval_ms, health, last_outcome, stories, declared_url, retired, priority, pace, moving_to,
         moving_since_ms, moving_sightings, layout, slow"
    };
}

/// A source as it stands, with what only the store knows of it.
pub(super) struct HeldSource {
    pub(super) source: Source,
    /// The address it was declared with; differs from the one polled after a permanent move.
    pub(super) declared_url: String,
    pub(super) retired: bool,
}

fn read_held(row: &Row<'_>) -> rusqlite::Result<HeldSource> {
    Ok(HeldSource { source: read(row)?, declared_url: row.get(25)?, retired: row.get(26)? })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Source> {
    Ok(Source {
        id: SourceId(row.get(0)?),
        spec: read_spec(row)?,
        origin: row.get::<_, Word<Origin>>(11)?.0,
        state: SourceState {
            validators: Validators { etag: row.get(12)?, last_modified: row.get(13)? },
            next_poll_at: row.get::<_, Moment>(14)?.0,
            last_poll_at: row.get::<_, Option<Moment>>(15)?.map(|m| m.0),
            last_good_at: row.get::<_, Option<Moment>>(16)?.map(|m| m.0),
            last_story_at: row.get::<_, Option<Moment>>(17)?.map(|m| m.0),
            failures: row.get(18)?,
            polls: row.get::<_, Count>(19)?.0,
            not_modified: row.get::<_, Count>(20)?.0,
            interval: row.get::<_, Span>(21)?.0,
            health: row.get::<_, Word<SourceHealth>>(22)?.0,
            last_outcome: row.get(23)?,
            moved_from: moved_from(row)?,
            moving: moving(row)?,
            layout: row.get(32)?,
            is_slow: row.get(33)?,
            pace: row.get(28)?,
        },
        stories: row.get::<_, Count>(24)?.0,
    })
}

/// The address declared, where another is polled.
fn moved_from(row: &Row<'_>) -> rusqlite::Result<Option<WebUrl>> {
    let is_same = row.get_ref(1)?.as_str()? == row.get_ref(25)?.as_str()?;
    if is_same { Ok(None) } else { Ok(Some(row.get::<_, Address>(25)?.0)) }
}

fn moving(row: &Row<'_>) -> rusqlite::Result<Option<Moving>> {
    let (to, since) = (row.get::<_, Option<Address>>(29)?, row.get::<_, Option<Moment>>(30)?);
    let sightings = row.get(31)?;
    Ok(to.zip(since).map(|(to, since)| Moving { to: to.0, since: since.0, sightings }))
}

fn read_spec(row: &Row<'_>) -> rusqlite::Result<SourceSpec> {
    let selectors: Option<Document<SelectorsRow>> = row.get(5)?;
    Ok(SourceSpec {
        url: row.get::<_, Address>(1)?.0,
        name: row.get(2)?,
        publisher: row.get(3)?,
        kind: match selectors {
            Some(row) => SourceKind::Page(row.0.into_model()),
            None if row.get_ref(4)?.as_str()? == LIST => SourceKind::List,
            None => SourceKind::Feed,
        },
        lang: row.get(6)?,
        topics: row.get::<_, Document<TopicsRow>>(7)?.0.into_model()?,
        interval_min: row.get::<_, Span>(8)?.0,
        interval_max: row.get::<_, Span>(9)?.0,
        priority: row.get::<_, Word<Priority>>(27)?.0,
        full_text: row.get(10)?,
    })
}

/// All sources, retired ones too, by number.
pub(super) fn all(db: &Connection) -> Result<Vec<HeldSource>, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM source ORDER BY id");
    Ok(db.prepare_cached(SQL)?.query_map([], read_held)?.collect::<Result<_, _>>()?)
}

/// Sources by number.
pub(super) fn list(db: &Connection, which: Listed) -> Result<Vec<Source>, Fault> {
    let wanted = |held: &HeldSource| match which {
        Listed::Current => !held.retired,
        Listed::All => true,
    };
    Ok(all(db)?.into_iter().filter(wanted).map(|held| held.source).collect())
}

/// One source, retired or not.
pub(super) fn one(db: &Connection, id: SourceId) -> Result<Option<Source>, Fault> {
    Ok(db.prepare_cached(ONE)?.query_row([id.0], read).optional()?)
}

const ONE: &str = concat!("SELECT ", columns!(), " FROM source WHERE id = ?1");

/// Sources that are polled, every so many of them, so that at most `limit` are read.
pub(super) fn sample(db: &Connection, limit: usize) -> Result<PaceSample, Fault> {
    const COUNT: &str = "SELECT count(*) FROM source WHERE retired = 0 AND health <> 'gone'";
    // A back-up poll comes after four hours or more; a hub that is distrusted leaves the source its own pace. (The first
    // condition on the phase is that of the index, the second the one that is meant.)
    const SQL: &str = "SELECT pace, priority, interval_min_ms, interval_max_ms, failures, interval_ms,
            interval_ms >= 14400000 AND EXISTS (SELECT 1 FROM channel
                WHERE channel.source = source.id AND phase <> 'ending' AND phase = 'open' AND last_push_at_ms IS NOT NULL)
        FROM source WHERE retired = 0 AND health <> 'gone' AND id % ?1 = 0";
    let of: i64 = db.prepare_cached(COUNT)?.query_row([], |row| row.get(0))?;
    let of = usize::try_from(of).unwrap_or(0);
    let stride = i64::try_from(of.div_ceil(limit.max(1)).max(1)).unwrap_or(i64::MAX);
    let read = |row: &Row<'_>| {
        Ok(SampledPace {
            pace: row.get(0)?,
            priority: row.get::<_, Word<Priority>>(1)?.0,
            interval_min: row.get::<_, Span>(2)?.0,
            interval_max: row.get::<_, Span>(3)?.0,
            failures: row.get(4)?,
            interval: row.get::<_, Span>(5)?.0,
            pushed: row.get(6)?,
        })
    };
    let sources = db.prepare_cached(SQL)?.query_map([stride], read)?.collect::<Result<_, _>>()?;
    Ok(PaceSample { of, sources })
}

fn kind_word(kind: &SourceKind) -> &'static str {
    match kind {
        SourceKind::Feed => "feed",
        SourceKind::Page(_) => "page",
        SourceKind::List => LIST,
    }
}

/// A page without selectors.
const LIST: &str = "list";

fn selectors_row(kind: &SourceKind) -> Option<Document<SelectorsRow>> {
    match kind {
        SourceKind::Feed | SourceKind::List => None,
        SourceKind::Page(selectors) => Some(SelectorsRow::of(selectors)),
    }
}

/// Writes a new source, to be polled first at `first_at`.
pub(super) fn insert(
    db: &Connection,
    spec: &SourceSpec,
    origin: Origin,
    now: Timestamp,
    first_at: Timestamp,
) -> Result<SourceId, Fault> {
    const SQL: &str = "INSERT INTO source (declared_url, url, domain, name, publisher, kind, selectors, lang, topics,
            interval_min_ms, interval_max_ms, full_text, origin, created_at_ms, next_poll_at_ms, interval_ms, priority)
        VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?15, ?9, ?14)";
    let id = db.prepare_cached(SQL)?.insert(params![
        spec.url.as_str(),
        registrable(spec.url.host_text()),
        spec.name,
        spec.publisher,
        kind_word(&spec.kind),
        selectors_row(&spec.kind),
        spec.lang,
        TopicsRow::of(&spec.topics),
        Span(spec.interval_min),
        Span(spec.interval_max),
        spec.full_text,
        Word(origin),
        Moment(now),
        Word(spec.priority),
        Moment(first_at)
    ])?;
    Ok(SourceId(id))
}

/// Writes what is declared of a known source and puts it in force; what polling has learnt stays.
///
/// A source read in another way is read anew, at `at`: its validators are dropped, or a 304 would hide what is there, and a poll
/// under way that reads it as before is refused by its fence.
/// One that was retired or gone gets another chance; it is polled no sooner than `at`.
pub(super) fn redeclare(
    db: &Connection,
    held: &HeldSource,
    spec: &SourceSpec,
    origin: Origin,
    at: Timestamp,
) -> Result<(), Fault> {
    const SQL: &str = "UPDATE source SET name = ?2, publisher = ?3, kind = ?4, selectors = ?5, lang = ?6, topics = ?7,
            interval_min_ms = ?8, interval_max_ms = ?9, full_text = ?10, origin = ?11, priority = ?12, retired = 0
        WHERE id = ?1";
    const AFRESH: &str =
        "UPDATE source SET etag = NULL, last_modified = NULL, layout = NULL, next_poll_at_ms = ?2, lease_until_ms = 0, fence = ?3
        WHERE id = ?1";
    const AGAIN: &str = "UPDATE source SET health = 'well', failures = 0, next_poll_at_ms = min(next_poll_at_ms, ?2)
        WHERE id = ?1 AND health = 'gone'";
    const NO_SOONER: &str = "UPDATE source SET next_poll_at_ms = max(next_poll_at_ms, ?2) WHERE id = ?1";
    let id = held.source.id.0;
    db.prepare_cached(SQL)?.execute(params![
        id,
        spec.name,
        spec.publisher,
        kind_word(&spec.kind),
        selectors_row(&spec.kind),
        spec.lang,
        TopicsRow::of(&spec.topics),
        Span(spec.interval_min),
        Span(spec.interval_max),
        spec.full_text,
        Word(origin),
        Word(spec.priority)
    ])?;
    if held.source.spec.kind != spec.kind {
        db.prepare_cached(AFRESH)?.execute(params![id, Moment(at), next_fence(db)?])?;
    }
    if held.retired {
        db.prepare_cached(AGAIN)?.execute(params![id, Moment(at)])?;
        db.prepare_cached(NO_SOONER)?.execute(params![id, Moment(at)])?;
    }
    Ok(())
}

/// Whether these and no others are in force by the configuration, each just as it is declared, and nobody's address moved: then
/// there is nothing to make match. Most starts find it so. One walk over the rows costs six tenths of a look-up for each.
pub(super) fn are_as_declared(db: &Connection, specs: &[SourceSpec]) -> Result<bool, Fault> {
    const MOVED: &str = "SELECT 1 FROM source WHERE url <> declared_url";
    const ROWS: &str =
        "SELECT declared_url, name, publisher, kind, selectors, lang, topics, interval_min_ms, interval_max_ms,
            full_text, priority
        FROM source WHERE origin = 'config' AND retired = 0";
    let declared: BTreeMap<&str, &SourceSpec> = specs.iter().map(|spec| (spec.url.as_str(), spec)).collect();
    if declared.len() != specs.len() || db.prepare_cached(MOVED)?.exists([])? {
        return Ok(false);
    }
    let mut found = 0;
    let mut statement = db.prepare_cached(ROWS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let spec = declared.get(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
        if !spec.map_or(Ok(false), |spec| is_declared_so(row, spec))? {
            return Ok(false);
        }
        found += 1;
    }
    Ok(found == specs.len())
}

/// Whether a row, read from its name on, holds what is declared of a source.
fn is_declared_so(row: &Row<'_>, spec: &SourceSpec) -> rusqlite::Result<bool> {
    let selectors = selectors_row(&spec.kind).map(|selectors| selectors.write()).transpose()?;
    let columns: [(usize, &dyn ToSql); 10] = [
        (1, &spec.name),
        (2, &spec.publisher),
        (3, &kind_word(&spec.kind)),
        (4, &selectors),
        (5, &spec.lang),
        (6, &TopicsRow::of(&spec.topics)),
        (7, &Span(spec.interval_min)),
        (8, &Span(spec.interval_max)),
        (9, &spec.full_text),
        (10, &Word(spec.priority)),
    ];
    for (index, declared) in columns {
        let is_same = match &declared.to_sql()? {
            ToSqlOutput::Borrowed(value) => row.get_ref(index)? == *value,
            ToSqlOutput::Owned(value) => row.get_ref(index)? == ValueRef::from(value),
            // No column of these is written in another way.
            _ => false,
        };
        if !is_same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Gives a source another address to poll; it stays known by the one declared. It is asked whole there: what one server said of
/// when its document changed says nothing to another.
pub(super) fn readdress(db: &Connection, id: SourceId, url: &WebUrl) -> Result<(), Fault> {
    const SQL: &str = "UPDATE source SET url = ?2, domain = ?3, etag = NULL, last_modified = NULL WHERE id = ?1";
    db.prepare_cached(SQL)?.execute(params![id.0, url.as_str(), registrable(url.host_text())])?;
    Ok(())
}

/// Makes the address that a source is polled at the one it is known by.
pub(super) fn settle_address(db: &Connection, id: SourceId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE source SET declared_url = url WHERE id = ?1";
    db.prepare_cached(SQL)?.execute([id.0])?;
    Ok(())
}

/// The source that goes by an address, whether declared or moved to.
pub(super) fn by_url(db: &Connection, url: &str) -> Result<Option<HeldSource>, Fault> {
    const SQL: &str = concat!(
        "SELECT ",
        columns!(),
        " FROM source WHERE declared_url = ?1 OR url = ?1 ORDER BY declared_url = ?1 DESC LIMIT 1"
    );
    Ok(db.prepare_cached(SQL)?.query_row([url], read_held).optional()?)
}

/// Whether an address is that of a source besides this one, whether declared or moved to. Its own declared address is not: it may go
/// back to that.
pub(super) fn is_of_another(db: &Connection, url: &str, id: SourceId) -> Result<bool, Fault> {
    const SQL: &str = "SELECT 1 FROM source WHERE (declared_url = ?1 OR url = ?1) AND id <> ?2";
    Ok(db.prepare_cached(SQL)?.exists(params![url, id.0])?)
}

/// Adds a source of [`Origin::Api`]; a retired one with this address takes up its old state.
pub(super) fn add(db: &Connection, spec: &SourceSpec, now: Timestamp) -> Result<SourceId, Fault> {
    if let Some(held) = by_url(db, spec.url.as_str())?.filter(|held| !held.retired) {
        let place = whereabouts(held.source.origin);
        return Err(Fault::Taken { what: "source", detail: format!("{} ({place}, {})", spec.url, held.source.id) });
    }
    let first_at = newcomer::places(db, &[spec], now)?.first().copied().unwrap_or(now);
    put(db, spec, now, first_at)
}

/// Adds sources of [`Origin::Api`] as [`add`] does; `None` for those that are there already.
pub(super) fn add_all(db: &Connection, specs: &[SourceSpec], now: Timestamp) -> Result<Vec<Option<SourceId>>, Fault> {
    let mut fresh = Vec::new();
    let mut seen = BTreeSet::new();
    for spec in specs {
        let is_there = by_url(db, spec.url.as_str())?.is_some_and(|held| !held.retired);
        fresh.push(!is_there && seen.insert(spec.url.as_str()));
    }
    let newcomers: Vec<&SourceSpec> = specs.iter().zip(&fresh).filter(|(_, fresh)| **fresh).map(|(s, _)| s).collect();
    let mut places = newcomer::places(db, &newcomers, now)?.into_iter();
    let put = |(spec, fresh): (&SourceSpec, bool)| {
        fresh.then(|| put(db, spec, now, places.next().unwrap_or(now))).transpose()
    };
    specs.iter().zip(fresh).map(put).collect()
}

/// Writes a source that is not in force.
fn put(db: &Connection, spec: &SourceSpec, now: Timestamp, first_at: Timestamp) -> Result<SourceId, Fault> {
    let Some(held) = by_url(db, spec.url.as_str())? else {
        return insert(db, spec, Origin::Api, now, first_at);
    };
    redeclare(db, &held, spec, Origin::Api, first_at)?;
    Ok(held.source.id)
}

/// Writes a source of [`Origin::Api`] as it is wanted now.
pub(super) fn change(db: &Connection, id: SourceId, spec: &SourceSpec, now: Timestamp) -> Result<bool, Fault> {
    const SQL: &str = concat!("SELECT ", columns!(), " FROM source WHERE id = ?1 AND origin = 'api' AND retired = 0");
    let Some(held) = db.prepare_cached(SQL)?.query_row([id.0], read_held).optional()? else { return Ok(false) };
    redeclare(db, &held, spec, Origin::Api, now)?;
    if spec.interval_max < held.source.spec.interval_max {
        shorten(db, id, spec.interval_max, now)?;
    }
    Ok(true)
}

/// Plans the next poll of a source no later than its longest interval allows, unless it waits after a failure or is left alone.
fn shorten(db: &Connection, id: SourceId, most: Duration, now: Timestamp) -> Result<(), Fault> {
    const SQL: &str = "UPDATE source SET interval_ms = min(interval_ms, ?2),
            next_poll_at_ms = max(?3, min(next_poll_at_ms, coalesce(last_poll_at_ms, ?3) + ?2))
        WHERE id = ?1 AND failures = 0
            AND NOT EXISTS (SELECT 1 FROM pause WHERE pause.domain = source.domain AND until_ms > ?3)";
    db.prepare_cached(SQL)?.execute(params![id.0, Span(most), Moment(now)])?;
    Ok(())
}

/// Retires a source of [`Origin::Api`].
pub(super) fn remove(db: &Connection, id: SourceId) -> Result<bool, Fault> {
    const SQL: &str = "SELECT 1 FROM source WHERE id = ?1 AND origin = 'api' AND retired = 0";
    if !db.prepare_cached(SQL)?.exists([id.0])? {
        return Ok(false);
    }
    retire(db, id)?;
    Ok(true)
}

/// Retires a source: its stories that wait for a page are decided without; a poll under way is refused by its fence.
pub(super) fn retire(db: &Connection, id: SourceId) -> Result<(), Fault> {
    const SQL: &str = "UPDATE source SET retired = 1, lease_until_ms = 0, fence = ?2 WHERE id = ?1";
    let fence = next_fence(db)?;
    db.prepare_cached(SQL)?.execute([id.0, fence])?;
    channel::end(db, id)?;
    article::give_up_all(db, id)
}

/// Claims due sources, longest overdue first.
pub(super) fn claim(db: &Connection, claim: &ClaimSources) -> Result<Vec<SourceClaim>, Fault> {
    const DUE: &str = "SELECT id, domain, slow FROM source INDEXED BY source_due
        WHERE retired = 0 AND health <> 'gone' AND next_poll_at_ms <= ?1 ORDER BY next_poll_at_ms";
    const TAKE: &str = "UPDATE source SET lease_until_ms = ?2, fence = ?3 WHERE id = ?1 AND lease_until_ms <= ?4";
    let mut bounds = Bounds::new(db, claim)?;
    let mut fence = None;
    let mut claims = Vec::new();
    let (mut due, mut take, mut one) = (db.prepare_cached(DUE)?, db.prepare_cached(TAKE)?, db.prepare_cached(ONE)?);
    let mut rows = due.query([Moment(claim.now)])?;
    while !bounds.is_full() {
        let Some(row) = rows.next()? else { break };
        let domain = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
        let (id, is_slow) = (SourceId(row.get(0)?), row.get(2)?);
        if !bounds.has_room(domain, id, is_slow) {
            continue;
        }
        let proof = match fence {
            Some(fence) => fence,
            None => *fence.insert(next_fence(db)?),
        };
        if take.execute(params![id.0, Moment(claim.lease_until), proof, Moment(claim.now)])? == 0 {
            continue;
        }
        bounds.take(domain, is_slow);
        let source = one.query_row([id.0], read).optional()?;
        claims.extend(source.map(|source| SourceClaim { source, fence: proof }));
    }
    Ok(claims)
}

/// Makes sources due at once. One that is gone is polled again when named.
pub(super) fn poll_now(db: &Connection, sources: Option<&[SourceId]>, now: Timestamp) -> Result<usize, Fault> {
    const ALL: &str = "UPDATE source SET next_poll_at_ms = ?1 WHERE retired = 0 AND health <> 'gone'";
    const NAMED: &str = "UPDATE source SET next_poll_at_ms = ?1, health = iif(health = 'gone', 'well', health)
        WHERE retired = 0 AND id = ?2";
    let Some(sources) = sources else {
        return Ok(db.prepare_cached(ALL)?.execute([Moment(now)])?);
    };
    let mut named = db.prepare_cached(NAMED)?;
    let mut made_due = 0;
    for id in sources {
        made_due += named.execute(params![Moment(now), id.0])?;
    }
    Ok(made_due)
}

/// Makes a source due sooner, unless it is being polled or due by then.
pub(super) fn bring_forward(
    db: &Connection,
    id: SourceId,
    at: Timestamp,
    pace: &[u8],
    now: Timestamp,
) -> Result<bool, Fault> {
    const SQL: &str = "UPDATE source SET next_poll_at_ms = ?2, pace = ?3
        WHERE id = ?1 AND next_poll_at_ms > ?2 AND lease_until_ms <= ?4 AND retired = 0 AND health <> 'gone'";
    Ok(db.prepare_cached(SQL)?.execute(params![id.0, Moment(at), pace, Moment(now)])? > 0)
}

/// Domains of sources that were polled after a moment, with the last time.
pub(super) fn polled_since(db: &Connection, since: Timestamp) -> Result<Vec<(String, Timestamp)>, Fault> {
    const SQL: &str =
        "SELECT domain, max(last_poll_at_ms) FROM source WHERE last_poll_at_ms > ?1 GROUP BY domain ORDER BY domain";
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, Moment>(1)?.0));
    Ok(db.prepare_cached(SQL)?.query_map([Moment(since)], read)?.collect::<Result<_, _>>()?)
}

/// When a source is due next, claims counted from their lease's end.
pub(super) fn due(db: &Connection) -> Result<Option<Timestamp>, Fault> {
    const SQL: &str = "SELECT next_poll_at_ms, lease_until_ms FROM source INDEXED BY source_due
        WHERE retired = 0 AND health <> 'gone' ORDER BY next_poll_at_ms";
    let mut statement = db.prepare_cached(SQL)?;
    let mut rows = statement.query([])?;
    earliest(&mut rows)
}

/// The least of the greater of two times a row, given rows in order of the first: stops where none can be less.
pub(super) fn earliest(rows: &mut rusqlite::Rows<'_>) -> Result<Option<Timestamp>, Fault> {
    let mut best: Option<Timestamp> = None;
    while let Some(row) = rows.next()? {
        let at = row.get::<_, Moment>(0)?.0;
        if best.is_some_and(|best| best <= at) {
            break;
        }
        let free = at.max(row.get::<_, Moment>(1)?.0);
        best = Some(best.map_or(free, |best| best.min(free)));
    }
    Ok(best)
}
