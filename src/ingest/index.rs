//! What the decider remembers of a topic's recent past: its events, their stories, and what they are compared by.
//!
//! Derived from the store's decisions by the same steps that made them, so a rebuilt index equals the one that grew.
//! Nothing here is told to anybody or written anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::dedup::{Centroid, EventPolicy, Frequencies, Profile, Shingles, Vector};
use crate::model::{Event, EventId, Ruling, Story, StoryDraft, StoryId};
use crate::text::{Tokens, lead};

/// Characters of the text that are compared: what news says, it says at the start.
const LEAD_CHARS: usize = 600;
/// Characters of the text that are searched for copied passages.
const COPY_CHARS: usize = 4_000;
/// The heaviest terms of a story that look up candidates.
const LOOKUP_TERMS: usize = 32;

/// A story, made comparable.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) story: StoryId,
    pub(super) revision: u32,
    pub(super) draft: StoryDraft,
    pub(super) seen_at: Timestamp,
    /// When it happened, as far as known: published, else seen.
    pub(super) at: Timestamp,
    profile: Profile,
    shingles: Shingles,
}

impl Account {
    pub(super) fn of(story: &Story) -> Self {
        let draft = &story.draft;
        let lang = draft.lang.as_deref();
        let head = lead(&draft.text, LEAD_CHARS);
        let (title_tokens, lead_tokens) = (Tokens::of(&draft.title, lang), Tokens::of(head, lang));
        let profile = Profile::of((&draft.title, &title_tokens), (head, &lead_tokens));
        let body = Tokens::of(lead(&draft.text, COPY_CHARS), lang);
        let words: Vec<u64> = body.iter().map(|t| t.word).collect();
        Self {
            story: story.id,
            revision: story.revision,
            draft: draft.clone(),
            seen_at: story.seen_at,
            at: draft.published.unwrap_or(story.seen_at),
            profile,
            shingles: Shingles::of(&words),
        }
    }

    fn lang(&self) -> String {
        self.draft.lang.clone().unwrap_or_default()
    }
}

/// A story within an event.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) account: Account,
    pub(super) event: EventId,
    pub(super) ruling: Ruling,
    stems: Vector,
    names: Vector,
}

/// An event that stories may still join.
#[derive(Debug, Clone)]
pub(super) struct OpenEvent {
    pub(super) id: EventId,
    pub(super) title: String,
    pub(super) opened_at: Timestamp,
    pub(super) changed_at: Timestamp,
    pub(super) told: bool,
    pub(super) members: Vec<StoryId>,
    pub(super) publishers: BTreeSet<String>,
    first: Timestamp,
    last: Timestamp,
    by_lang: BTreeMap<String, Centroid>,
    names: Centroid,
}

/// How a story compares with an event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likeness {
    pub(super) event: EventId,
    pub(super) score: f64,
    pub(super) threshold: f64,
    pub(super) apart: Duration,
    /// Whether it was compared by words (the event was told in its language) or by names and numbers.
    pub(super) by_words: bool,
}

/// The recent past of one topic.
#[derive(Debug, Clone, Default)]
pub struct Index {
    events: BTreeMap<EventId, OpenEvent>,
    stories: BTreeMap<StoryId, Member>,
    frequencies: Frequencies,
    name_frequencies: Frequencies,
    postings: BTreeMap<u64, BTreeSet<EventId>>,
    shingles: BTreeMap<u64, Vec<StoryId>>,
    fingerprints: BTreeMap<u64, Vec<StoryId>>,
}

impl Index {
    /// Events that stories may still join.
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// Stories that are remembered.
    pub fn stories(&self) -> usize {
        self.stories.len()
    }

    pub(super) fn event(&self, id: EventId) -> Option<&OpenEvent> {
        self.events.get(&id)
    }

    pub(super) fn event_mut(&mut self, id: EventId) -> Option<&mut OpenEvent> {
        self.events.get_mut(&id)
    }

