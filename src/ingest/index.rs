//! What the decider remembers of a topic's recent past: its events, their stories, and what they are compared by.
//!
//! Derived from the store's decisions by the same steps that made them, so a rebuilt index equals the one that grew.
//! Nothing here is told to anybody or written anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::dedup::{ClusterId, EventPolicy, Near, Profile, ShingleIndex, Shingles, Space, Vector};
use crate::model::{Event, EventId, Ruling, Story, StoryDraft, StoryId};
use crate::text::{Token, Tokens, lead};
use crate::topic::{StoryText, StoryTokens};

/// Characters of the text that are compared: what news says, it says at the start.
const LEAD_CHARS: usize = 600;
/// Characters of the text that are searched for copied passages.
const COPY_CHARS: usize = 4_000;
/// Characters of the text that a member keeps: what a payload shows.
const SUMMARY_CHARS: usize = 400;
/// Texts that share passages with a story and are compared with it.
const COPIES_COMPARED: usize = 16;
/// Events that are compared with a story, by words and by names.
const EVENTS_COMPARED: usize = 16;

/// A story, made comparable.
#[derive(Debug, Clone)]
pub(super) struct Account {
    pub(super) story: StoryId,
    pub(super) revision: u32,
    /// The story, its text cut down to what a payload shows.
    pub(super) draft: StoryDraft,
    pub(super) seen_at: Timestamp,
    /// When it happened, as far as known: published, else seen.
    pub(super) at: Timestamp,
    profile: Profile,
    shingles: Shingles,
}

impl Account {
    /// Compares a story by its tokens, as they were taken apart for the topics' queries.
    pub(super) fn of(story: &Story, tokens: &StoryTokens<'_>) -> Self {
        let draft = &story.draft;
        let opening = within(tokens.text(), lead(&draft.text, LEAD_CHARS));
        let profile = Profile::of((&draft.title, tokens.title().iter()), (&draft.text, opening));
        let body = within(tokens.text(), lead(&draft.text, COPY_CHARS));
        let words: Vec<u64> = body.map(|token| token.word).collect();
        Self {
            story: story.id,
            revision: story.revision,
            draft: StoryDraft {
                keys: Vec::new(),
                url: draft.url.clone(),
                link: draft.link.clone(),
                title: draft.title.clone(),
                text: lead(&draft.text, SUMMARY_CHARS).to_owned(),
                publisher: draft.publisher.clone(),
                lang: draft.lang.clone(),
                author: None,
                fingerprint: draft.fingerprint,
                published: draft.published,
            },
            seen_at: story.seen_at,
            at: draft.published.unwrap_or(story.seen_at),
            profile,
            shingles: Shingles::of(&words),
        }
    }

    /// Takes a story apart and compares it by that.
    pub(super) fn anew(story: &Story) -> Self {
        Self::of(story, &StoryTokens::of(StoryText::from(&story.draft)))
    }

    fn lang(&self) -> String {
        self.draft.lang.clone().unwrap_or_default()
    }
}

