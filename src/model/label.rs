//! Labels: what operators said of stories and events. They are obeyed for ever, and exported for tuning.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Decision, EventChange, EventId, Hearing, NewEvent, Notification, Story, StoryId, SubscriptionId, TopicKey,
};

/// What an operator said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// Two stories tell of one event (a merge; the stories of a split among themselves).
    Same,
    /// Two stories tell of different events (a split).
    Apart,
    /// A story is on the topic, whatever the query says.
    OnTopic,
    /// A story is not on the topic, whatever the query says.
    OffTopic,
}

impl Said {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Same, Self::Apart, Self::OnTopic, Self::OffTopic];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Apart => "apart",
            Self::OnTopic => "on-topic",
            Self::OffTopic => "off-topic",
        }
    }

    /// What is said with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|said| said.label() == word)
    }
}

/// One thing said of a story, or of a pair of stories, on a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What.
    pub said: Said,
    /// On which topic.
    pub topic: TopicKey,
    /// Of which story.
    pub story: StoryId,
    /// The other story, where two are compared.
    pub other: Option<StoryId>,
    /// Whether subscribers may be told of what follows, as of any other story.
    pub tell: bool,
    /// When.
    pub at: Timestamp,
}

/// A label with the stories that it speaks of, for export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelView {
    /// The label.
    pub label: Label,
    /// Its story.
    pub story: Story,
    /// The other story, where two are compared.
    pub other: Option<Story>,
}

/// Which way a story is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// On the topic.
    OnTopic,
    /// Not on the topic.
    OffTopic,
}

/// Whether subscribers are told of a correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hush {
    /// Nobody: the correction puts the store right, no more.
    Quiet,
    /// As of any other story: what opens an event by it is told as new.
    Tell,
}

/// A correction, as an operator asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// These events are one: the later go into the earliest.
    Merge {
        /// Two or more.
        events: Vec<EventId>,
    },
    /// These stories of the event tell of another: they go into a new event, with their copies.
    Split {
        /// The event that they leave.
        event: EventId,
        /// One or more of its stories.
        stories: Vec<StoryId>,
        /// Whether the new event is told.
        hush: Hush,
    },
    /// The story is on a topic, or is not.
    Mark {
        /// The story.
        story: StoryId,
        /// Which of the two.
        mark: Mark,
        /// The topic; where none is named, those that the story is on, or the only one that there is.
        topic: Option<TopicKey>,
        /// Whether subscribers are told when it is on the topic.
        hush: Hush,
    },
}

/// What a correction did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corrected {
    /// The event that stories went into.
    pub event: Option<EventId>,
    /// The stories that were moved, or taken off the topic, their copies included.
    pub stories: Vec<StoryId>,
    /// Events that were emptied by it.
    pub emptied: Vec<EventId>,
    /// Whether the story is to be decided anew.
    pub undecided: bool,
    /// Subscribers that are told.
    pub told: usize,
}

/// Why a correction can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// There is no such event.
    #[error("there is no event {0}")]
    NoEvent(EventId),
    /// There is no such story.
    #[error("there is no story {0}")]
    NoStory(StoryId),
    /// There is no such topic.
    #[error("there is no topic {0}")]
    NoTopic(TopicKey),
    /// It was merged into another.
    #[error("event {0} was merged into event {1}: name that one")]
    Merged(EventId, EventId),
    /// A merge needs two events.
    #[error("a merge needs two events or more, and each once")]
    TooFew,
    /// Events of two topics are never one.
    #[error("event {0} is on the topic {1}, event {2} on {3}: only events of one topic can be merged")]
    Topics(EventId, TopicKey, EventId, TopicKey),
    /// The story is not in the event.
    #[error("story {0} is not in event {1}")]
    NotIn(StoryId, EventId),
    /// A split must leave something.
    #[error("these are all stories of event {0}, counting copies of theirs: there is nothing to split")]
    All(EventId),
    /// No story was named.
    #[error("no story is named")]
    NoneNamed,
    /// The story waits to be decided.
    #[error("story {0} is not decided yet: try again in a moment")]
    Undecided(StoryId),
    /// The story is on no topic.
    #[error("story {0} is on no topic; to say so of one for all later versions, name it")]
    OnNone(StoryId),
    /// A topic must be named.
    #[error("name the topic that story {0} is on")]
    WhichTopic(StoryId),
}

/// Labels that no longer hold: of these stories, and of pairs of them with those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// What was said.
    pub said: Said,
    /// On which topic.
    pub topic: TopicKey,
    /// Of any of these.
    pub of: BTreeSet<StoryId>,
    /// Compared with any of these, in either order; empty for marks.
    pub with: BTreeSet<StoryId>,
}

/// All that follows from a correction, written in one transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repair {
    /// Each takes the story's place on its topic: it belongs to no other event there any more.
    pub decisions: Vec<Decision>,
    /// Events opened.
    pub opened: Vec<NewEvent>,
    /// Events changed.
    pub changed: Vec<EventChange>,
    /// Events that went into another: which, into which.
    pub merged: Vec<(EventId, EventId)>,
    /// Events whose first story left: which, its first story and title now.
    pub led: Vec<(EventId, StoryId, String)>,
    /// Stories to be decided anew.
    pub undecided: Vec<StoryId>,
    /// What was said.
    pub labels: Vec<Label>,
    /// What was said before and no longer holds.
    pub withdrawn: Vec<Withdrawn>,
    /// Notifications, and whom to tell.
    pub notifications: Vec<(Notification, Vec<SubscriptionId>)>,
    /// Who hears of which event.
    pub hearings: Vec<Hearing>,
    /// Events that are told to whom another was: that one first.
    pub heirs: Vec<(EventId, EventId)>,
    /// What is not to be told any more.
    pub taken_back: Vec<TakenBack>,
}

/// That stories are off a topic, and nothing is left of their event: what waits to be told by them there is taken back.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenBack {
    /// The topic.
    pub topic: TopicKey,
    /// The stories.
    pub stories: BTreeSet<StoryId>,
}
