//! Rung 1: bytes to characters, for documents of the web.
//!
//! Architecture invariant: `encoding_rs` and `chardetng` are named here only, and what comes out is always text: a
//! document is never refused for its bytes.

mod decode;
mod doubt;
mod label;

pub use decode::{Kind, decode};
