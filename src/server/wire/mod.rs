//! The JSON that leaves, over HTTP and from the command line's `--json`: types of these borders alone, converted from the
//! model explicitly, so that a thing has the same names in both.
//!
//! Times are RFC 3339 in UTC, durations name their unit, a missing value is `null` and never left out, ids are
//! numbers (topics: words). No type here can hold a secret but what answers once that one was made.

mod candidate;
mod delivery;
mod device;
mod event;
mod health;
mod imported;
mod label;
mod log;
mod preview;
mod remedy;
mod source;
mod status;
mod story;
mod subscription;
mod token;
mod topic;

use std::time::Duration;

use jiff::Timestamp;

pub(crate) use candidate::{Candidate, Discovered, PREVIEWED, View, on_topic, stopped_words};
pub(crate) use delivery::{Deliveries, Delivery};
pub(crate) use device::{Device, PushKey};
pub(crate) use event::{Event, EventWithStories, Events};
pub(crate) use health::{Enabled, Recovered, help};
pub(crate) use imported::{Imported, ImportedSource};
pub(crate) use label::{LabelLine, Labels};
pub(crate) use log::{Log, Logged};
pub(crate) use preview::Preview;
pub(crate) use remedy::remedy;
pub(crate) use source::{Beside, Source, Sources};
pub(crate) use status::{LoopStatus, ReloadStatus, Status, StatusProblem, StoreStatus, WatchdogStatus};
pub(crate) use story::{Corrected, Decision, Explained, Stories, Story};
pub(crate) use subscription::{NewOwn, NewSubscription, Own, OwnRotated, Rotated, Subscription, Subscriptions};
pub(crate) use token::{NewToken, Token, Tokens};
pub(crate) use topic::{Topic, TopicVersion, TopicVersions, Topics};

fn time(at: Timestamp) -> String {
    at.to_string()
}

fn hours(duration: Duration) -> u64 {
    duration.as_secs() / 3600
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
