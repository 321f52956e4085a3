//! Three-word shingles: whether one text was taken from another, and from which of many.

use super::space::make_room;

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
/// Files of one drawer, in the middle.
const FILES_A_DRAWER: usize = 64;
/// A text begins with so many shingles.
const HEAD: usize = 8;
/// Finds of a look-up, over all its shingles.
const FINDS_MAX: usize = 8_000;

/// The three-word shingles of a text, hashed, in order.
///
/// Thirty-two bits each: that two texts of 400 shingles share one by chance happens to one pair in 27,000.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shingles {
    hashes: Box<[u32]>,
    distinct: u16,
    /// The place behind the last that says what was not said before.
    end: u16,
}

/// The distinct shingles of a text, findable: what is kept of a text does without, as few are compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted(Vec<Placed>);

/// A shingle with the place where it stands first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed(u64);

impl Placed {
    fn of(hash: u32, place: u16) -> Self {
        Self(u64::from(hash) << 16 | u64::from(place))
    }

    fn hash(self) -> u32 {
        u32::try_from(self.0 >> 16).unwrap_or_default()
    }

    fn place(self) -> usize {
        usize::from(u16::try_from(self.0 & 0xffff).unwrap_or_default())
    }
}

/// When a text came, seen from one that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// Before it.
    Before,
    /// After it.
    After,
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

    /// Whether either text's beginning stands in the other, by half at least: a word that was put for another takes three shingles.
    pub fn holds_a_head(&self) -> bool {
        let (short, long) = self.heads;
        short.max(long) * 2 >= HEAD.min(self.short)
    }

    /// Share of what is shared that stands at the longer text's beginning.
    pub fn of_opening(&self) -> f64 {
        ratio(self.opening, self.shared)
    }
}

impl Shingles {
    /// Takes the shingles of a text given as word hashes in order.
    pub fn of(words: &[u64]) -> (Self, Sorted) {
        let hashes: Box<[u32]> = words.windows(WORDS).take(SHINGLES_MAX).map(hash).collect();
        let sorted = Sorted::of(&hashes);
        let number = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        (Self { hashes, distinct: number(sorted.0.len()), end: number(sorted.end()) }, sorted)
    }

    /// How many different ones there are.
    pub fn len(&self) -> usize {
        usize::from(self.distinct)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether the text may have more than are kept.
    pub fn is_full(&self) -> bool {
        self.len() * 10 >= SHINGLES_MAX * 9
    }

    /// The same, to be found.
    pub fn sorted(&self) -> Sorted {
        Sorted::of(&self.hashes)
    }

    /// Those that the text is filed under; one may be given twice.
    fn filed(&self) -> impl Iterator<Item = u32> + '_ {
        let whole = self.len() <= FILED_WHOLE_MAX;
        self.hashes.iter().copied().filter(move |s| whole || s % FILED_ONE_IN == 0)
    }
}

impl Sorted {
    fn of(hashes: &[u32]) -> Self {
        let mut list: Vec<Placed> = hashes.iter().zip(0..).map(|(hash, place)| Placed::of(*hash, place)).collect();
        list.sort_unstable();
        list.dedup_by_key(|placed| placed.hash());
        Self(list)
    }

    /// The place behind the last that says what was not said before.
    fn end(&self) -> usize {
        self.0.iter().map(|placed| placed.place() + 1).max().unwrap_or_default()
    }

    /// What a text shares with another one, given with when this one came.
    pub fn overlap(&self, came: Came, other: &Shingles) -> Overlap {
        let (own, others) = (self.0.len(), other.len());
        // Of two that are as long, the one that came first is the shorter.
        let is_short = if came == Came::Before { own <= others } else { own < others };
        let (short, long) = if is_short { (own, others) } else { (others, own) };
        let mut overlap = Overlap { short, long, ..Overlap::default() };
        // What stands twice is shared once, so a text goes on beyond as many places as it has shingles.
        let end = if is_short { self.end() } else { usize::from(other.end) };
        let mut met = [false; SHINGLES_MAX];
        for (shingle, others_place) in other.hashes.iter().zip(0..) {
            let Ok(at) = self.0.binary_search_by_key(shingle, |placed| placed.hash()) else { continue };
            // Where it stands again, it isn't shared again.
            if met.get_mut(at).is_none_or(|met| std::mem::replace(met, true)) {
                continue;
            }
            let own_place = self.0.get(at).map_or(usize::MAX, |placed| placed.place());
            let (in_short, in_long) = if is_short { (own_place, others_place) } else { (others_place, own_place) };
            overlap.shared += 1;
            overlap.opening += usize::from(in_long < end);
            overlap.heads.0 += usize::from(in_short < HEAD);
            overlap.heads.1 += usize::from(in_long < HEAD);
        }
        overlap
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
    drawers: Drawers,
    sieve: Sieve,
}

/// A text under a shingle. The text's number is cut in two, as a whole one would be padded to sixteen bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct File {
    shingle: u32,
    upper: i32,
    lower: u32,
}

