//! Sparse vectors over hashed terms, their document frequencies, and sums of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::text::Tokens;

use super::name_key;

/// How often the title counts against the lead: measured best on labelled pairs of Russian and English news.
const TITLE_TIMES: f64 = 3.0;
/// Stories that are thought to have been seen before the first: keeps early weights from swinging.
const PRIOR_STORIES: f64 = 30.0;
/// Terms kept of one story: the heaviest.
const TERMS_MAX: usize = 64;

/// What a story is compared by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// Stems with their frequency in three titles and the lead.
    pub stems: BTreeMap<u64, f64>,
    /// Names and numbers, comparable across languages, with their frequency.
    pub names: BTreeMap<u64, f64>,
}

impl Profile {
    /// Counts the terms of a title and a lead, as tokenised.
    pub fn of(title: (&str, &Tokens), lead: (&str, &Tokens)) -> Self {
        let mut profile = Self::default();
        for ((text, tokens), times) in [(title, TITLE_TIMES), (lead, 1.0)] {
            for token in tokens {
                if !token.is_stop {
                    *profile.stems.entry(token.stem).or_default() += times;
                }
                let key = if token.is_number {
                    Some(token.word)
                } else if token.is_capital && !token.is_stop {
                    text.get(token.start..token.end).and_then(name_key)
                } else {
                    None
                };
                if let Some(key) = key {
                    // A name is told once a story: repeating it makes no other event of it.
                    profile.names.insert(key, 1.0);
                }
            }
        }
        profile
    }
}

/// In how many stories each term stands.
#[derive(Debug, Clone, Default)]
pub struct Frequencies {
    stories: f64,
    terms: BTreeMap<u64, f64>,
}

impl Frequencies {
    /// Counts a story's terms.
    pub fn add<'a>(&mut self, terms: impl Iterator<Item = &'a u64>) {
        self.stories += 1.0;
        for term in terms.collect::<BTreeSet<_>>() {
            *self.terms.entry(*term).or_default() += 1.0;
        }
    }

    /// Inverse document frequency, smoothed: `ln((N + P + 1) / (n + 1))`, where N is the number of stories, n those
    /// with the term, and P a prior number of stories without it (Manning et al. 2008, section 6.2.1, with a prior).
    pub fn weight(&self, term: u64) -> f64 {
        let seen = self.terms.get(&term).copied().unwrap_or(0.0);
        ((self.stories + PRIOR_STORIES + 1.0) / (seen + 1.0)).ln()
    }

    /// The unit TF-IDF vector of counted terms: `(1 + ln tf) * idf`, the heaviest kept.
    pub fn vector(&self, counts: &BTreeMap<u64, f64>) -> Vector {
        let mut terms: Vec<(u64, f64)> =
            counts.iter().map(|(&term, &count)| (term, (1.0 + count.max(1.0).ln()) * self.weight(term))).collect();
        terms.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        terms.truncate(TERMS_MAX);
        terms.sort_unstable_by_key(|&(term, _)| term);
        let norm = terms.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
        if norm > 0.0 {
            for (_, weight) in &mut terms {
                *weight /= norm;
            }
        }
        Vector(terms)
    }
}

/// A unit vector: terms ascending, with their weights. Empty for a story without words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vector(Vec<(u64, f64)>);

impl Vector {
    /// Its terms with their weights, ascending by term.
    pub fn terms(&self) -> impl Iterator<Item = (u64, f64)> + '_ {
        self.0.iter().copied()
    }
}

/// A sum of unit vectors: an event as its stories tell it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Centroid {
    terms: BTreeMap<u64, f64>,
    square: f64,
}

impl Centroid {
    /// Adds a story's vector.
    pub fn add(&mut self, vector: &Vector) {
        for (term, weight) in vector.terms() {
            let held = self.terms.entry(term).or_default();
            self.square += weight * (2.0 * *held + weight);
            *held += weight;
        }
    }

    /// Takes a story's vector out again.
    pub fn remove(&mut self, vector: &Vector) {
        for (term, weight) in vector.terms() {
            if let Some(held) = self.terms.get_mut(&term) {
                self.square += weight * (weight - 2.0 * *held);
                *held -= weight;
                if held.abs() < 1e-12 {
                    self.terms.remove(&term);
                }
            }
        }
    }

    /// Cosine with a unit vector: 0 to 1.
    pub fn cosine(&self, vector: &Vector) -> f64 {
        if self.square <= 1e-12 {
            return 0.0;
        }
        let dot: f64 = vector.terms().filter_map(|(term, weight)| Some(weight * self.terms.get(&term)?)).sum();
        dot / self.square.sqrt()
    }

    /// Terms that it shares with a vector.
    pub fn shared(&self, vector: &Vector) -> usize {
        vector.terms().filter(|(term, _)| self.terms.contains_key(term)).count()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Centroid, Frequencies};

    fn counts(terms: &[u64]) -> BTreeMap<u64, f64> {
        terms.iter().map(|&t| (t, 1.0)).collect()
    }

    #[test]
    fn a_story_is_alike_to_an_event_of_itself_and_not_to_a_stranger() {
        let frequencies = Frequencies::default();
        let (a, b) = (frequencies.vector(&counts(&[1, 2, 3])), frequencies.vector(&counts(&[4, 5])));
        let mut event = Centroid::default();
        event.add(&a);
        assert!((event.cosine(&a) - 1.0).abs() < 1e-9);
        assert!(event.cosine(&b).abs() < 1e-9);
        event.add(&b);
        event.remove(&b);
        assert!((event.cosine(&a) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_word_that_every_story_has_says_less_than_a_rare_one() {
        let mut frequencies = Frequencies::default();
        for rare in 10..40 {
            frequencies.add(counts(&[1, rare]).keys());
        }
        assert!(frequencies.weight(1) < 0.7 && frequencies.weight(10) > 3.0);
    }
}
