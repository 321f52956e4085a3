//! How a topic stands now: how many events are open, how alike a story must be to join one, and how alike its stories are
//! anyway.

use std::time::Duration;

use jiff::Timestamp;

use crate::dedup::{Crowd, EventPolicy, Odds, Threshold};
use crate::model::TopicKey;

use super::Decider;

/// Stories further apart than this tell of different events: how alike they are is the topic's background.
const FAR_APART: Duration = Duration::from_hours(10 * 24);
/// Latest stories that are compared with one another: some twenty thousand pairs.
const COMPARED: usize = 200;
/// Fewer pairs than this say nothing of a topic.
const PAIRS_MIN: usize = 20;

/// How a topic stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// Events with a story within the window of now, and their stories.
    pub open: Crowd,
    /// What speaks against an event of one story before any look at words: what of all that comes is new.
    pub against: f64,
    /// By words.
    pub by_words: Asked,
    /// By words and meaning, where a model is installed.
    pub by_meaning: Asked,
    /// How alike the topic's own stories are that lie far apart, where there are enough of them.
    pub background: Option<Background>,
}

/// How alike a story must be to join an event at the same moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// Its parts.
    pub at_once: Threshold,
    /// For an event of one story.
    pub one: f64,
    /// For an event of five.
    pub five: f64,
}

/// How alike stories of a topic are that lie more than ten days apart and so tell of different events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Background {
    /// Pairs that were compared.
    pub pairs: usize,
    /// Cosine of words of the middle pair, and what one in twenty is above; of pairs in one language.
    pub words: Option<(f64, f64)>,
    /// The same of meaning, of all pairs where both have one.
    pub meaning: Option<(f64, f64)>,
}

/// Says how a topic stands at a moment, by what a decider remembers of it.
pub fn outlook(topic: &TopicKey, decider: &Decider, policy: &EventPolicy, now: Timestamp) -> Outlook {
    let index = decider.index(topic);
    let open = index.map(|index| index.open_at((now, policy.window))).unwrap_or_default();
    // The event that a story joins is one of the open ones.
    let among = if open.events == 0 { Crowd { events: 1, stories: 1 } } else { open };
    let asked = |at_once: Threshold| {
        let of = |stories| policy.threshold(at_once, Odds::of(stories, among), Duration::ZERO);
        Asked { at_once, one: of(1), five: of(5) }
    };
    let pairs = index.map_or_else(Vec::new, |index| index.pairs_apart(FAR_APART, COMPARED));
    let sorted = |side: fn(&Pair) -> Option<f64>| {
        let mut list: Vec<f64> = pairs.iter().filter_map(side).collect();
        list.sort_unstable_by(f64::total_cmp);
        let at = |hundredth: usize| list.get(list.len() * hundredth / 100).copied();
        at(50).zip(at(95)).filter(|_| list.len() >= PAIRS_MIN)
    };
    let background =
        Background { pairs: pairs.len(), words: sorted(|pair| pair.words), meaning: sorted(|pair| pair.meaning) };
    Outlook {
        open,
        against: Odds::of(1, among).against(),
        by_words: asked(policy.by_words),
        by_meaning: asked(policy.by_meaning),
        background: Some(background).filter(|b| b.words.is_some() || b.meaning.is_some()),
    }
}

/// How alike two stories are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pair {
    /// Cosine of words, in one language.
    pub(super) words: Option<f64>,
    /// Cosine of meaning.
    pub(super) meaning: Option<f64>,
}
