//! Events that grew alike: the late discovery that two of them are one.
//!
//! The first stories of an event may have few words in common, and open two; as others come, the sums of both turn
//! towards what is told. So each time that a story joins an event, its sum is held against those of the others. And what
//! came before an event had grown is asked as it would be today: of a large event less is asked than of a small one, so a
//! story that opened one of its own may belong to it by now.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::dedup::{Crowd, EventPolicy, Odds};
use crate::model::{EventId, Ruling, StoryId};

use super::{EVENTS_COMPARED, Index, Member, OpenEvent, Sides, since};

/// An event of up to so many stories is held against the others with each that joins it; a larger one, whose sum turns
/// less and less, at 12, 16, 24, 32, 48 stories and so on.
const LOOKED_AT_EACH: usize = 8;
/// Stories of the smaller event that are held against the larger one's, as to whether one template made both.
const TEMPLATES_COMPARED: usize = 4;
/// Events of so many stories at most are asked whether they would join a larger one if they came now, one with this times as
/// many stories at least: what five tell together is held to be a thing of its own until the sums say otherwise, and an
/// event that is hardly larger is no place to come back to.
const FEW: usize = 4;
const TIMES_LARGER: usize = 8;

/// How two events compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Grown {
    /// The one that stays: opened first, or larger by far.
    pub(in super::super) into: EventId,
    /// The one that goes into it.
    pub(in super::super) gone: EventId,
    pub(in super::super) score: f64,
    pub(in super::super) threshold: f64,
    pub(in super::super) apart: Duration,
    pub(in super::super) sides: Sides,
    /// Whether the one that goes is of few stories, which would join the other if they came now.
    pub(in super::super) would_join: bool,
}

impl OpenEvent {
    /// Whether it is of few stories beside another, so few that they are asked whether they would join that.
    fn is_of_few_beside(&self, larger: &Self) -> bool {
        self.tellings <= FEW && larger.tellings >= TIMES_LARGER * self.tellings
    }

    /// The time between its stories and another's; nothing where they overlap.
    fn gap(&self, other: &Self) -> Option<Duration> {
        let ((first, last), (others_first, others_last)) = (self.span?, other.span?);
        let gap = |earlier: Timestamp, later: Timestamp| later.duration_since(earlier);
        Some(gap(last, others_first).max(gap(others_last, first)).max(jiff::SignedDuration::ZERO).unsigned_abs())
    }
}

impl Index {
    /// Whether an event's sum is to be held against the others, now that a story has joined it.
    pub(in super::super) fn is_looked_at(&self, id: EventId) -> bool {
        let stories = self.events.get(&id).map_or(0, |event| event.tellings);
        let step = 1usize << stories.max(2).ilog2().saturating_sub(1);
        stories >= 2 && (stories <= LOOKED_AT_EACH || stories.is_multiple_of(step))
    }

    /// The event that one has grown most alike to, if it is alike enough for both to be one. `lang` is the language of
    /// the story that joined last; events that were not both told in it are not compared.
    pub(in super::super) fn grown_alike(&mut self, id: EventId, lang: &str, policy: &EventPolicy) -> Option<Grown> {
        let event = self.events.get(&id)?;
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
        let crowd = self.latest.crowd(since(moment));
        let novelty = crowd.novelty();
        let by_share = |a: &Grown, b: &Grown| (a.score / a.threshold).total_cmp(&(b.score / b.threshold));
        candidates
            .into_iter()
            .filter_map(|(other, at_most)| self.compare((id, other), lang, at_most, (crowd, novelty), policy))
            .filter(|grown| !self.is_by_template(grown, policy))
            .max_by(|a, b| by_share(a, b).then(b.into.cmp(&a.into)).then(b.gone.cmp(&a.gone)))
    }

    /// How two events compare, if they are alike enough for both to be one. Their words are alike to `at_most`.
    fn compare(
        &self,
        (id, other): (EventId, EventId),
        lang: &str,
        at_most: f64,
        (crowd, novelty): (Crowd, f64),
        policy: &EventPolicy,
    ) -> Option<Grown> {
        let (one, two) = (self.events.get(&id)?, self.events.get(&other)?);
        let apart = one.gap(two).filter(|apart| *apart <= policy.window)?;
        let meaning = two.meaning.vector().and_then(|vector| one.meaning.cosine(&vector));
        let (smaller, larger) = if (one.tellings, other) < (two.tellings, id) { (one, two) } else { (two, one) };
        let together = |words: f64, meaning: Option<f64>| meaning.map_or(words, |m| policy.together(words, m));
        let (of_sums, of_story) = match meaning {
            Some(_) => (policy.one_by_meaning, policy.by_meaning),
            None => (policy.one_by_words, policy.by_words),
        };
        let odds = Odds { crowd, novelty, stories: larger.tellings };
        let base = of_sums.of(smaller.tellings);
        let threshold_of_few = smaller.is_of_few_beside(larger).then(|| policy.threshold(of_story, odds, apart));
        // No story of a sum is more alike to anything, on the mean, than the sum is.
        if together(at_most, meaning) < threshold_of_few.map_or(base, |few| few.min(base)) {
            return None;
        }
        // As a story alone: reports by one pattern of two places.
        let is_of_others = self.names_others_than(smaller, larger, lang, policy);
        let asked = |threshold: f64| if is_of_others { policy.of_others(threshold) } else { threshold };
        let threshold = asked(base);
        let (cluster, others) = (smaller.by_lang.get(lang)?, larger.by_lang.get(lang)?);
        let words = self.words.between(cluster, others);
        let sides = Sides { words: Some(words), names: None, meaning };
        let score = together(words, meaning);
        if score >= threshold {
            let (into, gone) = (id.min(other), id.max(other));
            return Some(Grown { into, gone, score, threshold, apart, sides, would_join: false });
        }
        let threshold = asked(threshold_of_few?);
        // On the mean of the few stories: a sum of `n` unit vectors with the length `l` has `n / l` times their mean cosine.
        let stories = f64::from(u32::try_from(smaller.tellings).unwrap_or(u32::MAX));
        let words = words * self.words.length(cluster) / stories.max(1.0);
        let meaning = meaning.map(|cosine| cosine * smaller.meaning.agreement());
        let sides = Sides { words: Some(words), names: None, meaning };
        let score = together(words, meaning);
        let (into, gone) = (larger.id, smaller.id);
        (score >= threshold).then_some(Grown { into, gone, score, threshold, apart, sides, would_join: true })
    }

    /// Whether the first stories of the smaller of two events in a language name others than the larger one does, all that name anything.
    fn names_others_than(&self, smaller: &OpenEvent, larger: &OpenEvent, lang: &str, policy: &EventPolicy) -> bool {
        let members = smaller.members.iter().filter_map(|story| self.member(*story));
        let tells = |member: &&Member| member.ruling.copy_of().is_none() && member.account.lang() == lang;
        let names = |member: &&Member| member.account.named.names_something();
        let mut naming = members.filter(tells).take(TEMPLATES_COMPARED).filter(names).peekable();
        naming.peek().is_some() && naming.all(|member| self.is_of_others(&member.account, larger, policy))
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
                self.is_of_other_codes(&member.account, larger)
                    || self.is_of_other_titles(&member.account, larger)
                    || self.others_of_series(&member.account).contains(&larger)
                    || self.recurring(&member.account).contains(&larger)
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
        stays.told_at = stays.told_at.max(event.told_at);
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
