//! What keeps the store from its work.

/// Why the store takes no writes, or can't go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreTrouble {
    /// The disk is full.
    Full,
    /// The disk fails to read or write.
    Failing,
    /// Another process holds the database for longer than anybody waits.
    Locked,
    /// The file is damaged: only a copy helps.
    Damaged {
        /// The file.
        path: String,
        /// What was found and what to do.
        why: String,
    },
}

impl StoreTrouble {
    /// The fixed words of those that pass.
    pub const PASSING: [&'static str; 3] = ["full", "failing", "locked"];

    /// The fixed word.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Failing => "failing",
            Self::Locked => "locked",
            Self::Damaged { .. } => "damaged",
        }
    }

    /// What is the matter, in a sentence that names no file.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Full => {
                "the disk is full: nothing can be stored; polls and deliveries wait and go on when there is room"
            }
            Self::Failing => "the disk fails: nothing can be stored; polls and deliveries wait and go on when it works",
            Self::Locked => "another process holds the database: nothing can be stored until it lets go",
            Self::Damaged { .. } => "the database is damaged: a copy must be restored",
        }
    }
}
