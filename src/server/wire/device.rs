//! Devices as JSON: what a browser is told of its own subscription.

use serde::Serialize;

use crate::model::Subscription;

/// The key that browsers subscribe to.
#[derive(Debug, Serialize)]
pub(crate) struct PushKey {
    /// As `applicationServerKey` takes it.
    pub(crate) key: String,
}

/// What a device is told of.
#[derive(Debug, Serialize)]
pub(crate) struct Device {
    /// Empty: all topics.
    topics: Vec<String>,
    /// Empty: all languages.
    languages: Vec<String>,
}

impl From<&Subscription> for Device {
    fn from(subscription: &Subscription) -> Self {
        let filter = &subscription.spec.filter;
        Self { topics: filter.topics.iter().map(ToString::to_string).collect(), languages: filter.languages.clone() }
    }
}
