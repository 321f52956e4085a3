//! Whether a text is of one thing: how much what follows a cut speaks of what comes before it.

use crate::text::Token;

/// Cuts that are looked at: after one, two, ... of so many parts.
const PARTS: usize = 8;
/// Texts of fewer words are taken to be of one thing.
const WORDS_MIN: usize = 50;

/// The cosine of the stems before and after each of seven cuts of a text, in hundredths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohesion([u8; PARTS - 1]);

impl Default for Cohesion {
    fn default() -> Self {
        Self([100; PARTS - 1])
    }
}

impl Cohesion {
    /// Takes it of a text's tokens. Sorts the stems, and goes through them once.
    pub fn of(tokens: &[&Token]) -> Self {
        let mut cohesion = Self::default();
        if tokens.len() < WORDS_MIN {
            return cohesion;
        }
        let says = |token: &&&Token| !token.is_stop && !token.is_number;
        let stems: Vec<u64> = tokens.iter().filter(says).map(|token| token.stem).collect();
        let mut distinct = stems.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let stems: Vec<usize> = stems.iter().filter_map(|stem| distinct.binary_search(stem).ok()).collect();
        let mut counts = vec![(0.0, 0.0); distinct.len()];
        for at in &stems {
            counts.get_mut(*at).into_iter().for_each(|(_, after)| *after += 1.0);
        }
        let mut product = 0.0;
        let mut before_square = 0.0;
        let mut after_square: f64 = counts.iter().map(|(_, after)| after * after).sum();
        let mut cuts = cohesion.0.iter_mut().zip(1..);
        let mut next = cuts.next();
        for (passed, stem) in stems.iter().enumerate() {
            if let Some((cut, part)) = &mut next
                && passed * PARTS >= stems.len() * *part
            {
                **cut = hundredths(product / f64::sqrt(before_square * after_square).max(1.0));
                next = cuts.next();
            }
            let Some((before, after)) = counts.get_mut(*stem) else { continue };
            // The stem's product goes from b * a to (b + 1) * (a - 1), its squares likewise.
            product += *after - *before - 1.0;
            before_square += 2.0 * *before + 1.0;
            after_square -= 2.0 * *after - 1.0;
            *before += 1.0;
            *after -= 1.0;
        }
        cohesion
    }

    /// The cosine at the cut nearest to a share of the text.
    pub fn at(&self, share: f64) -> f64 {
        let nearest = (1..PARTS).zip(&self.0).min_by(|(a, _), (b, _)| apart(*a, share).total_cmp(&apart(*b, share)));
        nearest.map_or(1.0, |(_, cosine)| f64::from(*cosine) / 100.0)
    }
}

fn apart(part: usize, share: f64) -> f64 {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    (count(part) / count(PARTS) - share).abs()
}

fn hundredths(cosine: f64) -> u8 {
    (0..=100u8).rev().find(|&hundredths| f64::from(hundredths) <= cosine * 100.0 + 1e-9).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Cohesion;
    use crate::text::{Token, Tokens};

    fn cohesion(text: &str) -> Cohesion {
        let tokens = Tokens::of(text, Some("en"));
        Cohesion::of(&tokens.iter().collect::<Vec<&Token>>())
    }

    #[test]
    fn what_goes_on_about_one_thing_holds_together_and_what_changes_the_subject_does_not() {
        let one = "The ferry left the harbor at dawn and the captain greeted the passengers. ".repeat(8);
        let other = "Bakers in town raised bread prices because flour became dear again. ".repeat(8);
        assert!(cohesion(&one).at(0.5) > 0.9);
        assert!(cohesion(&format!("{one}{other}")).at(0.5) < 0.3);
        assert!(cohesion(&format!("{one}{other}")).at(0.1) > 0.3);
    }
}