/// The tokens of a text that stand in its beginning.
fn within<'a>(tokens: &'a Tokens, beginning: &'a str) -> impl Iterator<Item = &'a Token> {
    tokens.iter().take_while(move |token| token.end <= beginning.len())
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
    by_lang: BTreeMap<String, ClusterId>,
    names: Option<ClusterId>,
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
    /// A cluster an event and language.
    words: Space,
    /// A cluster an event.
    names: Space,
    shingles: ShingleIndex,
    fingerprints: BTreeSet<(u64, StoryId)>,
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
        let same = account.draft.fingerprint;
        self.fingerprints
            .range((same, StoryId(i64::MIN))..=(same, StoryId(i64::MAX)))
            .filter(|(_, id)| *id != account.story)
            .filter_map(|(_, id)| self.stories.get(id))
            .min_by_key(|m| (m.account.at, m.account.story))
    }

    /// The story that shares the largest part of its text, with that part; `None` where no text is long enough.
    pub(super) fn near_copy(&self, account: &Account, policy: &EventPolicy) -> Option<(&Member, f64)> {
        if account.shingles.len() < policy.copy_shingles_min {
            return None;
        }
        self.shingles
            .candidates(&account.shingles, COPIES_COMPARED)
            .into_iter()
            .filter(|id| *id != account.story.0)
            .filter_map(|id| self.stories.get(&StoryId(id)))
            .filter(|m| m.account.shingles.len() >= policy.copy_shingles_min)
            .filter(|m| m.account.shingles.shared(&account.shingles) * 2 >= policy.copy_shingles_min)
            .map(|m| (m, m.account.shingles.containment(&account.shingles)))
            .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.account.story.cmp(&a.0.account.story)))
    }

    /// The event that a story is most alike to, among those near enough in time; best by score over threshold.
    pub(super) fn most_alike(&mut self, account: &Account, policy: &EventPolicy) -> Option<Likeness> {
        let lang = account.lang();
        let moment = (account.at, policy.window);
        let events = &self.events;
        let tells = |owner: i64| events.get(&EventId(owner)).map(|e| e.by_lang.contains_key(&lang));
        let words = self.words.vector(&account.profile.stems);
        let by_words = |cluster: &Near| {
            let event = events.get(&EventId(cluster.owner))?;
            // An event told in several languages has a cluster of each: only the story's own is compared by words.
            (event.by_lang.get(&lang) == Some(&cluster.cluster)).then_some((*cluster, policy.same_language, true))
        };
        let by_words: Vec<_> = self
            .words
            .nearest(&words, moment, EVENTS_COMPARED, |owner| tells(owner) == Some(true))
            .iter()
            .filter_map(by_words)
            .collect();
        let names = self.names.vector(&account.profile.names);
        let by_names = self.names.nearest(&names, moment, EVENTS_COMPARED, |owner| tells(owner) == Some(false));
        let by_names = by_names
            .into_iter()
            // One shared name is a coincidence.
            .filter(|near| self.names.shared(&names, near.cluster) >= 2)
            .map(|near| (near, policy.other_language, false));
        by_words
            .into_iter()
            .chain(by_names)
            .map(|(near, at_once, by_words)| Likeness {
                event: EventId(near.owner),
                score: near.cosine,
                threshold: policy.threshold(at_once, near.apart),
                apart: near.apart,
                by_words,
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
                by_lang: BTreeMap::new(),
                names: None,
            },
        );
        self.join(id, account, Ruling::Opened, at);
    }

    /// Adds a story to an event; a later revision takes the place of the former.
    pub(super) fn join(&mut self, id: EventId, account: Account, ruling: Ruling, at: Timestamp) {
        let was_in = self.forget(account.story);
        let Some(event) = self.events.get_mut(&id) else { return };
        self.words.count(&account.profile.stems);
        self.names.count(&account.profile.names);
        let stems = self.words.vector(&account.profile.stems);
        let names = self.names.vector(&account.profile.names);
        event.changed_at = event.changed_at.max(at);
        event.publishers.insert(account.draft.publisher.clone());
        if was_in != Some(id) {
            event.members.push(account.story);
        }
        // A copy says nothing new of the event: counting its words again would bend the sum towards one account.
        if ruling.copy_of().is_none() {
            let words = *event.by_lang.entry(account.lang()).or_insert_with(|| self.words.open(id.0));
            self.words.add(words, &stems, account.at);
            let all = *event.names.get_or_insert_with(|| self.names.open(id.0));
            self.names.add(all, &names, account.at);
        }
        self.shingles.insert(account.story.0, &account.shingles);
        self.fingerprints.insert((account.draft.fingerprint, account.story));
        self.stories.insert(account.story, Member { account, event: id, ruling, stems, names });
    }

    /// Takes a story's words out, its place in the event's list aside; says where it was.
    fn forget(&mut self, story: StoryId) -> Option<EventId> {
        let member = self.stories.remove(&story)?;
        if let Some(event) = self.events.get(&member.event)
            && member.ruling.copy_of().is_none()
        {
            if let Some(cluster) = event.by_lang.get(&member.account.lang()) {
                self.words.remove(*cluster, &member.stems);
            }
            if let Some(cluster) = event.names {
                self.names.remove(cluster, &member.names);
            }
        }
        self.shingles.remove(story.0, &member.account.shingles);
        self.fingerprints.remove(&(member.account.draft.fingerprint, story));
        Some(member.event)
    }

    /// Forgets events whose last story was decided before `before`, with their stories.
    pub(super) fn evict(&mut self, before: Timestamp) {
        let old: Vec<EventId> = self.events.values().filter(|e| e.changed_at < before).map(|e| e.id).collect();
        for id in old {
            let Some(event) = self.events.remove(&id) else { continue };
            for cluster in event.by_lang.into_values() {
                self.words.dissolve(cluster);
            }
            if let Some(cluster) = event.names {
                self.names.dissolve(cluster);
            }
            for story in event.members {
                self.forget(story);
            }
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
                by_lang: BTreeMap::new(),
                names: None,
            },
        );
    }
}
