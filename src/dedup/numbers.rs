//! Numbers given to terms in the order they are met.

use super::space::make_room;

/// Numbers of terms that are hashes already, so each is looked for where it says itself, and then further on.
///
/// A tree takes four times as long, and each story asks it two hundred times.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    /// The number of the term that a place is for, counted from one; nought is nobody's. Half of them at least are free; a power
    /// of two. Terms stand apart: beside their numbers they would take four times the room, for the free places too.
    places: Box<[u32]>,
    /// The terms, by number.
    terms: Vec<u64>,
}

/// Places of the smallest table.
const PLACES_MIN: usize = 64;

impl Numbers {
    /// The number of a term, counted from nought, if it has one.
    pub(super) fn get(&self, term: u64) -> Option<u32> {
        let (_, number) = self.find(term)?;
        number.checked_sub(1)
    }

    /// The term of a number, counted from nought.
    pub(super) fn term_of(&self, number: u32) -> Option<u64> {
        self.terms.get(usize::try_from(number).ok()?).copied()
    }

    /// The number of a term, given now if it has none; whether it was.
    pub(super) fn of(&mut self, term: u64) -> (u32, bool) {
        if let Some(number) = self.get(term) {
            return (number, false);
        }
        if self.terms.len() * 2 >= self.places.len() {
            self.grow();
        }
        let number = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        make_room(&mut self.terms);
        self.terms.push(term);
        self.put(term, number);
        (number, true)
    }

    fn grow(&mut self) {
        self.places = vec![0; (self.places.len() * 2).max(PLACES_MIN)].into_boxed_slice();
        let terms = std::mem::take(&mut self.terms);
        // All are different, so each takes the first free place, whatever stands in those before.
        for (number, term) in (0..).zip(&terms) {
            self.put(*term, number);
        }
        self.terms = terms;
    }

    /// Where a term is, with its number counted from one; or the free place that it would take.
    fn find(&self, term: u64) -> Option<(usize, u32)> {
        let mask = u64::try_from(self.places.len()).ok()?.checked_sub(1)?;
        // The upper half: terms may be small numbers made apart by a multiplication.
        let from = term.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        (from..).find_map(|at| {
            let at = usize::try_from(at & mask).ok()?;
            let number = *self.places.get(at)?;
            (number == 0 || self.term(number) == Some(term)).then_some((at, number))
        })
    }

    fn term(&self, from_one: u32) -> Option<u64> {
        self.terms.get(usize::try_from(from_one.checked_sub(1)?).ok()?).copied()
    }

    fn put(&mut self, term: u64, number: u32) {
        if let Some((at, _)) = self.find(term)
            && let Some(place) = self.places.get_mut(at)
        {
            *place = number.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::{prop_assert_eq, proptest};

    use super::Numbers;

    proptest! {
        #[test]
        fn a_term_keeps_the_number_that_it_was_given_first(terms in proptest::collection::vec(0u64..300, 0..400)) {
            let (mut numbers, mut given) = (Numbers::default(), BTreeMap::new());
            for term in terms {
                let next = u32::try_from(given.len()).unwrap();
                let known = given.get(&term).copied();
                prop_assert_eq!(numbers.get(term), known);
                prop_assert_eq!(numbers.of(term), (known.unwrap_or(next), known.is_none()));
                given.entry(term).or_insert(next);
            }
        }
    }
}
