//! What operators said is obeyed for ever: by later stories, by corrections, by a decider made anew.

use crate::ingest::{Scene, mark, merge, split};
use crate::model::{Corrected, EventView, Hush, Impossible, Mark, Repair, StoryState};

use super::*;

const RESIGNS: (&str, &str) = (
    "Minister resigns over resolution on port fees",
    "The transport minister stepped down on Tuesday after the resolution on port fees failed in parliament.",
);

impl Newsroom {
    /// An event as the store shows it.
    fn view(&self, event: i64) -> EventView {
        let member = |(story, decisions): &(Story, Vec<Decision>)| {
            let last = decisions.iter().rev().find(|d| d.topic.is_some())?;
            let told = decisions.iter().rev().find(|d| d.ruling != Ruling::Corrected).unwrap_or(last);
            (last.event == Some(EventId(event))).then(|| (story.clone(), told.clone()))
        };
        let stories = self.history.iter().filter_map(member).collect();
        EventView { event: self.events[&EventId(event)].clone(), stories }
    }

    /// Carries out a correction as the store does, and takes it up as the daemon does: by a decider made anew.
    fn corrects(&mut self, think: impl FnOnce(&Self, &Scene<'_>) -> Result<(Repair, Corrected), Impossible>) -> Repair {
        let (topics, subscriptions) = ([topic()], self.subscriptions());
        let next_event = EventId(self.next_event());
        let (hearings, now) = (&self.hearings, self.now);
        let scene = Scene { topics: &topics, subscriptions: &subscriptions, next_event, now, hearings };
        let (repair, _) = think(self, &scene).unwrap();
        let commit = Commit { opened: repair.opened.clone(), changed: repair.changed.clone(), ..Commit::default() };
        let (first, _) = self.history[0].clone();
        self.remember(first, &commit);
        for decision in &repair.decisions {
            let kept = self.history.iter_mut().find(|(s, _)| s.id == decision.story).unwrap();
            kept.1.push(decision.clone());
        }
        for (gone, into) in &repair.merged {
            self.events.get_mut(gone).unwrap().merged_into = Some(*into);
            self.inherit(*gone, *into);
        }
        repair.heirs.iter().for_each(|(from, to)| self.inherit(*from, *to));
        repair.hearings.iter().for_each(|hearing| self.hears_of(*hearing));
        for gone in &repair.withdrawn {
            let held = |l: &Label| gone.of.contains(&l.story) && l.other.is_none_or(|other| gone.with.contains(&other));
            self.labels.retain(|l| l.said != gone.said || !held(l));
        }
        self.labels.extend(repair.labels.clone());
        self.decider = self.rebuilt();
        repair
    }

    pub(super) fn merges(&mut self, events: &[i64]) -> Repair {
        self.corrects(|room, scene| merge(&events.iter().map(|e| room.view(*e)).collect::<Vec<_>>(), scene))
    }

    pub(super) fn splits(&mut self, event: i64, story: i64) -> Repair {
        self.corrects(|room, scene| split(&room.view(event), &[StoryId(story)], Hush::Quiet, scene))
    }

    fn marks(&mut self, story: i64, way: Mark, hush: Hush) -> Repair {
        self.corrects(|room, scene| {
            let (mut found, past) = room.history.iter().find(|(s, _)| s.id == StoryId(story)).unwrap().clone();
            found.state = StoryState::Decided;
            let event = past.iter().rev().find(|d| d.topic.is_some()).and_then(|d| d.event);
            let places: Vec<EventView> = event.iter().map(|e| room.view(e.0)).collect();
            let last = past.iter().rev().find_map(|d| d.event);
            let last = last.map(|id| room.events[&id].merged_into.unwrap_or(id));
            let former: Vec<EventView> = last.iter().map(|e| room.view(e.0)).collect();
            mark((&found, &past), (&places, &former), (way, hush), None, scene)
        })
    }

    fn edits(&mut self, story: i64, title: &str) -> Commit {
        let (mut edited, _) = self.history.iter().find(|(s, _)| s.id == StoryId(story)).unwrap().clone();
        edited.revision += 1;
        edited.draft.title = title.to_owned();
        edited.draft.fingerprint += 1;
        self.decide(edited)
    }

    fn again(&mut self, story: i64) -> Commit {
        let (story, _) = self.history.iter().find(|(s, _)| s.id == StoryId(story)).unwrap().clone();
        self.decide(story)
    }
}

fn event(commit: &Commit) -> Option<i64> {
    commit.decisions[0].event.map(|event| event.0)
}

#[test]
fn after_a_merge_what_is_like_either_event_joins_the_one_that_is_left_and_is_not_told_as_new() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    room.comes(&by("two.example", RESIGNS));
    assert!(room.merges(&[1, 2]).notifications.is_empty(), "a plain subscription hears nothing");
    for words in [ADOPTED, RESIGNS, RETOLD] {
        let later = room.comes(&by("three.example", words));
        assert_eq!((event(&later), told(&later)), (Some(1), vec![]), "{words:?}");
    }
}

#[test]
fn after_a_split_what_is_like_the_moved_story_goes_to_where_it_is_and_is_not_told_as_new() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    assert_eq!(event(&room.comes(&by("two.example", RETOLD))), Some(1));
    assert!(room.splits(1, 2).notifications.is_empty());
    let like_moved = room.comes(&by("three.example", RETOLD));
    let like_first = room.comes(&by("four.example", ADOPTED));
    assert_eq!((event(&like_moved), told(&like_moved)), (Some(2), vec![]));
    assert_eq!((event(&like_first), told(&like_first)), (Some(1), vec![]));
}

