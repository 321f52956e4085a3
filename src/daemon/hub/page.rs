//! A topic's feed as it stands in the store: what the server answers with, and what the hub posts.

use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_128;

use crate::model::{Event, FeedName, FeedPlace};
use crate::port::{Store, StoreError};
use crate::publish::{Document, Part, Place, media_type, write};

/// Entries of a feed, and of each older part of it.
const ENTRIES_MAX: usize = 40;
/// Entries of what is posted to a follower that has missed many, at most.
const POSTED_MAX: usize = 200;

/// Which entries are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Those told before this.
    pub before: Option<FeedPlace>,
    /// All that were told since, as far as a post holds them.
    pub since: Option<Timestamp>,
}

/// A feed, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The document.
    pub body: String,
    /// Its media type.
    pub media_type: &'static str,
    /// A hash of it, 32 hexadecimal digits.
    pub hash: String,
    /// Until when what was told was left out, where something was, and might not have been.
    left_out: Option<Timestamp>,
}

impl Page {
    /// Whether it holds what a page for those that heard all until then would.
    pub(super) fn holds(&self, since: Option<Timestamp>) -> bool {
        self.left_out.zip(since).is_none_or(|(left_out, since)| left_out < since)
    }
}

/// Writes a feed; `None` where there is no such topic.
///
/// # Errors
/// The store's.
pub fn page(store: &mut dyn Store, feed: &FeedName, place: &Place, extent: Extent) -> Result<Option<Page>, StoreError> {
    let Some(topic) = store.topics()?.into_iter().find(|topic| topic.spec.key == feed.topic) else { return Ok(None) };
    let most = if extent.since.is_some() { POSTED_MAX } else { ENTRIES_MAX };
    // One more tells whether there are older ones.
    let mut events = store.told_last(&feed.topic, extent.before, most.saturating_add(1))?;
    let is_since = |event: &&Event| event.told_at.zip(extent.since).is_some_and(|(told, since)| told >= since);
    let shown = events.iter().filter(is_since).count().clamp(ENTRIES_MAX, most);
    let left_out = events.get(shown).and_then(|event| event.told_at).filter(|_| shown < POSTED_MAX);
    let has_older = events.len() > shown;
    events.truncate(shown);
    let last = events.last().filter(|_| has_older);
    let older = last.and_then(|event| Some(FeedPlace { told_at: event.told_at?, event: event.id }));
    let mut views = Vec::new();
    for event in events {
        views.extend(store.event(event.id)?);
    }
    let part = Part { before: extent.before, older };
    let document = Document::of(&topic.spec, &views, place, (feed, part));
    let body = write(&document, feed.format);
    let hash = format!("{:032x}", xxh3_128(body.as_bytes()));
    Ok(Some(Page { body, media_type: media_type(feed.format), hash, left_out }))
}
