//! Stories: one publisher's account, normalised.

use jiff::Timestamp;

use super::{SourceId, StoryId};

/// A name under which an entry is known again: `guid:SOURCE:...`, `url:...` (canonical), hashed to 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryKey(pub u128);

/// When a story came, seen from its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// With the source's first good poll: old unless its date says otherwise.
    FirstPoll,
    /// With a later poll: new, whatever its date says (up to the topic's `stale_days`).
    Later,
}

/// How far a story has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoryState {
    /// Its article page is still to be fetched.
    AwaitingArticle,
    /// To be decided (new, or changed since it was decided).
    Undecided,
    /// Decided.
    Decided,
}

/// A story as digested from an entry, before the store numbers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryDraft {
    /// The names it is known by, strongest first (guid, then canonical address, then title and day).
    pub keys: Vec<EntryKey>,
    /// The canonical address (no tracking parameters); empty where the entry has no link.
    pub url: String,
    /// The address as published, for the click.
    pub link: String,
    /// Who publishes it.
    pub publisher: String,
    /// Plain text, one line, at most 500 characters.
    pub title: String,
    /// Plain text of summary or content, whichever says more; at most `ingest::TEXT_CHARS_MAX`.
    pub text: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// BCP 47 primary subtag, as declared or detected.
    pub lang: Option<String>,
    /// When it was published, as the publisher says; never invented, and `None` where more than a day ahead.
    pub published: Option<Timestamp>,
    /// Hash of normalised title and text: equal means the same words.
    pub fingerprint: u64,
}

/// A story in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// Its number.
    pub id: StoryId,
    /// Where it was first read.
    pub source: SourceId,
    /// What it says.
    pub draft: StoryDraft,
    /// When it was first seen.
    pub seen_at: Timestamp,
    /// When it came, seen from its source.
    pub arrival: Arrival,
    /// 1, then one more with each change of its words.
    pub revision: u32,
    /// How far it has come.
    pub state: StoryState,
}
