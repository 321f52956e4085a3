//! The ways of scheduling that are compared.

/// A way of scheduling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contender {
    /// Ours, as the daemon does it.
    Adaptive,
    /// Every feed at the same interval.
    Fixed,
    /// Miniflux's `entry_frequency`: a week over the week's entries, from 5 minutes to a day, times a factor that is
    /// fitted until its requests come out at the budget.
    EntryFrequency,
}

impl Contender {
    /// All of them, ours first.
    pub const ALL: [Self; 3] = [Self::Adaptive, Self::Fixed, Self::EntryFrequency];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Adaptive => "adaptive",
            Self::Fixed => "fixed",
            Self::EntryFrequency => "entry-frequency",
        }
    }
}
