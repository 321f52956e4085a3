//! OPML: lists of sources, as programs exchange them (`http://opml.org/spec2.opml`).
//!
//! Read as leniently as feeds: by our own lexer, whatever the version, the case of names or the damage; each outline
//! stands for itself, so a fault costs one. Written as OPML 2.0, with what only we know in attributes of a namespace of
//! our own: what is written is read back as it was.

mod outline;
mod read;
mod write;

pub use read::{LeftOut, ListedSource, SourceList, read};
pub use write::write;

/// The namespace of our own attributes.
const NAMESPACE: &str = "https://github.com/tidings/tidings/opml";

#[cfg(test)]
mod tests;
