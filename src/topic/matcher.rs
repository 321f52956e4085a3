//! All topics at once: an index finds the few topics that a story can be on, and only those are evaluated.
//!
//! Each topic is filed under a cover: keys (stems, prefixes, languages, publishers) of which every story on it has at
//! least one, chosen as rare as possible. A story looks up its own words, so its cost grows with its length and with
//! the topics it nearly matches, not with all topics.

use std::collections::BTreeSet;
use std::ops::Range;

use super::clause::{Cover, Node};
use super::doubt::Parts;
use super::evaluate::{Hit, domains};
use super::near::Nearness;
use super::parser::Query;
use super::story::{Part, StoryText, StoryTokens};
use super::term::{Term, Word, lang_key, prefix_key, publisher_key};
use crate::model::TopicKey;

/// Reasons given for one match; a long query has more words than anybody reads.
const REASONS_MAX: usize = 12;

/// The topics, ready for stories.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    topics: Vec<(TopicKey, Query)>,
    /// Key and topic, sorted.
    index: Vec<(u64, usize)>,
    /// Topics that every story is a candidate for.
    always: Vec<usize>,
    /// Lengths in bytes of the prefixes that some topic is filed under.
    prefix_lengths: Vec<usize>,
    parts: Parts,
}

/// That a story is on a topic, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The topic.
    pub topic: TopicKey,
    /// Which part of the query holds by which words: `title has "резолюцию" (резолюция)`.
    pub reasons: Vec<String>,
    /// Bytes of the title to be marked, in order, apart from one another.
    pub title_marks: Vec<Range<usize>>,
    /// Bytes of the text to be marked, in order, apart from one another.
    pub text_marks: Vec<Range<usize>>,
}

impl Matcher {
    /// Files `topics`.
    pub fn new(topics: &[(TopicKey, Query)]) -> Self {
        let mut matcher = Self { topics: topics.to_vec(), ..Self::default() };
        let mut lengths = BTreeSet::new();
        for (at, (_, query)) in topics.iter().enumerate() {
            match query.root.cover() {
                Cover::Keys(keys, _) => matcher.index.extend(keys.into_iter().map(|key| (key, at))),
                Cover::Everything | Cover::Negative => matcher.always.push(at),
            }
            lengths.extend(query.root.terms().iter().flat_map(|t| t.words()).filter_map(|word| match word {
                Word::Prefix(prefix) => Some(prefix.len()),
                Word::Stem { .. } | Word::Form { .. } | Word::Spelled { .. } | Word::Exact { .. } => None,
            }));
        }
        matcher.index.sort_unstable();
        matcher.index.dedup();
        matcher.prefix_lengths = lengths.into_iter().collect();
        matcher.parts = Parts::of(topics);
        matcher
    }

    /// Returns the topics that `story` is on, in the order they were given in.
    pub fn matches(&self, story: &StoryText<'_>) -> Vec<Match> {
        self.matches_tokens(&StoryTokens::of(*story))
    }

    /// As [`Self::matches`], of a story that was taken apart already.
    pub fn matches_tokens(&self, story: &StoryTokens<'_>) -> Vec<Match> {
        let candidates = self.candidates(story).into_iter().filter_map(|at| self.topics.get(at));
        let holding = candidates.filter(|(_, query)| query.root.holds(story));
        holding.map(|(topic, query)| found(topic, query, story)).collect()
    }

    /// The words by which a topic's query chooses stories, as they are written there, with the hashes of their stems in each
    /// language; starts of words aside.
    pub fn asked(&self, topic: &TopicKey) -> Vec<(&str, u64)> {
        let Some((_, query)) = self.topics.iter().find(|(key, _)| key == topic) else { return Vec::new() };
        let mut asked = Vec::new();
        for word in query.root.wanted().into_iter().flat_map(Term::words) {
            match word {
                Word::Stem { stems, form, .. }
                | Word::Form { stems, form, .. }
                | Word::Spelled { stems, form, .. }
                | Word::Exact { stems, form } => {
                    asked.extend(stems.iter().map(|(_, stem)| (form.as_str(), *stem)));
                }
                Word::Prefix(_) => {}
            }
        }
        asked
    }

