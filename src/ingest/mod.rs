//! Rung 3: the two pure halves of the work: a response to stories (`digest`), and stories to decisions (`decide`).
//!
//! Architecture invariant: no clock, no chance, no store. What is known comes in as data, what follows goes out as
//! data ([`crate::model::StoryChange`], [`crate::model::Commit`]), so that a decision can be replayed, simulated and
//! explained. The [`Index`] is derived from the store and may be thrown away at any time.

mod audience;
mod backtest;
mod correction;
mod decide;
mod difference;
mod digest;
mod elsewhere;
mod examine;
mod index;
mod outlook;
mod preview;
mod relevance;
mod resolve;
mod said;
mod shown;
mod suggest;
mod telling;
mod training;
mod update;

pub use backtest::{Replayed, backtest};
pub use correction::{Scene, mark, merge, split};
pub use decide::{Context, Decider, Place, Reader, Reading, Recalled, Remembered, Undecided};
pub use difference::{Difference, Side, differences};
pub use digest::{TEXT_CHARS_MAX, digest, fingerprint, recorded, story_keys_of_url, tells_of, with_article};
pub use elsewhere::settle;
pub use examine::{Examined, examine};
pub use index::Index;
pub use outlook::{Asked, Background, Outlook, outlook};
pub use preview::{Card, Changed, DayCount, Extent, NearMisses, Preview, Previewer, STORIES_MAX, Told};
pub use resolve::resolve;
pub use suggest::{Considered, Doubt, Suggestions, Term, suggest};
pub use training::{ANSWERS_MIN, Answer, Lesson, Shift, TooFew, Trial, shift, train};

#[cfg(test)]
mod tests;
