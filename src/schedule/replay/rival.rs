//! What others do, for comparison: Miniflux's `entry_frequency`, as its source says at commit 106cdd0.

use super::super::market::count;

/// Entries of this long are counted, in seconds.
const WEEK: f64 = 7.0 * 86_400.0;
/// Its shipped bounds, in seconds.
const SHORTEST: f64 = 300.0;
const LONGEST: f64 = 86_400.0;

/// One feed's entries of the last week, as far as they were seen.
#[derive(Debug, Clone, Default)]
pub(super) struct EntryFrequency {
    known: Vec<f64>,
}

impl EntryFrequency {
    /// Takes in what a poll showed, and gives the wait in seconds: a week over the week's entries, as their mean gap
    /// gives it, times `factor`.
    pub(super) fn wait(&mut self, new: &[f64], now: f64, factor: f64) -> f64 {
        self.known.extend_from_slice(new);
        let old = self.known.partition_point(|at| *at < now - WEEK);
        self.known.drain(..old);
        let (Some(first), Some(last)) = (self.known.first(), self.known.last()) else { return LONGEST };
        if self.known.len() < 2 || last <= first {
            return LONGEST;
        }
        let gap = (last - first) / count(self.known.len() - 1);
        let weekly = (WEEK / gap).ceil();
        (WEEK / weekly * factor).clamp(SHORTEST, LONGEST)
    }
}
