//! In which languages how many events are told.

use std::collections::BTreeMap;

use crate::dedup::ClusterId;

/// In which languages how many events are told.
///
/// Where all are told in a story's language, none has to be looked for across languages.
#[derive(Debug, Clone, Default)]
pub(super) struct Tongues {
    events: usize,
    told: BTreeMap<String, usize>,
}

impl Tongues {
    /// An event, told so far in these languages, is told in one more.
    pub(super) fn more(&mut self, so_far: &BTreeMap<String, ClusterId>, lang: &str) {
        if !so_far.contains_key(lang) {
            self.events += usize::from(so_far.is_empty());
            *self.told.entry(lang.to_owned()).or_default() += 1;
        }
    }

    /// An event that was told in these languages is gone.
    pub(super) fn gone(&mut self, told: &BTreeMap<String, ClusterId>) {
        self.events = self.events.saturating_sub(usize::from(!told.is_empty()));
        for lang in told.keys() {
            if let Some(count) = self.told.get_mut(lang) {
                *count = count.saturating_sub(1);
            }
        }
        self.told.retain(|_, count| *count > 0);
    }

    /// Whether every event is told in this language.
    pub(super) fn are_all(&self, lang: &str) -> bool {
        self.told.get(lang).copied().unwrap_or_default() == self.events
    }
}
