//! Which sources there are already, by the canonical form of their addresses.

use std::collections::BTreeMap;

use crate::model::{TopicKey, TopicSpec, WebUrl};
use crate::port::{Declared, Listed, Store};
use crate::{text, url};

use crate::cli::lookup;
use crate::cli::screen::shown;

/// Sources in force, those included that the configuration declares and no daemon has taken up yet.
pub(super) struct KnownSources(BTreeMap<String, String>);

impl KnownSources {
    pub(super) fn read(store: &mut dyn Store, declared: &Declared) -> anyhow::Result<Self> {
        let declared = declared.sources.iter().map(|spec| {
            (url::canonical(&spec.url), format!("source {:?} (from the configuration)", shown(&spec.name)))
        });
        let mut known: BTreeMap<String, String> = declared.collect();
        for source in store.sources(Listed::Current)? {
            let words = format!("source {} ({})", source.id, shown(&source.spec.name));
            known.insert(url::canonical(&source.spec.url), words);
        }
        Ok(Self(known))
    }

    /// The source at an address, in words.
    pub(super) fn at(&self, url: &WebUrl) -> Option<&str> {
        self.0.get(&url::canonical(url)).map(String::as_str)
    }

    /// Notes a source that is about to be there; `false` where there is one at its address.
    pub(super) fn put(&mut self, url: &WebUrl, words: String) -> bool {
        let canonical = url::canonical(url);
        let is_new = !self.0.contains_key(&canonical);
        self.0.entry(canonical).or_insert(words);
        is_new
    }
}

/// Topics in force, those included that the configuration declares and no daemon has taken up yet.
pub(super) fn topics(store: &mut dyn Store, declared: &Declared) -> anyhow::Result<Vec<TopicSpec>> {
    let mut topics = declared.topics.clone();
    for topic in store.topics()? {
        if topics.iter().all(|known| known.key != topic.spec.key) {
            topics.push(topic.spec);
        }
    }
    Ok(topics)
}

/// Takes topics by their ids; each must be there.
pub(super) fn named_topics(
    store: &mut dyn Store,
    declared: &Declared,
    wanted: &[String],
) -> anyhow::Result<Vec<TopicKey>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let all = topics(store, declared)?;
    let find = |id: &String| {
        let topic = all.iter().find(|topic| topic.key.as_str() == id).map(|topic| topic.key.clone());
        Ok(topic.ok_or_else(|| lookup::absent("topic", id, "tidings topic list"))?)
    };
    wanted.iter().map(find).collect()
}

/// The topic that a folder of another program means: by its id or its name, in whatever case and with spaces.
pub(super) fn topic_of_folder<'a>(topics: &'a [TopicSpec], folder: &str) -> Option<&'a TopicKey> {
    let folded = text::fold(folder);
    let id = folded.split_whitespace().collect::<Vec<_>>().join("-");
    let is_meant = |topic: &&TopicSpec| topic.key.as_str() == id || text::fold(&topic.name) == folded;
    topics.iter().find(is_meant).map(|topic| &topic.key)
}
