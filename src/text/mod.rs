//! Rung 1: what text is, before anybody asks what it says.
//!
//! Markup to plain text, the folded form in which words are compared, languages, tokens with their stems, stop words, and which
//! words are a page's or an agency's, not the story's.
//! Everything here is pure, linear in its input and without recursion, since feeds hand it whatever they like.
//! It does not know topics, stories or feeds.

mod counted;
mod day;
mod plain;

mod accent;
mod difference;
mod ending;
mod fold;
mod han;
mod inflected;
mod joined;
mod language;
mod numeral;
mod plural;
mod spelling;
mod stem;
mod stop_words;

mod tokens;

mod furniture;

#[cfg(test)]
mod tests;

pub use counted::counted;
pub use day::day;
pub use difference::{Piece, difference, marked};
pub use fold::fold;
pub use furniture::prose;
pub use inflected::{inflected, nominatives};
pub use language::{is_language, language, language_among, languages};
pub use numeral::{numeral, numeral_digits, tens};
pub use plain::{lead, plain, surrogates, title};
pub use plural::{OtherNumber, other_number};
pub use spelling::{across_the_ocean, designated, drawn_together, nouns_across_the_ocean, spelled_out};
pub use stem::{StemCache, Stemming};
pub use stop_words::stop_word;
pub use tokens::{Token, TokenKind, Tokens, is_apostrophe, is_hyphen, is_mark};
