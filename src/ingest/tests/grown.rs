//! The late discovery that two events are one: made one quietly, obeyed by what comes next, never told anew.

use super::*;

const MERGED: NotificationType = NotificationType::EventMerged;

/// One evening, told from two ends at first, and then whole.
const VOTE: [(&str, &str); 3] = [
    (
        "Resolution on harbors passes at night",
        "Delegates raised their hands after midnight and the chairman counted forty of them before the recess.",
    ),
    (
        "Harbors resolution passes after midnight count",
        "The chairman counted hands twice; forty delegates stood for it and left for the recess at night.",
    ),
    (
        "Forty delegates pass resolution on harbors",
        "Hands were raised after midnight, the chairman counted, and a recess followed the night's work.",
    ),
];
const PROTEST: [(&str, &str); 3] = [
    (
        "Dockworkers march against a resolution",
        "Thousands of dockworkers with drums walked from the station to the old customs house on Thursday.",
    ),
    (
        "Drums in the streets: dockworkers march over resolution",
        "From the station to the customs house walked thousands of dockworkers, drumming, on Thursday.",
    ),
    (
        "Thousands march with drums against resolution",
        "Dockworkers left the station on Thursday and stood before the old customs house by thousands.",
    ),
];
const WHOLE: [(&str, &str); 4] = [
    (
        "Resolution on harbors passes as dockworkers march",
        "Delegates raised forty hands after midnight, the chairman said; thousands of dockworkers with drums walked from \
         the station to the customs house.",
    ),
    (
        "Dockworkers march, harbors resolution passes",
        "Thousands of dockworkers, drums, the customs house on Thursday; delegates, forty hands, midnight and the \
         chairman's count before the recess.",
    ),
    (
        "Night of drums: dockworkers march, resolution on harbors passes",
        "While dockworkers by thousands walked from the station with drums, delegates raised hands and the chairman \
         counted forty after midnight.",
    ),
    (
        "Harbors resolution passes amid drums of dockworkers",
        "The chairman counted forty delegates' hands at midnight; thousands of dockworkers walked to the old customs \
         house on Thursday with drums.",
    ),
];
const PUBLISHERS: [&str; 10] = [
    "one.example",
    "two.example",
    "three.example",
    "four.example",
    "five.example",
    "six.example",
    "seven.example",
    "eight.example",
    "nine.example",
    "ten.example",
];

/// All of it comes; the commits, in order.
fn evening(room: &mut Newsroom) -> Vec<Commit> {
    let told = VOTE.into_iter().chain(PROTEST).chain(WHOLE);
    told.zip(PUBLISHERS).map(|(words, publisher)| room.comes(&by(publisher, words))).collect()
}

fn opened(commits: &[Commit]) -> usize {
    commits.iter().map(|commit| commit.opened.len()).sum()
}

/// The commit in which two events are made one.
fn grown(room: &mut Newsroom) -> Commit {
    let commits = evening(room);
    assert_eq!(opened(&commits), 2);
    commits.into_iter().find(|commit| !commit.merged.is_empty()).unwrap()
}

#[test]
fn two_events_that_grow_alike_are_made_one_and_nobody_is_told_anew() {
    let mut room = Newsroom::new();
    let commit = grown(&mut room);
    assert_eq!(commit.merged, [(EventId(2), EventId(1))]);
    assert!(commit.moved.iter().all(|d| d.event == Some(EventId(1))));
    assert!([4, 5, 6].iter().all(|id| commit.moved.iter().any(|d| d.story == StoryId(*id))));
    assert_eq!(told(&commit), []);
    let why = &commit.moved[0].reasons[0];
    assert!(
        why.text.starts_with("event 2 grew alike to event 1 (Resolution on harbors passes at night)"),
        "{}",
        why.text
    );
    let next = room.comes(&by("last.example", PROTEST[0]));
    assert_eq!(next.decisions[0].event, Some(EventId(1)));
}

