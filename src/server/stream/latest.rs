//! The page that was read last: streams that come back after a restart stand at the same place.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;

use super::frame;
use crate::model::Sequence;
use crate::port::{LogFilter, Store, StoreError};

/// A page of the log as text.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    /// Events; empty where nothing in the page fits the filter.
    pub(super) text: Bytes,
    /// The place after it.
    pub(super) place: Sequence,
    /// Whether more can be read at once.
    pub(super) has_more: bool,
}

/// Remembers a page for streams that ask for the same one. Asked on the store's thread only, one stream after another.
#[derive(Debug, Clone, Default)]
pub(super) struct Latest(Arc<Mutex<Option<(LogFilter, Chunk)>>>);

impl Latest {
    /// The page that `filter` asks for, or one that was read for the same filter before: what came since is read next.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn read(&self, store: &mut dyn Store, filter: &LogFilter) -> Result<Chunk, StoreError> {
        // A poisoned lock means a reader panicked: its page is as good as any.
        let mut latest = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, chunk)) = latest.as_ref().filter(|(asked, _)| asked == filter) {
            return Ok(chunk.clone());
        }
        let page = store.log(filter)?;
        if page.has_gap(filter.after) {
            let text = frame::gap(filter.after, &page).into();
            return Ok(Chunk { text, place: page.complete_after(), has_more: true });
        }
        let mut text = String::new();
        for (seq, told) in &page.entries {
            frame::notification(&mut text, *seq, told);
        }
        let chunk = Chunk { text: text.into(), place: page.through, has_more: page.has_more() };
        // An empty page may have something in it the next time.
        if !page.entries.is_empty() {
            *latest = Some((filter.clone(), chunk.clone()));
        }
        Ok(chunk)
    }
}
