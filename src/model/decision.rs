//! Decisions: what a stage decided of a story, and why; and the commit that writes a batch of them.

use jiff::Timestamp;

use super::{EventId, Hearing, LateOpening, Notification, NotificationType, StoryId, SubscriptionId, TopicKey};

/// The layers that a story passes, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Which topics it is on.
    Topic,
    /// Whether it is a story known already: id, canonical address, content fingerprint.
    Identity,
    /// Whether it is a copy of another publisher's text.
    Copy,
    /// Which event it tells of.
    Event,
    /// Whether anybody is told.
    Tell,
    /// What an operator said.
    Operator,
}

impl Stage {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Identity => "identity",
            Self::Copy => "copy",
            Self::Event => "event",
            Self::Tell => "tell",
            Self::Operator => "operator",
        }
    }
}

/// One reason of a decision: a sentence, and the numbers it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The stage that gives it.
    pub stage: Stage,
    /// A sentence for people, without a full stop.
    pub text: String,
    /// Its numbers by name (`score`, `threshold`, `containment`, `age_hours`, ...).
    pub numbers: Vec<(&'static str, f64)>,
    /// The other story that it speaks of.
    pub story: Option<StoryId>,
}

/// What a story is, on a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// On no topic.
    OffTopic,
    /// The same story again (same publisher, same words, another address).
    Again {
        /// The story it repeats.
        of: StoryId,
    },
    /// Another publisher's text, syndicated or lightly edited.
    Copy {
        /// The original.
        of: StoryId,
    },
    /// Another telling of a known event.
    Joined,
    /// The first telling of an event.
    Opened,
    /// A known story whose words changed.
    Corrected,
}

impl Ruling {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::OffTopic => "off-topic",
            Self::Again { .. } => "again",
            Self::Copy { .. } => "copy",
            Self::Joined => "joined",
            Self::Opened => "opened",
            Self::Corrected => "corrected",
        }
    }

    /// The story that this one repeats, if it does.
    pub fn copy_of(self) -> Option<StoryId> {
        match self {
            Self::Again { of } | Self::Copy { of } => Some(of),
            Self::OffTopic | Self::Joined | Self::Opened | Self::Corrected => None,
        }
    }
}

/// Whether subscribers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// A notification of this type was made.
    Told(NotificationType),
    /// Nothing is told: off topic, a copy, a known event, a first poll's old entry, too old.
    Silent,
}

/// What was decided of a story on a topic (or on none), and why. A later revision's decision stands beside the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The story.
    pub story: StoryId,
    /// Its revision when decided.
    pub revision: u32,
    /// The topic; `None` when it is on none.
    pub topic: Option<TopicKey>,
    /// What it is.
    pub ruling: Ruling,
    /// Its event.
    pub event: Option<EventId>,
    /// How well it fits: the similarity to its event, 1 where it opened one.
    pub score: f64,
    /// Whether subscribers are told.
    pub telling: Telling,
    /// Why, in the order of the stages.
    pub reasons: Vec<Reason>,
    /// When.
    pub decided_at: Timestamp,
}

impl Eq for Decision {}

/// An event to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Its number, given by the one decider.
    pub id: EventId,
    /// The topic.
    pub topic: TopicKey,
    /// The first story's title.
    pub title: String,
    /// The story that opens it.
    pub first_story: StoryId,
    /// When.
    pub opened_at: Timestamp,
    /// When told; `None` when stored silently.
    pub told_at: Option<Timestamp>,
}

/// What changes of a known event. (Members and counts follow from the decisions.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventChange {
    /// The event.
    pub id: EventId,
    /// When.
    pub changed_at: Timestamp,
    /// Set when this change told it for the first time.
    pub told_at: Option<Timestamp>,
    /// Its title from now on, where the publisher of the story that gave it has corrected it.
    pub retitled: Option<String>,
}

/// A story whose article page is to be read before it is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToRead {
    /// The story.
    pub story: StoryId,
    /// The topic that it may be on.
    pub topic: TopicKey,
    /// When that was found.
    pub at: Timestamp,
}

/// Why a story's article page was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadFor {
    /// Its source's stories all have theirs read.
    Source,
    /// It may be on this topic, as far as title and summary say.
    Topic(TopicKey),
}

/// A batch of decisions with all that follows from them, written in one transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Commit {
    /// The decisions; their stories are decided now.
    pub decisions: Vec<Decision>,
    /// Events opened.
    pub opened: Vec<NewEvent>,
    /// Events changed.
    pub changed: Vec<EventChange>,
    /// Events that went into another: which, into which.
    pub merged: Vec<(EventId, EventId)>,
    /// Where their stories belong now. Each stands beside what was decided of the story before.
    pub moved: Vec<Decision>,
    /// Notifications, and whom to tell: a delivery each.
    pub notifications: Vec<(Notification, Vec<SubscriptionId>)>,
    /// Stories that are not decided yet: their article page is read first, as they may be on a topic.
    pub to_read: Vec<ToRead>,
    /// What stories mean, a byte a dimension, to be kept beside them.
    pub meanings: Vec<(StoryId, Vec<u8>)>,
    /// How many corrections of operators the decider knew of: with another number in the store nothing is written.
    pub corrections: u64,
    /// Openings of events that others were told of before; the store leaves out whom it knows to be told.
    pub late: Vec<LateOpening>,
    /// Who hears of which event.
    pub hearings: Vec<Hearing>,
}
