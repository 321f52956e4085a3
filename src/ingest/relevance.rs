//! Whether a story is on a topic, beside its query and what operators said: the topic's days.

use crate::model::{Reason, Stage, Story, Topic};

use super::decide::reason;

/// The words by which a query holds, as reasons.
pub(super) fn query_reasons(texts: &[String]) -> Vec<Reason> {
    texts.iter().map(|text| reason(Stage::Topic, text.clone(), &[], None)).collect()
}

/// Why a story's day keeps it off the topic, if it does. Without a date of its own it goes by when it was seen.
pub(super) fn outside(topic: &Topic, story: &Story) -> Option<Reason> {
    let span = topic.spec.span;
    let at = story.draft.published.unwrap_or(story.seen_at);
    let how = if story.draft.published.is_some() { "published" } else { "without a date, and seen" };
    let text = || format!("{how} on {}, outside the topic's days ({span})", at.strftime("%Y-%m-%d"));
    (!span.contains(at)).then(|| reason(Stage::Topic, text(), &[], None))
}
