//! Lists of numbers of terms, in few bytes: what is held by the hundred thousand, and read now and then.

use super::space::Vector;

/// Seven bits of a number a byte; the eighth says that more follow.
const BITS: u32 = 7;
const MORE: u8 = 1 << BITS;

/// Numbers in the order they were put, each as its distance from the one before: a byte or two as a rule, where they ascend.
#[derive(Debug, Clone, Default)]
pub(super) struct Packed {
    bytes: Vec<u8>,
    count: u32,
    last: u32,
}

impl Packed {
    pub(super) fn len(&self) -> u32 {
        self.count
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u32> {
        let (mut rest, mut last) = (self.bytes.as_slice(), 0);
        std::iter::from_fn(move || {
            last = take(&mut rest, last)?;
            Some(last)
        })
    }

    /// Makes room for so many more, of a byte or two.
    pub(super) fn reserve(&mut self, numbers: usize) {
        self.bytes.reserve(numbers.saturating_mul(2));
    }

    /// Puts a number behind the others.
    pub(super) fn push(&mut self, number: u32) {
        put(&mut self.bytes, number.wrapping_sub(self.last));
        self.count += 1;
        self.last = number;
    }

    /// Takes numbers out, given in ascending order.
    pub(super) fn remove(&mut self, gone: &[u32]) {
        let mut left = Self::default();
        self.iter().filter(|held| gone.binary_search(held).is_err()).for_each(|held| left.push(held));
        left.shrink();
        *self = left;
    }

    /// Gives back the room that isn't needed yet: most lists stay as they are first.
    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
    }
}

/// A vector that is kept: nobody looks for it.
#[derive(Debug, Clone, Default)]
pub struct PackedVector(Box<[u8]>);

impl From<&Vector> for PackedVector {
    fn from(vector: &Vector) -> Self {
        let (mut bytes, mut last) = (Vec::with_capacity(vector.0.len() * 7), 0);
        for (number, weight) in &vector.0 {
            put(&mut bytes, number.wrapping_sub(last));
            bytes.extend(weight.to_le_bytes());
            last = *number;
        }
        Self(bytes.into_boxed_slice())
    }
}

impl PackedVector {
    /// As it was.
    pub fn vector(&self) -> Vector {
        let (mut rest, mut last) = (&*self.0, 0);
        let next = || {
            last = take(&mut rest, last)?;
            let (weight, after) = rest.split_first_chunk()?;
            rest = after;
            Some((last, f32::from_le_bytes(*weight)))
        };
        Vector(std::iter::from_fn(next).collect())
    }
}

fn put(bytes: &mut Vec<u8>, mut distance: u32) {
    while distance >= u32::from(MORE) {
        bytes.extend(u8::try_from(distance % u32::from(MORE)).map(|low| low | MORE));
        distance >>= BITS;
    }
    bytes.extend(u8::try_from(distance));
}

/// The number after `last`.
fn take(bytes: &mut &[u8], last: u32) -> Option<u32> {
    let (mut distance, mut shift) = (0u32, 0);
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        distance |= u32::from(byte % MORE).checked_shl(shift)?;
        if *byte < MORE {
            return Some(last.wrapping_add(distance));
        }
        shift += BITS;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{Packed, PackedVector, Vector};

    proptest! {
        #[test]
        fn what_is_packed_is_what_comes_out(
            numbers in proptest::collection::vec(any::<u32>(), 0..40),
            weights in proptest::collection::vec(any::<f32>(), 40),
        ) {
            let mut packed = Packed::default();
            for number in &numbers {
                packed.push(*number);
            }
            prop_assert_eq!(packed.iter().collect::<Vec<_>>(), numbers.clone());
            let vector = Vector(numbers.iter().copied().zip(weights).collect());
            let bits = |vector: &Vector| vector.0.iter().map(|(n, w)| (*n, w.to_bits())).collect::<Vec<_>>();
            prop_assert_eq!(bits(&PackedVector::from(&vector).vector()), bits(&vector));
            if let Some(first) = numbers.first() {
                packed.remove(&[*first]);
                let left: Vec<u32> = numbers.iter().copied().filter(|number| number != first).collect();
                prop_assert_eq!(packed.iter().collect::<Vec<_>>(), left);
            }
        }
    }
}
