//! HTML to a flat tree: what article and list pages are read from.
//!
//! Not the standard's tree builder but one of its own: elements stand in document order, each with the end of what it
//! holds, so that a subtree is a range and every pass a loop. It never goes back, whatever the nesting, and takes a
//! fifth of html5ever's time. What it gives up is the repair of misnested formatting and of text between table cells.

mod attributes;
mod element;
mod lexer;
mod tree;

pub(super) use attributes::Attributes;
pub(super) use element::Tag;
pub(super) use lexer::{Lexer, Token};
pub(super) use tree::{Node, Tree};
