//! Deliveries as they are listed: each filter by the index that leads to few.

use rusqlite::{Connection, params};

use super::claim::limit;
use super::column::{Moment, Word};
use super::fault::Fault;
use super::outbox::{listing, notification_columns, read_delivery, with_attempts};
use crate::model::{Delivery, DeliveryState, EventId};
use crate::port::DeliveryFilter;

/// What all of them ask besides what leads them.
macro_rules! filtered {
    ($leading:literal) => {
        listing!(
            "WHERE ",
            $leading,
            " AND (?1 IS NULL OR d.subscription = ?1) AND (?2 IS NULL OR d.state = ?2) AND (?3 IS NULL OR d.id < ?3)
                AND (?5 IS NULL OR d.created_at_ms >= ?5) AND (?6 IS NULL OR d.event = ?6)
            ORDER BY d.id DESC LIMIT ?4"
        )
    };
}

// A delivery tells of its notification's event, or of none. Numbers alone are put in order; the rest is read of those that are shown.
const OF_EVENT: &str = filtered!(
    "d.id IN (SELECT made.id FROM notification told INDEXED BY notification_event
        CROSS JOIN delivery made ON made.notification = told.num WHERE told.event IS NOT NULL AND told.event = ?6)"
);
const PENDING: &str =
    filtered!("d.id IN (SELECT id FROM delivery INDEXED BY delivery_pending WHERE state = 'pending')");
const FINISHED: &str = filtered!("d.state <> 'pending' AND d.state = ?2");
const ANY: &str = filtered!("1");

/// So many that are pending are put in order for one page; where there are more, some are met soon on the way through all.
const PENDING_MAX: usize = 50_000;
/// And so many of an event: of one that is told more widely a page is soon full on the way through all.
const OF_EVENT_MAX: usize = 5_000;

/// Deliveries, newest first.
///
/// Of an event that isn't told widely and of a state, all that don't fit are passed over by an index; else the newest deliveries are looked
/// through, until there are as many as are wanted.
pub(super) fn list(db: &Connection, filter: &DeliveryFilter) -> Result<Vec<Delivery>, Fault> {
    let of_few = filter.event.map_or(Ok(false), |event| are_few_of(db, event))?;
    let sql = match filter.state {
        _ if of_few => OF_EVENT,
        Some(DeliveryState::Pending) if are_few_pending(db)? => PENDING,
        Some(DeliveryState::Pending) | None => ANY,
        Some(_) => FINISHED,
    };
    let found: Vec<Delivery> = db
        .prepare_cached(sql)?
        .query_map(
            params![
                filter.subscription.map(|s| s.0),
                filter.state.map(Word),
                filter.before.map(|d| d.0),
                limit(filter.limit),
                filter.since.map(Moment),
                filter.event.map(|event| event.0)
            ],
            read_delivery,
        )?
        .collect::<Result<_, _>>()?;
    found.into_iter().map(|delivery| with_attempts(db, delivery)).collect()
}

fn are_few_pending(db: &Connection) -> Result<bool, Fault> {
    const SQL: &str = "SELECT count(*) <= ?1 FROM (SELECT 1 FROM delivery INDEXED BY delivery_pending
        WHERE state = 'pending' LIMIT ?1 + 1)";
    Ok(db.prepare_cached(SQL)?.query_row([limit(PENDING_MAX)], |row| row.get(0))?)
}

fn are_few_of(db: &Connection, event: EventId) -> Result<bool, Fault> {
    const SQL: &str = "SELECT count(*) <= ?1 FROM (SELECT 1 FROM notification told INDEXED BY notification_event
        CROSS JOIN delivery made ON made.notification = told.num
        WHERE told.event IS NOT NULL AND told.event = ?2 LIMIT ?1 + 1)";
    Ok(db.prepare_cached(SQL)?.query_row(params![limit(OF_EVENT_MAX), event.0], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::open::MIGRATIONS;

    #[test]
    fn an_event_and_a_state_lead_to_their_deliveries_by_an_index() {
        let db = Connection::open_in_memory().unwrap();
        for sql in MIGRATIONS {
            db.execute_batch(sql).unwrap();
        }
        let plan = |sql: &str| -> String {
            let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let mut rows = plan.raw_query();
            let mut steps = Vec::new();
            while let Some(row) = rows.next().unwrap() {
                steps.push(row.get::<_, String>(3).unwrap());
            }
            steps.join("\n")
        };
        assert!(!plan(OF_EVENT).contains("TEMP B-TREE"), "no body is read to be put in order: {}", plan(OF_EVENT));
        for sql in [OF_EVENT, PENDING, FINISHED] {
            assert!(plan(sql).lines().all(|step| step != "SCAN d"), "{}", plan(sql));
        }
        assert!(plan(FINISHED).contains("delivery_finished (state=?"), "{}", plan(FINISHED));
        assert!(!plan(FINISHED).contains("TEMP B-TREE"), "{}", plan(FINISHED));
    }
}
