//! How well a yes or no does, and how sure that is: parts left out in turn, and draws with putting back.

use std::collections::BTreeMap;

use super::chance::Chance;
use super::logistic::real;

/// What was said of one thing, and what is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What was said.
    pub said: bool,
    /// What is so.
    pub is_so: bool,
    /// Which group it is of: things of one (accounts of one event) are no independent proofs.
    pub group: usize,
}

/// How many were said rightly and wrongly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Said yes, and so it is.
    pub right: usize,
    /// Said yes, and it isn't.
    pub wrong: usize,
    /// Said no, and it is.
    pub missed: usize,
}

impl Tally {
    /// Counts.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut tally = Self::default();
        for outcome in outcomes {
            match (outcome.said, outcome.is_so) {
                (true, true) => tally.right += 1,
                (true, false) => tally.wrong += 1,
                (false, true) => tally.missed += 1,
                (false, false) => {}
            }
        }
        tally
    }

    /// Part of what was said that is so; 0 where nothing was.
    pub fn precision(self) -> f64 {
        real(self.right) / real(self.right + self.wrong).max(1.0)
    }

    /// Part of what is so that was said; 0 where nothing is.
    pub fn recall(self) -> f64 {
        real(self.right) / real(self.right + self.missed).max(1.0)
    }

    /// The harmonic mean of both.
    pub fn f1(self) -> f64 {
        2.0 * real(self.right) / real(2 * self.right + self.wrong + self.missed).max(1.0)
    }
}

/// From which value to which a measure is likely to lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// One draw in forty is below.
    pub low: f64,
    /// One in forty is above.
    pub high: f64,
}

/// Parts groups into `parts`, each about as large, by a throw: gives each thing's part, in order of the things.
pub fn folds(groups: &[usize], parts: usize, seed: u64) -> Vec<usize> {
    let mut chance = Chance(seed);
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for group in groups {
        *sizes.entry(*group).or_default() += 1;
    }
    let mut order: Vec<(usize, usize)> = sizes.into_iter().collect();
    for last in (1..order.len()).rev() {
        order.swap(last, chance.below(last + 1));
    }
    // The largest first, each into the part that is smallest by then; those of one size as thrown.
    order.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let mut filled = vec![0; parts.max(1)];
    let mut part_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (group, size) in order {
        let smallest = filled.iter().enumerate().min_by_key(|(_, filled)| **filled).map_or(0, |(part, _)| part);
        filled.iter_mut().skip(smallest).take(1).for_each(|filled| *filled += size);
        part_of.insert(group, smallest);
    }
    groups.iter().map(|group| part_of.get(group).copied().unwrap_or_default()).collect()
}

/// The 95 % percentile interval of a measure over draws of whole groups with putting back (Efron and Tibshirani 1993, chapter 13;
/// by groups, as things of one group are alike: Davison and Hinkley 1997, section 3.8).
pub fn interval<T>(
    things: &[T],
    group: impl Fn(&T) -> usize,
    (draws, seed): (usize, u64),
    measure: impl Fn(&[&T]) -> f64,
) -> Interval {
    let mut chance = Chance(seed);
    let mut groups: BTreeMap<usize, Vec<&T>> = BTreeMap::new();
    for thing in things {
        groups.entry(group(thing)).or_default().push(thing);
    }
    let groups: Vec<Vec<&T>> = groups.into_values().collect();
    let mut draw = || {
        let picked = (0..groups.len()).filter_map(|_| groups.get(chance.below(groups.len())));
        let drawn: Vec<&T> = picked.flatten().copied().collect();
        measure(&drawn)
    };
    let mut values: Vec<f64> = (0..draws).map(|_| draw()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or_default();
    Interval { low: at(draws / 40), high: at(draws.saturating_sub(1 + draws / 40)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(said: &[(bool, bool)]) -> Vec<Outcome> {
        said.iter().enumerate().map(|(group, (said, is_so))| Outcome { said: *said, is_so: *is_so, group }).collect()
    }

    #[test]
    fn precision_recall_and_f1_are_what_they_are_elsewhere() {
        let tally = Tally::of(&outcomes(&[(true, true), (true, true), (true, false), (false, true), (false, false)]));
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(near(tally.precision(), 2.0 / 3.0) && near(tally.recall(), 2.0 / 3.0) && near(tally.f1(), 2.0 / 3.0));
        assert!(near(Tally::default().f1(), 0.0));
    }

    #[test]
    fn a_group_is_never_parted_and_parts_are_about_as_large() {
        let groups = [1, 1, 1, 2, 2, 3, 3, 4, 5, 5];
        let parts = folds(&groups, 3, 7);
        let mut sizes = [0; 3];
        for part in &parts {
            sizes[*part] += 1;
        }
        assert!(sizes.iter().all(|size| (3..=4).contains(size)), "{sizes:?}");
        assert!(parts[0] == parts[1] && parts[1] == parts[2] && parts[8] == parts[9]);
    }

    #[test]
    fn few_outcomes_leave_wide_bounds_and_many_narrow_ones() {
        let some = [(true, true), (true, true), (true, false), (false, true), (false, false)];
        let width = |times: usize| {
            let all = outcomes(&some.repeat(times));
            let Interval { low, high } =
                interval(&all, |o| o.group, (400, 1), |drawn| Tally::of(drawn.iter().copied()).f1());
            assert!(low <= 2.0 / 3.0 && 2.0 / 3.0 <= high, "{low} {high}");
            high - low
        };
        assert!(width(2) > 0.3 && width(100) < 0.15);
    }
}
