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
/// Words of sixty-four bits that the sieve has at least; a power of two, as every number of them is.
const SIEVE_MIN: usize = 1 << 10;
/// Filed shingles for each of these words, at most: one bit in eight is set then.
const FILES_A_WORD: usize = 8;
/// A text begins with so many shingles.
const HEAD: usize = 8;
/// Finds of a look-up, over all its shingles.
const FINDS_MAX: usize = 8_000;

/// The distinct three-word shingles of a text, hashed, sorted, each with the place where it stands first.
///
/// Thirty-two bits each: that two texts of 400 shingles share one by chance happens to one pair in 27,000.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shingles {
    hashes: Box<[u32]>,
    places: Box<[u16]>,
}

/// What two texts share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overlap {
    /// Shingles that stand in both.
    pub shared: usize,
    /// Shingles of the shorter text.
    pub short: usize,
    /// Shingles of the longer one.
    pub long: usize,
    /// Of those shared, that many stand at the beginning of the longer text, which is taken as long as the shorter one.
    pub opening: usize,
    /// Of those that the shorter and the longer text begin with, that many are shared.
    pub heads: (usize, usize),
}

impl Overlap {
    /// Share of the shorter text that the longer one holds: 0 to 1, and 0 where it is empty.
    pub fn of_short(&self) -> f64 {
        ratio(self.shared, self.short)
    }

    /// Share of the longer text that stands in the shorter one.
    pub fn of_long(&self) -> f64 {
        ratio(self.shared, self.long)
    }

    /// Whether either text's beginning stands in the other, for the better part.
    pub fn holds_a_head(&self) -> bool {
        let (short, long) = self.heads;
        short.max(long) * 2 > HEAD.min(self.short)
    }

    /// Share of what is shared that stands at the longer text's beginning.
    pub fn of_opening(&self) -> f64 {
        ratio(self.opening, self.shared)
    }
}

impl Shingles {
    /// Takes the shingles of a text given as word hashes in order.
    pub fn of(words: &[u64]) -> Self {
        let mut list: Vec<(u32, u16)> = words.windows(WORDS).take(SHINGLES_MAX).map(hash).zip(0..).collect();
        list.sort_unstable();
        list.dedup_by_key(|&mut (hash, _)| hash);
        Self { hashes: list.iter().map(|s| s.0).collect(), places: list.iter().map(|s| s.1).collect() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether the text may have more than are kept.
    pub fn is_full(&self) -> bool {
        self.len() * 10 >= SHINGLES_MAX * 9
    }

    /// What a text shares with another one.
    pub fn overlap(&self, other: &Self) -> Overlap {
        let (short, long) = if self.len() <= other.len() { (self, other) } else { (other, self) };
        let mut overlap = Overlap { short: short.len(), long: long.len(), ..Overlap::default() };
        for (shingle, own_place) in short.hashes.iter().zip(&short.places) {
            let Ok(at) = long.hashes.binary_search(shingle) else { continue };
            overlap.shared += 1;
            let place = long.places.get(at).copied().map_or(usize::MAX, usize::from);
            overlap.opening += usize::from(place < short.len());
            overlap.heads.0 += usize::from(usize::from(*own_place) < HEAD);
            overlap.heads.1 += usize::from(place < HEAD);
        }
        overlap
    }

    /// Those that the text is filed under.
    fn filed(&self) -> impl Iterator<Item = u32> + '_ {
        let whole = self.len() <= FILED_WHOLE_MAX;
        self.hashes.iter().copied().filter(move |s| whole || s % FILED_ONE_IN == 0)
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
pub struct ShingleIndex {
    files: BTreeSet<(u32, i64)>,
    sieve: Sieve,
}

/// A bit for each shingle that something was filed under, and by chance for others: most shingles of a new text are found
/// nowhere, and to know that by a bit takes a tenth of the time.
#[derive(Debug, Clone, Default)]
struct Sieve(Vec<u64>);

impl Sieve {
    fn mark(&mut self, shingle: u32) {
        let (word, bit) = self.place(shingle);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn may_hold(&self, shingle: u32) -> bool {
        let (word, bit) = self.place(shingle);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Shingles are hashes: their lower bits are as good as any.
    fn place(&self, shingle: u32) -> (usize, u64) {
        let word = usize::try_from(shingle >> 6).unwrap_or_default() & self.0.len().saturating_sub(1);
        (word, 1 << (shingle & 63))
    }
}

impl ShingleIndex {
    /// Files a text under its shingles.
    pub fn insert(&mut self, text: i64, shingles: &Shingles) {
        self.files.extend(shingles.filed().map(|shingle| (shingle, text)));
        if self.files.len() > self.sieve.0.len() * FILES_A_WORD {
            self.sieve = Sieve(vec![0; (self.sieve.0.len() * 4).max(SIEVE_MIN)]);
            self.files.iter().for_each(|(shingle, _)| self.sieve.mark(*shingle));
        } else {
            shingles.filed().for_each(|shingle| self.sieve.mark(shingle));
        }
    }

    /// Takes a text out again.
    pub fn remove(&mut self, text: i64, shingles: &Shingles) {
        for shingle in shingles.filed() {
            self.files.remove(&(shingle, text));
        }
    }

    /// Texts that may share passages with one, those with the most common shingles first (of these the earliest), at
    /// most `take`.
    pub fn candidates(&self, shingles: &Shingles, take: usize) -> Vec<i64> {
        let mut finds: Vec<i64> = Vec::new();
        for &shingle in shingles.hashes.iter().filter(|shingle| self.sieve.may_hold(**shingle)) {
            let room = FINDS_MAX.saturating_sub(finds.len()).min(TEXTS_PER_SHINGLE);
            finds.extend(self.files.range((shingle, i64::MIN)..=(shingle, i64::MAX)).take(room).map(|(_, text)| *text));
        }
        finds.sort_unstable();
        let mut counted: Vec<(usize, i64)> =
            finds.chunk_by(|a, b| a == b).filter_map(|run| Some((run.len(), *run.first()?))).collect();
        counted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        counted.into_iter().take(take).map(|(_, text)| text).collect()
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 0.0;
    }
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
        let inside = text(20..60).overlap(&text(0..100));
        assert!((inside.of_short() - 1.0).abs() < 1e-9);
        assert!((inside.of_long() - 38.0 / 98.0).abs() < 1e-9);
        assert!(text(200..260).overlap(&text(0..100)).of_short() < 1e-9);
        assert!(Shingles::of(&[1, 2]).is_empty());
        assert!(text(0..0).overlap(&text(0..100)).of_short() < 1e-9);
    }

    #[test]
    fn what_stands_at_the_beginning_of_the_longer_text_is_told_from_what_stands_in_its_middle() {
        assert!((text(0..40).overlap(&text(0..100)).of_opening() - 1.0).abs() < 1e-9);
        assert!(text(50..90).overlap(&text(0..100)).of_opening() < 1e-9);
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
