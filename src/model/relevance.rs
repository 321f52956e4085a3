//! What was learnt of a topic from the operator's answers: the second stage behind its query.

use jiff::Timestamp;

use super::TopicKey;

/// A score for stories on a topic or near it, as learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Relevance {
    /// The topic.
    pub topic: TopicKey,
    /// When it was learnt.
    pub learned_at: Timestamp,
    /// Answers that were yes, and no.
    pub answers: (u32, u32),
    /// A story is on the topic from this score on: 0 to 1.
    pub threshold: f64,
    /// What is added whatever the story.
    pub bias: f32,
    /// A weight for each of a story's numbers, in the order that ingest/ makes them.
    pub weights: Vec<f32>,
}