#[test]
fn a_story_that_was_moved_stays_where_it_was_moved_to_when_it_is_edited() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    room.comes(&by("two.example", RETOLD));
    room.splits(1, 2);
    let edited = room.edits(2, ADOPTED.0);
    assert_eq!((event(&edited), ruling(&edited)), (Some(2), Ruling::Corrected));
    room.decider = room.rebuilt();
    assert_eq!(event(&room.edits(2, "Resolution passed")), Some(2));
}

#[test]
fn a_story_marked_off_topic_stays_off_it_when_edited_and_so_do_copies_that_come_later() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    room.comes(&by("two.example", STRANGER));
    room.marks(1, Mark::OffTopic, Hush::Quiet);
    let edited = room.edits(1, "A resolution of another kind");
    assert_eq!((ruling(&edited), event(&edited)), (Ruling::OffTopic, None));
    let copy = room.comes(&by("three.example", ADOPTED));
    assert_eq!((ruling(&copy), event(&copy), told(&copy)), (Ruling::OffTopic, None, vec![]));
    assert_eq!(copy.decisions[0].reasons.last().unwrap().story, Some(StoryId(1)));
    // What only tells of the same thing in other words is judged by the query, as ever.
    assert_eq!(ruling(&room.comes(&by("four.example", RETOLD))), Ruling::Opened);
}

#[test]
fn a_story_that_the_query_misses_is_put_on_the_topic_and_told_only_when_that_is_asked_for() {
    const MISSED: (&str, &str) = ("Assembly votes on cyber security", "Delegates in New York voted on Monday.");
    for (hush, expected) in [(Hush::Quiet, vec![]), (Hush::Tell, vec![OPENED])] {
        let mut room = Newsroom::new();
        assert_eq!(ruling(&room.comes(&by("one.example", MISSED))), Ruling::OffTopic);
        room.marks(1, Mark::OnTopic, hush);
        let placed = room.again(1);
        assert_eq!((ruling(&placed), event(&placed), told(&placed)), (Ruling::Opened, Some(1), expected));
        assert_eq!(event(&room.edits(1, "Assembly votes")), Some(1), "it stays on it, whatever it says then");
    }
}

#[test]
fn a_story_whose_mark_is_taken_back_is_in_its_event_again_and_what_tells_the_same_is_not_told_as_new() {
    let mut room = Newsroom::new();
    assert_eq!(told(&room.comes(&by("one.example", ADOPTED))), [OPENED]);
    room.marks(1, Mark::OffTopic, Hush::Quiet);
    let back = room.marks(1, Mark::OnTopic, Hush::Quiet);
    assert_eq!((back.undecided.len(), back.notifications.len()), (0, 0));
    let placed = &back.decisions[0];
    assert_eq!((placed.ruling, placed.event), (Ruling::Opened, Some(EventId(1))));
    let later = room.comes(&by("two.example", RETOLD));
    assert_eq!((event(&later), told(&later)), (Some(1), vec![]));
    // Asked to tell, it isn't told twice either.
    room.marks(1, Mark::OffTopic, Hush::Quiet);
    let back = room.marks(1, Mark::OnTopic, Hush::Tell);
    assert_eq!(back.undecided, []);
    assert_eq!(back.decisions[0].event, Some(EventId(1)));
}

#[test]
fn a_story_whose_mark_is_taken_back_joins_those_that_stayed() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    room.comes(&by("two.example", RETOLD));
    room.marks(1, Mark::OffTopic, Hush::Quiet);
    let back = room.marks(1, Mark::OnTopic, Hush::Quiet);
    assert_eq!((back.decisions[0].ruling, back.decisions[0].event), (Ruling::Joined, Some(EventId(1))));
    assert_eq!(back.led, [], "who leads it meanwhile goes on leading it");
}

#[test]
fn a_story_that_is_placed_anew_goes_by_what_was_said_of_its_event() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    room.comes(&by("two.example", RETOLD));
    room.splits(1, 2);
    room.marks(2, Mark::OffTopic, Hush::Quiet);
    let apart = room.marks(2, Mark::OnTopic, Hush::Quiet);
    assert_eq!(apart.decisions[0].event, Some(EventId(2)), "never with what it was split from");

    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    room.comes(&by("two.example", RESIGNS));
    room.merges(&[1, 2]);
    room.marks(2, Mark::OffTopic, Hush::Quiet);
    let same = room.marks(2, Mark::OnTopic, Hush::Quiet);
    assert_eq!(same.decisions[0].event, Some(EventId(1)), "always with what it was merged with");
}

#[test]
fn a_story_goes_back_into_what_its_event_was_merged_into() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    room.comes(&by("two.example", RESIGNS));
    room.comes(&by("three.example", RESIGNS));
    room.marks(2, Mark::OffTopic, Hush::Quiet);
    room.merges(&[1, 2]);
    let back = room.marks(2, Mark::OnTopic, Hush::Quiet);
    assert_eq!(back.undecided, []);
    assert_eq!((back.decisions[0].ruling, back.decisions[0].event), (Ruling::Joined, Some(EventId(1))));
}

#[test]
fn a_story_whose_event_was_never_told_is_decided_anew_where_it_is_to_be_told() {
    let mut room = Newsroom::new();
    room.comes(&by("one.example", ADOPTED));
    room.events.get_mut(&EventId(1)).unwrap().told_at = None;
    room.marks(1, Mark::OffTopic, Hush::Quiet);
    let back = room.marks(1, Mark::OnTopic, Hush::Tell);
    assert_eq!(back.undecided, [StoryId(1)]);
    assert_eq!(back.decisions, []);
}
