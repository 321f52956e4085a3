//! The text of an article page: which blocks of it a reader came for.

mod blocks;
mod choice;
mod extract;
mod furniture;
mod names;
mod prune;
mod teasers;
mod trim;

pub(super) use blocks::{is_prose, weigh};
pub(super) use extract::extract;
pub(super) use furniture::{Furniture, is_aside_by_role, judge};
pub(super) use names::{has_word, is_named};
pub(super) use trim::is_sentence;

#[cfg(test)]
mod tests;
