//! Logistic regression with an L2 penalty: numbers of a thing to the probability of yes.

use std::collections::VecDeque;

/// Numbers of one example at most.
pub const WIDTH_MAX: usize = 1_024;
/// Pairs of steps that the next direction is made from; 3 to 20 are usual (Nocedal and Wright 2006, section 7.2).
const MEMORY: usize = 8;
/// Steps; some thirty are enough for what is learnt here.
const STEPS_MAX: usize = 300;
/// The longest side of the gradient at which it has arrived.
const FLAT: f64 = 1e-6;
/// Part of the promised descent that a step must keep (Armijo; Nocedal and Wright 2006, section 3.1).
const KEPT: f64 = 1e-4;
/// Halvings of one step.
const HALVINGS_MAX: usize = 40;

/// A thing with its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Its numbers, all of one count.
    pub numbers: Vec<f64>,
    /// What was answered.
    pub is_yes: bool,
}

/// What was learnt: a weight for each number, and one for none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Logistic {
    /// In the order of the numbers.
    pub weights: Vec<f64>,
    /// What is added whatever the numbers.
    pub bias: f64,
}

impl Logistic {
    /// Learns from examples: the least of `sum(loss) + penalty / 2 * |weights|^2`, where the answers of either kind weigh as
    /// much in all as those of the other. The bias isn't penalised. The sum is strictly convex, so there is one least.
    ///
    /// Found by L-BFGS (Nocedal and Wright 2006, algorithms 7.4 and 7.5), halving steps until they descend. A step costs
    /// examples times numbers.
    pub fn fit(examples: &[Example], penalty: f64) -> Self {
        let width = examples.first().map_or(0, |e| e.numbers.len()).min(WIDTH_MAX);
        let task = Task { examples, penalty, width, weigh: Weigh::of(examples) };
        let mut at = vec![0.0; width + 1];
        let (mut value, mut slope) = task.value(&at);
        let mut past: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::new();
        for _ in 0..STEPS_MAX {
            if slope.iter().all(|s| s.abs() < FLAT) {
                break;
            }
            let direction = direction(&slope, &past);
            let descent = dot(&direction, &slope);
            let mut length = 1.0;
            let mut found = None;
            for _ in 0..HALVINGS_MAX {
                let next: Vec<f64> = at.iter().zip(&direction).map(|(a, d)| a + length * d).collect();
                let (lower, there) = task.value(&next);
                if lower <= value + KEPT * length * descent {
                    found = Some((next, lower, there));
                    break;
                }
                length /= 2.0;
            }
            // Nothing lower in sight: as low as these numbers can tell.
            let Some((next, lower, there)) = found else { break };
            let step: Vec<f64> = next.iter().zip(&at).map(|(n, a)| n - a).collect();
            let bend: Vec<f64> = there.iter().zip(&slope).map(|(n, s)| n - s).collect();
            if dot(&step, &bend) > f64::EPSILON {
                if past.len() == MEMORY {
                    past.pop_front();
                }
                past.push_back((step, bend));
            }
            (at, value, slope) = (next, lower, there);
        }
        let bias = at.pop().unwrap_or_default();
        Self { weights: at, bias }
    }

    /// The probability of yes, as if there were as many of either answer: 0 to 1.
    pub fn probability(&self, numbers: &[f64]) -> f64 {
        sigmoid(self.bias + dot(&self.weights, numbers))
    }
}

/// What an answer of either kind weighs.
#[derive(Clone, Copy)]
struct Weigh {
    yes: f64,
    no: f64,
}

impl Weigh {
    fn of(examples: &[Example]) -> Self {
        let count = |is_yes: bool| real(examples.iter().filter(|e| e.is_yes == is_yes).count());
        let (yes, no) = (count(true), count(false));
        let half = f64::midpoint(yes, no);
        Self { yes: half / yes.max(1.0), no: half / no.max(1.0) }
    }
}

struct Task<'a> {
    examples: &'a [Example],
    penalty: f64,
    width: usize,
    weigh: Weigh,
}

