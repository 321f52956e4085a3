//! Clusters of unit vectors over hashed terms, and the nearest of them to a story.
//!
//! An inverted index of weighted postings that is also where the clusters' sums are kept: the list of a term holds, for
//! each cluster with that term, its weight in the cluster's sum. A look-up adds up products along the lists of the
//! story's terms, rarest first, until a number of postings that does not grow with the index, and then completes the
//! best candidates exactly. So a story costs the same among a thousand events and among a million.

use std::collections::BinaryHeap;
use std::time::Duration;

use jiff::Timestamp;

use super::numbers::Numbers;
use super::packed::Packed;

/// Stories that are thought to have been seen before the first: keeps early weights from swinging. None of them had a term,
/// but all had what is expected.
const PRIOR_STORIES: f32 = 30.0;
/// Terms kept of one story: the heaviest.
const TERMS_MAX: usize = 64;
/// Postings that a look-up adds up before it takes the best it has found. Terms of a story are rare ones first, and in
/// news the first thirty stand in a few thousand clusters together; only a topic in which all is alike comes to this.
const POSTINGS_MAX: usize = 16_000;
/// Candidates that are held in order of what is known of them, for the asker to choose from.
const CANDIDATES_MAX: usize = 256;
/// What is left of a weight after a story was taken out again may be this far from nothing, by rounding.
const NOTHING: f32 = 1e-5;

/// A unit vector: numbers of terms, ascending, with their weights. Terms that no story has had are left out, though
/// they count in its length. Empty for a story without words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vector(pub(super) Vec<(u32, f32)>);

/// A cluster's name within its space; a dissolved cluster's name is given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClusterId(u32);

/// How near a cluster is to a story.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The cluster.
    pub cluster: ClusterId,
    /// Whose it is.
    pub owner: i64,
    /// Cosine of the story with the cluster's sum: 0 to 1.
    pub cosine: f64,
    /// How far the story lies from the cluster's own span in time.
    pub apart: Duration,
}

/// Clusters of unit vectors.
#[derive(Debug, Clone, Default)]
pub struct Space {
    numbers: Numbers,
    terms: Vec<Term>,
    stories: f32,
    clusters: Vec<Cluster>,
    free: Vec<u32>,
    /// Sums of one look-up, by cluster; all nought between look-ups.
    sums: Vec<f32>,
}

#[derive(Debug, Clone, Default)]
struct Term {
    /// Stories that had it.
    seen: f32,
    /// Stories before the first that are thought to have had it.
    expected: f32,
    /// Clusters that have it, ascending, with its weight in their sums.
    postings: Vec<(u32, f32)>,
}

#[derive(Debug, Clone)]
struct Cluster {
    owner: i64,
    /// Seconds since 1970 of its earliest and latest story.
    first: i64,
    last: i64,
    /// Square of the length of its sum.
    square: f64,
    /// In the order in which they came.
    terms: Packed,
}

impl Vector {
    /// The cosine with another of the same space: 0 to 1.
    pub fn cosine(&self, other: &Self) -> f64 {
        let shared = |(number, weight): &(u32, f32)| {
            let at = other.0.binary_search_by_key(number, |&(number, _)| number).ok()?;
            other.0.get(at).map(|(_, w)| weight * w)
        };
        f64::from(self.0.iter().filter_map(shared).sum::<f32>()).min(1.0)
    }

    /// The length of what was left out of it, given that it was a unit vector with that.
    pub fn missing(&self) -> f64 {
        let square: f64 = self.0.iter().map(|(_, weight)| f64::from(weight * weight)).sum();
        (1.0 - square).max(0.0).sqrt()
    }
}

impl Space {
    /// A space of stories that were chosen by these terms: having them makes two of them no more alike.
    pub fn expecting(terms: impl IntoIterator<Item = u64>) -> Self {
        let mut space = Self::default();
        for term in terms {
            if space.numbers.of(term).1 {
                space.terms.push(Term { expected: PRIOR_STORIES, ..Term::default() });
            }
        }
        space
    }

    /// Counts a story's terms: in how many stories each stands.
    pub fn count(&mut self, counts: &[(u64, f32)]) {
        self.stories += 1.0;
        for (term, _) in counts {
            self.see(*term);
        }
    }

