//! What the room promises, through its public face.

mod forms;
mod language;
mod many;
mod resolution;
