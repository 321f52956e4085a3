//! Which sources and topics there are already.

use crate::discover::KnownSources;
use crate::model::{TopicKey, TopicSpec};
use crate::port::{Declared, Listed, Store};

use crate::cli::lookup;

/// Sources in force, those included that the configuration declares and no daemon has taken up yet.
pub(super) fn sources(store: &mut dyn Store, declared: &Declared) -> anyhow::Result<KnownSources> {
    Ok(KnownSources::new(&declared.sources, &store.sources(Listed::Current)?))
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