    pub(super) fn topics(&self) -> &[(TopicKey, Query)] {
        &self.topics
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// How near a story comes to a topic's query; nothing of a topic that isn't here.
    pub fn nearness(&self, topic: &TopicKey, story: &StoryTokens<'_>) -> Option<Nearness> {
        let (_, query) = self.topics.iter().find(|(key, _)| key == topic)?;
        Some(query.nearness(story))
    }

    /// The topics that are worth evaluating for `story`.
    pub(super) fn candidates(&self, story: &StoryTokens<'_>) -> Vec<usize> {
        let mut out = self.always.clone();
        if self.index.is_empty() {
            return out;
        }
        let is_filed = |key: u64| self.index.binary_search_by_key(&key, |(filed, _)| *filed).is_ok();
        self.keys(story, is_filed).into_iter().for_each(|key| self.look_up(key, &mut out));
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The keys that a topic may be filed under and the story has, of those that are asked for: each once, in order.
    pub(super) fn keys(&self, story: &StoryTokens<'_>, is_asked: impl Fn(u64) -> bool) -> Vec<u64> {
        let mut keys = Vec::new();
        let mut each = |key: u64| keys.extend(is_asked(key).then_some(key));
        for part in [Part::Title, Part::Text] {
            let sorted = story.part(part);
            sorted.stems().for_each(&mut each);
            if !self.prefix_lengths.is_empty() {
                for word in sorted.words() {
                    let prefixes = self.prefix_lengths.iter().filter_map(|length| word.get(..*length));
                    prefixes.for_each(|prefix| each(prefix_key(prefix)));
                }
            }
        }
        story.story.lang.iter().for_each(|lang| each(lang_key(lang)));
        for domain in domains(story.story.publisher) {
            each(publisher_key(&domain));
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn look_up(&self, key: u64, out: &mut Vec<usize>) {
        let from = self.index.partition_point(|(k, _)| *k < key);
        let run = self.index.iter().skip(from).take_while(|(k, _)| *k == key);
        out.extend(run.map(|(_, topic)| *topic));
    }
}

fn found(topic: &TopicKey, query: &Query, story: &StoryTokens<'_>) -> Match {
    let mut hits = Vec::new();
    query.root.hits(story, &mut hits);
    let mut reasons: Vec<String> = Vec::new();
    for hit in &hits {
        let reason = reason(hit, query, story);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if reasons.is_empty() && matches!(query.root.node, Node::All) {
        reasons.push("the topic takes every story".to_owned());
    }
    reasons.truncate(REASONS_MAX);
    let marks = |part| marks(hits.iter().filter(|hit| hit.part == Some(part)));
    Match { topic: topic.clone(), reasons, title_marks: marks(Part::Title), text_marks: marks(Part::Text) }
}

fn reason(hit: &Hit, query: &Query, story: &StoryTokens<'_>) -> String {
    let written = query.written(&hit.span);
    let Some(part) = hit.part else { return format!("{written} holds") };
    let text = story.part(part);
    let words: Vec<&str> = hit.places.iter().map(|p| text.words_at(p.start..p.end)).collect();
    let words = words.join(" ");
    let name = match part {
        Part::Title => "title",
        Part::Text => "text",
    };
    if written.trim_matches('"').eq_ignore_ascii_case(&words) {
        format!("{name} has \"{words}\"")
    } else {
        format!("{name} has \"{words}\" ({written})")
    }
}

/// The places of hits as ranges that do not touch.
fn marks<'a>(hits: impl Iterator<Item = &'a Hit>) -> Vec<Range<usize>> {
    let mut ranges: Vec<(usize, usize)> = hits.flat_map(|h| &h.places).map(|p| (p.start, p.end)).collect();
    ranges.sort_unstable();
    let mut out: Vec<Range<usize>> = Vec::new();
    for (start, end) in ranges {
        match out.last_mut().filter(|last| last.end >= start) {
            Some(last) => last.end = last.end.max(end),
            None => out.push(start..end),
        }
    }
    out
}
