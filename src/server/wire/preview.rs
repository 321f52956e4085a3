//! What another query would have told, as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::ingest::{self, Side};

/// Changes in an answer at most; all are counted.
const CHANGES_MAX: usize = 500;
/// Clauses in an answer at most.
const CLAUSES_MAX: usize = 50;

/// A preview.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Preview {
    since: String,
    until: String,
    stories: usize,
    looked: usize,
    of: usize,
    complete: bool,
    told: Told,
    both: usize,
    gained: usize,
    lost: usize,
    changes: Vec<Changed>,
    near_misses: NearMisses,
    days: Vec<Day>,
    earlier: Told,
}

#[derive(Debug, Serialize, ToSchema)]
struct Told {
    saved: usize,
    tried: usize,
}

#[derive(Debug, Serialize, ToSchema)]
struct Day {
    #[serde(rename = "day")]
    date: String,
    saved: usize,
    tried: usize,
}

#[derive(Debug, Serialize, ToSchema)]
struct Changed {
    change: &'static str,
    story: Card,
    stories: usize,
    why: String,
    instead: Option<Card>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Card {
    id: i64,
    title: String,
    link: String,
    publisher: String,
    lang: Option<String>,
    at: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct NearMisses {
    count: usize,
    clauses: Vec<Clause>,
    newest: Vec<NearMiss>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Clause {
    clause: String,
    stories: usize,
}

#[derive(Debug, Serialize, ToSchema)]
struct NearMiss {
    story: Card,
    clause: String,
}

impl From<&ingest::Preview> for Preview {
    fn from(preview: &ingest::Preview) -> Self {
        let ingest::Preview { stories, extent, has_saved: _, both, changes, near, days, earlier } = preview;
        let changed = |changed: &ingest::Changed| Changed {
            change: changed.side.label(),
            story: (&changed.card).into(),
            stories: changed.stories,
            why: changed.why.clone(),
            instead: changed.instead.as_ref().map(Card::from),
        };
        let clause = |(clause, stories): &(String, usize)| Clause { clause: clause.clone(), stories: *stories };
        let miss = |(card, clause): &(ingest::Card, String)| NearMiss { story: card.into(), clause: clause.clone() };
        let day =
            |day: &ingest::DayCount| Day { date: day.day.to_string(), saved: day.told.saved, tried: day.told.tried };
        Self {
            since: time(extent.since),
            until: time(extent.until),
            stories: *stories,
            looked: extent.looked,
            of: extent.of,
            complete: !extent.is_cut(),
            told: preview.told().into(),
            both: *both,
            gained: preview.count(Side::Gained),
            lost: preview.count(Side::Lost),
            changes: changes.iter().take(CHANGES_MAX).map(changed).collect(),
            near_misses: NearMisses {
                count: near.count,
                clauses: near.clauses.iter().take(CLAUSES_MAX).map(clause).collect(),
                newest: near.newest.iter().map(miss).collect(),
            },
            days: days.iter().map(day).collect(),
            earlier: (*earlier).into(),
        }
    }
}

impl From<ingest::Told> for Told {
    fn from(told: ingest::Told) -> Self {
        Self { saved: told.saved, tried: told.tried }
    }
}

impl From<&ingest::Card> for Card {
    fn from(card: &ingest::Card) -> Self {
        Self {
            id: card.id.0,
            title: card.title.clone(),
            link: card.address.clone(),
            publisher: card.publisher.clone(),
            lang: card.lang.clone(),
            at: time(card.at),
        }
    }
}
