//! Which words tell two kinds of text apart.

use std::collections::BTreeMap;

use super::logistic::real;

/// How much prior knowledge weighs: as many words of texts of no kind as stand in so many texts.
const PRIOR_TEXTS: f64 = 10.0;

/// How a term is spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// The term.
    pub term: u64,
    /// Texts of the one kind that hold it.
    pub here: usize,
    /// Texts of the other that do.
    pub there: usize,
    /// Log-odds of the one kind against the other in standard deviations: above about 2 it is hardly chance.
    pub z: f64,
}

/// Weighs each term by the log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, "Fightin' Words", section
/// 3.5.1, equations 16, 22 and 23), terms counted once a text and the prior made of both kinds; the clearest for the one kind first.
///
/// Each text is its terms, each once.
pub fn contrast(here: &[Vec<u64>], there: &[Vec<u64>]) -> Vec<Contrast> {
    let mut counts: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
    for term in here.iter().flatten() {
        counts.entry(*term).or_default().0 += 1;
    }
    for term in there.iter().flatten() {
        counts.entry(*term).or_default().1 += 1;
    }
    let total = |texts: &[Vec<u64>]| real(texts.iter().map(Vec::len).sum());
    let (n_here, n_there) = (total(here), total(there));
    let all = (n_here + n_there).max(1.0);
    let prior = PRIOR_TEXTS * all / real(here.len() + there.len()).max(1.0);
    let mut found: Vec<Contrast> = counts
        .into_iter()
        .map(|(term, (y_here, y_there))| {
            let alpha = prior * real(y_here + y_there) / all;
            let odds = |y: usize, n: f64| ((real(y) + alpha) / (n + prior - real(y) - alpha)).ln();
            let delta = odds(y_here, n_here) - odds(y_there, n_there);
            let variance = 1.0 / (real(y_here) + alpha) + 1.0 / (real(y_there) + alpha);
            Contrast { term, here: y_here, there: y_there, z: delta / variance.sqrt() }
        })
        .collect();
    found.sort_by(|a, b| b.z.total_cmp(&a.z).then(a.term.cmp(&b.term)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_one_kind_comes_before_a_common_one_and_a_rare_one() {
        // 1 stands everywhere, 2 in the texts of the one kind, 3 in one of them alone, 4 and 5 elsewhere.
        let here = vec![vec![1, 2, 3], vec![1, 2], vec![1, 2], vec![1, 2]];
        let there: Vec<Vec<u64>> = (0..20).map(|n| vec![1, 4 + n % 2]).collect();
        let found = contrast(&here, &there);
        assert_eq!((found[0].term, found[0].here, found[0].there), (2, 4, 0));
        let z = |term| found.iter().find(|c| c.term == term).unwrap().z;
        assert!(z(2) > 2.0 && z(2) > z(3) && z(3) > z(1) && z(1).abs() < 1.0 && z(4) < 0.0, "{found:?}");
        assert_eq!(contrast(&[], &[]), []);
    }
}
