//! What the decider does with what stories mean.

use crate::encode::{Compact, Vector, WIDTH};
use crate::model::{Ruling, StoryDraft};

use super::{ADOPTED, Given, Newsroom, STRANGER, by, ruling};

const IN_RUSSIAN: (&str, &str) =
    ("В Нью-Йорке приняли резолюцию", "Документ поддержали все страны, сообщили дипломаты после заседания.");

/// A model that knows three things: what happened in New York, fish, and nothing.
fn read(draft: &StoryDraft) -> Option<Compact> {
    let mut values = [0.0; WIDTH];
    let place = usize::from(draft.title == STRANGER.0);
    if let Some(value) = values.get_mut(place) {
        *value = 1.0;
    }
    Vector::toward(&values).map(|vector| vector.compact())
}

fn in_russian() -> Given {
    Given { lang: "ru", ..by("two.example", IN_RUSSIAN) }
}

fn with_a_model() -> Newsroom {
    Newsroom { read, ..Newsroom::new() }
}

#[test]
fn a_telling_in_another_language_joins_by_what_it_means_where_names_say_nothing() {
    let mut without = Newsroom::new();
    without.comes(&by("one.example", ADOPTED));
    assert_eq!(ruling(&without.comes(&in_russian())), Ruling::Opened);

    let mut with = with_a_model();
    with.comes(&by("one.example", ADOPTED));
    let commit = with.comes(&in_russian());
    assert_eq!(ruling(&commit), Ruling::Joined);
    let event = commit.decisions[0].reasons.iter().find(|r| r.stage.label() == "event").unwrap();
    assert!(event.text.contains("by what it means"), "{}", event.text);
    let names: Vec<&str> = event.numbers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["score", "threshold", "apart_hours", "names", "meaning", "events", "novelty", "stories"]);
    assert!(event.numbers[3].1.is_sign_positive(), "no name is shared: {:?}", event.numbers);
}

#[test]
fn what_means_something_else_stays_apart_though_it_shares_words() {
    let mut room = with_a_model();
    room.comes(&by("one.example", ADOPTED));
    assert_eq!(ruling(&room.comes(&by("two.example", STRANGER))), Ruling::Opened);
}

#[test]
fn a_rebuilt_decider_knows_what_its_stories_mean() {
    let mut room = with_a_model();
    room.comes(&by("one.example", ADOPTED));
    room.decider = room.rebuilt();
    assert_eq!(ruling(&room.comes(&in_russian())), Ruling::Joined);
}

#[test]
fn a_story_on_no_topic_is_not_read() {
    let mut room = with_a_model();
    let commit = room.comes(&by("one.example", ("Tuna catches fall", "Boats stay in the harbour.")));
    assert!(commit.meanings.is_empty());
}
