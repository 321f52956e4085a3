//! So many of something, in English.

use std::fmt::Display;

/// `3 stories`, `1 story`: a count before the word that fits it.
pub fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, one: &str, several: &str) -> String {
    let word = if count == N::from(1) { one } else { several };
    format!("{count} {word}")
}
