//! A queue of what is due when, for a million sources in one process: a wheel of one-second slots.
//!
//! Putting in and taking out touch one slot each. A binary heap of a million entries costs some twenty cache misses.

/// Seconds until the hand comes round: nine hours, beyond nearly all waits. What is due later stays for another round.
const SLOTS: usize = 32_768;

/// Things by the microsecond in which they are due.
#[derive(Debug, Clone)]
pub struct Wheel {
    slots: Vec<Vec<(i64, u32)>>,
    /// The second at the hand.
    hand: i64,
    /// What is due in it, last first.
    ready: Vec<(i64, u32)>,
    len: usize,
}

const SECOND: i64 = 1_000_000;

impl Wheel {
    /// An empty one, its hand at a moment in microseconds.
    pub fn new(at: i64) -> Self {
        Self { slots: vec![Vec::new(); SLOTS], hand: at.div_euclid(SECOND), ready: Vec::new(), len: 0 }
    }

    /// Puts a thing in, due at a moment; one that is past is due at once.
    pub fn put(&mut self, at: i64, thing: u32) {
        self.len += 1;
        if at.div_euclid(SECOND) <= self.hand {
            let place = self.ready.partition_point(|held| *held > (at, thing));
            self.ready.insert(place, (at, thing));
        } else if let Some(slot) = self.slot(at.div_euclid(SECOND)) {
            slot.push((at, thing));
        }
    }

    /// Takes out what is due first, with its moment.
    pub fn take(&mut self) -> Option<(i64, u32)> {
        if self.len == 0 {
            return None;
        }
        while self.ready.is_empty() {
            self.turn();
        }
        self.len -= 1;
        self.ready.pop()
    }

    /// Moves the hand on by a second.
    fn turn(&mut self) {
        self.hand += 1;
        let hand = self.hand;
        let mut ready = std::mem::take(&mut self.ready);
        if let Some(slot) = self.slot(hand) {
            ready.extend(slot.extract_if(.., |(at, _)| at.div_euclid(SECOND) <= hand));
        }
        ready.sort_unstable_by(|a, b| b.cmp(a));
        self.ready = ready;
    }

    fn slot(&mut self, second: i64) -> Option<&mut Vec<(i64, u32)>> {
        let index = second.rem_euclid(i64::try_from(SLOTS).unwrap_or(i64::MAX));
        self.slots.get_mut(usize::try_from(index).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn things_come_out_in_the_order_of_their_time_even_when_put_in_meanwhile(
            moments in proptest::collection::vec(0_i64..200_000 * SECOND, 1..60),
            waits in proptest::collection::vec(0_i64..90_000 * SECOND, 0..60),
        ) {
            let mut wheel = Wheel::new(0);
            let mut held: Vec<(i64, u32)> = moments.iter().copied().zip(0..).collect();
            for (at, thing) in &held {
                wheel.put(*at, *thing);
            }
            let mut waits = waits.into_iter();
            let mut number = 1_000;
            while let Some(first) = wheel.take() {
                held.sort_unstable();
                prop_assert_eq!(first, held.remove(0));
                if let Some(wait) = waits.next() {
                    number += 1;
                    held.push((first.0 + wait, number));
                    wheel.put(first.0 + wait, number);
                }
            }
            prop_assert!(held.is_empty());
        }
    }
}