    /// The number of a term of one more story.
    fn see(&mut self, term: u64) -> u32 {
        let (number, is_new) = self.numbers.of(term);
        if is_new {
            make_room(&mut self.terms);
            self.terms.push(Term::default());
        }
        if let Some(term) = self.term_mut(number) {
            term.seen += 1.0;
        }
        number
    }

    /// Counts a story's terms, and gives its vector with that.
    pub fn counted(&mut self, counts: &[(u64, f32)]) -> Vector {
        self.stories += 1.0;
        let numbered = counts.iter().map(|&(term, count)| (Some(self.see(term)), term, count)).collect();
        self.weighed(numbered)
    }

    /// The unit TF-IDF vector of counted terms, the heaviest kept: `(1 + ln tf) * idf`, where idf is smoothed,
    /// `ln((N + P + 1) / (n + 1))` with N the number of stories, n those with the term, and P a prior number of stories
    /// without it, or with it where it is expected (Manning et al. 2008, section 6.2.1, with a prior).
    pub fn vector(&self, counts: &[(u64, f32)]) -> Vector {
        self.weighed(counts.iter().map(|&(term, count)| (self.numbers.get(term), term, count)).collect())
    }

    /// The vector of counted terms, given with their numbers.
    fn weighed(&self, mut terms: Vec<(Option<u32>, u64, f32)>) -> Vector {
        for (number, _, count) in &mut terms {
            let seen = number.and_then(|n| self.term(n)).map_or(0.0, |t| t.seen + t.expected);
            let idf = ((self.stories + PRIOR_STORIES + 1.0) / (seen + 1.0)).ln();
            *count = (1.0 + count.max(1.0).ln()) * idf;
        }
        if terms.len() > TERMS_MAX {
            terms.select_nth_unstable_by(TERMS_MAX, |a, b| b.2.total_cmp(&a.2).then(a.1.cmp(&b.1)));
            terms.truncate(TERMS_MAX);
            terms.sort_unstable_by_key(|&(_, term, _)| term);
        }
        let norm = terms.iter().map(|(_, _, w)| w * w).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        let mut known: Vec<(u32, f32)> = Vec::with_capacity(terms.len());
        known.extend(terms.iter().filter_map(|(n, _, w)| Some(((*n)?, w / norm))));
        known.sort_unstable_by_key(|&(number, _)| number);
        Vector(known)
    }

    /// Opens an empty cluster of `owner`'s.
    pub fn open(&mut self, owner: i64) -> ClusterId {
        let cluster = Cluster { owner, first: i64::MAX, last: i64::MIN, square: 0.0, terms: Packed::default() };
        if let Some(number) = self.free.pop() {
            if let Some(place) = self.clusters.get_mut(index(number)) {
                *place = cluster;
            }
            return ClusterId(number);
        }
        let number = u32::try_from(self.clusters.len()).unwrap_or(u32::MAX);
        make_room(&mut self.clusters);
        self.clusters.push(cluster);
        make_room(&mut self.sums);
        self.sums.push(0.0);
        ClusterId(number)
    }

    /// Adds a story's vector to a cluster's sum.
    pub fn add(&mut self, to: ClusterId, vector: &Vector, at: Timestamp) {
        self.add_weights(to, vector, (at.as_second(), at.as_second()));
    }

    fn add_weights(&mut self, to: ClusterId, vector: &Vector, (first, last): (i64, i64)) {
        let Some(cluster) = self.clusters.get_mut(index(to.0)) else { return };
        cluster.first = cluster.first.min(first);
        cluster.last = cluster.last.max(last);
        cluster.terms.reserve(vector.0.len());
        for &(number, weight) in &vector.0 {
            let Some(term) = self.terms.get_mut(index(number)) else { continue };
            match term.postings.binary_search_by_key(&to.0, |p| p.0) {
                Ok(place) => {
                    if let Some((_, held)) = term.postings.get_mut(place) {
                        cluster.square += f64::from(weight) * f64::from(2.0 * *held + weight);
                        *held += weight;
                    }
                }
                Err(place) => {
                    make_room(&mut term.postings);
                    term.postings.insert(place, (to.0, weight));
                    cluster.square += f64::from(weight * weight);
                    cluster.terms.push(number);
                }
            }
        }
        cluster.terms.shrink();
    }

