//! Stories whose article page is read before they are decided.
//!
//! A feed that gives a title and a line leaves out what a query asks for. Where much of it is there and nothing is ruled
//! out, the page says more. It is asked for once for each story, as politely as everything else, and so many times a day for
//! one topic. A story whose page can't be had is decided on what the feed said.

use std::collections::BTreeMap;

use crate::model::{Arrival, Commit, ReadFor, Reason, Stage, ToRead, Topic, TopicKey};
use crate::topic::StoryTokens;

use super::{Context, Decider, Undecided, reason, timely};

/// Texts from so many characters on say what a story is about.
const THIN_CHARS: usize = 600;

/// When a story's article page is read before it is decided.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// Pages of a topic in a day; none for nought.
    pub pages_a_day: usize,
    /// Pages of each topic that were asked for in the last day.
    pub asked: &'a BTreeMap<TopicKey, usize>,
}

impl Reading<'_> {
    /// No page is read.
    pub const NONE: Self = Self { pages_a_day: 0, asked: &BTreeMap::new() };
}

impl Decider {
    /// The topic for which a story on none has its page read first, if there is one.
    pub(super) fn to_read(
        &self,
        undecided: &Undecided,
        tokens: &StoryTokens<'_>,
        wanted: Option<&Vec<TopicKey>>,
        context: &Context<'_>,
        commit: &Commit,
    ) -> Option<ToRead> {
        let Undecided { story, read_for, labels, .. } = undecided;
        let Reading { pages_a_day, asked } = context.reading;
        let is_thin = story.draft.text.chars().nth(THIN_CHARS).is_none();
        if pages_a_day == 0 || read_for.is_some() || !labels.is_empty() || !is_thin || story.draft.url.is_empty() {
            return None;
        }
        let has_room = |topic: &TopicKey| {
            let now = commit.to_read.iter().filter(|read| read.topic == *topic).count();
            asked.get(topic).copied().unwrap_or(0) + now < pages_a_day
        };
        let at = story.draft.published.unwrap_or(story.seen_at);
        let may_tell = |topic: &TopicKey| {
            let in_time = |t: &Topic| timely(story, t.spec.fresh, t.spec.stale, context.now).0;
            self.topics.get(topic).is_some_and(|t| t.spec.span.contains(at) && in_time(t))
        };
        let of_source = |topic: &TopicKey| wanted.is_none_or(|topics| topics.contains(topic));
        // The first poll of a source brings its past: what is not told needs no page.
        if story.arrival == Arrival::FirstPoll && !self.topics.keys().any(may_tell) {
            return None;
        }
        let open = self.matcher.in_doubt(tokens).into_iter().map(|(topic, _)| topic);
        let topic = open.filter(of_source).filter(may_tell).find(has_room)?;
        Some(ToRead { story: story.id, topic, at: context.now })
    }
}

/// That a story's page was asked for.
pub(super) fn reasons(undecided: &Undecided) -> Vec<Reason> {
    match &undecided.read_for {
        Some(ReadFor::Topic(topic)) => {
            let text = format!("title and summary left open whether it is on {topic}, so its page was asked for");
            vec![reason(Stage::Topic, text, &[], None)]
        }
        Some(ReadFor::Source) | None => Vec::new(),
    }
}
