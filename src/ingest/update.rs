//! What arrives inside an event that was told: what it tells otherwise than before, and what kind of update it is.

use crate::deliver::Update;
use crate::facts::{self, Facts};
use crate::model::{Change, ChangeKind, EventId, NotificationType, Reason, Stage, StoryId, Subscription, Updates};

use super::index::Index;
use super::shown::Shown;

/// Of a long event, so many of its first and of its last stories are looked at.
const FIRST_STORIES: usize = 5;
const LAST_STORIES: usize = 20;

/// An update, and what changed by it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arrived {
    pub(super) update: Update,
    pub(super) changes: Vec<Change>,
}

impl Arrived {
    /// The payload's word for it.
    pub(super) fn why(&self) -> &'static str {
        match self.update {
            Update::Joined { is_new_publisher: true, .. } => "publisher",
            Update::Joined { is_new_publisher: false, .. } => "story",
            Update::Corrected { .. } => "correction",
        }
    }

    /// A reason a change.
    pub(super) fn reasons(&self) -> impl Iterator<Item = Reason> {
        self.changes.iter().map(|change| Reason {
            stage: Stage::Tell,
            text: format!("changed: {change}"),
            numbers: Vec::new(),
            story: None,
        })
    }
}

/// A story that joined an event: compared with the others, if anybody listens for updates.
pub(super) fn joined(
    index: &Index,
    (event, story): (EventId, StoryId),
    (is_new_publisher, is_repeat): (bool, bool),
    subscriptions: &[Subscription],
) -> Arrived {
    let open = index.event(event);
    let publishers = open.map_or(0, |open| u32::try_from(open.publishers.len()).unwrap_or(u32::MAX));
    let changes = if subscriptions.iter().any(listens) {
        let others: Vec<StoryId> =
            open.map(|open| open.members.iter().copied().filter(|id| *id != story).collect()).unwrap_or_default();
        let last = others.len().saturating_sub(LAST_STORIES).max(FIRST_STORIES);
        let looked_at = others.iter().enumerate().filter(|(n, _)| *n < FIRST_STORIES || *n >= last);
        let stated = |id: &StoryId| index.member(*id).map(|member| facts_of(member.account.kept.shown()));
        let before: Vec<Facts> = looked_at.filter_map(|(_, id)| stated(id)).collect();
        stated(&story).map_or_else(Vec::new, |now| facts::changes(&before, &now))
    } else {
        Vec::new()
    };
    let update = Update::Joined { publishers, is_new_publisher, is_repeat, is_change: !changes.is_empty() };
    Arrived { update, changes }
}

/// A story that its publisher edited: compared with what it said. Both texts are cut as the index keeps them. Of one whose title alone is
/// another, that is the change.
pub(super) fn corrected(old: Shown<'_>, new: Shown<'_>, was_told: bool) -> Arrived {
    let mut changes = facts::corrected(&facts_of(old), &facts_of(new));
    let (is_retitled, is_change) = (old.title != new.title, !changes.is_empty());
    if is_retitled && !is_change && !old.title.is_empty() {
        let (now, before) = (new.title.to_owned(), Some(old.title.to_owned()));
        changes.push(Change { kind: ChangeKind::Title, now, before });
    }
    Arrived { update: Update::Corrected { is_retitled, is_change, was_told }, changes }
}

fn facts_of(Shown { title, text, lang, .. }: Shown<'_>) -> Facts {
    facts::of(title, text, lang)
}

fn listens(subscription: &Subscription) -> bool {
    let filter = &subscription.spec.filter;
    filter.updates != Updates::Never && filter.types.contains(&NotificationType::EventUpdated)
}