    pub(super) fn member(&self, story: StoryId) -> Option<&Member> {
        self.stories.get(&story)
    }

    /// The earliest story with the very same words, if there is one.
    pub(super) fn same_words(&self, account: &Account) -> Option<&Member> {
        self.fingerprints
            .get(&account.draft.fingerprint)?
            .iter()
            .filter(|&&id| id != account.story)
            .filter_map(|id| self.stories.get(id))
            .min_by_key(|m| (m.account.at, m.account.story))
    }

    /// The story that shares the largest part of its text, with that part; `None` where no text is long enough.
    pub(super) fn near_copy(&self, account: &Account, policy: &EventPolicy) -> Option<(&Member, f64)> {
        if account.shingles.len() < policy.copy_shingles_min {
            return None;
        }
        let mut shared: BTreeMap<StoryId, usize> = BTreeMap::new();
        for id in account.shingles.iter().filter_map(|s| self.shingles.get(&s)).flatten() {
            *shared.entry(*id).or_default() += 1;
        }
        shared
            .into_iter()
            .filter(|(id, count)| *id != account.story && *count * 2 >= policy.copy_shingles_min)
            .filter_map(|(id, _)| self.stories.get(&id))
            .filter(|m| m.account.shingles.len() >= policy.copy_shingles_min)
            .map(|m| (m, m.account.shingles.containment(&account.shingles)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.account.story.cmp(&a.0.account.story)))
    }

    /// The event that a story is most alike to, among those near enough in time; best by score over threshold.
    pub(super) fn most_alike(&self, account: &Account, policy: &EventPolicy) -> Option<Likeness> {
        let stems = self.frequencies.vector(&account.profile.stems);
        let names = self.name_frequencies.vector(&account.profile.names);
        let mut heaviest: Vec<(u64, f64)> = stems.terms().chain(names.terms()).collect();
        heaviest.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let candidates: BTreeSet<EventId> = heaviest
            .iter()
            .take(2 * LOOKUP_TERMS)
            .filter_map(|(term, _)| self.postings.get(term))
            .flatten()
            .copied()
            .collect();
        let lang = account.lang();
        candidates
            .into_iter()
            .filter_map(|id| self.events.get(&id))
            .filter_map(|event| {
                let apart = event.apart(account.at);
                if apart > policy.window {
                    return None;
                }
                let (score, at_once, by_words) = match event.by_lang.get(&lang) {
                    Some(centroid) => (centroid.cosine(&stems), policy.same_language, true),
                    // One shared name is a coincidence.
                    None if event.names.shared(&names) >= 2 => {
                        (event.names.cosine(&names), policy.other_language, false)
                    }
                    None => return None,
                };
                let threshold = policy.threshold(at_once, apart);
                Some(Likeness { event: event.id, score, threshold, apart, by_words })
            })
            .max_by(|a, b| (a.score / a.threshold).total_cmp(&(b.score / b.threshold)).then(b.event.cmp(&a.event)))
    }

    /// Opens an event with its first story.
    pub(super) fn open(&mut self, id: EventId, account: Account, at: Timestamp, told: bool) {
        self.events.insert(
            id,
            OpenEvent {
                id,
                title: account.draft.title.clone(),
                opened_at: at,
                changed_at: at,
                told,
                members: Vec::new(),
                publishers: BTreeSet::new(),
                first: account.at,
                last: account.at,
                by_lang: BTreeMap::new(),
                names: Centroid::default(),
            },
        );
        self.join(id, account, Ruling::Opened, at);
    }

