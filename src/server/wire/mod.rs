//! The JSON that leaves: types of this border alone, converted from the model explicitly.
//!
//! Times are RFC 3339 in UTC, durations name their unit, a missing value is `null` and never left out, ids are
//! numbers (topics: words). No type here can hold a secret but [`NewSubscription`].

mod delivery;
mod event;
mod source;
mod story;
mod subscription;
mod topic;

use std::time::Duration;

use jiff::Timestamp;

pub(super) use delivery::{Deliveries, Delivery};
pub(super) use event::{Event, EventWithStories, Events};
pub(super) use source::{Source, Sources};
pub(super) use story::{Corrected, Explained, Stories, Story};
pub(super) use subscription::{NewSubscription, Subscription, Subscriptions};
pub(super) use topic::{Topic, Topics};

use crate::model::Origin;

fn time(at: Timestamp) -> String {
    at.to_string()
}

fn hours(duration: Duration) -> u64 {
    duration.as_secs() / 3600
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Config => "config",
        Origin::Api => "api",
    }
}
