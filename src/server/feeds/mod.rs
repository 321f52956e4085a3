//! `/feeds/TOPIC.atom`, `.rss` and `.json`: a topic's events for feed readers, an entry an event.
//!
//! What the readers' page shows without a token, they do too; but only events that were told, so that a new topic's past
//! does not flood its readers.

mod serve;

pub(super) use serve::{base, is_https, serve};

#[cfg(test)]
mod tests;
