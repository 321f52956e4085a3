//! Three-word shingles: whether one text was taken from another.

use std::collections::BTreeSet;

/// Words a shingle. NEWS-COPY (Silcock 2022) finds that even true copies share only 30 % of all 3-grams by Jaccard,
/// hence containment in the shorter text instead.
const WORDS: usize = 3;
/// Shingles kept of one text: the first so many words say whose text it is.
const SHINGLES_MAX: usize = 400;

/// The distinct three-word shingles of a text, hashed, sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shingles(Vec<u64>);

impl Shingles {
    /// Takes the shingles of a text given as word hashes in order.
    pub fn of(words: &[u64]) -> Self {
        let set: BTreeSet<u64> = words
            .windows(WORDS)
            .take(SHINGLES_MAX)
            .map(|w| {
                w.iter().fold(0xcbf2_9ce4_8422_2325, |h: u64, x| (h ^ x).wrapping_mul(0x0100_0000_01b3).rotate_left(23))
            })
            .collect();
        Self(set.into_iter().collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().copied()
    }

    /// Share of the smaller set that the other holds: 0 to 1, and 0 where either is empty.
    pub fn containment(&self, other: &Self) -> f64 {
        let (small, large) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        if small.is_empty() {
            return 0.0;
        }
        let shared = small.0.iter().filter(|s| large.0.binary_search(s).is_ok()).count();
        ratio(shared, small.len())
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    count(part) / count(whole)
}

#[cfg(test)]
mod tests {
    use super::Shingles;

    #[test]
    fn a_text_inside_a_longer_one_is_contained_in_it() {
        let long = Shingles::of(&(0..100).collect::<Vec<_>>());
        let part = Shingles::of(&(20..60).collect::<Vec<_>>());
        let other = Shingles::of(&(200..260).collect::<Vec<_>>());
        assert!((part.containment(&long) - 1.0).abs() < 1e-9);
        assert!(part.containment(&other) < 1e-9);
        assert!(Shingles::of(&[1, 2]).is_empty());
    }
}
