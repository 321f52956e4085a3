//! A topic's feed as it stands in the store: what the server answers with, and what the hub posts.

use xxhash_rust::xxh3::xxh3_128;

use crate::model::FeedName;
use crate::port::{Store, StoreError};
use crate::publish::{Document, Place, media_type, write};

/// Entries of a feed at most.
const ENTRIES_MAX: usize = 40;

/// A feed, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The document.
    pub body: String,
    /// Its media type.
    pub media_type: &'static str,
    /// A hash of it, 32 hexadecimal digits.
    pub hash: String,
}

/// Writes a feed; `None` where there is no such topic.
///
/// # Errors
/// The store's.
pub fn page(store: &mut dyn Store, feed: &FeedName, place: &Place) -> Result<Option<Page>, StoreError> {
    let Some(topic) = store.topics()?.into_iter().find(|topic| topic.spec.key == feed.topic) else { return Ok(None) };
    let mut views = Vec::new();
    for event in store.told_last(&feed.topic, ENTRIES_MAX)? {
        views.extend(store.event(event.id)?);
    }
    let document = Document::of(&topic.spec, &views, place, feed);
    let body = write(&document, feed.format);
    let hash = format!("{:032x}", xxh3_128(body.as_bytes()));
    Ok(Some(Page { body, media_type: media_type(feed.format), hash }))
}
