//! In which languages how many events are told.

use std::collections::BTreeMap;

use crate::dedup::ClusterId;

/// The languages that an event is told in, each with the cluster of its words: nearly always one, so a list in which
/// room is made for one more at a time. A tree takes four hundred bytes for the first.
#[derive(Debug, Clone, Default)]
pub(super) struct Told(Vec<(Box<str>, ClusterId)>);

impl Told {
    pub(super) fn get(&self, lang: &str) -> Option<ClusterId> {
        self.0.iter().find(|(told, _)| **told == *lang).map(|(_, cluster)| *cluster)
    }

    pub(super) fn is_in(&self, lang: &str) -> bool {
        self.get(lang).is_some()
    }

    /// The cluster of a language, opened where there is none.
    pub(super) fn or_open(&mut self, lang: &str, open: impl FnOnce() -> ClusterId) -> ClusterId {
        self.get(lang).unwrap_or_else(|| {
            let cluster = open();
            self.0.reserve_exact(1);
            self.0.push((lang.into(), cluster));
            cluster
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, ClusterId)> {
        self.0.iter().map(|(lang, cluster)| (&**lang, *cluster))
    }
}

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
    pub(super) fn more(&mut self, so_far: &Told, lang: &str) {
        if !so_far.is_in(lang) {
            self.events += usize::from(so_far.is_empty());
            *self.told.entry(lang.to_owned()).or_default() += 1;
        }
    }

    /// An event that was told in these languages is gone.
    pub(super) fn gone(&mut self, told: &Told) {
        self.events = self.events.saturating_sub(usize::from(!told.is_empty()));
        for (lang, _) in told.iter() {
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
