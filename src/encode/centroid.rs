//! What several texts mean together: the sum of their vectors.

use super::vector::{Compact, Vector, WIDTH, dot};

/// A sum of vectors that texts join and leave. Its cosine with a text is the cosine with their mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Centroid {
    sum: Option<Box<[f32; WIDTH]>>,
    texts: usize,
    /// The sum's length: it is compared far more often than changed.
    length: f32,
}

impl Centroid {
    /// Adds a text; one that is like nothing changes nothing.
    pub fn add(&mut self, text: &Compact) {
        let Some(vector) = text.vector() else { return };
        let sum = self.sum.get_or_insert_with(|| Box::new([0.0; WIDTH]));
        sum.iter_mut().zip(vector.values()).for_each(|(sum, value)| *sum += value);
        self.texts += 1;
        self.measure();
    }

    /// Takes a text out that was added.
    pub fn remove(&mut self, text: &Compact) {
        let (Some(vector), Some(sum)) = (text.vector(), self.sum.as_mut()) else { return };
        sum.iter_mut().zip(vector.values()).for_each(|(sum, value)| *sum -= value);
        self.texts = self.texts.saturating_sub(1);
        // What rounding left of the last one is no direction.
        if self.texts == 0 {
            self.sum = None;
        }
        self.measure();
    }

    /// Adds all texts of another.
    pub fn absorb(&mut self, other: &Self) {
        let Some(others) = other.sum.as_deref() else { return };
        let sum = self.sum.get_or_insert_with(|| Box::new([0.0; WIDTH]));
        sum.iter_mut().zip(others).for_each(|(sum, value)| *sum += value);
        self.texts += other.texts;
        self.measure();
    }

    /// How alike its texts are to their sum, on the mean: 1 where all mean the same, and 0 without texts.
    pub fn agreement(&self) -> f64 {
        let texts = f64::from(u32::try_from(self.texts).unwrap_or(u32::MAX));
        if self.texts == 0 { 0.0 } else { (f64::from(self.length) / texts).min(1.0) }
    }

    fn measure(&mut self) {
        self.length = self.sum.as_deref().map_or(0.0, |sum| dot(sum, sum).sqrt());
    }

    /// Where its texts lie together, as a text's vector; nothing where no text is in it.
    pub fn vector(&self) -> Option<Vector> {
        Vector::toward(self.sum.as_deref()?)
    }

    /// The cosine with a text: -1 to 1; nothing where no text is in it.
    pub fn cosine(&self, text: &Vector) -> Option<f64> {
        let sum = self.sum.as_deref()?;
        (self.length > 0.0).then(|| f64::from((dot(sum, text.values()) / self.length).clamp(-1.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(n: usize) -> Compact {
        let mut values = [0.0; WIDTH];
        values[n] = 1.0;
        Vector::toward(&values).unwrap().compact()
    }

    #[test]
    fn a_centroid_lies_between_its_texts_and_a_text_taken_out_leaves_no_trace() {
        let mut centroid = Centroid::default();
        let cosine = |centroid: &Centroid, n| centroid.cosine(&axis(n).vector().unwrap());
        assert_eq!(cosine(&centroid, 0), None);
        centroid.add(&axis(0));
        centroid.add(&axis(1));
        assert!((cosine(&centroid, 0).unwrap() - 0.5f64.sqrt()).abs() < 1e-6);
        assert!((centroid.agreement() - 0.5f64.sqrt()).abs() < 1e-6);
        centroid.remove(&axis(1));
        assert!((cosine(&centroid, 0).unwrap() - 1.0).abs() < 1e-6);
        assert!(cosine(&centroid, 1).unwrap().abs() < 1e-6);
        centroid.remove(&axis(0));
        assert_eq!(centroid, Centroid::default());
    }
}
