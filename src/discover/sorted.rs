//! A list of sources (OPML), sorted out: what is new, what is there already, what is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::known::{Known, KnownSources};
use super::platform;
use crate::feed::opml::{LeftOut, ListedSource, SourceList};
use crate::model::{PageSelectors, SourceKind, SourceSpec, TopicKey, TopicSpec};
use crate::text;
use crate::url;

/// What becomes of a listed source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// To be added.
    New,
    /// There is one at its address already.
    Known(Known),
}

/// A list, sorted out.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// Its sources in their order.
    pub sources: Vec<(ListedSource, Fate)>,
    /// What is no source that can be read, by line.
    pub left_out: Vec<LeftOut>,
    /// Folders that are no topic, and how many sources stand in each.
    pub folders: BTreeMap<String, usize>,
    /// Topics that are not there, and how many sources are for them.
    pub absent_topics: BTreeMap<TopicKey, usize>,
}

/// What a list is sorted by.
#[derive(Clone, Copy)]
pub struct Shelves<'a> {
    /// The topics that there are.
    pub topics: &'a [TopicSpec],
    /// Those that all new sources are held against, whatever their folders; none: as their folders say.
    pub wanted: &'a [TopicKey],
    /// What is wrong with a page's selectors.
    pub wrong_selector: &'a dyn Fn(&PageSelectors) -> Option<String>,
}

/// Sorts a list out.
pub fn sort_out(list: SourceList, mut known: KnownSources, shelves: &Shelves<'_>) -> Sorted {
    let mut sorted = Sorted { left_out: list.left_out, ..Sorted::default() };
    let mut mentions = Mentions::of(&list.sources);
    for mut source in list.sources {
        if let SourceKind::Page(selectors) = &source.spec.kind
            && let Some(why) = (shelves.wrong_selector)(selectors)
        {
            sorted.left_out.push(LeftOut { line: source.line, name: source.spec.name, why });
            continue;
        }
        if let Some(there) = known.at(&source.spec.url) {
            let there = there.clone();
            sorted.sources.push((source, Fate::Known(there)));
            continue;
        }
        known.put(&source.spec.url, Known { id: None, words: format!("the one on line {}", source.line) });
        mentions.gather(&mut source);
        if !source.is_publisher_told && platform::is_shared(&source.spec.publisher) {
            source.spec.publisher.clone_from(&source.spec.name);
        }
        if shelves.wanted.is_empty() {
            sorted.file(&mut source, shelves.topics);
        } else {
            source.spec.topics = shelves.wanted.to_vec();
        }
        sorted.sources.push((source, Fate::New));
    }
    sorted.left_out.sort_by_key(|left_out| left_out.line);
    sorted
}

/// What the mentions of one address are filed under, all together: it may stand in several folders.
struct Mentions(BTreeMap<String, (BTreeSet<TopicKey>, Vec<String>)>);

impl Mentions {
    fn of(sources: &[ListedSource]) -> Self {
        let mut mentions = Self(BTreeMap::new());
        for source in sources {
            let (topics, filed) = mentions.0.entry(url::canonical(&source.spec.url)).or_default();
            topics.extend(source.spec.topics.iter().cloned());
            filed.extend(source.filed.iter().cloned());
        }
        mentions
    }

    /// Files a source under all that its mentions are filed under.
    fn gather(&mut self, source: &mut ListedSource) {
        let Some((topics, filed)) = self.0.remove(&url::canonical(&source.spec.url)) else { return };
        let more: Vec<TopicKey> = topics.into_iter().filter(|topic| !source.spec.topics.contains(topic)).collect();
        source.spec.topics.extend(more);
        source.filed = Vec::new();
        for folder in filed {
            if !source.filed.contains(&folder) {
                source.filed.push(folder);
            }
        }
    }
}

impl Sorted {
    /// What is to be added, in its order.
    pub fn fresh(&self) -> Vec<SourceSpec> {
        let new = self.sources.iter().filter(|(_, fate)| *fate == Fate::New);
        new.map(|(source, _)| source.spec.clone()).collect()
    }

    /// Puts a source under the topics that its folders are called like.
    fn file(&mut self, source: &mut ListedSource, topics: &[TopicSpec]) {
        for topic in &source.spec.topics {
            if topics.iter().all(|known| known.key != *topic) {
                *self.absent_topics.entry(topic.clone()).or_default() += 1;
            }
        }
        for folder in &source.filed {
            match topic_of_folder(topics, folder) {
                Some(topic) if source.spec.topics.contains(topic) => {}
                Some(topic) => source.spec.topics.push(topic.clone()),
                None => *self.folders.entry(folder.clone()).or_default() += 1,
            }
        }
    }
}

/// The topic that a folder of another program means: by its id or its name, in whatever case and with spaces.
fn topic_of_folder<'a>(topics: &'a [TopicSpec], folder: &str) -> Option<&'a TopicKey> {
    let folded = text::fold(folder);
    let id = folded.split_whitespace().collect::<Vec<_>>().join("-");
    let is_meant = |topic: &&TopicSpec| topic.key.as_str() == id || text::fold(&topic.name) == folded;
    topics.iter().find(is_meant).map(|topic| &topic.key)
}
