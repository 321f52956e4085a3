//! What the room promises, through its public face.

mod language;
mod many;
mod resolution;
