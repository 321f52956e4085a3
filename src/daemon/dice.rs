//! Chance, repeatable: jitter is a function of a seed and of what it is thrown for.

use std::hash::Hasher as _;

use xxhash_rust::xxh3::Xxh3;

/// Throws numbers that depend on the seed and the question alone, so that a simulated run repeats whatever the order
/// in which tasks happen to ask.
#[derive(Debug, Clone, Copy)]
pub struct Dice {
    seed: u64,
}

impl Dice {
    /// Dice of a seed: drawn at start in service, given in a simulation.
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A number from 0 up to, but not including, 1 for `what` (as `delivery`), `which` (its number) and `turn`.
    pub fn unit(&self, what: &str, which: i64, turn: u64) -> f64 {
        let mut hasher = Xxh3::with_seed(self.seed);
        hasher.write(what.as_bytes());
        hasher.write(&which.to_le_bytes());
        hasher.write(&turn.to_le_bytes());
        // 32 bits are plenty for jitter, and convert exactly.
        f64::from(u32::try_from(hasher.finish() >> 32).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn the_same_question_gives_the_same_number_and_another_question_another() {
        let dice = Dice::new(7);
        assert!((dice.unit("poll", 1, 2) - dice.unit("poll", 1, 2)).abs() < f64::EPSILON);
        let throws: Vec<f64> = (0..1000).map(|turn| dice.unit("poll", 1, turn)).collect();
        assert!(throws.iter().all(|t| (0.0..1.0).contains(t)));
        let mean = throws.iter().sum::<f64>() / 1000.0;
        assert!((0.45..0.55).contains(&mean), "{mean}");
    }
}
