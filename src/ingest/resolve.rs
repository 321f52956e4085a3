//! Which stories are new, which changed, which are known: the rules that keep a story one story.
//!
//! Told twice is a nuisance, a swallowed story is news lost: where an id and everything else disagree, the id loses.

use std::collections::BTreeSet;

use crate::model::{EntryKey, Known, SourceId, SourceKind, SourceSpec, StoryChange, StoryDraft, StoryId, WebUrl};
use crate::text;

/// A text this much shorter than the one stored is a summary of it, no new version.
const SUMMARY_SHARE: usize = 2;

/// Holds a document's stories against those known under any of their keys.
pub fn resolve(drafts: Vec<StoryDraft>, known: &[Known], source: &SourceSpec, id: SourceId) -> Vec<StoryChange> {
    let mut taken: BTreeSet<EntryKey> = BTreeSet::new();
    let mut changed: BTreeSet<StoryId> = BTreeSet::new();
    let mut changes = Vec::new();
    for mut draft in drafts {
        // Two entries of one document with a common key are one story: the first (older) one is kept.
        if draft.keys.iter().any(|key| taken.contains(key)) {
            continue;
        }
        taken.extend(draft.keys.iter().copied());
        let matches: Vec<&Known> = draft.keys.iter().filter_map(|key| known.iter().find(|k| k.key == *key)).collect();
        let reused: Vec<EntryKey> = matches.iter().filter(|k| is_another(&draft, k)).map(|k| k.key).collect();
        draft.keys.retain(|key| !reused.contains(key));
        match matches.into_iter().find(|k| !reused.contains(&k.key)) {
            None => changes.push(fresh(draft, source)),
            Some(found) => {
                if changed.insert(found.story) {
                    changes.extend(change(draft, found, known, source, id));
                }
            }
        }
    }
    changes
}

fn fresh(draft: StoryDraft, source: &SourceSpec) -> StoryChange {
    let wants_page = source.full_text || matches!(source.kind, SourceKind::Page(_));
    let fetch_article = wants_page && WebUrl::parse(&draft.link).is_ok();
    StoryChange::New { draft, fetch_article }
}

/// Whether the id was given to another story: both address and title differ from those it had.
fn is_another(draft: &StoryDraft, known: &Known) -> bool {
    !draft.url.is_empty()
        && !known.url.is_empty()
        && draft.url != known.url
        && text::fold(&draft.title) != text::fold(&known.title)
}

/// What a known story's entry changes, if anything.
fn change(
    mut draft: StoryDraft,
    found: &Known,
    known: &[Known],
    source: &SourceSpec,
    id: SourceId,
) -> Option<StoryChange> {
    let strange: Vec<EntryKey> =
        draft.keys.iter().copied().filter(|key| !known.iter().any(|k| k.key == *key)).collect();
    let retitled = text::title(&draft.title) != found.title && !draft.title.is_empty();
    let chars = draft.text.chars().count();
    let full = matches!(source.kind, SourceKind::Page(_)) || source.full_text;
    let rewritten = draft.fingerprint != found.fingerprint && !full && chars * SUMMARY_SHARE >= found.text_chars;
    // Another source's entry at the same address is the same story, seen from elsewhere: only its owner revises it.
    if found.source == id && (retitled || rewritten) {
        if full {
            // A list knows the title alone: the text that the page gave stays.
            draft.text = String::new();
        }
        return Some(StoryChange::Revised { story: found.story, draft });
    }
    (!strange.is_empty()).then_some(StoryChange::Alias { story: found.story, keys: strange })
}