#[test]
fn whoever_wants_merged_events_hears_of_it_once() {
    let mut room = Newsroom::hears(&[OPENED, MERGED]);
    let commit = grown(&mut room);
    assert_eq!(told(&commit), [MERGED]);
    let body = &commit.notifications[0].0.body;
    assert!(body.contains(r#""merged":[{"id":2,"title":"Dockworkers march against a resolution"}]"#), "{body}");
}

#[test]
fn what_an_operator_split_never_grows_together_again() {
    let mut room = Newsroom::new();
    let apart = Label {
        said: Said::Apart,
        topic: topic().spec.key,
        story: StoryId(4),
        other: Some(StoryId(1)),
        tell: false,
        at: room.now,
    };
    room.labels.push(apart);
    room.decider = room.rebuilt();
    let commits = evening(&mut room);
    assert_eq!(opened(&commits), 2);
    assert!(commits.iter().all(|commit| commit.merged.is_empty()));
}

#[test]
fn a_later_version_of_a_story_that_was_moved_stays_in_the_event_it_went_to() {
    let mut room = Newsroom::new();
    grown(&mut room);
    let (mut story, _) = room.history[3].clone();
    story.revision = 2;
    story.draft.title = "Dockworkers march against the resolution on harbors".to_owned();
    let commit = room.decide(story);
    assert_eq!((ruling(&commit), commit.decisions[0].event), (Ruling::Corrected, Some(EventId(1))));
}

#[test]
fn a_decider_made_anew_after_a_merge_goes_on_where_the_other_was() {
    let mut room = Newsroom::new();
    grown(&mut room);
    room.decider = room.rebuilt();
    let next = room.comes(&by("last.example", PROTEST[0]));
    assert_eq!((ruling(&next), next.decisions[0].event), (Ruling::Copy { of: StoryId(4) }, Some(EventId(1))));
    assert_eq!(told(&next), []);
}

/// Came first, and has a word or two in common with each of those that came later.
const FERRIES: (&str, &str) = (
    "Ferries stay in port",
    "Captains wait for the wind to drop, as a resolution of the owners keeps all boats moored.",
);
const STORM: [(&str, &str); 8] = [
    (
        "Storm uproots trees across Tolm",
        "The storm tore roofs from houses in Tolm and uprooted trees; no resolution of the power cuts is near, and ferries \
         stopped.",
    ),
    (
        "Storm tears roofs from houses in Tolm",
        "Trees were uprooted by the storm, power cuts go on without resolution, and the wind does not drop.",
    ),
    (
        "Tolm without power after storm",
        "Roofs, trees and power lines of Tolm fell in the storm; the captains of the harbor met for a resolution.",
    ),
    (
        "Storm cuts power in Tolm",
        "Uprooted trees lie on power lines and roofs in Tolm; the storm keeps boats moored, says a resolution.",
    ),
    (
        "Roofs and trees fall as storm hits Tolm",
        "Power cuts followed the storm in Tolm; a resolution asks ferries and boats to wait in port.",
    ),
    (
        "Storm over Tolm: trees uprooted, power gone",
        "Houses of Tolm lost roofs in the storm; owners of boats stay in port, by a resolution.",
    ),
    (
        "Storm leaves Tolm in the dark",
        "Power is gone in Tolm, roofs and uprooted trees block streets after the storm; captains wait, resolution or not.",
    ),
    (
        "Tolm counts roofs and trees lost to storm",
        "The storm uprooted trees and cut power in Tolm; moored ferries held, and a resolution on aid is due as the wind drops.",
    ),
];

#[test]
fn a_story_that_came_before_its_event_had_grown_goes_into_it_and_one_of_something_else_does_not() {
    let mut room = Newsroom::new();
    let fish = ("Fishmongers praise a resolution", "Herring is cheap again, and smoked eel sold out before noon.");
    let told = [FERRIES, fish].into_iter().chain(STORM);
    let commits: Vec<Commit> =
        told.zip(PUBLISHERS).map(|(words, publisher)| room.comes(&by(publisher, words))).collect();
    assert_eq!(opened(&commits), 3);
    let merged: Vec<_> = commits.iter().flat_map(|commit| &commit.merged).collect();
    assert_eq!(merged, [&(EventId(1), EventId(3))]);
    let moved = &commits.last().unwrap().moved[0];
    assert_eq!((moved.story, moved.ruling, moved.event), (StoryId(1), Ruling::Joined, Some(EventId(3))));
    let why = &moved.reasons[0];
    assert_eq!(
        why.text,
        "event 1 tells of event 3 (Storm uproots trees across Tolm), by its words, as that has grown since: merged into it"
    );
    assert!(why.numbers.iter().any(|(name, score)| *name == "score" && *score < 0.24), "{:?}", why.numbers);
}

/// The sick of two regions, by one pattern.
const ARVIK: [(&str, &str); 2] = [
    (
        "Arvik counts the sick under health resolution",
        "In Arvik doctors reported 120 new cases of the fever on Monday, and most of those who fell ill stay at home with their \
         families, as the resolution of the health office asks.",
    ),
    (
        "Health resolution: Arvik counts the sick again",
        "Doctors of Arvik saw new cases of fever; those who are ill stay at home as the health office's resolution asks of families \
         there, and most of them do.",
    ),
];
const TOLM: (&str, &str) = (
    "Tolm counts the sick under health resolution",
    "Of the fever 80 new cases came to light in Tolm, where a market and a school are shut until spring; most who fell ill stay in \
     bed, which the resolution asks, and nurses bring soup and bread to their doors.",
);

#[test]
fn reports_of_two_places_by_one_pattern_stay_two_as_one_of_them_grows() {
    let mut room = Newsroom::new();
    let of_words = Threshold { base: 0.42, crowding: 0.0, least: 0.0 };
    let policy = EventPolicy { by_words: of_words, ..EventPolicy::default() };
    room.decider = Decider::new(vec![topic()], matcher(), policy, &Remembered::NOTHING);
    let first = room.comes(&by("one.example", ARVIK[0]));
    let other = room.comes(&by("two.example", TOLM));
    assert_eq!((ruling(&first), ruling(&other)), (Ruling::Opened, Ruling::Opened), "{:?}", other.decisions[0].reasons);
    assert!(other.decisions[0].reasons.iter().any(|r| r.text.contains("neither names")), "parted by names alone");
    let again = room.comes(&by("three.example", ARVIK[1]));
    assert_eq!((ruling(&again), again.decisions[0].event), (Ruling::Joined, Some(EventId(1))));
    assert_eq!(again.merged, [], "they don't grow alike");
}
