//! The log of notifications, as asked for and as given.

use crate::model::{Notification, NotificationType, Sequence, TopicKey};

/// Which notifications to give, in the order of their sequence numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Numbered above this.
    pub after: Sequence,
    /// Of this topic.
    pub topic: Option<TopicKey>,
    /// Of these types; empty: of all.
    pub types: Vec<NotificationType>,
    /// At most so many.
    pub limit: usize,
}

/// A page of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogPage {
    /// Notifications that still have their body, oldest first.
    pub entries: Vec<(Sequence, Notification)>,
    /// Up to here all was looked at: the next page begins after it.
    pub through: Sequence,
    /// The newest in the log, of whatever topic or type; zero where there is none.
    pub last: Sequence,
    /// Up to here retention took bodies: who has read less far has missed something.
    pub taken: Sequence,
    /// Where what is left goes on for who stands where the page begins: there, unless that is among the numbers that a restore left out.
    pub onward: Sequence,
}

impl LogPage {
    /// Whether the log can no longer tell all that came after `after`, where the page begins: retention took some of it, or the number is
    /// not of this log, or of one that a restore ended.
    pub fn has_gap(&self, after: Sequence) -> bool {
        after < self.taken || after > self.last || after < self.onward
    }

    /// The place from which on nothing is missing, for who meets a gap.
    pub fn complete_after(&self) -> Sequence {
        if self.onward > self.last { self.taken } else { self.taken.max(self.onward) }
    }

    /// The same in words.
    pub fn gap(&self, after: Sequence) -> String {
        let (last, whole) = (self.last, self.complete_after());
        if after > last {
            return format!("the log ends at {last}: {after} is no number of this database");
        }
        format!(
            "the log is complete after {whole} only: of what came between {after} and that, some is past its retention, or was lost when a copy was restored"
        )
    }

    /// Whether more is in the log than was looked at.
    pub fn has_more(&self) -> bool {
        self.through < self.last
    }
}
