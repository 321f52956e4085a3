//! The notification of an event: its identity, its payload, and who takes it.

use crate::deliver::payload::{self, EventPayload, StoryPayload};
use crate::deliver::{notification_id, wanted};
use crate::model::{EventId, Notification, NotificationType, Reason, Ruling, StoryId, SubscriptionId, TopicSpec};
use crate::text::lead;

use super::decide::Context;
use super::index::{Index, Member};

/// Characters of a story's text in a payload.
const SUMMARY_CHARS: usize = 400;

/// Makes the notification that `story` causes in `event`, and lists the subscriptions that want it.
///
/// Its id is made of the type, the topic and the story's address (or publisher and title where it has none), and for
/// updates of the revision: the same facts give the same id in any database.
pub(super) fn event(
    kind: NotificationType,
    topic: &TopicSpec,
    index: &Index,
    (event, story): (EventId, StoryId),
    (reasons, ruling): (&[Reason], Ruling),
    context: &Context<'_>,
) -> Option<(Notification, Vec<SubscriptionId>)> {
    let open = index.event(event)?;
    let cause = index.member(story)?;
    let draft = &cause.account.draft;
    let revision = cause.account.revision.to_string();
    let named = if draft.url.is_empty() { format!("{} {}", draft.publisher, draft.title) } else { draft.url.clone() };
    let id = match kind {
        NotificationType::EventUpdated => notification_id(kind, &[topic.key.as_str(), &named, &revision]),
        NotificationType::EventOpened
        | NotificationType::SourceFailing
        | NotificationType::SourceRecovered
        | NotificationType::SubscriptionTest => notification_id(kind, &[topic.key.as_str(), &named]),
    };
    let why = match (kind, ruling) {
        (NotificationType::EventOpened, _) => "opened",
        (_, Ruling::Corrected) => "correction",
        _ => "publisher",
    };
    let members: Vec<&Member> = open.members.iter().filter_map(|m| index.member(*m)).collect();
    let body = payload::event(
        kind,
        context.now,
        &EventPayload {
            topic,
            event,
            event_opened_at: open.opened_at,
            title: &open.title,
            story: story_payload(cause),
            stories: members.iter().map(|m| story_payload(m)).collect(),
            publishers: u32::try_from(open.publishers.len()).unwrap_or(u32::MAX),
            reasons,
            why,
        },
    );
    let takers = context
        .subscriptions
        .iter()
        .filter(|s| wanted(&s.spec.filter, kind, Some(&topic.key), draft.lang.as_deref(), Some(&draft.publisher)))
        .map(|s| s.id)
        .collect();
    let notification = Notification {
        id,
        kind,
        topic: Some(topic.key.clone()),
        event: Some(event),
        story: Some(story),
        source: None,
        created_at: context.now,
        body,
    };
    Some((notification, takers))
}

fn story_payload(member: &Member) -> StoryPayload<'_> {
    let draft = &member.account.draft;
    StoryPayload {
        id: member.account.story,
        url: &draft.url,
        link: &draft.link,
        title: &draft.title,
        publisher: &draft.publisher,
        lang: draft.lang.as_deref(),
        published: draft.published,
        seen_at: member.account.seen_at,
        summary: lead(&draft.text, SUMMARY_CHARS),
        ruling: member.ruling.label(),
    }
}
