//! Late discoveries: two events that turn out to be one are made one, quietly.
//!
//! Nobody is told anew. Who wants `event.merged` hears of it, where both events had been told. What operators said holds:
//! events that hold stories which were said to tell of different events stay apart.

use std::collections::BTreeSet;

use crate::deliver::payload::MergedPayload;
use crate::model::{
    Decision, EventChange, EventId, NotificationType, Reason, Stage, StoryId, SubscriptionId, Telling, TopicKey,
};

use super::super::index::Grown;
use super::super::telling::{self, Teller};
use super::{Context, Decider, reason, scene};
use crate::model::Commit;

/// An event that goes into another.
struct Gone {
    id: EventId,
    title: String,
    first: Option<StoryId>,
}

impl Decider {
    /// Makes an event one with the one that it has grown most alike to, after a story in `lang` joined it; and that with
    /// the next, while there is one.
    pub(super) fn merge_grown(
        &mut self,
        topic: &TopicKey,
        mut event: EventId,
        lang: &str,
        context: &Context<'_>,
        commit: &mut Commit,
    ) {
        if !self.indexes.get(topic).is_some_and(|index| index.is_looked_at(event)) {
            return;
        }
        while let Some(grown) =
            self.indexes.get_mut(topic).and_then(|index| index.grown_alike(event, lang, &self.policy))
        {
            if self.said_apart(topic, &grown) {
                return;
            }
            self.make_one(topic, &grown, context, commit);
            event = grown.into;
        }
    }

    /// Whether an operator said that stories of theirs tell of different events.
    fn said_apart(&self, topic: &TopicKey, grown: &Grown) -> bool {
        let Some(index) = self.indexes.get(topic) else { return true };
        let event = |story: StoryId| index.member(story).map(|member| member.event);
        self.apart.get(topic).into_iter().flatten().any(|(one, other)| {
            let pair = (event(*one), event(*other));
            pair == (Some(grown.into), Some(grown.gone)) || pair == (Some(grown.gone), Some(grown.into))
        })
    }

    fn make_one(&mut self, topic: &TopicKey, grown: &Grown, context: &Context<'_>, commit: &mut Commit) {
        let Some(index) = self.indexes.get_mut(topic) else { return };
        let told = |id| index.event(id).is_some_and(super::super::index::OpenEvent::was_told);
        let both_told = told(grown.into) && told(grown.gone);
        let audience = |id| index.event(id).map(|event| event.audience.told()).unwrap_or_default();
        let told_both: BTreeSet<SubscriptionId> =
            audience(grown.into).intersection(&audience(grown.gone)).copied().collect();
        let first_told = !told(grown.into) && told(grown.gone);
        let Some(gone) = index.event(grown.gone).map(|event| Gone {
            id: event.id,
            title: event.title.clone(),
            first: event.members.first().copied(),
        }) else {
            return;
        };
        let (title, first) = index
            .event(grown.into)
            .map(|event| (event.title.clone(), event.members.first().copied()))
            .unwrap_or_default();
        let why = grown_reason(grown, &title, first);
        for (story, ruling) in index.absorb(grown.into, grown.gone) {
            let Some(member) = index.member(story) else { continue };
            commit.moved.push(Decision {
                story,
                revision: member.account.revision,
                topic: Some(topic.clone()),
                ruling,
                event: Some(grown.into),
                score: grown.score,
                telling: Telling::Silent,
                reasons: vec![why.clone()],
                decided_at: context.now,
            });
        }
        commit.merged.push((grown.gone, grown.into));
        let told_at = first_told.then_some(context.now);
        commit.changed.push(EventChange { id: grown.into, changed_at: context.now, told_at, retitled: None });
        if both_told {
            self.tell_merged(topic, grown.into, &gone, (why, first, &told_both), context, commit);
        }
    }

    /// Those who want to hear of merged events do.
    fn tell_merged(
        &mut self,
        topic: &TopicKey,
        into: EventId,
        gone: &Gone,
        (why, first, told_both): (Reason, Option<StoryId>, &BTreeSet<SubscriptionId>),
        context: &Context<'_>,
        commit: &mut Commit,
    ) {
        const KIND: NotificationType = NotificationType::EventMerged;
        let (Some(index), Some(spec), Some(first)) = (self.indexes.get(topic), self.topics.get(topic), first) else {
            return;
        };
        let Some(cause) = index.member(first) else { return };
        let fitting = self.queries.fitting_anew(cause.account.kept.shown(), context.subscriptions);
        let seen = scene(topic, index, (into, first), &fitting, context);
        let takers = telling::merged_takers(&seen, told_both);
        if takers.is_empty() {
            return;
        }
        let because = [why];
        let told = telling::occasion((KIND, "merged"), &spec.spec, index, (into, first), (&because, &[]), context.now);
        let Some(mut occasion) = told else { return };
        occasion.merged.push(MergedPayload { event: gone.id, title: &gone.title });
        let name = gone.first.and_then(|story| index.member(story)).map(|member| Teller::member(member).name());
        occasion.apart.extend(name);
        commit.notifications.push((telling::notification(&occasion), takers));
    }
}

fn grown_reason(grown: &Grown, title: &str, first: Option<StoryId>) -> Reason {
    let by = if grown.sides.meaning.is_some() { "by its words and what it means" } else { "by its words" };
    let (gone, into) = (grown.gone, grown.into);
    let text = if grown.would_join {
        format!("event {gone} tells of event {into} ({title}), {by}, as that has grown since: merged into it")
    } else {
        format!("event {gone} grew alike to event {into} ({title}), {by}: merged into it")
    };
    let hours = grown.apart.as_secs_f64() / 3600.0;
    let mut numbers = vec![("score", grown.score), ("threshold", grown.threshold), ("apart_hours", hours)];
    let sides = [("words", grown.sides.words), ("meaning", grown.sides.meaning)];
    numbers.extend(sides.into_iter().filter_map(|(name, cosine)| Some((name, cosine?))));
    reason(Stage::Event, text, &numbers, first)
}
