//! What arrives inside an event that was told: what it tells otherwise than before, and what kind of update it is.

use std::collections::BTreeSet;

use crate::deliver::Update;
use crate::facts::{self, Facts, Heard, Known};
use crate::model::{
    Change, ChangeKind, EventId, NotificationType, Reason, Stage, StoryId, Subscription, SubscriptionId, Updates,
};

use super::audience::Queries;
use super::index::{Index, Member};
use super::shown::Shown;

/// Of a long event, so many of its first and of its last stories are looked at.
const FIRST_STORIES: usize = 5;
const LAST_STORIES: usize = 20;
/// Stories of which subscribers were told that are looked at for a result.
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
    queries: &mut Queries,
    (event, story): (EventId, StoryId),
    (is_new_publisher, is_repeat): (bool, bool),
    subscriptions: &[Subscription],
) -> Arrived {
    let open = index.event(event);
    let publishers = open.map_or(0, |open| u32::try_from(open.publishers.len()).unwrap_or(u32::MAX));
    let results = if is_repeat { Vec::new() } else { results(index, (event, story), subscriptions) };
    let unheard = unheard(index, queries, &results, subscriptions);
    let is_first = results.iter().any(|result| result.told_by.is_empty());
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
    let is_change = is_first || !changes.is_empty();
    if !unheard.is_empty() || is_first {
        let is_there = |change: &Change| changes.iter().any(|one| (one.kind, &one.now) == (change.kind, &change.now));
        let more: Vec<Change> = results.into_iter().map(|result| result.change).filter(|one| !is_there(one)).collect();
        changes.extend(more);
        changes.sort_by_key(|change| change.kind);
    }
    let update = Update::Joined { publishers, is_new_publisher, is_repeat, is_change, is_outcome: !unheard.is_empty() };
    Arrived { update, changes, unheard }
}

/// What a story's title says came of the event's matter.
struct Result {
    change: Change,
    /// Stories of which subscribers were told, and that said so before.
    told_by: Vec<StoryId>,
}

/// The results that a story's title tells, of what the event is about: held against what was told of that. The story that told the
/// event was heard as a whole, others by their titles, as those are told for that.
fn results(index: &Index, (event, story): (EventId, StoryId), subscriptions: &[Subscription]) -> Vec<Result> {
    let asks = |s: &Subscription| matches!(s.spec.filter.updates, Updates::Outcome | Updates::Changed);
    let (Some(open), Some(member)) = (index.event(event), index.member(story)) else { return Vec::new() };
    if !subscriptions.iter().any(|subscription| asks(subscription) && listens(subscription)) {
        return Vec::new();
    }
    let Shown { title, text, lang, .. } = member.account.kept.shown();
    let results = facts::results(title, text, lang);
    if results.is_empty() {
        return Vec::new();
    }
    let told = open.members.iter().filter(|id| **id != story).filter_map(|id| index.member(*id));
    let told = told.filter(|member| member.was_told).take(TOLD_STORIES).enumerate();
    let known: Vec<(StoryId, Known)> = told.map(|(nth, member)| (member.account.story, known(member, nth))).collect();
    let of_event: Vec<&Known> = known.iter().map(|(_, known)| known).collect();
    let results = results.into_iter().filter(|result| result.is_of(&of_event));
    let told_by =
        |result: &facts::Told| known.iter().filter(|(_, known)| result.is_in(known)).map(|(story, _)| *story).collect();
    results.map(|result| Result { told_by: told_by(&result), change: result.change() }).collect()
}

/// What was heard by the nth story that was told of an event.
fn known(member: &Member, nth: usize) -> Known {
    let Shown { title, text, lang, .. } = member.account.kept.shown();
    Known::of(title, text, lang, if nth == 0 { Heard::Whole } else { Heard::Title })
}

/// Who asks for results and hasn't heard one of these: of the selective subscriptions those that no story fitted which told it.
fn unheard(
    index: &Index,
    queries: &mut Queries,
    results: &[Result],
    subscriptions: &[Subscription],
) -> BTreeSet<SubscriptionId> {
    let asking = subscriptions.iter().filter(|s| s.spec.filter.updates == Updates::Outcome && listens(s));
    let mut unheard = BTreeSet::new();
    for result in results {
        let told_by = result.told_by.iter().filter_map(|story| index.member(*story));
        let heard: BTreeSet<SubscriptionId> =
            told_by.flat_map(|member| queries.fitting_anew(member.account.kept.shown(), subscriptions)).collect();
        let has_heard = |subscription: &Subscription| {
            let is_selective = subscription.spec.filter.is_selective();
            if is_selective { heard.contains(&subscription.id) } else { !result.told_by.is_empty() }
        };
        unheard.extend(asking.clone().filter(|subscription| !has_heard(subscription)).map(|s| s.id));
    }
    unheard
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
