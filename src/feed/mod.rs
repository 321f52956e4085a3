//! Rung 2: feeds as published (RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0, CDF, JSON Feed), read into entries.
//!
//! Our own lenient reader: a lexer that never fails, an arena of elements closed as they were meant, a mapping by ranks
//! that is one for all formats. feed-rs gives a second opinion, behind guards, where it finds nothing.
//!
//! Architecture invariants: reading never fails or panics, takes time linear in the document, and recurses nowhere.

mod address;
mod document;
mod entry;
mod head;
mod html;
mod json;
mod kept;
mod lexer;
mod media;
mod mended;
pub mod opml;
mod parse;
mod prose;
mod reference;
mod second;
mod tree;
mod vocabulary;

pub use html::{NamedFeed, named_feeds, names_a_feed};
pub use parse::{Hints, parse};

#[cfg(test)]
mod tests;
