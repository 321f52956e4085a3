//! The numbers that decide what is a copy and what is the same event.

use std::time::Duration;

/// Novelty that is thought to have been seen before the first story: a topic of one event is no proof that no other comes.
const NOVELTY_PRIOR: f64 = 60.0;
/// What a story of an event speaks for it, where the first speaks one: publishers take from each other what they tell, so
/// its stories are no draws of their own.
pub const TOLD_AFTER: f64 = 0.4;
/// More is the same: a threshold would grow by hundredths.
const NOVELTY_MAX: f64 = 1_000.0;
/// Steps that find a novelty.
const HALVINGS: usize = 24;

/// Thresholds of copies and events.
///
/// A story joins an event when it is alike enough to it, and how much is enough follows from how likely it is before any
/// look at its words that it tells of that event: one of `k` stories takes the next with odds of about `k` to `a` (Aldous
/// 1985, the Chinese restaurant process; Pitman 2006, section 3.1), where `a` says how much of what comes is new:
/// [`Crowd::novelty`] estimates it. What is seen in the words has to outweigh that, so the threshold grows with the
/// logarithm of `a / k`. In a narrow topic few events are open at a time, and what comes within days of each other mostly
/// tells of the same; in a general stream a hundred are, and likeness has to prove it. No topic needs a threshold of its
/// own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EventPolicy {
    /// A story joins an event only if the event has a story published within this of it.
    pub window: Duration,
    /// Cosine of words from which a story joins an event told in its language.
    pub by_words: Threshold,
    /// The same for the cosines of words and of meaning together, where a model gives the latter.
    pub by_meaning: Threshold,
    /// Cosine of names and numbers from which a story joins an event told in other languages alone, without a model.
    pub by_names: Threshold,
    /// What words count of the two together: within a language they are the better witness, if not the only one.
    pub words_weight: f64,
    /// What names and numbers count against meaning across languages.
    pub names_weight: f64,
    /// Cosines of words and of meaning together of two events' sums from which both are one, where a model gives the
    /// latter.
    pub one_by_meaning: OneEvent,
    /// The same for the cosine of words, without a model.
    pub one_by_words: OneEvent,
    /// How many times as alike a story must be to an event where neither names what the other's title does; 1 asks nothing of names.
    pub of_others: f64,
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
            by_words: Threshold { base: 0.0, crowding: 0.0575, least: 0.10 },
            by_meaning: Threshold { base: 0.12, crowding: 0.055, least: 0.20 },
            by_names: Threshold { base: -0.4, crowding: 0.12, least: 0.08 },
            words_weight: 0.6,
            names_weight: 0.3,
            one_by_meaning: OneEvent { base: 0.38, few: 0.2 },
            one_by_words: OneEvent { base: 0.2, few: 0.3 },
            copy: CopyPolicy::default(),
            of_others: 1.5,
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
    /// However large the event, no less is enough.
    pub least: f64,
}

impl Threshold {
    /// One that stands whatever the odds.
    pub fn fixed(base: f64) -> Self {
        Self { base, crowding: 0.0, least: 0.0 }
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

/// How many events are open, and what was told of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Crowd {
    /// Events with a story in the window.
    pub events: usize,
    /// Stories of these, copies left out.
    pub stories: usize,
}

/// How likely an event is to be told of next, before any look at words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Odds {
    /// What is open.
    pub crowd: Crowd,
    /// Its [`Crowd::novelty`].
    pub novelty: f64,
    /// Stories of this event, copies left out.
    pub stories: usize,
}

impl EventPolicy {
    /// How alike a story or an event is by words and by meaning together.
    pub fn together(&self, words: f64, meaning: f64) -> f64 {
        self.words_weight * words + (1.0 - self.words_weight) * meaning
    }

