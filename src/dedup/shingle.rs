//! Three-word shingles: whether one text was taken from another, and from which of many.

use std::collections::BTreeSet;

/// Words a shingle. NEWS-COPY (Silcock 2022) finds that even true copies share only 30 % of all 3-grams by Jaccard,
/// hence containment in the shorter text instead.
const WORDS: usize = 3;
/// Shingles kept of one text: the first so many words say whose text it is.
const SHINGLES_MAX: usize = 400;
/// Of a text with more shingles than this only a part is filed: enough to be found by.
const FILED_WHOLE_MAX: usize = 64;
/// That part: one in so many, chosen by the shingle itself, so that copies are filed under the same ones.
const FILED_ONE_IN: u32 = 4;
/// Texts that a look-up takes from the list of one shingle: what stands in more is a phrase that everybody uses.
const TEXTS_PER_SHINGLE: usize = 64;
/// Finds of a look-up, over all its shingles.
const FINDS_MAX: usize = 8_000;

/// The distinct three-word shingles of a text, hashed, sorted.
///
/// Thirty-two bits each: that two texts of 400 shingles share one by chance happens to one pair in 27,000.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shingles(Box<[u32]>);

impl Shingles {
    /// Takes the shingles of a text given as word hashes in order.
    pub fn of(words: &[u64]) -> Self {
        let mut list: Vec<u32> = words.windows(WORDS).take(SHINGLES_MAX).map(hash).collect();
        list.sort_unstable();
        list.dedup();
        Self(list.into_boxed_slice())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Share of the smaller set that the other holds: 0 to 1, and 0 where either is empty.
    pub fn containment(&self, other: &Self) -> f64 {
        let (small, large) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        if small.is_empty() {
            return 0.0;
        }
        ratio(small.shared(large), small.len())
    }

    /// Shingles that two texts share.
    pub fn shared(&self, other: &Self) -> usize {
        self.0.iter().filter(|s| other.0.binary_search(s).is_ok()).count()
    }

    /// Those that the text is filed under.
    fn filed(&self) -> impl Iterator<Item = u32> + '_ {
        let whole = self.len() <= FILED_WHOLE_MAX;
        self.0.iter().copied().filter(move |s| whole || s % FILED_ONE_IN == 0)
    }
}

fn hash(words: &[u64]) -> u32 {
    let start = 0xcbf2_9ce4_8422_2325;
    let mixed = words.iter().fold(start, |h: u64, word| (h ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23));
    // The upper half: in it every bit of the words has had its say.
    u32::try_from(mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).unwrap_or_default()
}

/// Texts filed under their shingles.
#[derive(Debug, Clone, Default)]
pub struct ShingleIndex(BTreeSet<(u32, i64)>);

impl ShingleIndex {
    /// Files a text under its shingles.
    pub fn insert(&mut self, text: i64, shingles: &Shingles) {
        self.0.extend(shingles.filed().map(|shingle| (shingle, text)));
    }

    /// Takes a text out again.
    pub fn remove(&mut self, text: i64, shingles: &Shingles) {
        for shingle in shingles.filed() {
            self.0.remove(&(shingle, text));
        }
    }

    /// Texts that may share passages with one, those with the most common shingles first (of these the earliest), at
    /// most `take`.
    pub fn candidates(&self, shingles: &Shingles, take: usize) -> Vec<i64> {
        let mut finds: Vec<i64> = Vec::new();
        for &shingle in &shingles.0 {
            let room = FINDS_MAX.saturating_sub(finds.len()).min(TEXTS_PER_SHINGLE);
            finds.extend(self.0.range((shingle, i64::MIN)..=(shingle, i64::MAX)).take(room).map(|(_, text)| *text));
        }
        finds.sort_unstable();
        let mut counted: Vec<(usize, i64)> =
            finds.chunk_by(|a, b| a == b).filter_map(|run| Some((run.len(), *run.first()?))).collect();
        counted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        counted.into_iter().take(take).map(|(_, text)| text).collect()
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    count(part) / count(whole)
}

#[cfg(test)]
mod tests {
    use super::{ShingleIndex, Shingles};

    fn text(words: std::ops::Range<u64>) -> Shingles {
        Shingles::of(&words.collect::<Vec<_>>())
    }

    #[test]
    fn a_text_inside_a_longer_one_is_contained_in_it() {
        assert!((text(20..60).containment(&text(0..100)) - 1.0).abs() < 1e-9);
        assert!(text(200..260).containment(&text(0..100)) < 1e-9);
        assert!(Shingles::of(&[1, 2]).is_empty());
    }

    #[test]
    fn a_copy_is_found_among_many_whether_it_is_the_longer_or_the_shorter_one() {
        let mut index = ShingleIndex::default();
        for n in 0..1_000 {
            let from = u64::try_from(n).unwrap() * 1_000;
            index.insert(n, &text(from..from + 300));
        }
        assert_eq!(index.candidates(&text(7_100..7_140), 4), [7]);
        assert_eq!(index.candidates(&text(7_000..7_900), 4), [7]);
        index.remove(7, &text(7_000..7_300));
        assert!(index.candidates(&text(7_000..7_300), 4).is_empty());
    }
}
