//! Who is told of an event, by a story of it: when it opens, when something arrives in it, and late, when it has come to fit.

use super::super::audience::{Fitting, Scene};
use super::super::index::Index;
use super::super::shown::Shown;
use super::super::telling;
use super::super::update::Arrived;
use super::{Context, Decider, Notice, reason};
use crate::deliver::Update;
use crate::model::{Commit, EventId, LateOpening, NotificationType, Stage, StoryId, SubscriptionId, Telling, TopicKey};

/// A story in its event, as the index has it.
pub(super) fn scene<'a>(
    topic: &'a TopicKey,
    index: &Index,
    (event, story): (EventId, StoryId),
    fitting: &'a Fitting,
    context: &Context<'a>,
) -> Scene<'a> {
    let open = index.event(event);
    let (publishers, told_at) = (open.map_or(0, |open| open.publishers.len()), open.and_then(|open| open.told_at));
    Scene { topic, event, story, fitting, publishers, told_at, subscriptions: context.subscriptions }
}

/// Who is told that an event opens. Nobody perhaps: the notification is made all the same.
pub(super) fn opening_notice(scene: &Scene<'_>, index: &mut Index, commit: &mut Commit) -> Notice {
    let opened = index.event_mut(scene.event).map(|event| event.audience.opens(scene));
    let (takers, hearings) = opened.unwrap_or_default();
    commit.hearings.extend(hearings);
    Notice { kind: NotificationType::EventOpened, takers, arrived: None }
}

/// Who is told of what arrived in an event; nothing where nobody wants it.
pub(super) fn update_notice(
    scene: &Scene<'_>,
    cause: Shown<'_>,
    arrived: Arrived,
    index: &mut Index,
    commit: &mut Commit,
) -> Option<Notice> {
    let audience = &mut index.event_mut(scene.event)?.audience;
    let takers = telling::update_takers(scene, cause, &arrived, audience);
    if matches!(arrived.update, Update::Joined { .. }) {
        commit.hearings.extend(audience.count(scene, &takers));
    }
    let kind = NotificationType::EventUpdated;
    (!takers.is_empty()).then_some(Notice { kind, takers, arrived: Some(arrived) })
}

impl Decider {
    /// After a story that may be told joined an event, or was edited: tells those of the event who have not heard of it and
    /// whom it fits now.
    pub(super) fn open_late(
        &mut self,
        topic: &TopicKey,
        story: StoryId,
        fitting: &Fitting,
        context: &Context<'_>,
        commit: &mut Commit,
    ) {
        let Some(index) = self.indexes.get_mut(topic) else { return };
        // By now its event may have gone into another.
        let Some(event) = index.member(story).map(|member| member.event) else { return };
        if !index.event(event).is_some_and(super::super::index::OpenEvent::was_told) {
            return;
        }
        let scene = scene(topic, index, (event, story), fitting, context);
        let members = index.event(event).map(|open| open.members.clone()).unwrap_or_default();
        let opened = index.event_mut(event).map(|open| open.audience.opens_late(&scene, |id| members.contains(&id)));
        let (openings, hearings) = opened.unwrap_or_default();
        commit.hearings.extend(hearings);
        for (cause, takers) in openings {
            self.tell_late(topic, (story, cause), takers, context, commit);
        }
    }

    fn tell_late(
        &mut self,
        topic: &TopicKey,
        (story, cause): (StoryId, StoryId),
        takers: Vec<SubscriptionId>,
        context: &Context<'_>,
        commit: &mut Commit,
    ) {
        const KIND: NotificationType = NotificationType::EventOpened;
        let (Some(index), Some(spec)) = (self.indexes.get(topic), self.topics.get(topic)) else { return };
        let Some(member) = index.member(cause) else { return };
        let text = match takers.len() {
            1 => "told to a subscriber whom the event did not fit before".to_owned(),
            n => format!("told to {n} subscribers whom the event did not fit before"),
        };
        let why = reason(Stage::Tell, text, &[], (cause != story).then_some(cause));
        // The decision that it follows from was made just now.
        let decision = commit.decisions.last_mut().filter(|decision| decision.story == story);
        let mut reasons = Vec::new();
        if let Some(decision) = decision {
            decision.reasons.push(why);
            if decision.telling == Telling::Silent {
                decision.telling = Telling::Told(KIND);
            }
            reasons.clone_from(&decision.reasons);
        }
        let told =
            telling::occasion((KIND, "opened"), &spec.spec, index, (member.event, cause), (&reasons, &[]), context.now);
        let Some(mut occasion) = told else { return };
        telling::open_late(&mut occasion, member.account.revision);
        let (after, notification) = (commit.notifications.len(), telling::notification(&occasion));
        commit.late.push(LateOpening { after, notification, takers });
        if let Some(index) = self.indexes.get_mut(topic) {
            index.told_late(cause);
        }
    }
}
