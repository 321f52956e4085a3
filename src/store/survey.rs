//! Looking over several rooms of the store at once: what is due, how much there is, all that is known of a story.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, Row};

use super::column::{Count, Moment};
use super::fault::Fault;
use super::{article, decision, digest, event, label, outbox, source, story};
use crate::model::StoryId;
use crate::port::{Counts, Due, Explained, Revision};

/// When each loop has work next.
pub(super) fn due(db: &Connection) -> Result<Due, Fault> {
    Ok(Due {
        source_at: source::due(db)?,
        article_at: article::due(db)?,
        undecided: story::any_undecided(db)?,
        delivery_at: outbox::due(db)?,
        digest_at: digest::due(db)?,
    })
}

/// How much there is. Stories are numbered without a gap and never deleted, so the largest number counts them.
pub(super) fn counts(db: &Connection) -> Result<Counts, Fault> {
    const SQL: &str = "SELECT
        (SELECT count(*) FROM source WHERE retired = 0),
        (SELECT count(*) FROM source WHERE retired = 0 AND health <> 'well'),
        (SELECT count(*) FROM topic WHERE retired = 0),
        (SELECT count(*) FROM subscription INDEXED BY subscription_counted WHERE retired = 0 AND state = 'active'),
        (SELECT coalesce(max(id), 0) FROM story),
        (SELECT count(*) FROM article),
        (SELECT count(*) FROM story WHERE state = 'undecided'),
        (SELECT count(*) FROM event),
        (SELECT count(*) FROM delivery WHERE state = 'pending'),
        (SELECT min(created_at_ms) FROM delivery WHERE state = 'pending'),
        (SELECT count(*) FROM delivery WHERE state <> 'pending' AND state = 'delivered'),
        (SELECT count(*) FROM delivery WHERE state <> 'pending' AND state IN ('expired', 'gone')),
        (SELECT count(*) FROM delivery WHERE state <> 'pending' AND state = 'kept'),
        (SELECT count(*) FROM subscription INDEXED BY subscription_counted WHERE retired = 0 AND state = 'disabled'),
        (SELECT count(*) FROM trouble t CROSS JOIN subscription s ON s.id = t.subscription
            WHERE s.state = 'active' AND t.failures > 0),
        (SELECT count(*) FROM trouble t CROSS JOIN subscription s ON s.id = t.subscription
            WHERE s.state = 'active' AND t.rest_until_ms IS NOT NULL),
        (SELECT count(*) FROM source WHERE retired = 0 AND last_good_at_ms IS NULL AND polls > 0)";
    let read = |row: &Row<'_>| {
        let count = |column: usize| row.get::<_, Count>(column).map(|c| c.0);
        Ok(Counts {
            sources: count(0)?,
            sources_failing: count(1)?,
            topics: count(2)?,
            subscriptions: count(3)?,
            stories: count(4)?,
            awaiting: count(5)?,
            undecided: count(6)?,
            events: count(7)?,
            pending: count(8)?,
            oldest_pending_at: row.get::<_, Option<Moment>>(9)?.map(|m| m.0),
            delivered: count(10)?,
            undelivered: count(11)?,
            kept: count(12)?,
            subscriptions_disabled: count(13)?,
            endpoints_failing: count(14)?,
            endpoints_resting: count(15)?,
            sources_never_good: count(16)?,
        })
    };
    Ok(db.prepare_cached(SQL)?.query_row([], read)?)
}

/// Earlier revisions of a story, oldest first.
pub(super) fn revisions(db: &Connection, story: StoryId) -> Result<Vec<Revision>, Fault> {
    const SQL: &str =
        "SELECT revision, title, text, replaced_at_ms FROM story_revision WHERE story = ?1 ORDER BY revision";
    let read = |row: &Row<'_>| {
        Ok(Revision {
            number: row.get(0)?,
            title: row.get(1)?,
            text: row.get(2)?,
            replaced_at: row.get::<_, Moment>(3)?.0,
        })
    };
    Ok(db.prepare_cached(SQL)?.query_map([story.0], read)?.collect::<Result<_, _>>()?)
}

/// All that is known of a story.
pub(super) fn explain(db: &Connection, id: StoryId) -> Result<Option<Explained>, Fault> {
    const OTHER: &str = "SELECT iif(link = '', url, link), title FROM story WHERE id = ?1";
    let Some(story) = story::one(db, id)? else { return Ok(None) };
    let Some(source) = source::one(db, story.source)? else {
        return Err(Fault::Refused(format!("source {} of story {id} is missing", story.source)));
    };
    let revisions = revisions(db, id)?;
    let decisions = decision::of_story(db, id)?;
    let events: BTreeSet<_> = decisions.iter().filter_map(|d| d.event).collect();
    let mentioned: BTreeSet<StoryId> = decisions
        .iter()
        .flat_map(|d| d.reasons.iter().filter_map(|r| r.story).chain(d.ruling.copy_of()))
        .filter(|other| *other != id)
        .collect();
    let mut others = Vec::new();
    for other in mentioned {
        let found = db
            .prepare_cached(OTHER)?
            .query_row([other.0], |row| Ok((other, row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .optional()?;
        others.extend(found);
    }
    Ok(Some(Explained {
        story,
        source,
        revisions,
        decisions,
        events: event::those(db, &events)?,
        others,
        deliveries: outbox::of_story(db, id)?,
        labels: label::of_story(db, id)?,
    }))
}