impl File {
    fn of(shingle: u32, text: i64) -> Self {
        let upper = i32::try_from(text >> u32::BITS).unwrap_or_default();
        let lower = u32::try_from(text & i64::from(u32::MAX)).unwrap_or_default();
        Self { shingle, upper, lower }
    }

    fn text(self) -> i64 {
        (i64::from(self.upper) << u32::BITS) | i64::from(self.lower)
    }
}

/// Files in order, in short lists by the first bits of their shingles: hashes, so that all are about as long. A tree pads them to
/// sixteen bytes, and leaves room in its nodes.
#[derive(Debug, Clone, Default)]
struct Drawers {
    /// A power of two of them, or none.
    lists: Vec<Vec<File>>,
    files: usize,
}

impl Drawers {
    fn put(&mut self, file: File) {
        if self.files >= self.lists.len() * FILES_A_DRAWER {
            self.grow();
        }
        let at = self.drawer(file.shingle);
        let Some(list) = self.lists.get_mut(at) else { return };
        if let Err(place) = list.binary_search(&file) {
            make_room(list);
            list.insert(place, file);
            self.files += 1;
        }
    }

    fn take(&mut self, file: File) {
        let at = self.drawer(file.shingle);
        let Some(list) = self.lists.get_mut(at) else { return };
        if let Ok(place) = list.binary_search(&file) {
            list.remove(place);
            self.files -= 1;
        }
    }

    /// Those under a shingle, in the order of texts.
    fn under(&self, shingle: u32) -> &[File] {
        let list = self.lists.get(self.drawer(shingle)).map(Vec::as_slice).unwrap_or_default();
        let from = list.partition_point(|file| file.shingle < shingle);
        let to = list.partition_point(|file| file.shingle <= shingle);
        list.get(from..to).unwrap_or_default()
    }

    fn iter(&self) -> impl Iterator<Item = &File> {
        self.lists.iter().flatten()
    }

    fn drawer(&self, shingle: u32) -> usize {
        let bits = self.lists.len().checked_ilog2().unwrap_or_default();
        usize::try_from(u64::from(shingle) << bits >> u32::BITS).unwrap_or_default()
    }

