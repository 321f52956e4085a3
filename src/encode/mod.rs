//! Rung 2: a text to a vector of 512 numbers, such that texts alike in meaning have vectors alike, in sixteen languages.
//!
//! Pure: bytes in, numbers out. [`packed`] makes the file that `weights/` keeps on disk of the model as published; [`Encoder`] is
//! the part of it that stays in memory. A text is cut into pieces ([`Encoder::cut`]); whoever has the file reads their rows
//! ([`Head::row`], [`Row::read`]); the network makes a vector of them ([`Encoder::vector`]).
//!
//! *Invariant: whatever the bytes of the file, nothing here panics or goes on for ever, and damage is noticed.* The same rows give
//! the same vector on every machine but for the last bits of tanh.

mod bytes;
mod centroid;
mod kernel;
mod network;
mod normal;
mod packed;
mod pieces;
mod published;
mod row;
mod trie;
mod vector;

pub use centroid::Centroid;
pub use packed::{Encoder, Flaw, HEAD_BYTES, Head, Part};
pub use pieces::PieceId;
pub use published::{Array, Unfit, packed};
pub use row::{ROW_BYTES, Row};
pub use vector::{Compact, Vector, WIDTH};

#[cfg(test)]
pub(crate) mod tests;