    /// Takes a story's vector out of a cluster's sum again. Its span in time stays.
    pub fn remove(&mut self, from: ClusterId, vector: &Vector) {
        let Some(cluster) = self.clusters.get_mut(index(from.0)) else { return };
        let mut gone = Vec::new();
        for &(number, weight) in &vector.0 {
            let Some(term) = self.terms.get_mut(index(number)) else { continue };
            let Ok(place) = term.postings.binary_search_by_key(&from.0, |p| p.0) else { continue };
            let Some((_, held)) = term.postings.get_mut(place) else { continue };
            cluster.square += f64::from(weight) * f64::from(weight - 2.0 * *held);
            *held -= weight;
            if held.abs() < NOTHING {
                term.postings.remove(place);
                gone.push(number);
            }
        }
        if !gone.is_empty() {
            cluster.terms.remove(&gone);
        }
    }

    /// Forgets a cluster. In how many stories its terms stood is kept.
    pub fn dissolve(&mut self, gone: ClusterId) {
        let Some(cluster) = self.clusters.get_mut(index(gone.0)) else { return };
        for number in std::mem::take(&mut cluster.terms).iter() {
            let Some(term) = self.terms.get_mut(index(number)) else { continue };
            if let Ok(place) = term.postings.binary_search_by_key(&gone.0, |p| p.0) {
                term.postings.remove(place);
            }
        }
        cluster.square = 0.0;
        self.free.push(gone.0);
    }

