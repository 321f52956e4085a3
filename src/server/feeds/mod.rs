//! `/feeds/TOPIC.atom`, `.rss` and `.json`: a topic's events for feed readers, an entry an event.
//!
//! What the readers' page shows without a token, they do too; but only events that were told, so that a new topic's past
//! does not flood its readers.

mod atom;
mod document;
mod json;
mod rss;
mod serve;
mod xml;

pub(super) use serve::serve;

#[cfg(test)]
mod tests;
