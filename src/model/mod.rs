//! Rung 0: plain data that every other room speaks in.
//!
//! Architecture invariant: nothing here reads a clock, a file, the network or the environment, and nothing here is
//! `Serialize`: each border (store rows, wire, payload, configuration) has types of its own and converts explicitly.

mod address;
mod audience;
mod change;
mod channel;
mod decision;
mod delivery;
mod entry;
mod event;
mod exchange;
mod follower;
mod health;
mod id;
mod label;
mod mailbox;
mod manner;
mod notification;
mod poll;
mod relevance;
mod rotation;
mod secret;
mod service;
mod source;
mod story;
mod subscription;
mod token;
mod topic;
mod verification;

pub use address::{AddressError, WebUrl};
pub use audience::{Hearing, LateOpening};
pub use change::{Change, ChangeKind};
pub use channel::{Channel, ChannelPhase, ChannelSpec, ChannelState, Push, PushRecord, QueuedPush};
pub use decision::{Commit, Decision, EventChange, NewEvent, ReadFor, Reason, Ruling, Stage, Telling, ToRead};
pub use delivery::{After, Attempt, Delivery, DeliveryClaim, DeliveryState, Settlement, Verdict};
pub use entry::{Announced, DocumentKind, Enclosure, Entry, EntryOrigin, Parsed, Problem};
pub use event::{CardStory, Event, EventCard, EventView};
pub use exchange::{Exchange, Failure, FailureKind, Headers, Limits, Method, Redirects, Request, Response};
pub use follower::{
    FeedFormat, FeedName, FeedPlace, FeedVersion, Follower, FollowerSpec, FollowerState, Petition, Wish,
};
pub use health::{
    Answers, Breaker, DisabledReason, EndpointHealth, Heard, HeardOutcome, Replay, Rest, RestReason, Trouble,
};
pub use id::{
    ChannelId, DeliveryId, EventId, EventVersion, FollowerId, NotificationId, PushId, Sequence, SourceId, StoryId,
    SubscriptionId, TokenId, TopicKey,
};
pub use label::{Corrected, Correction, Hush, Impossible, Label, LabelView, Mark, Repair, Said, TakenBack, Withdrawn};
pub use mailbox::{Mailbox, Sender};
pub use manner::{DigestPlan, EXPIRY_FORMS, Manner, PayloadShape, PlanError, Quiet, Zone, parse_expiry, span_text};
pub use notification::{Notification, NotificationType};
pub use poll::{
    Article, ArticleClaim, ArticleRecord, DomainPause, Known, PollOutcome, PollRecord, Recorded, RobotsText,
    SourceClaim, StoryChange, Validators, Wall,
};
pub use relevance::Relevance;
pub use rotation::OldSecret;
pub use secret::Secret;
pub use service::{Chat, ChatFault, ChatParts, Service};
pub use source::{
    INTERVAL_MINUTES_MAX, Moving, Origin, PageSelectors, Priority, Source, SourceHealth, SourceKind, SourceSpec,
    SourceState,
};
pub use story::{Arrival, EntryKey, Story, StoryDraft, StoryState};
pub use subscription::{
    Corrections, DeliveryOrder, Endpoint, Filter, Format, Pacing, Subscription, SubscriptionSpec, SubscriptionState,
    Updates, WebhookForm,
};
pub use token::{ApiToken, Scope, TokenSpec};
pub use topic::{Over, Saving, Topic, TopicSpan, TopicSpec, TopicVersion, Unsaved};
pub use verification::{Asked, Verification};
