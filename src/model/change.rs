//! What changed in an event: a number, a date, a vote, an outcome or a title.

use std::fmt;

/// What kind of fact changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Votes in favour, against, or abstentions.
    Vote,
    /// What became of it: adopted, rejected, postponed.
    Outcome,
    /// A day.
    Date,
    /// Any other number.
    Number,
    /// The title of a story that its publisher edited.
    Title,
}

impl ChangeKind {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Vote => "vote",
            Self::Outcome => "outcome",
            Self::Date => "date",
            Self::Number => "number",
            Self::Title => "title",
        }
    }
}

/// A fact that is told otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What kind.
    pub kind: ChangeKind,
    /// What is told now, with what it counts: `163 in favour`.
    pub now: String,
    /// What was told before: `152`; `None` where nothing was known (of votes, outcomes and people killed or injured only).
    pub before: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.before {
            Some(before) => write!(f, "{}; before: {before}", self.now),
            None => write!(f, "{}; before: none", self.now),
        }
    }
}
