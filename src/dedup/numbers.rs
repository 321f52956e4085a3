//! Numbers given to terms in the order they are met.

/// A place is taken by the number of the term that it is for, counted from one; nought is nobody's.
type Place = (u64, u32);

/// Numbers of terms that are hashes already, so each is looked for where it says itself, and then further on.
///
/// A tree takes four times as long, and each story asks it two hundred times.
#[derive(Debug, Clone, Default)]
pub(super) struct Numbers {
    /// Half of them at least are free; a power of two.
    places: Box<[Place]>,
    given: u32,
}

/// Places of the smallest table.
const PLACES_MIN: usize = 64;

impl Numbers {
    /// The number of a term, counted from nought, if it has one.
    pub(super) fn get(&self, term: u64) -> Option<u32> {
        let (_, (_, number)) = find(&self.places, term)?;
        number.checked_sub(1)
    }

    /// The number of a term, given now if it has none; whether it was.
    pub(super) fn of(&mut self, term: u64) -> (u32, bool) {
        if let Some(number) = self.get(term) {
            return (number, false);
        }
        if usize::try_from(self.given).unwrap_or(usize::MAX) * 2 >= self.places.len() {
            self.grow();
        }
        let number = self.given;
        self.given += 1;
        put(&mut self.places, (term, self.given));
        (number, true)
    }

    fn grow(&mut self) {
        let mut places = vec![(0, 0); (self.places.len() * 2).max(PLACES_MIN)].into_boxed_slice();
        self.places.iter().filter(|(_, number)| *number > 0).for_each(|held| put(&mut places, *held));
        self.places = places;
    }
}

/// Where a term is, or the free place that it would take.
fn find(places: &[Place], term: u64) -> Option<(usize, Place)> {
    let mask = u64::try_from(places.len()).ok()?.checked_sub(1)?;
    // The upper half: terms may be small numbers made apart by a multiplication.
    let from = term.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    (from..).find_map(|at| {
        let at = usize::try_from(at & mask).ok()?;
        let place = *places.get(at)?;
        (place.1 == 0 || place.0 == term).then_some((at, place))
    })
}

fn put(places: &mut [Place], held: Place) {
    if let Some((at, _)) = find(places, held.0)
        && let Some(place) = places.get_mut(at)
    {
        *place = held;
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
