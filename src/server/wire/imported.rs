//! What became of a list of sources, as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::discover::{Fate, Sorted};
use crate::model::SourceId;

/// A list that was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Imported {
    added: usize,
    known: usize,
    left_out: usize,
    /// By their lines: those taken or known, then those left out.
    outcomes: Vec<ImportedSource>,
    /// Folders that are no topic, and how many sources stand in each.
    folders: BTreeMap<String, usize>,
    /// Topics that are not there, and how many sources are for them.
    absent_topics: BTreeMap<String, usize>,
    mended: Vec<String>,
}

/// What became of one of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportedSource {
    line: usize,
    name: String,
    url: Option<String>,
    topics: Vec<String>,
    /// `added`, `would-add`, `known` or `left-out`.
    outcome: &'static str,
    id: Option<i64>,
    why: Option<String>,
}

impl Imported {
    /// All of it; `ids` are those of the new ones, in their order.
    pub(crate) fn new(sorted: &Sorted, ids: &[Option<SourceId>], mended: Vec<String>, is_try: bool) -> Self {
        let outcomes = ImportedSource::all(sorted, ids, is_try);
        let counted = |word: &[&str]| outcomes.iter().filter(|outcome| word.contains(&outcome.outcome)).count();
        Self {
            added: counted(&["added", "would-add"]),
            known: counted(&["known"]),
            left_out: sorted.left_out.len(),
            folders: sorted.folders.clone(),
            absent_topics: sorted.absent_topics.iter().map(|(key, count)| (key.to_string(), *count)).collect(),
            mended,
            outcomes,
        }
    }
}

impl ImportedSource {
    /// One for each source of the list.
    pub(crate) fn all(sorted: &Sorted, ids: &[Option<SourceId>], is_try: bool) -> Vec<Self> {
        let mut ids = ids.iter();
        let taken = sorted.sources.iter().map(|(source, fate)| {
            let (outcome, id, why) = match fate {
                Fate::New if is_try => ("would-add", None, None),
                Fate::New => match ids.next().copied().flatten() {
                    Some(id) => ("added", Some(id), None),
                    None => ("known", None, Some("it was there when it was to be added".to_owned())),
                },
                Fate::Known(there) => ("known", there.id, Some(there.words.clone())),
            };
            Self {
                line: source.line,
                name: source.spec.name.clone(),
                url: Some(source.spec.url.as_str().to_owned()),
                topics: source.spec.topics.iter().map(ToString::to_string).collect(),
                outcome,
                id: id.map(|id| id.0),
                why,
            }
        });
        let left_out = sorted.left_out.iter().map(|left_out| Self {
            line: left_out.line,
            name: left_out.name.clone(),
            url: None,
            topics: Vec::new(),
            outcome: "left-out",
            id: None,
            why: Some(left_out.why.clone()),
        });
        let taken: Vec<Self> = taken.collect();
        taken.into_iter().chain(left_out).collect()
    }
}