    /// The direction of a cluster's sum, as a story's vector: its heaviest terms.
    pub fn direction(&self, of: ClusterId) -> Vector {
        let Some(cluster) = self.clusters.get(index(of.0)).filter(|cluster| cluster.square > 0.0) else {
            return Vector::default();
        };
        let mut terms: Vec<(u32, f32)> =
            cluster.terms.iter().filter_map(|term| Some((term, self.weight(term, of.0)?))).collect();
        if terms.len() > TERMS_MAX {
            terms.select_nth_unstable_by(TERMS_MAX, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            terms.truncate(TERMS_MAX);
        }
        terms.sort_unstable_by_key(|&(term, _)| term);
        #[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
        let length = cluster.square.sqrt() as f32;
        Vector(terms.into_iter().map(|(term, weight)| (term, weight / length)).collect())
    }

    /// The cosine of two clusters' sums: 0 to 1. It takes time by the terms of the smaller.
    pub fn between(&self, one: ClusterId, other: ClusterId) -> f64 {
        let cluster = |id: ClusterId| self.clusters.get(index(id.0)).filter(|cluster| cluster.square > 0.0);
        let (Some(a), Some(b)) = (cluster(one), cluster(other)) else { return 0.0 };
        let smaller = if a.terms.len() <= b.terms.len() { a } else { b };
        let weights = |term: u32| Some((self.weight(term, one.0)?, self.weight(term, other.0)?));
        let product = smaller.terms.iter().filter_map(weights).fold(0.0, |sum, (a, b)| sum + a * b);
        (f64::from(product) / (a.square.sqrt() * b.square.sqrt())).min(1.0)
    }

    /// The length of a cluster's sum: of `n` stories, `n` where all have the same words.
    pub fn length(&self, of: ClusterId) -> f64 {
        self.clusters.get(index(of.0)).map_or(0.0, |cluster| cluster.square.max(0.0).sqrt())
    }

    /// Adds one cluster's sum and span to another's, and forgets it.
    pub fn absorb(&mut self, into: ClusterId, gone: ClusterId) {
        if into == gone {
            return;
        }
        let Some(cluster) = self.clusters.get(index(gone.0)).cloned() else { return };
        let weights = cluster.terms.iter().filter_map(|term| Some((term, self.weight(term, gone.0)?))).collect();
        self.dissolve(gone);
        self.add_weights(into, &Vector(weights), (cluster.first, cluster.last));
    }

    /// The clusters nearest to a story published at `at`, of those with a story within `window` of it; nearest first,
    /// at most `take`. `wanted` chooses by owner, and is asked of the most promising first.
    pub fn nearest(
        &mut self,
        vector: &Vector,
        (at, window): (Timestamp, Duration),
        take: usize,
        mut wanted: impl FnMut(i64) -> bool,
    ) -> Vec<Near> {
        let mut terms = vector.0.clone();
        // The rarest term that weighs most: the weight says both, as it grows with rarity.
        terms.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let added = self.add_up(&terms);
        let rest = terms.get(added.terms..).unwrap_or_default();
        let mut best = Best::default();
        for number in added.touched {
            let sum = self.sums.get_mut(index(number)).map(std::mem::take).unwrap_or_default();
            let Some(cluster) = self.clusters.get(index(number)) else { continue };
            let sum = f64::from(sum);
            if cluster.square > 0.0 && best.may_take(sum, cluster.square) && cluster.apart(at) <= window {
                best.put(Candidate::of(sum / cluster.square.sqrt(), number));
            }
        }
        // The first few are asked for: a heap gives them without the others' being put in order.
        let mut candidates = BinaryHeap::from(best.candidates);
        let mut near: Vec<Near> = std::iter::from_fn(|| candidates.pop())
            .take(CANDIDATES_MAX)
            .filter_map(|candidate| {
                let number = candidate.number();
                let cluster = self.clusters.get(index(number))?;
                wanted(cluster.owner).then_some((candidate.cosine(), number, cluster.apart(at), cluster))
            })
            .take(take)
            .map(|(cosine, number, apart, cluster)| {
                let left: f32 = rest.iter().filter_map(|&(term, w)| Some(w * self.weight(term, number)?)).sum();
                let cosine = (cosine + f64::from(left) / cluster.square.sqrt()).min(1.0);
                Near { cluster: ClusterId(number), owner: cluster.owner, cosine, apart }
            })
            .collect();
        near.sort_unstable_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.cluster.cmp(&b.cluster)));
        near
    }

    /// The cosine of a story with one cluster's sum: 0 to 1.
    pub fn cosine(&self, vector: &Vector, cluster: ClusterId) -> f64 {
        let Some(held) = self.clusters.get(index(cluster.0)).filter(|held| held.square > 0.0) else { return 0.0 };
        let products = vector.0.iter().filter_map(|&(term, w)| Some(w * self.weight(term, cluster.0)?));
        // A sum of nothing is nought; that of an empty iterator is minus nought, and would be shown so.
        let product = products.fold(0.0, |sum: f32, product| sum + product);
        (f64::from(product) / held.square.sqrt()).min(1.0)
    }

    /// Terms that a story shares with a cluster.
    pub fn shared<'a>(&'a self, vector: &'a Vector, cluster: ClusterId) -> impl Iterator<Item = u64> + 'a {
        let shared = vector.0.iter().filter(move |(term, _)| self.weight(*term, cluster.0).is_some());
        shared.filter_map(|(number, _)| self.numbers.term_of(*number))
    }

    /// Adds up products along the lists of as many of the terms as the limit on postings allows.
    fn add_up(&mut self, terms: &[(u32, f32)]) -> Added {
        let mut added = Added { terms: 0, touched: Vec::new() };
        let mut postings = 0usize;
        for &(number, weight) in terms {
            let Some(term) = self.terms.get(index(number)) else { break };
            postings = postings.saturating_add(term.postings.len());
            // The rarest is always gone along: without it there would be no candidate at all.
            if postings > POSTINGS_MAX && !added.touched.is_empty() {
                break;
            }
            for &(cluster, held) in term.postings.iter().rev().take(POSTINGS_MAX) {
                let Some(sum) = self.sums.get_mut(index(cluster)) else { continue };
                if *sum == 0.0 {
                    added.touched.push(cluster);
                }
                *sum += weight * held;
            }
            added.terms += 1;
        }
        added
    }

    fn weight(&self, term: u32, cluster: u32) -> Option<f32> {
        let postings = &self.term(term)?.postings;
        let place = postings.binary_search_by_key(&cluster, |p| p.0).ok()?;
        postings.get(place).map(|p| p.1)
    }

    fn term(&self, number: u32) -> Option<&Term> {
        self.terms.get(index(number))
    }

    fn term_mut(&mut self, number: u32) -> Option<&mut Term> {
        self.terms.get_mut(index(number))
    }
}

/// A cluster with what is known of its cosine: the higher the more alike, of those alike the one with the lower number.
///
/// In one number, as thousands are compared: the order of floats is that of their bits, the negative ones turned round
/// (IEEE 754-2008, section 5.10, `totalOrder`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate(u128);

