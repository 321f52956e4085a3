//! What a text means, as a direction in 512 dimensions: the cosine of two says how alike they are.

/// Dimensions.
pub const WIDTH: usize = 512;

/// A vector of length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector(Box<[f32; WIDTH]>);

impl Vector {
    /// The direction of `values`; nothing where they have none (all zero, or not all finite).
    pub fn toward(values: &[f32; WIDTH]) -> Option<Self> {
        let length = dot(values, values).sqrt();
        (length.is_finite() && length > 0.0).then(|| Self(Box::new(values.map(|value| value / length))))
    }

    /// Its 512 values.
    pub fn values(&self) -> &[f32; WIDTH] {
        &self.0
    }

    /// The cosine with another: -1 to 1.
    pub fn cosine(&self, other: &Self) -> f32 {
        dot(&self.0, &other.0).clamp(-1.0, 1.0)
    }

    /// In 512 bytes, for keeping.
    pub fn compact(&self) -> Compact {
        let largest = self.0.iter().fold(f32::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
        let scale = f32::from(i8::MAX) / largest;
        #[expect(clippy::cast_possible_truncation, reason = "scaled to -127 to 127")]
        Compact::of(&self.0.map(|value| (value * scale).round() as i8))
    }
}

/// A vector in a byte a dimension. Against the full form a cosine is off by less than 0.01.
#[derive(Debug, Clone, PartialEq)]
pub struct Compact {
    levels: Box<[i8; WIDTH]>,
    length: f32,
}

impl Compact {
    fn of(levels: &[i8; WIDTH]) -> Self {
        let squares: i32 = levels.iter().map(|level| i32::from(*level) * i32::from(*level)).sum();
        Self { levels: Box::new(*levels), length: to_float(squares).sqrt() }
    }

    /// Reads what [`Compact::to_bytes`] gave. Any bytes are a vector; of zeros alone, one that is like nothing.
    pub fn from_bytes(bytes: &[u8; WIDTH]) -> Self {
        Self::of(&bytes.map(u8::cast_signed))
    }

    /// As it is stored.
    pub fn to_bytes(&self) -> [u8; WIDTH] {
        self.levels.map(i8::cast_unsigned)
    }

    /// The cosine with another: -1 to 1.
    pub fn cosine(&self, other: &Self) -> f32 {
        let pairs = self.levels.iter().zip(other.levels.iter());
        let product: i32 = pairs.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
        let lengths = self.length * other.length;
        if lengths > 0.0 { (to_float(product) / lengths).clamp(-1.0, 1.0) } else { 0.0 }
    }

    /// The same direction with full numbers, to be summed; nothing where all are zero.
    pub fn vector(&self) -> Option<Vector> {
        Vector::toward(&self.levels.map(f32::from))
    }
}

/// Sums of 512 products of bytes: below 2^24, so exact.
#[expect(clippy::cast_precision_loss, reason = "below 2^24")]
fn to_float(sum: i32) -> f32 {
    sum as f32
}

/// The sum of products.
pub(super) fn dot(a: &[f32; WIDTH], b: &[f32; WIDTH]) -> f32 {
    let mut sums = [0.0f32; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn a_vector() -> impl Strategy<Value = Vector> {
        let values = prop::collection::vec(-1.0f32..1.0, WIDTH);
        values.prop_filter_map("has a direction", |values| Vector::toward(&values.try_into().ok()?))
    }

    proptest! {
        #[test]
        fn the_small_form_is_as_alike_as_the_full_one(a in a_vector(), b in a_vector(), near in 0.0f32..1.0) {
            let between: [f32; WIDTH] = std::array::from_fn(|i| near * a.values()[i] + (1.0 - near) * b.values()[i]);
            let between = Vector::toward(&between).unwrap();
            prop_assert!((a.cosine(&between) - a.compact().cosine(&between.compact())).abs() < 0.01);
            prop_assert!(a.compact().vector().unwrap().cosine(&a) > 0.999);
            prop_assert_eq!(Compact::from_bytes(&a.compact().to_bytes()), a.compact());
        }
    }

    #[test]
    fn what_has_no_direction_is_like_nothing() {
        assert_eq!(Vector::toward(&[0.0; WIDTH]), None);
        assert_eq!(Vector::toward(&[f32::NAN; WIDTH]), None);
        let nothing = Compact::from_bytes(&[0; WIDTH]);
        assert!(nothing.cosine(&nothing).abs() < f32::EPSILON);
        assert_eq!(nothing.vector(), None);
    }
}
