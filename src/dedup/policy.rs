//! The numbers that decide what is a copy and what is the same event.

use std::time::Duration;

/// Thresholds of copies and events.
///
/// A story joins an event when it is alike enough to it, and how much is enough follows from how likely it is before any
/// look at its words that it tells of that event: among `n` events open in the window, one of `k` stories takes the next
/// with odds of about `k` to `n` (Aldous 1985, the Chinese restaurant process; Pitman 2006, section 3.1). What is seen
/// in the words has to outweigh that, so the threshold grows with the logarithm of `n / k`. In a narrow topic few events
/// are open at a time, and what comes within days of each other mostly tells of the same; in a general stream a hundred
/// are, and likeness has to prove it. No topic needs a threshold of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventPolicy {
    /// A story joins an event only if the event has a story published within this of it.
    pub window: Duration,
    /// Cosine of words from which a story joins an event told in its language.
    pub by_words: Threshold,
    /// The same for the mean of the cosines of words and of meaning, where a model gives the latter.
    pub by_meaning: Threshold,
    /// Cosine of names and numbers from which a story joins an event told in other languages alone, without a model.
    pub by_names: Threshold,
    /// What names and numbers count against meaning across languages.
    pub names_weight: f64,
    /// Mean of the cosines of words and of meaning of two events' sums from which both are one, where a model gives the
    /// latter.
    pub one_by_meaning: OneEvent,
    /// The same for the cosine of words, without a model.
    pub one_by_words: OneEvent,
    /// What makes a copy.
    pub copy: CopyPolicy,
    /// How long an event stays in the index after its last story was decided.
    pub keep: Duration,
}

impl Default for EventPolicy {
    fn default() -> Self {
        let day = Duration::from_hours(24);
        Self {
            window: 3 * day,
            by_words: Threshold { base: 0.22, crowding: 0.01 },
            by_meaning: Threshold { base: 0.30, crowding: 0.025 },
            by_names: Threshold::fixed(0.08),
            names_weight: 0.3,
            one_by_meaning: OneEvent { base: 0.35, few: 0.3 },
            one_by_words: OneEvent { base: 0.25, few: 0.4 },
            copy: CopyPolicy::default(),
            keep: 30 * day,
        }
    }
}

/// When a text is a copy of another. Tuned on made copies of real texts (`benches/copies.py`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CopyPolicy {
    /// Share of the shorter text's three-word shingles that the longer must hold.
    pub contained: f64,
    /// Share of the longer text that the shorter must be, wherever it stands in it.
    pub of_long: f64,
    /// The same for a cut of the longer text's beginning.
    pub of_cut: f64,
    /// Share of what both have that stands at the longer text's beginning, where the shorter is a cut of it.
    pub opening: f64,
    /// How much the rest of a text must have to do with a smaller cut of it, as the cosine of their stems: the parts of a
    /// round-up have little.
    pub cohesion: f64,
    /// Texts with fewer shingles are too short to be called copies.
    pub shingles_min: usize,
}

impl Default for CopyPolicy {
    fn default() -> Self {
        Self { contained: 0.58, of_long: 0.4, of_cut: 0.25, opening: 0.8, cohesion: 0.18, shingles_min: 8 }
    }
}

/// How alike a story and an event must be at the same moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// Where nothing speaks against the event.
    pub base: f64,
    /// What it grows by with the logarithm of the odds against the event.
    pub crowding: f64,
}

impl Threshold {
    /// One that stands whatever the odds.
    pub fn fixed(base: f64) -> Self {
        Self { base, crowding: 0.0 }
    }
}

/// How alike two events must have grown to be one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneEvent {
    /// Where both have many stories.
    pub base: f64,
    /// What is asked for above that of an event of one story; of one of `n` stories the `n`th part. The fewer stories a
    /// sum is made of, the more of what makes it alike to another is chance.
    pub few: f64,
}

impl OneEvent {
    /// The threshold for two events of which the smaller has so many stories.
    pub fn of(self, stories: usize) -> f64 {
        self.base + self.few / f64::from(u32::try_from(stories.max(1)).unwrap_or(u32::MAX))
    }
}

/// How likely an event is to be told of next, before any look at words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Odds {
    /// Events open in the window, this one included; of very many the count may stop short.
    pub open: usize,
    /// Stories of this one, copies left out.
    pub stories: usize,
}

impl EventPolicy {
    /// The threshold for a story `apart` in time from an event, given the one `at_once`: it grows with the odds against
    /// the event, and by half over the window, as what lies apart in time must be more alike.
    pub fn threshold(&self, at_once: Threshold, odds: Odds, apart: Duration) -> f64 {
        let share = apart.as_secs_f64() / self.window.as_secs_f64().max(1.0);
        (at_once.base + at_once.crowding * odds.against().ln_1p()) * (1.0 + 0.5 * share.min(1.0))
    }
}

impl Odds {
    /// Open events for each story of this one.
    fn against(self) -> f64 {
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        count(self.open) / count(self.stories.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_likeness_is_asked_for_among_many_events_less_by_a_large_one_and_more_across_time() {
        let policy = EventPolicy::default();
        let at = |open, stories, hours| {
            policy.threshold(policy.by_words, Odds { open, stories }, Duration::from_hours(hours))
        };
        assert!(at(1, 1, 0) < at(100, 1, 0));
        assert!(at(100, 20, 0) < at(100, 1, 0));
        assert!(at(1, 1, 0) < at(1, 1, 24));
        assert!((at(1, 1, 72) / at(1, 1, 0) - 1.5).abs() < 1e-9);
    }
}
