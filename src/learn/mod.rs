//! Rung 2: what is learnt from few answers: a score, how far to trust it, and which words tell two kinds of text apart.
//!
//! Some tens of answers and some hundreds of numbers a story: small enough for plain loops. Chance comes in as a seed, so that
//! the same answers give the same figures.

mod chance;
mod contrast;
mod logistic;
mod trial;

pub use contrast::{Contrast, contrast};
pub use logistic::{Example, Logistic, WIDTH_MAX};
pub use trial::{Interval, Outcome, Tally, folds, interval};
