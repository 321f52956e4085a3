//! Walking from the oldest row to the first that is too young to be dropped, over rows that a wrong clock dated.
//!
//! Rows are numbered in the order in which they are made, and are to be dated so. While a clock stands in the future its rows are
//! dated later than those that are made after it was put back: a walk that ended at the first of them would find nothing to drop
//! until that future has come. They are passed over, and stay until they are old by their own date: that a row stands before an old
//! one doesn't say that it is old, as a clock may have stood in the past as well.

use jiff::Timestamp;

use super::column::Moment;

/// A walk over rows in the order of their numbers.
pub(super) struct Walk<T> {
    before: Timestamp,
    most: usize,
    /// When the newest row of all was made; what is dated later was dated by a clock that was put back since.
    newest: Option<Timestamp>,
    old: Vec<T>,
    /// How many were passed over.
    misdated: usize,
}

/// Whether there is more to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Onward {
    /// The next row.
    Goes,
    /// No other row is old, or there are as many as are wanted.
    Ends,
}

/// Rows at most that are passed over in one walk: it holds the writer.
const MISDATED_MAX: usize = 20_000;

impl<T> Walk<T> {
    /// For `most` rows made before `before`, of a table whose newest row was made at `newest`.
    pub(super) fn new(before: Timestamp, most: usize, newest: Option<Moment>) -> Self {
        Self { before, most, newest: newest.map(|Moment(at)| at), old: Vec::new(), misdated: 0 }
    }

    /// Takes in the next row; `None`: it stays, however old it is.
    pub(super) fn passes(&mut self, made_at: Timestamp, row: Option<T>) -> Onward {
        if made_at < self.before {
            self.old.extend(row);
        } else if self.newest.is_some_and(|newest| made_at > newest) && self.misdated < MISDATED_MAX {
            self.misdated += 1;
        } else {
            return Onward::Ends;
        }
        if self.old.len() < self.most { Onward::Goes } else { Onward::Ends }
    }

    /// The rows that are old, in their order: no more than are wanted.
    pub(super) fn into_old(self) -> Vec<T> {
        self.old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows, by number, that a walk finds of rows dated so, where those before 100 are old.
    fn found(dated: &[i64], most: usize) -> Vec<usize> {
        let at = |secs: i64| Timestamp::from_second(secs).unwrap();
        let mut walk = Walk::new(at(100), most, dated.last().map(|newest| Moment(at(*newest))));
        let all = dated.iter().enumerate().map(|(row, secs)| (at(*secs), row));
        for (made_at, row) in all {
            if walk.passes(made_at, Some(row)) == Onward::Ends {
                break;
            }
        }
        walk.into_old()
    }

    #[test]
    fn a_row_that_a_clock_of_the_future_dated_keeps_none_behind_it_and_none_goes_that_is_young() {
        assert_eq!(found(&[1, 2, 150, 160], 9), [0, 1], "it is young, as is all behind it");
        assert_eq!(found(&[1, 9_000, 3, 150], 9), [0, 2]);
        assert_eq!(found(&[1, 9_000, 9_001, 120, 3, 150], 9), [0], "the first that is young ends it");
        assert_eq!(found(&[1, 9_000, 9_001, 3, 4, 150], 2), [0, 3], "no more than are wanted");
        assert_eq!(found(&[120, 130, 2], 9), [2], "a clock that stood in the past makes no other row old");
        assert_eq!(found(&[1, 2, 9_000], 9), [0, 1], "the newest of all is no measure of itself");
        assert_eq!(found(&[], 9), [0; 0]);
    }
}