    /// Makes two of each list.
    fn grow(&mut self) {
        if self.lists.is_empty() {
            self.lists = vec![Vec::new()];
        }
        let bits = self.lists.len().ilog2() + 1;
        let mut lists = Vec::with_capacity(self.lists.len() * 2);
        for mut list in std::mem::take(&mut self.lists) {
            let is_lower = |file: &File| u64::from(file.shingle) << bits >> u32::BITS & 1 == 0;
            let upper = list.split_off(list.partition_point(is_lower));
            list.shrink_to_fit();
            lists.extend([list, upper]);
        }
        self.lists = lists;
    }
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
        shingles.filed().for_each(|shingle| self.drawers.put(File::of(shingle, text)));
        if self.drawers.files > self.sieve.0.len() * FILES_A_WORD {
            self.sieve = Sieve(vec![0; (self.sieve.0.len() * 2).max(SIEVE_MIN)]);
            self.drawers.iter().for_each(|file| self.sieve.mark(file.shingle));
        } else {
            shingles.filed().for_each(|shingle| self.sieve.mark(shingle));
        }
    }

    /// Takes a text out again.
    pub fn remove(&mut self, text: i64, shingles: &Shingles) {
        for shingle in shingles.filed() {
            self.drawers.take(File::of(shingle, text));
        }
    }

    /// Texts that may share passages with one, those with the most common shingles first, at most `take`. Of those that have as many, and are
    /// more than there is room for, these are the earliest and the latest, half each: an original is among the former, and the last of what a publisher puts the
    /// same words under among the latter.
    pub fn candidates(&self, shingles: &Sorted, take: usize) -> Vec<i64> {
        let mut finds: Vec<i64> = Vec::new();
        for shingle in shingles.0.iter().map(|placed| placed.hash()).filter(|shingle| self.sieve.may_hold(*shingle)) {
            let room = FINDS_MAX.saturating_sub(finds.len()).min(TEXTS_PER_SHINGLE);
            let files = self.drawers.under(shingle);
            let first = if files.len() > room { room / 2 } else { files.len() };
            let (first, rest) = files.split_at(first);
            let last = rest.iter().rev().take(room - first.len());
            finds.extend(first.iter().chain(last).map(|file| file.text()));
        }
        finds.sort_unstable();
        let mut counted: Vec<(usize, i64)> =
            finds.chunk_by(|a, b| a == b).filter_map(|run| Some((run.len(), *run.first()?))).collect();
        counted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        if let Some((last, _)) = counted.get(take).copied() {
            let from = counted.partition_point(|(count, _)| *count > last);
            let to = counted.partition_point(|(count, _)| *count >= last);
            let first = from + (take - from) / 2;
            counted.drain(first..to - (take - first));
        }
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
    use std::collections::BTreeSet;

    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{Came, Drawers, File, Overlap, ShingleIndex, Shingles};

    fn text(words: std::ops::Range<u64>) -> Shingles {
        Shingles::of(&words.collect::<Vec<_>>()).0
    }

    fn overlap(earlier: &Shingles, later: &Shingles) -> Overlap {
        let overlap = earlier.sorted().overlap(Came::Before, later);
        assert_eq!(later.sorted().overlap(Came::After, earlier), overlap);
        overlap
    }

    #[test]
    fn a_text_inside_a_longer_one_is_contained_in_it() {
        let inside = overlap(&text(20..60), &text(0..100));
        assert!((inside.of_short() - 1.0).abs() < 1e-9);
        assert!((inside.of_long() - 38.0 / 98.0).abs() < 1e-9);
        assert!(overlap(&text(200..260), &text(0..100)).of_short() < 1e-9);
        assert!(text(1..3).is_empty());
        assert!(overlap(&text(0..0), &text(0..100)).of_short() < 1e-9);
    }

    #[test]
    fn what_stands_at_the_beginning_of_the_longer_text_is_told_from_what_stands_in_its_middle() {
        assert!((overlap(&text(0..40), &text(0..100)).of_opening() - 1.0).abs() < 1e-9);
        assert!(overlap(&text(50..90), &text(0..100)).of_opening() < 1e-9);
        // Where it says something twice, the beginning is longer than its shingles are many.
        let twice = |end| Shingles::of(&(0..20).chain(0..20).chain(40..end).collect::<Vec<u64>>()).0;
        assert!((overlap(&twice(50), &twice(100)).of_opening() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_a_text_says_twice_is_one_shingle_where_it_stands_first() {
        let twice: Vec<u64> = (0..12).chain(50..60).chain(0..12).collect();
        let twice = Shingles::of(&twice).0;
        let shared = overlap(&twice, &text(0..100));
        assert_eq!((shared.shared, shared.short, shared.heads), (18, 22, (8, 8)));
    }

    #[test]
    fn a_copy_is_found_among_many_whether_it_is_the_longer_or_the_shorter_one() {
        let mut index = ShingleIndex::default();
        for n in 0..1_000 {
            let from = u64::try_from(n).unwrap() * 1_000;
            index.insert(n, &text(from..from + 300));
        }
        assert_eq!(index.candidates(&text(7_100..7_140).sorted(), 4), [7]);
        assert_eq!(index.candidates(&text(7_000..7_900).sorted(), 4), [7]);
        index.remove(7, &text(7_000..7_300));
        assert!(index.candidates(&text(7_000..7_300).sorted(), 4).is_empty());
    }

    #[test]
    fn of_many_with_the_same_text_the_earliest_and_the_latest_are_found() {
        let mut index = ShingleIndex::default();
        (0..40).for_each(|n| index.insert(n, &text(0..40)));
        assert_eq!(index.candidates(&text(0..40).sorted(), 5), [0, 1, 37, 38, 39]);
        (40..200).for_each(|n| index.insert(n, &text(0..40)));
        assert_eq!(index.candidates(&text(0..40).sorted(), 4), [0, 1, 198, 199]);
        // One that has more in common comes first, whichever it is.
        index.insert(100, &text(40..60));
        assert_eq!(index.candidates(&text(30..60).sorted(), 3), [100, 0, 199]);
    }

    proptest! {
        #[test]
        fn drawers_hold_what_a_tree_holds(
            steps in proptest::collection::vec((any::<bool>(), 0u32..40, -3i64..40), 0..2_000),
            far in any::<i64>(),
        ) {
            let (mut drawers, mut tree) = (Drawers::default(), BTreeSet::new());
            for (is_put, shingle, text) in steps {
                let (shingle, text) = (shingle.wrapping_mul(0x9e37_79b9), if text == 0 { far } else { text });
                if is_put {
                    drawers.put(File::of(shingle, text));
                    tree.insert((shingle, text));
                } else {
                    drawers.take(File::of(shingle, text));
                    tree.remove(&(shingle, text));
                }
            }
            prop_assert_eq!(drawers.files, tree.len());
            let held: Vec<(u32, i64)> = drawers.iter().map(|file| (file.shingle, file.text())).collect();
            prop_assert_eq!(held, tree.iter().copied().collect::<Vec<_>>());
            for (shingle, _) in &tree {
                let under: Vec<i64> = drawers.under(*shingle).iter().map(|file| file.text()).collect();
                let those: Vec<i64> = tree.range((*shingle, i64::MIN)..=(*shingle, i64::MAX)).map(|(_, text)| *text).collect();
                prop_assert_eq!(under, those);
            }
        }
    }
}