impl Candidate {
    fn of(cosine: f64, number: u32) -> Self {
        let bits = cosine.to_bits();
        let rank = if cosine.is_sign_negative() { !bits } else { bits | SIGN };
        Self(u128::from(rank) << 32 | u128::from(!number))
    }

    fn cosine(self) -> f64 {
        let rank = u64::try_from(self.0 >> 32).unwrap_or_default();
        f64::from_bits(if rank & SIGN == 0 { !rank } else { rank & !SIGN })
    }

    fn number(self) -> u32 {
        !u32::try_from(self.0 & u128::from(u32::MAX)).unwrap_or_default()
    }
}

/// The bit of a float that says that it is negative.
const SIGN: u64 = 1 << 63;

/// The best of thousands of candidates, and some others.
#[derive(Debug, Default)]
struct Best {
    candidates: Vec<Candidate>,
    /// What is less is none of them: the square of a cosine, for no root is drawn of most.
    least: f64,
}

impl Best {
    /// Whether a cluster of a sum and its square may be one of the best.
    fn may_take(&self, sum: f64, square: f64) -> bool {
        sum * sum >= self.least * square
    }

    fn put(&mut self, candidate: Candidate) {
        if self.candidates.len() == CANDIDATES_MAX * 2 {
            let (_, last, _) = self.candidates.select_nth_unstable_by(CANDIDATES_MAX - 1, |a, b| b.cmp(a));
            let cosine = last.cosine().max(0.0);
            // Less than what a product is rounded by.
            self.least = cosine * cosine * (1.0 - 1e-9);
            self.candidates.truncate(CANDIDATES_MAX);
        }
        self.candidates.push(candidate);
    }
}

/// What was added up: the first so many terms, and the clusters whose sums are not nought.
struct Added {
    terms: usize,
    touched: Vec<u32>,
}

impl Cluster {
    /// How far a moment lies from the cluster's span; nothing within it.
    fn apart(&self, at: Timestamp) -> Duration {
        let at = at.as_second();
        let before = self.first.saturating_sub(at).max(0);
        let after = at.saturating_sub(self.last).max(0);
        Duration::from_secs(before.max(after).unsigned_abs())
    }
}

