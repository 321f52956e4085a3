//! What was learnt of topics: one row each, with the version of what its weights are of; and how stories stand with a topic.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::column::{Moment, TopicName, Word};
use super::fault::Fault;
use crate::model::{Mark, Relevance, Said, StoryId, TopicKey};
use crate::port::Stands;

/// What the weights are of: the query's numbers, then a vector of the one sentence model. Rows of another version are left
/// alone, and stand for nothing.
const VERSION: u32 = 1;

fn read(row: &Row<'_>) -> rusqlite::Result<Relevance> {
    let bytes: Vec<u8> = row.get(6)?;
    let (weights, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        let why = format!("{} bytes are no list of 32-bit numbers", bytes.len());
        return Err(rusqlite::Error::FromSqlConversionFailure(6, Type::Blob, why.into()));
    }
    Ok(Relevance {
        topic: row.get::<_, TopicName>(0)?.0,
        learned_at: row.get::<_, Moment>(1)?.0,
        answers: (row.get(2)?, row.get(3)?),
        threshold: row.get(4)?,
        bias: row.get(5)?,
        weights: weights.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
    })
}

/// What is learnt of all topics, by topic.
pub(super) fn list(db: &Connection) -> Result<Vec<Relevance>, Fault> {
    const SQL: &str = "SELECT topic, learned_at_ms, yes, no, threshold, bias, weights FROM relevance
        WHERE version = ?1 ORDER BY topic";
    Ok(db.prepare_cached(SQL)?.query_map([VERSION], read)?.collect::<Result<_, _>>()?)
}

/// Keeps what was learnt, in the place of what was before.
pub(super) fn put(db: &Connection, learned: &Relevance) -> Result<(), Fault> {
    const SQL: &str = "INSERT OR REPLACE INTO relevance
        (topic, version, learned_at_ms, yes, no, threshold, bias, weights) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let weights: Vec<u8> = learned.weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
    db.prepare_cached(SQL)?.execute(params![
        learned.topic.as_str(),
        VERSION,
        Moment(learned.learned_at),
        learned.answers.0,
        learned.answers.1,
        learned.threshold,
        learned.bias,
        weights
    ])?;
    count(db)
}

/// Forgets what was learnt of a topic; says whether anything was.
pub(super) fn forget(db: &Connection, topic: &TopicKey) -> Result<bool, Fault> {
    const SQL: &str = "DELETE FROM relevance WHERE topic = ?1";
    let gone = db.prepare_cached(SQL)?.execute([topic.as_str()])? > 0;
    if gone {
        count(db)?;
    }
    Ok(gone)
}

/// How stories stand with a topic, in their order.
pub(super) fn standings(db: &Connection, topic: &TopicKey, stories: &[StoryId]) -> Result<Vec<Stands>, Fault> {
    const EVENT: &str = "SELECT event IS NOT NULL FROM decision WHERE story = ?1 AND topic = ?2
        ORDER BY revision DESC, step DESC LIMIT 1";
    const MARK: &str = "SELECT said FROM label WHERE story = ?1 AND topic = ?2 AND withdrawn_at_ms IS NULL
        AND said IN ('on-topic', 'off-topic') ORDER BY id DESC LIMIT 1";
    const MEANING: &str = "SELECT vector FROM meaning WHERE story = ?1";
    let one = |story: &StoryId| {
        let of = params![story.0, topic.as_str()];
        let is_on: Option<bool> = db.prepare_cached(EVENT)?.query_row(of, |row| row.get(0)).optional()?;
        let said: Option<Word<Said>> = db.prepare_cached(MARK)?.query_row(of, |row| row.get(0)).optional()?;
        let mark = said.and_then(|Word(said)| match said {
            Said::OnTopic => Some(Mark::OnTopic),
            Said::OffTopic => Some(Mark::OffTopic),
            Said::Same | Said::Apart => None,
        });
        let meaning = db.prepare_cached(MEANING)?.query_row([story.0], |row| row.get(0)).optional()?;
        Ok(Stands { is_on: is_on.unwrap_or_default(), mark, meaning })
    };
    stories.iter().map(one).collect()
}

/// Counts as a correction, so that a decider that runs goes by it from its next decision on.
fn count(db: &Connection) -> Result<(), Fault> {
    const SQL: &str = "UPDATE counter SET value = value + 1 WHERE name = 'corrections'";
    db.prepare_cached(SQL)?.execute([])?;
    Ok(())
}
