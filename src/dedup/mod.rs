//! Rung 2: how alike two stories are, and what follows from it: same text, same event, or neither.
//!
//! Three measures, each for one question. *Containment of three-word shingles*, with where they stand and which numbers
//! and names stand between them, says whether one text was copied from another. *Cosine of TF-IDF vectors over stems*
//! (three times the title, and the lead) against the sum of an event's vectors says whether a story in the same language
//! tells of that event: the sum beats the best single member in nearly every published comparison, since one odd member
//! can't pull strangers in. *Names and numbers*, written alike across alphabets, say the same where the languages differ. Thresholds are in [`EventPolicy`], with their origin.

mod code;
mod cohesion;
mod copy;
mod heading;
mod name;
mod named;
mod numbers;
mod packed;
mod policy;
mod profile;
mod shingle;
mod slot;
mod space;
mod words;

pub use code::Codes;
pub use cohesion::Cohesion;
pub use copy::{Comparison, Likeness, Wording};
pub use heading::Heading;
pub use name::{Term, name_key};
pub use named::Named;
pub use packed::PackedVector;
pub use policy::{CopyPolicy, Crowd, EventPolicy, Odds, OneEvent, TOLD_AFTER, Threshold};
pub use profile::Profile;
pub use shingle::{Came, Overlap, ShingleIndex, Shingles, Sorted};
pub use slot::{Compared, Filled, Slots, names_within};
pub use space::{ClusterId, Near, Space, Vector};
