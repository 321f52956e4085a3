//! What subscribers heard by a story of what came of an event: by its opening, and by what was told inside it.

use std::mem;

use crate::facts::{self, Known, Said};
use crate::model::{NotificationType, StoryId, SubscriptionId};
use crate::text::lead;

use super::super::shown::Shown;
use super::{Index, Member, SUMMARY_CHARS};

/// Who heard what by a story.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Heard {
    /// Whether the event was opened by it, to all that ask no more than a topic.
    pub(in super::super) is_opening: bool,
    /// What it said when it was told first, where it was edited since.
    first: Option<Box<Said>>,
    /// What its title said when it was told inside the event, and to whom; where that was of a result.
    updates: Vec<(Said, Box<[SubscriptionId]>)>,
}

impl Heard {
    /// Takes in that a story was told as it is.
    fn take(&mut self, kind: NotificationType, shown: Shown<'_>, takers: &[SubscriptionId]) {
        if kind == NotificationType::EventOpened {
            self.is_opening = true;
            return;
        }
        let Shown { title, text, lang, .. } = shown;
        let said = facts::said(title, text, lang);
        if !said.is_empty() {
            self.updates.push((said, takers.into()));
        }
    }

    /// Takes in that a story which said this is edited, or was.
    fn was_edited(&mut self, shown: Shown<'_>) {
        self.first.get_or_insert_with(|| Box::new(whole(shown).said().clone()));
    }

    /// All that it said when it was told first.
    pub(in super::super) fn first(&self, shown: Shown<'_>) -> Said {
        self.first.as_ref().map_or_else(|| whole(shown).said().clone(), |said| (**said).clone())
    }

    /// What a subscription heard by its title.
    pub(in super::super) fn by_title(&self, subscription: SubscriptionId) -> impl Iterator<Item = &Said> {
        self.updates.iter().filter(move |(_, to)| to.contains(&subscription)).map(|(said, _)| said)
    }
}

impl Member {
    /// What stays of it when a later revision takes its place: whether it was told, and what was heard by it.
    pub(super) fn before_edition(&mut self) -> (bool, Heard) {
        if self.was_told {
            self.heard.was_edited(self.account.kept.shown());
        }
        (self.was_told, mem::take(&mut self.heard))
    }
}

impl Index {
    /// Notes that subscribers were told of a story as it is: these of what it brings inside its event, or all as an opening.
    pub(in super::super) fn told(&mut self, story: StoryId, kind: NotificationType, takers: &[SubscriptionId]) {
        if let Some(member) = self.stories.get_mut(&story) {
            member.was_told = true;
            member.heard.take(kind, member.account.kept.shown(), takers);
        }
    }

    /// Notes that an event was told late by a story, to whom its audience says.
    pub(in super::super) fn told_late(&mut self, story: StoryId) {
        if let Some(member) = self.stories.get_mut(&story) {
            member.was_told = true;
        }
    }

    /// Notes what a story said when it was told first.
    pub(in super::super) fn told_as(&mut self, story: StoryId, (title, text): (&str, &str)) {
        if let Some(member) = self.stories.get_mut(&story) {
            let text = lead(text, SUMMARY_CHARS);
            member.heard.was_edited(Shown { title, text, ..member.account.kept.shown() });
        }
    }
}

fn whole(Shown { title, text, lang, .. }: Shown<'_>) -> Known {
    Known::of(title, text, lang)
}
