//! The notification of an event: its identity, its payload, and who takes it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::deliver::payload::{self, EventPayload, MergedPayload, StoryPayload};
use crate::deliver::{Update, notification_id, wanted, wants_update};
use crate::model::{
    Change, EventId, Notification, NotificationType, Reason, Ruling, Story, StoryId, Subscription, SubscriptionId,
    TopicSpec,
};
use crate::text::lead;

use super::audience::{Audience, Scene};
use super::index::{Index, Member};
use super::shown::Shown;
use super::update::Arrived;

/// Characters of a story's text in a payload.
const SUMMARY_CHARS: usize = 400;

/// What is to be told of an event.
pub(super) struct Occasion<'a> {
    pub(super) kind: NotificationType,
    /// The payload's word for it.
    pub(super) why: &'a str,
    pub(super) topic: &'a TopicSpec,
    pub(super) event: EventId,
    pub(super) opened_at: Timestamp,
    pub(super) title: &'a str,
    /// The story that causes it.
    pub(super) cause: Teller<'a>,
    /// The event's stories, oldest first.
    pub(super) stories: Vec<Teller<'a>>,
    pub(super) publishers: usize,
    pub(super) reasons: &'a [Reason],
    /// What is told otherwise than before.
    pub(super) changes: &'a [Change],
    /// Events that went into this one.
    pub(super) merged: Vec<MergedPayload<'a>>,
    /// What tells this notification from others of its type, topic and cause.
    pub(super) apart: Vec<String>,
    pub(super) now: Timestamp,
}

/// A story as told.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub(super) id: StoryId,
    pub(super) shown: Shown<'a>,
    pub(super) seen_at: Timestamp,
    pub(super) ruling: Ruling,
}

impl<'a> Teller<'a> {
    /// A stored story, with what it is in the event.
    pub(super) fn of(story: &'a Story, ruling: Ruling) -> Self {
        Self { id: story.id, shown: Shown::from(&story.draft), seen_at: story.seen_at, ruling }
    }

    /// A story as the index knows it.
    pub(super) fn member(member: &'a Member) -> Self {
        let account = &member.account;
        Self { id: account.story, shown: account.kept.shown(), seen_at: account.seen_at, ruling: member.ruling }
    }

    /// What a story is called in a notification's id: its address; where that isn't its alone, or it has none, with title and time.
    pub(super) fn name(&self) -> String {
        let Shown { url, publisher, title, published, has_place, .. } = self.shown;
        if has_place {
            return url.to_owned();
        }
        let place = if url.is_empty() { publisher } else { url };
        format!("{place} {title} {at}", at = published.unwrap_or(self.seen_at).as_millisecond())
    }

    fn payload(&self) -> StoryPayload<'a> {
        let Shown { url, link, publisher, title, text, lang, published, has_place: _ } = self.shown;
        StoryPayload {
            id: self.id,
            url,
            link,
            title,
            publisher,
            lang,
            published,
            seen_at: self.seen_at,
            summary: lead(text, SUMMARY_CHARS),
            ruling: self.ruling.label(),
        }
    }
}

/// What `story` causes in `event`, as far as the index knows them.
pub(super) fn occasion<'a>(
    (kind, why): (NotificationType, &'a str),
    topic: &'a TopicSpec,
    index: &'a Index,
    (event, story): (EventId, StoryId),
    (reasons, changes): (&'a [Reason], &'a [Change]),
    now: Timestamp,
) -> Option<Occasion<'a>> {
    let open = index.event(event)?;
    let cause = index.member(story)?;
    let apart = match kind {
        NotificationType::EventUpdated => vec![cause.account.revision.to_string()],
        NotificationType::EventOpened
        | NotificationType::EventMerged
        | NotificationType::SourceFailing
        | NotificationType::SourceRecovered
        | NotificationType::SubscriptionDisabled
        | NotificationType::SubscriptionTest
        | NotificationType::Digest => Vec::new(),
    };
    Some(Occasion {
        kind,
        why,
        topic,
        event,
        opened_at: open.opened_at,
        title: &open.title,
        cause: Teller::member(cause),
        stories: open.members.iter().filter_map(|m| index.member(*m)).map(Teller::member).collect(),
        publishers: open.publishers.len(),
        reasons,
        changes,
        merged: Vec::new(),
        apart,
        now,
    })
}

/// Makes the notification.
///
/// Its id is made of the type, the topic and what the story is called ([`Teller::name`]), and for updates of the revision: the same facts
/// give the same id in any database.
pub(super) fn notification(occasion: &Occasion<'_>) -> Notification {
    let named = occasion.cause.name();
    let mut parts = vec![occasion.topic.key.as_str(), &named];
    parts.extend(occasion.apart.iter().map(String::as_str));
    let body = payload::event(
        occasion.kind,
        occasion.now,
        &EventPayload {
            topic: occasion.topic,
            event: occasion.event,
            event_opened_at: occasion.opened_at,
            title: occasion.title,
            story: occasion.cause.payload(),
            stories: occasion.stories.iter().map(Teller::payload).collect(),
            publishers: u32::try_from(occasion.publishers).unwrap_or(u32::MAX),
            reasons: occasion.reasons,
            why: occasion.why,
            changes: occasion.changes,
            merged: &occasion.merged,
        },
    );
    Notification {
        id: notification_id(occasion.kind, &parts),
        kind: occasion.kind,
        topic: Some(occasion.topic.key.clone()),
        event: Some(occasion.event),
        story: Some(occasion.cause.id),
        source: None,
        created_at: occasion.now,
        body,
    }
}

/// The subscriptions that want an update that the scene's story brings.
pub(super) fn update_takers(
    scene: &Scene<'_>,
    cause: Shown<'_>,
    arrived: &Arrived,
    audience: &Audience,
) -> Vec<SubscriptionId> {
    const KIND: NotificationType = NotificationType::EventUpdated;
    let (lang, publisher) = (cause.lang, Some(cause.publisher));
    let wants = |s: &&Subscription| {
        let filter = &s.spec.filter;
        wanted(filter, KIND, Some(scene.topic), lang, publisher)
            && wants_update(filter, arrived.update_for(s.id))
            && !(matches!(arrived.update, Update::Joined { .. }) && audience.has_counted(s))
            && audience.follows(scene, s)
    };
    scene.subscriptions.iter().filter(wants).map(|s| s.id).collect()
}

/// The subscriptions that want to hear that two events are one: of the selective ones those that were told of both, or,
/// where they want no openings, that the first story fits.
pub(super) fn merged_takers(scene: &Scene<'_>, told_both: &BTreeSet<SubscriptionId>) -> Vec<SubscriptionId> {
    const KIND: NotificationType = NotificationType::EventMerged;
    let wants = |s: &&Subscription| {
        let filter = &s.spec.filter;
        let is_on = filter.topics.is_empty() || filter.topics.contains(scene.topic);
        let follows = match (filter.is_selective(), filter.takes(NotificationType::EventOpened)) {
            (false, _) => true,
            (true, true) => told_both.contains(&s.id),
            (true, false) => scene.fitting.contains(&s.id),
        };
        filter.takes(KIND) && is_on && follows
    };
    scene.subscriptions.iter().filter(wants).map(|s| s.id).collect()
}

/// What tells the notification of a late opening from others by the same story: the event's first story, the revision, and
/// how many publishers carry the event.
pub(super) fn open_late(occasion: &mut Occasion<'_>, revision: u32) {
    let first = occasion.stories.first().map(Teller::name).unwrap_or_default();
    occasion.apart = vec![first, revision.to_string(), occasion.publishers.to_string()];
}
