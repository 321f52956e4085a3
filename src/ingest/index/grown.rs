//! Events that grew alike: the late discovery that two of them are one.
//!
//! The first stories of an event may have few words in common, and open two; as others come, the sums of both turn
//! towards what is told. So each time that a story joins an event, its sum is held against those of the others.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::dedup::EventPolicy;
use crate::model::{EventId, Ruling, StoryId};

use super::{EVENTS_COMPARED, Index, OpenEvent, Sides};

/// An event of up to so many stories is held against the others with each that joins it; a larger one, whose sum turns
/// less and less, when its number of stories is a power of two.
const LOOKED_AT_EACH: usize = 8;
/// Stories of the smaller event that are held against the larger one's, as to whether one template made both.
const TEMPLATES_COMPARED: usize = 4;

/// How two events compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Grown {
    /// The one that stays: opened first.
    pub(in super::super) into: EventId,
    /// The one that goes into it.
    pub(in super::super) gone: EventId,
    pub(in super::super) score: f64,
    pub(in super::super) threshold: f64,
    pub(in super::super) apart: Duration,
    pub(in super::super) sides: Sides,
}

impl OpenEvent {
    /// The time between its stories and another's; nothing where they overlap.
    fn gap(&self, other: &Self) -> Option<Duration> {
        let ((first, last), (others_first, others_last)) = (self.span?, other.span?);
        let gap = |earlier: Timestamp, later: Timestamp| later.duration_since(earlier);
        Some(gap(last, others_first).max(gap(others_last, first)).max(jiff::SignedDuration::ZERO).unsigned_abs())
    }
}

impl Index {
    /// The event that one has grown most alike to, if it is alike enough for both to be one. `lang` is the language of
    /// the story that joined last; events that were not both told in it are not compared.
    pub(in super::super) fn grown_alike(&mut self, id: EventId, lang: &str, policy: &EventPolicy) -> Option<Grown> {
        let event = self.events.get(&id)?;
        if event.tellings < 2 || (event.tellings > LOOKED_AT_EACH && !event.tellings.is_power_of_two()) {
            return None;
        }
        let (_, last) = event.span?;
        let moment = (last, policy.window);
        let meaning = event.meaning.vector();
        let words = self.words.direction(event.by_lang.get(lang)?);
        let events = &self.events;
        let tells = |owner: i64| {
            let other = EventId(owner);
            other != id && events.get(&other).is_some_and(|event| event.by_lang.is_in(lang))
        };
        let near = self.words.nearest(&words, moment, EVENTS_COMPARED, tells);
        // What of the sum is not in the direction's terms can't add more than its length to a cosine.
        let rest = words.missing();
        let mut candidates: BTreeMap<EventId, f64> =
            near.into_iter().map(|near| (EventId(near.owner), near.cosine + rest)).collect();
        for other in meaning.iter().flat_map(|meaning| self.meaning_nearest(meaning, moment)) {
            candidates.entry(other).or_insert(1.0);
        }
        candidates.remove(&id);
        candidates
            .into_iter()
            .filter_map(|(other, at_most)| self.compare((id, other), lang, at_most, policy))
            .filter(|grown| grown.score >= grown.threshold && !self.is_by_template(grown, policy))
            .max_by(|a, b| a.score.total_cmp(&b.score).then(b.into.cmp(&a.into)).then(b.gone.cmp(&a.gone)))
    }

    /// How two events compare, unless their words, alike to `at_most`, can't make them one.
    fn compare(
        &self,
        (id, other): (EventId, EventId),
        lang: &str,
        at_most: f64,
        policy: &EventPolicy,
    ) -> Option<Grown> {
        let (one, two) = (self.events.get(&id)?, self.events.get(&other)?);
        let apart = one.gap(two).filter(|apart| *apart <= policy.window)?;
        let (cluster, others) = (one.by_lang.get(lang)?, two.by_lang.get(lang)?);
        let meaning = two.meaning.vector().and_then(|vector| one.meaning.cosine(&vector));
        let stories = one.tellings.min(two.tellings);
        let score = |words: f64| meaning.map_or(words, |meaning| policy.together(words, meaning));
        let threshold = if meaning.is_some() { policy.one_by_meaning } else { policy.one_by_words }.of(stories);
        if score(at_most) < threshold {
            return None;
        }
        let words = self.words.between(cluster, others);
        let score = score(words);
        let sides = Sides { words: Some(words), names: None, meaning };
        Some(Grown { into: id.min(other), gone: id.max(other), score, threshold, apart, sides })
    }

    /// Whether stories of the two are reports of different things by one template, or under titles of one series: they grow alike
    /// and never are one.
    fn is_by_template(&self, grown: &Grown, policy: &EventPolicy) -> bool {
        let stories = |id| self.events.get(&id).map_or(0, |event| event.members.len());
        let (smaller, larger) =
            if stories(grown.into) < stories(grown.gone) { (grown.into, grown.gone) } else { (grown.gone, grown.into) };
        let members = self.events.get(&smaller).into_iter().flat_map(|event| &event.members);
        members
            .filter_map(|story| self.member(*story))
            .filter(|member| member.ruling.copy_of().is_none())
            .take(TEMPLATES_COMPARED)
            .any(|member| {
                self.others_of_series(&member.account).contains(&larger)
                    || self.recurring(&member.account, policy).contains(&larger)
                    || self.repeats(&member.account, policy).of_others().contains(&larger)
            })
    }

    /// Lets an event go into another with all its stories, and gives them with what they are now.
    pub(in super::super) fn absorb(&mut self, into: EventId, gone: EventId) -> Vec<(StoryId, Ruling)> {
        if into == gone || !self.events.contains_key(&into) {
            return Vec::new();
        }
        let Some(event) = self.events.remove(&gone) else { return Vec::new() };
        let Some(stays) = self.events.get_mut(&into) else { return Vec::new() };
        self.tongues.gone(&event.by_lang);
        for (lang, cluster) in event.by_lang.iter() {
            self.tongues.more(&stays.by_lang, lang);
            let own = stays.by_lang.or_open(lang, || self.words.open(into.0));
            self.words.absorb(own, cluster);
        }
        if let Some(cluster) = event.names {
            let own = *stays.names.get_or_insert_with(|| self.names.open(into.0));
            self.names.absorb(own, cluster);
        }
        stays.meaning.absorb(&event.meaning);
        stays.tellings += event.tellings;
        stays.told |= event.told;
        stays.audience.absorb(event.audience);
        stays.opened_at = stays.opened_at.min(event.opened_at);
        stays.changed_at = stays.changed_at.max(event.changed_at);
        event.publishers.iter().for_each(|publisher| stays.carried_by(publisher));
        for (span, owner) in [(stays.span, into), (event.span, gone)] {
            if let Some((_, last)) = span {
                self.latest.take(owner, last);
            }
        }
        stays.span = match (stays.span, event.span) {
            (Some(one), Some(two)) => Some((one.0.min(two.0), one.1.max(two.1))),
            (one, two) => one.or(two),
        };
        if let Some((_, last)) = stays.span {
            self.latest.put(into, last, stays.tellings);
        }
        let mut moved = Vec::new();
        for story in event.members {
            let Some(member) = self.stories.get_mut(&story) else { continue };
            member.event = into;
            if member.ruling == Ruling::Opened {
                member.ruling = Ruling::Joined;
            }
            moved.push((story, member.ruling));
            stays.members.push(story);
        }
        moved
    }
}
