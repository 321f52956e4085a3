//! What a poll brought, in one transaction.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::column::{Moment, Span, Word};
use super::fault::Fault;
use super::sqlite::Begin;
use super::story::Reading;
use super::{article, claim, outbox, search, source, story};
use crate::model::{
    Arrival, FailureKind, PollOutcome, PollRecord, Recorded, SourceId, StoryChange, StoryDraft, StoryState,
};

/// Writes a poll.
pub(super) fn record(db: &Connection, record: &PollRecord) -> Result<Recorded, Fault> {
    const HOLDS: &str = "SELECT 1 FROM source WHERE id = ?1 AND fence = ?2";
    // Where stories come, they come first: what is told of the source counts them. Else the statement that writes asks as well.
    if !record.stories.is_empty() && !db.prepare_cached(HOLDS)?.exists([record.source.0, record.fence])? {
        return Ok(Recorded::default());
    }
    let arrival = if record.first_poll { Arrival::FirstPoll } else { Arrival::Later };
    let recorded = add(db, record.source, &record.stories, (record.at, arrival))?;
    if !update_source(db, record, recorded.new)? {
        return Ok(Recorded::default());
    }
    if let Some(url) = &record.moved_to
        && !source::is_of_another(db, url.as_str(), record.source)?
    {
        source::readdress(db, record.source, url)?;
    }
    if let Some(pause) = &record.domain_pause {
        claim::pause(db, pause, record.at)?;
    }
    for (notification, to) in &record.notices {
        outbox::tell(db, notification, to)?;
    }
    Ok(recorded)
}

/// In what a poll is written: in one statement, as most find nothing new; or in several of which none is refused, where all that it
/// brings is stories.
pub(super) fn written_in(record: &PollRecord) -> Begin {
    let PollRecord { stories, moved_to, domain_pause, notices, .. } = record;
    match (moved_to.is_none() && domain_pause.is_none() && notices.is_empty(), stories.is_empty()) {
        (true, true) => Begin::WriteOnce,
        (true, false) => Begin::WriteSure,
        (false, _) => Begin::Write,
    }
}

/// Writes what an older page of a source's feed holds: its past.
pub(super) fn backfill(
    db: &Connection,
    source: SourceId,
    stories: &[StoryChange],
    now: Timestamp,
) -> Result<Recorded, Fault> {
    const COUNT: &str = "UPDATE source SET stories = stories + ?2 WHERE id = ?1";
    let recorded = add(db, source, stories, (now, Arrival::FirstPoll))?;
    db.prepare_cached(COUNT)?.execute(params![source.0, i64::try_from(recorded.new).unwrap_or(i64::MAX)])?;
    Ok(recorded)
}

/// Writes stories of a source, seen at a moment, in a way.
pub(super) fn add(
    db: &Connection,
    source: SourceId,
    stories: &[StoryChange],
    seen: (Timestamp, Arrival),
) -> Result<Recorded, Fault> {
    let mut recorded = Recorded { accepted: true, ..Recorded::default() };
    for change in stories {
        match change {
            StoryChange::New { draft, fetch_article } => {
                let state = if *fetch_article { StoryState::AwaitingArticle } else { StoryState::Undecided };
                add_story(db, source, draft, (seen, state), &mut recorded)?;
            }
            StoryChange::Revised { story, draft } => {
                recorded.revised += usize::from(story::revise(db, *story, draft, seen.0)?);
            }
            StoryChange::Alias { story, keys } => story::add_keys(db, *story, keys)?,
        }
    }
    if !stories.is_empty() {
        search::catch_up(db)?;
    }
    Ok(recorded)
}

/// Adds a new story, unless one has come under one of its names meanwhile: then it lends it the others.
fn add_story(
    db: &Connection,
    source: SourceId,
    draft: &StoryDraft,
    ((seen_at, arrival), wanted): ((Timestamp, Arrival), StoryState),
    recorded: &mut Recorded,
) -> Result<(), Fault> {
    if let Some(known) = story::by_keys(db, &draft.keys)? {
        return story::add_keys(db, known, &draft.keys);
    }
    let is_wanted = wanted == StoryState::AwaitingArticle;
    let page = if is_wanted { article::within_reach(db, draft, seen_at)? } else { None };
    let state = if page.is_some() { wanted } else { StoryState::Undecided };
    let id = story::insert(db, draft, Reading { source, seen_at, arrival, state })?;
    recorded.new += 1;
    if let Some(page) = page {
        article::await_page(db, id, &page, None, seen_at)?;
        recorded.awaiting += 1;
    }
    Ok(())
}

/// Writes what a poll says of its source, where its fence holds; whether it does.
fn update_source(db: &Connection, record: &PollRecord, new: usize) -> Result<bool, Fault> {
    macro_rules! update {
        ($set:literal, $where:literal) => {
            concat!(
                "UPDATE source SET last_poll_at_ms = ?2, polls = polls + 1, not_modified = not_modified + ?3,
                    last_good_at_ms = iif(?4, ?2, last_good_at_ms), last_story_at_ms = iif(?5 > 0, ?2, last_story_at_ms),
                    stories = stories + ?5, next_poll_at_ms = ?6, interval_ms = ?7, failures = ?8,
                    last_outcome = ?10, pace = coalesce(?11, pace), moving_to = ?12, moving_since_ms = ?13,
                    moving_sightings = ?14, layout = coalesce(?15, layout), slow = ?16, lease_until_ms = 0,
                    etag = iif(?18, ?19, etag), last_modified = iif(?18, ?20, last_modified)",
                $set,
                " WHERE id = ?1 AND fence = ?17",
                $where
            )
        };
    }
    // A column that is set has its index written, were it as before: health, which few polls change, has one of its own.
    const SAME: &str = update!("", " AND health = ?9");
    const TURNED: &str = update!(", health = ?9", "");
    let (good, not_modified, words) = match &record.outcome {
        PollOutcome::Read { entries: 0 } => (true, false, "ok, but no entries".to_owned()),
        PollOutcome::Read { .. } => (true, false, "ok".to_owned()),
        PollOutcome::NotModified => (true, true, "not modified".to_owned()),
        PollOutcome::Failed { kind, detail } => (false, false, format!("{kind}: {detail}")),
    };
    let slow = matches!(record.outcome, PollOutcome::Failed { kind, .. } if kind == FailureKind::Timeout.label());
    let validators = record.validators.as_ref();
    let values = params![
        record.source.0,
        Moment(record.at),
        not_modified,
        good,
        i64::try_from(new).unwrap_or(i64::MAX),
        Moment(record.next_poll_at),
        Span(record.interval),
        record.failures,
        Word(record.health),
        words,
        record.pace,
        record.moving.as_ref().map(|moving| moving.to.as_str()),
        record.moving.as_ref().map(|moving| Moment(moving.since)),
        record.moving.as_ref().map_or(0, |moving| moving.sightings),
        record.layout,
        slow,
        record.fence,
        validators.is_some(),
        validators.and_then(|validators| validators.etag.as_ref()),
        validators.and_then(|validators| validators.last_modified.as_ref())
    ];
    Ok(db.prepare_cached(SAME)?.execute(values)? > 0 || db.prepare_cached(TURNED)?.execute(values)? > 0)
}
