//! What arrives inside an event that was told: what it tells otherwise than before, and what kind of update it is.

use std::collections::BTreeSet;

use crate::deliver::Update;
use crate::facts::{self, Facts, Known, Said};
use crate::model::{
    Change, ChangeKind, EventId, NotificationType, Reason, Stage, StoryId, Subscription, SubscriptionId, Updates,
};

use super::index::{Index, Member};
use super::shown::Shown;

/// Of a long event, so many of its first and of its last stories are looked at.
const FIRST_STORIES: usize = 5;
const LAST_STORIES: usize = 20;
/// Stories of which subscribers were told whose words are looked at for what the event is about.
const TOLD_STORIES: usize = 200;

/// An update, and what changed by it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arrived {
    pub(super) update: Update,
    pub(super) changes: Vec<Change>,
    /// Who hasn't heard yet what its title says came of the matter.
    unheard: BTreeSet<SubscriptionId>,
}

impl Arrived {
    /// What kind of update it is to a subscription.
    pub(super) fn update_for(&self, subscription: SubscriptionId) -> Update {
        match self.update {
            Update::Joined { publishers, is_new_publisher, is_repeat, is_change, is_outcome: _ } => {
                let is_outcome = self.unheard.contains(&subscription);
                Update::Joined { publishers, is_new_publisher, is_repeat, is_change, is_outcome }
            }
            corrected @ Update::Corrected { .. } => corrected,
        }
    }

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
    let (results, unheard) =
        if is_repeat { Default::default() } else { results(index, (event, story), subscriptions).unwrap_or_default() };
    let mut changes = if !unheard.is_empty() || subscriptions.iter().any(compares) {
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
    let is_change = !changes.is_empty();
    if !unheard.is_empty() {
        let is_there = |change: &Change| changes.iter().any(|one| (one.kind, &one.now) == (change.kind, &change.now));
        let more: Vec<Change> = results.iter().map(facts::Told::change).filter(|one| !is_there(one)).collect();
        changes.extend(more);
        changes.sort_by_key(|change| change.kind);
    }
    let update = Update::Joined { publishers, is_new_publisher, is_repeat, is_change, is_outcome: !unheard.is_empty() };
    Arrived { update, changes, unheard }
}

/// The results that a story's title tells, of what the event is about, and who asks for results and hasn't heard one of them. Who was told
/// of the event by a story heard it as a whole; of others titles alone, as those are told for that.
fn results(
    index: &Index,
    (event, story): (EventId, StoryId),
    subscriptions: &[Subscription],
) -> Option<(Vec<facts::Told>, BTreeSet<SubscriptionId>)> {
    let asks = |s: &&Subscription| s.spec.filter.updates == Updates::Outcome && listens(s);
    let (open, member) = (index.event(event)?, index.member(story)?);
    subscriptions.iter().find(asks)?;
    let Shown { title, text, lang, .. } = member.account.kept.shown();
    let mut results = facts::results(title, text, lang);
    if results.is_empty() {
        return None;
    }
    let telling = open.audience.telling();
    let others = open.members.iter().filter(|id| **id != story).filter_map(|id| index.member(*id));
    let told: Vec<&Member> = others.filter(|m| m.was_told || telling.contains(&m.account.story)).collect();
    let words: Vec<Known> = told.iter().take(TOLD_STORIES).map(|member| known(member)).collect();
    let of_event: Vec<&Known> = words.iter().collect();
    results.retain(|result| result.is_of(&of_event));
    let is_first = |member: &&&Member| member.heard.is_opening || telling.contains(&member.account.story);
    let first = told.iter().filter(is_first).map(|member| (*member, member.heard.first(member.account.kept.shown())));
    let first: Vec<(&Member, Said)> = first.collect();
    let has_heard = |subscription: &Subscription, result: &facts::Told| {
        let filter = &subscription.spec.filter;
        let told_by = open.audience.told_by(subscription.id);
        let heard = |member: &Member| {
            if filter.is_selective() {
                told_by == Some(member.account.story)
            } else {
                member.heard.is_opening && filter.takes(NotificationType::EventOpened)
            }
        };
        first.iter().any(|(member, said)| heard(member) && result.is_in(said))
            || told.iter().flat_map(|member| member.heard.by_title(subscription.id)).any(|said| result.is_in(said))
    };
    let lacks = |s: &&Subscription| results.iter().any(|result| !has_heard(s, result));
    let unheard = subscriptions.iter().filter(asks).filter(lacks).map(|s| s.id).collect();
    Some((results, unheard))
}

/// What an event is known to be about by a story.
fn known(member: &Member) -> Known {
    let Shown { title, text, lang, .. } = member.account.kept.shown();
    if member.heard.is_opening { Known::of(title, text, lang) } else { Known::of_title(title, text, lang) }
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
    Arrived { update: Update::Corrected { is_retitled, is_change, was_told }, changes, unheard: BTreeSet::new() }
}

fn facts_of(Shown { title, text, lang, .. }: Shown<'_>) -> Facts {
    facts::of(title, text, lang)
}

/// Whether a subscription hears of anything that joins an event.
fn listens(subscription: &Subscription) -> bool {
    let filter = &subscription.spec.filter;
    filter.updates != Updates::Never && filter.types.contains(&NotificationType::EventUpdated)
}

/// Whether it hears of more than outcomes, so that each story must be compared.
fn compares(subscription: &Subscription) -> bool {
    subscription.spec.filter.updates != Updates::Outcome && listens(subscription)
}