impl Task<'_> {
    /// The sum at weights with the bias last, and its gradient.
    fn value(&self, at: &[f64]) -> (f64, Vec<f64>) {
        let (weights, bias) = at.split_at(self.width.min(at.len()));
        let bias = bias.first().copied().unwrap_or_default();
        let mut value = self.penalty / 2.0 * dot(weights, weights);
        let mut slope: Vec<f64> = weights.iter().map(|w| self.penalty * w).chain([0.0]).collect();
        for example in self.examples {
            let score = bias + dot(weights, &example.numbers);
            let (toward, weigh) = if example.is_yes { (score, self.weigh.yes) } else { (-score, self.weigh.no) };
            // ln(1 + e^-x), without overflow.
            value += weigh * ((-toward.abs()).exp().ln_1p() + (-toward).max(0.0));
            let pull = weigh * (sigmoid(score) - f64::from(u8::from(example.is_yes)));
            for (slope, number) in slope.iter_mut().zip(example.numbers.iter().take(self.width).chain([&1.0])) {
                *slope += pull * number;
            }
        }
        (value, slope)
    }
}

/// Where to go: the gradient, bent by what the last steps told of the curve (algorithm 7.4).
fn direction(slope: &[f64], past: &VecDeque<(Vec<f64>, Vec<f64>)>) -> Vec<f64> {
    let mut way: Vec<f64> = slope.iter().map(|s| -s).collect();
    let mut shares = Vec::with_capacity(past.len());
    for (step, bend) in past.iter().rev() {
        let share = dot(step, &way) / dot(step, bend);
        way.iter_mut().zip(bend).for_each(|(w, b)| *w -= share * b);
        shares.push(share);
    }
    if let Some((step, bend)) = past.back() {
        let scale = dot(step, bend) / dot(bend, bend);
        for side in &mut way {
            *side *= scale;
        }
    }
    for ((step, bend), share) in past.iter().zip(shares.iter().rev()) {
        let back = dot(bend, &way) / dot(step, bend);
        way.iter_mut().zip(step).for_each(|(w, s)| *w += (share - back) * s);
    }
    way
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A count as a number.
pub(super) fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn example(numbers: &[f64], is_yes: bool) -> Example {
        Example { numbers: numbers.to_vec(), is_yes }
    }

    #[test]
    fn what_parts_the_answers_is_learnt_and_what_does_not_is_left_alone() {
        let examples: Vec<Example> =
            (0..40).map(|n| example(&[f64::from(n % 2), f64::from(n / 2 % 2)], n % 2 == 1)).collect();
        let learnt = Logistic::fit(&examples, 0.1);
        assert!(learnt.probability(&[1.0, 0.0]) > 0.9 && learnt.probability(&[0.0, 1.0]) < 0.1, "{learnt:?}");
        assert!(learnt.weights[1].abs() < 1e-3, "{learnt:?}");
    }

    #[test]
    fn one_yes_among_many_noes_counts_as_much_as_they_do() {
        let mut examples = vec![example(&[1.0], false); 99];
        examples.push(example(&[1.0], true));
        assert!((Logistic::fit(&examples, 1.0).probability(&[1.0]) - 0.5).abs() < 1e-4);
    }

    #[test]
    fn without_examples_nothing_is_known() {
        assert!((Logistic::fit(&[], 1.0).probability(&[]) - 0.5).abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn no_step_aside_from_what_was_learnt_is_lower(
            rows in prop::collection::vec((prop::collection::vec(-2.0f64..2.0, 3), any::<bool>()), 2..30),
            aside in prop::collection::vec(-0.1f64..0.1, 4),
        ) {
            let examples: Vec<Example> = rows.into_iter().map(|(numbers, is_yes)| Example { numbers, is_yes }).collect();
            let learnt = Logistic::fit(&examples, 0.5);
            let task = Task { examples: &examples, penalty: 0.5, width: 3, weigh: Weigh::of(&examples) };
            let at: Vec<f64> = learnt.weights.iter().copied().chain([learnt.bias]).collect();
            let moved: Vec<f64> = at.iter().zip(&aside).map(|(a, b)| a + b).collect();
            prop_assume!(examples.iter().any(|e| e.is_yes) && examples.iter().any(|e| !e.is_yes));
            prop_assert!(task.value(&at).0 <= task.value(&moved).0 + 1e-9);
        }
    }
}