    /// Adds a story to an event; a later revision takes the place of the former.
    pub(super) fn join(&mut self, id: EventId, account: Account, ruling: Ruling, at: Timestamp) {
        self.forget(account.story);
        let Some(event) = self.events.get_mut(&id) else { return };
        self.frequencies.add(account.profile.stems.keys());
        self.name_frequencies.add(account.profile.names.keys());
        let stems = self.frequencies.vector(&account.profile.stems);
        let names = self.name_frequencies.vector(&account.profile.names);
        event.changed_at = event.changed_at.max(at);
        event.publishers.insert(account.draft.publisher.clone());
        if !event.members.contains(&account.story) {
            event.members.push(account.story);
        }
        // A copy says nothing new of the event: counting its words again would bend the sum towards one account.
        if ruling.copy_of().is_none() {
            event.first = event.first.min(account.at);
            event.last = event.last.max(account.at);
            event.by_lang.entry(account.lang()).or_default().add(&stems);
            event.names.add(&names);
        }
        for (term, _) in stems.terms().chain(names.terms()) {
            self.postings.entry(term).or_default().insert(id);
        }
        for shingle in account.shingles.iter() {
            self.shingles.entry(shingle).or_default().push(account.story);
        }
        self.fingerprints.entry(account.draft.fingerprint).or_default().push(account.story);
        self.stories.insert(account.story, Member { account, event: id, ruling, stems, names });
    }

    /// Takes a story's words out, its place in the event's list aside.
    fn forget(&mut self, story: StoryId) {
        let Some(member) = self.stories.remove(&story) else { return };
        if let Some(event) = self.events.get_mut(&member.event)
            && member.ruling.copy_of().is_none()
        {
            if let Some(centroid) = event.by_lang.get_mut(&member.account.lang()) {
                centroid.remove(&member.stems);
            }
            event.names.remove(&member.names);
        }
        for shingle in member.account.shingles.iter() {
            remove_from(&mut self.shingles, shingle, story);
        }
        remove_from(&mut self.fingerprints, member.account.draft.fingerprint, story);
    }

    /// Forgets events whose last story was decided before `before`, with their stories.
    pub(super) fn evict(&mut self, before: Timestamp) {
        let old: Vec<EventId> = self.events.values().filter(|e| e.changed_at < before).map(|e| e.id).collect();
        for id in old {
            let Some(event) = self.events.get(&id) else { continue };
            let members = event.members.clone();
            let terms: BTreeSet<u64> = members
                .iter()
                .filter_map(|m| self.stories.get(m))
                .flat_map(|m| m.stems.terms().chain(m.names.terms()).map(|(term, _)| term).collect::<Vec<_>>())
                .collect();
            for story in members {
                self.forget(story);
            }
            for term in terms {
                if let Some(events) = self.postings.get_mut(&term) {
                    events.remove(&id);
                    if events.is_empty() {
                        self.postings.remove(&term);
                    }
                }
            }
            self.events.remove(&id);
        }
    }

    /// Takes up an event as stored, before its stories are joined again.
    pub(super) fn restore(&mut self, event: &Event) {
        self.events.insert(
            event.id,
            OpenEvent {
                id: event.id,
                title: event.title.clone(),
                opened_at: event.opened_at,
                changed_at: event.changed_at,
                told: event.told_at.is_some(),
                members: Vec::new(),
                publishers: BTreeSet::new(),
                first: Timestamp::MAX,
                last: Timestamp::MIN,
                by_lang: BTreeMap::new(),
                names: Centroid::default(),
            },
        );
    }
}

impl OpenEvent {
    /// How far a moment lies from the event's own span; nothing within it.
    fn apart(&self, at: Timestamp) -> Duration {
        let outside = if at < self.first {
            self.first.duration_since(at)
        } else if at > self.last {
            at.duration_since(self.last)
        } else {
            return Duration::ZERO;
        };
        outside.unsigned_abs()
    }
}

fn remove_from(lists: &mut BTreeMap<u64, Vec<StoryId>>, key: u64, story: StoryId) {
    if let Some(list) = lists.get_mut(&key) {
        list.retain(|&s| s != story);
        if list.is_empty() {
            lists.remove(&key);
        }
    }
}
