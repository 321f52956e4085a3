//! Rung 0: plain data that every other room speaks in.
//!
//! Architecture invariant: nothing here reads a clock, a file, the network or the environment, and nothing here is
//! `Serialize`: each border (store rows, wire, payload, configuration) has types of its own and converts explicitly.

mod address;
mod change;
mod channel;
mod decision;
mod delivery;
mod entry;
mod event;
mod exchange;
mod follower;
mod id;
mod label;
mod notification;
mod poll;
mod relevance;
mod secret;
mod source;
mod story;
mod subscription;
mod topic;

pub use address::{AddressError, WebUrl};
pub use change::{Change, ChangeKind};
pub use channel::{Channel, ChannelPhase, ChannelSpec, ChannelState, Push, PushRecord, QueuedPush};
pub use decision::{Commit, Decision, EventChange, NewEvent, ReadFor, Reason, Ruling, Stage, Telling, ToRead};
pub use delivery::{Attempt, Delivery, DeliveryClaim, DeliveryState, Settlement, Verdict};
pub use entry::{Announced, DocumentKind, Enclosure, Entry, Parsed, Problem};
pub use event::{Event, EventView};
pub use exchange::{Exchange, Failure, FailureKind, Headers, Limits, Method, Redirects, Request, Response};
pub use follower::{FeedFormat, FeedName, FeedVersion, Follower, FollowerSpec, FollowerState, Petition, Wish};
pub use id::{
    ChannelId, DeliveryId, EventId, FollowerId, NotificationId, PushId, Sequence, SourceId, StoryId, SubscriptionId,
    TopicKey,
};
pub use label::{Corrected, Correction, Hush, Impossible, Label, LabelView, Mark, Repair, Said, Withdrawn};
pub use notification::{Notification, NotificationType};
pub use poll::{
    Article, ArticleClaim, ArticleRecord, DomainPause, Known, PollOutcome, PollRecord, Recorded, RobotsText,
    SourceClaim, StoryChange, Validators, Wall,
};
pub use relevance::Relevance;
pub use secret::Secret;
pub use source::{Moving, Origin, PageSelectors, Priority, Source, SourceHealth, SourceKind, SourceSpec, SourceState};
pub use story::{Arrival, EntryKey, Story, StoryDraft, StoryState};
pub use subscription::{Corrections, Endpoint, Filter, Subscription, SubscriptionSpec, SubscriptionState, Updates};
pub use topic::{Topic, TopicSpan, TopicSpec};
