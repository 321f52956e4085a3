//! Which sources there are already, by the canonical form of their addresses.

use std::collections::BTreeMap;

use crate::model::{Source, SourceId, SourceSpec, WebUrl};
use crate::url;

/// A source that is there, or is about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its number, where it has one yet.
    pub id: Option<SourceId>,
    /// Which one it is, in words; its name as its publisher wrote it.
    pub words: String,
}

/// Sources in force.
#[derive(Debug, Clone, Default)]
pub struct KnownSources(BTreeMap<String, Known>);

impl KnownSources {
    /// Those of the store, and those that the configuration declares and no daemon has taken up yet.
    pub fn new(declared: &[SourceSpec], sources: &[Source]) -> Self {
        let mut known = Self::default();
        for source in sources {
            let words = format!("source {} ({})", source.id, source.spec.name);
            let there = Known { id: Some(source.id), words };
            known.put(&source.spec.url, there.clone());
            // One that has moved is known by where it was declared as well.
            source.state.moved_from.iter().for_each(|declared| known.put(declared, there.clone()));
        }
        for spec in declared {
            let words = format!("source {:?} (from the configuration)", spec.name);
            known.put(&spec.url, Known { id: None, words });
        }
        known
    }

    /// The source at an address, in whatever spelling.
    pub fn at(&self, url: &WebUrl) -> Option<&Known> {
        self.0.get(&url::canonical(url))
    }

    /// Notes a source that is about to be there, unless there is one at its address.
    pub fn put(&mut self, url: &WebUrl, known: Known) {
        self.0.entry(url::canonical(url)).or_insert(known);
    }
}