/// Makes room for one more, and for a quarter of what there is: by twice as much, as a list grows by itself, half of what
/// all lists hold would be room, and most hold one.
pub(super) fn make_room<T>(list: &mut Vec<T>) {
    if list.len() == list.capacity() {
        list.reserve_exact(1 + list.len() / 4);
    }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use super::{Best, CANDIDATES_MAX, Candidate, Near, Space};

    const DAY: Duration = Duration::from_hours(24);

    fn counts(terms: &[u64]) -> Vec<(u64, f32)> {
        let mut counts: Vec<(u64, f32)> = terms.iter().map(|&t| (t, 1.0)).collect();
        counts.sort_unstable_by_key(|&(t, _)| t);
        counts.dedup();
        counts
    }

    fn nearest(space: &mut Space, terms: &[u64], at: Timestamp) -> Option<Near> {
        let vector = space.vector(&counts(terms));
        space.nearest(&vector, (at, DAY), 8, |_| true).first().copied()
    }

    /// A space of clusters with one story each, all at the epoch.
    fn space_of(stories: &[&[u64]]) -> Space {
        let mut space = Space::default();
        for (owner, terms) in (1..).zip(stories) {
            space.count(&counts(terms));
            let vector = space.vector(&counts(terms));
            let cluster = space.open(owner);
            space.add(cluster, &vector, Timestamp::UNIX_EPOCH);
        }
        space
    }

    #[test]
    fn a_story_is_nearest_to_the_event_that_shares_its_rare_words() {
        let mut space = space_of(&[&[1, 2, 3], &[1, 4, 5], &[1, 6, 7], &[1, 8, 9]]);
        let near = nearest(&mut space, &[1, 4, 5], Timestamp::UNIX_EPOCH).unwrap();
        let vector = space.vector(&counts(&[1, 4, 5]));
        assert_eq!((near.owner, space.shared(&vector, near.cluster).count()), (2, 3));
        assert!(near.cosine > 0.95, "{near:?}");
        assert_eq!(nearest(&mut space, &[20, 21], Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn an_event_out_of_the_window_is_not_near_and_one_within_tells_how_far() {
        let mut space = space_of(&[&[1, 2, 3]]);
        let later = |hours| Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_hours(hours)).unwrap();
        assert_eq!(nearest(&mut space, &[1, 2, 3], later(25)), None);
        let near = nearest(&mut space, &[1, 2, 3], later(5)).unwrap();
        assert_eq!(near.apart, Duration::from_hours(5));
    }

    #[test]
    fn a_story_taken_out_leaves_the_sum_as_it_was_and_a_dissolved_event_is_found_no_more() {
        let mut space = space_of(&[&[1, 2, 3]]);
        let cluster = nearest(&mut space, &[1, 2, 3], Timestamp::UNIX_EPOCH).unwrap().cluster;
        let before = nearest(&mut space, &[1, 2, 9], Timestamp::UNIX_EPOCH).unwrap();
        let vector = space.vector(&counts(&[2, 3]));
        space.add(cluster, &vector, Timestamp::UNIX_EPOCH);
        space.remove(cluster, &vector);
        let after = nearest(&mut space, &[1, 2, 9], Timestamp::UNIX_EPOCH).unwrap();
        assert!((before.cosine - after.cosine).abs() < 1e-6, "{before:?} {after:?}");
        space.dissolve(cluster);
        assert_eq!(nearest(&mut space, &[1, 2, 3], Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn the_nearest_is_found_among_so_many_alike_that_their_lists_are_cut_short() {
        let crowd: Vec<Vec<u64>> = (0..20_000u64).map(|n| vec![1, 2, 3, 100 + n % 50, 1_000 + n]).collect();
        let stories: Vec<&[u64]> = crowd.iter().map(Vec::as_slice).collect();
        let mut space = space_of(&stories);
        let near = nearest(&mut space, &[1, 2, 3, 107, 1_007], Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(near.owner, 8);
    }

    proptest! {
        #[test]
        fn candidates_stand_in_the_order_of_cosines(one in any::<(f64, u32)>(), other in any::<(f64, u32)>()) {
            let candidate = |(cosine, number): (f64, u32)| Candidate::of(cosine, number);
            prop_assert_eq!(candidate(one).cosine().to_bits(), one.0.to_bits());
            prop_assert_eq!(candidate(one).number(), one.1);
            let order = one.0.total_cmp(&other.0).then(other.1.cmp(&one.1));
            prop_assert_eq!(candidate(one).cmp(&candidate(other)), order);
        }

        #[test]
        fn the_best_of_many_are_those_that_an_order_of_all_would_put_first(clusters in proptest::collection::vec((-1f32..9.0, 0.1..9.0f64), 0..2_000)) {
            let (mut best, mut all) = (Best::default(), Vec::new());
            for ((sum, square), number) in clusters.into_iter().zip(0..) {
                let sum = f64::from(sum);
                let candidate = Candidate::of(sum / square.sqrt(), number);
                all.push(candidate);
                if best.may_take(sum, square) {
                    best.put(candidate);
                }
            }
            let first = |mut list: Vec<Candidate>| {
                list.sort_unstable_by(|a, b| b.cmp(a));
                list.truncate(CANDIDATES_MAX);
                list
            };
            prop_assert_eq!(first(best.candidates), first(all));
        }

        #[test]
        fn what_is_found_is_what_a_plain_reckoning_finds(
            stories in proptest::collection::vec(proptest::collection::vec(0u64..40, 1..12), 1..30),
            asked in proptest::collection::vec(0u64..40, 1..12),
        ) {
            let lists: Vec<&[u64]> = stories.iter().map(Vec::as_slice).collect();
            let mut space = space_of(&lists);
            let asked = space.vector(&counts(&asked));
            // The clusters hold one story each, so their sums are those stories' vectors as they were when they came.
            let mut replay = Space::default();
            let best = lists
                .iter()
                .map(|terms| {
                    replay.count(&counts(terms));
                    let vector = replay.vector(&counts(terms));
                    let shared = vector.0.iter().filter_map(|(t, w)| {
                        Some(f64::from(w * asked.0.iter().find(|(other, _)| other == t)?.1))
                    });
                    shared.sum::<f64>()
                })
                .fold(0.0, f64::max);
            let near = space.nearest(&asked, (Timestamp::UNIX_EPOCH, DAY), 8, |_| true);
            let found = near.first().map_or(0.0, |n| n.cosine);
            prop_assert!((found - best).abs() < 1e-5, "{found} instead of {best}");
        }
    }
}