    /// The threshold for a story `apart` in time from an event, given the one `at_once`: it grows with the odds against
    /// the event, and by half over the window, as what lies apart in time must be more alike.
    pub fn threshold(&self, at_once: Threshold, odds: Odds, apart: Duration) -> f64 {
        let share = apart.as_secs_f64() / self.window.as_secs_f64().max(1.0);
        (at_once.base + at_once.crowding * odds.against().ln_1p()).max(at_once.least) * (1.0 + 0.5 * share.min(1.0))
    }
}

impl EventPolicy {
    /// The threshold where neither names what the other's title does. It stays within reach of a likeness: half way to 1 at most.
    pub fn of_others(&self, threshold: f64) -> f64 {
        (threshold * self.of_others).min(f64::midpoint(threshold, 1.0)).max(threshold)
    }
}

impl Crowd {
    /// How much of what comes is new: the concentration `a` of the process that makes `n` events of `N` stories, which
    /// solves `a ln(1 + N / a) = n`. Where each story told of an event of its own there is no end to it, so it is twice
    /// the events at most; and a thousand, beyond which nothing changes.
    pub fn novelty(self) -> f64 {
        let (events, stories) = (float(self.events), float(self.stories));
        let most = (2.0 * events).min(NOVELTY_MAX);
        let made = |novelty: f64| novelty * (stories / novelty).ln_1p();
        if self.events == 0 || made(most) <= events {
            return most;
        }
        // It grows with the novelty, so halving finds it: to a millionth of a few hundred.
        let (mut low, mut high) = (0.0, most);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if made(middle) < events { low = middle } else { high = middle }
        }
        high
    }
}

impl Odds {
    /// Odds of one of the events of a crowd.
    pub fn of(stories: usize, crowd: Crowd) -> Self {
        Self { crowd, novelty: crowd.novelty(), stories }
    }

    /// What speaks against the event, for what speaks for it.
    pub fn against(self) -> f64 {
        (self.novelty + NOVELTY_PRIOR) / (1.0 + TOLD_AFTER * float(self.stories.saturating_sub(1)))
    }
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(events: usize, stories: usize) -> Crowd {
        Crowd { events, stories }
    }

    #[test]
    fn more_likeness_is_asked_for_where_much_is_new_less_by_a_large_event_and_more_across_time() {
        let policy = EventPolicy::default();
        let at = |crowd, stories, hours| {
            policy.threshold(policy.by_words, Odds::of(stories, crowd), Duration::from_hours(hours))
        };
        let (narrow, general) = (crowd(2, 6), crowd(100, 130));
        assert!(at(narrow, 1, 0) < at(general, 1, 0));
        assert!(at(general, 20, 0) < at(general, 1, 0));
        assert!(at(crowd(40, 2_000), 50, 0) < at(crowd(400, 2_000), 50, 0));
        assert!((at(narrow, 1_000_000, 0) - policy.by_words.least).abs() < 1e-9);
        assert!((at(narrow, 1, 72) / at(narrow, 1, 0) - 1.5).abs() < 1e-9);
    }

    #[test]
    fn more_likeness_where_others_are_named_stays_within_reach() {
        let policy = EventPolicy::default();
        assert!((policy.of_others(0.2) - 0.3).abs() < 1e-9);
        assert!((policy.of_others(0.9) - 0.95).abs() < 1e-9);
        let asks_nothing = EventPolicy { of_others: 1.0, ..policy };
        assert!((asks_nothing.of_others(0.9) - 0.9).abs() < 1e-9);
    }

    #[test]
    fn novelty_solves_for_the_events_that_were_made_of_so_many_stories() {
        for (events, stories) in [(44, 2_989), (118, 191), (3, 8), (600, 1_000)] {
            let novelty = crowd(events, stories).novelty();
            let (made, events) = (novelty * (float(stories) / novelty).ln_1p(), float(events));
            assert!((made - events).abs() < 1e-3, "{made} of {events}");
        }
        assert!((crowd(7, 7).novelty() - 14.0).abs() < 1e-9, "nothing was told twice yet");
        assert!(crowd(0, 0).novelty().abs() < 1e-9);
    }
}
